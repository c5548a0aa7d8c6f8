"""The registers on paper: what happened in the archive stands in them, in the words of the form."""

from __future__ import annotations

import json
import secrets
import subprocess
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from archives.duties.loans import Terms, lend, remind, take_back
from archives.duties.requests import ask, decide_request
from archives.duties.rights import Answer, decide, register
from archives.duties.transfers import Receiver, make_transfer
from archives.errors import ArchiveError
from archives.items.documents import open_document
from archives.items.records import read_record
from archives.log.purposes import Purpose
from archives.people.files import close_case, file_away, place
from archives.store.tables_people import events
from desk.documents import check_answers
from desk.station import registers
from desk.station.register_access import access_rows
from desk.station.register_rows import loan_rows, rights_answers, scan_answers, transfer_answers
from desk.station.registers import FORMS, Wanted, print_register
from generator.forms.catalogue import load_form
from generator.typeset.fonts import bundled_fonts
from tests.station.office import NAME, Office, office

FIRST, LAST = date(2026, 11, 1), date(2026, 11, 22)


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Office:
    return office(tmp_path, monkeypatch, capfd)


def access(desk: Office, file: int | None = None) -> list[dict[str, Any]]:
    with desk.station.archive.looking(desk.station.records) as unit:
        return access_rows(unit, FIRST, LAST, file)


def read(desk: Office, who: str, record: int, purpose: str | None = None, *, minutes: int = 0) -> None:
    desk.station.clock.now += timedelta(minutes=minutes)
    with desk.station.archive.acting("test.read", getattr(desk.station, who)) as unit:
        read_record(unit, record, purpose=purpose)


def problems(code: str, answers: dict[str, Any], desk: Office) -> set[str]:
    """Pointers of what is wrong or for the pen."""
    report, _ = check_answers(load_form(FORMS[code]), answers, "final", desk.station.clock())
    return {found.path for found in report.errors}


def test_one_sitting_is_one_row_and_a_later_one_another(desk: Office) -> None:
    first, second = desk.add_record("第1次"), desk.add_record("第2次")
    read(desk, "worker", first)
    read(desk, "worker", second, minutes=20)
    read(desk, "worker", first, minutes=31)
    rows = access(desk)
    assert [(row["start_time"], row["end_time"]) for row in rows] == [("09:00", "09:20"), ("09:51", "09:51")]
    assert rows[0]["scope"] == "第 001、002 件，共 2 件"
    assert rows[0]["reader"] == "样例社工甲"
    assert rows[0]["unit_post"] == "样例站点 社工"
    assert (rows[0]["purpose"], rows[0]["basis"], rows[0]["way"]) == ("个案服务", "岗位职责", "屏幕查看")
    assert rows[0]["file_no"] == desk.number


def test_two_readers_at_the_same_time_are_two_rows(desk: Office) -> None:
    record = desk.add_record("第1次")
    read(desk, "worker", record)
    read(desk, "supervisor", record, "supervision")
    read(desk, "worker", record)
    assert [row["reader"] for row in access(desk)] == ["样例社工甲", "样例督导"]


def test_copies_are_counted_in_pages_and_the_way_is_the_strongest(desk: Office) -> None:
    record = desk.add_record("第1次")
    scan = desk.add_document(record, b"%PDF scan", pages=4)
    read(desk, "records", record, "quality")
    with desk.station.archive.acting("test.print", desk.station.records) as unit:
        open_document(unit, scan, purpose="quality", action="document.print")
        open_document(unit, scan, purpose="quality")
    (row,) = access(desk)
    assert (row["way"], row["copied_pages"], row["scope"]) == ("打印", 4, "第 001 件，共 1 件")


def test_a_denied_look_stands_in_the_register_with_its_reason(desk: Office) -> None:
    with pytest.raises(ArchiveError):
        desk.as_role("worker2").allow("file.open", file=desk.opened.file)
    with pytest.raises(ArchiveError):
        desk.as_role("worker2").allow("file.accept", file=desk.opened.file)  # no look, no row
    (row,) = access(desk)
    assert row["result"] == "拒绝"
    assert row["refused_reason"].startswith("查看档案")
    assert "end_time" not in row


def test_a_granted_request_is_the_basis_and_names_who_granted_it(desk: Office) -> None:
    record = desk.add_record("第1次")
    with desk.station.archive.acting("test.ask", desk.station.worker2) as unit:
        request = ask(unit, desk.opened.file, Purpose.INSPECTION)
    with desk.station.archive.acting("test.grant", desk.station.director) as unit:
        decide_request(unit, request, granted=True)
    read(desk, "worker2", record, "inspection")
    (row,) = access(desk)
    assert (row["basis"], row["approver"], row["basis_note"]) == ("授权", "样例负责人", "查阅申请第 1 号")


def test_outside_purposes_without_a_grant_leave_the_basis_for_the_pen(desk: Office) -> None:
    record = desk.add_record("第1次")
    read(desk, "records", record, "judicial")
    rows = access(desk)
    assert "basis" not in rows[0]
    answers = {
        "station_name": "样例站点", "register_no": "PZ01-FW·GL-2026-Y-0001", "period_from": "2026-11-01",
        "period_to": "2026-11-22", "registrar": "样例档案员", "entries": rows,
    }  # fmt: skip
    assert problems("AR4", answers, desk) == {"/entries/0/basis", "/entries/0/id_no"}


def test_only_the_period_and_the_file_asked_for(desk: Office) -> None:
    record, other = desk.add_record("第1次"), desk.add_record("第1次", file=desk.other.file)
    read(desk, "worker", record)
    read(desk, "worker", other)
    assert len(access(desk)) == 2
    assert len(access(desk, desk.opened.file)) == 1
    (row,) = access(desk, desk.other.file)
    assert "file_no" not in row  # an application has no 档号 yet
    assert "SQ-2026-0002" in row["title"]
    desk.station.clock.pass_days(1)
    read(desk, "worker", record)
    assert len(access(desk)) == 2


def loaned(desk: Office) -> int:
    with desk.station.archive.acting("test.lend", desk.station.records) as unit:
        terms = Terms(Purpose.JUDICIAL, 12, "letter", "样例介绍信 1 号")
        return lend(unit, desk.opened.file, 1, 4, terms)


def test_a_loan_from_lending_to_return(desk: Office) -> None:
    loan = loaned(desk)
    desk.station.clock.pass_days(9)
    with desk.station.archive.acting("test.remind", desk.station.records) as unit:
        remind(unit, loan)
        take_back(unit, loan, 11, "缺第 12 页")
        (row,) = loan_rows(unit, FIRST, LAST)
    expected = {
        "file_no": desk.number, "scope": "全卷", "kind": "原件", "pages": 12, "borrower": "样例社工甲",
        "approver": "样例负责人", "lender": "样例档案员", "receiver": "样例档案员", "purpose": "司法",
        "basis": "介绍信", "basis_note": "样例介绍信 1 号", "lent_on": "2026-11-22", "due_on": "2026-11-29",
        "days": 7, "reminders": 1, "returned_on": "2026-12-01", "returned_pages": 11, "condition": "缺损",
        "condition_note": "缺第 12 页",
    }  # fmt: skip
    assert {name: row[name] for name in expected} == expected


def test_a_handover_with_its_counts(desk: Office) -> None:
    record = desk.add_record("第1次")
    desk.add_document(record, b"%PDF print", kind="issued", pages=2)
    desk.add_document(record, b"%PDF scan", pages=2)
    with desk.station.archive.acting("test.place", desk.station.records) as unit:
        place(unit, desk.opened.file, "A1", "2", "3")
        close_case(unit, desk.opened.file, date(2026, 11, 20))
        file_away(unit, desk.opened.file)
        receiver = Receiver(None, "样例接收人", "样例街道", "样例合同第九条", 6)
        transfer = make_transfer(unit, "handover", [desk.opened.file], receiver)
        answers = transfer_answers(unit, transfer)
    assert answers["list_no"] == "YJ-2026-001"
    assert answers["items"] == [
        {"title": "个案服务档案", "items": 1, "pages": 2, "carrier": "纸质和电子", "file_no": desk.number,
         "shelf": "A1/2/3"}
    ]  # fmt: skip
    assert problems("AR8", answers, desk) == set(), "no test is asked for that nobody made"


def test_signed_scans_of_a_file(desk: Office) -> None:
    record = desk.add_record("个案服务记录表（第1次）")
    desk.add_document(record, b"%PDF scan", pages=2)
    with desk.station.archive.looking(desk.station.records) as unit:
        answers = scan_answers(unit, desk.opened.file)
    (row,) = answers["scans"]
    assert (row["title"], row["pages"], row["format"], row["scanned_by"]) == (
        "个案服务记录表（第1次）", 2, "PDF", "样例社工甲",
    )  # fmt: skip
    assert answers["client_name"] == NAME
    assert problems("AR9", answers, desk) <= {
        "/scans/0/printed_pages", "/scans/0/dpi", "/scans/0/colour", "/scans/0/checked_by", "/checker",
        "/scans/0/original_place", "/printed_total",
    }  # fmt: skip


def test_a_request_from_taking_in_to_sealing(desk: Office) -> None:
    more = {
        "applicant": NAME, "relation": "本人", "phone": "13800000000", "channel": "当面",
        "identity_doc": "居民身份证原件", "identity_ok": "已核验，相符", "identity_by": "样例档案员",
    }  # fmt: skip
    with desk.station.archive.acting("test.rights", desk.station.records) as unit:
        request = register(unit, desk.opened.file, "delete", "删除全部照片", date(2026, 12, 11), more=more)
        answers = rights_answers(unit, request)
    assert answers["stage"] == "已受理"
    assert problems("AR10", answers, desk) == set()
    desk.station.clock.pass_days(2)
    with desk.station.archive.acting("test.decide", desk.station.director) as unit:
        decide(unit, request, Answer("restricted", "保存期限未满", "不宜删除", {"seal_review": "2027-11-24"}))
        answers = rights_answers(unit, request)
    assert answers["decision"] == "部分同意"
    assert set(answers["measures"]) == {"停止处理", "封存"}
    assert answers["legal_note"] == "不宜删除"
    assert problems("AR10", answers, desk) == set()


@pytest.fixture(scope="module")
def fonts() -> Any:
    return bundled_fonts(())


def printed_text(path: Path) -> str:
    told = subprocess.run(
        ["pdftotext", "-layout", str(path), "-"], check=True, capture_output=True, text=True
    )
    return told.stdout


def test_a_register_is_printed_numbered_and_logged(desk: Office, fonts: Any) -> None:
    read(desk, "worker", desk.add_record("第1次"))
    out = desk.folder / "登记.pdf"
    wanted = Wanted("AR4", FIRST, LAST)
    printed = print_register(desk.as_role("records"), wanted, out, fonts, secrets.token_bytes)
    text = printed_text(out).replace("\n", " ")
    for word in ("档案查阅登记", "样例社工甲", "PZ01-FW·GL-2026-Y-0001"):
        assert word in text
    again = print_register(desk.as_role("records"), wanted, out, fonts, secrets.token_bytes)
    assert "PZ01-FW·GL-2026-Y-0001" in printed_text(out)  # the same period keeps its number
    assert again.print_id != printed.print_id
    earlier = Wanted("AR4", date(2026, 11, 2), LAST)
    print_register(desk.as_role("records"), earlier, out, fonts, secrets.token_bytes)
    assert "PZ01-FW·GL-2026-Y-0002" in printed_text(out)
    with desk.station.archive.data.reading() as connection:
        told = connection.execute(select(events.c.detail).where(events.c.action == "register.print")).all()
    assert [json.loads(row.detail)["kind"] for row in told] == ["AR4"] * 3
    assert json.loads(told[0].detail)["print_id"] == printed.print_id


@pytest.mark.parametrize("code", ["AR5", "AR8", "AR9", "AR10"])
def test_the_other_registers_print(desk: Office, code: str) -> None:
    record = desk.add_record("第1次")
    desk.add_document(record, b"%PDF scan", pages=2)
    loaned(desk)
    with desk.station.archive.acting("test.duties", desk.station.records) as unit:
        register(unit, desk.opened.file, "copy", "复制全卷", date(2026, 12, 11))
        make_transfer(unit, "filing", [desk.opened.file], Receiver(staff=4))
    number = {"AR8": "YJ-2026-001", "AR9": desk.number, "AR10": "QL-2026-0001"}
    period = ["--from", "2026-11-01", "--to", "2026-11-22"] if code == "AR5" else ["--number", number[code]]
    ended = desk.run("records", "register", "print", code, *period, "-o", "登记.pdf", "--json")
    assert ended.code == 0, ended.lines
    assert json.loads(ended.out)["pages"] >= 1
    title = load_form(FORMS[code]).title.split("/")[0]
    assert title in printed_text(desk.folder / "登记.pdf")


def test_too_many_rows_ask_for_a_shorter_period(desk: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(registers._MOST_ROWS, "AR4", 1)  # 501 rows would take long
    record = desk.add_record("第1次")
    read(desk, "worker", record)
    read(desk, "worker", record, minutes=40)
    period = ["--from", "2026-11-01", "--to", "2026-11-22"]
    ended = desk.run("records", "register", "print", "AR4", *period, "-o", "登记.pdf")
    assert ended.lines[0] == "错误：这一时段有 2 条登记，一册最多 1 条。"

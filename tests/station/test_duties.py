"""The commands of loans, requests, handovers on their good days, as the people at the desk see them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Literal

import pytest
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from archives.archive import Unit
from archives.duties.loans import Terms, lend
from archives.items.documents import DocumentEntry, add_document, store
from archives.items.holds import place_hold
from archives.items.records import Content, add_record
from archives.log.purposes import Purpose
from archives.people.files import close_case, end_application, file_away, file_facts, restrict
from archives.store.tables_duties import transfer_items, transfers
from desk.station.files import look_at
from tests.station.casefiles import pdf
from tests.station.office import NAME, Office, office


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Office:
    return office(tmp_path, monkeypatch, capfd)


def lent(desk: Office) -> None:
    ended = desk.run(
        "records", "loan", "lend", desk.number, "--borrower", "user1", "--approver", "user4", "--purpose",
        "督导", "--pages", "12", "--days", "3",
    )  # fmt: skip
    assert ended.lines == ["已借出，借阅编号 JY-2026-0001，应于 2026-11-25 归还。"]


def test_a_loan_is_listed_reminded_and_returned(desk: Office) -> None:
    assert desk.run("records", "loan", "list").out == "没有借出的档案。\n"
    lent(desk)
    assert desk.run("director", "loan", "list", "--overdue").out == "没有逾期的借阅。\n"
    desk.station.clock.pass_days(5)
    (row,) = json.loads(desk.run("records", "loan", "list", "--overdue", "--json").out)
    assert (row["loan"], row["file"], row["borrower"], row["days_late"]) == (
        "JY-2026-0001", desk.number, "样例社工甲", 2,
    )  # fmt: skip
    assert desk.run("records", "loan", "remind", "jy-2026-0001").out == "已登记第 1 次催还。\n"
    shown = desk.run("records", "loan", "list").out.splitlines()
    assert shown[0].split() == [
        "借阅编号",
        "档号",
        "件",
        "借阅人",
        "页数",
        "借出",
        "应还",
        "逾期天数",
        "催还次数",
    ]
    assert NAME not in "".join(shown)
    back = desk.run("records", "loan", "return", "JY-2026-0001", "--pages", "12")
    assert back.out == "借阅 JY-2026-0001 已归还，借出 12 页，归还 12 页。\n"
    assert desk.run("records", "loan", "list").out == "没有借出的档案。\n"


def test_one_item_is_lent_by_its_number(desk: Office) -> None:
    record = desk.add_record("个案服务记录表（第1次）")
    for item, borrower in ((f"#{record}", "user1"),):
        ended = desk.run(
            "records", "loan", "lend", desk.number, "--borrower", borrower, "--approver", "user4",
            "--purpose", "case_service", "--pages", "2", "--item", item, "--json",
        )  # fmt: skip
        assert json.loads(ended.out) == {"loan": "JY-2026-0001", "due_on": "2026-11-29"}
    (row,) = json.loads(desk.run("records", "loan", "list", "--json").out)
    assert row["item"] == f"#{record}"


def test_a_request_is_due_by_working_days_of_the_station_and_seals_the_file(desk: Office) -> None:
    desk.station.layout.calendar.write_text("日期,类别,来源\n2026-11-25,休息日,样例\n", encoding="utf-8")
    more = {"applicant": NAME, "relation": "本人", "phone": "13800000000", "stage": "已办结"}
    (desk.folder / "请求.json").write_text(json.dumps(more, ensure_ascii=False), encoding="utf-8")
    ended = desk.run(
        "records", "rights", "register", desk.number, "--kind", "删除", "--scope", "删除照片", "--data",
        "请求.json",
    )  # fmt: skip
    assert ended.lines[0] == ("已受理，请求编号 QL-2026-0001，应于 2026-12-14 前办理。办结前该档案已冻结。")
    (row,) = json.loads(desk.run("director", "rights", "list", "--open", "--json").out)
    assert (row["request"], row["kind"], row["due_on"], row["state"]) == (
        "QL-2026-0001", "删除", "2026-12-14", "办理中",
    )  # fmt: skip
    decided = desk.run(
        "director", "rights", "decide", "QL-2026-0001", "--decision", "封存", "--reason", "样例理由",
        "--legal-note", "样例意见",
    )  # fmt: skip
    assert decided.out == "权利请求 QL-2026-0001 已办理：封存。该档案已封存，只保存、不使用。\n"
    refused = desk.run(
        "records", "loan", "lend", desk.number, "--borrower", "user1", "--approver", "user4", "--purpose",
        "督导", "--pages", "1",
    )  # fmt: skip
    assert refused.code == 67
    assert desk.run("director", "rights", "lift", "QL-2026-0001").out == "已解除封存。\n"
    assert desk.run("director", "rights", "list", "--open").out == "没有权利请求。\n"
    lent(desk)


def test_wrong_columns_of_a_request_are_told_without_their_values(desk: Office) -> None:
    (desk.folder / "请求.json").write_text('{"phone": 13800000000}', encoding="utf-8")
    ended = desk.run(
        "records",
        "rights",
        "register",
        desk.number,
        "--kind",
        "查阅",
        "--scope",
        "样例",
        "--data",
        "请求.json",
    )
    assert ended.code == 68
    assert ended.lines[0].startswith("错误：数据文件有 1 个错误：")
    assert "13800000000" not in "".join(ended.lines)
    assert desk.run("director", "rights", "list").out == "没有权利请求。\n"


def over(*numbers: str) -> tuple[str, ...]:
    return (
        "transfer", "make", *numbers, "--kind", "移交", "--to-name", "样例接收人", "--to-unit", "样例街道",
        "--basis", "样例合同", "--supervisor", "user4",
    )  # fmt: skip


def put_away(desk: Office, *files: int) -> None:
    """End and file them, each with a note that gives the reasons for what is missing."""
    for file in files:
        with desk.station.archive.acting("test.file", desk.station.records) as unit:
            if file == desk.opened.file:
                close_case(unit, file, date(2026, 11, 20))
            else:
                end_application(unit, file, date(2026, 11, 20), "referred_out")
            note(unit, file, [line.title for line in look_at(unit, file_facts(unit, file), None).missing])
            file_away(unit, file)


def note(
    unit: Unit, file: int, explained: Sequence[str], state: Literal["final", "signed"] = "signed"
) -> None:
    """A note that gives a reason for each of these."""
    rows = [{"item": title, "reason": "样例原因"} for title in explained]
    answers = json.dumps({"missing": rows}, ensure_ascii=False).encode()
    add_record(unit, file, Content("file_note", 1, "卷内备考表", answers, state, date(2026, 11, 20)))


def test_a_note_explains_what_it_names_and_nothing_else(desk: Office) -> None:
    file = desk.opened.file
    for title in ("个案服务计划表", "个案服务计划表（第2次）"):
        desk.add_record(title, form="plan_d")
    with desk.station.archive.acting("test.file", desk.station.records) as unit:
        close_case(unit, file, date(2026, 11, 20))
        wanted = [line.title for line in look_at(unit, file_facts(unit, file), None).missing]
        note(unit, file, [*wanted[1:], "个案服务计划表（未签字）"])
        file_away(unit, file)
    told = "\n".join(desk.run("records", *over(desk.number)).lines)
    assert f"缺少{wanted[0]}" in told
    assert not [title for title in wanted[1:] if f"缺少{title}（" in told]
    assert "《个案服务计划表（第2次）》：没有签字" in told
    assert "《个案服务计划表》：没有签字" not in told


def test_what_is_not_whole_is_refused_with_all_its_reasons_at_once(desk: Office) -> None:
    record = desk.add_record("个案服务计划表", form="plan_d")
    desk.add_record("个案服务记录表（第2次）", state="draft")
    issued = desk.add_document(record, b"%PDF print", kind="issued", pages=2)
    stored = store(desk.station.archive, b"%PDF scan")
    with desk.station.archive.acting("test.duties", desk.station.records) as unit:
        entry = DocumentEntry("scan", "application/pdf", 1, record, of_document=issued)
        add_document(unit, desk.opened.file, stored, entry)
        lend(unit, desk.opened.file, 1, 4, Terms(Purpose.CASE_SERVICE, 3))
        place_hold(unit, desk.opened.file, "complaint")
    for _ in range(3):
        ended = desk.run("records", *over(desk.number))
        assert ended.code == 67
    told = "\n".join(ended.lines)
    for reason in (
        "还有进行中的服务，没有结案", "没有归档", "《个案服务记录表（第2次）》：还是草稿",
        "《个案服务计划表》：没有签字，备考表中没有写明原因",
        "扫描件缺页（印了 2 页，扫描 1 页）", "缺少", "借出未还（JY-2026-0001）", "已冻结（第 1 号，投诉）",
    ):  # fmt: skip
        assert reason in told, reason
    assert json.loads(desk.run("records", "transfer", "list", "--json").out) == []
    shown = desk.run("auditor", "log", "show").lines
    assert len([line for line in shown if "编制移交清单" in line and line.endswith("被拒绝")]) == 3


def test_a_note_nobody_signed_excuses_nothing(desk: Office) -> None:
    file = desk.other.file
    with desk.station.archive.acting("test.file", desk.station.records) as unit:
        end_application(unit, file, date(2026, 11, 20), "referred_out")
        note(unit, file, [], "final")
        file_away(unit, file)
    ended = desk.run("records", *over("SQ-2026-0002"))
    assert ended.code == 67
    assert "《卷内备考表》：没有签字，所写的原因还不算数" in ended.out + ended.err
    assert "kangdang file reopen SQ-2026-0002" in ended.err
    for command in (
        ("file", "reopen", "SQ-2026-0002", "--reason", "样例：备考表补签字"),
        ("document", "add", "备考.pdf", "--record", "#1", "--signed", "--paper-pages", "1"),
        ("file", "takeback", "SQ-2026-0002", "--reason", "样例：已补签字"),
    ):
        (desk.folder / "备考.pdf").write_bytes(pdf(1))
        done = desk.run("records", *command)
        assert done.code == 0, done.err
    told = desk.run("records", *over("SQ-2026-0002"))
    assert "所写的原因还不算数" not in told.out + told.err


def test_a_file_that_was_handed_over_begins_anew_and_says_where_the_rest_is(desk: Office) -> None:
    put_away(desk, desk.other.file)
    assert desk.run("records", *over("SQ-2026-0002")).code == 0
    told = desk.run("records", "file", "reopen", "SQ-2026-0002", "--reason", "样例：再次来站")
    assert told.code == 0
    assert "以前的卷已移交（清单 YJ-2026-001），原件不在本站" in told.out


def test_what_is_sealed_or_handed_over_already_is_refused(desk: Office) -> None:
    put_away(desk, desk.opened.file, desk.other.file)
    with desk.station.archive.acting("test.restrict", desk.station.director) as unit:
        restrict(unit, desk.opened.file, "rights:1")
    ended = desk.run("records", *over(desk.number, "SQ-2026-0002"))
    assert f"{desk.number}：已封存" in ended.out + ended.err
    assert desk.run("records", *over("SQ-2026-0002")).code == 0
    again = desk.run("records", *over("SQ-2026-0002"))
    assert again.code == 67
    assert "SQ-2026-0002：已经移交过（清单 YJ-2026-001）" in again.out + again.err
    assert json.loads(desk.run("records", "transfer", "make", "SQ-2026-0002", "--to", "user1", "--json").out)


@pytest.mark.parametrize("what", ["open", "held", "lent", "twice"])
def test_the_database_hands_over_nothing_that_is_not_free(desk: Office, what: str) -> None:
    file = desk.other.file
    if what != "open":
        put_away(desk, file)
    with desk.station.archive.acting("test.duties", desk.station.records) as unit:
        if what == "held":
            place_hold(unit, file, "complaint")
        if what == "lent":
            lend(unit, file, 1, 4, Terms(Purpose.CASE_SERVICE, 3))
    if what == "twice":
        assert desk.run("records", *over("SQ-2026-0002")).code == 0
    with pytest.raises(IntegrityError, match="handed over"):
        _by_sql(desk, file)


def _by_sql(desk: Office, file: int) -> None:
    row = {"kind": "handover", "handed_by": 5, "at": "2026-11-22", "ref_code": "YJ-2026-099"}
    with desk.station.archive.data.writing("attack") as connection:
        made = connection.execute(insert(transfers), row).inserted_primary_key
        assert made is not None
        item = {"transfer_id": made[0], "position": 1, "file_id": file, "volume": 1, "pieces": 1, "pages": 1}
        connection.execute(insert(transfer_items), item)


def test_a_handover_is_listed(desk: Office) -> None:
    assert desk.run("records", "transfer", "list").out == "没有归档、移交清单。\n"
    made = desk.run("worker", "transfer", "make", desk.number, "--to", "user5")
    assert made.lines == ["已编制清单 YJ-2026-001，共 1 卷。请用 kangdang register print AR8 打印。"]
    put_away(desk, desk.opened.file, desk.other.file)
    outside = desk.run("records", *over(desk.number, "SQ-2026-0002"), "--json")
    assert json.loads(outside.out) == {"list": "YJ-2026-002", "files": 2}
    rows = json.loads(desk.run("records", "transfer", "list", "--json").out)
    assert [(row["list"], row["kind"], row["to"]) for row in rows] == [
        ("YJ-2026-001", "归档", "样例档案员"), ("YJ-2026-002", "移交", "样例街道"),
    ]  # fmt: skip


def test_a_worker_hands_over_only_what_is_his(desk: Office) -> None:
    assert desk.run("worker2", "transfer", "make", desk.number, "--to", "user5").code == 63

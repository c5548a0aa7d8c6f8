"""What people met in everyday use: each is a sentence, a way on, or a right number now."""

from __future__ import annotations

import json
import os
import time
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete

from archives.archive import Unit
from archives.disposal.execution import execute
from archives.keeping.apply import _guards_aside
from archives.people.files import close_case, end_application, file_away
from archives.people.persons import amend, read_identity
from archives.people.reopening import reopen
from archives.store.tables_duties import disposal_items
from desk.cli._clock import SHANGHAI
from desk.cli._common import now
from desk.station.completeness import served
from generator.forms.workdays import workdays_after
from generator.resources import data_dir
from tests.archives.disposing import begun
from tests.station.casefiles import EXAMPLES, activity, casefiles, data_files, session
from tests.station.disposal_office import disposal_office
from tests.station.office import NAME, OTHER, Ended, Office

SQ = "SQ-2026-0002"
"""The file of 样例乙, an application."""


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Office:
    made = casefiles(tmp_path, monkeypatch, capfd)
    data_files(made)
    return made


def example(form: str, name: str = "valid-full", **changes: Any) -> dict[str, Any]:
    answers = json.loads((EXAMPLES / form / f"{name}.json").read_text(encoding="utf-8"))
    return {**answers, **changes}


def entered(desk: Office, form: str, answers: dict[str, Any], *where: str, role: str = "worker") -> Ended:
    Path("数据.json").write_text(json.dumps(answers, ensure_ascii=False), encoding="utf-8")
    return desk.run(role, "record", "add", form, "数据.json", *(where or ("--person", desk.number)))


def acted(desk: Office, who: str, what: Any, *arguments: Any) -> Any:
    with desk.station.archive.acting("test.act", getattr(desk.station, who)) as unit:
        return what(unit, *arguments)


def test_an_unsigned_refusal_is_archived_with_a_reason(desk: Office) -> None:
    answers = example(
        "refusal_notice", application_no=SQ, client_name=OTHER, application_date="2026-11-01",
        decision_date="2026-11-03", notice_date="2026-11-04",
    )  # fmt: skip
    assert entered(desk, "refusal_notice", answers, "--person", SQ).code == 0
    acted(desk, "worker", end_application, desk.other.file, date(2026, 11, 3), "rejected")
    refused = desk.run("records", "file", "archive", SQ)
    assert refused.code == 67 and "--reason" in refused.err and "catalogue" not in refused.err
    assert "file archive" in desk.run("records", "file", "catalogue", SQ, "-o", "夹").err
    assert desk.run("records", "file", "archive", SQ, "--reason", "样例：邮寄退回，无法签收").code == 0
    assert desk.run("records", "file", "archive", desk.number, "--reason", "样例").code != 0, (
        "there the note says it"
    )


def test_an_old_paper_is_corrected_under_the_name_of_its_day(desk: Office) -> None:
    acted(desk, "worker", amend, desk.opened.person, "name", "样例新名", "样例：改名")
    Path("数据.json").write_text(
        json.dumps(session(1, goal="样例：更正后的目标。"), ensure_ascii=False), encoding="utf-8"
    )
    ended = desk.run("worker", "record", "revise", "#1", "数据.json", "--reason", "样例：笔误")
    assert ended.code == 0, ended
    desk.station.clock.pass_days(30)
    later = session(9, start_at="2026-12-20T09:30", end_at="2026-12-20T10:30")
    assert "不符" in entered(desk, "record_e", later).err, "a paper of today says today's name"


def test_what_may_be_the_same_paper_is_said(desk: Office) -> None:
    plan = example("plan_d", case_no="GA-2026-0001", client_name=NAME)
    assert "可能" not in (first := entered(desk, "plan_d", plan)).err and first.code == 0, first
    second = entered(desk, "plan_d", plan)
    assert second.code == 0 and "提醒：“初次”的已有《" in second.err and "record void" in second.err
    again = json.loads(entered(desk, "plan_d", plan, "--person", desk.number, "--json").out)
    assert len(again["alike"]) == 2


def test_at_the_terminal_a_second_one_is_asked_for(desk: Office) -> None:
    import io

    plan = example("plan_d", case_no="GA-2026-0001", client_name=NAME)
    entered(desk, "plan_d", plan)
    desk.monkeypatch.setattr("desk.cli._common.at_terminal", lambda: True)
    desk.monkeypatch.setattr("sys.stdin", io.StringIO("n\n"))
    ended = entered(desk, "plan_d", plan)
    assert ended.code == 1 and "没有保存" in ended.err


def test_a_service_without_acceptance_is_not_complete(desk: Office) -> None:
    desk.add_record("个案服务记录表", file=desk.other.file, state="signed")
    ended = desk.run("records", "file", "complete", SQ)
    assert "资料不齐全" in ended.out and "缺少个案申请表" in ended.err
    assert not served([])


def test_a_named_and_an_anonymous_sheet_go_where_they_belong(desk: Office) -> None:
    named = example("satisfaction_form", case_no="GA-2026-0001", client_name=NAME)
    nobody = example("satisfaction_form", "valid-anonymous")
    assert "记名的应归入本人档案" in entered(desk, "satisfaction_form", named, "--site").err
    assert "匿名的不能归入个人档案" in entered(desk, "satisfaction_form", nobody).err
    assert entered(desk, "satisfaction_form", named).code == 0
    told = entered(desk, "satisfaction_form", nobody, "--site")
    assert told.code == 0 and "·ZK-" in told.out
    clause = json.loads((data_dir("schemas") / "satisfaction_form.json").read_text(encoding="utf-8"))
    assert "质量控制档案" in clause["properties"]["anonymous"]["x-clause"]


def test_an_attachment_has_its_title(desk: Office) -> None:
    ended = desk.run(
        "worker",
        "document",
        "add",
        "一页.pdf",
        "--record",
        "#1",
        "--kind",
        "附件",
        "--title",
        "诊断证明复印件",
    )
    assert ended.code == 0, ended
    assert "诊断证明复印件" in desk.run("worker", "document", "list", "#1").out


def test_the_register_of_readings_prints_once_a_site_paper_was_read(desk: Office) -> None:
    assert desk.run("supervisor", "record", "show", "#4", "--purpose", "质控").code == 0
    ended = desk.run(
        "records", "register", "print", "AR4", "--from", "2026-11-01", "--to", "2026-11-22", "-o", "登记.pdf"
    )
    assert ended.code == 0, ended


def test_a_later_episode_has_its_own_day_and_number(desk: Office) -> None:
    acted(desk, "worker", close_case, desk.opened.file, date(2026, 11, 20))
    acted(desk, "worker", reopen, desk.opened.file, "样例：再次申请")
    answers = example(
        "application_b", application_no="SQ-2026-0099", client_name=NAME, application_date="2026-11-21",
        decision_date="2026-11-22",
    )  # fmt: skip
    answers.pop("case_no", None)
    for fact, value in (("sex", "女"), ("birth_date", "1949-12-31")):  # as the number says
        acted(desk, "worker", amend, desk.opened.person, fact, value, "样例：核对证件")
    with desk.station.archive.looking(desk.station.worker) as unit:
        identity = read_identity(unit, desk.opened.person)
    answers |= {"gender": identity["sex"], "birth_date": identity["birth_date"], "cid": identity["id_number"]}
    answers.pop("age", None)
    ended = entered(desk, "application_b", answers)
    assert ended.code == 0, ended
    assert (
        json.loads(desk.run("worker", "file", "show", "SQ-2026-0099", "--json").out)["volumes"][1]["number"]
        == 2
    )
    assert desk.run("worker", "file", "accept", "SQ-2026-0099", "--on", "2026-11-22").code == 0
    told = json.loads(desk.run("worker", "file", "show", desk.number, "--json").out)["volumes"]
    assert [one["accepted_on"] for one in told] == ["2026-11-02", "2026-11-22"]
    out = desk.run("worker", "file", "show", desk.number).out
    assert "2026-11-02 接案立卷" in out and "2026-11-22 接案立卷" in out, "not the day of entry"


def test_working_days_are_counted_as_such(desk: Office) -> None:
    thursday, holiday = date(2025, 9, 25), date(2025, 9, 30)
    assert workdays_after(thursday, date(2025, 10, 9)) == 5, "28 Sept was worked, 1 to 8 Oct were not"
    assert workdays_after(holiday, date(2025, 10, 8)) == 0
    late = example("info_exchange", event_date="2025-03-03", exchange_date="2025-03-11")
    Path("一.json").write_text(json.dumps(late, ensure_ascii=False), encoding="utf-8")
    assert "超过 5 个工作日" in desk.run("worker", "validate", "info_exchange", "一.json").out
    intime = example("info_exchange", event_date="2025-09-25", exchange_date="2025-10-09")
    Path("二.json").write_text(json.dumps(intime, ensure_ascii=False), encoding="utf-8")
    assert "超过 5 个工作日" not in desk.run("worker", "validate", "info_exchange", "二.json").out


def test_a_computer_in_another_zone_dates_paper_by_shanghai(monkeypatch: pytest.MonkeyPatch) -> None:
    before = os.environ.get("TZ")
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    try:
        assert now().utcoffset() == SHANGHAI.utcoffset(None)
    finally:
        if before is None:
            monkeypatch.delenv("TZ")
        else:
            monkeypatch.setenv("TZ", before)
        time.tzset()


def test_a_restored_list_says_how_many_items_it_had(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    made = disposal_office(tmp_path, monkeypatch, capfd)
    archive = made.office.station.archive
    number = begun(made.office.station, made.due[:2])
    execute(archive, made.office.station.records, number)

    def as_restored(unit: Unit) -> None:
        with _guards_aside(unit.connection):
            unit.execute(delete(disposal_items).where(disposal_items.c.list_id == number))

    acted(made.office, "records", as_restored)
    (told,) = json.loads(made.office.run("records", "disposal", "list", "--json").out)
    assert told["items"] == 2


def test_the_next_number_of_its_kind_is_offered(desk: Office) -> None:
    first = activity((NAME, "GA-2026-0001"))
    number = first.pop("activity_no")
    made = json.loads(entered(desk, "activity_record", first, "--site", "--json").out)
    offered = [one for one in made["filled"] if one["source"] == "case.next_activity_no"]
    assert offered, made
    shown = json.loads(
        desk.run("worker", "record", "show", f"#{made['id']}", "--purpose", "个案服务", "--json").out
    )["answers"]
    assert shown["activity_no"] == f"HD-{number[3:7]}-{int(number[8:]) + 1:04d}"


def test_the_same_number_twice_is_said(desk: Office) -> None:
    ended = entered(desk, "activity_record", activity((NAME, "GA-2026-0001")), "--site")
    assert "提醒：编号 HD-" in ended.err


def test_filing_away_without_reason_stays_possible(desk: Office) -> None:
    acted(desk, "worker", end_application, desk.other.file, date(2026, 11, 20), "served_briefly")
    acted(desk, "records", file_away, desk.other.file)

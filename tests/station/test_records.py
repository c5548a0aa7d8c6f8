"""Records at the command line: prefilled, checked, about the right person; every look on the log first."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from archives.disposal.gather import items
from archives.items.lists import items_of
from archives.retention.conditions import FACTS
from archives.store.tables import facts as facts_table
from archives.store.tables_people import events
from desk.station import content
from desk.station.completeness import Held, look, track_of
from desk.station.content import content_of, facts_of, retention_events, series_of, title_of, triggers
from desk.station.identity import read_person
from generator.forms.catalogue import list_forms, load_form
from generator.resources import data_dir
from tests.station.casefiles import EXAMPLES, activity, casefiles, data_files, session
from tests.station.office import NAME, Ended, Office

CASE = json.loads((data_dir("schemas") / "cases" / "sample.json").read_text(encoding="utf-8"))


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Office:
    made = casefiles(tmp_path, monkeypatch, capfd)
    data_files(made)
    return made


def write(desk: Office, answers: object, name: str = "数据.json") -> str:
    (desk.folder / name).write_text(json.dumps(answers, ensure_ascii=False), encoding="utf-8")
    return name


def fine(ended: Ended) -> Any:
    assert (ended.code, ended.err) == (0, ""), ended
    return json.loads(ended.out)


def events_of(desk: Office, action: str) -> list[Any]:
    with desk.station.archive.looking(desk.station.auditor) as unit:
        return list(unit.execute(select(events).where(events.c.action == action).order_by(events.c.id)))


# --- entering ---------------------------------------------------------------------------------------------


def test_what_the_archive_knows_is_not_typed_again(desk: Office) -> None:
    answers = session(2)
    for known in ("client_name", "case_no", "session_no"):
        del answers[known]
    told = fine(
        desk.run(
            "worker", "record", "add", "record_e", write(desk, answers), "--person", desk.number, "--json"
        )
    )
    assert told["title"] == "个案服务记录表（第3次）"  # #2 is a draft of the second, #3 is void
    assert {one["source"] for one in told["filled"]} == {"person.name", "case.number", "case.next_session_no"}
    shown = fine(desk.run("worker", "record", "show", told["record"], "--json"))
    assert (shown["answers"]["client_name"], shown["answers"]["case_no"]) == (NAME, "GA-2026-0001")


def test_answers_of_the_files_other_papers_are_taken_over_and_said(desk: Office) -> None:
    risk = json.loads((EXAMPLES / "risk_assessment" / "valid-full.json").read_text(encoding="utf-8"))
    risk |= {"record_no": "GA-2026-0001", "client_name": NAME, "gender": "男", "birth_date": "1990-05-17"}
    made = desk.run("worker", "record", "add", "risk_assessment", write(desk, risk), "--person", desk.number)
    assert made.code == 0, made
    visit = json.loads((EXAMPLES / "visit_record" / "valid-full.json").read_text(encoding="utf-8"))
    visit |= {"case_no": "GA-2026-0001", "client_name": NAME}
    for known in ("risk_level", "gender", "birth_date", "cid", "phone", "address"):
        visit.pop(known, None)
    made = desk.run("worker", "record", "add", "visit_record", write(desk, visit), "--person", desk.number)
    assert made.code == 0, made
    assert "取自本卷其他文书，请核对：" in made.out
    assert "最近一次危险性评估等级" in made.out


def test_a_wrong_date_is_told_at_once_with_what_was_computed_from_it(desk: Office) -> None:
    wrong = write(desk, {"worker_signature": {"name": "样例社工", "date": "2025-3-6"}})
    told = desk.run("worker", "record", "add", "consent_a", wrong, "--person", desk.number)
    assert told.code == 1 and "没有保存" in told.err
    checked = desk.run("worker", "validate", "consent_a", wrong)
    dates = [line for line in checked.lines if "日期不存在或写法不对" in line]
    assert len(dates) == 2 and all(line.strip() in told.err for line in dates), told


def test_a_draft_may_be_incomplete_and_is_finished_later(desk: Office) -> None:
    made = fine(
        desk.run(
            "worker", "record", "add", "plan_d", write(desk, {}), "--person", desk.number, "--draft", "--json"
        )
    )
    assert (made["state"], made["record"]) == ("draft", f"#{made['id']}")
    refused = desk.run("worker", "record", "revise", made["record"], "数据.json")
    assert refused.code == 1 and "没有保存" in refused.err
    whole = json.loads((EXAMPLES / "plan_d" / "valid-full.json").read_text(encoding="utf-8"))
    whole |= {"case_no": "GA-2026-0001", "client_name": NAME}
    done = fine(desk.run("worker", "record", "revise", made["record"], write(desk, whole), "--json"))
    assert (done["state"], done["revision"]) == ("final", 2)
    assert done["record"].startswith(desk.number)


def test_nothing_is_stored_of_what_is_refused(desk: Office) -> None:
    for name in ("别人.json", "别号.json", "缺.json", "同次.json"):
        assert desk.run("worker", "record", "add", "record_e", name, "--person", desk.number).code != 0
    with desk.station.archive.looking(desk.station.worker) as unit:
        assert len(items_of(unit, desk.opened.file)) == 3


@pytest.mark.parametrize(
    ("field", "value", "label"),
    [("client_name", "样例乙", "服务对象"), ("case_no", "GA-2026-0777", "个案编号")],
)
def test_a_contradicting_field_is_named_and_its_value_never_told(
    desk: Office, field: str, value: str, label: str
) -> None:
    name = write(desk, session(5, **{field: value}))
    told = desk.run("worker", "record", "add", "record_e", name, "--person", desk.number)
    assert told.code == 68 and label in told.err
    assert all(word not in told.err for word in (value, NAME, "GA-2026-0001"))


def test_an_id_number_of_somebody_else_is_noticed_through_the_form(desk: Office) -> None:
    answers = json.loads((EXAMPLES / "application_b" / "valid-full.json").read_text(encoding="utf-8"))
    answers |= {"application_no": "SQ-2026-0001", "client_name": NAME}
    answers.pop("case_no", None)
    told = desk.run("worker", "record", "add", "application_b", write(desk, answers), "--person", desk.number)
    assert told.code == 68 and "公民身份号码" in told.err and answers["cid"] not in told.err


def test_numbers_written_with_other_dots_and_spaces_are_the_same_name(desk: Office) -> None:
    made = desk.run("worker", "person", "open", "--name", "阿依古丽·买买提", "--json")
    number = fine(made)["application_no"]
    answers = session(1, client_name="阿依古丽•买买提", case_no=number)
    told = desk.run("worker", "record", "add", "record_e", write(desk, answers), "--person", number)
    assert "服务对象与这份档案" not in told.err


# --- what goes beside the answers -------------------------------------------------------------------------


def test_facts_carry_what_retention_asks_and_never_who_it_is(desk: Office) -> None:
    risk = json.loads((EXAMPLES / "risk_assessment" / "valid-full.json").read_text(encoding="utf-8"))
    facts = facts_of(load_form("risk_assessment"), risk)
    assert facts["risk_level"] == str(risk["risk_level"])
    form = load_form("satisfaction_form")
    assert facts_of(form, {"anonymous": True})["named"] == "false"
    assert facts_of(form, {"anonymous": False, "client_name": NAME})["named"] == "true"
    for one in list_forms():
        for path in sorted((EXAMPLES / one.id).glob("valid-*.json")):
            answers = json.loads(path.read_text(encoding="utf-8"))
            told = facts_of(one, answers)
            assert not {"client_name", "cid"} & set(told)
            assert answers.get("cid") not in told.values()
    with desk.station.archive.looking(desk.station.worker) as unit:
        values = unit.execute(select(facts_table.c.value)).scalars().all()
        assert NAME not in values
        assert next(items(unit)).facts.keys() <= FACTS.keys()


def test_every_retention_fact_has_a_way_from_a_form() -> None:
    assert facts_of(load_form("satisfaction_form"), {"anonymous": True}).keys() >= {"named"}
    assert content._for_retention({"period_kind": "年度"}) == {"yearly": "true"}
    assert content._for_retention({"period_kind": "月"}) == {"yearly": "false"}


def test_titles_count_and_dates_are_the_forms_own() -> None:
    form = load_form("record_e")
    made = content_of(form, session(3), "final", number=9)
    assert (made.title, made.document_date) == ("个案服务记录表（第3次）", date(2025, 4, 8))
    assert title_of(load_form("plan_d"), {}, 1) == "个案服务计划书"
    assert title_of(load_form("plan_d"), {}, 2) == "个案服务计划书（第2次）"
    assert content_of(form, {}, "draft").document_date is None
    assert json.loads(made.payload) == session(3)


def test_retention_events_come_from_the_forms_own_dates(monkeypatch: pytest.MonkeyPatch) -> None:
    assert triggers("institution_contract") == {"expired"}
    assert triggers("site_registry") == {"replaced"}
    form = load_form("service_agreement")
    facts = {"agreement_end": "2027-03-01", "left_on": "2026-10-31"}
    assert retention_events(form, {}, facts) == {}
    monkeypatch.setattr(content, "triggers", lambda _: frozenset({"expired", "staff_left"}))
    assert retention_events(form, {}, facts) == {"expired": "2027-03-01", "staff_left": "2026-10-31"}
    register = load_form("loan_register")
    rows = json.loads((EXAMPLES / "loan_register" / "valid-full.json").read_text(encoding="utf-8"))
    monkeypatch.setattr(content, "triggers", lambda _: frozenset({"last_entry"}))
    days = [str(value)[:10] for listed in rows.values() if isinstance(listed, list) for row in listed
            for value in row.values() if re.match(r"20\d\d-\d\d-\d\d", str(value))]  # fmt: skip
    assert retention_events(register, rows, {}) == {"last_entry": max(days)}


def test_forms_of_the_site_know_their_series() -> None:
    assert series_of("activity_record") == series_of("attendance_sheet") == "YW"
    assert series_of("loan_register") == "GL"
    assert series_of("satisfaction_form") == "ZK"
    assert series_of("record_e") is None


# --- showing, correcting, ending --------------------------------------------------------------------------


def test_a_look_is_on_the_log_also_when_nothing_can_be_written(desk: Office) -> None:
    told = desk.run("worker", "record", "show", "#1", "-o", "没有/内容.json")
    assert told.code == 25
    assert [row.subject for row in events_of(desk, "record.read")] == ["record:1"]


def test_every_reading_command_leaves_its_event(desk: Office) -> None:
    for command, action in (
        (("person", "search", "样例"), "file.search"),
        (("person", "show", desk.number), "person.read"),
        (("file", "show", desk.number), "file.open"),
        (("file", "complete", desk.number), "file.complete"),
        (("record", "list", desk.number), "file.open"),
        (("record", "show", "#1"), "record.read"),
        (("record", "history", "#1"), "record.read"),
        (("document", "list", desk.number), "document.list"),
        (("document", "export", "1", "-o", "取出.pdf"), "document.export"),
    ):
        before = len(events_of(desk, action))
        assert desk.run("worker", *command).code in (0, 1)
        assert len(events_of(desk, action)) == before + 1, command


def test_the_old_value_of_a_correction_stays_with_who_and_why(desk: Office) -> None:
    changed = write(desk, session(1, goal="更正后的目标（样例）"))
    assert (
        fine(desk.run("worker", "record", "revise", "#1", changed, "--reason", "写错", "--json"))["revision"]
        == 2
    )
    first = fine(desk.run("worker", "record", "show", "#1", "--revision", "1", "--json"))
    last = fine(desk.run("worker", "record", "show", "#1", "--json"))
    assert first["answers"]["goal"] == session(1)["goal"]
    assert last["answers"]["goal"] == "更正后的目标（样例）"
    steps = fine(desk.run("worker", "record", "history", "#1", "--json"))
    assert [(step["by"], step["reason"]) for step in steps] == [("样例社工甲", None), ("样例社工甲", "写错")]


def test_a_void_record_stays_in_the_list_and_its_session_is_free_again(desk: Office) -> None:
    assert desk.run("worker", "record", "void", "#1", "--reason", "重复").code == 0
    rows = fine(desk.run("worker", "record", "list", desk.number, "--json"))
    assert [row["state"] for row in rows] == ["作废", "草稿", "作废"]
    assert desk.run("worker", "record", "add", "record_e", "同次.json", "--person", desk.number).code == 0


def test_a_noted_event_reaches_the_plan(desk: Office) -> None:
    told = desk.run("records", "record", "event", "#4", "被新版取代", "2026-11-01")
    assert told.lines == ["已登记：#4 被新版取代 2026-11-01。"]
    with desk.station.archive.looking(desk.station.records) as unit:
        kept = {item.key: item for item in items(unit)}
    assert kept["4"].events == {"replaced": date(2026, 11, 1)}
    assert kept["4"].placing == "site"


# --- sheets about many ------------------------------------------------------------------------------------


def test_one_persons_line_goes_into_the_persons_file_and_nobody_elses(desk: Office) -> None:
    sheet = activity((NAME, "GA-2026-0001"), ("样例乙", "SQ-2026-0002"), ("样例丁", "GA-2025-0099"))
    made = fine(
        desk.run("worker", "record", "add", "activity_record", write(desk, sheet), "--site", "--json")
    )
    assert made["record"].startswith("PZ01-FW·YW-") and made["record"].endswith("-0002")
    told = fine(desk.run("worker", "record", "extract", made["record"], "--person", desk.number, "--json"))
    assert told["record"].startswith(desk.number)
    shown = desk.run("worker", "record", "show", told["record"], "--json").out
    assert NAME in shown
    assert all(word not in shown for word in ("样例乙", "样例丁", "SQ-2026-0002", "GA-2025-0099"))
    again = desk.run("worker", "record", "extract", made["record"], "--person", desk.number)
    assert again.lines[0] == "错误：这份活动记录已摘录到这份档案。"
    with desk.station.archive.looking(desk.station.worker) as unit:
        extract = items_of(unit, desk.opened.file)[-1]
        assert (extract.form_id, extract.source_record) == ("activity_extract", made["id"])


def test_series_are_kept_by_the_year_of_the_sheet(desk: Office) -> None:
    sheet = {**activity((NAME, "GA-2026-0001")), "held_on": "2024-12-31"}
    told = fine(
        desk.run("worker", "record", "add", "activity_record", write(desk, sheet), "--site", "--json")
    )
    assert told["record"] == "PZ01-FW·YW-2024-D3-0001"


# --- who may ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "command"),
    [
        ("auditor", ("file", "show", "{number}")),
        ("admin", ("record", "show", "#1")),
        ("admin", ("person", "search", "样例")),
        ("worker2", ("record", "show", "#1")),
        ("worker2", ("record", "void", "#1", "--reason", "x")),
        ("worker2", ("file", "close", "{number}")),
        ("records", ("record", "revise", "#1", "好.json", "--reason", "x")),
        ("records", ("file", "assign", "{number}", "user2")),
        ("director", ("record", "issue", "#1", "-o", "x.pdf")),
        ("worker", ("file", "archive", "{number}")),
        ("worker", ("file", "place", "{number}", "--cabinet", "1", "--shelf", "1", "--box", "1")),
        ("worker", ("hold", "place", "{number}", "--reason", "投诉")),
        ("records", ("hold", "release", "1")),
        ("auditor", ("document", "export", "1", "-o", "x.pdf")),
    ],
)
def test_what_is_not_permitted_is_denied_and_on_the_log(
    desk: Office, role: str, command: tuple[str, ...]
) -> None:
    before = len(events_of(desk, "access.denied"))
    told = desk.run(role, *(part.format(number=desk.number) for part in command))
    assert told.code in (63, 64), told
    denied = events_of(desk, "access.denied")
    assert len(denied) == before + 1
    assert denied[-1].result == "denied"
    assert denied[-1].staff == getattr(desk.station, role).staff
    assert not (desk.folder / "x.pdf").exists()


def test_outside_ones_caseload_a_purpose_opens_the_file_and_is_kept(desk: Office) -> None:
    assert desk.run("worker2", "file", "show", desk.number).code == 64
    assert desk.run("worker2", "file", "show", desk.number, "--purpose", "质控").code == 0
    assert events_of(desk, "file.open")[-1].purpose == "quality"


def test_a_filed_file_is_seen_after_its_request_is_granted(desk: Office) -> None:
    assert desk.run("worker2", "file", "show", "SQ-2026-0003", "--purpose", "质控").code == 63
    asked = fine(desk.run("worker2", "file", "request", "SQ-2026-0003", "--purpose", "质控", "--json"))
    assert desk.run("director", "file", "grant", str(asked["request"])).code == 0
    assert desk.run("worker2", "file", "show", "SQ-2026-0003", "--purpose", "质控").code == 0
    desk.station.clock.pass_days(8)
    assert desk.run("worker2", "file", "show", "SQ-2026-0003", "--purpose", "质控").code == 63


# --- persons, acceptance, completeness --------------------------------------------------------------------


def test_a_whole_person_file_is_kept_and_given_back(desk: Office) -> None:
    number = fine(desk.run("worker", "person", "open", write(desk, CASE["person"]), "--another", "--json"))
    shown = fine(desk.run("worker", "person", "show", number["application_no"], "--json"))
    kept = shown["person"]
    assert (kept["name"], kept["sex"], kept["id_number"]) == ("样例甲", "男", CASE["person"]["cid"])
    for fact in ("address", "medications", "guardian_name", "ethnicity"):
        assert kept[fact] == CASE["person"][fact]


def test_a_citizens_number_says_birth_and_sex(desk: Office) -> None:
    facts, problems = read_person({"name": "样例戊", "cid": "510402198503120014"}, desk.station.clock())
    assert not problems
    assert (facts.birth_date, facts.sex, facts.id_number) == ("1985-03-12", "男", "510402198503120014")


def test_a_form_b_that_says_so_makes_the_case(desk: Office) -> None:
    answers = json.loads((EXAMPLES / "application_b" / "valid-full.json").read_text(encoding="utf-8"))
    person = {"name": answers["client_name"], "gender": answers["gender"], "cid": answers["cid"],
              "birth_date": answers["birth_date"], "id_type": "居民身份证"}  # fmt: skip
    number = fine(desk.run("worker", "person", "open", write(desk, person), "--json"))["application_no"]
    answers |= {"application_no": number, "case_no": "GA-2026-0050"}
    made = fine(
        desk.run(
            "worker", "record", "add", "application_b", write(desk, answers), "--person", number, "--json"
        )
    )
    assert made["record"].startswith("#")
    told = fine(desk.run("worker", "file", "accept", number, "--json"))
    assert told == {
        "ref_code": f"PZ01-FW·GA-{answers['decision_date'][:4]}-Y-0001", "case_no": "GA-2026-0050",
        "on": answers["decision_date"], "ground": f"#{made['id']}",
    }  # fmt: skip


def test_what_is_missing_is_said_in_words_and_is_a_finding(desk: Office) -> None:
    told = desk.run("records", "file", "complete", desk.number, "--track", "机构康复")
    assert told.code == 1
    assert "缺少需求调查表（000 4.7.3.1）。" in told.err
    assert "缺少信息交换（备案）单 2 份（000 4.7.3.1、5.4；003 六-4）。" in told.err
    assert "还是草稿：#2 个案服务记录表（第2次）。" in told.err
    assert "　不适用　社区精神康复服务转接单" in told.out


def test_completeness_looks_at_forms_facts_counts_and_time(desk: Office) -> None:
    with desk.station.archive.looking(desk.station.worker) as unit:
        item = items_of(unit, desk.opened.file)[0]

    def answer(title: str, held: list[Held], days: tuple[date | None, date]) -> str:
        lines = [line for part in look(held, days, "inst").sections for line in part.lines]
        return next(line.answer for line in lines if line.title == title)

    from dataclasses import replace

    stage = Held(replace(item, form_id="stage_assessment"), {"stage_kind": "中期"}, True)
    short, long = (date(2026, 1, 1), date(2026, 3, 1)), (date(2026, 1, 1), date(2026, 4, 1))
    assert answer("中期阶段性康复评估", [], short) == "不适用"
    assert answer("中期阶段性康复评估", [], long) == "缺"
    assert answer("中期阶段性康复评估", [stage], long) == "有"
    assert answer("末期阶段性康复评估", [stage], long) == "缺"
    told = Held(replace(item, form_id="info_exchange"), {}, True)
    assert answer("信息交换（备案）单", [told], long) == "缺"
    assert answer("信息交换（备案）单", [told, told], long) == "有"
    came = Held(replace(item, form_id="application_b"), {"channel": "他人转介"}, True)
    assert answer("社区精神康复服务转接单", [came], long) == "缺"
    assert look([stage], long).track == "sw"
    assert track_of(["admission_application", "consent_a"]) == "both"


def test_every_form_a_list_asks_for_is_in_the_catalogue() -> None:
    raw = json.loads((data_dir("schemas") / "completeness.json").read_text(encoding="utf-8"))
    known = {form.id: form for form in list_forms()}
    for section in raw["lists"]:
        for item in section["items"]:
            for test in [*item.get("any", ()), *item.get("only_if", ())]:
                form = known[test["form"]]
                if "fact" in test:
                    spec = next(spec for spec in form.fields.values() if spec.index == test["fact"])
                    assert test["is"] in spec.options


def test_merging_is_rehearsed_before_it_is_done(desk: Office) -> None:
    told = desk.run("records", "person", "merge", desk.number, "SQ-2026-0002", "--reason", "核对证件")
    assert told.lines == [
        f"将把 SQ-2026-0002 的 0 件、0 个文件并入 {desk.number}。合并不能撤销；确认后加 --execute。"
    ]
    assert events_of(desk, "file.merge") == []
    done = desk.run(
        "records", "person", "merge", desk.number, "SQ-2026-0002", "--reason", "核对证件", "--execute"
    )
    assert done.code == 0
    assert len(events_of(desk, "file.merge")) == 2
    gone = desk.run("worker", "file", "show", "SQ-2026-0002")
    assert gone.lines == [f"错误：档案 SQ-2026-0002 已并入 {desk.number}。", f"办法：请查看 {desk.number}。"]

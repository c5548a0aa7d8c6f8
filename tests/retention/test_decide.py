"""What becomes of an item, and the sentence a records officer reads."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from archives.retention.decide import decide
from archives.retention.decision import Decision
from archives.retention.item import EVENTS, RetainedItem
from tests.retention.making import TODAY, hold, item, shipped

SCHEDULE = shipped()
DAY = timedelta(days=1)


def decided(of: RetainedItem, today: date = TODAY, *holds: Any) -> Decision:
    return decide(of, SCHEDULE, holds, today)


def test_a_sheet_of_the_site_by_the_vector_of_the_specification() -> None:
    before, after = (decided(item(), day) for day in (date(2029, 12, 31), date(2030, 1, 1)))
    assert (before.status, after.status) == ("retained", "eligible")
    assert after.trigger_event == "document"
    assert after.trigger_on == date(2026, 5, 10)
    assert after.start_on == date(2027, 1, 1)
    assert after.held_through == date(2029, 12, 31)
    assert after.eligible_on == date(2030, 1, 1)
    assert after.retention_class == "G3"
    assert before.sentence == (
        "一般档案保管3年，文件日期为2026年5月10日，自2027年1月1日起算，保管至2029年12月31日，2030年1月1日起方可提出鉴定。"
    )
    assert after.sentence == (
        "一般档案保管3年，文件日期为2026年5月10日，自2027年1月1日起算，保管至2029年12月31日，期限已满，"
        "2030年1月1日起可以提出鉴定，经批准和两人监销方可销毁。"
    )


def test_the_other_start_rule() -> None:
    by_day = decide(item(), shipped(start_rule="trigger_day"), (), date(2029, 5, 11))
    assert (by_day.start_on, by_day.held_through) == (date(2026, 5, 11), date(2029, 5, 10))
    assert (by_day.eligible_on, by_day.status) == (date(2029, 5, 11), "eligible")


@pytest.mark.parametrize(
    ("form_id", "placing", "kept", "sentence"),
    [
        ("closure_g", "case", "P", "个人案卷的组成部分，属个案服务档案，永久保存（004·档案）。"),
        ("incident_record", "case", "PS", "事故、安全或法律凭证，属特殊档案，永久保存（004·档案）。"),
        ("destruction_list", "register", "ADM", "履行档案管理职责的凭证，永久保存（004·档案）。"),
    ],
)
def test_permanent_classes(form_id: str, placing: Any, kept: str, sentence: str) -> None:
    it = decided(item(form_id, placing), date(2300, 1, 1))
    assert (it.status, it.retention_class, it.eligible_on, it.sentence) == ("permanent", kept, None, sentence)


@pytest.mark.parametrize(
    ("outcome", "events", "trigger_on"),
    [
        ("rejected", {"decision": date(2026, 5, 20)}, date(2026, 5, 20)),
        ("referred_out", {"decision": date(2026, 5, 20)}, date(2026, 5, 20)),
        (
            "served_briefly",
            {"decision": date(2026, 5, 20), "brief_closed": date(2026, 6, 3)},
            date(2026, 6, 3),
        ),
    ],
)
def test_an_application_that_came_to_no_case(outcome: str, events: dict[str, date], trigger_on: date) -> None:
    it = decided(item("application_b", "application", events=events, facts={"outcome": outcome}))
    assert (it.status, it.trigger_on, it.retention_class) == ("eligible", trigger_on, "G3")
    assert it.rule is not None
    assert it.rule.reason == "r4"


def test_an_accepted_application_stays_for_ever_wherever_it_lies() -> None:
    assert decided(item("application_b", "case")).status == "permanent"
    moved = item("application_b", "application", facts={"outcome": "accepted"})
    assert decided(moved).status == "permanent"


def test_papers_of_an_application_join_the_permanent_file_of_the_person() -> None:
    of = item(
        "application_b",
        "application",
        events={"decision": date(2026, 5, 20)},
        facts={"outcome": "rejected"},
        permanent_file=True,
    )
    it = decided(of)
    assert (it.status, it.retention_class, it.ground) == ("permanent", "P", "joined")
    assert it.sentence == (
        "申请未转为个案的材料，因本人已有永久保存的案卷，随该卷永久保存（004·档案；个人信息保护法第十九条）。"
    )


def test_site_papers_join_nobodys_file() -> None:
    assert decided(item("inquiry_log", "site", permanent_file=True)).status == "eligible"


@pytest.mark.parametrize("placing", ["case", "application"])
@pytest.mark.parametrize(("level", "kept"), [(3, "PS"), ("4", "PS"), (5, "PS"), (2, "P"), ("0", "P")])
def test_danger_of_level_three_is_special(placing: Any, level: Any, kept: str) -> None:
    facts = {"risk_level": level, "outcome": "accepted"}
    it = decided(item("risk_assessment", placing, facts=facts))
    assert (it.status, it.retention_class) == ("permanent", kept)


def test_low_danger_of_a_rejected_applicant_goes_high_stays() -> None:
    def of(level: int) -> RetainedItem:
        facts = {"risk_level": level, "outcome": "rejected"}
        return item("risk_assessment", "application", events={"decision": date(2026, 5, 20)}, facts=facts)

    assert decided(of(2)).status == "eligible"
    assert decided(of(3)).status == "permanent"


def test_a_named_answer_about_one_case_stays() -> None:
    assert decided(item("satisfaction_form", "case")).status == "permanent"
    assert decided(item("satisfaction_form", "site", facts={"named": True})).status == "permanent"
    assert decided(item("satisfaction_form", "site", facts={"named": "false"})).status == "eligible"


def test_the_sheet_goes_the_extract_stays() -> None:
    assert decided(item("activity_record", "site")).status == "eligible"
    assert decided(item("activity_extract", "case")).status == "permanent"
    assert decided(item("activity_record", "case")).status == "permanent"


def test_the_yearly_report_stays() -> None:
    assert decided(item("indicator_report", facts={"yearly": True})).retention_class == "PS"
    assert decided(item("indicator_report", facts={"yearly": False})).status == "eligible"


@pytest.mark.parametrize(
    ("form_id", "event"),
    [
        ("emergency_plan", "replaced"),
        ("site_registry", "replaced"),
        ("institution_contract", "expired"),
        ("purchase_agreement", "expired"),
        ("staff_register", "staff_left"),
    ],
)
def test_what_is_in_force_has_no_period_yet(form_id: str, event: str) -> None:
    in_force = decided(item(form_id), date(2300, 1, 1))
    assert (in_force.status, in_force.eligible_on) == ("undated", None)
    assert in_force.sentence == f"没有{EVENTS[event]}，保管期限无从起算，不得销毁。"
    over = decided(item(form_id, events={event: date(2028, 3, 1)}))
    assert (over.trigger_event, over.eligible_on) == (event, date(2032, 1, 1))


def test_a_register_counts_from_its_last_entry() -> None:
    it = decided(item("checkin_log", "register", events={"last_entry": date(2026, 12, 31)}))
    assert (it.trigger_event, it.eligible_on) == ("last_entry", date(2030, 1, 1))


def test_a_paper_made_after_the_event_keeps_its_own_full_years() -> None:
    events = {"decision": date(2026, 12, 28)}
    it = decided(item("refusal_notice", "application", date(2027, 1, 5), events=events))
    assert (it.trigger_event, it.eligible_on) == ("document", date(2031, 1, 1))


def test_a_persons_general_paper_counts_from_the_later_of_paper_and_closing() -> None:
    schedule = shipped(
        rules=[
            {"form": "note", "placing": "case", "class": "G3", "years": 5, "trigger": "closing",
             "reason": "r3", "clause": "004·档案"}
        ]
    )  # fmt: skip
    of = item("note", "case", date(2026, 5, 10), events={"case_closed": date(2028, 2, 1)})
    it = decide(of, schedule, (), TODAY)
    assert (it.trigger_event, it.trigger_on, it.eligible_on) == (
        "case_closed",
        date(2028, 2, 1),
        date(2034, 1, 1),
    )
    assert decide(item("note", "case"), schedule, (), TODAY).missing == ("case_closed",)
    joined = decide(
        item("note", "case", events={"case_closed": date(2028, 2, 1)}, permanent_file=True),
        schedule,
        (),
        TODAY,
    )
    assert joined.status == "retained", "only papers that came to no case join the permanent file"
    undated = decide(
        item("note", "case", None, events={"case_closed": date(2001, 1, 1)}), schedule, (), TODAY
    )
    assert (undated.status, undated.missing) == ("undated", ("document",))


def test_an_open_case_stops_the_clock() -> None:
    facts = {"outcome": "rejected"}
    of = item(
        "application_b", "application", running=True, facts=facts, events={"decision": date(2001, 1, 1)}
    )
    it = decided(of)
    assert (it.status, it.eligible_on) == ("running", None)
    assert it.sentence == "个案或申请尚在办理（或已重新开案），保管期限停止计算，不得销毁。"


def test_without_a_date_nothing_goes() -> None:
    it = decided(item(made=None), date(9999, 12, 31))
    assert (it.status, it.eligible_on) == ("undated", None)
    assert it.sentence == "没有文件日期，保管期限无从起算，不得销毁。"


def test_a_date_at_the_end_of_the_calendar_is_no_date() -> None:
    it = decided(item(made=date(9999, 12, 31)), date(9999, 12, 31))
    assert it.status == "undated"
    assert it.sentence == "文件日期超出可计算的范围，不得销毁。"


def test_a_form_the_schedule_does_not_know_stays() -> None:
    for of in (item("unheard_of"), item("attendance_sheet", "case")):
        it = decided(of, date(2300, 1, 1))
        assert (it.status, it.retention_class) == ("undated", None)
        assert it.sentence == "保管期限表没有规定这种文书在此处的期限，不得销毁。"


@pytest.mark.parametrize("outcome", [None, "", "accpeted", 1, True, ["rejected"]])
def test_an_unknown_outcome_destroys_nothing(outcome: Any) -> None:
    of = item(
        "application_b", "application", events={"decision": date(2001, 1, 1)}, facts={"outcome": outcome}
    )
    it = decided(of)
    assert (it.status, it.missing) == ("undated", ("outcome",))
    assert it.sentence == "尚未登记申请的处理结果，不能确定保管期限，不得销毁。"


@pytest.mark.parametrize("level", [None, "三级", 2.5, True, -1, "12"])
def test_an_unreadable_danger_level_destroys_nothing(level: Any) -> None:
    facts = {"outcome": "rejected", "risk_level": level}
    of = item("risk_assessment", "application", events={"decision": date(2001, 1, 1)}, facts=facts)
    assert decided(of).status == "undated"


def test_unknown_facts_do_not_matter_where_everything_stays() -> None:
    assert decided(item("risk_assessment", "case")).status == "permanent"
    joined = item("application_b", "application", permanent_file=True)
    assert decided(joined).status == "permanent"


def test_an_open_hold_wins() -> None:
    it = decided(item(), TODAY, hold(), hold("complaint", placed_on=date(2030, 1, 1)))
    assert (it.status, len(it.holds), it.eligible_on) == ("held", 2, date(2030, 1, 1))
    assert it.sentence.endswith("保管至2029年12月31日，因诉讼、投诉自2029年3月2日起冻结，解除前不得销毁。")


def test_a_hold_ends_when_it_is_released_and_not_before() -> None:
    assert decided(item(), TODAY, hold(until=date(2029, 6, 1))).status == "held"
    assert decided(item(), TODAY, hold(placed_on=date(2999, 1, 1))).status == "held"
    assert decided(item(), TODAY, hold(released_on=TODAY + DAY)).status == "held"
    assert decided(item(), TODAY, hold(released_on=TODAY)).status == "eligible"


def test_a_hold_is_told_wherever_the_item_stands() -> None:
    permanent = decided(item("closure_g", "case"), TODAY, hold("rights_request"))
    assert permanent.status == "permanent"
    assert permanent.sentence.endswith("永久保存（004·档案），另因个人信息权利请求自2029年3月2日起冻结。")
    undated = decided(item(made=None), TODAY, hold("audit"))
    assert undated.status == "held"
    assert undated.sentence == "没有文件日期，保管期限无从起算，另因审计自2029年3月2日起冻结，不得销毁。"


def test_no_sentence_repeats_what_a_person_wrote() -> None:
    it = decided(item(), TODAY, hold("与样例甲的纠纷", owner="样例甲"))
    assert "样例" not in it.sentence
    assert "因其他原因自" in it.sentence


def test_a_medical_institution_keeps_what_is_a_persons_thirty_years() -> None:
    medical = shipped(medical=True)
    facts = {"outcome": "rejected"}
    of = item("application_b", "application", events={"decision": date(2026, 5, 20)}, facts=facts)
    it = decide(of, medical, (), date(2056, 12, 31))
    assert (it.years, it.eligible_on, it.status) == (30, date(2057, 1, 1), "retained")
    assert "保管30年（医疗机构，不少于30年）" in it.sentence
    assert decide(item(), medical, (), TODAY).years == 3, "a sheet of the site is no 病历"


def test_the_longer_of_two_minimums_wins() -> None:
    rule = {"form": "note", "placing": "case", "class": "G3", "years": 50, "trigger": "document",
            "reason": "r3", "clause": "004·档案"}  # fmt: skip
    it = decide(item("note", "case"), shipped(medical=True, rules=[rule]), (), TODAY)
    assert (it.years, it.medical) == (50, False)

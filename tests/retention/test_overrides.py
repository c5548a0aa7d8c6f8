"""Opinions of an appraisal: 续存, 转永久, 暂缓."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from archives.errors import InputRefused
from archives.retention.decide import decide
from archives.retention.decision import Decision
from archives.retention.prolong import Override
from tests.retention.making import hold, item, shipped


def decided(today: date, *opinions: Override, start_rule: str = "next_year", **changes: Any) -> Decision:
    return decide(item(**changes), shipped(start_rule=start_rule), (), today, opinions)


def prolong(years: int, on: date = date(2030, 3, 10), number: str = "JD-2030-01") -> Override:
    return Override("prolong", years, on, number)


def test_prolonging_counts_from_the_day_of_the_opinion() -> None:
    it = decided(date(2033, 12, 31), prolong(3))
    assert (it.held_through, it.eligible_on, it.status) == (date(2033, 12, 31), date(2034, 1, 1), "retained")
    assert it.start_on == date(2027, 1, 1), "起算日 stays that of the schedule"
    assert it.sentence == (
        "一般档案保管3年，文件日期为2026年5月10日，自2027年1月1日起算，"
        "经鉴定续存3年（鉴定批次JD-2030-01，2030年3月10日），保管至2033年12月31日，2034年1月1日起方可提出鉴定。"
    )
    assert decided(date(2034, 1, 1), prolong(3)).status == "eligible"


def test_prolonging_before_the_end_adds_to_the_end() -> None:
    assert decided(date(2029, 1, 1), prolong(1, date(2027, 2, 1))).held_through == date(2030, 12, 31)


def test_prolonging_with_the_other_start_rule() -> None:
    it = decided(date(2030, 4, 1), prolong(2), start_rule="trigger_day")
    assert it.held_through == date(2032, 3, 10)


def test_opinions_follow_each_other_by_their_days() -> None:
    first, second = prolong(3), prolong(5, date(2034, 2, 1), "JD-2034-01")
    it = decided(date(2034, 3, 1), second, first)
    assert it.held_through == date(2039, 12, 31)
    assert it.opinion == second


def test_permanent_is_final() -> None:
    opinions = Override("permanent", None, date(2030, 3, 10), "JD-2030-01"), prolong(3, date(2031, 1, 1))
    it = decided(date(2300, 1, 1), *opinions)
    assert (it.status, it.retention_class, it.eligible_on) == ("permanent", "P", None)
    assert it.sentence == "鉴定意见为转永久（鉴定批次JD-2030-01，2030年3月10日），永久保存。"


def test_permanent_needs_neither_date_nor_rule() -> None:
    permanent = Override("permanent", None, date(2030, 3, 10), "JD-2030-01")
    assert decided(date(2300, 1, 1), permanent, made=None).status == "permanent"
    assert decided(date(2300, 1, 1), permanent, form_id="unheard_of").status == "permanent"


def test_putting_off_holds_for_a_year_and_then_lets_the_item_be_appraised_again() -> None:
    put_off = Override("defer", None, date(2030, 3, 10), "JD-2030-01")
    it = decided(date(2031, 12, 31), put_off)
    assert (it.status, it.held_through) == ("held", date(2031, 12, 31))
    assert it.sentence.endswith(
        "经鉴定暂缓（鉴定批次JD-2030-01，2030年3月10日），保管至2031年12月31日，在此之前不再提出鉴定。"
    )
    assert decided(date(2032, 1, 1), put_off).status == "eligible"


def test_an_opinion_dates_nothing_that_has_no_date() -> None:
    assert decided(date(2300, 1, 1), prolong(3), made=None).status == "undated"


def test_an_opinion_beyond_the_calendar_keeps_the_item() -> None:
    assert decided(date(9999, 12, 31), prolong(100, date(9990, 1, 1))).status == "undated"


def test_a_hold_wins_over_an_opinion() -> None:
    it = decide(item(), shipped(), (hold(),), date(2040, 1, 1), (prolong(3),))
    assert it.status == "held"


@pytest.mark.parametrize(
    ("kind", "years", "number", "told"),
    [
        ("prolong", None, "JD-1", "须写明年数"),
        ("prolong", 0, "JD-1", "1 到 100"),
        ("prolong", 101, "JD-1", "1 到 100"),
        ("permanent", 3, "JD-1", "转永久不写年数"),
        ("shorten", 1, "JD-1", "续存、转永久或暂缓"),
        ("prolong", 3, "", "批次号"),
        ("prolong", 3, "甲，身份证号", "批次号"),
    ],
)
def test_an_opinion_that_makes_no_sense_is_refused(
    kind: Any, years: int | None, number: str, told: str
) -> None:
    with pytest.raises(InputRefused, match=told):
        Override(kind, years, date(2030, 3, 10), number)

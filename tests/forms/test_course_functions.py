"""Functions about the course of care: months, missed days in a row, attendance, change of scores."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.forms.date_rules import months_later
from generator.forms.functions import RULE_FUNCTIONS, VALUE_FUNCTIONS

NOW = datetime(2026, 1, 5, 9, 0)
dates = st.dates(date(1950, 1, 1), date(2090, 1, 1))


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        ("2026-01-31", 1, "2026-02-28"),
        ("2026-08-31", 3, "2026-11-30"),
        ("2023-11-30", 3, "2024-02-29"),
        ("2025-12-15", 1, "2026-01-15"),
    ],
)
def test_the_end_of_a_period_of_months(start: str, months: int, end: str) -> None:
    assert months_later(date.fromisoformat(start), months) == date.fromisoformat(end)


def within(start: date | None, end: date, months: int) -> bool:
    groups = [[] if start is None else [(("a",), start.isoformat())], [(("b",), end.isoformat())]]
    return RULE_FUNCTIONS["within_months"].call(groups, {"max": months}, NOW) == []


@given(dates, st.integers(1, 24))
def test_within_months_holds_up_to_the_last_day_and_no_further(start: date, months: int) -> None:
    last = months_later(start, months)
    assert within(start, last, months)
    assert not within(start, last + timedelta(days=1), months)
    assert within(None, last, months)


def streak(marks: dict[int, str], limit: int = 2) -> list[Any]:
    numbered = list(marks.items())
    days = [(("days", row, "day"), day) for row, (day, _) in enumerate(numbered)]
    taken = [(("days", row, "morning"), mark) for row, (_, mark) in enumerate(numbered)]
    found = RULE_FUNCTIONS["no_streak"].call([days, taken], {"values": ["未服", "拒服"], "max": limit}, NOW)
    return [violation.path[1] for violation in found if violation.path]


@pytest.mark.parametrize(
    ("marks", "rows"),
    [
        ({1: "未服", 2: "拒服", 3: "未服"}, [2]),
        ({1: "未服", 2: "已服", 3: "未服", 4: "未服"}, []),
        ({1: "未服", 2: "未服", 4: "未服"}, []),
        ({3: "未服", 1: "未服", 2: "未服"}, [0]),
        ({1: "已服", 2: "未服", 3: "未服", 4: "拒服", 5: "未服"}, [3]),
        ({}, []),
    ],
)
def test_three_missed_days_in_a_row(marks: dict[int, str], rows: list[int]) -> None:
    assert streak(marks) == rows


@given(st.lists(st.sampled_from(["已服", "未服", "拒服", "外出"]), max_size=31))
def test_a_streak_is_found_exactly_when_there_is_one(marks: list[str]) -> None:
    missed = "".join("x" if mark in ("未服", "拒服") else "-" for mark in marks)
    assert bool(streak(dict(enumerate(marks, start=1)))) == ("xxx" in missed)


def test_difference_needs_both() -> None:
    assert VALUE_FUNCTIONS["difference"].call([[8], [5]]) == -3
    assert VALUE_FUNCTIONS["difference"].call([[8], []]) is None
    assert VALUE_FUNCTIONS["difference"].call([[], [5]]) is None


@pytest.mark.parametrize(
    ("done", "planned", "share"), [(41, 48, 85), (1, 8, 13), (0, 5, 0), (7, 7, 100), (3, 0, None)]
)
def test_percent_rounds_half_up(done: int, planned: int, share: int | None) -> None:
    assert VALUE_FUNCTIONS["percent"].call([[done], [planned]]) == share

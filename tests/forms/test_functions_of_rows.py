"""Named functions over clock times, days and rows of a list."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.forms.function_kinds import Located
from generator.forms.functions import RULE_FUNCTIONS, VALUE_FUNCTIONS

NOW = datetime(2026, 1, 5, 9, 0)
minutes = st.integers(0, 24 * 60 - 1)


def clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def column(name: str, *values: Any) -> list[Located]:
    """The values of one member of the rows of ``list``; a missing answer leaves no entry."""
    return [(("list", row, name), value) for row, value in enumerate(values) if value is not None]


def broken(name: str, *groups: list[Located], **params: Any) -> list[Any]:
    return [violation.path for violation in RULE_FUNCTIONS[name].call(groups, params, NOW)]


@given(minutes, minutes)
def test_minutes_between_two_times_of_a_day(start: int, end: int) -> None:
    found = VALUE_FUNCTIONS["minutes_between"].call([[clock(start)], [clock(end)]])
    assert found == (end - start if end > start else None)
    order = broken("time_order", [(("a",), clock(start))], [(("b",), clock(end))])
    assert order == ([] if end > start else [("b",)])


@pytest.mark.parametrize("time", ["9:30", "24:00", "09:60", "09：30", "", 930, None])
def test_what_is_no_clock_time_counts_for_nothing(time: Any) -> None:
    assert VALUE_FUNCTIONS["minutes_between"].call([["08:00"], [time]]) is None
    assert broken("time_order", [(("a",), "08:00")], [(("b",), time)]) == []


@pytest.mark.parametrize(
    ("day", "due"),
    [("2026-11-02", "2026-11-09"), ("2026-02-26", "2026-03-05"), ("2025-12-31", "2026-01-07"), ("x", None)],
)
def test_a_week_is_seven_calendar_days(day: str, due: str | None) -> None:
    assert VALUE_FUNCTIONS["week_after"].call([[day]]) == due


@given(st.lists(st.tuples(st.sampled_from(["服务对象", "家属", None]), st.sampled_from([True, False, None]))))
def test_only_rows_that_match_in_every_column_count(rows: list[tuple[Any, Any]]) -> None:
    kinds, came = column("kind", *(k for k, _ in rows)), column("attended", *(a for _, a in rows))
    found = broken("matching_rows", kinds, came, values=["服务对象", True], max=1)
    count = rows.count(("服务对象", True))
    assert found == ([("list",)] if count > 1 else [])


def test_true_is_not_one_in_a_row() -> None:
    assert broken("matching_rows", column("a", 1, 1), values=[True], max=0) == []


def test_what_rows_should_cover_is_said_of_the_list() -> None:
    kinds = column("kind", "网格员", "残联")
    assert broken("covers", kinds, values=["网格员", "精防人员"]) == [("list",)]
    assert broken("covers_any", kinds, values=["110", "120"]) == [("list",)]
    assert broken("covers_any", kinds, values=["残联", "120"]) == []
    assert broken("covers_any", [], values=["120"]) == [], "a missing answer is the business of required"

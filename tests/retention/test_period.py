"""When a period starts and ends: the vectors of the specification, leap days, the end of the calendar."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archives.retention.period import held


@pytest.mark.parametrize(
    ("trigger", "years", "rule", "start", "through"),
    [
        # spec E3.3
        (date(2026, 5, 10), 3, "next_year", date(2027, 1, 1), date(2029, 12, 31)),
        (date(2026, 5, 10), 3, "trigger_day", date(2026, 5, 11), date(2029, 5, 10)),
        # the turn of a year
        (date(2026, 12, 31), 3, "next_year", date(2027, 1, 1), date(2029, 12, 31)),
        (date(2027, 1, 1), 3, "next_year", date(2028, 1, 1), date(2030, 12, 31)),
        (date(2026, 12, 31), 3, "trigger_day", date(2027, 1, 1), date(2029, 12, 31)),
        # leap days
        (date(2024, 2, 28), 3, "trigger_day", date(2024, 2, 29), date(2027, 2, 28)),
        (date(2024, 2, 29), 3, "trigger_day", date(2024, 3, 1), date(2027, 2, 28)),
        (date(2024, 2, 28), 4, "trigger_day", date(2024, 2, 29), date(2028, 2, 28)),
        (date(2025, 2, 28), 3, "trigger_day", date(2025, 3, 1), date(2028, 2, 29)),
        (date(1896, 2, 28), 4, "trigger_day", date(1896, 2, 29), date(1900, 2, 28)),  # 1900 is no leap year
        (date(1996, 2, 28), 4, "trigger_day", date(1996, 2, 29), date(2000, 2, 28)),
        # thirty and a hundred years
        (date(2026, 5, 10), 30, "next_year", date(2027, 1, 1), date(2056, 12, 31)),
        (date(2024, 2, 28), 100, "trigger_day", date(2024, 2, 29), date(2124, 2, 28)),
    ],
)
def test_start_and_last_day(trigger: date, years: int, rule: str, start: date, through: date) -> None:
    assert held(trigger, years, rule) == (start, through)  # type: ignore[arg-type]


@pytest.mark.parametrize("rule", ["next_year", "trigger_day"])
@pytest.mark.parametrize("trigger", [date(9999, 12, 31), date(9998, 1, 1), date(9950, 6, 1)])
def test_a_period_beyond_the_calendar_is_none_and_no_crash(trigger: date, rule: str) -> None:
    assert held(trigger, 100, rule) is None  # type: ignore[arg-type]


@given(st.dates(date(1900, 1, 1), date(2200, 12, 31)), st.integers(1, 100))
def test_years_are_full_years(trigger: date, years: int) -> None:
    """Counted in days they are what the leap days in between allow; both rules start after the trigger."""
    for rule in ("next_year", "trigger_day"):
        period = held(trigger, years, rule)  # type: ignore[arg-type]
        assert period is not None
        start, through = period
        assert start > trigger
        length = (through - start).days + 1
        assert 365 * years + years // 4 - 2 <= length <= 365 * years + years // 4 + 1
        after = through + timedelta(days=1)
        assert (after.month, after.day) == (start.month, start.day) or (start.month, start.day) == (2, 29)
        assert after.year == start.year + years


@given(st.dates(date(1900, 1, 1), date(2200, 12, 31)), st.integers(1, 100))
def test_next_year_never_ends_before_trigger_day(trigger: date, years: int) -> None:
    assert held(trigger, years, "next_year")[1] >= held(trigger, years, "trigger_day")[1]  # type: ignore[index]

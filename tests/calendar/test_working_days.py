"""Deadlines: the vectors of the specification, years without data, the order of the sources."""

from __future__ import annotations

import subprocess
import sys
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archives.calendar.months import add_months
from archives.calendar.overlay import Overlay, parse_overlay
from archives.calendar.sources import arranged, statutory
from archives.calendar.working_days import Calendar, Day, Deadline, WorkingDays


def arranged_through_2026(day: date) -> bool | None:
    """The published arrangements as of 2026, whatever the installed library has learned since."""
    return arranged(day) if day.year <= 2026 else None


CALENDAR = WorkingDays(arranged=arranged_through_2026)
DAY = timedelta(days=1)
ARRANGED = st.dates(date(2004, 1, 1), date(2026, 11, 1))
ANY = st.dates(date(1900, 1, 1), date(2200, 12, 31))


def settled(on: date) -> Deadline:
    return Deadline(on, provisional=False)


@pytest.mark.parametrize(
    ("start", "days", "on"),
    [
        (date(2026, 2, 10), 5, date(2026, 2, 24)),
        (date(2026, 4, 29), 5, date(2026, 5, 9)),
        (date(2026, 9, 28), 5, date(2026, 10, 10)),
        (date(2026, 9, 28), 15, date(2026, 10, 23)),
        (date(2026, 11, 2), 15, date(2026, 11, 23)),
        (date(2026, 11, 7), 1, date(2026, 11, 9)),  # from a Saturday
        (date(2026, 11, 2), 0, date(2026, 11, 2)),
        (date(2026, 11, 7), 0, date(2026, 11, 7)),
    ],
)
def test_working_days_of_the_specification(start: date, days: int, on: date) -> None:
    assert CALENDAR.add_workdays(start, days) == settled(on)


@pytest.mark.parametrize(
    "day", ["2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10"]
)
def test_weekends_worked_in_exchange_count(day: str) -> None:
    assert CALENDAR.is_workday(date.fromisoformat(day)) == Day(workday=True, provisional=False)


@pytest.mark.parametrize(
    "day", ["2026-01-01", "2026-02-17", "2026-05-05", "2026-10-07", "2026-11-07", "2026-11-08"]
)
def test_rest_days_do_not(day: str) -> None:
    assert CALENDAR.is_workday(date.fromisoformat(day)) == Day(workday=False, provisional=False)


def test_a_deadline_that_reaches_into_a_year_not_yet_arranged_is_provisional() -> None:
    deadline = CALENDAR.add_workdays(date(2026, 12, 25), 5)
    assert deadline == Deadline(date(2027, 1, 4), provisional=True)
    assert CALENDAR.add_workdays(date(2026, 12, 25), 4) == settled(date(2026, 12, 31))


@pytest.mark.parametrize("day", ["2027-01-01", "2027-02-08", "2027-05-01", "2027-10-04", "2027-11-06"])
def test_statutory_holidays_of_a_year_not_yet_arranged_are_no_working_days(day: str) -> None:
    assert CALENDAR.is_workday(date.fromisoformat(day)) == Day(workday=False, provisional=True)


@pytest.mark.parametrize("year", [1, 1900, 1949, 1999, 2003, 2027, 2050, 2100, 2101, 9998])
def test_no_year_is_too_far(year: int) -> None:
    deadline = CALENDAR.add_workdays(date(year, 6, 11), 15)
    assert deadline.provisional
    assert timedelta(days=15) < deadline.on - date(year, 6, 11) <= timedelta(days=25)


def test_without_any_source_monday_to_friday_work() -> None:
    bare = WorkingDays(arranged=lambda _: None, statutory=lambda _: None)
    assert bare.add_workdays(date(2026, 9, 28), 5) == Deadline(date(2026, 10, 5), provisional=True)


def test_the_overlay_goes_first_then_the_arrangement_then_the_law() -> None:
    day = date(2026, 11, 3)
    asked: list[str] = []

    def answering(name: str, answer: bool | None):  # type: ignore[no-untyped-def]
        def source(_: date) -> bool | None:
            asked.append(name)
            return answer

        return source

    first = WorkingDays(
        Overlay({day: False}), arranged=answering("arranged", True), statutory=answering("law", True)
    )
    assert first.is_workday(day) == Day(workday=False, provisional=False)
    assert asked == []
    second = WorkingDays(arranged=answering("arranged", False), statutory=answering("law", True))
    assert second.is_workday(day) == Day(workday=False, provisional=False)
    assert asked == ["arranged"]
    third = WorkingDays(arranged=answering("arranged", None), statutory=answering("law", False))
    assert third.is_workday(day) == Day(workday=False, provisional=True)


def test_a_year_entered_completely_gives_settled_deadlines() -> None:
    rows = ("2027-01-01,holiday", "2027-01-03,workday", "2027-10-01,holiday", "2027,complete")
    entered = WorkingDays.from_csv(
        "\n".join(("date,kind,source", *(f"{row},样例通知" for row in rows))).encode()
    )
    assert entered.add_workdays(date(2026, 12, 25), 5) == settled(date(2027, 1, 3))
    assert entered.add_workdays(date(2027, 11, 1), 5) == settled(date(2027, 11, 8))
    assert entered.is_workday(date(2028, 1, 3)).provisional


def test_a_complete_year_does_not_override_the_published_arrangement() -> None:
    rows = "2026-01-01,holiday,样例\n2026-10-01,holiday,样例\n2026,complete,样例\n"
    entered = WorkingDays(parse_overlay(f"date,kind,source\n{rows}".encode()))
    assert entered.add_workdays(date(2026, 9, 28), 5) == settled(date(2026, 10, 10))


@pytest.mark.parametrize("count", [-1, 5001])
def test_counts_that_make_no_sense_are_refused(count: int) -> None:
    with pytest.raises(ValueError, match="工作日数"):
        CALENDAR.add_workdays(date(2026, 11, 2), count)


@pytest.mark.parametrize(
    ("day", "months", "end"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2026, 8, 31), 3, date(2026, 11, 30)),
        (date(2026, 11, 15), 3, date(2027, 2, 15)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2026, 12, 1), 1, date(2027, 1, 1)),
        (date(2026, 3, 31), -1, date(2026, 2, 28)),
        (date(2026, 1, 15), -1, date(2025, 12, 15)),
        (date(2026, 5, 31), 0, date(2026, 5, 31)),
    ],
)
def test_months_end_on_their_own_day_or_the_last(day: date, months: int, end: date) -> None:
    assert add_months(day, months) == end == CALENDAR.add_months(day, months)


@pytest.mark.parametrize(("day", "months"), [(date.max, 1), (date.min, -1)])
def test_months_beyond_the_calendar(day: date, months: int) -> None:
    with pytest.raises(OverflowError, match="年份"):
        add_months(day, months)


@pytest.mark.parametrize(
    ("day", "rolled"),
    [
        (date(2026, 2, 28), date(2026, 2, 28)),  # a Saturday that is worked
        (date(2026, 10, 1), date(2026, 10, 8)),
        (date(2026, 11, 7), date(2026, 11, 9)),
        (date(2026, 11, 9), date(2026, 11, 9)),
    ],
)
def test_a_last_day_of_rest_rolls_to_the_next_working_day(day: date, rolled: date) -> None:
    assert CALENDAR.roll(day) == settled(rolled)


def test_rolling_over_the_year_is_provisional() -> None:
    assert CALENDAR.roll(date(2027, 1, 1)).provisional


@given(ARRANGED, st.integers(0, 30), st.integers(0, 30))
def test_days_add_up(start: date, first: int, second: int) -> None:
    whole = CALENDAR.add_workdays(start, first + second)
    assert CALENDAR.add_workdays(CALENDAR.add_workdays(start, first).on, second) == whole


@given(ANY, st.integers(1, 60))
def test_exactly_so_many_working_days_lie_in_the_period(start: date, count: int) -> None:
    deadline = CALENDAR.add_workdays(start, count)
    days = [start + DAY * step for step in range(1, (deadline.on - start).days + 1)]
    found = [CALENDAR.is_workday(day) for day in days]
    assert sum(day.workday for day in found) == count
    assert found[-1].workday
    assert deadline.provisional == any(day.provisional for day in found)


@given(ANY)
def test_rolling_is_the_next_working_day_and_rolling_again_changes_nothing(day: date) -> None:
    rolled = CALENDAR.roll(day)
    assert day <= rolled.on <= day + DAY * 14
    assert CALENDAR.roll(rolled.on).on == rolled.on


@given(ANY, st.integers(-600, 600))
def test_months_keep_order_and_go_back(day: date, months: int) -> None:
    end = add_months(day, months)
    assert add_months(day + DAY, months) >= end
    assert end.day == day.day or (end + DAY).day == 1
    if day.day <= 28:
        assert add_months(end, -months) == day


def test_both_libraries_agree_where_both_know() -> None:
    """This test ensures that one of them going wrong is noticed: all days of the last four arranged years."""
    day, different = date(2023, 1, 1), []
    while day < date(2027, 1, 1):
        if arranged(day) != statutory(day):
            different.append(day)
        day += DAY
    assert different == []


def test_a_station_may_bring_a_calendar_of_its_own() -> None:
    def due(calendar: Calendar) -> date:
        return calendar.add_workdays(date(2026, 11, 2), 5).on

    assert due(CALENDAR) == date(2026, 11, 9)


def test_the_libraries_are_imported_only_when_asked() -> None:
    program = (
        "import sys, archives.calendar.working_days, archives.retention.decide; "
        "sys.exit(any(name in sys.modules for name in ('holidays', 'chinese_calendar', 'sqlalchemy')))"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_a_missing_library_makes_days_provisional() -> None:
    """This test ensures that an incomplete installation computes on: neither library can be imported."""
    program = (
        "import sys; sys.modules['holidays'] = sys.modules['chinese_calendar'] = None\n"
        "from datetime import date\n"
        "from archives.calendar.working_days import WorkingDays\n"
        "print(WorkingDays().add_workdays(date(2026, 9, 28), 5))"
    )
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "Deadline(on=datetime.date(2026, 10, 5), provisional=True)"

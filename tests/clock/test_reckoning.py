"""What a reading is worth, and what may be done by it: pure."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archives.clock.reckoning import AHEAD, BEHIND, reckon, to_be_kept
from archives.clock.reference import (
    Reference,
    Wrong,
    began,
    earlier,
    outside_reference,
    placed,
    reference,
)
from archives.clock.steady import Stamp, least, most
from archives.errors import DateUnconfirmed
from archives.ports import Uptime

CHINA = timezone(timedelta(hours=8))
LAST = datetime(2026, 11, 22, 9, 0, tzinfo=CHINA)
SECOND, DAY = timedelta(seconds=1), timedelta(days=1)


@pytest.mark.parametrize(
    ("by", "confirmed"),
    [
        (timedelta(), True), (DAY, True), (14 * DAY, True), (14 * DAY + SECOND, False), (365 * DAY, False),
        (400 * DAY, False), (-timedelta(minutes=10), True), (-timedelta(minutes=10) - SECOND, False),
        (-365 * DAY, False), (-timedelta(hours=5), False),
    ],
)  # fmt: skip
def test_a_reading_that_goes_on_is_confirmed(by: timedelta, confirmed: bool) -> None:
    assert reckon(LAST + by, LAST).confirmed is confirmed


def test_without_a_confirmed_time_nothing_ends() -> None:
    told = reckon(LAST, None)
    assert (told.confirmed, told.today, told.settled, told.year) == (False, LAST.date(), date.min, 2026)


def test_slightly_before_counts_as_equal_over_midnight() -> None:
    last = datetime(2026, 12, 1, 0, 3, tzinfo=CHINA)
    told = reckon(datetime(2026, 11, 30, 23, 55, tzinfo=CHINA), last)
    assert (told.confirmed, told.at, told.today) == (True, last, date(2026, 12, 1))


def test_the_29th_of_february_is_a_day_like_others() -> None:
    leap = datetime(2028, 2, 29, 12, 0, tzinfo=CHINA)
    for last in (leap - 14 * DAY, datetime(2028, 2, 15, 12, 0, tzinfo=CHINA)):
        told = reckon(leap, last)
        assert (told.confirmed, told.today) == (True, date(2028, 2, 29))
    assert reckon(leap + DAY, leap).today == date(2028, 3, 1)
    assert Reference(datetime(2028, 3, 30, 0, 0, tzinfo=CHINA)).waited(leap, 30)
    assert not Reference(datetime(2028, 3, 29, 23, 59, tzinfo=CHINA)).waited(leap, 30)


def test_zones_are_one_time() -> None:
    """A confirmed time kept in another zone is the same moment: no hour is lost or won in spring."""
    for zone in (UTC, timezone(timedelta(hours=9)), timezone(-timedelta(hours=7))):
        assert reckon(LAST + 14 * DAY, LAST.astimezone(zone)).confirmed
        assert not reckon(LAST + 14 * DAY + SECOND, LAST.astimezone(zone)).confirmed
        assert reckon(LAST, LAST.astimezone(zone)).settled == LAST.date()


def test_an_unconfirmed_reading_ends_nothing_and_never_goes_back() -> None:
    ahead, back = reckon(LAST + 400 * DAY, LAST), reckon(LAST - 365 * DAY, LAST)
    assert (ahead.today, ahead.settled, ahead.year) == (date(2027, 12, 27), LAST.date(), 2026)
    assert (back.today, back.settled) == (LAST.date(), LAST.date())


@given(st.lists(st.integers(min_value=-10 * 60, max_value=14 * 86_400), max_size=40))
def test_a_station_opened_often_enough_is_never_asked(steps: list[int]) -> None:
    last = reading = LAST
    for step in steps:
        reading = max(reading, last) + timedelta(seconds=step)
        told = reckon(reading, last)
        assert told.confirmed
        last = told.at


@given(st.lists(st.datetimes(datetime(1990, 1, 1), datetime(2200, 1, 1)), max_size=30))
def test_the_settled_day_never_goes_back_and_leaps_no_further_than_it_may(readings: list[datetime]) -> None:
    last = LAST
    for reading in readings:
        told = reckon(reading.replace(tzinfo=CHINA), last)
        assert last.date() <= told.settled <= (last + AHEAD).date()
        assert told.today >= last.date()
        last = told.at if told.confirmed else last


def test_the_confirmed_time_is_written_down_once_an_hour_and_on_a_new_day() -> None:
    assert not to_be_kept(LAST + timedelta(minutes=59), LAST)
    assert to_be_kept(LAST + timedelta(hours=1), LAST)
    late = datetime(2026, 11, 22, 23, 50, tzinfo=CHINA)
    assert to_be_kept(late + timedelta(minutes=11), late)
    assert not to_be_kept(late - BEHIND, late)


# --- what is done by a date -------------------------------------------------------------------------------


def test_there_is_no_reference_without_a_confirmed_date() -> None:
    with pytest.raises(DateUnconfirmed) as told:
        reference(reckon(LAST + 400 * DAY, LAST))
    assert told.value.message == "今天的日期没有确认：电脑显示 2027-12-27，上次确认的日期是 2026-11-22。"
    assert "clock confirm" in told.value.hint
    assert reference(reckon(LAST + DAY, LAST)).day == date(2026, 11, 23)


@pytest.mark.parametrize(
    "noted", ["", "gestern", "2026-11-22", "2026-11-22T09:00:00", "2024-01-01T00:00+08:00"]
)
def test_without_the_database_only_a_noted_time_counts(noted: str) -> None:
    with pytest.raises(DateUnconfirmed):
        outside_reference(LAST, noted)
    assert outside_reference(LAST, LAST.astimezone(UTC).isoformat()).day == LAST.date()


def test_nothing_is_measured_from_a_time_found_wrong() -> None:
    found = LAST + 3 * DAY
    ahead = Wrong(LAST + 400 * DAY, LAST + 401 * DAY, found)
    back = Wrong(LAST - 365 * DAY, LAST - 364 * DAY, found)
    wrongs = (ahead, back)
    year_back, year_ahead = LAST - 365 * DAY, LAST + 400 * DAY
    assert began(year_back, wrongs) == found, "a span does not end early"
    assert began(year_ahead, wrongs) == year_ahead
    assert began(LAST, wrongs) == LAST
    assert placed(year_ahead, wrongs) == placed(year_back, wrongs) == found
    one, other = LAST.isoformat(), year_ahead.isoformat()
    assert earlier(one, other, ()) and not earlier(one, other, wrongs), "not surely the earlier one"
    assert not Reference(LAST + 32 * DAY, wrongs).waited(year_back, 30)
    assert Reference(LAST + 33 * DAY, wrongs).waited(year_back, 30)


# --- by the time since the computer started ---------------------------------------------------------------


def up(boot: str, seconds: float, at: datetime = LAST) -> Stamp:
    return Stamp(at, Uptime(boot, seconds))


HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("then", "now", "longest", "shortest"),
    [
        # one run: whatever the clock says
        (up("a", 100), up("a", 160, LAST + 400 * DAY), 60, 60),
        (up("a", 100), up("a", 160, LAST - 400 * DAY), 60, 60),
        # another run: it is over, and no more has surely passed than since the start
        (up("a", 100), up("b", 900, LAST + HOUR), None, 900),
        (up("a", 100), up("b", 9000, LAST + HOUR), None, 3600),
        (up("a", 100), up("b", 900, LAST - HOUR), None, 0),
        # starts without a name: a smaller number is another run, else the stricter of both
        (up("", 100), up("", 50, LAST + HOUR), None, 50),
        (up("", 100), up("", 160, LAST + HOUR), 3600, 60),
        (up("", 100), up("", 9000, LAST + HOUR), 8900, 3600),
        (up("", 100), up("", 160, LAST - HOUR), 60, 0),
        # not known: the clock
        (Stamp(LAST), up("a", 7, LAST + HOUR), 3600, 3600),
        (Stamp(LAST), Stamp(LAST - HOUR), -3600, 0),
    ],
)  # fmt: skip
def test_how_long_ago(then: Stamp, now: Stamp, longest: int | None, shortest: int) -> None:
    told = most(then, now)
    assert (None if told is None else told.total_seconds()) == longest
    assert least(then, now).total_seconds() == shortest

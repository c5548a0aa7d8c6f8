"""Deadlines in working days: the station's overlay, then the published arrangement, then statutory holidays.

A day no published arrangement covers is computed all the same and marked provisional (暂定), and so is every
deadline that counted over it: it is computed again once the arrangement of that year is known.  Nothing here
fails for want of data.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Protocol

from archives.calendar import months, sources
from archives.calendar.overlay import Overlay, parse_overlay

_ONE_DAY = timedelta(days=1)
_MOST = 5_000
"""Working days; twenty years, so a slip cannot count for ever."""


@dataclass(frozen=True, slots=True)
class Day:
    """One calendar day."""

    workday: bool
    provisional: bool


@dataclass(frozen=True, slots=True)
class Deadline:
    """The last day on which a thing is in time; provisional until every day counted over is settled."""

    on: date
    provisional: bool


class Calendar(Protocol):
    """What rules ask of a calendar."""

    def is_workday(self, day: date) -> Day:
        """Is it a working day, 调休 included."""

    def add_workdays(self, start: date, count: int) -> Deadline:
        """The end of a period of working days."""

    def add_months(self, day: date, count: int) -> date:
        """The end of a period of months."""

    def roll(self, day: date) -> Deadline:
        """The end of a period whose last day may be a rest day."""


class WorkingDays:
    """The calendar of a station (spec D0).  Days looked up are remembered."""

    def __init__(
        self,
        overlay: Overlay | None = None,
        *,
        arranged: sources.Source = sources.arranged,
        statutory: sources.Source = sources.statutory,
    ) -> None:
        self._overlay = overlay or Overlay()
        self._arranged = arranged
        self._statutory = statutory
        self._known: dict[date, Day] = {}

    @classmethod
    def from_csv(cls, raw: bytes) -> WorkingDays:
        """With the overlay of ``calendar_overrides.csv``; raises CalendarInvalid."""
        return cls(parse_overlay(raw))

    def is_workday(self, day: date) -> Day:
        """Overlay → published arrangement → statutory holidays → Mon–Fri; the last two are provisional.

        A year the overlay declares complete is settled too, behind the published arrangement.
        """
        known = self._known.get(day)
        if known is None:
            known = self._known[day] = self._look_up(day)
        return known

    def add_workdays(self, start: date, count: int) -> Deadline:
        """``count`` working days after ``start``, which is not counted itself (民法典 201).

        Raises ValueError for a negative count or more than 5,000 days, OverflowError past the year 9999.
        """
        if not 0 <= count <= _MOST:
            raise ValueError("工作日数应在 0 到 5000 之间")
        on, provisional = start, False
        # Ends: each round is a later day, and the calendar ends in 9999.
        while count:
            on += _ONE_DAY
            day = self.is_workday(on)
            provisional |= day.provisional
            count -= day.workday
        return Deadline(on, provisional)

    def add_months(self, day: date, count: int) -> date:
        """The same day number ``count`` months later, else the last day of that month (民法典 202)."""
        return months.add_months(day, count)

    def roll(self, day: date) -> Deadline:
        """The day itself when it is a working day, else the next one (民法典 203)."""
        on, provisional = day, False
        # Ends: each round is a later day, and the calendar ends in 9999.
        while True:
            found = self.is_workday(on)
            provisional |= found.provisional
            if found.workday:
                return Deadline(on, provisional)
            on += _ONE_DAY

    def _look_up(self, day: date) -> Day:
        for ask in (self._overlay.named, self._arranged, self._overlay.implied):
            settled = ask(day)
            if settled is not None:
                return Day(settled, provisional=False)
        by_law = self._statutory(day)
        return Day(day.weekday() < 5 if by_law is None else by_law, provisional=True)

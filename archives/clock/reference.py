"""The confirmed day, as a type: whatever destroys or ends something by a date asks for a ``Reference``.

One exists only where the clock is confirmed, so nothing can be destroyed by a wrong date through a forgotten
question.  ``tests/contracts/test_clock.py`` names the few places that make one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum

from archives.clock.reckoning import BEHIND, Reckoned, reckon
from archives.errors import DateUnconfirmed


@dataclass(frozen=True, slots=True)
class Wrong:
    """Readings from ``first`` to ``last`` were found wrong at ``found``; nothing is measured from them."""

    first: datetime
    last: datetime
    found: datetime


def sound(written: datetime, wrongs: Iterable[Wrong]) -> bool:
    """Whether a time that was written down lies outside all readings found wrong."""
    return not any(one.first - BEHIND <= written <= one.last + BEHIND for one in wrongs)


def earlier(one: str, other: str, wrongs: Iterable[Wrong]) -> bool:
    """Whether a time as it was written down lies surely before another: never so for one found wrong."""
    wrongs = tuple(wrongs)
    return one < other and all(sound(datetime.fromisoformat(text), wrongs) for text in (one, other))


def began(written: datetime, wrongs: Iterable[Wrong]) -> datetime:
    """When a span surely began whose beginning was written down as ``written``.

    A time among readings found wrong counts from when they were found, so that nothing ends early.
    """
    found = [one.found for one in wrongs if not sound(written, [one])]
    return max([written, *found])


def placed(written: datetime, wrongs: Iterable[Wrong]) -> datetime:
    """Where a time stands among others: one found wrong stands where it was found to be so."""
    found = [one.found for one in wrongs if not sound(written, [one])]
    return max(found) if found else written


@dataclass(frozen=True, slots=True)
class Reference:
    """A confirmed moment that dates may be compared with."""

    at: datetime
    wrongs: tuple[Wrong, ...] = ()

    @property
    def day(self) -> date:
        """The confirmed day."""
        return self.at.date()

    def reached(self, day: date) -> bool:
        """Whether this day has come."""
        return day <= self.day

    def began(self, written: datetime) -> datetime:
        """``began`` by the times known to be wrong here."""
        return began(written, self.wrongs)

    def waited(self, written: datetime, days: int) -> bool:
        """Whether so many days have passed since a moment that was written down."""
        return self.day - self.began(written).astimezone(self.at.tzinfo).date() >= timedelta(days=days)


class NotByTime(Enum):
    """Why keys may go although nobody asks for the day: the ways of destroying that no date decides."""

    FILED = "a waiting copy of what is part of a document"
    AGAIN = "destroyed before, and back with an older backup"


Warrant = Reference | NotByTime
"""What allows keys to go."""


def reference(reckoned: Reckoned, wrongs: Iterable[Wrong] = ()) -> Reference:
    """The confirmed moment.  Raises DateUnconfirmed."""
    if not reckoned.confirmed:
        raise unconfirmed(reckoned)
    return Reference(reckoned.at, tuple(wrongs))


def outside_reference(reading: datetime, confirmed: str) -> Reference:
    """For what is done without the database: ``confirmed`` is the confirmed time as the home notes it.

    Raises DateUnconfirmed, also when nothing legible is noted.
    """
    try:
        last = datetime.fromisoformat(confirmed)
    except ValueError:
        last = None
    if last is not None and last.tzinfo is None:
        last = None
    return reference(reckon(reading, last))


def unconfirmed(reckoned: Reckoned) -> DateUnconfirmed:
    """The error to raise where a date has to be confirmed first."""
    return DateUnconfirmed(sentence(reckoned))


def sentence(reckoned: Reckoned) -> str:
    """That the date is unconfirmed, in one sentence."""
    known = f"，上次确认的日期是 {reckoned.last:%Y-%m-%d}" if reckoned.last is not None else ""
    return f"今天的日期没有确认：电脑显示 {reckoned.reading:%Y-%m-%d}{known}。"

"""Is a reading of the clock confirmed?  Pure: (reading, last confirmed time) → what may be done with it.

A computer's clock can be a year ahead after a dead battery or a typing mistake.  A reading that goes on from
the last confirmed time is confirmed and becomes it; any other is not until a person says what day it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

AHEAD: Final = timedelta(days=14)
"""How far a reading may lie after the last confirmed time: a closed holiday week, not a wrong year."""
BEHIND: Final = timedelta(minutes=10)
"""How far a reading may lie before it and count as equal: a clock that was set right by its server."""
KEPT_EVERY: Final = timedelta(hours=1)
"""How often the confirmed time is written down at most, but for a new day."""


@dataclass(frozen=True, slots=True)
class Reckoned:
    """What a reading is taken for."""

    reading: datetime
    """What the clock said."""
    at: datetime
    """The moment of the act: the reading, not before the confirmed time it counts as equal to."""
    today: date
    """The day for stamps and for showing; never before the last confirmed day.  Nothing ends by it."""
    settled: date
    """The day that has surely come: today when confirmed, else the last confirmed one; spans end by it."""
    last: datetime | None
    """The last confirmed time; None where nobody ever confirmed one."""
    confirmed: bool

    @property
    def year(self) -> int:
        """The year of new numbers: a wrong year would stay on paper for ever."""
        return (self.today if self.last is None else self.settled).year


def fits(reading: datetime, last: datetime | None) -> bool:
    """Whether the reading goes on from the last confirmed time."""
    return last is not None and -BEHIND <= reading - last <= AHEAD


def reckon(reading: datetime, last: datetime | None) -> Reckoned:
    """What a reading is worth after ``last``, the last confirmed time."""
    if last is None:
        return Reckoned(reading, reading, reading.date(), date.min, None, confirmed=False)
    last = last.astimezone(reading.tzinfo)
    if fits(reading, last):
        at = max(reading, last)
        return Reckoned(reading, at, at.date(), at.date(), last, confirmed=True)
    today = max(reading.date(), last.date())
    return Reckoned(reading, reading, today, last.date(), last, confirmed=False)


def to_be_kept(reading: datetime, last: datetime | None) -> bool:
    """Whether a confirmed reading is far enough from the last to be written down."""
    if last is None:
        return False
    return reading - last >= KEPT_EVERY or reading.date() > last.astimezone(reading.tzinfo).date()

"""The date at the desk: whether it is confirmed, and confirming it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from archives.clock.reference import sentence
from archives.timekeeping import confirm_today
from desk.station.opening import OpenStation


@dataclass(frozen=True, slots=True)
class ClockFacts:
    """The clock as the station takes it; ``told`` says in a sentence whether its date counts."""

    reading: datetime
    last: datetime | None
    confirmed: bool
    told: str


def clock_facts(station: OpenStation) -> ClockFacts:
    """What the clock shows and what was confirmed last."""
    with station.archive.looking(station.actor) as unit:
        reckoned = unit.reckoned
    told = f"今天的日期 {reckoned.today} 已确认。" if reckoned.confirmed else sentence(reckoned)
    return ClockFacts(reckoned.reading, reckoned.last, reckoned.confirmed, told)


def confirm_date(station: OpenStation, stated: date) -> bool:
    """The person says what day it is; False when the date needs no confirming.

    Raises AccessDenied, InputRefused (the clock shows another day).
    """
    station.allow("clock.confirm")
    with station.acting("clock.confirm") as unit:
        if unit.confirmed and unit.reckoned.reading.date() == stated:
            return False
        confirm_today(unit, stated)
    return True

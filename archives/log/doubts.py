"""Which times of a log nobody confirmed, or were found wrong: nothing after them is "earlier" than they are.

The site chain tells: ``log.seal`` names a seal of an unconfirmed day; ``clock.confirm`` and ``clock.return``
give a right time and so show that seals made before, with later days, were wrong.  Every event of an
unconfirmed time says so itself.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from archives.log.event import ROW_FIELDS

_ACTION, _SUBJECT, _DETAIL = (ROW_FIELDS.index(name) for name in ("action", "subject", "detail"))
_RIGHTED: Final = ("clock.confirm", "clock.return")


class Doubts:
    """The seals that no event is compared with; ``days``: number of a seal → the day it names."""

    def __init__(self, days: Mapping[int, str]) -> None:
        self._days = days
        self._unsure: set[int] = set()

    def hear(self, row: Sequence[Any]) -> bool:
        """Take in an event of the site chain; whether it changed what is known."""
        action = row[_ACTION]
        if action != "log.seal" and action not in _RIGHTED:
            return False
        before = len(self._unsure)
        told = _detail(row)
        if action == "log.seal":
            number = str(row[_SUBJECT]).removeprefix("seal:")
            if told.get("clock") == "unconfirmed" and number.isascii() and number.isdigit():
                self._unsure.add(int(number))
        elif type(told.get("seal")) is int and type(told.get("reading")) is str:
            right = told["reading"][:10]
            self._unsure |= {n for n, day in self._days.items() if n <= told["seal"] and day > right}
        return len(self._unsure) != before

    def floor(self, number: int) -> tuple[str, int]:
        """Day and number of the newest seal up to this one whose day stands; ("", 0) without one."""
        # Ends: a smaller number each time, down to none.
        while number > 0 and (number in self._unsure or number not in self._days):
            number -= 1
        return (self._days[number], number) if number > 0 else ("", 0)


def unconfirmed(row: Sequence[Any]) -> bool:
    """Whether an event says that nobody confirmed its time."""
    return _detail(row).get("clock") == "unconfirmed"


def _detail(row: Sequence[Any]) -> dict[str, Any]:
    try:
        told = json.loads(row[_DETAIL])
    except (TypeError, ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}

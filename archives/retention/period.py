"""The arithmetic of a retention period (spec E3.3): when it starts, through which day the item is held."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache
from typing import Literal

StartRule = Literal["next_year", "trigger_day"]
_ONE_DAY = timedelta(days=1)


@lru_cache(maxsize=65_536)
def held(trigger: date, years: int, rule: StartRule) -> tuple[date, date] | None:
    """First day of the period and the last day the item is held; the next day it may be appraised.

    ``next_year`` starts on 1 January after the trigger, ``trigger_day`` on the day after it.  A period that
    starts on 29 February ends with the last of February, never a day short.  None past the year 9999.
    """
    try:
        start = date(trigger.year + 1, 1, 1) if rule == "next_year" else trigger + _ONE_DAY
        due = start.year + years
        # 29 February has no day of its own in most years: the following day keeps the years full.
        after = (
            date(due, 3, 1)
            if (start.month, start.day) == (2, 29) and not _is_leap(due)
            else start.replace(year=due)
        )
    except (ValueError, OverflowError):
        return None
    return start, after - _ONE_DAY


def _is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)

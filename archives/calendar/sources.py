"""What the holiday libraries know of one day.  The only place that imports them, on first use.

``arranged`` answers from the State Council's published arrangement (放假调休), which is final;
``statutory`` knows the holidays the law names, and for a year not yet arranged no 调休.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import lru_cache

Source = Callable[[date], bool | None]
"""Is that day a working day?  None: this source does not cover it."""


@lru_cache(maxsize=1)
def arranged_years() -> range:
    """The years chinesecalendar has arrangements for; empty when it is not installed."""
    try:
        from chinese_calendar import constants
    except ImportError:  # an incomplete installation must not stop a deadline: the day counts as provisional
        return range(0)
    years = {day.year for day in constants.holidays}
    return range(min(years), max(years) + 1)


def arranged(day: date) -> bool | None:
    """Working day by the published arrangement; None for a year it does not cover."""
    if day.year not in arranged_years():
        return None
    from chinese_calendar import is_workday

    try:
        return bool(is_workday(day))
    except NotImplementedError:
        return None


@lru_cache(maxsize=64)
def _statutory_year(year: int) -> Callable[[date], bool] | None:
    try:
        from holidays.countries.china import China
    except ImportError:
        return None
    if not China.start_year <= year <= China.end_year:
        return None
    days = China(years=year, expand=False)  # type: ignore[no-untyped-call]  # the library's own gap
    return lambda day: bool(days.is_working_day(day))


def statutory(day: date) -> bool | None:
    """Working day by the statutory holidays alone; None outside the years the library computes."""
    known = _statutory_year(day.year)
    return None if known is None else known(day)

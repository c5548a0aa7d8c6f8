"""Working days between two dates, for warnings of forms: published arrangement, statutory holidays, Mon–Fri.

A form knows no station, so a station's own overlay of the calendar is not asked; deadlines that bind are
counted by the archive's calendar.  The libraries are loaded on first use.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from functools import lru_cache
from typing import Final

_MOST: Final = 3_700
"""Days counted at most; ten years, so that a slip of the pen does not count for ever."""


def workdays_after(start: date, end: date) -> int:
    """Working days after ``start`` up to and with ``end``; the first day is not counted (民法典 201)."""
    days = min((end - start).days, _MOST)
    return sum(is_workday(start + timedelta(days=number)) for number in range(1, days + 1))


def is_workday(day: date) -> bool:
    """Whether people work on that day, 调休 included where it is published."""
    known = _year(day.year)
    return known(day) if known is not None else day.weekday() < 5


@lru_cache(maxsize=64)
def _year(year: int) -> Callable[[date], bool] | None:
    try:
        from chinese_calendar import constants, is_workday
    except ImportError:  # an incomplete installation: a warning less exact, never a fault
        return None
    if year in {day.year for day in constants.holidays}:
        return lambda day: bool(is_workday(day))
    from holidays.countries.china import China

    if not China.start_year <= year <= China.end_year:
        return None
    days = China(years=year, expand=False)  # type: ignore[no-untyped-call]  # the library's own gap
    return lambda day: bool(days.is_working_day(day))

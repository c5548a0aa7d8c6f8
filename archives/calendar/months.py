"""Periods in months (民法典 202): they end on the same day number, or on the last day of a shorter month."""

from __future__ import annotations

from calendar import monthrange
from datetime import date


def add_months(day: date, months: int) -> date:
    """The day ``months`` later (earlier when negative): the same day number, else the last day of that month.

    Raises OverflowError outside the years 1–9999.
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if not date.min.year <= year <= date.max.year:
        raise OverflowError("年份超出可计算的范围")
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))

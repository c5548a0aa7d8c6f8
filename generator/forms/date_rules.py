"""Rules about dates and their order."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, datetime

from generator.forms.function_kinds import Groups, Params, Path, Violation, as_date, is_number
from generator.forms.workdays import workdays_after


def date_order(groups: Groups, params: Params, now: datetime) -> list[Violation]:
    found: list[Violation] = []
    latest: tuple[date, Path] | None = None
    for group in groups:
        days = [(day, path) for path, value in group if (day := as_date(value)) is not None]
        found += [Violation(path, latest[1]) for day, path in days if latest and day < latest[0]]
        if days:
            latest = max([*days, latest] if latest else days, key=lambda item: item[0])
    return found


def not_future(groups: Groups, params: Params, now: datetime) -> list[Violation]:
    # ISO dates of equal length order as text; a date-time is compared to the minute.
    limit = now.isoformat(timespec="minutes")[:16]
    return [
        Violation(path)
        for group in groups
        for path, value in group
        if isinstance(value, str) and value > limit[: len(value)] and as_date(value) is not None
    ]


def days_between(groups: Groups, params: Params, now: datetime) -> list[Violation]:
    if not groups[0] or not groups[1]:
        return []
    start, end = as_date(groups[0][0][1]), as_date(groups[1][0][1])
    # The wrong order is a finding of date_order; counting negative days would report it twice.
    if start is None or end is None or end < start:
        return []
    days = (end - start).days
    if days < params.get("min", days):
        return [Violation(groups[0][0][0], groups[1][0][0])]
    return [Violation(groups[1][0][0], groups[0][0][0])] if days > params.get("max", days) else []


def workdays_between(groups: Groups, params: Params, now: datetime) -> list[Violation]:
    start, end = (as_date(group[0][1]) if group else None for group in groups)
    if start is None or end is None or end < start or workdays_after(start, end) <= params["max"]:
        return []
    return [Violation(groups[1][0][0], groups[0][0][0])]


def months_later(start: date, months: int) -> date:
    """The same day number ``months`` on, or the last day of that month (民法典 202)."""
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    return date(year, month + 1, min(start.day, monthrange(year, month + 1)[1]))


def within_months(groups: Groups, params: Params, now: datetime) -> list[Violation]:
    start, end = (as_date(group[0][1]) if group else None for group in groups)
    if start is None or end is None or end <= months_later(start, params["max"]):
        return []
    return [Violation(groups[1][0][0], groups[0][0][0])]


def no_streak(groups: Groups, params: Params, now: datetime) -> list[Violation]:
    """At the row whose number makes more than ``max`` numbers in a row with one of ``values``."""
    marked = {path[:-1] for group in groups[1:] for path, value in group if value in params["values"]}
    run, last = 0, 0
    for number, path in sorted((value, path) for path, value in groups[0] if is_number(value)):
        run = 0 if path[:-1] not in marked else run + 1 if run and number == last + 1 else 1
        last = number
        if run > params["max"]:
            return [Violation(path)]
    return []

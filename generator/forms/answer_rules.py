"""Rules about numbers, lists, choices and identity."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from generator.forms import citizen_id, disability_cert
from generator.forms.conditions import same
from generator.forms.function_kinds import (
    Groups,
    Located,
    Params,
    Path,
    Violation,
    as_date,
    clock_minutes,
    is_number,
)


def contiguous(groups: Groups, params: Params, now: datetime) -> list[Violation]:
    return numbered(groups[0]) if len(groups) == 1 else without_gap(groups)


def numbered(group: Sequence[Located]) -> list[Violation]:
    """At the first number that is outside 1..n or stands there a second time."""
    numbers = [(path, value) for path, value in group if is_number(value)]
    free = set(range(1, len(numbers) + 1))
    for path, value in numbers:
        if value not in free:
            return [Violation(path)]
        free.remove(value)
    return []


def ranked(groups: Groups, params: Params, now: datetime) -> list[Violation]:
    return numbered([located for group in groups for located in group])


def without_gap(groups: Groups) -> list[Violation]:
    """At the first answer that has an empty field before it."""
    first_empty = next((rank for rank, group in enumerate(groups) if not group), len(groups))
    return [Violation(group[0][0]) for group in groups[first_empty:] if group][:1]


def number_between(groups: Groups, params: Params, now: datetime) -> list[Violation]:
    return [
        Violation(path)
        for group in groups
        for path, value in group
        if is_number(value) and not params.get("min", value) <= value <= params.get("max", value)
    ]


def count_between(groups: Groups, params: Params, now: datetime) -> list[Violation]:
    return [
        Violation(path)
        for group in groups
        for path, value in group
        if isinstance(value, list) and not params.get("min", 0) <= len(value) <= params.get("max", len(value))
    ]


def expect(groups: Groups, params: Params, now: datetime) -> list[Violation]:
    allowed = params["values"]
    return [
        Violation(path)
        for group in groups
        for path, value in group
        if not any(same(value, option) for option in allowed)
    ]


def flat(groups: Sequence[Sequence[Located]]) -> list[Any]:
    values = [value for group in groups for _, value in group]
    return [item for value in values for item in (value if isinstance(value, list) else [value])]


def list_path(groups: Groups) -> Path | None:
    """Where the rows stand that the arguments go through; None where they do not go through rows."""
    path = next((group[0][0] for group in groups if group), ())
    return path[:-2] if len(path) > 1 and isinstance(path[-2], int) else None


def covers(groups: Groups, params: Params, now: datetime) -> list[Violation]:
    values = flat(groups)
    missing = [wanted for wanted in params["values"] if not any(same(wanted, value) for value in values)]
    return [Violation(list_path(groups))] if values and missing else []


def covers_any(groups: Groups, params: Params, now: datetime) -> list[Violation]:
    values = flat(groups)
    found = any(same(wanted, value) for wanted in params["values"] for value in values)
    return [Violation(list_path(groups))] if values and not found else []


def time_order(groups: Groups, params: Params, now: datetime) -> list[Violation]:
    start, end = (clock_minutes(group[0][1]) if group else None for group in groups)
    if start is None or end is None or end > start:
        return []
    return [Violation(groups[1][0][0], groups[0][0][0])]


def matching_rows(groups: Groups, params: Params, now: datetime) -> list[Violation]:
    """Rows in which each argument has the value of the same rank; reported at the list."""
    rows = [
        {path[:-1] for path, value in group if same(value, wanted)}
        for group, wanted in zip(groups, params["values"], strict=False)
    ]
    if not any(groups):
        return []
    count = len(set.intersection(*rows))
    if params.get("min", 0) <= count <= params.get("max", count):
        return []
    return [Violation(list_path(groups))]


def alone(groups: Groups, params: Params, now: datetime) -> list[Violation]:
    return [
        Violation(path)
        for group in groups
        for path, value in group
        if isinstance(value, list) and params["value"] in value and len(value) > 1
    ]


def equal(groups: Groups, params: Params, now: datetime) -> list[Violation]:
    if not groups[0] or not groups[1] or groups[0][0][1] == groups[1][0][1]:
        return []
    return [Violation(groups[0][0][0], groups[1][0][0])]


def differs(groups: Groups, params: Params, now: datetime) -> list[Violation]:
    if not groups[0] or not groups[1] or groups[0][0][1] != groups[1][0][1]:
        return []
    return [Violation(groups[0][0][0], groups[1][0][0])]


def any_present(groups: Groups, params: Params, now: datetime) -> list[Violation]:
    return [] if any(groups) else [Violation(None)]


def cid_birth(groups: Groups, params: Params, now: datetime) -> list[Violation]:
    number, birth = readable_cid(groups[0]), as_date(groups[1][0][1]) if groups[1] else None
    if number is None or birth is None or citizen_id.birth_date(number) == birth:
        return []
    return [Violation(groups[1][0][0], groups[0][0][0])]


def cid_sex(groups: Groups, params: Params, now: datetime) -> list[Violation]:
    number = readable_cid(groups[0])
    excused = len(groups) > 2 and bool(groups[2])
    if number is None or excused or not groups[1] or citizen_id.gender(number) == groups[1][0][1]:
        return []
    return [Violation(groups[1][0][0], groups[0][0][0])]


def readable_cid(group: Sequence[Located]) -> str | None:
    # With a wrong check character some digit is wrong, and comparing its parts would accuse the wrong field.
    number = group[0][1] if group else None
    return number if isinstance(number, str) and citizen_id.is_valid(number) else None


def cert_holder(groups: Groups, params: Params, now: datetime) -> list[Violation]:
    cert, number = readable_cert(groups[0]), readable_cid(groups[1])
    if cert is None or number is None or cert.holder == number:
        return []
    return [Violation(groups[0][0][0], groups[1][0][0])]


def cert_level(groups: Groups, params: Params, now: datetime) -> list[Violation]:
    cert = readable_cert(groups[0])
    if cert is None or not groups[1] or cert.level == groups[1][0][1]:
        return []
    return [Violation(groups[1][0][0], groups[0][0][0])]


def readable_cert(group: Sequence[Located]) -> disability_cert.Certificate | None:
    number = group[0][1] if group else None
    return disability_cert.read(number) if isinstance(number, str) else None

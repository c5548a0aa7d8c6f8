"""What a named function is: its kinds, its arguments, and how a rule says that it does not hold."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from generator.forms.pointer import Part

_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d\Z")
Path = tuple[Part, ...]
Located = tuple[Path, Any]
"""Where a value stands, and the value."""
Groups = Sequence[Sequence[Located]]
"""One list of located values per argument; a missing answer gives an empty list."""
Params = Mapping[str, Any]


class Violation(NamedTuple):
    """A rule does not hold at ``path`` (None: at its first argument); ``other`` is the compared one."""

    path: Path | None
    other: Path | None = None


Rule = Callable[[Groups, Params, datetime], list[Violation]]


class RuleFunction(NamedTuple):
    """``params`` are the keywords beside args; ``message`` and ``hint`` may use {label} and {other}."""

    call: Rule
    min_args: int
    max_args: int
    params: frozenset[str]
    required_params: frozenset[str]
    message: str
    hint: str
    doc: str


class ValueFunction(NamedTuple):
    """Computes a value from its arguments (one list of values each); None: cannot be computed yet."""

    call: Callable[[Sequence[Sequence[Any]]], Any]
    min_args: int
    max_args: int
    doc: str


# --- values -----------------------------------------------------------------------------------------------


def as_date(value: Any) -> date | None:
    """The calendar day of an ISO date or local date-time; None for anything else."""
    if not isinstance(value, str) or len(value) not in (10, 16):
        return None
    try:
        return date.fromisoformat(value) if len(value) == 10 else datetime.fromisoformat(value).date()
    except ValueError:
        return None


def full_years(birth: date, on: date) -> int:
    """周岁: whole years passed; someone born on 29 February turns a year older on 1 March."""
    return on.year - birth.year - ((on.month, on.day) < (birth.month, birth.day))


def first(group: Sequence[Any]) -> Any:
    """The one value of an argument that is a single field; None while there is no answer."""
    return group[0] if group else None


def is_number(value: Any) -> bool:
    """Whether it is a number one can count with: True and False are answers, not numbers."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def clock_minutes(value: Any) -> int | None:
    """Minutes since midnight of a clock time ``09:30``; None for anything else."""
    if not isinstance(value, str) or not _CLOCK.match(value):
        return None
    return int(value[:2]) * 60 + int(value[3:])

"""申请编号 and 个案编号: numbers of a person's papers, given by the archive or brought along."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from sqlalchemy import Executable, select

from archives.archive import Unit
from archives.errors import InputRefused
from archives.numbering import explain_gap, next_number
from archives.people.naming import clean
from archives.store.tables import files, volumes
from archives.store.tables_volumes import volume_facts

_APPLICATION: Final = re.compile(r"SQ-\d{4}-\d{4,6}\Z", re.ASCII)
_CASE: Final = re.compile(r"GA-\d{4}-\d{4,6}\Z", re.ASCII)


def application_number(unit: Unit, given: str | None, person: int) -> str:
    """The number given, checked, or the next of this year.  Raises InputRefused."""
    if given is not None:
        return _checked(given, _APPLICATION, "申请编号", "SQ-2026-0001")
    year = unit.year
    return _next(
        unit, f"application:{year}", f"person:{person}", f"SQ-{year}-",
        lambda code: select(files.c.id).where(files.c.application_no == code).union_all(
            select(volume_facts.c.volume_id).where(volume_facts.c.application_no == code)
        ),
    )  # fmt: skip


def case_number(unit: Unit, given: str | None, file_id: int) -> str:
    """The number given, checked, or the next of this year.  Raises InputRefused."""
    if given is not None:
        return _checked(given, _CASE, "个案编号", "GA-2026-0001")
    year = unit.year
    return _next(
        unit, f"case:{year}", f"file:{file_id}", f"GA-{year}-",
        lambda code: select(volumes.c.id).where(volumes.c.case_no == code),
    )  # fmt: skip


def _checked(given: str, pattern: re.Pattern[str], name: str, example: str) -> str:
    told = clean(given, name).upper()
    if not pattern.match(told):
        raise InputRefused(f"{name}应写成 {example} 的样子。")
    return told


def _next(unit: Unit, sequence: str, used_for: str, prefix: str, taken: Callable[[str], Executable]) -> str:
    # Ends: each round passes a number that somebody brought along.
    while True:
        number = next_number(unit, sequence, used_for)
        code = f"{prefix}{number:04d}"
        if unit.execute(taken(code)).first() is None:
            return code
        # Somebody brought this number along: the sequence goes past it and says so.
        explain_gap(unit, sequence, number, "此号已由人工编号使用")

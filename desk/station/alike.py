"""Papers that may be the same one twice: told before a second is kept, never refused.

Two visits on one day happen; a notice with the number of another, a second first plan, or the same form about
the same day is more often one paper entered twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Final

from archives.archive import Unit
from archives.items.lists import alike_in, numbered_alike, with_fact
from archives.items.records import record_facts
from archives.people.files import FileFacts
from desk.station.providers import NUMBERS
from generator.forms.definition import FormDefinition

_FIRST: Final = {"plan_type": "初次"}
"""Index fact whose value a running volume has once."""


def said_alike(
    unit: Unit, file: FileFacts, form: FormDefinition, facts: Mapping[str, str], day: date | None
) -> tuple[str, ...]:
    """A sentence for each live record of the form that looks like this one; none twice."""
    told: dict[int, str] = {}
    for record, why in _found(unit, file, form, facts, day):
        told.setdefault(record, why)
    return tuple(f"{why}已有《{form.title}》{_named(unit, record, file)}" for record, why in told.items())


def _found(
    unit: Unit, file: FileFacts, form: FormDefinition, facts: Mapping[str, str], day: date | None
) -> Iterator[tuple[int, str]]:
    for name in NUMBERS:
        if name in facts:
            for record in numbered_alike(unit, form.id, name, facts[name]):
                yield record, f"编号 {facts[name]} "
    for name, value in _FIRST.items():
        if facts.get(name) == value:
            for record in with_fact(unit, file.id, form.id, name, value):
                yield record, f"“{value}”的"
    if day is not None:
        for record in alike_in(unit, file.id, form.id, day):
            yield record, f"{day.isoformat()} 的"


def _named(unit: Unit, record: int, file: FileFacts) -> str:
    """Its 档号; of another's file nothing is told but that it is there."""
    found = record_facts(unit, record)
    return (found.ref_code or f"#{record}") if found.file == file.id else "（在另一份档案中）"

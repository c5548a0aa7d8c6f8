"""Persons who may be the same: asked before a file without an ID number is opened."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, or_, select

from archives.archive import Unit
from archives.people.naming import fold, phone_term, readings
from archives.store.tables import files, persons, search_terms

MOST = 200
"""Candidates looked at; the list shown is shorter."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A person who may be the same, with the number of the file and why; never the name."""

    person: int
    file: int
    number: str
    reason: str
    weight: int


def similar_persons(unit: Unit, name: str, birth_date: str | None, phone: str | None) -> list[Candidate]:
    """Candidates, the most alike first: by the sound of the name, the birth date, the phone."""
    sounds = ["".join(reading) for reading in readings(fold(name))]
    tail = phone_term(phone)
    kind, term = search_terms.c.kind, search_terms.c.term
    alike = [(kind == "pinyin") & term.in_(sounds)]
    if tail:
        alike.append((kind == "phone") & (term == tail))
    if birth_date:
        alike.append((kind == "birth") & (term == birth_date))
    # Whoever fits two of these is looked at before whoever fits one: a station has many namesakes.
    nearest = (
        select(search_terms.c.person_id, func.count(kind.distinct()).label("fits"))
        .where(or_(*alike))
        .group_by(search_terms.c.person_id)
        .order_by(func.count(kind.distinct()).desc(), search_terms.c.person_id)
        .limit(MOST)
        .subquery()
    )
    rows = unit.execute(
        select(
            persons.c.id, persons.c.name, persons.c.birth_date, persons.c.phone,
            files.c.id.label("file_id"), files.c.ref_code, files.c.application_no,
        )
        .join(nearest, nearest.c.person_id == persons.c.id)
        .join(files, files.c.person_id == persons.c.id)
        .where(persons.c.state == "present")
    )  # fmt: skip
    found = []
    for row in rows:
        reasons, weight = _compare(name, birth_date, tail, row.name, row.birth_date, row.phone)
        if weight >= 2:
            number = row.ref_code or row.application_no or "未编号"
            found.append(Candidate(row.id, row.file_id, number, "、".join(reasons), weight))
    return sorted(found, key=lambda one: (-one.weight, one.person))


def _compare(
    name: str, birth: str | None, tail: str, other: str, other_birth: str | None, other_phone: str | None
) -> tuple[list[str], int]:
    reasons, weight = [], 0
    first, second = fold(name), fold(other)
    if first == second:
        reasons.append("姓名相同")
        weight += 3
    elif {"".join(one) for one in readings(first)} & {"".join(one) for one in readings(second)}:
        reasons.append("姓名同音")
        weight += 2
    elif first[:1] == second[:1] and set(first[1:]) & set(second[1:]):
        reasons.append("姓名相近")
        weight += 1
    if birth and birth == other_birth:
        reasons.append("出生日期相同")
        weight += 1
    if tail and tail == phone_term(other_phone):
        reasons.append("电话相同")
        weight += 2
    return reasons, weight

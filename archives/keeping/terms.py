"""The search terms of persons, compared with who they are.

A term that is missing hides a person; one too many leads to somebody else.

Readings in letters are not compared: which there are depends on the dictionary of the day they were made.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Connection, select

from archives.archive import Archive
from archives.errors import ItemUnreadable
from archives.keeping.finding import KeepingFinding
from archives.keys.bindings import OLD_VALUE
from archives.people.naming import number_terms, person_terms
from archives.store.tables import amendments, files, persons, search_terms, volumes

_COMPARED: Final = ("name", "phone", "birth", "ref", "number")
_LASTING: Final = ("name", "phone", "birth_date")
"""Identity facts by which a person is found; old ones stay."""
Terms = set[tuple[str, str]]


def check_terms(archive: Archive, rows: Sequence[Any]) -> Iterator[KeepingFinding]:
    """Persons who are not found by what they are called, or by what is another's."""
    for row in rows:
        if row.state == "gone":
            if _found_though_gone(archive, row.id):
                yield KeepingFinding("terms_differ", f"#{row.id}")
            continue
        if row.name is None:
            continue
        with archive.data.reading() as connection:
            found = _standing(connection, row.id)
            needed: Terms = set()
            if row.state == "present":
                needed = _of(row.name, row.phone, row.birth_date) | _numbers(connection, row.id)
            if found == needed:
                continue
            same = needed <= found and found - needed <= _earlier(archive, connection, row)
            now = connection.execute(select(persons).where(persons.c.id == row.id)).first()
        if not same and now == row:
            yield KeepingFinding("terms_differ", f"#{row.id}")


def _found_though_gone(archive: Archive, person: int) -> bool:
    with archive.data.reading() as connection:
        query = select(search_terms.c.term).where(search_terms.c.person_id == person).limit(1)
        return connection.execute(query).first() is not None


def _standing(connection: Connection, person: int) -> Terms:
    query = select(search_terms.c.kind, search_terms.c.term).where(search_terms.c.person_id == person)
    return {(row.kind, row.term) for row in connection.execute(query) if row.kind in _COMPARED}


def _of(name: str, phone: str | None, birth_date: str | None) -> Terms:
    return {term for term in person_terms(name, phone, birth_date) if term[0] in _COMPARED}


def _numbers(connection: Connection, person: int) -> Terms:
    own = select(files.c.id, files.c.ref_code, files.c.application_no).where(files.c.person_id == person)
    told: list[str | None] = []
    for file in connection.execute(own):
        told += (file.ref_code, file.application_no)
        cases = select(volumes.c.case_no).where(volumes.c.file_id == file.id)
        told += connection.execute(cases).scalars()
    return {term for number in told if number for term in number_terms(number)}


def _earlier(archive: Archive, connection: Connection, row: Any) -> Terms:
    """By what the person, and everybody found to be the same, was called before."""
    told: Terms = set()
    for person in _with_merged(connection, row):
        told |= _of(person.name or "", person.phone, person.birth_date) | _numbers(connection, person.id)
        for before in _amended(archive, connection, person):
            told |= _of(before.get("name") or "", before.get("phone"), before.get("birth_date"))
    return told


def _with_merged(connection: Connection, row: Any) -> list[Any]:
    people, new = [row], [row.id]
    # Ends: nobody is taken twice.
    while new:
        known = [one.id for one in people]
        query = select(persons).where(persons.c.merged_into.in_(new), persons.c.id.not_in(known))
        found = connection.execute(query).all()
        people += found
        new = [one.id for one in found]
    return people


def _amended(archive: Archive, connection: Connection, person: Any) -> Iterable[Mapping[str, Any]]:
    query = select(amendments).where(amendments.c.person_id == person.id, amendments.c.field.in_(_LASTING))
    for row in connection.execute(query).all():
        try:
            plain = archive.decrypt(person.identity_key, row.before, OLD_VALUE.of_row(row))
        except ItemUnreadable:  # a finding of its own
            continue
        yield {row.field: json.loads(plain)["value"]}

"""Rows as they stand in the database, file by file or of the station, each with its chain, key and digest."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, Select, func, literal, select

from archives.evidence.registry import ENTRIES, Entry
from archives.log.event import SITE_CHAIN
from archives.store.tables import documents, files, persons, records
from archives.store.tables_duties import loans
from archives.store.tables_people import events

_STREAMED: Final = 500
"""Rows held at once: sealed bytes of a whole file may be large."""
OF_FILES: Final = tuple(entry for entry in ENTRIES.values() if entry.via != "station")
OF_STATION: Final = tuple(entry for entry in ENTRIES.values() if entry.via == "station")


@dataclass(frozen=True, slots=True)
class Held:
    """What a row holds now."""

    chain: int
    key: str
    digest: str


def rows_of(connection: Connection, entry: Entry, files_of: Sequence[int], secret: bytes) -> Iterator[Held]:
    """The rows of a table that belong to these files; of the station where the table belongs to none."""
    query = _query(entry) if entry.via == "station" else _query_of_files(entry, files_of)
    for row in connection.execute(query, execution_options={"yield_per": _STREAMED}):
        *held, chain = row
        yield Held(
            int(chain), entry.key(dict(zip(entry.columns, held, strict=True))), entry.digest(held, secret)
        )


def _columns(entry: Entry) -> list[Any]:
    return [entry.table.c[name] for name in entry.columns]


def _query(entry: Entry) -> Select[Any]:
    return select(*_columns(entry), literal(SITE_CHAIN).label("chain_of_row"))


def _query_of_files(entry: Entry, files_of: Sequence[int]) -> Select[Any]:
    table, link = entry.table, entry.table.c[entry.link]
    if entry.via == "file":
        chain: Any = link
        query = select(*_columns(entry), chain.label("chain_of_row"))
    else:
        near, own, chain = {
            "person": (files, files.c.person_id, files.c.id),
            "record": (records, records.c.id, records.c.file_id),
            "document": (documents, documents.c.id, documents.c.file_id),
            "loan": (loans, loans.c.id, loans.c.file_id),
        }[entry.via]
        query = select(*_columns(entry), chain.label("chain_of_row")).join_from(table, near, own == link)
    return query.where(chain.in_(files_of))


def groups(connection: Connection) -> Iterator[list[int]]:
    """Ids of files that belong together: a file and those merged into it; each file once.

    Files that are gone, of which the log tells, are among them.
    """
    of_person = {row.person_id: row.id for row in connection.execute(_MERGED)}
    into = {row.id: row.merged_into for row in connection.execute(_INTO)}
    together: dict[int, list[int]] = {}
    for person, file in of_person.items():
        if person in into:
            root = _root(person, into)
            together.setdefault(of_person.get(root, file), []).append(file)
    merged = {file for joined in together.values() for file in joined}
    every = select(files.c.id).order_by(files.c.id)
    for file in connection.execute(every, execution_options={"yield_per": 5000}).scalars():
        if file not in merged:
            yield [file, *together.pop(file, ())]
    yield from together.values()  # a ring of merges, which only a hand can make
    for gone in connection.execute(_GONE).scalars():
        yield [gone]


def _root(person: int, into: dict[int, int]) -> int:
    seen: set[int] = set()
    # Ends: nobody is passed twice.
    while person in into and person not in seen:
        seen.add(person)
        person = into[person]
    return person


_GONE: Final = (
    select(events.c.chain)
    .where(events.c.chain != SITE_CHAIN, events.c.chain.not_in(select(files.c.id)))
    .distinct()
    .order_by(events.c.chain)
)
_INTO: Final = select(persons.c.id, persons.c.merged_into).where(persons.c.merged_into.is_not(None))
_MERGED: Final = select(files.c.id, files.c.person_id).where(
    files.c.person_id.in_(
        select(persons.c.id).where(persons.c.merged_into.is_not(None)).union(
            select(persons.c.merged_into).where(persons.c.merged_into.is_not(None))
        )
    )
)  # fmt: skip


def batches(found: Iterator[list[int]], size: int) -> Iterator[list[int]]:
    """Groups together, about so many files at once; a group is never parted."""
    together: list[int] = []
    for group in found:
        together += group
        if len(together) >= size:
            yield together
            together = []
    if together:
        yield together


def station_rows(connection: Connection) -> int:
    """How many rows the tables of the station have."""
    return sum(
        int(connection.execute(select(func.count()).select_from(entry.table)).scalar_one())
        for entry in OF_STATION
    )

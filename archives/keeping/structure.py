"""Checks of the stores as databases: pages, references, version, guards, numbers, what must be gone."""

from __future__ import annotations

import json
from collections.abc import Iterator

from sqlalchemy import Connection, func, inspect, select, text, union

from archives.archive import Archive
from archives.disposal.agreement import PARTS, disagreements
from archives.disposal.lists import facts_from
from archives.errors import StoreUnusable
from archives.keeping.finding import KeepingFinding
from archives.store.database import Database
from archives.store.guards import GUARDS, postgresql_trigger, sqlite_trigger
from archives.store.migrations import HEAD
from archives.store.migrations.runner import version_of
from archives.store.schema import METADATA
from archives.store.tables import numbers, records, revisions, sequences
from archives.store.tables_duties import (
    appraisals,
    disposal_approvals,
    disposal_executions,
    disposal_items,
    disposal_lists,
    disposal_witnesses,
    forgotten,
    overrides,
    tombstones,
)
from archives.store.touched import postgresql_trigger as watching
from archives.store.touched import watched

_BATCH = 500


def pages(archive: Archive) -> Iterator[KeepingFinding]:
    """Every page of both embedded files is genuine and in order."""
    for database, name in ((archive.data, "数据库"), (archive.keys.database, "密钥库")):
        if database.embedded:
            yield from _pages(database, name)


def _pages(database: Database, name: str) -> Iterator[KeepingFinding]:
    with database.reading() as connection:
        if connection.exec_driver_sql("PRAGMA cipher_integrity_check").first() is not None:
            yield KeepingFinding("pages_changed", name)
        if connection.exec_driver_sql("PRAGMA integrity_check(1)").scalar() != "ok":
            yield KeepingFinding("database_damaged", name)
        broken = {row[0] for row in connection.exec_driver_sql("PRAGMA foreign_key_check")}
        for table in sorted(broken):
            yield KeepingFinding("reference_broken", table)


def schema(archive: Archive) -> Iterator[KeepingFinding]:
    """The version is this program's and every guard stands as written."""
    with archive.data.reading() as connection:
        try:
            found = version_of(connection)
        except StoreUnusable:
            found = None
        if found != HEAD:
            yield KeepingFinding("version", f"{found or '没有'}，应为 {HEAD}")
        standing = _guards(connection)
    for guard in GUARDS:
        words = sqlite_trigger(guard) if archive.data.embedded else postgresql_trigger(guard)
        body = standing.get(f"guard_{guard.name}", "")
        if not body or _plain(body) not in _plain(words):
            yield KeepingFinding("guard", guard.name)
    if not archive.data.embedded:  # there the connection that writes watches
        for table, link in watched(METADATA):
            body = standing.get(f"touched_{table.name}", "")
            if not body or _plain(body) not in _plain(watching(table, link)):
                yield KeepingFinding("guard", f"touched_{table.name}")


def _guards(connection: Connection) -> dict[str, str]:
    if connection.dialect.name == "sqlite":
        query = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
    else:
        query = (
            "SELECT t.tgname, p.prosrc FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid"
            " WHERE NOT t.tgisinternal AND t.tgenabled = 'O'"
        )
    return {str(row[0]): str(row[1]) for row in connection.execute(text(query))}


def _plain(words: str) -> str:
    return " ".join(words.split())


def number_gaps(archive: Archive) -> Iterator[KeepingFinding]:
    """Every number below a sequence's next was given to something, or says why not."""
    with archive.data.reading() as connection:
        for row in connection.execute(select(sequences).order_by(sequences.c.name)).all():
            used = connection.execute(
                select(numbers.c.number).where(numbers.c.sequence == row.name).order_by(numbers.c.number)
            )
            expected = 1
            for number in used.scalars():
                for missing in range(expected, min(number, expected + 10)):
                    yield KeepingFinding("number_gap", f"{row.name} 第 {missing} 号")
                expected = number + 1
            for missing in range(expected, min(row.next, expected + 10)):
                yield KeepingFinding("number_gap", f"{row.name} 第 {missing} 号")


def what_is_gone(archive: Archive) -> Iterator[KeepingFinding]:
    """Of nothing destroyed is a key, a blob or content left; everything destroyed has its tombstone."""
    with archive.data.reading() as connection:
        stones = connection.execute(select(tombstones).order_by(tombstones.c.record_id)).all()
        people = connection.execute(select(forgotten).order_by(forgotten.c.person_id)).all()
        for missing in connection.execute(_UNLISTED).scalars():
            yield KeepingFinding("list_missing", f"#{missing}")
        for record in connection.execute(_UNMARKED).scalars():
            yield KeepingFinding("tombstone_missing", f"#{record}")
        for record in connection.execute(_FULL).scalars():
            yield KeepingFinding("tombstone_content", f"#{record}")
    for start in range(0, len(stones), _BATCH):
        part = stones[start : start + _BATCH]
        keys = {stone.record_id: json.loads(stone.item_keys) for stone in part}
        left = archive.keys.has(name for names in keys.values() for name in names)
        for stone in part:
            if left & set(keys[stone.record_id]):
                yield KeepingFinding("tombstone_key", stone.ref_code)
            if any(archive.blobs.has(name) for name in json.loads(stone.blobs)):
                yield KeepingFinding("tombstone_blob", stone.ref_code)
    for person in people:
        if archive.keys.has(json.loads(person.item_keys)):
            yield KeepingFinding("tombstone_key", f"档案 #{person.file_id}")


def lists_agree(archive: Archive) -> Iterator[KeepingFinding]:
    """Every list of destruction is what the log tells of it."""
    with archive.data.reading() as connection:
        query = select(disposal_lists).order_by(disposal_lists.c.id)
        for facts in map(facts_from, connection.execute(query).all()):
            parts = "；".join(PARTS[part] for part in disagreements(connection, facts))
            if parts:
                yield KeepingFinding("list_differs", f"{facts.ref_code}：{parts}")


_UNLISTED = union(
    *(
        select(table.c.list_id).where(table.c.list_id.not_in(select(disposal_lists.c.id)))
        for table in (
            tombstones, forgotten, disposal_items, appraisals, disposal_approvals, disposal_executions,
            disposal_witnesses, overrides,
        )
    )
)  # fmt: skip
_UNMARKED = (
    select(records.c.id)
    .where(records.c.state == "destroyed", records.c.id.not_in(select(tombstones.c.record_id)))
    .order_by(records.c.id)
)
_FULL = (
    select(records.c.id)
    .where(records.c.state == "destroyed", records.c.id.in_(select(revisions.c.record_id)))
    .order_by(records.c.id)
)


def counts(archive: Archive) -> dict[str, int]:
    """Rows of every table."""
    with archive.data.reading() as connection:
        there = set(inspect(connection).get_table_names())
        return {
            table.name: int(connection.execute(select(func.count()).select_from(table)).scalar_one())
            for table in METADATA.sorted_tables
            if table.name in there
        }

"""Checks of everything encrypted: each item is there, opens under its key, and is what was registered.

Goes through the items in batches by id, so it needs the same memory for any size and can stop and go on.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Table, func, select

from archives.archive import Archive
from archives.items.slips import parted
from archives.keeping.as_now import GONE, bytes_of, changed_since, gone_since, keys_of
from archives.keeping.compared import (
    differs,
    document_differs,
    person_differs,
    record_differs,
    revision_differs,
)
from archives.keeping.file_notes import check_notes
from archives.keeping.finding import KeepingFinding
from archives.keeping.scanned import check_batches, check_pages
from archives.keeping.sealed_rows import check_words, opens
from archives.keeping.terms import check_terms
from archives.keys.bindings import (
    CONTENT,
    IDENTITY,
    REVISION,
    REVISION_REASON,
    SHEET,
)
from archives.store.tables import documents, facts, files, persons, records, revisions
from archives.store.tables_scans import scan_batches, scan_pages

BATCH = 200
Findings = Iterator[KeepingFinding]


def batch(archive: Archive, table: Table, after: int) -> Sequence[Any]:
    """The next rows behind an id."""
    with archive.data.reading() as connection:
        query = select(table).where(table.c.id > after).order_by(table.c.id).limit(BATCH)
        return connection.execute(query).all()


def check_documents(archive: Archive, rows: Sequence[Any]) -> Findings:
    """Blobs against their rows."""
    keys = keys_of(archive, (row.item_key for row in rows))
    for row in rows:
        if row.state not in GONE:
            found = list(_document(archive, row, keys.get(row.item_key)))
            if found and not gone_since(archive, documents, row.id):
                yield from found
    there = [row for row in rows if row.state not in GONE and row.item_key in keys]
    yield from check_words(archive, "document", {row.id: keys[row.item_key] for row in there})


def _document(archive: Archive, row: Any, key: bytes | None) -> Findings:
    place = f"#{row.id}"
    if key is None:
        yield KeepingFinding("document_key_missing", place)
        return
    sheet = None if row.sheet is None else opens(key, row.sheet, SHEET.of_row(row))
    if row.sheet is not None and sheet is None:
        yield KeepingFinding("sheet_changed", place)
    said = None if sheet is None else parted(sheet)[0]
    sealed = bytes_of(archive, row.blob)
    plain = None
    if sealed is None:
        yield KeepingFinding("blob_missing", place)
    else:
        # What was stored with a sheet does not open without it.
        plain = opens(key, sealed, CONTENT.before() if said is None else CONTENT.of())
        if plain is None or len(plain) != row.size or hashlib.sha256(plain).hexdigest() != row.sha256:
            yield KeepingFinding("blob_changed", place)
    if said is not None:
        yield from differs("document_differs", place, document_differs(row, said, plain))


def _facts_left(archive: Archive, rows: Sequence[Any]) -> Findings:
    """Facts of records that are destroyed: they went in the same act."""
    gone = [row.id for row in rows if row.state == "destroyed"]
    with archive.data.reading() as connection:
        query = select(facts.c.record_id).where(facts.c.record_id.in_(gone)).distinct()
        left = sorted(connection.execute(query).scalars())
    for number in left:
        yield KeepingFinding("tombstone_content", f"文书 #{number} ")


def check_records(archive: Archive, rows: Sequence[Any]) -> Findings:
    """Every revision of every record."""
    yield from _facts_left(archive, rows)
    keys = keys_of(archive, (row.item_key for row in rows))
    written: dict[int, list[Any]] = {}
    with archive.data.reading() as connection:
        query = select(revisions).where(revisions.c.record_id.in_([row.id for row in rows]))
        for revision in connection.execute(query.order_by(revisions.c.record_id, revisions.c.number)):
            written.setdefault(revision.record_id, []).append(revision)
    for row in rows:
        if row.state not in GONE:
            found = list(_record(archive, row, written.get(row.id, []), keys.get(row.item_key)))
            count = len(written.get(row.id, []))
            if found and not changed_since(archive, records, row) and _revisions(archive, row.id) == count:
                yield from found


def _revisions(archive: Archive, record: int) -> int:
    with archive.data.reading() as connection:
        query = select(func.count()).select_from(revisions).where(revisions.c.record_id == record)
        return int(connection.execute(query).scalar_one())


def _record(archive: Archive, row: Any, written: Sequence[Any], key: bytes | None) -> Findings:
    place = row.ref_code or f"#{row.id}"
    if key is None:
        yield KeepingFinding("record_key_missing", place)
        return
    if [revision.number for revision in written] != list(range(1, len(written) + 1)) or not written:
        yield KeepingFinding("record_empty" if not written else "revision_changed", place)
    said: list[Mapping[str, Any] | None] = []
    for revision in written:
        bound = REVISION_REASON.of_row(revision)
        why = revision.reason is None or opens(key, revision.reason, bound) is not None
        plain = opens(key, revision.payload, REVISION.of_row(revision))
        if plain is None or not why:
            yield KeepingFinding("revision_changed", f"{place} 第 {revision.number} 稿")
        slip = None if plain is None else parted(plain)[0]
        if slip is not None:
            columns = revision_differs(revision, slip)
            yield from differs("record_differs", f"{place} 第 {revision.number} 稿", columns)
        said.append(slip)
    yield from differs("record_differs", place, record_differs(archive, row, said))


def check_persons(archive: Archive, rows: Sequence[Any]) -> Findings:
    """Identity of every person, what was corrected in it, and why files were merged."""
    keys = keys_of(archive, (row.identity_key for row in rows))
    for row in rows:
        if row.state == "gone":
            continue
        found = list(_person(archive, row, keys.get(row.identity_key)))
        if (
            found
            and not changed_since(archive, persons, row)
            and not _forgotten_with(archive, row.merged_into)
        ):
            yield from found
    owners = {row.id: keys[row.identity_key] for row in rows if row.identity_key in keys}
    yield from check_words(archive, "person", owners)
    yield from check_terms(archive, rows)


def _person(archive: Archive, row: Any, key: bytes | None) -> Findings:
    place = f"#{row.id}"
    if key is None:
        yield KeepingFinding("person_key_missing", place)
        return
    plain = None if row.identity is None else opens(key, row.identity, IDENTITY.of_row(row))
    if plain is None:
        yield KeepingFinding("identity_changed", place)
        return
    yield from differs("person_differs", place, person_differs(archive, row, json.loads(plain)))


def _forgotten_with(archive: Archive, kept: int | None) -> bool:
    """Whether a merged person was forgotten together with the one who was kept."""
    seen: set[int] = set()
    with archive.data.reading() as connection:
        # Ends: nobody is looked at twice.
        while kept is not None and kept not in seen:
            seen.add(kept)
            query = select(persons.c.state, persons.c.merged_into).where(persons.c.id == kept)
            row = connection.execute(query).first()
            if row is None or row.state == "gone":
                return row is not None
            kept = row.merged_into
    return False


def check_files(archive: Archive, rows: Sequence[Any]) -> Findings:
    """The note key of every file, its notes against the hashes on the log, and all words under that key."""
    keys = keys_of(archive, (row.note_key for row in rows))
    for row in rows:
        lost = row.state != "destroyed" and row.note_key is not None and row.note_key not in keys
        if lost and not gone_since(archive, files, row.id):
            yield KeepingFinding("note_key_missing", f"#{row.id}")
    owners = {row.id: keys[row.note_key] for row in rows if row.note_key in keys}
    yield from check_notes(archive, owners)
    yield from check_words(archive, "file", owners)


Part = tuple[str, Table, Callable[[Archive, Sequence[Any]], Findings]]
PARTS: tuple[Part, ...] = (
    ("服务对象", persons, check_persons),
    ("案卷", files, check_files),
    ("文书", records, check_records),
    ("文件", documents, check_documents),
    ("扫描页", scan_pages, check_pages),
    ("扫描批次", scan_batches, check_batches),
)
"""(name shown, table, check of its rows) in the order they are gone through."""

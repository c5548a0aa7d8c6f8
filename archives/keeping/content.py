"""Checks of everything encrypted: each item is there, opens under its key, and is what was registered.

Goes through the items in batches by id, so it needs the same memory for any size and can stop and go on.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Table, func, select

from archives.archive import Archive
from archives.errors import ItemUnreadable
from archives.items.slips import parted
from archives.keeping.compared import (
    differs,
    document_differs,
    person_differs,
    record_differs,
    revision_differs,
)
from archives.keeping.finding import KeepingFinding
from archives.keeping.sealed_rows import check_words, opens, rows_of
from archives.keeping.terms import check_terms
from archives.keys.bindings import (
    CONTENT,
    IDENTITY,
    NOTE,
    PAGE,
    PART,
    REVISION,
    REVISION_REASON,
    SHEET,
)
from archives.store.item_keys import item_keys
from archives.store.tables import documents, facts, files, persons, records, revisions
from archives.store.tables_people import events, notes
from archives.store.tables_scans import scan_batches, scan_pages, scan_parts

BATCH = 200
_GONE = ("destroying", "destroyed")
Findings = Iterator[KeepingFinding]


def keys_of(archive: Archive, names: Iterable[str | None]) -> dict[str, bytes]:
    """The keys of these names that are there."""
    wanted = sorted({name for name in names if name})
    with archive.keys.database.reading() as connection:
        rows = connection.execute(select(item_keys.c.id, item_keys.c.key).where(item_keys.c.id.in_(wanted)))
        return {row.id: bytes(row.key) for row in rows}


def batch(archive: Archive, table: Table, after: int) -> Sequence[Any]:
    """The next rows behind an id."""
    with archive.data.reading() as connection:
        query = select(table).where(table.c.id > after).order_by(table.c.id).limit(BATCH)
        return connection.execute(query).all()


def check_documents(archive: Archive, rows: Sequence[Any]) -> Findings:
    """Blobs against their rows."""
    keys = keys_of(archive, (row.item_key for row in rows))
    for row in rows:
        if row.state not in _GONE:
            found = list(_document(archive, row, keys.get(row.item_key)))
            if found and not _gone_since(archive, documents, row.id):
                yield from found
    there = [row for row in rows if row.state not in _GONE and row.item_key in keys]
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
    sealed = _bytes(archive, row.blob)
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


def _bytes(archive: Archive, name: str | None) -> bytes | None:
    try:
        return None if name is None else archive.blobs.get(name)
    except ItemUnreadable:
        return None


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
        if row.state not in _GONE:
            found = list(_record(archive, row, written.get(row.id, []), keys.get(row.item_key)))
            count = len(written.get(row.id, []))
            if found and not _changed_since(archive, records, row) and _revisions(archive, row.id) == count:
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
            and not _changed_since(archive, persons, row)
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
        if lost and not _gone_since(archive, files, row.id):
            yield KeepingFinding("note_key_missing", f"#{row.id}")
    owners = {row.id: keys[row.note_key] for row in rows if row.note_key in keys}
    yield from _notes(archive, owners)
    yield from _notes_lost(archive, owners)
    yield from _notes_moved(archive, owners)
    yield from check_words(archive, "file", owners)


def _notes(archive: Archive, owners: Mapping[int, bytes]) -> Findings:
    told = _hashes(archive, owners)
    for key, row in rows_of(archive, NOTE, owners):
        same = hashlib.sha256(bytes(row.body)).hexdigest() == told.get(row.event_id)
        if same and opens(key, row.body, NOTE.of_row(row)) is not None:
            continue
        # A note may keep the key of the file it was written in, which was merged into this one.
        merged = keys_of(archive, _merged_keys(archive, row.file_id)).values()
        wrong = not same or all(opens(other, row.body, NOTE.of_row(row)) is None for other in merged)
        if wrong and not _taken(archive, row.event_id):
            yield KeepingFinding("note_changed", str(row.event_id))


def _notes_lost(archive: Archive, owners: Mapping[int, bytes]) -> Findings:
    """Events that told of a note which is not there; what was written about a destroyed item went with it."""
    query = (
        select(events.c.id, events.c.subject)
        .outerjoin(notes, notes.c.event_id == events.c.id)
        .where(events.c.chain.in_(owners), events.c.note_sha256.is_not(None), notes.c.event_id.is_(None))
        .order_by(events.c.id)
    )
    with archive.data.reading() as connection:
        lost = connection.execute(query).all()
    for row in lost:
        if not _subject_gone(archive, row.subject):
            yield KeepingFinding("note_missing", str(row.id))


def _notes_moved(archive: Archive, owners: Mapping[int, bytes]) -> Findings:
    """Notes that say another file than the chain of their event: they would go, or stay, with that file."""
    query = (
        select(events.c.id)
        .join(notes, notes.c.event_id == events.c.id)
        .where(events.c.chain.in_(owners), notes.c.file_id != events.c.chain)
        .order_by(events.c.id)
    )
    with archive.data.reading() as connection:
        moved = connection.execute(query).scalars().all()
    for event in moved:
        yield KeepingFinding("note_moved", str(event))


def _subject_gone(archive: Archive, subject: str) -> bool:
    kind, _, number = subject.partition(":")
    table = {"record": records, "document": documents, "file": files}.get(kind)
    return table is not None and number.isdecimal() and _gone_since(archive, table, int(number))


def _hashes(archive: Archive, owners: Mapping[int, bytes]) -> dict[int, str]:
    query = (
        select(events.c.id, events.c.note_sha256)
        .join(notes, notes.c.event_id == events.c.id)
        .where(notes.c.file_id.in_(owners))
    )
    with archive.data.reading() as connection:
        return {row.id: row.note_sha256 for row in connection.execute(query)}


def _merged_keys(archive: Archive, file_id: int) -> Sequence[str]:
    """Names of the note keys of the files whose persons were found to be this file's."""
    kept = persons.alias("kept")
    own = files.alias("own")
    query = (
        select(files.c.note_key)
        .join(persons, persons.c.id == files.c.person_id)
        .join(kept, kept.c.id == persons.c.merged_into)
        .join(own, own.c.person_id == kept.c.id)
        .where(own.c.id == file_id, files.c.note_key.is_not(None))
    )
    with archive.data.reading() as connection:
        return connection.execute(query).scalars().all()


def _taken(archive: Archive, event: int) -> bool:
    """Whether a disposal took the note while the check was reading."""
    with archive.data.reading() as connection:
        return connection.execute(select(notes.c.event_id).where(notes.c.event_id == event)).first() is None


def _gone_since(archive: Archive, table: Table, row_id: int) -> bool:
    """Whether a disposal took it while the check was reading."""
    with archive.data.reading() as connection:
        state = connection.execute(select(table.c.state).where(table.c.id == row_id)).scalar()
    return state in (*_GONE, "gone")


def _changed_since(archive: Archive, table: Table, row: Any) -> bool:
    """Whether an act changed it while the check was reading: the next check sees it as it is then."""
    with archive.data.reading() as connection:
        now = connection.execute(select(table).where(table.c.id == row.id)).first()
    return bool(now != row)


def check_pages(archive: Archive, rows: Sequence[Any]) -> Findings:
    """Scanned pages that have bytes of their own."""
    keys = keys_of(archive, (row.item_key for row in rows))
    for row in rows:
        if row.blob is None:
            continue
        sealed, key = _bytes(archive, row.blob), keys.get(row.item_key)
        plain = opens(key, sealed, PAGE.of_row(row)) if key is not None and sealed is not None else None
        if plain is not None and hashlib.sha256(plain).hexdigest() == row.sha256:
            continue
        if not _on_its_way_out(archive, row.id):
            yield KeepingFinding("scan_page", f"#{row.id}")
    owners = {row.id: keys[row.item_key] for row in rows if row.item_key in keys}
    yield from check_words(archive, "page", owners)


def _on_its_way_out(archive: Archive, page: int) -> bool:
    """Whether a page's own copy goes, key first: filed, or its batch cleared, its record destroyed."""
    with archive.data.reading() as connection:
        query = (
            select(scan_pages.c.blob, scan_pages.c.item_key, scan_pages.c.state, scan_batches.c.balanced_at,
                   scan_batches.c.item_key.label("copy"), documents.c.state.label("of"))
            .join(scan_batches, scan_batches.c.id == scan_pages.c.batch_id)
            .outerjoin(documents, documents.c.id == scan_pages.c.print_document)
            .where(scan_pages.c.id == page)
        )  # fmt: skip
        row = connection.execute(query).first()
    if row is None or row.blob is None:
        return True
    if archive.keys.has([row.item_key]):
        return False
    cleared = row.balanced_at is not None and (row.copy is None or not archive.keys.has([row.copy]))
    return row.state == "filed" or cleared or row.of in _GONE


def check_batches(archive: Archive, rows: Sequence[Any]) -> Findings:
    """The account of every batch, and the copy of its file in quarantine."""
    keys = keys_of(archive, (row.item_key for row in rows))
    for row in rows:
        with archive.data.reading() as connection:
            count = select(func.count()).select_from(scan_pages).where(scan_pages.c.batch_id == row.id)
            pages = connection.execute(count).scalar_one()
            query = select(scan_parts).where(scan_parts.c.batch_id == row.id).order_by(scan_parts.c.number)
            parts = connection.execute(query).all()
        if row.pages_in is not None and pages != row.pages_in:
            yield KeepingFinding("scan_ledger", f"{row.id}")
        if row.item_key is None or row.state == "receiving":
            continue
        if not _whole(archive, keys.get(row.item_key), parts, row.sha256) and not _cleared(archive, row.id):
            yield KeepingFinding("scan_copy", f"{row.id}")


def _whole(archive: Archive, key: bytes | None, parts: Sequence[Any], sha256: str) -> bool:
    digest = hashlib.sha256()
    for part in parts:
        sealed = _bytes(archive, part.blob)
        plain = opens(key, sealed, PART.of_row(part)) if key is not None and sealed is not None else None
        if plain is None:
            return False
        digest.update(plain)
    return digest.hexdigest() == sha256


def _cleared(archive: Archive, batch_id: int) -> bool:
    """Whether its copy was destroyed, or is being destroyed: the key goes first."""
    with archive.data.reading() as connection:
        query = select(scan_batches.c.item_key, scan_batches.c.balanced_at).where(
            scan_batches.c.id == batch_id
        )
        row = connection.execute(query).first()
    if row is None:
        return False
    gone = row.item_key is None or not archive.keys.has([row.item_key])
    return gone and row.balanced_at is not None


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

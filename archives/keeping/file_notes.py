"""Checks of the notes of files: each is there, opens, and is what its event told of."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence

from sqlalchemy import select

from archives.archive import Archive
from archives.keeping.as_now import gone_since, keys_of
from archives.keeping.finding import KeepingFinding
from archives.keeping.sealed_rows import opens, rows_of
from archives.keys.bindings import NOTE
from archives.store.tables import documents, files, persons, records
from archives.store.tables_people import events, notes

Findings = Iterator[KeepingFinding]


def check_notes(archive: Archive, owners: Mapping[int, bytes]) -> Findings:
    """The notes of these files (file → note key)."""
    yield from _notes(archive, owners)
    yield from _notes_lost(archive, owners)
    yield from _notes_moved(archive, owners)


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
    return table is not None and number.isdecimal() and gone_since(archive, table, int(number))


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

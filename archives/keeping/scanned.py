"""Checks of what was scanned: each page's own copy, each batch's account and its file in quarantine."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import func, select

from archives.archive import Archive
from archives.keeping.as_now import GONE, bytes_of, keys_of
from archives.keeping.finding import KeepingFinding
from archives.keeping.sealed_rows import check_words, opens
from archives.keys.bindings import PAGE, PART
from archives.store.tables import documents
from archives.store.tables_scans import scan_batches, scan_pages, scan_parts

Findings = Iterator[KeepingFinding]


def check_pages(archive: Archive, rows: Sequence[Any]) -> Findings:
    """Scanned pages that have bytes of their own."""
    keys = keys_of(archive, (row.item_key for row in rows))
    for row in rows:
        if row.blob is None:
            continue
        sealed, key = bytes_of(archive, row.blob), keys.get(row.item_key)
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
    return row.state == "filed" or cleared or row.of in GONE


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
        sealed = bytes_of(archive, part.blob)
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

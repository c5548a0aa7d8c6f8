"""Copies of a record's scanned pages outside its documents: pages that wait, and quarantined files.

When the record is destroyed they are destroyed with it: its own pages one by one, a quarantined file that
holds any of them as a whole (its other pages have copies of their own).
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, delete, select, update

from archives.archive import Unit
from archives.store.tables import documents
from archives.store.tables_scans import (
    scan_batches,
    scan_pages,
    scan_parts,
    scan_questions,
    scan_separators,
)


def _papers(record_id: int) -> Select[tuple[int]]:
    return select(documents.c.id).where(documents.c.record_id == record_id)


def _own(record_id: int) -> Any:
    papers = _papers(record_id)
    sheets = select(scan_separators.c.print_id).where(scan_separators.c.record_id == record_id)
    behind = scan_pages.c.print_id.in_(sheets)
    return scan_pages.c.print_document.in_(papers) | scan_pages.c.filed_as.in_(papers) | behind


def _files(record_id: int) -> Select[tuple[int]]:
    return select(scan_pages.c.batch_id).where(_own(record_id))


def copied_keys(unit: Unit, record_id: int) -> list[str]:
    """Names of the keys of these copies."""
    pages = select(scan_pages.c.item_key).where(_own(record_id), scan_pages.c.item_key.is_not(None))
    files = select(scan_batches.c.item_key).where(
        scan_batches.c.id.in_(_files(record_id)), scan_batches.c.item_key.is_not(None)
    )
    return [*unit.execute(pages).scalars(), *unit.execute(files).scalars()]


def copied_blobs(unit: Unit, record_id: int) -> list[str]:
    """Names of the blobs of these copies."""
    pages = select(scan_pages.c.blob).where(_own(record_id), scan_pages.c.blob.is_not(None))
    files = select(scan_parts.c.blob).where(scan_parts.c.batch_id.in_(_files(record_id)))
    return [*unit.execute(pages).scalars(), *unit.execute(files).scalars()]


def forget_copies(unit: Unit, record_id: int) -> None:
    """Their rows say that nothing is there; the account of pages stays, and what waited waits for nobody."""
    gone: dict[str, Any] = {"blob": None, "item_key": None, "reading": None}
    unit.execute(delete(scan_parts).where(scan_parts.c.batch_id.in_(_files(record_id))))
    unit.execute(update(scan_batches).where(scan_batches.c.id.in_(_files(record_id))).values(item_key=None))
    unit.execute(update(scan_pages).where(_own(record_id)).values(gone))
    unit.execute(
        update(scan_pages)
        .where(_own(record_id), scan_pages.c.state.in_(("waiting", "duplicate")))
        .values(state="rejected", reason="destroyed", settled_at=unit.at)
    )
    unit.execute(
        update(scan_questions).where(scan_questions.c.document_id.in_(_papers(record_id))).values(body=None)
    )

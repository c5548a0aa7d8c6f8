"""Quarantine: the encrypted copy of an incoming file, and how everything nobody filed is destroyed.

The copy lies in pieces, so that memory does not grow with the file.  Its key goes first: what has no key is
destroyed, and each further step may be repeated after a crash.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import delete, insert, select, update

from archives.archive import Archive, Unit
from archives.clock.reference import NotByTime, Reference
from archives.errors import DateUnconfirmed, ItemUnreadable, StateForbids, StoreUnusable
from archives.keys.bindings import PART
from archives.ports import Actor
from archives.scans.batches import QUARANTINE_DAYS, Batch, balance, batches
from archives.scans.blanks import batches_with_unseen, begin_clearing
from archives.scans.only_copies import ask_about_only_copies, only_copies
from archives.store.tables_scans import scan_batches, scan_pages, scan_parts

PART_BYTES: Final = 8_000_000


def parts_there(unit: Unit, batch: int) -> int:
    """How many pieces are stored; a file interrupted goes on behind the last."""
    query = select(scan_parts.c.number).where(scan_parts.c.batch_id == batch).order_by(scan_parts.c.number)
    numbers = list(unit.execute(query).scalars())
    return len(numbers)


def store_part(archive: Archive, batch: int, item_key: str, number: int, content: bytes) -> str:
    """Make piece ``number`` (from 1) of a batch durable; returns its blob.  Raises StoreUnusable."""
    bound = PART.of(batch_id=batch, number=number)
    return archive.blobs.put(archive.encrypt(archive.keys.get(item_key), content, bound))


def add_part(unit: Unit, batch: int, number: int, blob: str) -> None:
    """Put a stored piece into the batch."""
    unit.execute(insert(scan_parts), {"batch_id": batch, "number": number, "blob": blob})


def original(archive: Archive, unit: Unit, batch: Batch) -> Iterator[bytes]:
    """The incoming file piece by piece; the last check is its hash.

    Raises ItemUnreadable (destroyed, or not as it came in).
    """
    if batch.item_key is None:
        raise ItemUnreadable(f"第 {batch.id} 批的原文件副本已到期销毁。", hint="各页见所归入的档案。")
    key, digest = archive.keys.get(batch.item_key), hashlib.sha256()
    query = select(scan_parts).where(scan_parts.c.batch_id == batch.id).order_by(scan_parts.c.number)
    from archives.keys.suite import decrypt

    for row in unit.execute(query).all():
        content = decrypt(key, archive.blobs.get(row.blob), PART.of_row(row))
        digest.update(content)
        yield content
    if digest.hexdigest() != batch.sha256:
        raise ItemUnreadable(f"第 {batch.id} 批的原文件副本与登记的校验值不符。")


def release_filed(archive: Archive, actor: Actor) -> int:
    """Destroy the waiting copies of pages that are part of a document; returns how many.

    Raises StoreUnusable; whatever is left is done the next time.
    """
    filed = (scan_pages.c.state == "filed", scan_pages.c.blob.is_not(None))
    with archive.looking(actor) as unit:
        rows = unit.execute(
            select(scan_pages.c.id, scan_pages.c.blob, scan_pages.c.item_key).where(*filed)
        ).all()
    _destroy(archive, [row.item_key for row in rows], [row.blob for row in rows])
    if rows:
        with archive.acting("scan.release", actor) as unit:
            unit.execute(
                update(scan_pages)
                .where(scan_pages.c.id.in_([row.id for row in rows]))
                .values(blob=None, item_key=None, reading=None)
            )
    return len(rows)


def balance_all(archive: Archive, actor: Actor) -> None:
    """Close the account of every batch in which nothing waits.  Raises StoreUnusable."""
    with archive.looking(actor) as unit:
        done = [one.id for one in batches(unit, "open") if not _waits(unit, one.id)]
    if done:
        with archive.acting("scan.balance", actor) as unit:
            for batch in done:
                balance(unit, batch)


def due(unit: Unit, reference: Reference) -> list[Batch]:
    """Balanced batches whose copy in quarantine has to go today, or has lost its key before a crash.

    A page that was taken back to waiting keeps its batch until it is settled, and a blank page nobody looked
    at keeps it until somebody did.
    """
    unseen = {one.batch for one in batches_with_unseen(unit)}
    balanced = batches(unit, "balanced")
    there = unit.archive.keys.has(one.item_key for one in balanced if one.item_key is not None)
    return [
        one
        for one in balanced
        if (_waited(one, reference) and one.id not in unseen)
        or (one.item_key is not None and one.item_key not in there)
        if not _waits(unit, one.id)
    ]


def _waited(batch: Batch, reference: Reference) -> bool:
    balanced = batch.balanced_at
    return balanced is not None and reference.waited(datetime.fromisoformat(balanced), QUARANTINE_DAYS)


def clear(archive: Archive, actor: Actor, batch: Batch) -> None:
    """Destroy what is left of a balanced batch: the file's copy and the pages nobody filed.

    Raises StateForbids (a page waits again, nobody looked at a blank one), DateUnconfirmed, StoreUnusable; a
    further run goes on.
    """
    with archive.acting("scan.clearing", actor) as unit:
        reference = unit.reference()
        unit.execute(select(scan_batches.c.id).where(scan_batches.c.id == batch.id).with_for_update())
        if _waits(unit, batch.id) or _only_copies_in(unit, batch.id):
            raise StateForbids(
                f"第 {batch.id} 批又有页待处理，不能清除。", hint="请先处理：kangdang scan queue。"
            )
        begin_clearing(unit, batch.id)
        kept = unit.execute(
            select(scan_pages.c.blob, scan_pages.c.item_key).where(
                scan_pages.c.batch_id == batch.id, scan_pages.c.blob.is_not(None)
            )
        ).all()
        parts = (
            unit.execute(select(scan_parts.c.blob).where(scan_parts.c.batch_id == batch.id)).scalars().all()
        )
        # Inside the act: nobody takes a page back to waiting between the look and the end of its key.
        keys = [row.item_key for row in kept] + ([batch.item_key] if batch.item_key else [])
        archive.keys.destroy(keys, reference, journal=False)
    archive.keys.database.truncate_journal()
    archive.blobs.remove_all([*(row.blob for row in kept), *parts])
    with archive.acting("scan.clear", actor) as unit:
        unit.execute(delete(scan_parts).where(scan_parts.c.batch_id == batch.id))
        unit.execute(
            update(scan_pages)
            .where(scan_pages.c.batch_id == batch.id)
            .values(blob=None, item_key=None, reading=None)
        )
        unit.execute(
            update(scan_batches)
            .where(scan_batches.c.id == batch.id)
            .values(state="cleared", item_key=None, cleared_at=unit.at)
        )
        unit.log("scan.clear", f"scan:{batch.id}", detail={"sha256": batch.sha256, "pages": len(kept)})
    archive.data.truncate_journal()


def _waits(unit: Unit, batch: int) -> bool:
    query = select(scan_pages.c.id).where(scan_pages.c.batch_id == batch, scan_pages.c.state == "waiting")
    return unit.execute(query.limit(1)).first() is not None


def _only_copies_in(unit: Unit, batch: int) -> bool:
    """Whether destroying the batch would destroy the last picture of a page of ours."""
    found = only_copies(unit)
    query = select(scan_pages.c.id).where(scan_pages.c.batch_id == batch, scan_pages.c.id.in_(found))
    return bool(found) and unit.execute(query.limit(1)).first() is not None


def _destroy(archive: Archive, keys: Sequence[str], blobs: Sequence[str]) -> None:
    if keys:
        archive.keys.destroy(keys, NotByTime.FILED)
    archive.blobs.remove_all(blobs)


def clear_scans(archive: Archive, actor: Actor) -> None:
    """What is due without anybody deciding: accounts nothing waits for, copies of filed pages, of old files.

    Trouble (a read-only folder, a reader that keeps the journal) keeps nobody from opening the station; what
    is left is done the next time.
    """
    with contextlib.suppress(StoreUnusable, DateUnconfirmed):  # without a date, what is old waits too
        archive.settle_clock(actor)
        release_filed(archive, actor)
        ask_about_only_copies(archive, actor)
        balance_all(archive, actor)
        with archive.looking(actor) as unit:
            batches_due = due(unit, unit.reference())
        for batch in batches_due:
            with contextlib.suppress(StateForbids):  # somebody took a page back this very moment
                clear(archive, actor, batch)

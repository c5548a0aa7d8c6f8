"""Files set aside while they are received, and which batch holds whole what another one took unfinished.

A scanner that had a file open may write on after it was taken.  Then the file is received again whole, as a
batch of its own, and the first one points to it.
"""

from __future__ import annotations

from sqlalchemy import insert, select

from archives.archive import Unit
from archives.scans.batches import Batch, batch_facts, begin, complete
from archives.store.tables_scans import scan_set_aside, scan_successors


def batch_of_tag(unit: Unit, tag: str) -> Batch | None:
    """The last batch that was received from the file with this tag."""
    query = select(scan_set_aside.c.batch_id).where(scan_set_aside.c.tag == tag)
    last = unit.execute(query.order_by(scan_set_aside.c.batch_id.desc()).limit(1)).scalar()
    return batch_facts(unit, last) if last is not None else None


def begin_aside(unit: Unit, tag: str, sha256: str, size: int, item_key: str) -> Batch:
    """Take in a file that lies aside, as ``begin`` does.

    When its content is another than the last time, the batch of then says so, and what of it had not come in
    is not waited for: its pages so far are its account.  Raises AlreadyThere.
    """
    last = batch_of_tag(unit, tag)
    batch = begin(unit, sha256, size, item_key)
    known = select(scan_set_aside.c.batch_id).where(scan_set_aside.c.batch_id == batch.id)
    if unit.execute(known).first() is None:
        unit.execute(insert(scan_set_aside), {"batch_id": batch.id, "tag": tag, "at": unit.at})
    if last is not None and last.id != batch.id:
        if last.id not in successors(unit):
            row = {"batch_id": last.id, "by_batch": batch.id, "at": unit.at}
            unit.execute(insert(scan_successors), row)
        if last.state == "receiving":
            complete(unit, last.id)
    return batch


def successors(unit: Unit) -> dict[int, int]:
    """Batch that took an unfinished file → the batch that took it last."""
    rows = unit.execute(select(scan_successors.c.batch_id, scan_successors.c.by_batch)).all()
    next_one = {int(row.batch_id): int(row.by_batch) for row in rows}
    return {first: _last(next_one, first) for first in next_one}


def _last(next_one: dict[int, int], batch: int) -> int:
    seen = {batch}
    # Ends: no batch is passed twice.
    while (later := next_one.get(batch)) is not None and later not in seen:
        seen.add(later)
        batch = later
    return batch

"""Marks of documents and incoming files that hold a program and were kept all the same."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import insert, select

from archives.archive import Unit
from archives.store.tables_programs import batch_programs, document_programs


def mark_document(unit: Unit, document_id: int, kinds: Sequence[str]) -> None:
    """Say what a document holds, in the act that files it."""
    row = {"document_id": document_id, "kinds": ",".join(kinds), "at": unit.at, "by": unit.staff()}
    unit.execute(insert(document_programs), row)


def mark_batch(unit: Unit, batch_id: int, kinds: Sequence[str]) -> None:
    """Say what an incoming file holds; one that goes on being received is marked once."""
    there = select(batch_programs.c.batch_id).where(batch_programs.c.batch_id == batch_id)
    if unit.execute(there).first() is None:
        row = {"batch_id": batch_id, "kinds": ",".join(kinds), "at": unit.at, "by": unit.staff()}
        unit.execute(insert(batch_programs), row)


def marked(unit: Unit, documents: Iterable[int]) -> dict[int, tuple[str, ...]]:
    """Document → the kinds of programs it holds; those without a mark are left out."""
    wanted, found = sorted(set(documents)), {}
    for start in range(0, len(wanted), 500):
        part = document_programs.c.document_id.in_(wanted[start : start + 500])
        for row in unit.execute(select(document_programs).where(part)):
            found[row.document_id] = tuple(row.kinds.split(","))
    return found


def marked_batches(unit: Unit) -> dict[int, tuple[str, ...]]:
    """Batch → the kinds of programs its incoming file holds."""
    return {row.batch_id: tuple(row.kinds.split(",")) for row in unit.execute(select(batch_programs))}

"""Everything after the keys of an item are gone, and recovery: each step may be repeated, none goes back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from archives.archive import Archive
from archives.disposal import erasure
from archives.disposal.forgetting import forget_emptied
from archives.disposal.lists import entries, list_facts
from archives.disposal.rehearsal import Stay
from archives.errors import ArchiveError
from archives.items.ending import keys_gone, lock_item, mark_destroying
from archives.ports import Actor
from archives.store.tables_duties import disposal_items, disposal_lists


@dataclass
class Progress:
    """What a run did.  ``unfinished``: (档号, sentence) of what lost its keys and is not proved gone yet."""

    destroyed: list[str] = field(default_factory=list)
    stayed: list[Stay] = field(default_factory=list)
    unfinished: list[tuple[str, str]] = field(default_factory=list)


def recover(archive: Archive, actor: Actor) -> Progress:
    """After a crash: what had lost its keys is destroyed to the end, everything else is untouched.

    Trouble with one item (a folder that is read-only, a reader that keeps the journal) is told in
    ``unfinished`` and keeps nobody from opening the station.
    """
    progress = Progress()
    for list_id in _under_way(archive):
        for record_id in _lost(archive, actor, list_id):
            _roll_forward(archive, actor, list_id, record_id, progress)
        complete(archive, actor, list_id, progress)
    try:
        forget_emptied(archive, actor)
    except ArchiveError as error:
        progress.unfinished.append(("", error.message))
    return progress


def _under_way(archive: Archive) -> Sequence[int]:
    with archive.data.reading() as connection:
        query = select(disposal_lists.c.id).where(disposal_lists.c.state == "executing")
        return list(connection.execute(query).scalars())


def _lost(archive: Archive, actor: Actor, list_id: int) -> list[int]:
    with archive.looking(actor) as unit:
        return [row.record_id for row in entries(unit, list_id, "listed") if keys_gone(unit, row.record_id)]


def _roll_forward(archive: Archive, actor: Actor, list_id: int, record_id: int, progress: Progress) -> None:
    try:
        with archive.acting("disposal.recover", actor) as unit:
            lock_item(unit, record_id)
            rows = entries(unit, list_id, "listed")
            if any(row.record_id == record_id for row in rows) and keys_gone(unit, record_id):
                mark_destroying(unit, list_id, record_id)
    except IntegrityError:
        # Something the guards refuse was put there past the program (a hold by plain SQL): for people to see.
        with archive.looking(actor) as unit:
            row = next(row for row in entries(unit, list_id) if row.record_id == record_id)
        progress.unfinished.append(
            (row.ref_code, "密钥已删除，但数据库不接受登记销毁；请运行 kangdang check 查明原因。")
        )


def complete(archive: Archive, actor: Actor, list_id: int, progress: Progress) -> None:
    """Finish what is `destroying`, forget persons of whom nothing remains, close the list."""
    erased: list[tuple[int, str]] = []
    for record_id, ref_code in _destroying(archive, list_id):
        with _telling(progress, ref_code):
            _erase(archive, actor, record_id)
            erased.append((record_id, ref_code))
    emptied = not erased
    with _telling(progress, erased[0][1] if erased else ""):
        if erased:
            archive.data.truncate_journal()
            archive.keys.database.truncate_journal()
            emptied = True
    for record_id, ref_code in erased if emptied else ():
        with _telling(progress, ref_code):
            _prove(archive, actor, list_id, record_id, progress)
    with _telling(progress, ""):
        forget_emptied(archive, actor)
    _close(archive, actor, list_id)


@contextmanager
def _telling(progress: Progress, ref_code: str) -> Iterator[None]:
    """Trouble with one item is told and stops nothing else."""
    try:
        yield
    except ArchiveError as error:
        progress.unfinished.append((ref_code, error.message))


def _destroying(archive: Archive, list_id: int) -> list[tuple[int, str]]:
    with archive.data.reading() as connection:
        query = (
            select(disposal_items.c.record_id, disposal_items.c.ref_code)
            .where(disposal_items.c.list_id == list_id, disposal_items.c.state == "destroying")
            .order_by(disposal_items.c.position)
        )
        return [(row.record_id, row.ref_code) for row in connection.execute(query)]


def _erase(archive: Archive, actor: Actor, record_id: int) -> None:
    with archive.looking(actor) as unit:
        blobs = erasure.blobs_of(unit, record_id)
    erasure.remove_blobs(archive, blobs)
    with archive.acting("disposal.erase", actor) as unit:
        lock_item(unit, record_id)  # two who finish one list at once take their turn, rows in any order
        erasure.remove_rows(unit, record_id)


def _prove(archive: Archive, actor: Actor, list_id: int, record_id: int, progress: Progress) -> None:
    with archive.acting("disposal.destroyed", actor) as unit:
        lock_item(unit, record_id)
        proved = erasure.mark_destroyed(unit, list_id, record_id)
    if proved is not None:
        progress.destroyed.append(proved)


def _close(archive: Archive, actor: Actor, list_id: int) -> None:
    with archive.acting("disposal.close", actor) as unit:
        facts = list_facts(unit, list_id)
        if facts.state != "executing" or entries(unit, list_id, "listed", "destroying"):
            return
        unit.execute(
            update(disposal_lists).where(disposal_lists.c.id == list_id).values(state="done", done_at=unit.at)
        )
        unit.log(
            "disposal.complete", f"disposal:{list_id}",
            detail={"items": len(entries(unit, list_id, "destroyed")), "list_sha256": facts.list_sha256},
        )  # fmt: skip

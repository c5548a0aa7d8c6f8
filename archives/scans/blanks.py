"""Blank pages: what the program took for blank is destroyed only after a person has looked at it.

A page counts as seen when a person settled it, or looked at it and said that it is blank.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Select, func, insert, select, update

from archives.archive import Unit
from archives.errors import ListChanged, StateForbids
from archives.scans.batches import batch_facts
from archives.scans.pages import PageFacts, pages_in
from archives.store.tables_scans import scan_batches, scan_blank_looks, scan_clearings, scan_pages

_MOST_TEXT: Final = 60
"""Letters of page numbers in one event."""


@dataclass(frozen=True, slots=True)
class UnseenBlanks:
    """A batch with blank pages nobody looked at."""

    batch: int
    pages: int


def _of(query: Select[Any]) -> Select[Any]:
    return query.where(
        scan_pages.c.state == "blank",
        scan_pages.c.settled_by.is_(None),
        scan_pages.c.id.not_in(select(scan_blank_looks.c.page_id)),
    )


def unseen_blanks(unit: Unit, batch: int) -> list[PageFacts]:
    """Blank pages of a batch nobody looked at, in the order of the file."""
    there = set(
        unit.execute(_of(select(scan_pages.c.id).where(scan_pages.c.batch_id == batch))).scalars().all()
    )
    return [page for page in pages_in(unit, batch) if page.id in there] if there else []


def batches_with_unseen(unit: Unit) -> list[UnseenBlanks]:
    """Every batch that is in and has blank pages nobody looked at, the first first."""
    query = _of(
        select(scan_pages.c.batch_id, func.count().label("pages"))
        .join(scan_batches, scan_batches.c.id == scan_pages.c.batch_id)
        .where(scan_batches.c.state.in_(("open", "balanced")))
    )
    rows = unit.execute(query.group_by(scan_pages.c.batch_id).order_by(scan_pages.c.batch_id))
    return [UnseenBlanks(row.batch_id, int(row.pages)) for row in rows]


def pages_digest(pages: Iterable[PageFacts]) -> str:
    """What stands for exactly these pages, in hex: who confirms says which ones were looked at."""
    told = "\n".join(f"{page.id} {page.sha256}" for page in sorted(pages, key=lambda one: one.id))
    return hashlib.sha256(told.encode()).hexdigest()


def mark_seen(unit: Unit, batch: int, pages: Sequence[PageFacts]) -> None:
    """A person looked at these blank pages, and they are blank; how many and which is on the log.

    Raises StateForbids (the batch is still coming in, or cleared), ListChanged (others than were looked at).
    """
    unit.execute(select(scan_batches.c.id).where(scan_batches.c.id == batch).with_for_update())
    if batch_facts(unit, batch).state not in ("open", "balanced"):
        raise StateForbids(f"第 {batch} 批还没有接收完，或已清除。")
    now = {page.id for page in unseen_blanks(unit, batch)}
    if not now.issuperset(page.id for page in pages):
        raise ListChanged(
            "看过之后这一批的空白页有变化，没有登记。", hint=f"请重新查看：kangdang scan blanks {batch}。"
        )
    for part in _parts([page.id for page in pages]):
        unit.log("scan.blanks", f"scan:{batch}", detail={"count": len(part), "numbers": number_runs(part)})
        event = unit.put_down()
        unit.execute(
            insert(scan_blank_looks),
            [{"page_id": page, "by": unit.staff(), "at": unit.at, "event_id": event} for page in part],
        )


def number_runs(numbers: Iterable[int]) -> str:
    """Numbers in short: ``2-4 7 9``."""
    told: list[list[int]] = []
    for number in sorted(numbers):
        if told and told[-1][-1] == number - 1:
            told[-1].append(number)
        else:
            told.append([number])
    return " ".join(f"{run[0]}-{run[-1]}" if len(run) > 1 else f"{run[0]}" for run in told)


def _parts(numbers: Sequence[int]) -> Iterator[list[int]]:
    """As many numbers together as one event can name."""
    part: list[int] = []
    for number in sorted(numbers):
        if part and len(number_runs([*part, number])) > _MOST_TEXT:
            yield part
            part = []
        part.append(number)
    if part:
        yield part


def require_seen(unit: Unit, batch: int) -> None:
    """Somebody looked at every blank page of the batch.  Raises StateForbids."""
    if left := unseen_blanks(unit, batch):
        raise StateForbids(
            f"第 {batch} 批有 {len(left)} 页空白还没有人看过，不能清除。",
            hint=f"请先查看：kangdang scan blanks {batch}。",
        )


def begin_clearing(unit: Unit, batch: int) -> None:
    """The batch is being cleared from here on.  Raises StateForbids: nobody looked at some blank page.

    The guards of the database say the same.
    """
    known = select(scan_clearings.c.batch_id).where(scan_clearings.c.batch_id == batch)
    if unit.execute(known).first() is not None:
        return
    _without_picture(unit, batch)
    require_seen(unit, batch)
    unit.execute(insert(scan_clearings), {"batch_id": batch, "at": unit.at})


def _without_picture(unit: Unit, batch: int) -> None:
    """A clearing begun before blank pages had to be seen is ended; the account says that nobody saw them."""
    copy, keys = batch_facts(unit, batch).item_key, unit.archive.keys
    if copy is not None and keys.has([copy]):
        return
    left = unseen_blanks(unit, batch)
    there = keys.has(page.item_key for page in left if page.item_key is not None)
    gone = [page for page in left if page.item_key not in there]
    if not gone:
        return
    unit.execute(
        update(scan_pages)
        .where(scan_pages.c.id.in_([page.id for page in gone]))
        .values(state="rejected", reason="gone_unseen", settled_at=unit.at)
    )
    for page in gone:
        unit.log(
            "scan.gone", f"page:{page.id}",
            detail={
                "scan": batch, "number": page.number, "state_before": "blank", "state_after": "rejected",
                "reason": "gone_unseen",
            },
        )  # fmt: skip

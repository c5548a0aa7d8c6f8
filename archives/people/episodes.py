"""Which volumes (分卷) of a file are closed to reading and writing: decided per volume, not per file.

A volume is closed once it was filed away, and also when its episode is over and another one has taken its
place.  The last volume of a file that is not filed away yet is open: somebody has still to complete it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from archives.archive import Unit
from archives.errors import StateForbids
from archives.people.files import current_volume, running_first
from archives.store.tables import volumes
from archives.store.tables_people import events


@dataclass(frozen=True, slots=True)
class Episode:
    """One volume, as far as reading asks."""

    id: int
    number: int
    closed: bool


def episodes(rows: Iterable[Any]) -> tuple[Episode, ...]:
    """The volumes of one file (rows of ``volumes``), each open or closed.  Pure."""
    found = list(rows)
    if not found:
        return ()
    last = max(found, key=running_first).id
    return tuple(
        Episode(row.id, row.number, row.pages_frozen_at is not None or (_over(row) and row.id != last))
        for row in sorted(found, key=lambda row: int(row.number))
    )


def _over(row: Any) -> bool:
    return row.closed_on is not None or row.outcome is not None


def episodes_of(unit: Unit, file_id: int) -> tuple[Episode, ...]:
    """The volumes of a file in their order; none in a series."""
    return episodes(unit.execute(select(volumes).where(volumes.c.file_id == file_id)).all())


def require_open_volume(unit: Unit, file_id: int, volume_id: int | None) -> None:
    """A volume whose items can be changed.  Raises StateForbids."""
    for one in episodes_of(unit, file_id):
        if one.id == volume_id and one.closed:
            raise StateForbids(
                f"这一件在已经结束的第 {one.number} 卷中，内容不能改动。",
                hint="补充的情况请用 kangdang record add 写入本次服务的这一卷。",
            )


def volume_of_loose(unit: Unit, file_id: int, at: str) -> int | None:
    """The volume a paper without record came into at that moment; None when only the whole file can say.

    It belongs to the running volume when it came after the act that began it (a reopening, a merger).
    """
    began = unit.execute(
        select(events.c.at)
        .where(
            events.c.chain == file_id,
            events.c.action.in_(("file.reopen", "file.merge")),
            events.c.result == "ok",
        )
        .order_by(events.c.id.desc())
        .limit(1)
    ).scalar()
    return int(current_volume(unit, file_id).id) if began is not None and at > began else None

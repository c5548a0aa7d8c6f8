"""Holds (冻结): while one is open nothing of the file, or of the record, is destroyed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from sqlalchemy import insert, select, update

from archives.archive import Unit
from archives.errors import InputRefused, NotFound, StateForbids
from archives.items.ending import settle_lost
from archives.items.records import record_facts
from archives.keys.bindings import HOLD_NOTE
from archives.people.files import file_facts
from archives.people.naming import clean
from archives.store.next_id import next_id
from archives.store.tables import files, holds

HoldReason = Literal["litigation", "complaint", "audit", "accident", "rights_request", "other"]
REASONS: dict[str, str] = {
    "litigation": "诉讼",
    "complaint": "投诉",
    "audit": "审计",
    "accident": "事故调查",
    "rights_request": "权利请求办理中",
    "other": "其他",
}


@dataclass(frozen=True, slots=True)
class OpenHold:
    """A hold that has not been released."""

    id: int
    file: int
    record: int | None
    reason: str
    owner: int
    placed_at: str
    until: date | None


def place_hold(
    unit: Unit,
    file_id: int,
    reason: HoldReason,
    *,
    record: int | None = None,
    until: date | None = None,
    note: str | None = None,
) -> int:
    """Hold a file or one record of it.  ``until`` is when its owner is asked again; it never ends by itself.

    Raises NotFound, InputRefused.
    """
    unit.lock_file(file_id)
    file_facts(unit, file_id)
    settle_lost(unit, file_id)
    if reason not in REASONS:
        raise InputRefused(f"冻结原因应为：{'、'.join(REASONS.values())}。")
    if record is not None and record_facts(unit, record).file != file_id:
        raise InputRefused("这一件不在这份档案中。")
    hold, sealed = next_id(unit.connection, holds), None
    if note:
        name = unit.execute(select(files.c.note_key).where(files.c.id == file_id)).scalar()
        if name is not None:
            told = clean(note, "冻结说明", most=500)
            bound = HOLD_NOTE.of(file_id=file_id, id=hold)
            sealed = unit.archive.encrypt(unit.archive.keys.get(name), told.encode(), bound)
    unit.execute(
        insert(holds),
        {
            "id": hold, "file_id": file_id, "record_id": record, "reason": reason, "note": sealed,
            "owner": unit.staff(), "placed_at": unit.at, "until": until.isoformat() if until else None,
        },
    )  # fmt: skip
    unit.log("hold.place", f"hold:{hold}", chain=file_id, detail={"record": record, "reason": reason})
    return hold


def release_hold(unit: Unit, hold_id: int) -> None:
    """End a hold.  Raises NotFound, StateForbids."""
    row = unit.execute(select(holds).where(holds.c.id == hold_id)).first()
    if row is None:
        raise NotFound("没有这个冻结。")
    if row.released_at is not None:
        raise StateForbids("这个冻结已经解除。")
    unit.execute(
        update(holds).where(holds.c.id == hold_id).values(released_at=unit.at, released_by=unit.staff())
    )
    unit.log("hold.release", f"hold:{hold_id}", chain=row.file_id, detail={"record": row.record_id})


def open_holds(unit: Unit, *, file: int | None = None) -> list[OpenHold]:
    """Open holds of the station, or of one file, oldest first."""
    query = select(holds).where(holds.c.released_at.is_(None)).order_by(holds.c.id)
    if file is not None:
        query = query.where(holds.c.file_id == file)
    return [
        OpenHold(
            row.id, row.file_id, row.record_id, row.reason, row.owner, row.placed_at,
            date.fromisoformat(row.until) if row.until else None,
        )
        for row in unit.execute(query)
    ]  # fmt: skip

"""Requests to see a closed file: asked by one person, decided by another, good until a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import insert, select, update

from archives.archive import Unit
from archives.errors import InputRefused, NotFound, SeparationBroken, StateForbids
from archives.keys.bindings import REQUEST_NOTE
from archives.log.purposes import Purpose
from archives.people.files import file_facts
from archives.people.naming import clean
from archives.store.next_id import next_id
from archives.store.tables import files
from archives.store.tables_people import access_requests

LONGEST = 30
"""Days a grant lasts at most."""


@dataclass(frozen=True, slots=True)
class AccessRequest:
    """A request that waits for its decision."""

    id: int
    file: int
    requester: int
    purpose: str
    asked_at: str


def ask(unit: Unit, file_id: int, purpose: Purpose, note: str | None = None) -> int:
    """Ask to see a closed file; returns the request's id.  Raises NotFound, StateForbids (asked already)."""
    facts = file_facts(unit, file_id)
    if any(one.file == file_id and one.requester == unit.staff() for one in waiting(unit)):
        raise StateForbids(f"您对档案 {facts.number} 的查阅申请还在等待批准。", hint="请等机构负责人办理。")
    request, sealed = next_id(unit.connection, access_requests), None
    name = unit.execute(select(files.c.note_key).where(files.c.id == file_id)).scalar()
    if note and name is not None:
        told = clean(note, "申请说明", most=500)
        bound = REQUEST_NOTE.of(file_id=file_id, id=request)
        sealed = unit.archive.encrypt(unit.archive.keys.get(name), told.encode(), bound)
    unit.execute(
        insert(access_requests),
        {
            "id": request, "file_id": file_id, "requester": unit.staff(), "purpose": str(purpose),
            "note": sealed, "asked_at": unit.at,
        },
    )  # fmt: skip
    unit.log(
        "file.request", f"request:{request}", chain=file_id, purpose=str(purpose), detail={"request": request}
    )
    return request


def decide_request(unit: Unit, request_id: int, *, granted: bool, days: int = 7) -> date | None:
    """Grant until a day, or refuse.

    Raises SeparationBroken, StateForbids, NotFound, InputRefused, DateUnconfirmed (it counts from today).
    """
    row = unit.execute(select(access_requests).where(access_requests.c.id == request_id)).first()
    if row is None:
        raise NotFound("没有这个查阅申请。")
    if row.decided_by is not None:
        raise StateForbids("这个查阅申请已经办理。")
    if row.requester == unit.staff():
        raise SeparationBroken("不能批准自己的查阅申请。")
    if not 1 <= days <= LONGEST:
        raise InputRefused(f"查阅期限应为 1 至 {LONGEST} 天。")
    until = unit.reference().day + timedelta(days=days - 1) if granted else None
    unit.execute(
        update(access_requests)
        .where(access_requests.c.id == request_id)
        .values(
            decided_by=unit.staff(),
            decided_at=unit.at,
            granted=int(granted),
            until=until.isoformat() if until else None,
        )
    )
    unit.log(
        "file.grant" if granted else "file.refuse", f"request:{request_id}", chain=row.file_id,
        detail={"staff": row.requester, "until": until.isoformat() if until else None},
    )  # fmt: skip
    return until


def has_grant(unit: Unit, file_id: int, staff_id: int) -> bool:
    """Whether this person may see this closed file; while the date is unconfirmed no grant runs out."""
    query = select(access_requests.c.id).where(
        access_requests.c.file_id == file_id,
        access_requests.c.requester == staff_id,
        access_requests.c.granted == 1,
        access_requests.c.until >= unit.settled.isoformat(),
    )
    return unit.execute(query.limit(1)).first() is not None


def waiting(unit: Unit) -> list[AccessRequest]:
    """Requests that wait, oldest first."""
    rows = unit.execute(
        select(access_requests).where(access_requests.c.decided_by.is_(None)).order_by(access_requests.c.id)
    )
    return [AccessRequest(row.id, row.file_id, row.requester, row.purpose, row.asked_at) for row in rows]

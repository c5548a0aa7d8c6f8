"""Requests to see a closed file, or to reopen it: asked by one person, decided by another, good until a day.

A leave to reopen is a grant of its own kind: it opens nothing to read, and no grant to read reopens anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import insert, select, update

from archives.archive import Unit
from archives.errors import InputRefused, NotFound, SeparationBroken, StateForbids
from archives.keys.bindings import REQUEST_NOTE
from archives.log.purposes import Purpose
from archives.people.files import current_volume, file_facts
from archives.people.naming import clean
from archives.store.next_id import next_id
from archives.store.rows import the_row
from archives.store.tables import files
from archives.store.tables_people import access_requests, leaves_to_reopen

LONGEST = 30
"""Days a grant lasts at most."""
READS = access_requests.c.id.not_in(select(leaves_to_reopen.c.request_id))
"""Requests to read; those to reopen open nothing."""


@dataclass(frozen=True, slots=True)
class AccessRequest:
    """A request that waits for its decision."""

    id: int
    file: int
    requester: int
    purpose: str
    asked_at: str
    reopening: bool = False
    """Whether it asks to reopen the file, not to read it."""


def ask(unit: Unit, file_id: int, purpose: Purpose, note: str | None = None) -> int:
    """Ask to see a closed file; returns the request's id.  Raises NotFound, StateForbids (asked already)."""
    return _ask(unit, file_id, purpose, note, reopening=False)


def ask_to_reopen(unit: Unit, file_id: int, purpose: Purpose, reason: str) -> int:
    """Ask for leave to reopen a file that was somebody else's case; returns the request's id.

    Raises NotFound, StateForbids (asked already, nothing to reopen), InputRefused (no reason).
    """
    facts = file_facts(unit, file_id)
    volume = current_volume(unit, file_id)
    if facts.state not in ("open", "filed") or (volume.closed_on is None and volume.outcome is None):
        raise StateForbids(f"档案 {facts.number} 现在不能重新启用。", hint="结案或归档的档案才能重新启用。")
    request = _ask(unit, file_id, purpose, clean(reason, "申请原因", most=500), reopening=True)
    unit.execute(insert(leaves_to_reopen), {"request_id": request, "file_id": file_id})
    return request


def _ask(unit: Unit, file_id: int, purpose: Purpose, note: str | None, *, reopening: bool) -> int:
    facts = file_facts(unit, file_id)
    mine = [one for one in waiting(unit) if one.file == file_id and one.requester == unit.staff()]
    if any(one.reopening == reopening for one in mine):
        what = "重新启用" if reopening else "查阅"
        raise StateForbids(f"您对档案 {facts.number} 的{what}申请还在等待批准。", hint="请等机构负责人办理。")
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
        "reopen.request" if reopening else "file.request", f"request:{request}", chain=file_id,
        purpose=str(purpose), detail={"request": request},
    )  # fmt: skip
    return request


def decide_request(unit: Unit, request_id: int, *, granted: bool, days: int = 7) -> date | None:
    """Grant until a day, or refuse.

    Raises SeparationBroken, StateForbids, NotFound, InputRefused, DateUnconfirmed (it counts from today).
    """
    row = unit.execute(select(access_requests).where(access_requests.c.id == request_id)).first()
    if row is None:
        raise NotFound("没有这个申请。")
    if row.decided_by is not None:
        raise StateForbids("这个申请已经办理。")
    if row.requester == unit.staff():
        raise SeparationBroken("不能批准自己的申请。")
    if not 1 <= days <= LONGEST:
        raise InputRefused(f"期限应为 1 至 {LONGEST} 天。")
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
    detail = {"staff": row.requester, "until": until.isoformat() if until else None}
    if is_to_reopen(unit, request_id):
        word = "reopen.grant" if granted else "reopen.refuse"
    else:
        word = "file.grant" if granted else "file.refuse"
    unit.log(word, f"request:{request_id}", chain=row.file_id, detail=detail)
    return until


def is_to_reopen(unit: Unit, request_id: int) -> bool:
    """Whether a request asks to reopen its file, not to read it."""
    query = select(leaves_to_reopen.c.request_id).where(leaves_to_reopen.c.request_id == request_id)
    return unit.execute(query).first() is not None


def has_grant(unit: Unit, file_id: int, staff_id: int) -> bool:
    """Whether this person may see this closed file; while the date is unconfirmed no grant runs out."""
    query = select(access_requests.c.id).where(
        access_requests.c.file_id == file_id,
        access_requests.c.requester == staff_id,
        access_requests.c.granted == 1,
        access_requests.c.until >= unit.settled.isoformat(),
        READS,
    )
    return unit.execute(query.limit(1)).first() is not None


def leave_of(unit: Unit, file_id: int, staff_id: int) -> int | None:
    """The request by which this person may reopen this file once; None without leave."""
    query = (
        select(access_requests.c.id)
        .join(leaves_to_reopen, leaves_to_reopen.c.request_id == access_requests.c.id)
        .where(
            access_requests.c.file_id == file_id,
            access_requests.c.requester == staff_id,
            access_requests.c.granted == 1,
            access_requests.c.until >= unit.settled.isoformat(),
            leaves_to_reopen.c.used_at.is_(None),
        )
        .order_by(access_requests.c.id)
    )
    found = unit.execute(query.limit(1)).scalar()
    return None if found is None else int(found)


def waiting(unit: Unit) -> list[AccessRequest]:
    """Requests that wait, oldest first."""
    rows = unit.execute(
        select(access_requests, leaves_to_reopen.c.request_id.label("leave"))
        .join(leaves_to_reopen, leaves_to_reopen.c.request_id == access_requests.c.id, isouter=True)
        .where(access_requests.c.decided_by.is_(None))
        .order_by(access_requests.c.id)
    )
    return [
        AccessRequest(row.id, row.file_id, row.requester, row.purpose, row.asked_at, row.leave is not None)
        for row in rows
    ]


def words_of_request(unit: Unit, request_id: int) -> str | None:
    """What the asking person wrote; None for nothing.  Raises ItemUnreadable."""
    query = select(access_requests).where(access_requests.c.id == request_id)
    row = the_row(unit.execute(query), f"查阅申请 #{request_id}")
    name = unit.execute(select(files.c.note_key).where(files.c.id == row.file_id)).scalar()
    if row.note is None or name is None:
        return None
    return unit.archive.decrypt(name, row.note, REQUEST_NOTE.of_row(row)).decode()

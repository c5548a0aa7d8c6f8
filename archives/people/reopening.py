"""A later episode of the same file: its new volume, begun with a reason, and taken back while it is empty."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, delete, exists, func, insert, select, update

from archives.archive import Unit
from archives.errors import StateForbids
from archives.people.episodes import volume_of_loose
from archives.people.files import assign, current_volume, file_facts, require_open
from archives.people.naming import clean
from archives.store.tables import documents, files, placements, records, volumes
from archives.store.tables_duties import transfer_items
from archives.store.tables_people import access_requests, assignments, leaves_to_reopen


def reopen(unit: Unit, file_id: int, reason: str, *, leave: int | None = None) -> int:
    """The next volume of the same file; returns its number.

    ``leave``: the request by which somebody may who neither had the case nor keeps the files; it is used up,
    and the case becomes that person's.  What earlier volumes hold stays closed.
    Raises StateForbids, InputRefused.
    """
    facts = file_facts(unit, file_id)
    if facts.state not in ("open", "filed"):
        require_open(facts)
    told = clean(reason, "重新启用的原因", most=500)
    before = current_volume(unit, file_id)
    if before.closed_on is None and before.outcome is None:
        raise StateForbids(f"档案 {facts.number} 的上一次服务还没有结束。")
    number = int(before.number) + 1
    unit.execute(insert(volumes), {"file_id": file_id, "number": number, "opened_on": unit.today.isoformat()})
    unit.execute(update(files).where(files.c.id == file_id).values(state="open"))
    approval = None if leave is None else f"request:{leave}"
    unit.log(
        "file.reopen", f"file:{file_id}", chain=file_id, approval=approval, detail={"volume": number},
        note=told,
    )  # fmt: skip
    if leave is not None:
        used = {"used_at": unit.at, "volume": number}
        unit.execute(update(leaves_to_reopen).where(leaves_to_reopen.c.request_id == leave).values(**used))
        assign(unit, file_id, unit.staff())
    return number


def take_back(unit: Unit, file_id: int, reason: str) -> int:
    """Undo a reopening by which nothing was written yet; returns the number of the volume that is gone.

    The file is again what it was before, also whose case it is.  Raises StateForbids, InputRefused.
    """
    unit.lock_file(file_id)
    facts = require_open(file_facts(unit, file_id))
    told = clean(reason, "撤回的原因", most=500)
    volume = current_volume(unit, file_id)
    why = _kept_by(unit, file_id, volume)
    if why is not None:
        raise StateForbids(f"档案 {facts.number} 的第 {volume.number} 卷不能撤回：{why}。")
    unit.execute(delete(volumes).where(volumes.c.id == volume.id))
    before = current_volume(unit, file_id)
    state = "filed" if before.pages_frozen_at else "open"
    unit.execute(update(files).where(files.c.id == file_id).values(state=state))
    unit.log(
        "file.takeback", f"file:{file_id}", chain=file_id,
        detail={"volume": int(volume.number), "state": state}, note=told,
    )  # fmt: skip
    _give_back(unit, file_id, int(volume.number))
    return int(volume.number)


def _kept_by(unit: Unit, file_id: int, volume: Any) -> str | None:
    """What keeps a volume from being taken back; None when nothing does."""
    reasons = (
        (volume.number == 1, "它是这份档案的第一卷"),
        (volume.closed_on is not None or volume.outcome is not None, "这一次服务已经结束"),
        (volume.case_no is not None, "已经接案"),
        (_any(unit, records.c.volume_id == volume.id), "其中已有文书"),
        (_any(unit, placements.c.file_id == file_id, placements.c.volume == volume.number), "已登记存放位置"),
        (
            _any(unit, transfer_items.c.file_id == file_id, transfer_items.c.volume == volume.number),
            "已列入移交清单",
        ),
        (_has_loose(unit, file_id), "其中已归入文件"),
    )
    return next((why for holds, why in reasons if holds), None)


def _any(unit: Unit, *where: ColumnElement[bool]) -> bool:
    return bool(unit.execute(select(exists().where(*where))).scalar())


def _has_loose(unit: Unit, file_id: int) -> bool:
    newest = select(func.max(documents.c.at)).where(
        documents.c.file_id == file_id, documents.c.record_id.is_(None)
    )
    at = unit.execute(newest).scalar()
    return at is not None and volume_of_loose(unit, file_id, at) is not None


def _give_back(unit: Unit, file_id: int, number: int) -> None:
    """The case goes back to who had it before somebody reopened the file by leave."""
    who = unit.execute(
        select(access_requests.c.requester)
        .join(leaves_to_reopen, leaves_to_reopen.c.request_id == access_requests.c.id)
        .where(access_requests.c.file_id == file_id, leaves_to_reopen.c.volume == number)
        .order_by(leaves_to_reopen.c.used_at.desc())
        .limit(1)
    ).scalar()
    having = unit.execute(
        select(assignments).where(assignments.c.file_id == file_id).order_by(assignments.c.id.desc()).limit(2)
    ).all()
    if who is None or not having or having[0].staff_id != who or having[0].to_on is not None:
        return
    if len(having) == 2:
        assign(unit, file_id, int(having[1].staff_id))
        return
    unit.execute(
        update(assignments).where(assignments.c.id == having[0].id).values(to_on=unit.today.isoformat())
    )
    unit.log("assignment.end", f"file:{file_id}", chain=file_id, detail={"staff": who})

"""Versions of the retention schedule: proposed by one person, approved by another, then in force."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from archives.archive import Unit
from archives.clock.reference import placed
from archives.errors import AlreadyThere, NotFound, SeparationBroken, StateForbids
from archives.retention.schedule import Schedule, canonical, parse
from archives.store.tables import schedules


def propose_schedule(unit: Unit, raw: bytes) -> Schedule:
    """Submit a version.  Raises ScheduleInvalid, AlreadyThere."""
    schedule = parse(raw)
    try:
        unit.execute(
            insert(schedules),
            {
                "version": schedule.version, "body": canonical(schedule).decode(), "sha256": schedule.sha256,
                "proposed_by": unit.staff(), "proposed_at": unit.at,
            },
        )  # fmt: skip
    except IntegrityError as error:
        raise AlreadyThere(
            f"保管期限表 {schedule.version} 版已经提交过。", hint="内容有变化时请换一个版本号。"
        ) from error
    unit.log("schedule.submit", "station:1", detail={"schedule": schedule.version, "sha256": schedule.sha256})
    return schedule


def approve_schedule(unit: Unit, version: str, sha256: str) -> None:
    """Put a version in force; the approver read exactly this content and is not who proposed it.

    Raises NotFound, StateForbids, SeparationBroken, DateUnconfirmed.
    """
    row = require_approvable(unit, version)
    if row.sha256 != sha256:
        raise StateForbids("所核对的内容与提交的不是同一份。", hint="请重新核对后再批准。")
    unit.execute(
        update(schedules)
        .where(schedules.c.version == version)
        .values(approved_by=unit.staff(), approved_at=unit.at)
    )
    unit.log("schedule.approve", "station:1", detail={"schedule": version, "sha256": sha256})


def require_approvable(unit: Unit, version: str) -> Any:
    """The row of a version this person may approve now: asked before anybody is made to read all of it.

    Raises NotFound, StateForbids, SeparationBroken, DateUnconfirmed.
    """
    unit.reference()
    row = unit.execute(select(schedules).where(schedules.c.version == version)).first()
    if row is None:
        raise NotFound(f"没有保管期限表 {version} 版。", hint="请用 kangdang retention schedule show 查看。")
    if row.approved_by is not None:
        raise StateForbids(
            f"保管期限表 {version} 版已经批准。", hint="各版的状态见 kangdang retention schedule show。"
        )
    if row.proposed_by == unit.staff():
        raise SeparationBroken("保管期限表的提交人和批准人必须是两个人。")
    return row


def schedule_in_force(unit: Unit) -> Schedule:
    """The schedule approved last.  Raises NotFound, ScheduleInvalid when it was changed behind our back."""
    rows = unit.execute(select(schedules).where(schedules.c.approved_at.is_not(None))).all()
    row = _approved_last(unit, rows)
    if row is None:
        raise NotFound("还没有批准的保管期限表。", hint="请先由档案员提交、机构负责人批准。")
    return _unchanged(row)


def _unchanged(row: Any) -> Schedule:
    schedule = parse(row.body.encode())
    if schedule.sha256 != row.sha256:
        raise StateForbids(
            "保管期限表的内容与批准时不一致，不能据此处置档案。", hint="请运行 kangdang check 并查明原因。"
        )
    return schedule


def _approved_last(unit: Unit, rows: Sequence[Any]) -> Any:
    """The row approved last; an approval under a wrong time stands where the time was found wrong."""
    if len(rows) < 2:
        return rows[0] if rows else None
    wrongs = unit.wrongs()
    return max(rows, key=lambda row: placed(datetime.fromisoformat(row.approved_at), wrongs))


def schedule_of(unit: Unit, version: str) -> Schedule:
    """A version that was submitted, as it was.  Raises NotFound, StateForbids when it was changed."""
    row = unit.execute(select(schedules).where(schedules.c.version == version)).first()
    if row is None:
        raise NotFound(f"没有保管期限表 {version} 版。", hint="请用 kangdang retention schedule show 查看。")
    return _unchanged(row)


def all_schedules(unit: Unit) -> list[dict[str, str | None]]:
    """Every version, newest first: ``version``, ``state`` in words, ``approved_on``, ``sha256``."""
    rows = unit.execute(select(schedules).order_by(schedules.c.proposed_at.desc())).all()
    newest = _approved_last(unit, [row for row in rows if row.approved_at])
    return [
        {
            "version": row.version,
            "state": "待批准" if row.approved_at is None else "有效" if row is newest else "已被取代",
            "approved_on": row.approved_at[:10] if row.approved_at else None,
            "sha256": row.sha256,
        }
        for row in rows
    ]

"""What a list proves: who took part and when, and which copies of its items were out of reach."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import or_, select

from archives.archive import Unit
from archives.clock.reference import earlier
from archives.disposal.appraisal import signers
from archives.disposal.execution import witnesses_of
from archives.disposal.lists import ListFacts
from archives.store.rows import the_row
from archives.store.tables import files, persons, records
from archives.store.tables_duties import (
    appraisals,
    disposal_approvals,
    disposal_executions,
    outside_copies,
)


@dataclass(frozen=True, slots=True)
class People:
    """Natural persons by number, with the days of what they did; None where it has not come to that."""

    lister: int
    signers: tuple[int, ...]
    """Who signed the opinions as they stood at last."""
    appraised_on: date | None
    approver: int | None
    approved_on: date | None
    executor: int | None
    executed_at: datetime | None
    witnesses: tuple[int, ...]


def people_of(unit: Unit, facts: ListFacts) -> People:
    """Who took part in a list."""
    last = unit.execute(
        select(appraisals.c.list_sha256, appraisals.c.at)
        .where(appraisals.c.list_id == facts.id)
        .order_by(appraisals.c.at.desc())
        .limit(1)
    ).first()
    approval = unit.execute(
        select(disposal_approvals).where(disposal_approvals.c.list_id == facts.id)
    ).first()
    execution = unit.execute(
        select(disposal_executions).where(disposal_executions.c.list_id == facts.id)
    ).first()
    return People(
        facts.made_by,
        tuple(signers(unit, facts.id, last.list_sha256)) if last else (),
        _day(last.at) if last else None,
        approval.approver if approval else None,
        _day(approval.at) if approval else None,
        execution.executor if execution else None,
        datetime.fromisoformat(execution.at) if execution else None,
        tuple(witnesses_of(unit, facts.id)),
    )


def _day(at: str) -> date:
    return date.fromisoformat(at[:10])


@dataclass(frozen=True, slots=True)
class Beyond:
    """Copies the destruction could not reach: how many of each kind, and the day by which all are gone."""

    backups: int
    exports: int
    gone_by: date | None


def copies_beyond(unit: Unit, rows: Sequence[Any], at: str | None) -> dict[int, Beyond]:
    """By record: copies that held the item when it was destroyed (``at`` None: that hold it at this moment).

    Every copy made since the item was added: of the station, of its file, or of a file merged into that one.
    """
    copies = unit.execute(select(outside_copies).order_by(outside_copies.c.id)).all()
    moment, wrongs = at or unit.at, unit.wrongs()
    standing = [
        one for one in copies
        if not earlier(moment, one.made_at, wrongs) and (one.gone_on is None or one.gone_on > moment[:10])
    ]  # fmt: skip
    told = {}
    for row in rows:
        record = the_row(
            unit.execute(select(records).where(records.c.id == row.record_id)),
            f"清册所列 {row.ref_code} 一件",
        )
        own = _files_of(unit, record.file_id) if any(one.file_id for one in standing) else set()
        held = [
            one for one in standing
            if not earlier(one.made_at, record.added_at, wrongs)
            and (one.file_id is None or one.file_id in own)
        ]  # fmt: skip
        told[row.record_id] = Beyond(
            sum(one.kind == "backup" for one in held),
            sum(one.kind == "export" for one in held),
            max((date.fromisoformat(one.gone_by) for one in held), default=None),
        )
    return told


def _files_of(unit: Unit, file_id: int) -> set[int]:
    person = unit.execute(select(files.c.person_id).where(files.c.id == file_id)).scalar()
    query = (
        select(files.c.id)
        .join(persons, persons.c.id == files.c.person_id, isouter=True)
        .where(or_(files.c.id == file_id, persons.c.merged_into == person))
    )
    return set(unit.execute(query).scalars())

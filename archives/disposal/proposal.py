"""Proposing a list: only items that may go; one that may not refuses the whole list (R-41)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import insert, or_, select
from sqlalchemy.exc import IntegrityError

from archives.archive import Unit
from archives.disposal.content import content_hash, gather_loose, pages_of, paper_place, reference
from archives.disposal.lists import MOST_ITEMS
from archives.disposal.plan import decisions_for
from archives.disposal.schedules import schedule_in_force
from archives.errors import AlreadyThere, DisposalRefused, InputRefused
from archives.numbering import next_number
from archives.retention.decision import Decision
from archives.store.rows import the_row
from archives.store.tables import records
from archives.store.tables_duties import disposal_items, disposal_lists, loans

LENT = "原件借出，尚未归还。"
_LIVE = ("proposed", "listed", "destroying", "destroyed")


def propose_list(unit: Unit, record_ids: Sequence[int]) -> int:
    """Begin a list with eligible items; returns its id.

    Raises DisposalRefused (permanent, undated, held, not due, lent), AlreadyThere (in another list),
    InputRefused, DateUnconfirmed.
    """
    today = unit.reference().day
    chosen = list(dict.fromkeys(record_ids))
    if not chosen:
        raise InputRefused("清册中没有档案。", hint="请用 kangdang retention plan 查看哪些已经到期。")
    if len(chosen) > MOST_ITEMS:
        raise InputRefused(f"一份清册最多 {MOST_ITEMS} 件。", hint="请分成几份清册提出。")
    _refuse_listed(unit, chosen)
    decisions = decisions_for(unit, chosen, today)
    _refuse_unfit(unit, chosen, decisions)
    gather_loose(unit, chosen)
    year = today.year
    number = next_number(unit, f"AR7:{year}", "disposal_list")
    result = unit.execute(
        insert(disposal_lists),
        {
            "ref_code": f"XH-{year:04d}-{number:03d}", "state": "proposed",
            "schedule_version": schedule_in_force(unit).version, "made_by": unit.staff(), "made_at": unit.at,
        },
    )  # fmt: skip
    list_id = int(result.inserted_primary_key[0])  # type: ignore[index]  # one row was inserted
    try:
        for position, record in enumerate(chosen, start=1):
            unit.execute(insert(disposal_items), _entry(unit, list_id, position, record, decisions[record]))
    except IntegrityError as error:
        raise _already_listed() from error
    unit.log("disposal.list", f"disposal:{list_id}", detail={"items": len(chosen)})
    return list_id


def eligible_records(unit: Unit, at: date, most: int = MOST_ITEMS) -> list[int]:
    """Items that may be proposed: eligible, not lent, in no live list; the longest due first."""
    from archives.disposal.plan import plan

    listed = set(
        unit.execute(select(disposal_items.c.record_id).where(disposal_items.c.state.in_(_LIVE))).scalars()
    )
    due = [
        (decision.eligible_on, int(item.key))
        for item, decision in plan(unit, at)
        if decision.status == "eligible" and int(item.key) not in listed
    ]
    due.sort(key=lambda one: (one[0] or at, one[1]))
    return [record for _, record in due if not lent(unit, record)][:most]


def lent(unit: Unit, record_id: int) -> bool:
    """Whether the original of an item, or its whole file, is out."""
    query = (
        select(loans.c.id)
        .join(records, records.c.file_id == loans.c.file_id)
        .where(
            records.c.id == record_id,
            loans.c.returned_on.is_(None),
            or_(loans.c.record_id.is_(None), loans.c.record_id == record_id),
        )
    )
    return unit.execute(query.limit(1)).first() is not None


def _refuse_listed(unit: Unit, chosen: Sequence[int]) -> None:
    query = select(disposal_items.c.record_id).where(
        disposal_items.c.record_id.in_(chosen), disposal_items.c.state.in_(_LIVE)
    )
    if unit.execute(query.limit(1)).first() is not None:
        raise _already_listed()


def _already_listed() -> AlreadyThere:
    return AlreadyThere("有的档案已在另一份清册中。", hint="请先办完或撤回那一份清册。")


def _refuse_unfit(unit: Unit, chosen: Sequence[int], decisions: Mapping[int, Decision]) -> None:
    unfit = [
        record
        for record in chosen
        if record not in decisions or decisions[record].status != "eligible" or lent(unit, record)
    ]
    if not unfit:
        return
    first = decisions.get(unfit[0])
    row = unit.execute(select(records.c.ref_code).where(records.c.id == unfit[0])).first()
    code = (row.ref_code if row else None) or f"第 {chosen.index(unfit[0]) + 1} 件"
    why = first.sentence if first else "没有这一件，或已销毁。"
    if first is not None and first.status == "eligible":
        why = LENT
    raise DisposalRefused(f"整份清册不予受理：{len(unfit)} 件不能销毁，其中 {code}：{why}")


def _entry(unit: Unit, list_id: int, position: int, record_id: int, decision: Decision) -> dict[str, Any]:
    record = the_row(unit.execute(select(records).where(records.c.id == record_id)), f"第 {record_id} 件")
    pages, paper = pages_of(unit, record)
    # Nobody wrote a date: the day it was entered is the day it was made for all the archive knows.
    made = record.document_date or record.added_at[:10]
    return {
        "list_id": list_id, "record_id": record_id, "position": position,
        "ref_code": reference(unit, record), "form_id": record.form_id, "title": record.title,
        "document_date": made, "retention_class": decision.retention_class, "years": decision.years,
        "start_on": _iso(decision.start_on), "held_through": _iso(decision.held_through),
        "pages": pages, "paper_pages": paper,
        "paper_place": paper_place(unit, record.file_id) if paper else None,
        "content_sha256": content_hash(unit, record_id), "state": "proposed",
    }  # fmt: skip


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None

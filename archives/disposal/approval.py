"""The leader's approval of exactly one list, the waiting period after it, and giving a list up."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from archives.archive import Unit
from archives.clock.reference import Reference
from archives.disposal.lists import ListFacts, entries, list_facts, listed_hash, require_state
from archives.disposal.plan import decisions_for
from archives.errors import DisposalRefused, ListChanged, RowMissing, SeparationBroken
from archives.store.tables_duties import disposal_approvals, disposal_items, disposal_lists


def approve_list(unit: Unit, list_id: int, sha256: str) -> date:
    """The leader approves exactly this list; returns the first day it may be executed.

    Raises StateForbids, ListChanged, SeparationBroken, DisposalRefused (something became permanent),
    DateUnconfirmed.
    """
    facts, reference = require_approvable(unit, list_id)
    if facts.list_sha256 != sha256 or listed_hash(unit, list_id) != sha256:
        raise ListChanged("清册内容与所核对的不一致。")
    try:
        unit.execute(
            insert(disposal_approvals),
            {"list_id": list_id, "approver": unit.staff(), "list_sha256": sha256, "at": unit.at},
        )
    except IntegrityError as error:
        raise SeparationBroken("清册由机构负责人审批。", hint="请机构负责人登录后审批。") from error
    not_before = reference.day + timedelta(days=unit.archive.station.waiting)
    unit.execute(
        update(disposal_lists)
        .where(disposal_lists.c.id == list_id)
        .values(state="approved", not_before=not_before.isoformat())
    )
    unit.log("disposal.approval", f"disposal:{list_id}", detail={"list_sha256": sha256})
    return not_before


def require_approvable(unit: Unit, list_id: int) -> tuple[ListFacts, Reference]:
    """A list this person may approve now: asked before anybody is made to read all of it.

    Raises StateForbids, SeparationBroken, DisposalRefused, DateUnconfirmed.
    """
    reference = unit.reference()
    facts = list_facts(unit, list_id)
    require_state(facts, "appraised")
    if facts.made_by == unit.staff():
        raise SeparationBroken("编制清册的人不能审批这份清册。")
    refuse_permanent(unit, facts, reference)
    return facts, reference


def waited_until(unit: Unit, facts: ListFacts, reference: Reference) -> date:
    """The first day an approved list may be executed; an approval of a wrong time counts from its finding.

    A list nobody approved waits for ever.
    """
    at = unit.execute(
        select(disposal_approvals.c.at).where(disposal_approvals.c.list_id == facts.id)
    ).scalar()
    if at is None or facts.not_before is None:
        return date.max
    written = datetime.fromisoformat(at)
    return facts.not_before + (reference.began(written).date() - written.date())


def refuse_permanent(unit: Unit, facts: ListFacts, reference: Reference) -> None:
    """Items that became permanent since they were listed refuse the whole list.  Raises DisposalRefused."""
    rows = entries(unit, facts.id, "listed")
    decisions = decisions_for(unit, [row.record_id for row in rows], reference.day)
    for row in rows:
        if row.record_id not in decisions:
            raise RowMissing(f"清册所列 {row.ref_code} 一件")
    kept = [row for row in rows if decisions[row.record_id].status == "permanent"]
    if kept:
        raise DisposalRefused(
            f"整份清册不予受理：{len(kept)} 件应永久保存，其中 {kept[0].ref_code}："
            f"{decisions[kept[0].record_id].sentence}",
            hint="请撤回清册，去掉这些件后重新编制。",
        )


def withdraw_list(unit: Unit, list_id: int) -> None:
    """Give up a list before its execution; its items are as before.  Raises StateForbids."""
    facts = list_facts(unit, list_id)
    require_state(facts, "proposed", "appraised", "approved")
    unit.execute(
        update(disposal_items)
        .where(disposal_items.c.list_id == list_id, disposal_items.c.state.in_(("proposed", "listed")))
        .values(state="withdrawn")
    )
    unit.execute(update(disposal_lists).where(disposal_lists.c.id == list_id).values(state="withdrawn"))
    unit.log("disposal.withdraw", f"disposal:{list_id}")

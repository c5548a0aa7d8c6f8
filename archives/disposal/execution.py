"""Executing a disposal list before two witnesses.

One item:   re-check ─► delete its keys ─► `destroying`      one act; a hold placed before it wins
            remove blobs and rows                            only forward from here on
            empty the journals, read back every copy
            `destroyed` and the tombstone

Until the keys are deleted the item is untouched; afterwards nothing brings it back: recovery only goes on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from archives.archive import Archive, Unit
from archives.disposal import erasure
from archives.disposal.lists import (
    ListFacts,
    content_hash,
    entries,
    list_facts,
    listed_hash,
    require_state,
)
from archives.disposal.plan import decisions_for
from archives.errors import ListChanged, NotYet, SeparationBroken, StateForbids
from archives.people.naming import clean
from archives.ports import Actor
from archives.store.tables import records
from archives.store.tables_duties import (
    disposal_approvals,
    disposal_executions,
    disposal_items,
    disposal_lists,
    disposal_witnesses,
)

WITNESSES = 2
Proof = Literal["password", "one_time"]


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What an execution would do on this day; nothing is changed."""

    destroy: tuple[str, ...]
    """档号 of what would be destroyed."""
    stay: tuple[tuple[str, str], ...]
    """(档号, sentence) of what would stay."""
    obstacles: tuple[str, ...]
    """Sentences: what keeps the whole list from being executed."""


@dataclass
class Progress:
    """What a run did."""

    destroyed: list[str] = field(default_factory=list)
    stayed: list[tuple[str, str]] = field(default_factory=list)


def rehearse(unit: Unit, list_id: int) -> Rehearsal:
    """The dry run: every check of an execution, without one.  Raises NotFound."""
    facts = list_facts(unit, list_id)
    obstacles = []
    if facts.state not in ("approved", "executing"):
        obstacles.append("清册还没有批准。")
    elif facts.not_before and unit.today < facts.not_before:
        obstacles.append(f"公示等待期到 {facts.not_before.isoformat()}，此前不能执行。")
    rows = entries(unit, list_id, "listed")
    obstacles += _changes(unit, facts)
    decisions = decisions_for(unit, [row.record_id for row in rows], unit.today)
    go = tuple(row.ref_code for row in rows if decisions[row.record_id].status == "eligible")
    stay = tuple(
        (row.ref_code, decisions[row.record_id].sentence)
        for row in rows
        if decisions[row.record_id].status != "eligible"
    )
    return Rehearsal(go, stay, tuple(obstacles))


def _changes(unit: Unit, facts: ListFacts) -> list[str]:
    told = []
    if facts.list_sha256 is not None and listed_hash(unit, facts.id) != facts.list_sha256:
        told.append("清册内容与批准时不一致。")
    for row in entries(unit, facts.id, "listed"):
        if not _keys_gone(unit, row.record_id) and content_hash(unit, row.record_id) != row.content_sha256:
            told.append(f"{row.ref_code} 的内容在列入清册之后有变动。")
    return told


def begin(unit: Unit, list_id: int, sha256: str, method: str, place: str) -> None:
    """The executor opens the execution of exactly the approved list, after the waiting period.

    Raises StateForbids, NotYet, ListChanged, SeparationBroken.
    """
    facts = list_facts(unit, list_id)
    require_state(facts, "approved")
    if facts.not_before is None or unit.today < facts.not_before:
        raise NotYet(f"清册 {facts.ref_code} 的等待期到 {facts.not_before}，此前不能执行。")
    if facts.list_sha256 != sha256:
        raise ListChanged("清册内容与所核对的不一致。")
    changes = _changes(unit, facts)
    if changes:
        raise ListChanged("".join(changes))
    approver = unit.execute(
        select(disposal_approvals.c.approver).where(disposal_approvals.c.list_id == list_id)
    ).scalar_one()
    try:
        unit.execute(
            insert(disposal_executions),
            {
                "list_id": list_id, "approver": approver, "executor": unit.staff(), "list_sha256": sha256,
                "at": unit.at,
            },
        )  # fmt: skip
    except IntegrityError as error:
        raise SeparationBroken("审批人不能执行同一份清册的销毁。") from error
    unit.execute(
        update(disposal_lists)
        .where(disposal_lists.c.id == list_id)
        .values(
            state="executing",
            method=clean(method, "销毁方式", most=50),
            place=clean(place, "销毁地点", most=50),
        )
    )
    unit.log("disposal.execute", f"disposal:{list_id}", detail={"list_sha256": sha256})


def witness(unit: Unit, list_id: int, staff_id: int, proof: Proof) -> int:
    """A witness who has just authenticated takes part; returns how many there are.

    Raises StateForbids, SeparationBroken.
    """
    require_state(list_facts(unit, list_id), "executing")
    execution = unit.execute(
        select(disposal_executions).where(disposal_executions.c.list_id == list_id)
    ).one()
    try:
        unit.execute(
            insert(disposal_witnesses),
            {
                "list_id": list_id, "witness": staff_id, "approver": execution.approver,
                "executor": execution.executor, "proof": proof, "at": unit.at,
            },
        )  # fmt: skip
    except IntegrityError as error:
        raise SeparationBroken("监销人须是审批人、执行人以外的两个不同的人。") from error
    unit.log("disposal.witness", f"disposal:{list_id}", detail={"witness": staff_id, "kind": proof})
    return len(witnesses(unit, list_id))


def witnesses(unit: Unit, list_id: int) -> list[int]:
    """Natural persons who witness the execution."""
    query = select(disposal_witnesses.c.witness).where(disposal_witnesses.c.list_id == list_id)
    return list(unit.execute(query.order_by(disposal_witnesses.c.at)).scalars())


def execute(archive: Archive, actor: Actor, list_id: int) -> Progress:
    """Destroy what the list names; running it again goes on where it stopped.

    An item that is held or not eligible any more stays and leaves the list.  Raises StateForbids.
    """
    with archive.acting("disposal.check", actor) as unit:
        facts = list_facts(unit, list_id)
        require_state(facts, "executing")
        present = len(witnesses(unit, list_id))
        if present < WITNESSES:
            raise StateForbids(f"须有 {WITNESSES} 名监销人当场确认，现在 {present} 名。")
        waiting = [row.record_id for row in entries(unit, list_id, "listed")]
    progress = Progress()
    for record_id in waiting:
        with archive.acting("disposal.item", actor) as unit:
            refused = _start_item(unit, list_id, record_id)
        if refused:
            progress.stayed.append(refused)
    _finish(archive, actor, list_id, progress)
    return progress


def _start_item(unit: Unit, list_id: int, record_id: int) -> tuple[str, str] | None:
    """Delete the keys of one item, or let it leave the list: (档号, why)."""
    record = unit.execute(select(records).where(records.c.id == record_id)).one()
    unit.lock_file(record.file_id)
    row = next(row for row in entries(unit, list_id) if row.record_id == record_id)
    if not _keys_gone(unit, record_id):
        decision = decisions_for(unit, [record_id], unit.today)[record_id]
        why = None if decision.status == "eligible" else decision.sentence
        if why is None and content_hash(unit, record_id) != row.content_sha256:
            why = "内容在列入清册之后有变动。"
        if why is not None:
            erasure.leave_list(unit, list_id, record_id)
            return row.ref_code, why
    erasure.mark_destroying(unit, list_id, record_id)
    # Last in the act: the guards have agreed, nobody else can write before the act ends, and from here
    # the item is gone whether or not the act reaches its end.
    erasure.destroy_keys(unit.archive, erasure.keys_of(unit, record_id))
    return None


def _keys_gone(unit: Unit, record_id: int) -> bool:
    names = erasure.keys_of(unit, record_id)
    return bool(names) and not set(names) <= unit.archive.keys.has(names)


def recover(archive: Archive, actor: Actor) -> Progress:
    """After a crash: what had lost its keys is destroyed to the end, everything else is untouched."""
    progress = Progress()
    for list_id in _under_way(archive, actor):
        with archive.acting("disposal.recover", actor) as unit:
            for row in entries(unit, list_id, "listed"):
                if _keys_gone(unit, row.record_id):
                    erasure.mark_destroying(unit, list_id, row.record_id)
                    erasure.destroy_keys(unit.archive, erasure.keys_of(unit, row.record_id))
        _finish(archive, actor, list_id, progress)
    return progress


def _under_way(archive: Archive, actor: Actor) -> Sequence[int]:
    with archive.data.reading() as connection:
        query = select(disposal_lists.c.id).where(disposal_lists.c.state == "executing")
        return list(connection.execute(query).scalars())


def _finish(archive: Archive, actor: Actor, list_id: int, progress: Progress) -> None:
    """Everything after the keys are gone; may be repeated."""
    with archive.data.reading() as connection:
        query = select(disposal_items.c.record_id).where(
            disposal_items.c.list_id == list_id, disposal_items.c.state == "destroying"
        )
        gone = list(connection.execute(query).scalars())
    for record_id in gone:
        erasure.remove_blobs(archive, record_id)
        with archive.acting("disposal.erase", actor) as unit:
            erasure.remove_rows(unit, record_id)
    if gone:
        archive.data.truncate_journal()
        archive.keys.database.truncate_journal()
    for record_id in gone:
        with archive.acting("disposal.destroyed", actor) as unit:
            progress.destroyed.append(erasure.mark_destroyed(unit, list_id, record_id))
    _forget(archive, actor, list_id)
    _close(archive, actor, list_id)


def _forget(archive: Archive, actor: Actor, list_id: int) -> None:
    with archive.data.reading() as connection:
        query = (
            select(records.c.file_id)
            .join(disposal_items, disposal_items.c.record_id == records.c.id)
            .where(disposal_items.c.list_id == list_id, disposal_items.c.state == "destroyed")
            .distinct()
        )
        emptied = list(connection.execute(query).scalars())
    for file_id in emptied:
        with archive.acting("disposal.person", actor) as unit:
            erasure.forget_if_empty(unit, file_id)


def _close(archive: Archive, actor: Actor, list_id: int) -> None:
    with archive.acting("disposal.close", actor) as unit:
        facts = list_facts(unit, list_id)
        if facts.state != "executing" or entries(unit, list_id, "listed", "destroying"):
            return
        unit.execute(
            update(disposal_lists).where(disposal_lists.c.id == list_id).values(state="done", done_at=unit.at)
        )
        unit.log(
            "disposal.complete", f"disposal:{list_id}",
            detail={"items": len(entries(unit, list_id, "destroyed")), "list_sha256": facts.list_sha256},
        )  # fmt: skip

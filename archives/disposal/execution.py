"""Executing a disposal list before two witnesses.

One item:   re-check ─► `destroying` ─► delete its keys      one act; a hold placed before it wins
            remove blobs and rows                            only forward from here on (``completion``)
            empty the journals, read back every copy
            `destroyed` and the tombstone

Until the keys are deleted the item is untouched; afterwards nothing brings it back: recovery only goes on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from archives.archive import Archive, Unit
from archives.disposal.approval import refuse_permanent, waited_until
from archives.disposal.completion import Progress, complete
from archives.disposal.lists import ListFacts, entries, list_facts, require_state
from archives.disposal.plan import decisions_for
from archives.disposal.rehearsal import UNLOOKED, Stay, list_changes, paper_of, stays, unlooked
from archives.errors import AccessDenied, InputRefused, ListChanged, NotYet, SeparationBroken, StateForbids
from archives.items.ending import keys_gone, keys_of, lock_item, mark_destroying
from archives.people.naming import clean
from archives.ports import Actor
from archives.store.rows import the_row, the_value
from archives.store.tables_duties import (
    disposal_approvals,
    disposal_executions,
    disposal_items,
    disposal_lists,
    disposal_witnesses,
)
from archives.store.tables_people import staff

WITNESSES: Final = 2
NO_PAPER: Final = "无纸质档案"
METHODS: Final = ("粉碎", "化浆", "焚毁", NO_PAPER)
"""How the paper is destroyed (AR7); the electronic part is always keys deleted and content removed."""
Proof = Literal["password", "one_time"]


@dataclass(frozen=True, slots=True)
class Witness:
    """A natural person who has just authenticated, and how."""

    staff: int
    proof: Proof


@dataclass(frozen=True, slots=True)
class PaperCount:
    """The paper of the list as the executor counted it, item by item."""

    items: int
    pages: int


def begin(
    unit: Unit,
    list_id: int,
    sha256: str,
    method: str,
    place: str,
    paper: PaperCount,
    witnesses: Sequence[Witness],
) -> None:
    """The executor opens the execution of exactly the approved list, both witnesses being there: one act.

    Raises StateForbids, NotYet, ListChanged, SeparationBroken, InputRefused, DisposalRefused,
    DateUnconfirmed.
    """
    facts = list_facts(unit, list_id)
    require_state(facts, "approved")
    reference = unit.reference()
    if facts.not_before is None or not reference.reached(waited_until(unit, facts, reference)):
        raise NotYet(f"清册 {facts.ref_code} 批准后的等待期到 {facts.not_before}，此前不能执行。")
    if facts.list_sha256 != sha256:
        raise ListChanged("清册内容与所核对的不一致。")
    changes = list_changes(unit, facts)
    if changes:
        raise ListChanged("".join(changes))
    refuse_permanent(unit, facts, reference)
    waiting = unlooked(unit, list_id)
    if waiting:
        raise NotYet(f"{UNLOOKED}：{'、'.join(waiting)}。", hint="请先核对：kangdang rights look。")
    _check_paper(unit, list_id, method, paper)
    _insert_execution(unit, list_id, sha256, paper)
    unit.execute(
        update(disposal_lists)
        .where(disposal_lists.c.id == list_id)
        .values(state="executing", method=method, place=clean(place, "销毁地点", most=50))
    )
    unit.log(
        "disposal.execute", f"disposal:{list_id}",
        detail={"list_sha256": sha256, "items": paper.items, "pages": paper.pages, "paper": True},
    )  # fmt: skip
    _insert_witnesses(unit, list_id, witnesses)


def _check_paper(unit: Unit, list_id: int, method: str, paper: PaperCount) -> None:
    items, pages = paper_of(unit, list_id)
    if (paper.items, paper.pages) != (items, pages):
        raise InputRefused(
            f"纸质档案清点为 {paper.items} 件 {paper.pages} 页，清册为 {items} 件 {pages} 页，不相符。",
            hint="请逐件核对纸质档案；查明前不能执行。",
        )
    if method not in METHODS:
        raise InputRefused(f"纸质档案的销毁方式应为：{'、'.join(METHODS)}。")
    if (method == NO_PAPER) != (items == 0):
        word = "有纸质档案，须写明销毁方式" if items else f"没有纸质档案，销毁方式应为“{NO_PAPER}”"
        raise InputRefused(f"清册中{word}。")


def _insert_execution(unit: Unit, list_id: int, sha256: str, paper: PaperCount) -> None:
    approver = approver_of(unit, list_id)
    if approver == unit.staff():
        raise SeparationBroken("审批人不能执行同一份清册的销毁。")
    try:
        unit.execute(
            insert(disposal_executions),
            {
                "list_id": list_id, "approver": approver, "executor": unit.staff(), "list_sha256": sha256,
                "paper_items": paper.items, "paper_pages": paper.pages, "at": unit.at,
            },
        )  # fmt: skip
    except IntegrityError as error:
        raise SeparationBroken("销毁由档案员执行，审批人不能执行。") from error


def _insert_witnesses(unit: Unit, list_id: int, witnesses: Sequence[Witness]) -> None:
    execution = the_row(
        unit.execute(select(disposal_executions).where(disposal_executions.c.list_id == list_id)),
        "清册的执行登记",
    )
    require_separate(unit, [one.staff for one in witnesses], execution.executor, execution.approver)
    for one in witnesses:
        unit.execute(
            insert(disposal_witnesses),
            {
                "list_id": list_id, "witness": one.staff, "approver": execution.approver,
                "executor": execution.executor, "proof": one.proof, "at": unit.at,
            },
        )  # fmt: skip
        _log_witness(unit, list_id, one)


def require_separate(unit: Unit, people: Sequence[int], executor: int, approver: int) -> None:
    """Two present persons, neither of them the executor or the approver.  Raises SeparationBroken."""
    if len(set(people)) != WITNESSES or len(people) != WITNESSES or {executor, approver} & set(people):
        raise SeparationBroken(
            "监销人须是审批人、执行人以外的两个不同的人。", hint="同一个人的两个账号也算一个人。"
        )
    left = unit.execute(select(staff.c.id).where(staff.c.id.in_(people), staff.c.left_on.is_not(None)))
    if left.first() is not None:
        raise SeparationBroken("已离职的人员不能监销。")


def approver_of(unit: Unit, list_id: int) -> int:
    """Who approved a list.  Raises StateForbids when nobody did."""
    found = unit.execute(
        select(disposal_approvals.c.approver).where(disposal_approvals.c.list_id == list_id)
    ).scalar()
    if found is None:
        raise StateForbids("清册还没有批准。")
    return int(found)


def _log_witness(unit: Unit, list_id: int, one: Witness) -> None:
    unit.log("disposal.witness", f"disposal:{list_id}", detail={"witness": one.staff, "kind": one.proof})


def resume(unit: Unit, list_id: int, sha256: str, witnesses: Sequence[Witness]) -> None:
    """Go on with an interrupted execution: the same executor, and the same two witnesses, authenticated anew.

    Raises StateForbids, ListChanged, SeparationBroken, AccessDenied, DateUnconfirmed.
    """
    facts = list_facts(unit, list_id)
    require_executor(unit, facts)
    unit.reference()
    if facts.list_sha256 != sha256 or list_changes(unit, facts):
        raise ListChanged("清册内容与所核对的不一致。")
    if sorted(one.staff for one in witnesses) != sorted(witnesses_of(unit, list_id)):
        raise SeparationBroken(
            "继续执行须由原来的两名监销人在场。", hint="原监销人不能到场时，请中止执行，余下各件重新列册。"
        )
    for one in witnesses:
        _log_witness(unit, list_id, one)


def require_executor(unit: Unit, facts: ListFacts) -> None:
    """Only who opened the execution goes on with it.  Raises StateForbids, AccessDenied."""
    require_state(facts, "executing")
    query = select(disposal_executions.c.executor).where(disposal_executions.c.list_id == facts.id)
    executor = the_value(unit.execute(query), f"清册 {facts.ref_code} 的执行登记")
    if executor != unit.actor.staff:
        raise AccessDenied(
            "销毁只能由开始执行的人继续。", hint="该人不能继续时，请机构负责人中止执行，余下各件重新列册。"
        )


def witnesses_of(unit: Unit, list_id: int) -> list[int]:
    """Natural persons who witness the execution."""
    query = select(disposal_witnesses.c.witness).where(disposal_witnesses.c.list_id == list_id)
    return list(unit.execute(query.order_by(disposal_witnesses.c.at, disposal_witnesses.c.witness)).scalars())


def execute(archive: Archive, actor: Actor, list_id: int) -> Progress:
    """Destroy what the list names; running it again goes on where it stopped.

    An item that is held, lent or not eligible any more stays and leaves the list.
    Raises StateForbids, AccessDenied, DateUnconfirmed.
    """
    with archive.acting("disposal.check", actor) as unit:
        require_executor(unit, list_facts(unit, list_id))
        present = len(witnesses_of(unit, list_id))
        if present < WITNESSES:
            raise StateForbids(f"须有 {WITNESSES} 名监销人当场确认，现在 {present} 名。")
        waiting = [row.record_id for row in entries(unit, list_id, "listed")]
    progress = Progress()
    for record_id in waiting:
        with archive.acting("disposal.item", actor) as unit:
            refused = _start_item(unit, list_id, record_id)
        if refused:
            progress.stayed.append(refused)
    complete(archive, actor, list_id, progress)
    return progress


def _start_item(unit: Unit, list_id: int, record_id: int) -> Stay | None:
    """Delete the keys of one item, or let it leave the list."""
    reference = unit.reference()
    lock_item(unit, record_id)
    row = next((row for row in entries(unit, list_id, "listed") if row.record_id == record_id), None)
    if row is None:  # another process was faster, or the execution was stopped
        return None
    if not keys_gone(unit, record_id):
        found = stays(unit, row, decisions_for(unit, [record_id], reference.day).get(record_id))
        if found is not None:
            leave_list(unit, list_id, record_id, found)
            return found
    mark_destroying(unit, list_id, record_id)
    # Last in the act: the guards have agreed, nobody else can change what was decided on before the act ends,
    # and from here the item is gone whether or not the act reaches its end.
    unit.archive.keys.destroy(keys_of(unit, record_id), reference, journal=False)
    return None


def leave_list(unit: Unit, list_id: int, record_id: int, found: Stay) -> None:
    """An item that may not go leaves the list untouched."""
    unit.execute(
        update(disposal_items)
        .where(disposal_items.c.list_id == list_id, disposal_items.c.record_id == record_id)
        .values(state="withdrawn", left_because=found.because)
    )
    unit.log("disposal.leave", f"disposal:{list_id}", detail={"record": record_id, "reason": found.because})


def stop(archive: Archive, actor: Actor, list_id: int) -> Progress:
    """End an execution that cannot go on: what is destroyed stays so, the rest leaves the list.

    Raises StateForbids.
    """
    progress = Progress()
    with archive.acting("disposal.stop", actor) as unit:
        require_state(list_facts(unit, list_id), "executing")
        for row in entries(unit, list_id, "listed"):
            lock_item(unit, row.record_id)
            if not keys_gone(unit, row.record_id):
                found = Stay(row.ref_code, "stopped", "执行中止。")
                leave_list(unit, list_id, row.record_id, found)
                progress.stayed.append(found)
        unit.log("disposal.stop", f"disposal:{list_id}", detail={"items": len(progress.stayed)})
    complete(archive, actor, list_id, progress)
    return progress

"""Two files found to be one person's become one file, with trace in both.

The kept file goes on; the other stays as an empty one that says where it went.  Volumes and items move, open
holds and the way to find the person too; a number once given is never given again.
"""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import RowMapping, func, insert, select, update

from archives.archive import Unit
from archives.errors import AlreadyThere, InputRefused, StateForbids
from archives.items.codes import item_ref, next_item
from archives.items.ending import settle_lost
from archives.keys.bindings import HOLD_NOTE, IDENTITY, MERGE_REASON
from archives.people.files import FileFacts, current_volume, file_facts
from archives.people.naming import clean
from archives.people.persons import PersonFacts, add_terms, sealed_identity
from archives.store.next_id import next_id
from archives.store.rows import the_row
from archives.store.tables import documents, files, holds, merges, persons, records, search_terms, volumes
from archives.store.tables_duties import disposal_items, disposal_lists, loans, rights_requests
from archives.store.tables_people import assignments


def merge_files(unit: Unit, kept: int, merged: int, reason: str) -> None:
    """Move everything of file ``merged`` into file ``kept``.

    Ended volumes become later volumes of the kept file, items keep their 档号, and both logs say so.  Papers
    of an application that is still running go on in the kept file's running volume.
    Raises StateForbids, AlreadyThere (two different ID numbers), InputRefused, NotFound.
    """
    reason = clean(reason, "合并原因", most=500)
    for file_id in sorted((kept, merged)):
        unit.lock_file(file_id)
        settle_lost(unit, file_id)
    one, other = file_facts(unit, kept), file_facts(unit, merged)
    joins = check_merger(unit, one, other)
    _merge_persons(unit, one, other, reason)
    if joins is not None:
        _join_running(unit, other, joins)
    _move_volumes(unit, one, other, leave=joins is not None)
    _move_contents(unit, one, other)
    _move_holds(unit, one, other)
    _end_assignments(unit, other)
    state = "filed" if one.state == other.state == "filed" else "open"
    unit.execute(update(files).where(files.c.id == merged).values(state="merged"))
    unit.execute(update(files).where(files.c.id == kept).values(state=state))
    unit.log("file.merge", f"file:{kept}", chain=kept, detail={"file": merged, "kind": "kept"})
    unit.log("file.merge", f"file:{merged}", chain=merged, detail={"file": kept, "kind": "merged"})


def check_merger(unit: Unit, one: FileFacts, other: FileFacts) -> int | None:
    """The volume of the kept file that takes over a running application; None when nothing runs twice.

    Raises StateForbids, AlreadyThere, InputRefused.
    """
    if one.person is None or other.person is None or one.id == other.id:
        raise InputRefused("只能合并两个不同服务对象的档案。")
    for facts in (one, other):
        if facts.state not in ("open", "filed"):
            raise StateForbids(
                f"档案 {facts.number} 的状态不允许合并。", hint="封存的请先解除，已并入的请用保留的档案。"
            )
        _refuse_busy(unit, facts)
    hashes = [_person(unit, facts.person).id_hash for facts in (one, other)]
    if all(hashes):
        raise AlreadyThere(
            "两份档案的身份证件号码不同，不是同一个人。", hint="确系录错时，请先更正其中一个号码。"
        )
    if one.ref_code is None and other.ref_code is not None:
        raise StateForbids(
            f"{one.number} 还没有档号，{other.number} 已有档号。", hint="请把没有档号的并入有档号的那一份。"
        )
    here, there = current_volume(unit, one.id), current_volume(unit, other.id)
    if not (_runs(here) and _runs(there)):
        return None
    if there.case_no is None:
        return int(here.id)
    if here.case_no is None:
        raise StateForbids(
            f"{other.number} 有进行中的个案，{one.number} 还在申请中。",
            hint="请把申请中的并入有个案的那一份。",
        )
    raise StateForbids(
        "两份档案都有进行中的个案。", hint="请先用 kangdang file close 对其中一份办理结案，再合并。"
    )


def _runs(volume: Any) -> bool:
    return volume.closed_on is None and volume.outcome is None


def _refuse_busy(unit: Unit, facts: FileFacts) -> None:
    """What is out of the house, asked for by right, or on a live list must come to its end where it began."""
    lent = select(loans.c.id).where(loans.c.file_id == facts.id, loans.c.returned_on.is_(None))
    if unit.execute(lent.limit(1)).first() is not None:
        raise StateForbids(
            f"档案 {facts.number} 有原件借出未还，不能合并。", hint="请先办理归还：kangdang loan return。"
        )
    asked = select(rights_requests.c.id).where(
        rights_requests.c.file_id == facts.id, rights_requests.c.state == "open"
    )
    if unit.execute(asked.limit(1)).first() is not None:
        raise StateForbids(
            f"档案 {facts.number} 有权利请求正在办理，不能合并。",
            hint="请先办结权利请求：kangdang rights decide。",
        )
    listed = (
        select(disposal_items.c.record_id)
        .join(records, records.c.id == disposal_items.c.record_id)
        .join(disposal_lists, disposal_lists.c.id == disposal_items.c.list_id)
        .where(
            records.c.file_id == facts.id,
            disposal_lists.c.state.not_in(("done", "withdrawn")),
            disposal_items.c.state.in_(("proposed", "listed", "destroying")),
        )
    )
    if unit.execute(listed.limit(1)).first() is not None:
        raise StateForbids(
            f"档案 {facts.number} 有件列在未办结的销毁清册中，不能合并。",
            hint="请先办结或撤回该清册：kangdang disposal list。",
        )


# --- persons ----------------------------------------------------------------------------------------------


def _merge_persons(unit: Unit, one: FileFacts, other: FileFacts, reason: str) -> None:
    first, second = _person(unit, one.person), _person(unit, other.person)
    key = unit.archive.keys.get(first.identity_key)
    # The other's hash goes first: the database lets a number stand once only.
    unit.execute(
        update(persons)
        .where(persons.c.id == second.id)
        .values(state="merged", merged_into=first.id, id_hash=None)
    )
    both = _both(unit, first, second)
    unit.execute(
        update(persons)
        .where(persons.c.id == first.id)
        .values(
            id_hash=first.id_hash or second.id_hash,
            sex=both.sex,
            birth_date=both.birth_date,
            phone=both.phone,
            identity=unit.archive.encrypt(key, sealed_identity(both), IDENTITY.of_row(first)),
        )
    )
    unit.execute(
        insert(merges),
        {
            "kept": first.id, "merged": second.id, "at": unit.at, "by": unit.staff(),
            "reason": unit.archive.encrypt(
                key, reason.encode(), MERGE_REASON.of(kept=first.id, merged=second.id)
            ),
        },
    )  # fmt: skip
    _move_terms(unit, first.id, second.id)


def _both(unit: Unit, first: Any, second: Any) -> PersonFacts:
    """What is known of either; where both say something the kept person's word stands."""
    kept, merged = (
        json.loads(unit.archive.decrypt(row.identity_key, row.identity, IDENTITY.of_row(row)))
        for row in (first, second)
    )
    number = kept["id_number"] or merged["id_number"]
    return PersonFacts(
        first.name,
        first.sex or second.sex,
        first.birth_date or second.birth_date,
        first.phone or second.phone,
        number,
        {**merged["more"], **kept["more"]},
    )


def _person(unit: Unit, person: int | None) -> Any:
    query = select(persons).where(persons.c.id == person).with_for_update()
    return the_row(unit.execute(query), f"服务对象 #{person} 的登记")


def _move_terms(unit: Unit, kept: int, merged: int) -> None:
    rows = unit.execute(
        select(search_terms.c.kind, search_terms.c.term).where(search_terms.c.person_id == merged)
    )
    add_terms(unit, kept, {(row.kind, row.term): None for row in rows})
    unit.execute(search_terms.delete().where(search_terms.c.person_id == merged))


# --- contents ---------------------------------------------------------------------------------------------


def _join_running(unit: Unit, other: FileFacts, volume: int) -> None:
    """The papers of an application under way go on in the running volume of the kept file."""
    running = current_volume(unit, other.id)
    unit.execute(update(records).where(records.c.volume_id == running.id).values(volume_id=volume))


def _move_volumes(unit: Unit, one: FileFacts, other: FileFacts, *, leave: bool) -> None:
    """Volumes of the other file get the next numbers; ``leave`` its running one, whose papers went on."""
    running = current_volume(unit, other.id).id if leave else None
    last = unit.execute(select(func.max(volumes.c.number)).where(volumes.c.file_id == one.id)).scalar() or 0
    moving = unit.execute(
        select(volumes.c.id).where(volumes.c.file_id == other.id).order_by(volumes.c.number)
    ).scalars()
    staying = [volume for volume in moving if volume != running]
    for number, volume in enumerate(staying, start=last + 1):
        unit.execute(update(volumes).where(volumes.c.id == volume).values(file_id=one.id, number=number))


def _move_contents(unit: Unit, one: FileFacts, other: FileFacts) -> None:
    """Items keep the 档号 they were filed under; those without one are numbered in the kept file."""
    unnumbered = unit.execute(
        select(records.c.id, records.c.volume_id)
        .where(records.c.file_id == other.id, records.c.ref_code.is_(None), records.c.item_no.is_not(None))
        .order_by(records.c.item_no)
    ).all()
    unit.execute(update(records).where(records.c.file_id == other.id).values(file_id=one.id, item_no=None))
    for row in unnumbered:
        number = next_item(unit, one.id)
        code = item_ref(unit, one.id, row.volume_id, number)
        unit.execute(update(records).where(records.c.id == row.id).values(item_no=number, ref_code=code))
    unit.execute(update(documents).where(documents.c.file_id == other.id).values(file_id=one.id))


def _move_holds(unit: Unit, one: FileFacts, other: FileFacts) -> None:
    """Open holds go on over the kept file; those of the empty one end in the same act."""
    rows = unit.execute(select(holds).where(holds.c.file_id == other.id, holds.c.released_at.is_(None)))
    for row in rows.mappings().all():
        copied = {name: row[name] for name in ("record_id", "reason", "owner", "placed_at", "until")}
        hold = next_id(unit.connection, holds)
        note = _noted_again(unit, row, hold, one.id)
        unit.execute(insert(holds), {**copied, "id": hold, "note": note, "file_id": one.id})
        unit.execute(
            update(holds).where(holds.c.id == row["id"]).values(released_at=unit.at, released_by=unit.staff())
        )


def _noted_again(unit: Unit, was: RowMapping, hold: int, kept: int) -> bytes | None:
    """The note of an open hold of the merged file, sealed for the hold that takes its place."""
    if was["note"] is None:
        return None
    query = select(files.c.id, files.c.note_key).where(files.c.id.in_((kept, was["file_id"])))
    names = {row.id: row.note_key for row in unit.execute(query)}
    of = HOLD_NOTE.of(file_id=was["file_id"], id=was["id"])
    plain = unit.archive.decrypt(names[was["file_id"]], was["note"], of)
    key = unit.archive.keys.get(names[kept])
    return unit.archive.encrypt(key, plain, HOLD_NOTE.of(file_id=kept, id=hold))


def _end_assignments(unit: Unit, other: FileFacts) -> None:
    unit.execute(
        update(assignments)
        .where(assignments.c.file_id == other.id, assignments.c.to_on.is_(None))
        .values(to_on=unit.today.isoformat())
    )


def kept_number(unit: Unit, merged: int) -> str | None:
    """The number of the file a merged file went into; None for a file that is not merged."""
    kept, own = persons.alias("kept"), files.alias("own")
    into = (
        select(files.c.id)
        .join(kept, kept.c.id == files.c.person_id)
        .join(persons, persons.c.merged_into == kept.c.id)
        .join(own, own.c.person_id == persons.c.id)
    )
    passed = [merged]
    # Ends: no file is passed twice.
    while (file_id := unit.execute(into.where(own.c.id == passed[-1])).scalar()) and file_id not in passed:
        passed.append(file_id)
    return file_facts(unit, passed[-1]).number if len(passed) > 1 else None

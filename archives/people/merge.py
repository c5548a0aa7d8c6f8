"""Two files found to be one person's become one file, with trace in both."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, insert, select, update

from archives.archive import Unit
from archives.errors import AlreadyThere, InputRefused, StateForbids
from archives.people.files import FileFacts, file_facts
from archives.people.naming import clean
from archives.store.tables import documents, files, holds, merges, persons, records, search_terms, volumes
from archives.store.tables_people import assignments


def merge_files(unit: Unit, kept: int, merged: int, reason: str) -> None:
    """Move everything of file ``merged`` into file ``kept``; the merged number is never used again.

    Volumes become later volumes of the kept file; items keep their 档号; open holds go on; both logs say so.
    Raises StateForbids, AlreadyThere (two different ID numbers), InputRefused, NotFound.
    """
    reason = clean(reason, "合并原因", most=500)
    for file_id in sorted((kept, merged)):
        unit.lock_file(file_id)
    one, other = file_facts(unit, kept), file_facts(unit, merged)
    if one.person is None or other.person is None or one.id == other.id:
        raise InputRefused("只能合并两个不同服务对象的档案。")
    for facts in (one, other):
        if facts.state not in ("open", "filed"):
            raise StateForbids(f"档案 {facts.number} 的状态不允许合并。")
    _merge_persons(unit, one, other, reason)
    _move_volumes(unit, kept, merged)
    _move_contents(unit, kept, merged)
    _move_holds(unit, kept, merged)
    unit.execute(
        update(assignments)
        .where(assignments.c.file_id == merged, assignments.c.to_on.is_(None))
        .values(to_on=unit.today.isoformat())
    )
    unit.execute(update(files).where(files.c.id == merged).values(state="merged"))
    unit.execute(update(files).where(files.c.id == kept).values(state="open"))
    unit.log("file.merge", f"file:{kept}", chain=kept, detail={"file": merged, "kind": "kept"})
    unit.log("file.merge", f"file:{merged}", chain=merged, detail={"file": kept, "kind": "merged"})


def _merge_persons(unit: Unit, one: FileFacts, other: FileFacts, reason: str) -> None:
    first, second = _person(unit, one.person), _person(unit, other.person)
    if first.id_hash and second.id_hash:
        raise AlreadyThere(
            "两份档案的身份证件号码不同，不是同一个人。", hint="确系录错时，请先更正其中一个号码。"
        )
    values: dict[str, Any] = {}
    if first.id_hash is None and second.id_hash is not None:
        from archives.people.persons import IDENTITY

        plain = unit.archive.decrypt(second.identity_key, second.identity, IDENTITY)
        key = unit.archive.keys.get(first.identity_key)
        values = {"id_hash": second.id_hash, "identity": unit.archive.encrypt(key, plain, IDENTITY)}
    key = unit.archive.keys.get(first.identity_key)
    unit.execute(
        update(persons)
        .where(persons.c.id == second.id)
        .values(state="merged", merged_into=first.id, id_hash=None)
    )
    if values:
        unit.execute(update(persons).where(persons.c.id == first.id).values(**values))
    unit.execute(
        insert(merges),
        {
            "kept": first.id, "merged": second.id, "at": unit.at, "by": unit.staff(),
            "reason": unit.archive.encrypt(key, reason.encode(), "merge.reason"),
        },
    )  # fmt: skip
    _move_terms(unit, first.id, second.id)


def _person(unit: Unit, person: int | None) -> Any:
    return unit.execute(select(persons).where(persons.c.id == person)).one()


def _move_terms(unit: Unit, kept: int, merged: int) -> None:
    from archives.people.persons import add_terms

    rows = unit.execute(
        select(search_terms.c.kind, search_terms.c.term).where(search_terms.c.person_id == merged)
    )
    add_terms(unit, kept, {(row.kind, row.term): None for row in rows})
    unit.execute(search_terms.delete().where(search_terms.c.person_id == merged))


def _move_volumes(unit: Unit, kept: int, merged: int) -> None:
    last = unit.execute(select(func.max(volumes.c.number)).where(volumes.c.file_id == kept)).scalar() or 0
    moving = unit.execute(
        select(volumes.c.id, volumes.c.number).where(volumes.c.file_id == merged).order_by(volumes.c.number)
    ).all()
    for row in moving:
        unit.execute(
            update(volumes).where(volumes.c.id == row.id).values(file_id=kept, number=last + row.number)
        )


def _move_contents(unit: Unit, kept: int, merged: int) -> None:
    # Items keep the 档号 they were filed under; their running number belongs to the other file.
    unit.execute(update(records).where(records.c.file_id == merged).values(file_id=kept, item_no=None))
    unit.execute(update(documents).where(documents.c.file_id == merged).values(file_id=kept))


def _move_holds(unit: Unit, kept: int, merged: int) -> None:
    rows = unit.execute(
        select(holds).where(holds.c.file_id == merged, holds.c.released_at.is_(None))
    ).mappings()
    for row in list(rows):
        copied = {name: row[name] for name in ("record_id", "reason", "owner", "placed_at", "until")}
        unit.execute(insert(holds), {**copied, "file_id": kept})

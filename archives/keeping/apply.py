"""Destroying in a restored archive what was destroyed after its backup was made.

The guards of disposal ask for lists, approvals and witnesses that an old backup does not have; the list of
tombstones is their result, so the guards stand aside inside this one act and are back when it ends.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, text, update

from archives.archive import Archive, Unit, canonical_json
from archives.clock.reference import NotByTime
from archives.disposal.erasure import remove_rows
from archives.errors import BackupInvalid
from archives.items.titles import forget_separator_titles
from archives.items.written import forget_written
from archives.keeping.meant import is_gone, is_meant, named_by, standing
from archives.keeping.tombs import Stones
from archives.ports import Actor
from archives.scans.copies import copied_keys, forget_copies
from archives.store.next_id import next_id
from archives.store.tables import (
    amendments,
    documents,
    files,
    numbers,
    persons,
    records,
    schedules,
    search_terms,
    sequences,
)
from archives.store.tables_duties import disposal_items, disposal_lists, forgotten, tombstones
from archives.store.tables_people import notes, staff

MOST_LOST = 100_000
"""Numbers of one sequence given after a backup was made: more were never given."""
LOST_NUMBER = "备份之后发出，恢复时没有内容"


@dataclass(frozen=True, slots=True)
class Applied:
    """What was done again: records, persons, and numbers that were given after the backup.

    ``others``: what lines name whose number is something else in this station; it was left alone.
    """

    records: int
    persons: int
    numbers: int
    others: tuple[str, ...] = ()


def apply_stones(
    archive: Archive, actor: Actor, stones: Stones, *, remove_blobs: bool = True,
    action: str = "backup.restore",
) -> Applied:  # fmt: skip
    """Do every destruction again that this archive does not know of; repeating it changes nothing.

    A line is obeyed by name for keys and blobs, and by number only where the number is what it meant.
    ``action``: the word of the event that counts them.

    Raises StoreUnusable.
    """
    others: list[str] = []
    told = {"record": 0, "person": 0, "numbers": 0}
    acts = {"record": _record, "person": _person, "numbers": _numbers}
    _destroy(archive, stones, remove_blobs=remove_blobs)
    with archive.acting("restore.apply", actor) as unit, _guards_aside(unit.connection):
        for kind, act in acts.items():
            for stone in stones.values():
                if stone["kind"] == kind:
                    if kind != "numbers" and _is_another(unit, stone):
                        others.append(named_by(stone))
                        continue
                    told[kind] += act(unit, stone)
        unit.log(
            action, "backup:1",
            detail={"records": told["record"], "files": told["person"], "number": told["numbers"]},
        )  # fmt: skip
    archive.data.truncate_journal()
    return Applied(told["record"], told["person"], told["numbers"], tuple(sorted(others)))


def _destroy(archive: Archive, stones: Stones, *, remove_blobs: bool) -> None:
    names = [name for stone in stones.values() for name in stone.get("item_keys", ())]
    archive.keys.destroy(archive.keys.has(names), NotByTime.AGAIN)
    if remove_blobs:
        for stone in stones.values():
            for name in stone.get("blobs", ()):
                archive.blobs.remove(name)


def _is_another(unit: Unit, stone: Mapping[str, Any]) -> bool:
    found = standing(unit, stone)
    return not is_gone(found) and not is_meant(found, stone)


def _record(unit: Unit, stone: Mapping[str, Any]) -> int:
    record = stone["record_id"]
    row = unit.execute(select(records).where(records.c.id == record)).first()
    if row is None or row.state == "destroyed":
        return 0
    remove_rows(unit, record)
    unit.archive.keys.destroy(copied_keys(unit, record), NotByTime.AGAIN)
    forget_copies(unit, record)
    unit.execute(
        update(documents)
        .where(documents.c.record_id == record)
        .values(state="destroyed", blob=None, item_key=None, sheet=None)
    )
    unit.execute(update(records).where(records.c.id == record).values(state="destroyed", item_key=None))
    number = _list(unit, stone)
    unit.execute(
        update(disposal_items)
        .where(disposal_items.c.record_id == record, disposal_items.c.list_id != number,
               disposal_items.c.state.in_(("proposed", "listed")))
        .values(state="withdrawn")
    )  # fmt: skip
    unit.execute(
        update(disposal_items)
        .where(disposal_items.c.record_id == record, disposal_items.c.list_id == number)
        .values(state="destroyed", opinion="destroy", destroyed_at=stone["destroyed_at"])
    )
    if unit.execute(select(tombstones).where(tombstones.c.record_id == record)).first() is None:
        unit.execute(insert(tombstones), _row(stone, tombstones.columns.keys(), number))
    unit.log(
        "disposal.repeat", f"record:{record}", chain=row.file_id, approval=f"disposal:{number}",
        detail={"sha256": stone["content_sha256"], "state": "restored"},
    )  # fmt: skip
    return 1


def _row(stone: Mapping[str, Any], columns: list[str], number: int) -> dict[str, Any]:
    lists = {name: canonical_json(stone[name]) for name in ("item_keys", "blobs") if name in columns}
    return {name: stone[name] for name in columns if name not in lists} | lists | {"list_id": number}


def _list(unit: Unit, stone: Mapping[str, Any]) -> int:
    """The number here of the list a tombstone names; one made after the backup is put back as far as known.

    It gets another number, or a mark behind its 编号, where the station has given that to another list.
    """
    number, lists, code = int(stone["list_id"]), disposal_lists.c, stone["list"]["ref_code"]
    same = select(lists.id, lists.ref_code, lists.made_at).where(lists.ref_code.startswith(code))
    taken = unit.execute(same).all()
    for row in taken:
        if row.made_at == stone["list"]["made_at"] and row.ref_code in (code, _marked(code, row.id)):
            return int(row.id)
    if unit.execute(select(lists.id).where(lists.id == number)).first() is not None:
        number = next_id(unit.connection, disposal_lists)
    known = {name: stone["list"].get(name) for name in disposal_lists.columns.keys() if name != "id"}  # noqa: SIM118
    if unit.execute(select(staff.c.id).where(staff.c.id == known["made_by"])).first() is None:
        known["made_by"] = unit.execute(select(func.min(staff.c.id))).scalar()
    version = known["schedule_version"]
    if unit.execute(select(schedules).where(schedules.c.version == version)).first() is None:
        unit.execute(
            insert(schedules),
            {"version": version, "body": "{}", "sha256": "0" * 64, "proposed_by": known["made_by"],
             "proposed_at": unit.at},
        )  # fmt: skip
    if any(row.ref_code == code for row in taken):
        known["ref_code"] = _marked(code, number)
    unit.execute(insert(disposal_lists), {"id": number, **known, "state": "done"})
    return number


def _marked(code: str, number: int) -> str:
    """The 编号 of a list whose own one another life of the station gave too."""
    return f"{code}（恢复前 {number}）"


def _person(unit: Unit, stone: Mapping[str, Any]) -> int:
    person = stone["person_id"]
    row = unit.execute(select(persons).where(persons.c.id == person)).first()
    if row is None or row.state == "gone":
        return 0
    people, fresh = [person], [person]
    # Ends: nobody is taken twice.
    while fresh:
        query = select(persons.c.id).where(persons.c.merged_into.in_(fresh), persons.c.id.not_in(people))
        fresh = list(unit.execute(query).scalars())
        people += fresh
    own = list(unit.execute(select(files.c.id).where(files.c.person_id.in_(people))).scalars())
    unit.execute(delete(search_terms).where(search_terms.c.person_id.in_(people)))
    unit.execute(delete(amendments).where(amendments.c.person_id.in_(people)))
    unit.execute(delete(notes).where(notes.c.file_id.in_(own)))
    forget_written(unit, own)
    forget_separator_titles(unit, own)
    blank = dict.fromkeys(("id_hash", "name", "sex", "birth_date", "phone", "identity", "identity_key"))
    unit.execute(update(persons).where(persons.c.id.in_(people)).values(**blank))
    unit.execute(update(persons).where(persons.c.id == person).values(state="gone", merged_into=None))
    unit.execute(update(files).where(files.c.id.in_(own)).values(state="destroyed", note_key=None))
    number = _list(unit, stone)
    unit.execute(insert(forgotten), _row(stone, forgotten.columns.keys(), number))
    return 1


def _numbers(unit: Unit, stone: Mapping[str, Any]) -> int:
    """Numbers given after the backup stand on paper somewhere: they are never given again."""
    name, following = stone["sequence"], int(stone["next"])
    known = unit.execute(select(sequences.c.next).where(sequences.c.name == name)).scalar()
    if known is None:
        unit.execute(insert(sequences), {"name": name, "next": following})
    elif known >= following:
        return 0
    else:
        unit.execute(update(sequences).where(sequences.c.name == name).values(next=following))
    lost = range(known or 1, following)
    if len(lost) > MOST_LOST:
        raise BackupInvalid(
            f"销毁登记说编号 {name} 已发到 {following}，比备份多出 {len(lost)} 个，不可信。",
            hint="请用另一个备份盘上的销毁登记代替。",
        )
    rows = [
        {"sequence": name, "number": number, "used_for": "lost", "at": unit.at, "void_reason": LOST_NUMBER}
        for number in lost
    ]
    if rows:
        unit.execute(insert(numbers), rows)
    return len(rows)


@contextmanager
def _guards_aside(connection: Connection) -> Iterator[None]:
    if connection.dialect.name != "sqlite":
        # Only the guards: what notes touched rows goes on.
        standing = connection.execute(
            text("SELECT tgname, tgrelid::regclass::text FROM pg_trigger"
                 " WHERE NOT tgisinternal AND tgname LIKE 'guard%'")
        ).all()  # fmt: skip
        for name, table in standing:
            connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER {name}"))
        yield
        for name, table in standing:
            connection.execute(text(f"ALTER TABLE {table} ENABLE TRIGGER {name}"))
        return
    query = text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' ORDER BY name")
    guards = connection.execute(query).all()
    for guard in guards:
        connection.exec_driver_sql(f"DROP TRIGGER {guard.name}")
    yield
    for guard in guards:
        connection.exec_driver_sql(guard.sql)

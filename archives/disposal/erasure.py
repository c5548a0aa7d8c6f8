"""Taking one item out of every store, step by step; every step may be repeated after a crash."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, func, or_, select, update

from archives.archive import Archive, Unit, canonical_json
from archives.errors import CheckFailed
from archives.items.ending import keys_of
from archives.items.titles import forget_titles
from archives.items.written import note_left
from archives.scans.copies import copied_blobs, forget_copies
from archives.store.rows import the_row, the_value
from archives.store.tables import documents, facts, holds, records, revisions
from archives.store.tables_duties import disposal_items, loans, tombstones
from archives.store.tables_people import events, notes


def blobs_of(unit: Unit, record_id: int) -> list[str]:
    """Names of the blobs of a record's documents, and of copies of its scanned pages."""
    query = select(documents.c.blob).where(documents.c.record_id == record_id, documents.c.blob.is_not(None))
    return [*(name for name in unit.execute(query).scalars() if name), *copied_blobs(unit, record_id)]


def remove_blobs(archive: Archive, names: Sequence[str]) -> None:
    """Remove encrypted bytes.  Raises StoreUnusable."""
    for name in names:
        archive.blobs.remove(name)


def remove_rows(unit: Unit, record_id: int) -> None:
    """Remove answers, facts, print records, and what was written about the item under its file's note key."""
    unit.execute(delete(revisions).where(revisions.c.record_id == record_id))
    unit.execute(delete(facts).where(facts.c.record_id == record_id))
    unit.execute(update(documents).where(documents.c.record_id == record_id).values(sheet=None))
    unit.execute(update(records).where(records.c.id == record_id).values(events="{}"))
    unit.execute(update(holds).where(holds.c.record_id == record_id).values(note=None))
    unit.execute(update(loans).where(loans.c.record_id == record_id).values(basis=None, condition=None))
    unit.execute(delete(notes).where(notes.c.event_id.in_(_notes_of(unit, record_id))))
    forget_titles(unit, record_id)


def _notes_of(unit: Unit, record_id: int) -> list[int]:
    """Events with a free text about the item or one of its documents, on whichever chain they are."""
    papers = unit.execute(select(documents.c.id).where(documents.c.record_id == record_id)).scalars()
    subjects = [f"record:{record_id}", *(f"document:{document}" for document in papers)]
    query = select(notes.c.event_id).join(events, events.c.id == notes.c.event_id)
    return list(unit.execute(query.where(events.c.subject.in_(subjects))).scalars())


def mark_destroyed(unit: Unit, list_id: int, record_id: int) -> str | None:
    """Re-read every reachable copy, then write the tombstone; returns the 档号, None if written before.

    Raises CheckFailed when anything of the item is still there.
    """
    item = the_row(
        unit.execute(
            select(disposal_items)
            .where(disposal_items.c.list_id == list_id, disposal_items.c.record_id == record_id)
            .with_for_update()
        ),
        f"清册中的第 {record_id} 件",
    )
    if item.state != "destroying":
        return None
    names, blobs = keys_of(unit, record_id), blobs_of(unit, record_id)
    _require_gone(unit, item, names, blobs)
    unit.execute(
        tombstones.insert(),
        {
            "record_id": record_id, "ref_code": item.ref_code, "form_id": item.form_id, "title": item.title,
            "content_sha256": item.content_sha256, "list_id": list_id, "destroyed_at": unit.at,
            "item_keys": canonical_json(names), "blobs": canonical_json(blobs),
        },
    )  # fmt: skip
    unit.execute(
        update(disposal_items)
        .where(disposal_items.c.list_id == list_id, disposal_items.c.record_id == record_id)
        .values(state="destroyed", destroyed_at=unit.at)
    )
    unit.execute(update(records).where(records.c.id == record_id).values(state="destroyed", item_key=None))
    unit.execute(
        update(documents)
        .where(documents.c.record_id == record_id)
        .values(state="destroyed", blob=None, item_key=None, sheet=None)
    )
    forget_copies(unit, record_id)
    note_left(unit, list_id, record_id)
    query = select(records.c.file_id).where(records.c.id == record_id)
    file_id = the_value(unit.execute(query), f"第 {record_id} 件")
    unit.log(
        "disposal.destroyed", f"record:{record_id}", chain=file_id, approval=f"disposal:{list_id}",
        detail={"sha256": item.content_sha256},
    )  # fmt: skip
    return str(item.ref_code)


def _require_gone(unit: Unit, item: Any, names: Sequence[str], blobs: Sequence[str]) -> None:
    left = []
    if unit.archive.keys.has(names):
        left.append("密钥")
    if any(unit.archive.blobs.has(name) for name in blobs):
        left.append("存储文件")
    for word, query in _readings(item.record_id):
        if unit.execute(query).scalar_one():
            left.append(word)
    if _notes_of(unit, item.record_id):
        left.append("说明文字")
    if left:
        raise CheckFailed(
            f"{item.ref_code} 销毁后复核时仍能读到{'、'.join(left)}，不能登记为已销毁。",
            hint="请排除原因（如文件夹只读、被其他程序占用）后重新运行同一命令。",
        )


def _readings(record_id: int) -> list[tuple[str, Any]]:
    def count(table: Any, *where: Any) -> Any:
        return select(func.count()).select_from(table).where(table.c.record_id == record_id, *where)

    return [
        ("内容", count(revisions)),
        ("索引", count(facts)),
        ("打印记录", count(documents, documents.c.sheet.is_not(None))),
        ("冻结说明", count(holds, holds.c.note.is_not(None))),
        ("借阅说明", count(loans, or_(loans.c.basis.is_not(None), loans.c.condition.is_not(None)))),
    ]

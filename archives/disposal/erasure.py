"""Taking one item out of every store, step by step; every step may be repeated after a crash."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, func, select, update

from archives.archive import Archive, Unit, canonical_json
from archives.errors import CheckFailed
from archives.store.tables import documents, facts, files, persons, records, revisions, search_terms
from archives.store.tables_duties import disposal_items, tombstones
from archives.store.tables_people import notes


def keys_of(unit: Unit, record_id: int) -> list[str]:
    """Names of the item keys of a record and of its documents."""
    own = unit.execute(select(records.c.item_key).where(records.c.id == record_id)).scalar()
    papers = unit.execute(
        select(documents.c.item_key).where(
            documents.c.record_id == record_id, documents.c.item_key.is_not(None)
        )
    ).scalars()
    return [*([own] if own else []), *papers]


def blobs_of(archive: Archive, record_id: int) -> list[str]:
    """Names of the blobs of a record's documents."""
    with archive.data.reading() as connection:
        query = select(documents.c.blob).where(
            documents.c.record_id == record_id, documents.c.blob.is_not(None)
        )
        return [name for name in connection.execute(query).scalars() if name]


def destroy_keys(archive: Archive, names: Sequence[str]) -> None:
    """The act of destruction: without its keys nothing of the item can be read."""
    archive.keys.destroy(names)


def mark_destroying(unit: Unit, list_id: int, record_id: int) -> None:
    """From here on only forward; the guards of the database agree or refuse."""
    unit.execute(
        update(disposal_items)
        .where(disposal_items.c.list_id == list_id, disposal_items.c.record_id == record_id)
        .values(state="destroying")
    )
    unit.execute(update(records).where(records.c.id == record_id).values(state="destroying"))
    unit.execute(update(documents).where(documents.c.record_id == record_id).values(state="destroying"))


def leave_list(unit: Unit, list_id: int, record_id: int) -> None:
    """An item that may not go leaves the list untouched."""
    unit.execute(
        update(disposal_items)
        .where(disposal_items.c.list_id == list_id, disposal_items.c.record_id == record_id)
        .values(state="withdrawn")
    )
    unit.log("disposal.refuse", f"disposal:{list_id}", detail={"record": record_id})


def remove_blobs(archive: Archive, record_id: int) -> None:
    """Remove the encrypted bytes."""
    for name in blobs_of(archive, record_id):
        archive.blobs.remove(name)


def remove_rows(unit: Unit, record_id: int) -> None:
    """Remove answers, facts, and print records."""
    unit.execute(delete(revisions).where(revisions.c.record_id == record_id))
    unit.execute(delete(facts).where(facts.c.record_id == record_id))
    unit.execute(update(documents).where(documents.c.record_id == record_id).values(sheet=None))
    unit.execute(update(records).where(records.c.id == record_id).values(events="{}"))


def mark_destroyed(unit: Unit, list_id: int, record_id: int) -> str:
    """Re-read every reachable copy, then write the tombstone; returns the 档号.

    Raises CheckFailed when anything of the item is still there.
    """
    names = keys_of(unit, record_id)
    blobs = [
        name
        for name in unit.execute(select(documents.c.blob).where(documents.c.record_id == record_id)).scalars()
        if name
    ]
    item = unit.execute(
        select(disposal_items).where(
            disposal_items.c.list_id == list_id, disposal_items.c.record_id == record_id
        )
    ).one()
    _require_gone(unit, record_id, names, blobs, item.ref_code)
    unit.execute(
        tombstones.insert(),
        {
            "record_id": record_id, "ref_code": item.ref_code, "form_id": item.form_id, "title": item.title,
            "content_sha256": item.content_sha256, "list_id": list_id, "destroyed_at": unit.at,
            "item_keys": canonical_json(names), "blobs": canonical_json(blobs),
        },
    )  # fmt: skip
    unit.execute(
        update(documents)
        .where(documents.c.record_id == record_id)
        .values(state="destroyed", blob=None, item_key=None, sheet=None)
    )
    unit.execute(update(records).where(records.c.id == record_id).values(state="destroyed", item_key=None))
    unit.execute(
        update(disposal_items)
        .where(disposal_items.c.list_id == list_id, disposal_items.c.record_id == record_id)
        .values(state="destroyed", destroyed_at=unit.at)
    )
    file_id = unit.execute(select(records.c.file_id).where(records.c.id == record_id)).scalar_one()
    unit.log(
        "disposal.destroyed", f"record:{record_id}", chain=file_id, approval=f"disposal:{list_id}",
        detail={"sha256": item.content_sha256},
    )  # fmt: skip
    return str(item.ref_code)


def _require_gone(
    unit: Unit, record_id: int, names: Sequence[str], blobs: Sequence[str], ref_code: str
) -> None:
    left = []
    if unit.archive.keys.has(names):
        left.append("密钥")
    if any(unit.archive.blobs.has(name) for name in blobs):
        left.append("文件")
    for table, word in ((revisions, "内容"), (facts, "索引")):
        query = select(func.count()).select_from(table).where(table.c.record_id == record_id)
        if unit.execute(query).scalar_one():
            left.append(word)
    if left:
        raise CheckFailed(f"{ref_code} 销毁后复核时仍能读到{'、'.join(left)}，不能登记为已销毁。")


def forget_if_empty(unit: Unit, file_id: int) -> bool:
    """Forget the person of a file that was never accepted and holds nothing any more; True if done.

    Name, ID hash, search entries and notes go (spec E3.5); the file's row and its log stay.
    """
    unit.lock_file(file_id)
    file = unit.execute(select(files).where(files.c.id == file_id)).one()
    if file.kind != "person" or file.accepted_on is not None or file.state == "destroyed":
        return False
    left = (
        select(func.count())
        .select_from(records)
        .where(records.c.file_id == file_id, records.c.state != "destroyed")
    )
    loose = (
        select(func.count())
        .select_from(documents)
        .where(documents.c.file_id == file_id, documents.c.state.in_(("present", "void")))
    )
    if unit.execute(left).scalar_one() or unit.execute(loose).scalar_one():
        return False
    person = unit.execute(select(persons).where(persons.c.id == file.person_id)).one()
    keys = [name for name in (person.identity_key, file.note_key) if name]
    unit.execute(delete(search_terms).where(search_terms.c.person_id == person.id))
    unit.execute(delete(notes).where(notes.c.file_id == file_id))
    unit.execute(
        update(persons).where(persons.c.id == person.id).values(
            state="gone", id_hash=None, name=None, sex=None, birth_date=None, phone=None, identity=None,
            identity_key=None,
        )
    )  # fmt: skip
    unit.execute(update(files).where(files.c.id == file_id).values(state="destroyed", note_key=None))
    unit.log("disposal.destroyed", f"file:{file_id}", chain=file_id, detail={"person": person.id})
    unit.archive.keys.destroy(keys)
    return True

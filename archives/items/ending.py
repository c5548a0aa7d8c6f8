"""The step by which an item ends: its row says ``destroying``, then its keys go; nothing brings it back.

Keys and rows lie in two stores, so a crash can fall between them: the keys are gone and the row still says
``listed``.  Whoever is about to change what decides over an item (a hold, a merger) first settles those,
under the lock of the file: they are destroyed already.
"""

from __future__ import annotations

from sqlalchemy import and_, or_, select, update

from archives.archive import Unit
from archives.errors import StateForbids
from archives.scans.copies import copied_keys
from archives.store.tables import documents, records
from archives.store.tables_duties import disposal_items, disposal_lists


def require_lasting(unit: Unit, record_id: int) -> None:
    """An item that is not on a list under execution.  Raises StateForbids: it can grow no more."""
    query = (
        select(disposal_items.c.record_id)
        .join(disposal_lists, disposal_lists.c.id == disposal_items.c.list_id)
        .where(
            disposal_items.c.record_id == record_id,
            or_(
                disposal_items.c.state.in_(("destroying", "destroyed")),
                and_(disposal_items.c.state == "listed", disposal_lists.c.state == "executing"),
            ),
        )
    )
    if unit.execute(query.limit(1)).first() is not None:
        raise StateForbids("这一件正在销毁或已销毁，不能再添加或修改内容。", hint="请核对档号。")


def keys_of(unit: Unit, record_id: int) -> list[str]:
    """Names of the item keys of a record, of its documents, and of copies of its scanned pages."""
    own = unit.execute(select(records.c.item_key).where(records.c.id == record_id)).scalar()
    papers = unit.execute(
        select(documents.c.item_key).where(
            documents.c.record_id == record_id, documents.c.item_key.is_not(None)
        )
    ).scalars()
    return [*([own] if own else []), *papers, *copied_keys(unit, record_id)]


def keys_gone(unit: Unit, record_id: int) -> bool:
    """Whether the item has lost its keys.  They go in one act, so a single one missing is another trouble."""
    names = keys_of(unit, record_id)
    return bool(names) and not unit.archive.keys.has(names)


def mark_destroying(unit: Unit, list_id: int, record_id: int) -> None:
    """From here on only forward; the guards of the database agree or refuse (IntegrityError)."""
    unit.execute(
        update(disposal_items)
        .where(disposal_items.c.list_id == list_id, disposal_items.c.record_id == record_id)
        .values(state="destroying")
    )
    unit.execute(update(records).where(records.c.id == record_id).values(state="destroying"))
    unit.execute(update(documents).where(documents.c.record_id == record_id).values(state="destroying"))


def lock_item(unit: Unit, record_id: int) -> None:
    """Keep waiting whoever would hold, merge or add to the item: its file, and the files of its extracts."""
    # Ends: each further round means that a merger ended meanwhile, and a merged file is never merged again.
    while True:
        query = select(records.c.file_id).where(
            (records.c.id == record_id) | (records.c.source_record == record_id)
        )
        before = sorted(set(unit.execute(query).scalars()))
        for file_id in before:
            unit.lock_file(file_id)
        unit.execute(select(records.c.id).where(records.c.id == record_id).with_for_update())
        if sorted(set(unit.execute(query).scalars())) == before:  # a merger may have moved it meanwhile
            return


def settle_lost(unit: Unit, file_id: int) -> list[int]:
    """Roll items forward that a crash left without keys, in a file whose lock the act holds.

    Also the multi-person sheets this file has extracts of.  Returns the records.
    """
    extracts = select(records.c.source_record).where(
        records.c.file_id == file_id, records.c.source_record.is_not(None)
    )
    query = (
        select(disposal_items.c.list_id, disposal_items.c.record_id)
        .join(disposal_lists, disposal_lists.c.id == disposal_items.c.list_id)
        .join(records, records.c.id == disposal_items.c.record_id)
        .where(
            disposal_lists.c.state == "executing",
            disposal_items.c.state == "listed",
            or_(records.c.file_id == file_id, records.c.id.in_(extracts)),
        )
    )
    lost = [row for row in unit.execute(query).all() if keys_gone(unit, row.record_id)]
    for row in lost:
        mark_destroying(unit, row.list_id, row.record_id)
    return [row.record_id for row in lost]

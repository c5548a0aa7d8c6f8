"""Numbers of items (件号) inside a file and the 档号 made of them."""

from __future__ import annotations

from typing import Final

from sqlalchemy import bindparam, func, select, update

from archives.archive import Unit
from archives.numbering import item_code
from archives.store.prepared import Prepared
from archives.store.tables import files, records, volumes

_HIGHEST: Final = Prepared(
    select(func.max(records.c.item_no).label("item_no")).where(records.c.file_id == bindparam("file"))
)
_FILE_AND_VOLUME: Final = Prepared(
    select(files.c.ref_code, files.c.kind, volumes.c.number)
    .join(volumes, volumes.c.id == bindparam("volume"), isouter=True)
    .where(files.c.id == bindparam("file"))
)


def next_item(unit: Unit, file_id: int) -> int:
    """The next 件号 of a file; unique in the database."""
    unit.lock_file(file_id)
    (last,) = unit.prepared(_HIGHEST, {"file": file_id})
    return int(last.item_no or 0) + 1


def item_ref(unit: Unit, file_id: int, volume_id: int | None, item_no: int | None) -> str | None:
    """档号 of an item; None while the file has none itself, or the item no number."""
    if item_no is None:
        return None
    (file,) = unit.prepared(_FILE_AND_VOLUME, {"file": file_id, "volume": volume_id})
    return code_of(file.ref_code, file.kind, file.number, item_no)


def code_of(ref_code: str | None, kind: str, volume: int | None, item_no: int) -> str | None:
    """档号 of an item in a file of this 档号 and kind, in the volume of this number."""
    if ref_code is None:
        return None
    return item_code(ref_code, item_no, volume=volume or 1, in_series=kind == "series")


def number_items(unit: Unit, file_id: int) -> None:
    """Give the items of a file that has just got its 档号 theirs."""
    rows = unit.execute(
        select(records.c.id, records.c.volume_id, records.c.item_no).where(
            records.c.file_id == file_id, records.c.item_no.is_not(None), records.c.ref_code.is_(None)
        )
    )
    for row in list(rows):
        code = item_ref(unit, file_id, row.volume_id, row.item_no)
        unit.execute(update(records).where(records.c.id == row.id).values(ref_code=code))

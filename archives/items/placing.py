"""Where a new record comes: its file, the running volume, its 件号 and 档号, all in one question."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sqlalchemy import bindparam, func, select

from archives.archive import Unit
from archives.errors import NotFound
from archives.items.codes import code_of
from archives.people.files import FACTS, facts_of_row, require_open, running_first
from archives.store.prepared import Prepared
from archives.store.tables import files, records, volumes

_FILE: Final = bindparam("file", type_=files.c.id.type)
_PLACE: Final = Prepared(
    select(
        *FACTS,
        volumes.c.id.label("volume_id"), volumes.c.number, volumes.c.closed_on, volumes.c.outcome,
        select(func.max(records.c.item_no)).where(records.c.file_id == _FILE).scalar_subquery().label("last"),
    )
    .join(volumes, volumes.c.file_id == files.c.id, isouter=True)
    .where(files.c.id == _FILE)
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Place:
    """``volume`` is None in a series; a draft has no number."""

    volume: int | None
    item_no: int | None
    ref_code: str | None


def place_for(unit: Unit, file_id: int, *, numbered: bool) -> Place:
    """The place of the next record of a file.  Raises StateForbids, NotFound."""
    if numbered:
        unit.lock_file(file_id)
    found = unit.prepared(_PLACE, {"file": file_id})
    if not found:
        raise NotFound("没有这份档案。")
    row = max(found, key=running_first)
    require_open(facts_of_row(row))
    if row.kind != "series" and row.volume_id is None:
        raise NotFound("这份档案没有卷。")
    volume = None if row.kind == "series" else int(row.volume_id)
    if not numbered:
        return Place(volume, None, None)
    item_no = int(row.last or 0) + 1
    return Place(volume, item_no, code_of(row.ref_code, row.kind, row.number, item_no))

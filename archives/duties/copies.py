"""Copies the archive cannot reach (exports, backups): registered, with the day by which they are gone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from sqlalchemy import Select, insert, select, update

from archives.archive import Unit
from archives.clock.reference import earlier
from archives.errors import NotFound, StateForbids
from archives.store.tables import records
from archives.store.tables_duties import outside_copies

CopyKind = Literal["backup", "export"]
KINDS: dict[str, str] = {"backup": "备份", "export": "导出件"}


@dataclass(frozen=True, slots=True)
class OutsideCopy:
    """One copy as its row says."""

    id: int
    kind: CopyKind
    name: str
    file: int | None
    sha256: str
    made_at: str
    gone_by: date
    gone_on: date | None


def register_copy(
    unit: Unit, kind: CopyKind, name: str, sha256: str, gone_by: date, *, file: int | None = None
) -> int:
    """Note a copy that leaves the archive; returns its id."""
    result = unit.execute(
        insert(outside_copies),
        {
            "kind": kind, "name": name, "file_id": file, "sha256": sha256, "made_at": unit.at,
            "made_by": unit.actor.staff, "gone_by": gone_by.isoformat(),
        },
    )  # fmt: skip
    copy = int(result.inserted_primary_key[0])  # type: ignore[index]  # one row was inserted
    unit.log(
        "copy.made", f"copy:{copy}", chain=file or 0,
        detail={"kind": kind, "sha256": sha256, "until": gone_by.isoformat()},
    )  # fmt: skip
    return copy


def copy_gone(unit: Unit, copy_id: int) -> None:
    """A copy was destroyed or has expired.  Raises NotFound, StateForbids."""
    row = unit.execute(select(outside_copies).where(outside_copies.c.id == copy_id)).first()
    if row is None:
        raise NotFound("没有这份副本的登记。", hint="请用 kangdang copy list 查看副本编号。")
    if row.gone_on is not None:
        raise StateForbids("这份副本已登记为销毁。", hint="不必重复登记。")
    unit.execute(
        update(outside_copies).where(outside_copies.c.id == copy_id).values(gone_on=unit.today.isoformat())
    )
    unit.log("copy.gone", f"copy:{copy_id}", chain=row.file_id or 0, detail={"kind": row.kind})


def copies_of_record(unit: Unit, record_id: int) -> list[OutsideCopy]:
    """Copies that may hold a record: every one made since it was added, of the station or of its file.

    Raises NotFound.
    """
    record = unit.execute(select(records).where(records.c.id == record_id)).first()
    if record is None:
        raise NotFound("没有这一件。")
    wrongs = unit.wrongs()
    of_it = (outside_copies.c.file_id.is_(None)) | (outside_copies.c.file_id == record.file_id)
    return [
        one for one in _told(unit, _STANDING.where(of_it))
        if not earlier(one.made_at, record.added_at, wrongs)
    ]  # fmt: skip


def all_copies(unit: Unit, *, standing_only: bool = True) -> list[OutsideCopy]:
    """Copies of the station, those that are to be gone first at the top; ``standing_only``: not yet gone."""
    return _told(unit, _STANDING if standing_only else _ALL)


_ALL = select(outside_copies).order_by(outside_copies.c.gone_by, outside_copies.c.id)
_STANDING = _ALL.where(outside_copies.c.gone_on.is_(None))


def _told(unit: Unit, query: Select[Any]) -> list[OutsideCopy]:
    return [
        OutsideCopy(
            row.id, row.kind, row.name, row.file_id, row.sha256, row.made_at,
            date.fromisoformat(row.gone_by), date.fromisoformat(row.gone_on) if row.gone_on else None,
        )
        for row in unit.execute(query)
    ]  # fmt: skip

"""What is there when a check looks once more: keys, blobs, and whether an act moved a row meanwhile."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from sqlalchemy import Table, select

from archives.archive import Archive
from archives.errors import ItemUnreadable
from archives.store.item_keys import item_keys

GONE: Final = ("destroying", "destroyed")


def keys_of(archive: Archive, names: Iterable[str | None]) -> dict[str, bytes]:
    """The keys of these names that are there."""
    wanted = sorted({name for name in names if name})
    with archive.keys.database.reading() as connection:
        rows = connection.execute(select(item_keys.c.id, item_keys.c.key).where(item_keys.c.id.in_(wanted)))
        return {row.id: bytes(row.key) for row in rows}


def bytes_of(archive: Archive, name: str | None) -> bytes | None:
    """A blob as it is stored; None when it is not there."""
    try:
        return None if name is None else archive.blobs.get(name)
    except ItemUnreadable:
        return None


def gone_since(archive: Archive, table: Table, row_id: int) -> bool:
    """Whether a disposal took it while the check was reading."""
    with archive.data.reading() as connection:
        state = connection.execute(select(table.c.state).where(table.c.id == row_id)).scalar()
    return state in (*GONE, "gone")


def changed_since(archive: Archive, table: Table, row: Any) -> bool:
    """Whether an act changed it while the check was reading: the next check sees it as it is then."""
    with archive.data.reading() as connection:
        now = connection.execute(select(table).where(table.c.id == row.id)).first()
    return bool(now != row)

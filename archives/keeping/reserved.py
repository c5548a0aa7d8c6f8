"""Numbers of rows that are not given again after a restore: the life after the backup may have given them.

The log, exports, paper and the list of what was destroyed name rows by these numbers.  How far the later life
came is not known, so a restored station begins well above everything that any list names.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from sqlalchemy import Connection, func, select, text

from archives.store.schema import METADATA
from archives.store.tables import records

MARGIN: Final = 100_000
"""Rows of one table that a station may have added between a backup and its loss."""
_NAMED: Final[Mapping[str, str]] = {
    "record_id": "records", "person_id": "persons", "file_id": "files", "list_id": "disposal_lists",
}  # fmt: skip
"""Member of a line of the list → the table it counts."""
_STANDS: Final = text("SELECT seq FROM sqlite_sequence WHERE name = :name")
_RAISE: Final = text("UPDATE sqlite_sequence SET seq = :seq WHERE name = :name")
_BEGIN: Final = text("INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :seq)")


def reserved_tables() -> list[str]:
    """Tables whose rows are named by number outside the database.

    The others with numbers of their own (events, readings of the clock, settings, gaps) are only ever read
    in their order: an event is named by its chain and its place there.
    """
    return sorted(
        table.name
        for table in METADATA.tables.values()
        if table is records or table.dialect_options["sqlite"]["autoincrement"]
    )


def reserve_numbers(connection: Connection, stones: Iterable[Mapping[str, Any]]) -> None:
    """Let every table of an embedded store begin above what may have been given; in the act of a restore."""
    highest = dict.fromkeys(reserved_tables(), 0)
    for stone in stones:
        for member, table in _NAMED.items():
            highest[table] = max(highest[table], stone.get(member, 0))
    for name, given in highest.items():
        last = connection.execute(select(func.max(METADATA.tables[name].c.id))).scalar() or 0
        stands = connection.execute(_STANDS, {"name": name}).scalar()
        row = {"name": name, "seq": max(last, given, stands or 0) + MARGIN}
        connection.execute(_BEGIN if stands is None else _RAISE, row)

"""The number the next row of a table gets, known before the row is written: sealed bytes are bound to it."""

from __future__ import annotations

from sqlalchemy import Connection, Table, text

from archives.store.prepared import say
from archives.store.tables import records

_SQLITE = text("SELECT seq + 1 FROM sqlite_sequence WHERE name = :name")
_BARE = (
    "SELECT max(coalesce((SELECT max(id) FROM records), 0),"
    " coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'records'), 0)) + 1"
)
_POSTGRESQL = text("SELECT nextval(pg_get_serial_sequence(:name, 'id'))")


def next_id(connection: Connection, table: Table) -> int:
    """Taken by the insert that follows in the same act; the row is written with it.

    For tables whose numbers the database counts itself (``sqlite_autoincrement``).
    """
    # An embedded store has one writer, so nobody takes the number between this and the insert.
    embedded = connection.dialect.name == "sqlite"
    found = connection.execute(_SQLITE if embedded else _POSTGRESQL, {"name": table.name}).scalar()
    return int(found or 1)


def next_record(connection: Connection) -> int:
    """The number of the next record; its table keeps no count of its own, but one may be reserved for it."""
    if connection.dialect.name != "sqlite":
        return next_id(connection, records)
    found, _ = say(connection, _BARE)
    return int(found[0][0])

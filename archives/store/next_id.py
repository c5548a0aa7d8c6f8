"""The number the next row of a table gets, known before the row is written: sealed bytes are bound to it."""

from __future__ import annotations

from sqlalchemy import Connection, Table, text

_SQLITE = text("SELECT seq + 1 FROM sqlite_sequence WHERE name = :name")
_POSTGRESQL = text("SELECT nextval(pg_get_serial_sequence(:name, 'id'))")


def next_id(connection: Connection, table: Table) -> int:
    """Taken by the insert that follows in the same act; the row is written with it.

    For tables whose numbers the database counts itself (``sqlite_autoincrement``).
    """
    # An embedded store has one writer, so nobody takes the number between this and the insert.
    embedded = connection.dialect.name == "sqlite"
    found = connection.execute(_SQLITE if embedded else _POSTGRESQL, {"name": table.name}).scalar()
    return int(found or 1)

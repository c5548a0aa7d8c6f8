"""The number the next row of a table gets, known before the row is written: sealed bytes are bound to it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Connection, Integer, Table, text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler

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


class NextRecord(ColumnElement[int]):
    """The number of the next record, as a value of the insert itself: every record is spared a question."""

    inherit_cache = True
    type = Integer()


@compiles(NextRecord)
def _of_its_sequence(_number: NextRecord, _compiler: SQLCompiler, **_: Any) -> str:
    return "nextval(pg_get_serial_sequence('records', 'id'))"


@compiles(NextRecord, "sqlite")
def _after_the_highest(_number: NextRecord, _compiler: SQLCompiler, **_: Any) -> str:
    """The table keeps no count of its own, but one may be reserved for it."""
    return (
        "(SELECT max(coalesce((SELECT max(id) FROM records), 0),"
        " coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'records'), 0)) + 1)"
    )

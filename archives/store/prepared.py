"""Statements every act says: built by SQLAlchemy once, then handed to the driver as they are.

SQLAlchemy spends four times as long on a short statement as the database does, and one act says ten of them.
Whoever prepares a statement gives names to its parameters (``bindparam``, or the columns of an insert); rows
come back with the names of their columns.  Columns whose type SQLAlchemy converts do not belong here.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Insert, Select
from sqlalchemy.exc import DBAPIError

_Words = tuple[str, list[str] | None, dict[str, Any]]
"""SQL, names of the parameters in their order (None when SQL has the names), values that never change."""


class Prepared:
    """One statement; safe to share between threads."""

    def __init__(self, statement: Select[Any] | Insert, *columns: str) -> None:
        """``columns``: those an insert fills; none for a select."""
        self._statement = statement
        self._columns = list(columns) or None
        self._words: dict[str, _Words] = {}
        self._named: Any = None

    def run(self, connection: Connection, values: Mapping[str, Any]) -> list[Any]:
        """Its rows.  Raises what SQLAlchemy raises, IntegrityError among it."""
        words = self._words.get(connection.dialect.name) or self._built(connection)
        driver: Any = connection.connection.dbapi_connection
        sql, names, fixed = words
        everything = {**fixed, **values}
        try:
            cursor = driver.execute(
                sql, everything if names is None else [everything[name] for name in names]
            )
            found = cursor.fetchall() if cursor.description else []
        except connection.dialect.loaded_dbapi.Error as error:
            base = connection.dialect.loaded_dbapi.Error
            raise DBAPIError.instance(
                sql, None, error, base, hide_parameters=True, dialect=connection.dialect
            ) from error
        if found and self._named is None:
            self._named = _row_type([one[0] for one in cursor.description])
        return [self._named(row) for row in found]

    def _built(self, connection: Connection) -> _Words:
        dialect = connection.dialect
        compiled: Any = self._statement.compile(dialect=dialect, column_keys=self._columns)
        names = list(compiled.positiontup) if dialect.positional else None
        # LIMIT 1 and the like; what is given for each run has no value yet.
        fixed = {name: one.value for name, one in compiled.binds.items() if not one.required}
        self._words[dialect.name] = words = (str(compiled), names, fixed)
        return words


def _row_type(columns: list[str]) -> Any:
    row: Any = namedtuple("Row", columns, rename=True)  # type: ignore[misc]  # columns are known when it runs
    return row._make

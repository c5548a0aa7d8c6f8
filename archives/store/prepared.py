"""Statements every act says: built by SQLAlchemy once, then handed to the driver as they are.

SQLAlchemy spends four times as long on a short statement as the database does, and one act says ten of them.
Whoever prepares a statement gives names to its parameters (``bindparam``, or the columns of an insert); rows
come back with the names of their columns.  Columns whose type SQLAlchemy converts do not belong here.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter
from typing import Any

from sqlalchemy import Column, Connection, Insert, Select
from sqlalchemy.exc import DBAPIError

_Pick = Callable[[Mapping[str, Any]], Any]
_Words = tuple[str, _Pick, dict[str, Any]]
"""SQL, what it takes of the values (their order when SQL has no names), values that never change."""


def say(connection: Connection, sql: str, values: Any = ()) -> tuple[list[Any], Any]:
    """Hand words to the driver as they are: (rows, the driver's cursor).  Raises what SQLAlchemy raises."""
    driver: Any = connection.connection.dbapi_connection
    try:
        cursor = driver.execute(sql, values)
        return (cursor.fetchall() if cursor.description else []), cursor
    except connection.dialect.loaded_dbapi.Error as error:
        raise _told(connection, sql, error) from error


def _told(connection: Connection, sql: str, error: Exception) -> Exception:
    base = connection.dialect.loaded_dbapi.Error
    return DBAPIError.instance(sql, None, error, base, hide_parameters=True, dialect=connection.dialect)


class Prepared:
    """One statement; safe to share between threads."""

    def __init__(
        self, statement: Select[Any] | Insert, *columns: str, gives: Column[int] | None = None
    ) -> None:
        """``columns``: those an insert fills; none for a select.  ``gives``: the number the database adds."""
        self._statement = statement
        self._gives = gives
        self._columns = list(columns) or None
        self._words: dict[str, _Words] = {}
        self._named: Any = None

    def run(self, connection: Connection, values: Mapping[str, Any]) -> list[Any]:
        """Its rows.  Raises what SQLAlchemy raises, IntegrityError among it."""
        found, cursor = self._said(connection, values)
        if found and self._named is None:
            self._named = _row_type([one[0] for one in cursor.description])
        return [self._named(row) for row in found]

    def tuples(self, connection: Connection, values: Mapping[str, Any]) -> list[Any]:
        """Its rows without names.  Raises what SQLAlchemy raises."""
        return self._said(connection, values)[0]

    def add(self, connection: Connection, values: Mapping[str, Any]) -> int:
        """The number (``gives``) of the row it inserts.  Raises what SQLAlchemy raises."""
        found, cursor = self._said(connection, values)
        return int(found[0][0] if found else cursor.lastrowid)

    def add_many(self, connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
        """Insert rows in one go.  Raises what SQLAlchemy raises."""
        sql, pick, fixed = self._words.get(connection.dialect.name) or self._built(connection)
        driver: Any = connection.connection.dbapi_connection
        try:
            driver.cursor().executemany(sql, [pick({**fixed, **values}) for values in rows])
        except connection.dialect.loaded_dbapi.Error as error:
            raise _told(connection, sql, error) from error

    def _said(self, connection: Connection, values: Mapping[str, Any]) -> tuple[list[Any], Any]:
        sql, pick, fixed = self._words.get(connection.dialect.name) or self._built(connection)
        return say(connection, sql, pick({**fixed, **values} if fixed else values))

    def _built(self, connection: Connection) -> _Words:
        dialect = connection.dialect
        statement: Any = self._statement
        if self._gives is not None and dialect.name != "sqlite":  # SQLite builds a table for what it returns
            statement = statement.returning(self._gives)
        compiled: Any = statement.compile(dialect=dialect, column_keys=self._columns)
        pick = _in_order(compiled.positiontup) if dialect.positional else dict
        # LIMIT 1 and the like; what is given for each run has no value yet.
        fixed = {name: one.value for name, one in compiled.binds.items() if not one.required}
        self._words[dialect.name] = words = (str(compiled), pick, fixed)
        return words


def _in_order(names: Sequence[str]) -> _Pick:
    if len(names) > 1:
        return itemgetter(*names)
    return lambda values: [values[name] for name in names]  # one name alone would come without its brackets


def _row_type(columns: list[str]) -> Any:
    row: Any = namedtuple("Row", columns, rename=True)  # type: ignore[misc]  # columns are known when it runs
    return row._make

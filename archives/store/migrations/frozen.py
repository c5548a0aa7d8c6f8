"""A database schema as frozen statements: written once for each kind of database, then only read."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files
from typing import Final

from sqlalchemy import Connection, MetaData
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.schema import CreateIndex, CreateTable

from archives.store.guards import GUARDS, postgresql_trigger, sqlite_trigger

SEPARATOR: Final = "\n-- next\n"
"""Stands between two statements; functions hold semicolons themselves."""
KINDS: Final = ("sqlite", "postgresql")


def statements(metadata: MetaData, kind: str) -> Iterator[str]:
    """All statements that make the tables, indexes and guards of today's program; ``kind`` of KINDS."""
    dialect = sqlite.dialect() if kind == "sqlite" else postgresql.dialect()  # type: ignore[no-untyped-call]
    trigger = sqlite_trigger if kind == "sqlite" else postgresql_trigger
    for table in metadata.sorted_tables:
        yield _tidy(str(CreateTable(table).compile(dialect=dialect)))
        for index in sorted(table.indexes, key=lambda one: str(one.name)):
            yield _tidy(str(CreateIndex(index).compile(dialect=dialect)))
    for guard in GUARDS:
        yield trigger(guard)


def _tidy(statement: str) -> str:
    return "\n".join(line.rstrip() for line in statement.strip().splitlines() if line.strip())


def frozen_text(metadata: MetaData, kind: str) -> str:
    """The file of a frozen schema."""
    return SEPARATOR.join(statements(metadata, kind)) + "\n"


def file_name(name: str, kind: str) -> str:
    """Where the statements of a step lie among the steps."""
    return f"{name}_{kind}.sql"


def run_frozen(connection: Connection, name: str) -> None:
    """Run the statements a step was frozen with."""
    source = files("archives.store.migrations") / "versions" / file_name(name, connection.dialect.name)
    plain = connection.execution_options(no_parameters=True)
    for statement in source.read_text(encoding="utf-8").split(SEPARATOR):
        plain.exec_driver_sql(statement)

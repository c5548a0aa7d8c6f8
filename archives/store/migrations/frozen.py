"""Database schemas as frozen statements: written once for each step and kind of database, then only read."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from importlib.resources import files
from typing import Final

from sqlalchemy import Connection, MetaData
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.schema import CreateIndex, CreateTable

from archives.store.guard import Guard
from archives.store.guards import GUARDS, postgresql_trigger, sqlite_trigger
from archives.store.touched import postgresql_trigger as watching
from archives.store.touched import watched

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
    if kind == "postgresql":
        for table, link in watched(metadata):
            yield watching(table, link)


def _tidy(statement: str) -> str:
    return "\n".join(line.rstrip() for line in statement.strip().splitlines() if line.strip())


def frozen_text(metadata: MetaData, kind: str, before: Collection[str] = ()) -> str:
    """The file of a step: what today's tables and guards say and no statement ``before`` did.

    A guard whose words changed is dropped first.  A changed table has no such way: what is new about it goes
    into a table of its own, or the step is written by hand.
    """
    known = {f"guard_{guard.name}": guard for guard in GUARDS}
    there = {name for name in known if any(f"TRIGGER {name} " in told for told in before)}
    told: list[str] = []
    for statement in statements(metadata, kind):
        if statement in before:
            continue
        changed = [name for name in there if f"TRIGGER {name} " in statement]
        told += [_drop(known[name], kind) for name in changed]
        told.append(statement)
    return SEPARATOR.join(told) + "\n" if told else ""


def _drop(guard: Guard, kind: str) -> str:
    name = f"guard_{guard.name}"
    if kind == "sqlite":
        return f"DROP TRIGGER {name}"
    return f"DROP TRIGGER {name} ON {guard.table}; DROP FUNCTION {name}()"


def file_name(name: str, kind: str) -> str:
    """Where the statements of a step lie among the steps."""
    return f"{name}_{kind}.sql"


def frozen_statements(text: str) -> list[str]:
    """The statements of a step's file; none for a step that has nothing to say."""
    return [statement.strip() for statement in text.split(SEPARATOR) if statement.strip()]


def run_frozen(connection: Connection, name: str) -> None:
    """Run the statements a step was frozen with."""
    source = files("archives.store.migrations") / "versions" / file_name(name, connection.dialect.name)
    plain = connection.execution_options(no_parameters=True)
    for statement in frozen_statements(source.read_text(encoding="utf-8")):
        plain.exec_driver_sql(statement)

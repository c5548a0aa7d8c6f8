"""Which rows a transaction touched, as the database itself saw it: no writer can forget to say so.

SQLite: triggers in memory on the connection that writes, which call a function of this program.  PostgreSQL:
triggers of the database, which note rows in a setting that ends with the transaction.  A row is noted by
its table, its primary key, and its *link*: the column that leads to the file it belongs to.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, Integer, MetaData, Table

from archives.store.prepared import say

LINKS: Final = {
    "persons": "id", "amendments": "person_id", "merges": "kept", "files": "id", "volumes": "file_id",
    "placements": "file_id", "records": "file_id", "revisions": "record_id", "documents": "file_id",
    "holds": "file_id", "assignments": "file_id", "access_requests": "file_id", "loans": "file_id",
    "loan_reminders": "loan_id", "rights_requests": "file_id", "overrides": "record_id",
    "tombstones": "record_id", "forgotten": "file_id", "scan_questions": "document_id",
    "scan_separators": "file_id", "leaves_to_reopen": "file_id", "rights_looks": "file_id",
    "written_out": "file_id", "disposal_written": "record_id",
    "document_titles": "document_id", "separator_titles": "file_id",
    "volume_facts": "file_id",
    "staff": "", "staff_roles": "", "users": "", "schedules": "", "disposal_lists": "", "disposal_items": "",
    "appraisals": "", "disposal_approvals": "", "disposal_executions": "", "disposal_witnesses": "",
    "witness_credentials": "", "transfers": "", "transfer_items": "", "outside_copies": "",
    "station_settings": "", "scan_batches": "", "scan_parts": "", "scan_pages": "", "scan_blank_looks": "",
    "scan_clearings": "", "scan_set_aside": "", "scan_successors": "",
    "restore_gaps": "", "restore_gap_ends": "", "document_programs": "document_id", "batch_programs": "",
}  # fmt: skip
"""Watched table → its link; empty for tables of the station.  What is not watched, and why, is said in
``archives.evidence.registry``."""


class Seen(NamedTuple):
    """A row as it was last seen: its link, and what all its columns held where that is known."""

    link: Any
    held: Sequence[Any] | None


Touched = dict[tuple[Any, ...], Seen]
"""(table, primary key…) → the row as it was last seen."""
NOTED: Final = "kangdang_touched"
"""The function SQLite calls; also where the rows are in a pooled connection's own notes."""
_SETTING: Final = "kangdang.touched"
_FIELD, _ROW = "\x1f", "\x1e"


def watched(metadata: MetaData) -> Iterator[tuple[Table, str]]:
    """(table, link) of every watched table."""
    for name, link in LINKS.items():
        yield metadata.tables[name], link


def _columns(table: Table, link: str) -> list[str]:
    return [*table.primary_key.columns.keys(), link]


def watch(notes: dict[Any, Any], driver: Any) -> None:
    """Watch a driver's connection to SQLite, outside any transaction; ``notes`` are its own.

    Tables that are made later are watched from the next transaction on.
    """
    watching: _Watching | None = notes.get(NOTED)
    if watching is None:
        watching = notes[NOTED] = _Watching({}, set(LINKS))
        driver.create_function(NOTED, -1, watching.note)
    watching.noted.clear()
    if watching.missing:
        watching.add(driver)


@dataclass(slots=True)
class _Watching:
    noted: Touched
    missing: set[str]
    keys: dict[str, int] = field(default_factory=dict)
    """Table → where its key ends in what is noted: behind it come the link and all columns."""

    def note(self, *values: Any) -> None:
        end = self.keys[values[0]]
        self.noted[values[:end]] = Seen(values[end], values[end + 1 :] or None)

    def add(self, driver: Any) -> None:
        from archives.store.schema import METADATA

        there = {row[0] for row in driver.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        tables = [METADATA.tables[name] for name in sorted(self.missing & there)]
        statements = [words for table in tables for words in _sqlite(table, LINKS[table.name])]
        self.keys |= {str(table.name): 1 + len(table.primary_key.columns) for table in tables}
        # As a script: else they would fill the driver's cache, and each act prepare its statements anew.
        driver.executescript(";\n".join(statements))
        self.missing -= there


def _sqlite(table: Table, link: str) -> Iterator[str]:
    for event, rows in (("INSERT", ("NEW",)), ("UPDATE", ("OLD", "NEW")), ("DELETE", ("OLD",))):
        words = " ".join(_sqlite_note(table, link, row, event) for row in rows)
        yield (
            f"CREATE TEMP TRIGGER touched_{table.name}_{event.lower()} AFTER {event} ON main.{table.name} "
            f"BEGIN {words} END"
        )


def _sqlite_note(table: Table, link: str, row: str, event: str) -> str:
    # With all it holds, so that it need not be read again; what was removed holds nothing.
    names = [*_columns(table, link), *(table.c.keys() if row == "NEW" else ())]
    values = ", ".join(f'{row}."{name}"' if name else "NULL" for name in names)
    changed = f" WHERE {_key_changed(table)}" if event == "UPDATE" and row == "OLD" else ""
    return f"SELECT {NOTED}('{table.name}', {values}){changed};"


def _key_changed(table: Table) -> str:
    keys = table.primary_key.columns.keys()
    return " OR ".join(f'NEW."{name}" IS DISTINCT FROM OLD."{name}"' for name in keys)


def postgresql_trigger(table: Table, link: str) -> str:
    """The trigger of a table and its function in PostgreSQL's words."""
    name = f"touched_{table.name}"
    return (
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF TG_OP = 'DELETE' THEN {_postgresql_note(table, link, 'OLD')} RETURN NULL; END IF; "
        f"IF TG_OP = 'UPDATE' THEN IF {_key_changed(table)} THEN {_postgresql_note(table, link, 'OLD')} "
        f"END IF; END IF; "
        f"{_postgresql_note(table, link, 'NEW')} RETURN NULL; END $$; "
        f"CREATE TRIGGER {name} AFTER INSERT OR UPDATE OR DELETE ON {table.name} "
        f"FOR EACH ROW EXECUTE FUNCTION {name}()"
    )


def _postgresql_note(table: Table, link: str, row: str) -> str:
    values = " || chr(31) || ".join(
        f"coalesce({row}.\"{name}\"::text, '')" if name else "''" for name in _columns(table, link)
    )
    return (
        f"PERFORM set_config('{_SETTING}', coalesce(current_setting('{_SETTING}', true), '') || "
        f"'{table.name}' || chr(31) || {values} || chr(30), true);"
    )


def take(connection: Connection) -> Touched:
    """The rows noted since the last look, in their order; forgets them."""
    if connection.dialect.name == "sqlite":
        noted: Touched = connection.connection.info[NOTED].noted
        found = dict(noted)
        noted.clear()
        return found
    rows, _ = say(connection, f"SELECT current_setting('{_SETTING}', true)")
    told = rows[0][0]
    if not told:
        return {}
    say(connection, f"SELECT set_config('{_SETTING}', '', true)")
    return dict(_read(line) for line in told.split(_ROW)[:-1])


def _read(line: str) -> tuple[tuple[Any, ...], Seen]:
    from archives.store.schema import METADATA

    name, *values = line.split(_FIELD)
    table = METADATA.tables[name]
    keys = [
        _typed(table, key)(value)
        for key, value in zip(table.primary_key.columns.keys(), values, strict=False)
    ]
    link = LINKS[name]
    told = _typed(table, link)(values[-1]) if link and values[-1] else None
    return (name, *keys), Seen(told, None)


def _typed(table: Table, name: str) -> Callable[[str], Any]:
    return int if isinstance(table.c[name].type, Integer) else str

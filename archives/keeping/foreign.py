"""What stands in the database and was not made by this program: a foreign trigger can change rows unseen."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from sqlalchemy import Connection, text

from archives.archive import Archive
from archives.keeping.finding import KeepingFinding
from archives.store.guards import GUARDS
from archives.store.item_keys import METADATA as KEY_TABLES
from archives.store.migrations.runner import KEYS_VERSION
from archives.store.schema import METADATA
from archives.store.touched import watched

_KINDS: Final = {"table": "表", "view": "视图", "index": "索引", "trigger": "触发器", "rule": "规则"}
_VERSION: Final = "alembic_version"
_SQLITE: Final = "SELECT type, name, tbl_name FROM sqlite_master WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
"""Names that begin so are kept for SQLite itself."""
_POSTGRESQL: Final = (
    "SELECT CASE WHEN c.relkind IN ('v', 'm') THEN 'view' ELSE 'table' END, c.relname, c.relname"
    " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
    " WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p', 'f', 'v', 'm')"
    " UNION ALL SELECT 'trigger', t.tgname, c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
    " JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = current_schema() AND NOT t.tgisinternal"
    " UNION ALL SELECT 'rule', r.rulename, r.tablename FROM pg_rules r"
    " WHERE r.schemaname = current_schema() AND r.rulename <> '_RETURN'"
)


def foreign(archive: Archive) -> Iterator[KeepingFinding]:
    """Each table, view, index, trigger and rule this program does not make, by its name."""
    with archive.data.reading() as connection:
        standing = _standing(connection)
    own = _own(embedded=archive.data.embedded)
    for kind, name, table in sorted(standing - own):
        yield KeepingFinding(
            "foreign", f"{_KINDS.get(kind, kind)} {name}" + ("" if name == table else f"（{table}）")
        )


def _standing(connection: Connection) -> set[tuple[str, str, str]]:
    query = _SQLITE if connection.dialect.name == "sqlite" else _POSTGRESQL
    return {(str(kind), str(name), str(table)) for kind, name, table in connection.execute(text(query))}


def _own(*, embedded: bool) -> set[tuple[str, str, str]]:
    """(kind, name, table) of everything this program makes."""
    own = {("table", name, name) for name in (*METADATA.tables, _VERSION)}
    own |= {("trigger", f"guard_{guard.name}", guard.table) for guard in GUARDS}
    if embedded:
        tables = METADATA.tables.values()
        own |= {("index", str(index.name), table.name) for table in tables for index in table.indexes}
    else:  # there the connection that writes watches
        own |= {("trigger", f"touched_{table.name}", table.name) for table, _ in watched(METADATA)}
        # On a server the item keys may lie in the same schema.
        own |= {("table", name, name) for name in (*KEY_TABLES.tables, KEYS_VERSION.name)}
    return own

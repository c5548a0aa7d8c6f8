"""The whole schema of the database: every table and every guard."""

from __future__ import annotations

from sqlalchemy import Connection, MetaData

from archives.store import (
    guards,
    tables,
    tables_clock,
    tables_duties,
    tables_people,
    tables_programs,
    tables_restored,
    tables_scans,
    tables_station,
    tables_volumes,
    tables_written,
    touched,
)

TABLE_MODULES = (
    tables,
    tables_people,
    tables_duties,
    tables_scans,
    tables_station,
    tables_clock,
    tables_restored,
    tables_programs,
    tables_written,
    tables_volumes,
)
METADATA: MetaData = tables.METADATA


def create_all(connection: Connection) -> None:
    """Make all tables and guards in an empty database."""
    METADATA.create_all(connection)
    guards.install(connection)
    if connection.dialect.name != "sqlite":
        for table, link in touched.watched(METADATA):
            connection.exec_driver_sql(touched.postgresql_trigger(table, link))

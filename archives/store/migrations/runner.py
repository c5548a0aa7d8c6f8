"""Runs the steps that are missing, all in one durable transaction.

Whatever happens, a database has a whole version.  There is no way back but the copy made before.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.resources import as_file, files
from typing import Any

from sqlalchemy import Column, Connection, Integer, MetaData, Table, insert, inspect, select, text, update

from archives.errors import StoreUnusable
from archives.store.database import Database
from archives.store.item_keys import METADATA as KEY_TABLES
from archives.store.migrations import HEAD, KEYS_HEAD

VERSION_TABLE = "alembic_version"
KEYS_VERSION = Table("store_version", MetaData(), Column("number", Integer, nullable=False))


def version_of(connection: Connection) -> str | None:
    """The version of a database; None for an empty one.  Raises StoreUnusable for tables without version."""
    known = inspect(connection)
    if known.has_table(VERSION_TABLE):
        found = connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalars().all()  # noqa: S608 - ours
        if len(found) == 1:
            return str(found[0])
    elif not known.get_table_names():
        return None
    raise StoreUnusable("数据没有版本标记，不能判断由哪个版本的康档写成。", hint="请从备份恢复。")


def upgrade(
    database: Database, then: Callable[[Connection, str | None], None] = lambda _connection, _before: None
) -> tuple[str | None, str]:
    """Bring the archive's database to HEAD: (version before, version after).

    ``then`` goes on in the same transaction, given the version before.

    Raises StoreUnusable when a newer program wrote it.
    """
    with database.writing("migrate.data") as connection:
        before = version_of(connection)
        if before != HEAD:
            require_known(before)
            _run(connection)
            then(connection, before)
        return before, HEAD


def require_known(version: str | None) -> None:
    """Raises StoreUnusable for a version this program does not know."""
    if version is not None and version not in _steps():
        raise StoreUnusable(
            f"数据由更新版本的康档写成（数据版本 {version}，本程序到 {HEAD}），不能打开。",
            hint="请安装新版康档后再打开；数据没有改动。",
        )


def _steps() -> set[str]:
    from alembic.script import ScriptDirectory

    with as_file(files("archives.store.migrations")) as folder:
        return {step.revision for step in ScriptDirectory(str(folder)).walk_revisions()}


def _run(connection: Connection) -> None:
    from alembic.runtime.environment import EnvironmentContext
    from alembic.script import ScriptDirectory

    with as_file(files("archives.store.migrations")) as folder:
        script = ScriptDirectory(str(folder))

        def missing(revision: Any, _context: Any) -> Any:
            return script._upgrade_revs("head", revision)  # noqa: SLF001 - what alembic's own command does

        from alembic.config import Config

        with EnvironmentContext(Config(), script, fn=missing, destination_rev="head") as environment:
            environment.configure(connection=connection, transactional_ddl=True)
            with environment.begin_transaction():
                environment.run_migrations()


def upgrade_keys(database: Database) -> None:
    """Bring the store of item keys to KEYS_HEAD.  Raises StoreUnusable when a newer program wrote it."""
    with database.writing("migrate.keys") as connection:
        KEY_TABLES.create_all(connection)
        KEYS_VERSION.metadata.create_all(connection)
        found = connection.execute(select(KEYS_VERSION.c.number)).scalar()
        if found is None:
            connection.execute(insert(KEYS_VERSION), {"number": KEYS_HEAD})
        elif found > KEYS_HEAD:
            raise StoreUnusable(
                f"密钥由更新版本的康档写成（版本 {found}，本程序到 {KEYS_HEAD}），不能打开。",
                hint="请安装新版康档后再打开；密钥没有改动。",
            )
        elif found < KEYS_HEAD:
            connection.execute(update(KEYS_VERSION).values(number=KEYS_HEAD))

"""The database: an engine for the embedded file (SQLCipher) or PostgreSQL, and its two kinds of transaction.

A write transaction is immediate (no writer discovers at commit that another was first) and durable when it
returns; a read transaction sees one moment.  Opening never makes a file: who makes a station says so.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.pool import QueuePool

from archives.errors import InputRefused, StoreUnusable
from archives.store.gate import Gate
from archives.store.points import reached
from archives.store.prepared import say
from archives.store.touched import watch
from archives.store.trouble import DATA, Store, trouble

CONNECTIONS = 8
"""Kept open; more are opened when needed and closed again."""
PAGE_BYTES = 2048
"""Of the encrypted files.  A page is encrypted and hashed whole, and an act changes a few dozen bytes on each
of a dozen pages.  A file with pages of another size does not open."""
JOURNAL_BYTES = 32 * 1024 * 1024
"""How long the journal grows before it is written into the file: what is written often goes back once."""
BUSY_MS = 30_000
_MAY_WRITE = "kangdang_may_write"
"""What a connection was last told, in its own notes."""


class Database:
    """An engine and how it is written to.  Use ``writing`` and ``reading``, never the engine's own begin."""

    def __init__(self, engine: Engine, gate: Gate | None, path: Path | None, store: Store = DATA) -> None:
        self.engine = engine
        self._write_engine = engine if path is None else _unheard(engine)
        self.gate = gate
        self.path = path
        self.store = store
        self._writer: Connection | None = None

    @property
    def embedded(self) -> bool:
        """Whether the data is a file of this computer."""
        return self.path is not None

    @contextmanager
    def writing(self, name: str) -> Iterator[Connection]:
        """One durable transaction; ``name`` names its write points.  Raises StoreUnusable."""
        if self.gate is None:
            with told(self.store), self.engine.connect() as connection:
                yield from _transaction(connection, name)
            return
        with self.gate.hold(), told(self.store):
            # Whoever holds the gate is alone: one connection serves all acts, ready as the last one left it.
            connection, self._writer = self._writer or self._write_engine.connect(), None
            try:
                _begin(connection, writes=True, watched=self.store is DATA)
                yield from _transaction(connection, name)
            except BaseException:
                connection.close()
                raise
            self._writer = connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One moment of the data, which nothing here can change.  Raises StoreUnusable."""
        with told(self.store), self._look() as connection, connection.begin():
            yield connection

    def _look(self) -> Connection:
        connection = self.engine.connect()
        if self.embedded:
            return connection
        return connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)

    def truncate_journal(self) -> None:
        """Write the journal into the file and empty it, so that it holds no old content.

        Raises StoreUnusable when a reader keeps an old moment open.
        """
        if self.path is None:
            return
        with (
            told(self.store),
            self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection,
        ):
            busy = connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)")).scalar()
            if busy:
                raise StoreUnusable(
                    "日志文件正被读取，暂时无法清空。", hint="请关闭其他康档窗口后重新运行同一命令。"
                )

    def close(self) -> None:
        """Close all connections."""
        writer, self._writer = self._writer, None
        if writer is not None:
            writer.close()
        self.engine.dispose()


def _transaction(connection: Connection, name: str) -> Iterator[Connection]:
    with connection.begin() as transaction:
        reached(f"{name}:begun")
        yield connection
        reached(f"{name}:committing")
        transaction.commit()
    reached(f"{name}:committed")


def embedded(
    path: Path, key: bytes, *, make: bool = False, patience: float | None = None, store: Store = DATA
) -> Database:
    """The encrypted file at ``path``; ``key`` is 32 bytes.

    Only with ``make`` is it made when it is not there; else each use raises StoreUnusable.
    """
    import sqlcipher3.dbapi2 as sqlcipher

    if len(key) != 32:
        raise ValueError("the raw key has 32 bytes")

    def connect() -> Any:
        _private(path) if make else _require_there(path, store)
        connection = sqlcipher.connect(str(path), isolation_level=None, check_same_thread=False, timeout=0)
        try:
            _prepare(connection, key)
        except BaseException:
            connection.close()
            raise
        return connection

    engine = create_engine(
        "sqlite://", module=sqlcipher, creator=connect, poolclass=QueuePool, pool_size=CONNECTIONS,
        max_overflow=64,
    )  # fmt: skip
    event.listen(engine, "begin", _begin)
    gate = Gate(path.with_suffix(".lock")) if patience is None else Gate(path.with_suffix(".lock"), patience)
    return Database(engine, gate, path, store)


def _unheard(engine: Engine) -> Engine:
    """The same connections, and nobody listens: that costs each act, and its writer says its own BEGIN."""
    return create_engine(engine.url, module=engine.dialect.dbapi, pool=engine.pool)


def _private(path: Path) -> None:
    """Make the empty file for its owner alone; SQLite gives its journals the same permissions."""
    with contextlib.suppress(OSError):  # it is there, or SQLite says better why it cannot be
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))


def _require_there(path: Path, store: Store) -> None:
    """SQLite takes a file that is not there, or has nothing in it, for a new database."""
    try:
        if path.stat().st_size >= PAGE_BYTES:
            return
    except FileNotFoundError as error:
        raise StoreUnusable(f"{store.name} {path.name} 不见了。", hint=store.cure) from error
    except OSError:
        return  # SQLite says better why it cannot be opened
    raise StoreUnusable(f"{store.name} {path.name} 是空的，或被截断。", hint=store.cure)


def unlock(connection: Any, key: bytes) -> None:
    """Tell a driver's connection the key and the form of the file, before anything else."""
    connection.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
    connection.execute(f"PRAGMA cipher_page_size = {PAGE_BYTES}")


def _prepare(connection: Any, key: bytes) -> None:
    unlock(connection, key)
    connection.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute(f"PRAGMA wal_autocheckpoint = {JOURNAL_BYTES // PAGE_BYTES}")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA secure_delete = ON")
    connection.execute("PRAGMA recursive_triggers = ON")  # else REPLACE removes rows past the guards
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute("PRAGMA cache_size = -32000")
    connection.execute("PRAGMA temp_store = MEMORY")  # a temporary file would be plain text on the disk
    connection.execute("PRAGMA mmap_size = 0")


def _begin(connection: Connection, *, writes: bool = False, watched: bool = False) -> None:
    pooled = connection.connection
    info = pooled.info
    if info.get(_MAY_WRITE) is not writes:  # said again, it would make every statement be prepared anew
        say(connection, f"PRAGMA query_only = {0 if writes else 1}")  # a look that writes would pass the gate
        info[_MAY_WRITE] = writes
    if watched:
        # Outside the transaction: an act that fails would take the triggers with it.
        watch(info, pooled.dbapi_connection)
    say(connection, "BEGIN IMMEDIATE" if writes else "BEGIN")


def server(url: str, store: Store = DATA) -> Database:
    """A PostgreSQL database (``postgresql+psycopg://…``)."""
    engine = create_engine(url, pool_size=CONNECTIONS, max_overflow=64, pool_pre_ping=True)

    def durable(connection: Any, _record: Any) -> None:
        connection.execute("SET synchronous_commit = on")
        connection.commit()

    event.listen(engine, "connect", durable)
    return Database(engine, None, None, store)


@contextmanager
def told(store: Store = DATA) -> Iterator[None]:
    """Trouble of a store as a sentence; broken constraints pass through for those who expect them."""
    try:
        yield
    except IntegrityError:
        raise
    except UnicodeEncodeError as error:  # half of a character pair, as a terminal passes on broken bytes
        raise InputRefused(
            "输入中有不成字的字节，没有保存。", hint="请重新输入这段文字，不要从乱码中复制。"
        ) from error
    except DBAPIError as error:
        raise trouble(str(error.orig), store) from error
    except sqlite3.Error as error:
        raise trouble(str(error), store) from error

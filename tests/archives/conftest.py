"""The station on both databases: the embedded file, and a real PostgreSQL where one can be started."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from tests.archives.databases import BOTH, postgresql
from tests.archives.making import Station, copied, founded, station


@dataclass(frozen=True)
class Server:
    """``model``: the folder of a station, its data in the database ``model``; tests get copies of both."""

    make: Callable[..., str]
    model: Path


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A server that lives as long as the tests, with a model station; skipped by name where none starts."""
    with (
        tempfile.TemporaryDirectory(prefix="kangdang-pg-") as folder,
        postgresql(Path(folder) / "pg") as make,
    ):
        url = make("model")
        # That a server keeps what it has acknowledged is its own matter; without waiting for the disk the
        # tests take a tenth of the time.
        _run(url, *(f"ALTER SYSTEM SET {name} = off" for name in ("fsync", "full_page_writes")))
        _run(url, "SELECT pg_reload_conf()")
        model = Path(folder) / "model"
        founded(model, data_url=url).archive.close()
        yield Server(make, model)


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
    server: Server = request.getfixturevalue("server")
    return server.make("station", "model")


@pytest.fixture
def both(request: pytest.FixtureRequest, tmp_path: Path, data_url: str) -> Iterator[Station]:
    """A station with its staff."""
    if data_url:
        made = copied(request.getfixturevalue("server").model, tmp_path, data_url=data_url)
    else:
        made = station(tmp_path)
    yield made
    made.archive.close()


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Station]:
    """A station on the embedded file, for what does not depend on the database."""
    one = station(tmp_path)
    yield one
    one.archive.close()

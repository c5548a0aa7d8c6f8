"""The station on both databases: the embedded file, and a real PostgreSQL where one can be started."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from tests.archives.databases import BOTH, postgresql
from tests.archives.making import Station, station

_NUMBERS = itertools.count(1)


@pytest.fixture(scope="session")
def server() -> Iterator[Callable[[str], str]]:
    """One server for the session; every test gets an empty database of it."""
    with (
        tempfile.TemporaryDirectory(prefix="kangdang-pg-") as folder,
        postgresql(Path(folder) / "pg") as make,
    ):
        yield make


@pytest.fixture(params=BOTH)
def data_url(request: pytest.FixtureRequest) -> str:
    """Where the data of the test's station is kept; empty for the embedded file."""
    if request.param == "embedded":
        return ""
    make: Callable[[str], str] = request.getfixturevalue("server")
    return make(f"station{next(_NUMBERS)}")


@pytest.fixture
def both(tmp_path: Path, data_url: str) -> Iterator[Station]:
    """A station with its staff."""
    made = station(tmp_path, data_url=data_url)
    yield made
    made.archive.close()

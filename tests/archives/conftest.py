"""The station on both databases: the embedded file, and a real PostgreSQL where one can be started."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.archives.databases import BOTH
from tests.archives.making import Station, copied, founded, station


@dataclass(frozen=True)
class Server:
    """``model``: the folder of a station, its data in the database ``model``; tests get copies of both."""

    make: Callable[..., str]
    model: Path


@pytest.fixture(scope="session")
def server(databases: Callable[..., str], tmp_path_factory: pytest.TempPathFactory) -> Server:
    """The server with a model station."""
    model = tmp_path_factory.mktemp("model")
    founded(model, data_url=databases("model")).archive.close()
    return Server(databases, model)


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

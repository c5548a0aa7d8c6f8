"""What every test gets: no station of the user's, a fixed clock, no network."""

from __future__ import annotations

import gc
import os
import shutil
import socket
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from sqlalchemy import event
from sqlalchemy.pool import Pool

import archives

assert Path(archives.__file__).parents[1] != Path(__file__).parent, "the tests folder hides the real package"

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
TOOLS = ("soffice", "pdftoppm", "qpdf")
YOUNG_OBJECTS = 20_000
"""New objects between two looks for garbage.  The forms and fonts that stay loaded are many: looking through
them as often as Python does by default takes a fifth of the time of all tests."""

# A busy machine is slow, and slow is not wrong: nothing here is judged by the clock.  Times lie in bench/.
settings.register_profile("kangdang", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("kangdang")


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    for name in list(os.environ):
        if name.startswith("KANGDANG_"):
            monkeypatch.delenv(name)
    # A folder for each of six thousand tests takes seconds: who has none of his own has no home either.
    own = "tmp_path" in request.fixturenames
    home = request.getfixturevalue("tmp_path") if own else Path(os.devnull) / "nobody"
    monkeypatch.setenv("HOME", str(home))


@pytest.fixture(autouse=True)
def _no_waiting_for_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test in this process cannot cut the power, so fsync changes nothing; its order has its own tests."""
    monkeypatch.setattr(os, "fsync", lambda handle: None)


def _quick_commits(connection: Any, _record: Any) -> None:
    """The same for the embedded database, which waits by itself."""
    if type(connection).__module__.startswith("sqlcipher3"):
        connection.execute("PRAGMA synchronous = OFF")


@pytest.fixture
def commits_that_wait() -> Iterator[None]:
    """The embedded database as the product opens it."""
    event.remove(Pool, "connect", _quick_commits)
    yield
    event.listen(Pool, "connect", _quick_commits)


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    if request.node.get_closest_marker("network"):
        return
    real = socket.socket.connect

    def connect(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6) and address[0] not in (
            "127.0.0.1",
            "::1",
            "localhost",
        ):
            raise AssertionError(f"a test reached for the network: {address}")
        real(self, address)

    monkeypatch.setattr(socket.socket, "connect", connect)


@pytest.fixture
def now() -> datetime:
    """The clock of the tests."""
    return NOW


@pytest.fixture(scope="session")
def soffice() -> str:
    """LibreOffice, the oracle of layout; without it the test is skipped by name."""
    path = shutil.which("soffice")
    if path is None:
        pytest.skip("LibreOffice (soffice) is not installed: layout is not compared")
    return path


@pytest.fixture(scope="session")
def databases() -> Iterator[Callable[..., str]]:
    """One PostgreSQL server for all tests; ``databases(name)`` makes a database in it, and gives its URL."""
    from tests.archives.databases import postgresql

    with postgresql() as make:
        yield make


def pytest_report_header() -> str:
    """Say which real tools take part."""
    return "real tools: " + ", ".join(f"{tool}={'yes' if shutil.which(tool) else 'NO'}" for tool in TOOLS)


def pytest_configure() -> None:
    """Look for garbage less often; keep what is compiled, whatever the machine says.

    The tests begin hundreds of processes: to compile what one imports takes longer than what it is begun for.
    """
    gc.set_threshold(YOUNG_OBJECTS, 20, 20)
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.dont_write_bytecode = False
    event.listen(Pool, "connect", _quick_commits)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files marked ``long``; all else stays in order."""
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


def pytest_addoption(parser: pytest.Parser) -> None:
    """``--update-golden`` rewrites the golden outlines."""
    parser.addoption("--update-golden", action="store_true", help="rewrite tests/golden")

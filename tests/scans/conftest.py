"""The reader of files is begun already; tests of the reader itself ask for the real one."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from desk.station.scanning import apart
from tests.scans.warm_reader import warm_reader


@pytest.fixture(scope="session")
def _warm() -> Iterator[SimpleNamespace | None]:
    if sys.platform == "win32":
        yield None
        return
    with warm_reader() as begun:
        yield begun


@pytest.fixture(autouse=True)
def _quick_reader(monkeypatch: pytest.MonkeyPatch, _warm: SimpleNamespace | None) -> None:
    if _warm is not None:
        monkeypatch.setattr(apart, "subprocess", _warm)


@pytest.fixture
def real_reader(monkeypatch: pytest.MonkeyPatch, _quick_reader: None) -> None:
    """Each file is read by a new process, as in the product."""
    monkeypatch.setattr(apart, "subprocess", subprocess)

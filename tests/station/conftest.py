"""One station founded for all tests of this folder that take ``home``; each gets a copy of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.station.founding import House, house


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the station stands that is copied."""
    return tmp_path_factory.mktemp("样板")


@pytest.fixture
def home(
    tmp_path: Path, model: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> House:
    """A station of one's own, with nobody logged in."""
    return house(tmp_path, model, monkeypatch, capfd)

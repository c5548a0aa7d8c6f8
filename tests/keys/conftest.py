"""A fresh vault for each test, and no waiting for the disk."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.keys.making import Kept, make_vault


@pytest.fixture(autouse=True)
def _no_waiting_for_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Crashes are simulated in the process, where fsync changes nothing; its order has its own test."""
    monkeypatch.setattr(os, "fsync", lambda handle: None)


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    return make_vault(tmp_path)

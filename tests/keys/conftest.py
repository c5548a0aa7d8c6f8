"""A fresh vault for each test."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.keys.making import Kept, make_vault


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    return make_vault(tmp_path)

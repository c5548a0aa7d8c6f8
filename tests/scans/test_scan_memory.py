"""A file of five hundred pages takes no more memory than one of fifty."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
def test_memory_is_flat_over_five_hundred_pages(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.scans.long_file", str(tmp_path / "a"), "500"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    told = json.loads(done.stdout)
    print(told)
    assert told["ledger"] == [500, 2, 498]
    for early, late in zip(told["50"], told["500"], strict=True):
        assert late - early < 40, told

"""A disposal killed with SIGKILL at its write points: nothing half, nothing destroyed readable, all goes on.

``disposal_story`` says what is looked at after each kill, and what a hold placed before the recovery must do.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="kill -9 and fork are Unix")
ROOT = Path(__file__).parents[2]
LEAST = 70
"""Write points of the story."""
DESTROYING = 45
"""The number of a point shortly before the first item loses its keys."""


def killed(folder: Path, *arguments: str) -> dict[str, Any]:
    command = (sys.executable, "-m", "tests.faults.disposal_story", str(folder), *arguments)
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    told: dict[str, Any] = json.loads(ended.stdout)
    print(f"{told['kills']} kills at {len(told['points'])} points of {told['reached']}")
    return told


def test_killed_at_every_eighteenth_point_it_ends_as_if_never_killed(tmp_path: Path) -> None:
    told = killed(tmp_path, "18", "2")
    assert told["wrong"] == []
    assert told["kills"] >= LEAST // 18 - 1
    assert told["reached"] >= LEAST


def test_killed_between_the_keys_and_the_row(tmp_path: Path) -> None:
    """The one moment at which two stores disagree, and the points around it."""
    told = killed(tmp_path, "1", str(DESTROYING), "", "6")
    assert told["wrong"] == []
    assert "keys.destroy:committed" in told["points"]
    assert "disposal.item:committing" in told["points"]


@pytest.mark.slow
def test_killed_at_every_point(tmp_path: Path) -> None:
    told = killed(tmp_path, "1", "0")
    assert told["wrong"] == []
    assert told["kills"] >= LEAST


@pytest.mark.slow
def test_killed_at_every_point_of_the_recovery_from_every_kill(tmp_path: Path) -> None:
    told = killed(tmp_path, "1", str(DESTROYING), "recovery")
    assert told["wrong"] == []
    assert {"disposal.recover:committing", "disposal.person:committed"} <= set(told["points"])

"""Receiving, deciding and clearing killed with SIGKILL at their write points: no page lost, none doubled.

``killed`` says what is looked at after each kill and at the end.
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
LEAST = 120
"""Write points of the story."""
KINDS = {
    "scan.begin:committed", "scan.part:committed", "scan.page:committed", "scan.complete:committed",
    "scan.file:committed", "scan.release:committed", "scan.balance:committed", "scan.incoming:unlinked",
    "scan.settle:committed", "scan.clearing:committed", "scan.clear:committed", "keys.destroy:committed",
    "blob:created", "blob:written", "blob:renamed", "blob:synced", "blob:read_back", "blob:unlinked",
}  # fmt: skip

ASIDE = {"scan.aside:created", "scan.aside:renamed", "scan.aside:unlinked"}


def program(name: str, folder: Path, *arguments: str) -> dict[str, Any]:
    command = (sys.executable, "-m", f"tests.scans.{name}", str(folder), *arguments)
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    told: dict[str, Any] = json.loads(ended.stdout)
    return told


def killed(folder: Path, *arguments: str) -> dict[str, Any]:
    told = program("killed", folder, *arguments)
    print(f"{told['kills']} kills at {len(told['points'])} points of {told['reached']}")
    return told


@pytest.mark.slow
def test_killed_at_every_point_nothing_is_lost_or_doubled(tmp_path: Path) -> None:
    told = killed(tmp_path, "1")
    assert told["wrong"] == []
    assert told["kills"] >= LEAST
    assert set(told["points"]) >= KINDS


def test_killed_where_the_inbox_changes_and_here_and_there_nothing_is_lost_or_doubled(tmp_path: Path) -> None:
    told = killed(tmp_path, "aside", "0", "3", "watched")
    assert told["wrong"] == []
    assert set(told["points"]) > ASIDE
    assert told["reached"] >= LEAST // 2


@pytest.mark.slow
def test_killed_at_every_point_of_a_watched_inbox_nothing_is_lost_or_doubled(tmp_path: Path) -> None:
    told = killed(tmp_path, "1", "0", "1000000", "watched")
    assert told["wrong"] == []
    assert told["kills"] >= LEAST
    assert set(told["points"]) >= ASIDE


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What was seen of the story, before which the program wrote and removed a file without saying so."""
    return program("watched", tmp_path_factory.mktemp("w") / "a", "leak")


def test_every_write_of_scans_says_its_name(watched: dict[str, Any]) -> None:
    """Another write without a point would be a place where no kill is tried."""
    assert [one for one in watched["unsaid"] if "leak" not in one] == []
    assert watched["files"] >= 40
    assert watched["commits"] >= 20


def test_every_write_of_a_watched_inbox_says_its_name(tmp_path: Path) -> None:
    told = program("watched", tmp_path / "a", "", "watched")
    assert told["unsaid"] == []
    assert told["files"] >= 40


def test_a_write_without_a_point_is_found(watched: dict[str, Any]) -> None:
    assert any("leak" in one for one in watched["unsaid"])

"""Building and installing as a user's PC would, for the tests of packaging."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOCK = ROOT / "requirements.lock"
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
EXTRAS = [line for lines in PYPROJECT["project"]["optional-dependencies"].values() for line in lines]
# Taken when this is imported: tests give every test a home of its own, without the machine's package cache.
HOME = os.environ.get("HOME", "")


@dataclass(frozen=True)
class Pin:
    """One requirement of the lock."""

    name: str
    version: str
    marker: str
    hashes: tuple[str, ...]

    @property
    def line(self) -> str:
        """As a constraint."""
        return f"{self.name}=={self.version}" + (f" ; {self.marker}" if self.marker else "")


def pins() -> list[Pin]:
    """The lock, read strictly: every line is part of a requirement or a comment."""
    text = re.sub(r"\\\n", " ", LOCK.read_text(encoding="utf-8"))
    found = []
    for line in text.splitlines():
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        match = re.fullmatch(
            r"(?P<name>[a-z0-9][a-z0-9._-]*)==(?P<version>[^\s;]+)(?: ; (?P<marker>.*?))?"
            r"(?P<hashes>(?:\s+--hash=sha256:[0-9a-f]{64})*)\s*",
            line,
        )
        assert match, f"not understood in the lock: {line[:80]}"
        found.append(
            Pin(match["name"], match["version"], match["marker"] or "", tuple(match["hashes"].split()))
        )
    return found


def uv() -> str:
    """The installer of the Makefile; without it the test is skipped by name."""
    beside = Path(sys.executable).parent / "uv"
    found = str(beside) if beside.exists() else shutil.which("uv", path=os.environ.get("PATH"))
    if found is None:
        pytest.skip("uv is not installed: packaging is not tried")
    return found


def call(*command: str | Path, cwd: Path, home: str = HOME, **more: str) -> subprocess.CompletedProcess[str]:
    """Run a program with the machine's package cache, outside the checkout's Python path."""
    clean = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
    return subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env={**clean, "HOME": home, "PYTHONUTF8": "1", **more},
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )


def need_registry(ended: subprocess.CompletedProcess[str]) -> None:
    """Skip where no package registry answers; anything else that went wrong is a failure."""
    if ended.returncode and re.search(
        r"error sending request|dns error|Connection refused|timed out|Could not connect", ended.stderr
    ):
        pytest.skip("no package registry is reached from here")
    assert ended.returncode == 0, ended.stderr[-2000:]

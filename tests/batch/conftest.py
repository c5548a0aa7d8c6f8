"""A roster of three invented people and the command in this process, without worker processes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from desk.batch.plan import plan_for
from desk.cli.main import run
from tests.batch.making import case_of, line, person

AT = "2026-11-20T10:00"


@contextmanager
def _threads(workers: int) -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as executor:
        yield executor


@dataclass(frozen=True)
class Ended:
    """What a user sees of one run."""

    code: int
    told: dict[str, Any]

    @property
    def results(self) -> dict[int, dict[str, Any]]:
        return {result["row"]: result for result in self.told["results"]}

    @property
    def error(self) -> str:
        error = self.told["error"]
        return f"{error['message']}{error['hint']}"


Batch = Callable[..., Ended]


@pytest.fixture
def batch(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Batch:
    """``kangdang batch application_b ROSTER -o 文书 --json`` with one thread."""
    monkeypatch.setattr("desk.cli.batch_cmd.processes", _threads)
    monkeypatch.chdir(tmp_path)

    def ended(roster: str, *arguments: str, name: str = "application_b") -> Ended:
        capfd.readouterr()
        code = run(["batch", name, roster, "-o", "文书", "--at", AT, "--json", *arguments])
        return Ended(code, json.loads(capfd.readouterr().out))

    return ended


@pytest.fixture
def people() -> list[dict[str, str]]:
    """The cells of three people, by heading."""
    columns, base = plan_for("application_b").columns(), case_of(["application_b"])
    return [line(columns, person(base, number)) for number in (1, 2, 3)]

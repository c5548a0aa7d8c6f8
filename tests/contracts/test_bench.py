"""The measurements: each alone in a process, one that fails hides no other, their numbers in the tables."""

from __future__ import annotations

import json
import re
from pathlib import Path

from bench.run import RESULTS, apart, measurements
from docs import measured

ROOT = Path(__file__).parents[2]


def test_each_measurement_is_one_and_needs_nothing(tmp_path: Path) -> None:
    """What only other measurements call is not taken for one; each is started in a process of its own."""
    (tmp_path / "one.py").write_text("def measure(rounds: int = 3) -> dict: ...")
    (tmp_path / "part.py").write_text("def measure(filled, root) -> dict: ...")
    (tmp_path / "program.py").write_text("def main() -> None: ...")
    assert measurements(tmp_path) == ["one"]
    assert {"archive", "pdf", "scanning"} <= set(measurements())
    assert not {"archive_writers", "archive_store", "run"} & set(measurements())


def test_a_measurement_that_fails_hides_no_other() -> None:
    assert "ModuleNotFoundError" in apart("no_such_measurement")["failed"]


def test_the_tables_are_complete_after_a_whole_run() -> None:
    """No row without a number, no mark of the page that nothing fills."""
    page = (ROOT / "docs" / "performance.md").read_text(encoding="utf-8")
    assert set(re.findall(r"<!-- measured: (\w+) -->", page)) == set(measured.TABLES)
    report = json.loads(RESULTS.read_bytes())
    told = measured.page(page, report)
    missing = set(measurements()) - set(report["results"])
    assert missing or "not measured" not in told

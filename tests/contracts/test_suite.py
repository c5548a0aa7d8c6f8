"""The tests themselves: judged by no clock, the long ones in named parts, the top level kept clean."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import soak

ROOT = Path(__file__).parents[2]
TESTS = ROOT / "tests"
CLOCKS = {"time", "time_ns", "perf_counter", "perf_counter_ns", "monotonic", "monotonic_ns", "process_time"}
MAY_LOOK = {
    "tests/entry/test_terminal.py": "waits for a screen, and gives up after minutes",
    "tests/scans/long_file.py": "tells its processor time, which nothing judges",
}
TOP = {
    ".ci", ".gitignore", "CHANGELOG.md", "LICENSE", "Makefile", "README.md", "README.zh-CN.md", "archives",
    "bench", "desk", "docs", "generator", "pyproject.toml", "requirements.lock", "schemas", "templates",
    "tests", "tools",
}  # fmt: skip


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def clocks_in(tree: ast.AST) -> Iterator[int]:
    """Lines that read a clock of the machine."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            if node.value.id == "time" and node.attr in CLOCKS:
                yield node.lineno
        elif isinstance(node, ast.ImportFrom) and node.module == "time":
            yield from (node.lineno for alias in node.names if alias.name in CLOCKS)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "settings":
            yield from (node.lineno for keyword in node.keywords if keyword.arg == "deadline")


def test_no_test_is_judged_by_the_clock() -> None:
    """Times are measured in bench/; a busy machine is no reason for red."""
    assert list(clocks_in(ast.parse("import time\nassert time.monotonic() < 3"))) == [2]
    found = [
        f"{name(path)}:{line}"
        for path in sorted(TESTS.rglob("*.py"))
        if name(path) not in {*MAY_LOOK, "tests/conftest.py"}
        for line in clocks_in(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert found == [], (
        "no wall clock and no deadline of its own in a test: tests/conftest.py has the profile"
    )


def test_every_slow_test_falls_in_a_part() -> None:
    files = soak.slow_files()
    assert len(files) > 10
    lost = [path for path in files if soak.part_of(path) is None]
    assert lost == [], "make soak would leave these out: name their folder in tests/soak.py"
    assert {soak.part_of(path) for path in files} <= set(soak.PARTS)


def test_an_interrupted_part_goes_on_with_what_is_missing(tmp_path: Path) -> None:
    record = soak.Record("scans", "these files", tmp_path)
    record.keep("a", "passed", 1.0, "3 kills")
    record.keep("b", "failed", 1.0, "")
    with (tmp_path / "soak-scans.tmp").open("a", encoding="utf-8") as file:
        file.write('{"state": "these fi')  # killed while it wrote
    again = soak.Record("scans", "these files", tmp_path)
    assert [test for test in "abc" if again.missing(test)] == ["b", "c"]
    other = soak.Record("scans", "other files", tmp_path)
    assert other.missing("a")


def test_a_file_of_no_test_does_not_make_a_part_run_again(tmp_path: Path) -> None:
    def git(*words: str) -> None:
        subprocess.run(["git", *words], cwd=tmp_path, check=True, capture_output=True)

    git("init", "-q")
    (tmp_path / "docs").mkdir()
    (tmp_path / "a.py").write_text("1")
    first = soak.state_of_the_files(tmp_path)
    (tmp_path / "docs" / "a.md").write_text("words")
    assert soak.state_of_the_files(tmp_path) == first
    (tmp_path / "b.py").write_text("not committed yet")
    assert soak.state_of_the_files(tmp_path) != first


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="not a clone: nothing says what belongs there")
def test_only_what_belongs_there_lies_at_the_top() -> None:
    told = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "-z"],
        cwd=ROOT, check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    stray = {path.partition("/")[0] for path in told.split("\0") if path} - TOP
    assert stray == set(), "a print or an experiment was left at the top"

"""The long runs, in named parts: ``python -m tests.soak [PART …]``, or ``make soak PART=scans``.

A part is chosen by where a test lies, so a new slow test falls into one by itself.  A part that was finished
for these files is not run again, and an interrupted one goes on with the tests that are missing.  What a part
found is kept in ``bench/results/soak-PART.json``: commit, counts, what the tests printed, time, machine.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest

from bench.run import machine

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "bench" / "results"
PARTS: dict[str, tuple[str, ...]] = {
    "evidence": ("tests/evidence/*", "tests/attacks/test_by_sql.py", "tests/attacks/test_missing_rows.py"),
    "kills": ("*kill*", "tests/faults/*", "tests/station/test_init.py"),
    "lock": ("tests/contracts/*",),
    "words": ("tests/scans/test_suggesting.py", "tests/reading/*words*"),
    "scans": ("tests/scans/*",),
    "reading": ("tests/reading/*", "tests/simulator/*", "tests/identity/*"),
    "keeping": ("tests/keeping/*",),
    "disposal": ("tests/archives/*", "tests/retention/*", "tests/calendar/*"),
    "changes": ("tests/station/*", "tests/keys/*", "tests/store/*", "tests/log/*", "tests/attacks/*"),
    "papers": (
        "tests/generator/*", "tests/typeset/*", "tests/paging/*", "tests/docx*/*", "tests/packets/*",
        "tests/batch/*", "tests/forms/*", "tests/validation/*", "tests/entry/*",
    ),
    "program": ("tests/cli/*", "tests/desk/*"),
}  # fmt: skip
"""Each part and the paths of its tests; the first part that fits takes a file."""
OF_NO_TEST = ("docs/", "bench/results/", "CHANGELOG.md", "README.md", "README.zh-CN.md")
"""What may change without a slow test having to run again."""


def part_of(path: str) -> str | None:
    """The part that a test file (path from the top, with slashes) belongs to."""
    for part, patterns in PARTS.items():
        if any(fnmatchcase(path, pattern) for pattern in patterns):
            return part
    return None


def slow_files(root: Path = ROOT) -> list[str]:
    """Test files with at least one slow test, in order."""
    found = []
    for path in sorted((root / "tests").rglob("test_*.py")):
        if "mark.slow" in path.read_text(encoding="utf-8"):
            found.append(path.relative_to(root).as_posix())
    return [path for path in found if path != "tests/contracts/test_suite.py"]


class Record:
    """What was found so far: one line a test in a file beside the result, read again by the next run."""

    def __init__(self, part: str, state: str, folder: Path = RESULTS) -> None:
        self._path = folder / f"soak-{part}.tmp"
        self._state = state
        self.seen: dict[str, dict[str, Any]] = {}
        for line in self._path.read_text(encoding="utf-8").splitlines() if self._path.exists() else []:
            try:
                told = json.loads(line)
            except ValueError:  # the last line of a run that was killed
                continue
            if told["state"] == state:
                self.seen[told["test"]] = told

    def missing(self, test: str) -> bool:
        """True for a test that has not passed for these files."""
        return test not in self.seen or self.seen[test]["outcome"] == "failed"

    def keep(self, test: str, outcome: str, seconds: float, said: str) -> None:
        """Note one test, at once."""
        told = {"state": self._state, "test": test, "outcome": outcome, "s": round(seconds, 1), "said": said}
        self.seen[test] = told
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(told, ensure_ascii=False) + "\n")

    def forget(self) -> None:
        """The result stands: the lines are not needed any more."""
        self._path.unlink(missing_ok=True)


class Runner:
    """A pytest plugin: leaves out what has passed already, and notes each test as it ends."""

    def __init__(self, record: Record) -> None:
        self._record = record
        self.collected: list[str] = []

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """Only what is missing."""
        self.collected = [item.nodeid for item in items]
        done = [item for item in items if not self._record.missing(item.nodeid)]
        items[:] = [item for item in items if self._record.missing(item.nodeid)]
        config.hook.pytest_deselected(items=done)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep the outcome and what the test told to be quoted: the property ``told``, or its prints."""
        if report.when == "call" or report.outcome != "passed":
            told = [str(value) for name, value in report.user_properties if name == "told"]
            said = "\n".join(told or [line for line in report.capstdout.splitlines() if line])[-600:]
            self._record.keep(report.nodeid, report.outcome, report.duration, said)


def state_of_the_files(root: Path = ROOT) -> str:
    """A hash of every file that a slow test can depend on, committed or not."""
    whole = hashlib.sha256()
    for name in sorted(_git(root, "ls-files", "-co", "--exclude-standard", "-z").split("\0")):
        path = root / name
        if name and not name.startswith(OF_NO_TEST) and path.is_file():
            whole.update(f"{name}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return whole.hexdigest()


def _git(root: Path, *words: str) -> str:
    return subprocess.run(["git", *words], cwd=root, check=True, capture_output=True, text=True).stdout


def _commit(root: Path) -> str:
    changed = [line[3:] for line in _git(root, "status", "--porcelain").splitlines()]
    own = [name for name in changed if not name.startswith(OF_NO_TEST)]
    return _git(root, "rev-parse", "--short=12", "HEAD").strip() + (" and changes" if own else "")


def _finished(part: str, state: str) -> bool:
    path = RESULTS / f"soak-{part}.json"
    return path.exists() and json.loads(path.read_bytes())["state"] == state


def _by_function(seen: dict[str, dict[str, Any]]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The runs of one test function together: the samples of one are many."""
    functions: dict[str, list[dict[str, Any]]] = {}
    for test, told in seen.items():
        functions.setdefault(test.partition("[")[0], []).append(told)
    for function, runs in functions.items():
        said = [told["said"] for told in runs if told["said"]]
        yield (
            function,
            {
                **Counter(told["outcome"] for told in runs),
                "s": round(sum(told["s"] for told in runs), 1),
                **({"said": said[:3]} if said else {}),
            },
        )


def run_part(part: str) -> int:
    """Run what is missing of one part; 0 when all of it has passed.  Keeps the result."""
    state = state_of_the_files()
    if _finished(part, state):
        print(f"soak {part}: finished for these files, see bench/results/soak-{part}.json")
        return 0
    files = [path for path in slow_files() if part_of(path) == part]
    if not files:
        print(f"soak {part}: no slow test lies there")
        return 0
    record = Record(part, state)
    runner = Runner(record)
    code = pytest.main(["-q", "-m", "slow", "-p", "no:cacheprovider", *files], plugins=[runner])
    left = [test for test in runner.collected if record.missing(test)]
    if code not in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED) or left or not runner.collected:
        print(f"soak {part}: {len(left)} of {len(runner.collected)} tests failed or are missing")
        return 1
    seen = {test: record.seen[test] for test in runner.collected}
    result = {
        "part": part,
        "commit": _commit(ROOT),
        "state": state,
        "ended": datetime.now(UTC).isoformat(timespec="seconds"),
        "tests": dict(Counter(told["outcome"] for told in seen.values())),
        "seconds": round(sum(told["s"] for told in seen.values())),
        "of": dict(_by_function(seen)),
        "machine": {key: value for key, value in machine().items() if key not in ("tools", "libraries")},
    }
    text = json.dumps(result, ensure_ascii=False, indent=2) + "\n"
    (RESULTS / f"soak-{part}.json").write_text(text, encoding="utf-8")
    record.forget()
    print(f"soak {part}: {result['tests']} in {result['seconds']} s; kept in bench/results/soak-{part}.json")
    return 0


def main(parts: Sequence[str]) -> int:
    """Run the named parts or all; several each in a process of its own."""
    if unknown := set(parts) - set(PARTS):
        print(f"no such part: {', '.join(sorted(unknown))}; there are: {', '.join(PARTS)}", file=sys.stderr)
        return 2
    if len(parts) == 1:
        return run_part(parts[0])
    codes = [
        subprocess.run([sys.executable, "-m", "tests.soak", part], cwd=ROOT, check=False).returncode
        for part in parts or PARTS
    ]
    return int(any(codes))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""What it costs that every row's digest is on the log: records a second, and the check.

``records``: two trees of this repository, this one and the commit before, each with a station of its own, add
records in turns in one run.  ``check``: a filled station gets its baseline as an upgrade writes it, and all
its rows are compared with the log; at 20,000 and 200,000 items.
``python -m bench.evidence --before COMMIT --persons 1000`` measures one size and the turns.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parents[1]
BEFORE: Final = "b7f166f"
"""The commit before rows were digested."""
SIZES: Final = (1_000, 10_000)
"""Persons; a file has twenty items."""
TURNS: Final = 25
SECONDS: Final = 1.0
MUST: Final = 0.9

_WRITER: Final = """
import json, os, sys, tempfile, time
from pathlib import Path
from bench.archive_store import fill, folders
from bench.archive_writers import _records_of
with tempfile.TemporaryDirectory() as name:
    root = Path(name).resolve(); root.chmod(0o700)
    os.environ.update(folders(root))
    filled = fill(root, 200)
    with _records_of(filled, 1) as act:
        for _ in range(50): act()
        print("ready", flush=True)
        for line in sys.stdin:
            seconds, count = float(line), 0
            begun, busy = time.perf_counter(), time.process_time()
            while time.perf_counter() - begun < seconds:
                act(); count += 1
            took = time.perf_counter() - begun
            print(json.dumps([count / took, (time.process_time() - busy) / count * 1000]), flush=True)
"""


def measure(before: str = BEFORE, sizes: Sequence[int] = SIZES) -> dict[str, Any]:
    """All numbers of this bench."""
    return {"records": records(before), "check": [check(persons) for persons in sizes]}


def records(before: str) -> dict[str, Any]:
    """Records a second of both trees, turn by turn, and the share of each turn."""
    with tempfile.TemporaryDirectory() as name, ExitStack() as open_:
        tree = _tree(before, Path(name) / "before")
        if tree is None:
            return {"missing": f"git archive {before}"}
        sides = [open_.enter_context(_writer(where)) for where in (ROOT, tree)]
        turns = []
        for turn in range(TURNS):
            order = sides if turn % 2 else sides[::-1]  # neither always comes first
            found = {id(side): _turn(side) for side in order}
            turns.append([found[id(side)] for side in sides])
    shares = [ours[0] / theirs[0] for ours, theirs in turns]
    return {
        "before": before, "turns": TURNS,
        "per_s": round(statistics.median(ours[0] for ours, _ in turns)),
        "before_per_s": round(statistics.median(theirs[0] for _, theirs in turns)),
        "processor_ms": round(statistics.median(ours[1] for ours, _ in turns), 3),
        "before_processor_ms": round(statistics.median(theirs[1] for _, theirs in turns), 3),
        "share": round(statistics.median(shares), 3), "lowest": round(min(shares), 3),
        "highest": round(max(shares), 3), "must": MUST,
    }  # fmt: skip


def _tree(commit: str, folder: Path) -> Path | None:
    """The files of a commit; None where git or the commit is not there."""
    folder.mkdir()
    packed = subprocess.run(["git", "archive", commit], cwd=ROOT, capture_output=True, check=False)
    if packed.returncode:
        return None
    subprocess.run(["tar", "-x", "-C", str(folder)], input=packed.stdout, check=True)
    return folder


@contextmanager
def _writer(tree: Path) -> Iterator[subprocess.Popen[str]]:
    environment = {**os.environ, "PYTHONPATH": str(tree)}
    command = [sys.executable, "-c", _WRITER]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=tree, env=environment, stdin=pipe, stdout=pipe, text=True) as running:
        assert running.stdout is not None
        if running.stdout.readline() != "ready\n":
            raise RuntimeError(f"{tree} does not write records")
        yield running
        assert running.stdin is not None
        running.stdin.close()


def _turn(running: subprocess.Popen[str]) -> list[float]:
    assert running.stdin is not None
    assert running.stdout is not None
    print(SECONDS, file=running.stdin, flush=True)
    told: list[float] = json.loads(running.stdout.readline())
    return told


def check(persons: int) -> dict[str, Any]:
    """Baseline and comparison of a station of so many persons, in a process of its own."""
    command = [sys.executable, "-m", "bench.evidence", "--one", str(persons)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def _check(persons: int) -> dict[str, Any]:
    from archives.keeping.agreement import Agreed, agreement
    from archives.keeping.baseline import note_all
    from archives.ports import system
    from bench.archive_store import fill, folders

    with tempfile.TemporaryDirectory() as name:
        root = Path(name).resolve()
        root.chmod(0o700)
        os.environ.update(folders(root))
        filled = fill(root, persons)
        archive, agreed, before = filled.open(), Agreed(), _megabytes(filled.layout.database)
        peak = _peak()
        begun = time.perf_counter()
        with archive.acting("bench.baseline", system("bench")) as unit:
            note_all(unit)
        noted = time.perf_counter()
        findings = sum(1 for _ in agreement(archive, agreed))
        done = time.perf_counter()
        archive.close()
        return {
            "items": filled.items, "rows": agreed.rows, "findings": findings,
            "baseline_s": round(noted - begun, 1), "check_s": round(done - noted, 1),
            "peak_mb_more": round(_peak() - peak),
            "log_mb": _megabytes(filled.layout.database) - before,
        }  # fmt: skip


def _megabytes(path: Path) -> int:
    return path.stat().st_size // 1_000_000


def _peak() -> float:
    import resource  # not on Windows

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000


def main() -> int:
    """Measure what the arguments say."""
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--before", default=BEFORE)
    arguments.add_argument("--persons", type=int, nargs="*", default=list(SIZES))
    arguments.add_argument("--one", type=int)
    chosen = arguments.parse_args()
    found = _check(chosen.one) if chosen.one else measure(chosen.before, chosen.persons)
    print(json.dumps(found, ensure_ascii=False, indent=None if chosen.one else 2))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

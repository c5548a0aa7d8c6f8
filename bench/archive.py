"""The archive at size: 20,000 persons and 400,000 items in the embedded store, through the real code.

The store is made anew for each run (``archive_store`` says what of it is made in bulk) in a temporary folder.
Every time is wall clock; an answer counts when its act is durable, log entry included.
``python -m bench.archive --persons 2000`` measures a smaller station.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import secrets
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from bench import archive_writers
from bench.archive_store import PASSWORD, SURNAMES, Filled, fill, folders, now
from desk.station.entrance import enter

ROOT = Path(__file__).resolve().parents[1]
PERSONS = 20_000
LOOKS = 300
TYPED = (
    "w", "wa", "wang", "wangw", "zhwj", "lxm", "王", "陈明", "张伟", "4821", "482193", "139", "2019-000123",
    "GA-2019", "SQ-2020-01", "PZ01-FW·GA-2021", "1", "20",
)  # fmt: skip


def measure(persons: int = PERSONS) -> dict[str, Any]:
    """All numbers of this bench."""
    with tempfile.TemporaryDirectory() as name:
        root = Path(name).resolve()
        root.chmod(0o700)
        environment = dict(folders(root))
        os.environ.update(environment)  # where the session of the station is kept
        try:
            filled = fill(root, persons)
            return {
                "persons": persons, "items": filled.items, "events": filled.events,
                "made_in_bulk_s": round(filled.seconds, 1), "database_mb": _megabytes(filled.layout.database),
                **_looks(filled),
                **_retention(filled),
                **_log(filled),
                "writing": archive_writers.rates(filled, root),
                "commands": {**_commands(filled), "must_s": 0.6},
            }  # fmt: skip
        finally:
            for variable in environment:
                os.environ.pop(variable, None)


def _megabytes(path: Path) -> int:
    return path.stat().st_size // 1_000_000


def spread(times: Iterable[float]) -> dict[str, float]:
    """Median, 95 % and worst, in milliseconds."""
    ordered = sorted(times)
    return {
        "median_ms": round(statistics.median(ordered) * 1000, 2),
        "p95_ms": round(ordered[int(len(ordered) * 0.95)] * 1000, 2),
        "worst_ms": round(ordered[-1] * 1000, 2),
    }


def _timed(act: Callable[[], object]) -> float:
    started = time.perf_counter()
    act()
    return time.perf_counter() - started


def _looks(filled: Filled) -> dict[str, Any]:
    """Opening files anywhere in the station, and searching as one types, with their events on the log."""
    from archives.items.documents import documents_of
    from archives.items.holds import open_holds
    from archives.items.lists import items_of
    from archives.people.files import current_volume, find_file
    from archives.people.persons import read_identity
    from archives.people.search import search

    archive, actor, draw = filled.open(), filled.actors["worker"], random.Random(1)

    def open_file(number: str) -> None:
        with archive.acting("file.open", actor) as unit:
            file = find_file(unit, number)
            current_volume(unit, file.id)
            read_identity(unit, file.person or 0)
            items_of(unit, file.id), documents_of(unit, file=file.id), open_holds(unit, file=file.id)
            unit.log("file.open", f"file:{file.id}", chain=file.id)

    def look_for(typed: str) -> None:
        with archive.acting("person.search", actor) as unit:
            search(unit, typed)

    try:
        with archive.looking(actor) as unit:
            numbers = unit.connection.exec_driver_sql(
                "SELECT application_no FROM files WHERE kind = 'person'"
            ).scalars().all()  # fmt: skip
        chosen = draw.sample(numbers, min(LOOKS, len(numbers)))
        first = _timed(lambda: open_file(chosen[0]))
        opened = [_timed(lambda number=number: open_file(number)) for number in chosen]  # type: ignore[misc]
        typed = [*TYPED, *draw.sample(SURNAMES, 20)]
        look_for("q")
        searched = {text: _timed(lambda text=text: look_for(text)) for text in typed}  # type: ignore[misc]
        slowest = max(searched, key=lambda text: searched[text])
    finally:
        archive.close()
    return {
        "open_file": {"first_ms": round(first * 1000, 2), **spread(opened), "must_ms": 30, "aim_ms": 10},
        "search": {**spread(searched.values()), "slowest": slowest, "must_ms": 30, "aim_ms": 10},
    }


def _retention(filled: Filled) -> dict[str, Any]:
    from archives.disposal.plan import falling_due, plan
    from archives.retention.decide import due_list
    from archives.retention.decision import Decision

    archive, actor = filled.open(), filled.actors["worker"]
    told: Counter[str] = Counter()
    ahead: list[Decision] = []
    listed: list[Decision] = []

    def whole_plan() -> None:
        with archive.looking(actor) as unit:
            for _, decision in plan(unit, unit.today):
                told[decision.status] += bool(decision.sentence)
                if decision.eligible_on is not None and decision.eligible_on > unit.today:
                    ahead.append(decision)

    def list_due() -> None:
        with archive.looking(actor) as unit:
            listed[:] = falling_due(unit, unit.today)

    try:
        planned = _timed(whole_plan)
        due = [_timed(list_due) for _ in range(3)]
    finally:
        archive.close()
    if tuple(listed) != due_list(ahead, now().date()):  # it looks at few items only: are they the right ones?
        raise RuntimeError("the due list is not that of the whole plan")
    return {
        "plan_s": round(planned, 2), "plan_must_s": 10, "statuses": dict(told), "due": len(listed),
        "due_list_s": round(statistics.median(due), 3), "due_list_first_s": round(due[0], 3),
        "due_list_must_s": 0.5,
    }  # fmt: skip


def _log(filled: Filled) -> dict[str, Any]:
    from archives.sealing import verify_log

    archive = filled.open()
    try:
        started = time.perf_counter()
        report = verify_log(archive, filled.actors["auditor"])
        taken = time.perf_counter() - started
    finally:
        archive.close()
    if not report.ok:
        raise RuntimeError("the log of the bench is not whole")
    return {
        "log_verify": {
            "events": report.events, "events_per_s": round(report.events / taken),
            "must": 40_000, "aim": 100_000,
        }
    }  # fmt: skip


def _commands(filled: Filled) -> dict[str, Any]:
    """Seconds of whole commands in processes of their own, log-in resumed, from start to end (median)."""
    commands = {
        "person search": ("worker", "person", "search", "wangw"),
        "retention due": ("records", "retention", "due", "--json"),
    }
    return {name: _command(filled, *words) for name, words in commands.items()}


def _command(filled: Filled, login: str, *arguments: str) -> dict[str, Any]:
    enter(filled.layout, filled.settings, login, PASSWORD, now, secrets.token_bytes)
    program = "from desk.cli.main import main; main()"
    environment = {
        **{name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"},
        "KANGDANG_HOME": str(filled.layout.home),
    }
    times, code, before = [], 0, _children()
    for _ in range(4):
        started = time.perf_counter()
        done = subprocess.run(
            [sys.executable, "-c", program, *arguments],
            cwd=ROOT, env=environment, check=False, capture_output=True, text=True, timeout=120,
        )  # fmt: skip
        times.append(time.perf_counter() - started)
        code = done.returncode
    processor = (_children() - before) / len(times)
    return {
        "s": round(statistics.median(times[1:]), 3),
        "processor_s": round(processor, 3),
        "exit_code": code,
    }


def _children() -> float:
    times = os.times()
    return times.children_user + times.children_system


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--persons", type=int, default=PERSONS)
    print(json.dumps(measure(parser.parse_args().persons), ensure_ascii=False, indent=2))

"""How many records and blobs a second become durable, beside raw writes of the same bytes in the same run.

Raw record: one INSERT of the encrypted answers into a table of two columns, SQLCipher with its usual pages of
4 kB and our settings (WAL, synchronous = FULL), one commit and so one fsync each.  Ours: one whole act
(record, revision, key, number, log entry with its hash).  Raw at our gate: the same insert, but who waits for
another process waits as ours do, in turn, and not in SQLite's busy handler, which sleeps longer and longer
while one process writes on.  Raw blob: write, fsync, read back, hash.
"""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import os
import random
import secrets
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from archives.errors import ArchiveError
from archives.store.database import BUSY_MS
from archives.store.gate import Gate
from bench.archive_store import Filled
from generator.resources import data_dir

SECONDS = 1.0
SIDES = ("ours", "raw", "raw at our gate")
TURNS = 7
"""Turns of each side, so that one bad second decides nothing."""
MANY = 8
BLOB = 200_000
BLOBS = 150
_CONTEXT = multiprocessing.get_context("spawn")


def rates(filled: Filled, root: Path) -> dict[str, Any]:
    """Records with one and with eight writing processes, then blobs."""
    result: dict[str, Any] = {"must": "1/4 of raw, 1/5 with eight writers", "aim": "1/2"}
    for writers in (1, MANY):
        result["one_writer" if writers == 1 else f"{writers}_writers"] = _records(filled, root, writers)
    return {"records": result, "blobs": _blobs(filled, root)}


def _records(filled: Filled, root: Path, writers: int) -> dict[str, Any]:
    """The sides in turns by the same processes; the share of each turn, and their median.

    Turns are short and next to each other, so a machine or a disk that slows down for a while takes one turn
    of every side and not one side.
    """
    raw, key = root / f"raw{writers}.db", secrets.token_bytes(32)
    _raw_table(raw, key)
    barrier, answers = _CONTEXT.Barrier(writers), _CONTEXT.Queue()
    running = [
        _CONTEXT.Process(target=_writer, args=(number, barrier, answers, filled, raw, key))
        for number in range(writers)
    ]
    for process in running:
        process.start()
    told: list[list[Turn]] = [answers.get(timeout=900) for _ in running]
    for process in running:
        process.join()
    ours, plain, gated = (
        [_together([turns[at] for turns in told]) for at in range(side, len(SIDES) * TURNS, len(SIDES))]
        for side in range(len(SIDES))
    )
    waits = sorted(wait for turns in told for turn in turns[:: len(SIDES)] for wait in turn.waits)
    return {
        "turns": TURNS,
        "per_s": round(_middle(ours, "per_s")),
        "raw_per_s": round(_middle(plain, "per_s")),
        **_shares("share", ours, plain),
        "raw_at_our_gate_per_s": round(_middle(gated, "per_s")),
        **_shares("share_at_our_gate", ours, gated),
        "processor_ms": round(_middle(ours, "processor_ms"), 3),
        "raw_processor_ms": round(_middle(plain, "processor_ms"), 3),
        "median_ms": round(statistics.median(waits) * 1000, 2),
        "p99_ms": round(waits[int(len(waits) * 0.99)] * 1000, 1),
        "worst_wait_ms": round(waits[-1] * 1000, 1),
        "raw_worst_wait_ms": round(max(turn["worst"] for turn in plain) * 1000, 1),
        "failed": round(sum(turn["failed"] for turn in ours)),
        "raw_failed": round(sum(turn["failed"] for turn in plain)),
    }


class Turn(NamedTuple):
    """What one process did in one turn: seconds of each act, of the turn, of the processor; failed acts."""

    waits: list[float]
    seconds: float
    processor: float
    failed: int


def _together(turns: Sequence[Turn]) -> dict[str, float]:
    done = max(1, sum(len(turn.waits) - turn.failed for turn in turns))
    return {
        "per_s": sum((len(turn.waits) - turn.failed) / turn.seconds for turn in turns),
        "processor_ms": sum(turn.processor for turn in turns) / done * 1000,
        "worst": max(wait for turn in turns for wait in turn.waits),
        "failed": sum(turn.failed for turn in turns),
    }


def _middle(turns: Sequence[dict[str, float]], name: str) -> float:
    return statistics.median(turn[name] for turn in turns)


def _shares(name: str, ours: Sequence[dict[str, float]], raw: Sequence[dict[str, float]]) -> dict[str, float]:
    shares = [mine["per_s"] / theirs["per_s"] for mine, theirs in zip(ours, raw, strict=True)]
    found = {"of_raw": statistics.median(shares), "lowest": min(shares), "highest": max(shares)}
    return {f"{name}_{which}": round(share, 3) for which, share in found.items()}


def _writer(number: int, barrier: Any, answers: Any, filled: Filled, raw: Path, key: bytes) -> None:
    """One process: a turn of each side after the other, each begun by all at the same time."""
    told: list[Turn] = []
    with _records_of(filled, number) as ours, _raw_rows(raw, key) as plain:
        gate = Gate(raw.with_suffix(".lock"))

        def gated() -> None:
            with gate.hold():
                plain()

        sides = (ours, plain, gated)
        assert len(sides) == len(SIDES)
        for act in sides:
            for _ in range(20):
                act()
        for _ in range(TURNS):
            told += [_turn(act, barrier) for act in sides]
    answers.put(told)


def _turn(act: Callable[[], None], barrier: Any) -> Turn:
    waits, failed = [], 0
    barrier.wait()
    started, processor = time.perf_counter(), time.process_time()
    while (before := time.perf_counter()) - started < SECONDS:
        try:
            act()
        except (ArchiveError, OSError, RawFailed):
            failed += 1
        waits.append(time.perf_counter() - before)
    return Turn(waits, time.perf_counter() - started, time.process_time() - processor, failed)


class RawFailed(Exception):
    """The plain insert was refused, as by a full disk or after waiting too long."""


def _answers() -> bytes:
    example = data_dir("schemas") / "examples" / "record_e" / "valid-visit.json"
    return json.dumps(json.loads(example.read_bytes()), ensure_ascii=False, separators=(",", ":")).encode()


def _raw(path: Path, key: bytes) -> Any:
    import sqlcipher3.dbapi2 as sqlcipher

    connection = sqlcipher.connect(str(path), isolation_level=None, timeout=BUSY_MS / 1000)
    connection.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
    for pragma in (
        "journal_mode = WAL", "synchronous = FULL", "wal_autocheckpoint = 4000", "secure_delete = ON",
        "cache_size = -32000",
    ):  # fmt: skip
        connection.execute(f"PRAGMA {pragma}")
    return connection


def _raw_table(path: Path, key: bytes) -> None:
    connection = _raw(path, key)
    connection.execute("CREATE TABLE rows (id INTEGER PRIMARY KEY, payload BLOB NOT NULL)")
    connection.close()


@contextmanager
def _raw_rows(path: Path, key: bytes) -> Iterator[Callable[[], None]]:
    import sqlcipher3.dbapi2 as sqlcipher

    connection, payload = _raw(path, key), secrets.token_bytes(len(_answers()) + 29)

    def act() -> None:
        try:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("INSERT INTO rows (payload) VALUES (?)", (payload,))
            connection.execute("COMMIT")
        except sqlcipher.Error as error:
            raise RawFailed from error

    yield act
    connection.close()


@contextmanager
def _records_of(filled: Filled, number: int) -> Iterator[Callable[[], None]]:
    from archives.items.records import Content, add_record

    archive, actor, draw = filled.open(), filled.actors["worker"], random.Random(number)
    with archive.looking(actor) as unit:
        files = unit.connection.exec_driver_sql("SELECT id FROM files WHERE kind = 'person'").scalars().all()
    content = Content(
        "record_e", 1, "个案服务记录表（第20次）", _answers(), document_date=date(2026, 6, 30),
        facts={"date": "2026-06-30"},
    )  # fmt: skip

    def act() -> None:
        with archive.acting("record.add", actor) as unit:
            add_record(unit, draw.choice(files), content)

    yield act
    archive.close()


def _blobs(filled: Filled, root: Path) -> dict[str, Any]:
    from archives.items.documents import store

    archive, contents = filled.open(), [secrets.token_bytes(BLOB) for _ in range(8)]
    folder = root / "raw"
    folder.mkdir()
    ours: list[float] = []
    raw: list[float] = []
    try:
        for number in range(BLOBS):  # in turns: the disk is the same for both
            content = contents[number % 8]
            begun = time.perf_counter()
            store(archive, content)
            between = time.perf_counter()
            _raw_blob(folder / str(number), content)
            raw.append(time.perf_counter() - between)
            ours.append(between - begun)
    finally:
        archive.close()
    return {
        "bytes_each": BLOB, "per_s": round(BLOBS / sum(ours), 1), "raw_per_s": round(BLOBS / sum(raw), 1),
        "share_of_raw": round(sum(raw) / sum(ours), 3), "worst_ms": round(max(ours) * 1000, 1), "must": "1/2",
    }  # fmt: skip


def _raw_blob(path: Path, content: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        os.write(handle, content)
        os.fsync(handle)
    finally:
        os.close(handle)
    if hashlib.sha256(path.read_bytes()).digest() != hashlib.sha256(content).digest():
        raise OSError("read back something else")

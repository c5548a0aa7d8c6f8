"""How many records and blobs a second become durable, beside raw writes of the same bytes in the same run.

Raw record: one INSERT of the encrypted answers into a table of two columns, SQLCipher with its usual pages of
4 kB and our settings (WAL, synchronous = FULL), one commit and so one fsync each.  Ours: one whole act
(record, revision, key, number, log entry with its hash).  Raw blob: write, fsync, read back, hash.
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
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from archives.errors import ArchiveError
from archives.store.database import BUSY_MS
from bench.archive_store import Filled
from generator.resources import data_dir

SECONDS = 3.0
MANY = 8
BLOB = 200_000
BLOBS = 150
_CONTEXT = multiprocessing.get_context("spawn")


def measure(filled: Filled, root: Path) -> dict[str, Any]:
    """Records with one and with eight writing processes, then blobs."""
    result: dict[str, Any] = {"must": "1/3", "aim": "1/2"}
    for writers in (1, MANY):
        result["one_writer" if writers == 1 else f"{writers}_writers"] = _records(filled, root, writers)
    return {"records": result, "blobs": _blobs(filled, root)}


def _records(filled: Filled, root: Path, writers: int) -> dict[str, Any]:
    raw = root / f"raw{writers}.db"
    key = secrets.token_bytes(32)
    _raw_table(raw, key)
    # Raw before and after, so that a machine that slows down during the run does not favour either.
    before = _run(writers, _raw_writer, (raw, key))
    ours = _run(writers, _record_writer, (filled,))
    after = _run(writers, _raw_writer, (raw, key))
    raw_rate = (before["per_s"] + after["per_s"]) / 2
    return {**ours, "raw_per_s": round(raw_rate), "share_of_raw": round(ours["per_s"] / raw_rate, 3),
            "raw_worst_wait_ms": max(before["worst_wait_ms"], after["worst_wait_ms"])}  # fmt: skip


def _run(writers: int, work: Callable[..., None], arguments: tuple[Any, ...]) -> dict[str, Any]:
    """Let processes write for SECONDS at the same time; all acts, the longest of them, the failed ones."""
    barrier, answers = _CONTEXT.Barrier(writers), _CONTEXT.Queue()
    running = [
        _CONTEXT.Process(target=work, args=(number, barrier, answers, *arguments))
        for number in range(writers)
    ]
    for process in running:
        process.start()
    told = [answers.get(timeout=120) for _ in running]
    for process in running:
        process.join()
    waits = sorted(wait for waits, _, _ in told for wait in waits)
    return {
        "per_s": round(sum(len(each) / seconds for each, seconds, _ in told)),
        "median_ms": round(statistics.median(waits) * 1000, 2),
        "p99_ms": round(waits[int(len(waits) * 0.99)] * 1000, 1),
        "worst_wait_ms": round(waits[-1] * 1000, 1),
        "failed": sum(failed for *_, failed in told),
    }


def _write_on(act: Callable[[], None], barrier: Any, answers: Any) -> None:
    for _ in range(20):
        act()
    waits, failed = [], 0
    barrier.wait()
    started = time.perf_counter()
    while (before := time.perf_counter()) - started < SECONDS:
        try:
            act()
        except (ArchiveError, OSError):
            failed += 1
        waits.append(time.perf_counter() - before)
    answers.put((waits, time.perf_counter() - started, failed))


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


def _raw_writer(_number: int, barrier: Any, answers: Any, path: Path, key: bytes) -> None:
    connection, payload = _raw(path, key), secrets.token_bytes(len(_answers()) + 29)

    def act() -> None:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT INTO rows (payload) VALUES (?)", (payload,))
        connection.execute("COMMIT")

    _write_on(act, barrier, answers)
    connection.close()


def _record_writer(number: int, barrier: Any, answers: Any, filled: Filled) -> None:
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

    _write_on(act, barrier, answers)
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

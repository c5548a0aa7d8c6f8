"""Rosters changed at random end in rows or in one sentence: no other error, no hang, no flood of memory."""

from __future__ import annotations

import io
import re
import resource
import signal
import sys
import warnings
import zipfile
from collections import Counter
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from desk.batch.columns import Columns
from desk.batch.plan import plan_for
from desk.batch.roster import Roster
from generator.errors import DataUnreadable
from tests.batch.making import case_of, line, person
from tests.batch.mutating import mutated, packed, workbook

SECONDS, MEGABYTES = 20, 1500


@pytest.fixture(scope="module")
def found() -> Columns:
    return plan_for("application_b").columns()


@pytest.fixture(scope="module")
def sound(found: Columns) -> bytes:
    lines = [line(found, person(case_of(["application_b"]), number)) for number in (1, 2, 3)]
    return workbook(list(lines[0]), [list(one.values()) for one in lines])


def outcome(path: Path, columns: Columns) -> str:
    """读 or 拒; whatever else is raised is the fault looked for."""
    try:
        count = sum(1 for _ in Roster(path, columns, set_aside="print").rows())
    except DataUnreadable as error:
        said = error.message + (error.hint or "")
        assert "Error" not in said, said
        return "拒"
    return "读" if count else "空"


def _run(seeds: range, path: Path, columns: Columns, sound: bytes) -> Counter[str]:
    counts: Counter[str] = Counter()
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # an English warning is a fault too
        for seed in seeds:
            path.write_bytes(mutated(seed, sound))
            try:
                counts[outcome(path, columns)] += 1
            except Exception as error:
                raise AssertionError(f"seed {seed}: {error!r}") from error
    return counts


def test_the_sound_roster_is_read(tmp_path: Path, found: Columns, sound: bytes) -> None:
    path = tmp_path / "名册.xlsx"
    path.write_bytes(sound)
    assert len(list(Roster(path, found, set_aside="print").rows())) == 4


def test_more_sheets_than_anybody_has(tmp_path: Path, found: Columns) -> None:
    book = openpyxl.Workbook(write_only=True)
    for number in range(101):
        book.create_sheet(f"{number}页")
    book.save(tmp_path / "名册.xlsx")
    with pytest.raises(DataUnreadable, match="超过 100 页"):
        list(Roster(tmp_path / "名册.xlsx", found).rows())


def test_a_part_of_too_many_elements(
    tmp_path: Path, found: Columns, sound: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("desk.batch.package.MAX_ELEMENTS", 50)
    (tmp_path / "名册.xlsx").write_bytes(sound)
    with pytest.raises(DataUnreadable, match="内容太多"):
        list(Roster(tmp_path / "名册.xlsx", found).rows())


def test_a_seed_is_the_same_roster_in_every_run(sound: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(sound)) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    core = re.sub(rb"T[\d:]+Z", b"T01:02:03Z", parts["docProps/core.xml"])
    later = packed({**parts, "docProps/core.xml": core})
    assert later != sound
    assert [mutated(seed, later) for seed in range(9)] == [mutated(seed, sound) for seed in range(9)]


def test_a_sample_of_mutated_rosters(tmp_path: Path, found: Columns, sound: bytes) -> None:
    counts = _run(range(60), tmp_path / "名册.xlsx", found, sound)
    assert sum(counts.values()) == 60
    assert min(counts["拒"], counts["读"]) > 10, "both ways are tried"


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="alarms and peaks are Unix")
def test_two_thousand_mutated_rosters(tmp_path: Path, found: Columns, sound: bytes) -> None:
    """The count that is quoted; a roster that takes longer than 20 s ends the test."""

    def late(*_: Any) -> None:
        raise TimeoutError

    slowest = 0.0
    counts: Counter[str] = Counter()
    # Seconds of the processor: a busy machine is no hang.
    before = signal.signal(signal.SIGPROF, late)
    try:
        for seed in range(1000, 3200):
            start = resource.getrusage(resource.RUSAGE_SELF).ru_utime
            signal.setitimer(signal.ITIMER_PROF, SECONDS)
            counts += _run(range(seed, seed + 1), tmp_path / "名册.xlsx", found, sound)
            slowest = max(slowest, resource.getrusage(resource.RUSAGE_SELF).ru_utime - start)
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"mutated rosters: {dict(counts)}, slowest {slowest:.1f} s, peak {peak} MB")
    assert sum(counts.values()) == 2200
    assert min(counts["拒"], counts["读"]) > 200
    assert peak < MEGABYTES

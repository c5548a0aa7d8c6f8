"""Stolen, full, read-only, locked: what lies on the disk, and what happens when it refuses."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from archives.errors import StoreUnusable
from archives.keeping.backup import back_up_data, back_up_keys
from archives.keeping.rebuild import damages, source_of
from archives.keeping.shelf import sets_of
from archives.settings import read_settings
from archives.store.gate import Gate
from tests.keeping.making import ANSWER, ID_NUMBER, NAME, PHONE, Whole, fill, whole
from tests.keeping.media import media, there
from tests.keeping.test_backup import backed_up, proved

SPELLINGS = ("utf-8", "utf-16-le", "utf-16-be", "gb18030")


@pytest.fixture
def station(tmp_path: Path) -> Whole:
    return whole(tmp_path)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A real file system of two megabytes."""
    place = tmp_path / "small"
    place.mkdir()
    mount = shutil.which("mount")
    if mount is None or not hasattr(os, "geteuid") or os.geteuid() != 0:
        pytest.skip("a small file system can only be mounted by root: a full disk is not tried")
    done = subprocess.run(
        [mount, "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(place)], capture_output=True, check=False
    )
    if done.returncode:
        pytest.skip("mounting is not allowed here: a full disk is not tried")
    try:
        yield place
    finally:
        subprocess.run(["umount", str(place)], check=True)


def secrets() -> Iterator[bytes]:
    for word in (NAME, ID_NUMBER, PHONE, ANSWER, "样例站点", "个案服务记录表", "CREATE TABLE"):
        for spelling in SPELLINGS:
            yield word.encode(spelling)


def test_a_stolen_data_folder_says_nothing(station: Whole, tmp_path: Path) -> None:
    """Every byte of every file, with the journal still there."""
    source = backed_up(station, tmp_path)
    assert station.layout.database.with_name("kangdang.db-wal").exists()
    looked_at = [path for path in station.layout.data.rglob("*") if path.is_file()]
    looked_at += [path for path in source.root.rglob("*") if path.is_file() and path.name != "station.json"]
    assert len(looked_at) > 8
    for path in looked_at:
        content = path.read_bytes()
        for secret in secrets():
            assert secret not in content, path.name
            assert secret.hex().encode() not in content, path.name


def test_a_full_disk_ends_a_backup_with_a_sentence(station: Whole, tmp_path: Path, small_disk: Path) -> None:
    settings, now = read_settings(station.layout.home), station.made.clock()
    first = back_up_data(station.layout, settings, there(small_disk / "b"), now, "0", media())
    ballast = small_disk / "ballast"
    with contextlib.suppress(OSError):
        ballast.write_bytes(bytes(3_000_000))
    fill(station, 1, 3)
    with pytest.raises(StoreUnusable) as told:
        back_up_data(station.layout, settings, there(small_disk / "b"), now, "0", media())
    assert told.value.message == "磁盘已满，这一次没有保存。"
    assert [one.folder for one in sets_of(small_disk / "b")] == [first.folder]
    ballast.unlink()
    back_up_data(station.layout, settings, there(small_disk / "b"), now, "0", media())
    back_up_keys(station.layout, settings, there(tmp_path / "k"), None, now, "0", media())
    source = source_of(small_disk / "b", tmp_path / "k")
    assert damages(source) == []
    assert proved(station, source, tmp_path).ok


def test_a_folder_that_cannot_be_written(station: Whole) -> None:
    place = Path("/proc")
    if sys.platform != "linux":
        pytest.skip("no folder that refuses everybody on this system")
    with pytest.raises(StoreUnusable):
        back_up_data(
            station.layout, read_settings(station.layout.home), place, station.made.clock(), "0", media()
        )


def test_a_backup_waits_for_the_writer_and_says_so_when_it_cannot(
    station: Whole, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("archives.keeping.snapshot.PATIENCE", 0.2)
    lock = station.layout.database.with_suffix(".lock")
    held, done = threading.Event(), threading.Event()

    def writer() -> None:
        with Gate(lock).hold():
            held.set()
            done.wait(20)

    thread = threading.Thread(target=writer)
    thread.start()
    held.wait(20)
    try:
        with pytest.raises(StoreUnusable, match="占用"):
            back_up_data(
                station.layout,
                read_settings(station.layout.home),
                there(tmp_path / "b"),
                station.made.clock(),
                "0",
                media(),
            )
    finally:
        done.set()
        thread.join()
    assert sets_of(tmp_path / "b") == []


def test_nothing_is_acknowledged_before_it_is_on_the_disk(station: Whole, tmp_path: Path) -> None:
    """System calls in order: the database is synced before the answer; a blob is synced, then renamed."""
    strace = shutil.which("strace")
    if strace is None:
        pytest.skip("strace is not installed: the order of system calls is not looked at")
    station.made.archive.close()
    trace = tmp_path / "trace"
    calls = "trace=fsync,fdatasync,rename,renameat,renameat2,write,pwrite64,openat"
    command = [strace, "-f", "-y", "-s", "32", "-o", str(trace), "-e", calls, sys.executable, "-m",
               "tests.keeping.acknowledging", str(tmp_path), station.master.hex()]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    if done.returncode and "ptrace" in done.stderr:
        pytest.skip("tracing is not allowed here: the order of system calls is not looked at")
    assert done.returncode == 0, done.stderr[-2000:]
    lines = trace.read_text(errors="replace").splitlines()
    said = index(lines, "ACKNOWLEDGED-RECORD")
    begun = index(lines, "BEGIN-RECORD")
    synced = [at for at in range(begun, said) if "sync(" in lines[at] and "kangdang.db-wal" in lines[at]]
    written = [at for at in range(begun, said) if "pwrite64(" in lines[at] and "kangdang.db-wal" in lines[at]]
    assert written
    assert synced
    assert synced[-1] > written[-1], "the journal was written after its last sync"
    begun, said = index(lines, "BEGIN-DOCUMENT"), index(lines, "ACKNOWLEDGED-DOCUMENT")
    renamed = next(at for at in range(begun, said) if "rename" in lines[at] and "/blobs/" in lines[at])
    assert any("fsync(" in lines[at] and ".tmp" in lines[at] for at in range(begun, renamed))
    assert any("fsync(" in lines[at] and "/blobs/" in lines[at] for at in range(renamed, said))
    keys = [at for at in range(begun, renamed) if "sync(" in lines[at] and "keys.db" in lines[at]]
    assert keys, "the key is durable before the bytes"


def index(lines: list[str], word: str) -> int:
    return next(at for at, line in enumerate(lines) if word in line and "write(1" in line)

"""Blobs: whole or not there, whatever step a crash or a full disk falls on."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from archives.errors import ItemUnreadable, StoreUnusable
from archives.store import points
from archives.store.blobs import FolderBlobs
from tests.archives.making import seeded

ROOT = Path(__file__).parents[2]
POSIX = pytest.mark.skipif(sys.platform == "win32", reason="POSIX permissions and signals")


@pytest.fixture
def blobs(tmp_path: Path) -> FolderBlobs:
    return FolderBlobs(tmp_path / "blobs", seeded())


def test_what_was_put_is_read_back(blobs: FolderBlobs) -> None:
    names = {blobs.put(content): content for content in (b"a", b"b" * 300_000, bytes(range(256)))}
    assert {name: blobs.get(name) for name in names} == names
    assert list(blobs.names()) == sorted(names)


@POSIX
def test_only_the_owner_may_read(blobs: FolderBlobs) -> None:
    path = blobs.path(blobs.put(b"x"))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize("name", ["../../etc/passwd", "", "a" * 31, "A" * 32, "é" * 32, "." * 32])
def test_a_name_is_never_a_path(blobs: FolderBlobs, name: str) -> None:
    for act in (blobs.get, blobs.has, blobs.remove):
        with pytest.raises(ItemUnreadable):
            act(name)


def test_removing_twice_is_no_error(blobs: FolderBlobs) -> None:
    name = blobs.put(b"x")
    blobs.remove(name)
    blobs.remove(name)
    assert not blobs.has(name)
    with pytest.raises(ItemUnreadable):
        blobs.get(name)


_PUT = """
import os, signal, sys
from pathlib import Path
from archives.store import points
from archives.store.blobs import FolderBlobs
from tests.archives.making import seeded
def die(point):
    if point == sys.argv[2]:
        os.kill(os.getpid(), signal.SIGKILL)
points.observe(die)
FolderBlobs(Path(sys.argv[1]), seeded(7)).put(b"z" * 100_000)
"""


@POSIX
@pytest.mark.parametrize("kind", ["created", "written", "renamed", "synced", "read_back"])
def test_killed_at_any_step_there_is_a_whole_blob_or_none(tmp_path: Path, kind: str) -> None:
    folder = tmp_path / "blobs"
    ended = subprocess.run(
        [sys.executable, "-c", _PUT, str(folder), f"blob:{kind}"],
        env={**os.environ, "PYTHONPATH": str(ROOT)}, check=False,
    )  # fmt: skip
    assert ended.returncode == -9
    blobs = FolderBlobs(folder, seeded(7))
    found = [blobs.get(name) for name in blobs.names()]
    assert found in ([], [b"z" * 100_000])
    assert (kind in ("created", "written")) == (found == [])
    assert len(list(blobs.leftovers())) == (1 if found == [] else 0)


def test_every_step_has_its_point(blobs: FolderBlobs) -> None:
    seen: list[str] = []
    points.observe(seen.append)
    try:
        blobs.remove(blobs.put(b"x"))
    finally:
        points.observe(None)
    assert seen == [
        f"blob:{kind}" for kind in ("created", "written", "renamed", "synced", "read_back", "unlinked")
    ]


@pytest.mark.skipif(
    sys.platform != "linux" or not hasattr(os, "geteuid") or os.geteuid() != 0, reason="mounting needs root"
)
def test_a_full_disk_leaves_nothing_and_says_so(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(disk)], check=False, capture_output=True
    )
    if mounted.returncode:
        pytest.skip("this system does not allow mounting a small disk")
    try:
        blobs = FolderBlobs(disk, seeded())
        kept = blobs.put(b"a" * 50_000)
        with pytest.raises(StoreUnusable, match="磁盘已满"):
            blobs.put(b"b" * 500_000)
        assert list(blobs.names()) == [kept]
        assert list(blobs.leftovers()) == []
        assert blobs.get(kept) == b"a" * 50_000
    finally:
        subprocess.run(["umount", str(disk)], check=True)

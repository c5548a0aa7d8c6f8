"""A move to a name in a folder others write to never takes the place of what came there meanwhile."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

import pytest

from archives.store.moving import move_new, same_file
from desk.station.scanning.aside import ASIDE, move_back

TAG = "0123456789ab-"


@pytest.fixture(params=["links", "no links"])
def disk(request: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder on a disk with links, and on one without."""

    def refuse(_one: object, other: str, **_how: object) -> None:
        raise OSError(errno.EPERM, "no links here", os.fspath(other))

    if request.param == "no links":
        monkeypatch.setattr(os, "link", refuse)
    return tmp_path


def test_it_moves(disk: Path) -> None:
    (disk / "a").write_bytes(b"one")
    move_new(disk / "a", disk / "b")
    assert [path.name for path in disk.iterdir()] == ["b"]
    assert (disk / "b").read_bytes() == b"one"


def test_what_came_meanwhile_stays(disk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The scanner writes the name between any look and the move: nothing tells the mover beforehand."""
    monkeypatch.setattr(Path, "exists", lambda *_a, **_k: False)
    folder = disk / ASIDE
    folder.mkdir()
    (folder / f"{TAG}1.jpg").write_bytes(b"came back")
    (disk / "1.jpg").write_bytes(b"came meanwhile")
    assert move_back(disk, folder / f"{TAG}1.jpg").name == "1 (2).jpg"
    assert (disk / "1.jpg").read_bytes() == b"came meanwhile"
    assert (disk / "1 (2).jpg").read_bytes() == b"came back"
    assert not folder.is_dir()


def test_a_name_that_is_a_link_to_nothing_is_taken_too(disk: Path) -> None:
    (disk / "a").write_bytes(b"one")
    (disk / "b").symlink_to(disk / "nowhere")
    with pytest.raises(FileExistsError):
        move_new(disk / "a", disk / "b")
    assert (disk / "a").read_bytes() == b"one"
    assert (disk / "b").is_symlink()


def test_a_move_that_was_cut_in_the_middle_is_ended(tmp_path: Path) -> None:
    folder = tmp_path / ASIDE
    folder.mkdir()
    (folder / f"{TAG}1.jpg").write_bytes(b"one")
    (tmp_path / "1.jpg").hardlink_to(folder / f"{TAG}1.jpg")
    assert same_file(tmp_path / "1.jpg", folder / f"{TAG}1.jpg")
    assert move_back(tmp_path, folder / f"{TAG}1.jpg").name == "1.jpg"
    assert [path.name for path in tmp_path.iterdir()] == ["1.jpg"]


def test_a_copy_that_fails_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_a: object, **_k: object) -> None:
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(os, "link", full)
    monkeypatch.setattr("shutil.copyfileobj", full)
    (tmp_path / "a").write_bytes(b"one")
    with pytest.raises(OSError, match="full"):
        move_new(tmp_path / "a", tmp_path / "b")
    assert [path.name for path in tmp_path.iterdir()] == ["a"]

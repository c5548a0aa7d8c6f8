"""Where a station may not lie, and where it had better not."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from archives.errors import HomeUnusable
from desk.station.places import (
    network_mount,
    open_files,
    readable_by_others,
    refuse_places,
    require_private,
    warnings_about,
)
from desk.station.windows_access import strangers

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="Windows has access lists instead of modes")


def refused(home: Path, keys: Path) -> str:
    with pytest.raises(HomeUnusable) as caught:
        refuse_places(home, keys)
    assert caught.value.hint.endswith("。")
    return caught.value.message


def test_two_new_folders_side_by_side_are_fine(tmp_path: Path) -> None:
    refuse_places(tmp_path / "a", tmp_path / "b")


@POSIX
def test_an_empty_private_folder_is_fine(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir(mode=0o700)
    refuse_places(tmp_path / "a", tmp_path / "b")


def test_keys_and_data_apart(tmp_path: Path) -> None:
    assert "同一个" in refused(tmp_path / "a", tmp_path / "a")
    assert "密钥文件夹在站点文件夹之中" in refused(tmp_path / "a", tmp_path / "a" / "b")
    assert "站点文件夹在密钥文件夹之中" in refused(tmp_path / "a" / "b", tmp_path / "a")


@pytest.mark.parametrize("which", ["home", "keys"])
def test_a_folder_with_something_in_it(tmp_path: Path, which: str) -> None:
    folder = tmp_path / which
    folder.mkdir(mode=0o700)
    (folder / ".hidden").touch()
    assert refused(tmp_path / "home", tmp_path / "keys") == f"文件夹 {folder} 不是空的。"


def test_a_station_that_is_there(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir(mode=0o700)
    (tmp_path / "a" / "station.json").touch()
    assert "已经是一个康档站点" in refused(tmp_path / "a", tmp_path / "b")


def test_a_file_and_a_missing_parent(tmp_path: Path) -> None:
    (tmp_path / "a").touch()
    assert "是文件" in refused(tmp_path / "a", tmp_path / "b")
    assert "不存在" in refused(tmp_path / "没有" / "a", tmp_path / "b")


@pytest.mark.parametrize("kind", ["folder", "file"])
def test_a_git_work_tree_however_deep(tmp_path: Path, kind: str) -> None:
    top = tmp_path / "repo"
    (top / "x" / "y").mkdir(parents=True)
    (top / ".git").mkdir() if kind == "folder" else (top / ".git").write_text("gitdir: elsewhere")
    assert f"在源代码库 {top} 之中" in refused(top / "x" / "y" / "a", tmp_path / "b")
    assert f"在源代码库 {top} 之中" in refused(tmp_path / "b", top / "x" / "a")


@pytest.mark.parametrize("kind", ["site-packages", "dist-packages", "venv", "program"])
def test_folders_of_programs(tmp_path: Path, kind: str) -> None:
    top = tmp_path / (kind if "packages" in kind else "v")
    (top / "inside").mkdir(parents=True)
    if kind == "venv":
        (top / "pyvenv.cfg").touch()
    if kind == "program":
        (top / "desk" / "cli").mkdir(parents=True)
        (top / "desk" / "cli" / "main.py").touch()
        (top / "archives" / "store").mkdir(parents=True)
    assert f"在程序文件夹 {top} 之中" in refused(top / "inside" / "a", tmp_path / "b")


@POSIX
@pytest.mark.parametrize("mode", [0o750, 0o705, 0o710, 0o777])
def test_a_folder_others_can_look_into(tmp_path: Path, mode: int) -> None:
    folder = tmp_path / "a"
    folder.mkdir()
    folder.chmod(mode)
    assert refused(folder, tmp_path / "b") == f"文件夹 {folder} 其他系统用户也能读取。"
    assert refused(tmp_path / "b", folder) == f"文件夹 {folder} 其他系统用户也能读取。"


@POSIX
def test_a_parent_everybody_can_change_but_not_a_sticky_one(tmp_path: Path) -> None:
    parent = tmp_path / "公用"
    parent.mkdir()
    parent.chmod(0o777)
    assert f"上级文件夹 {parent} 任何人都能改写" in refused(parent / "a", tmp_path / "b")
    parent.chmod(0o1777)
    refuse_places(parent / "a", tmp_path / "b")


@POSIX
def test_another_owner_counts_as_others(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can give a folder away")
    folder = tmp_path / "a"
    folder.mkdir(mode=0o700)
    os.chown(folder, 12345, 12345)
    assert readable_by_others(folder)


@POSIX
def test_a_disk_without_permissions_is_noticed(tmp_path: Path) -> None:
    folder = tmp_path / "a"
    folder.mkdir()
    folder.chmod(0o755)  # as every folder of a FAT disk looks after chmod 700
    with pytest.raises(HomeUnusable, match="不能限制其他用户读取"):
        require_private(folder)


@POSIX
def test_what_others_may_read_is_listed_one_by_one(tmp_path: Path) -> None:
    home = tmp_path / "a"
    (home / "data").mkdir(parents=True)
    for path in (home, home / "data"):
        path.chmod(0o700)
    for name, mode in (("x", 0o600), ("y", 0o640), ("data/z", 0o604)):
        (home / name).touch()
        (home / name).chmod(mode)
    assert list(open_files(home)) == [home / "y", home / "data" / "z"]


def test_the_same_disk_is_warned_of(tmp_path: Path) -> None:
    assert any("同一个磁盘" in told for told in warnings_about(tmp_path / "a", tmp_path / "b"))


@pytest.mark.parametrize(
    "name", ["OneDrive - 样例", "百度网盘", "BaiduNetdiskWorkspace", "坚果云", "Dropbox"]
)
def test_synced_folders_are_warned_of(tmp_path: Path, name: str) -> None:
    told = warnings_about(tmp_path / name / "a", tmp_path / "b")
    assert sum("同步文件夹" in sentence for sentence in told) == 1


def test_a_drive_that_is_not_there_is_no_endless_way_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """On Windows not even the root of a drive need exist, and it is its own parent."""
    monkeypatch.setattr(Path, "exists", lambda self: False)
    assert warnings_about(Path("/Z/站点"), Path("/Z/密钥"))


def test_the_innermost_mount_decides() -> None:
    mounts = "/dev/sda1 / ext4 rw 0 0\n//srv/x /mnt/共享\\040盘 cifs rw 0 0\n"
    mounts += "/dev/sdb1 /mnt/共享\\040盘/local ext4 rw 0 0\n"
    assert network_mount(Path("/mnt/共享 盘/a"), mounts)
    assert not network_mount(Path("/mnt/共享 盘/local/a"), mounts)
    assert not network_mount(Path("/home/a"), mounts)


OWN = "S-1-5-21-1-2-3-1001"


@pytest.mark.parametrize(
    ("sddl", "found"),
    [
        (f"a\r\nD:PAI(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;FA;;;{OWN})\r\n", set()),
        (f"a\r\nD:PAI(A;OICI;FA;;;{OWN})S:AI(AU;FA;FA;;;WD)\r\n", set()),
        ("a\r\nD:AI(A;OICIID;FA;;;SY)(A;OICIID;0x1200a9;;;BU)\r\n", {"BU"}),
        ("a\r\nD:AI(A;;FA;;;WD)(A;ID;FR;;;AU)\r\n", {"WD", "AU"}),
        ("a\r\nD:(D;;FA;;;WD)(A;;FA;;;S-1-5-21-9-9-9-1002)\r\n", {"S-1-5-21-9-9-9-1002"}),
        ("a\r\nD:NO_ACCESS_CONTROL\r\n", {"WD"}),
        ("a\r\n", {"WD"}),
    ],
)
def test_access_lists_of_windows(sddl: str, found: set[str]) -> None:
    assert strangers(sddl, OWN) == found

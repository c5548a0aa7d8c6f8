"""Backups go onto media that are there, known by their mark, and on another disk than the station."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from archives.errors import HomeUnusable, StoreUnusable
from archives.keeping.backup import Made, back_up_data, back_up_keys
from archives.keeping.manifest import MARK
from archives.keeping.medium import Media, disk_of
from archives.keeping.shelf import sets_of
from archives.keeping.state import read_keeping
from archives.settings import Settings, read_settings
from archives.store import points
from tests.keeping.making import Whole, whole
from tests.keeping.media import each_its_own, media, there


@pytest.fixture
def station(tmp_path: Path) -> Whole:
    return whole(tmp_path)


def data(station: Whole, folder: Path, use: Media | None = None, settings: Settings | None = None) -> Made:
    told = settings or read_settings(station.layout.home)
    return back_up_data(station.layout, told, folder, station.made.clock(), "0", use or media())


def keys(station: Whole, folder: Path, beside: Path | None, use: Media | None = None) -> Made:
    told = read_settings(station.layout.home)
    return back_up_keys(station.layout, told, folder, beside, station.made.clock(), "0", use or media())


def sample(station: Whole) -> Settings:
    told = read_settings(station.layout.home)
    return replace(told, station=replace(told.station, station_id="DEMO-S1"))


@pytest.mark.parametrize("name", ["b", "not/there/b"])
def test_a_folder_that_is_not_there_is_never_made(station: Whole, tmp_path: Path, name: str) -> None:
    with pytest.raises(HomeUnusable, match="没有插好"):
        data(station, tmp_path / name)
    with pytest.raises(HomeUnusable, match="没有插好"):
        keys(station, tmp_path / name, None)
    with pytest.raises(HomeUnusable, match="没有插好"):
        data(station, tmp_path / name, settings=sample(station))
    assert not (tmp_path / name.partition("/")[0]).exists()
    assert read_keeping(station.layout.home).data_backup == ""


def test_the_disk_of_the_station_is_refused(station: Whole, tmp_path: Path) -> None:
    folder = there(tmp_path / "b")
    for backup in (lambda: data(station, folder, Media()), lambda: keys(station, folder, None, Media())):
        with pytest.raises(HomeUnusable, match="同一个磁盘"):
            backup()
    assert list(folder.iterdir()) == []


def test_a_link_to_the_disk_of_the_station_is_refused(station: Whole, tmp_path: Path) -> None:
    there(tmp_path / "real")
    (tmp_path / "stick").symlink_to(tmp_path / "real", target_is_directory=True)
    with pytest.raises(HomeUnusable, match="同一个磁盘"):
        data(station, tmp_path / "stick", Media())
    assert list((tmp_path / "real").iterdir()) == []


def test_another_real_disk_is_told_from_the_stations(tmp_path: Path) -> None:
    shared = Path("/dev/shm")
    if not shared.is_dir():
        pytest.skip("no second file system")
    assert disk_of(tmp_path) == disk_of(tmp_path.parent)
    assert disk_of(shared) != disk_of(tmp_path)


def test_keys_do_not_go_onto_the_disk_of_the_data_backup(station: Whole, tmp_path: Path) -> None:
    one, other = there(tmp_path / "b"), there(tmp_path / "k")

    def stick(folder: Path) -> str:
        return "stick" if folder.resolve() in (one, other) else each_its_own(folder)

    data(station, one, Media(stick))
    with pytest.raises(HomeUnusable, match="拿到这一个盘就拿到全部"):
        keys(station, other, one, Media(stick))


def test_a_sample_station_may_and_is_told(station: Whole, tmp_path: Path) -> None:
    made = data(station, there(tmp_path / "b"), Media(), sample(station))
    (warning,) = made.warnings
    assert "同一个磁盘" in warning
    assert "正式站点会拒绝" in warning


def test_the_station_knows_its_media_by_their_marks(station: Whole, tmp_path: Path) -> None:
    data(station, there(tmp_path / "b"))
    mark = json.loads((tmp_path / "b" / MARK).read_bytes())
    (known,) = read_keeping(station.layout.home).media
    assert (known.id, known.kind) == (mark["medium"], "data")
    with pytest.raises(HomeUnusable, match="没有本站备份盘的标记"):
        data(station, there(tmp_path / "other"))
    assert [one.name for one in (tmp_path / "other").iterdir()] == ["backup.lock"]
    (tmp_path / "b").rename(tmp_path / "elsewhere")  # the same stick under another letter
    data(station, tmp_path / "elsewhere")
    data(station, tmp_path / "other", replace(media(new=True), random=bytes))
    assert len(read_keeping(station.layout.home).media) == 2


@pytest.mark.parametrize("more", [{}, {"medium": None}, {"medium": [3]}, {"medium": "\ud800"}])
def test_a_mark_of_the_version_before_gets_its_medium(
    station: Whole, tmp_path: Path, more: dict[str, object]
) -> None:
    folder = there(tmp_path / "b")
    mark = {"format": "kangdang-backup", "kind": "data", "station": "S1", **more}
    (folder / MARK).write_text(json.dumps(mark), encoding="ascii")
    data(station, folder)
    assert json.loads((folder / MARK).read_bytes())["medium"] == read_keeping(station.layout.home).media[0].id


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b"null", b"\xff", b"[" * 4000])
def test_a_damaged_mark_is_a_sentence(station: Whole, tmp_path: Path, raw: bytes) -> None:
    data(station, there(tmp_path / "b"))
    (tmp_path / "b" / MARK).write_bytes(raw)
    with pytest.raises(HomeUnusable, match="标记"):
        data(station, tmp_path / "b")
    (tmp_path / "b" / MARK).unlink()
    with pytest.raises(HomeUnusable, match="其他文件"):
        data(station, tmp_path / "b")
    station.made.clock.pass_days(1)
    data(station, tmp_path / "b", media(new=True))
    assert len(sets_of(tmp_path / "b")) == 2, "what the stick held is still there"


def test_what_systems_put_onto_a_stick_is_no_other_file(station: Whole, tmp_path: Path) -> None:
    (there(tmp_path / "b") / "System Volume Information").mkdir()
    data(station, tmp_path / "b")


@pytest.mark.parametrize(
    "point", ["backup.staged:created", "backup.blob:written", "backup.blob:synced", "backup.blob:renamed",
              "backup.list:synced", "backup.manifest:renamed"],
)  # fmt: skip
def test_a_stick_pulled_out_meanwhile_ends_the_backup(station: Whole, tmp_path: Path, point: str) -> None:
    """Its folder is gone, or there is an empty one of the disk below it in its place."""
    stick = there(tmp_path / "stick")
    for number, left in enumerate((False, True)):
        data(station, stick)
        station.made.clock.pass_days(1)
        for path in (stick / "blobs").rglob("*"):
            if path.is_file():
                path.unlink()
        pulled = tmp_path / f"pulled{number}"

        def pull(reached: str, *, left: bool = left, pulled: Path = pulled) -> None:
            if reached == point and not pulled.exists():
                stick.rename(pulled)
                if left:
                    stick.mkdir()

        points.observe(pull)
        try:
            with pytest.raises(StoreUnusable):
                data(station, stick)
        finally:
            points.observe(None)
        assert pulled.exists()
        below = list(stick.rglob("*")) if stick.exists() else []
        assert below == [], "nothing is made on the disk below"
        assert all(one.manifest is not None for one in sets_of(pulled)), "no half set counts"
        if left:
            stick.rmdir()
        pulled.rename(stick)
        station.made.clock.pass_days(1)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such folder")
def test_a_write_protected_medium_is_a_sentence(station: Whole) -> None:
    with pytest.raises(StoreUnusable, match="无法写入"):
        data(station, Path("/proc"))

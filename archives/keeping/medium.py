"""Media of backups: known by a mark, on another disk than the station, and never made by a backup.

A folder that is not there is a stick that is not plugged in; making it would put the backup onto the very
disk whose end it is for.  The mark (``kangdang-backup.json``) names station, kind and medium; the station
knows the media it has used, so an empty folder in the place of a known stick is asked about.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from archives.errors import BackupInvalid, HomeUnusable, StoreUnusable
from archives.keeping.manifest import BLOBS, MARK, SETS, Kind, read_manifest, whole_sets
from archives.keeping.state import Medium, change_keeping, read_keeping
from archives.keys.durable import told, write_private
from archives.ports import RandomBytes
from archives.settings import Layout, Settings
from archives.store.points import reached
from archives.store.sync import sync_folder

DiskOf = Callable[[Path], str]
"""What tells the disk a folder lies on from every other disk."""
LOCK: Final = "backup.lock"
_LARGEST_MARK: Final = 4096
_OF_THE_SYSTEM: Final = frozenset((
    "lost+found", "System Volume Information", "$RECYCLE.BIN", ".Trashes", ".Spotlight-V100", ".fseventsd",
    ".Trash-1000",
))  # fmt: skip
"""What systems put onto a medium by themselves."""
_OURS: Final = frozenset((SETS, BLOBS, "tombstones.jsonl", "tombstones.jsonl.tmp"))
NEW_CURE: Final = "确是要启用的新备份盘，请加 --new-medium。"


def disk_of(folder: Path) -> str:
    """The disk a folder really lies on, links followed; on Linux partitions of one disk are one.

    Raises OSError.
    """
    device = folder.resolve().stat().st_dev  # on Windows the serial number of the volume
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            block = Path(f"/sys/dev/block/{os.major(device)}:{os.minor(device)}").resolve(strict=True)
            return (block.parent if (block / "partition").is_file() else block).name
    return str(device)


@dataclass(frozen=True, slots=True)
class Media:
    """How media are told apart, and whether a new one may be taken into use."""

    disk: DiskOf = disk_of
    random: RandomBytes = secrets.token_bytes
    new: bool = False
    known: tuple[Medium, ...] | None = None
    """Media the station had used before this run; None: those it has used by now."""


@dataclass(frozen=True, slots=True)
class Plugged:
    """A medium in use: its folder, its disk and its mark as they were found."""

    folder: Path
    disk: str
    mark: bytes
    media: Media

    def require(self) -> None:
        """Raises StoreUnusable when the medium is gone: what lies in its place is of another disk."""
        with still_plugged(self.folder):
            same = self.media.disk(self.folder) == self.disk
            if not same or (self.folder / MARK).read_bytes() != self.mark:
                raise _pulled_out(self.folder)


@contextmanager
def still_plugged(folder: Path) -> Iterator[None]:
    """What fails because a medium was pulled out, as a sentence."""
    try:
        yield
    except FileNotFoundError as error:
        raise _pulled_out(folder) from error


def _pulled_out(folder: Path) -> StoreUnusable:
    return StoreUnusable(
        f"备份没有做完：备份盘 {folder} 读不到了，可能已被拔出。",
        hint="请插好备份盘后重新备份；此前做完的备份不受影响。",
    )


def require_there(folder: Path) -> None:
    """Raises HomeUnusable for a folder that is not there: a backup never makes it."""
    if not folder.is_dir():
        raise HomeUnusable(
            f"备份文件夹 {folder} 不存在：备份盘可能没有插好。",
            hint="请插好备份盘再试；第一次使用的盘，请先在盘上建立这个文件夹，康档不会自己建立。",
        )


def refuse_disks(
    layout: Layout, settings: Settings, folder: Path, beside: Path | None, media: Media
) -> list[str]:
    """Let a folder pass that lies on another disk than the station, and than ``beside``.

    Returns warnings: a sample station may use one disk for everything.  Raises HomeUnusable.
    """
    require_there(folder)
    disk = media.disk(folder)
    ours = [path for path in (layout.home, layout.data, layout.blobs, layout.keys) if path.exists()]
    found = []
    if any(media.disk(path) == disk for path in ours):
        found.append(f"备份文件夹 {folder} 和站点的数据或密钥在同一个磁盘上：磁盘坏了，备份也没有了。")
    if beside is not None and beside.is_dir() and media.disk(beside) == disk:
        found.append(f"密钥备份 {folder} 和数据备份在同一个磁盘上：拿到这一个盘就拿到全部。")
    if found and not settings.station.sample:
        raise HomeUnusable(found[0], hint="请换另一个磁盘上的文件夹，例如 U 盘；备份盘可能没有插好。")
    return [f"{sentence}只有样例站点可以这样，正式站点会拒绝。" for sentence in found]


def plugged(
    layout: Layout, settings: Settings, folder: Path, kind: Kind, known: tuple[Medium, ...], media: Media
) -> Plugged:
    """The medium in a folder that is there; one that is taken into use gets its mark.

    ``known``: media of the station before this run.  Raises HomeUnusable, StoreUnusable.
    """
    station = settings.station.station_id
    mark = _read_mark(folder)
    if mark is None:
        _require_usable(folder, kind, station, known, media)
        mark = {}
    elif (mark.get("format"), mark.get("kind"), mark.get("station")) != ("kangdang-backup", kind, station):
        raise HomeUnusable(f"{folder} 是另一个站点或另一种备份的文件夹。", hint="请换一个文件夹。")
    medium = mark.get("medium")
    if not isinstance(medium, str) or not medium.isascii():
        medium = media.random(8).hex()
        whole = {"format": "kangdang-backup", "kind": kind, "station": station, "medium": medium}
        write_private(folder / MARK, json.dumps(whole).encode() + b"\n", "backup.mark")
    if all(one.id != medium for one in read_keeping(layout.home).media):
        used = Medium(medium, kind)
        change_keeping(layout.home, lambda was: replace(was, media=(*was.media, used)))
    with still_plugged(folder):
        return Plugged(folder, media.disk(folder), (folder / MARK).read_bytes(), media)


def _read_mark(folder: Path) -> dict[str, Any] | None:
    """What the mark says; None for no mark.  Raises HomeUnusable for a damaged one, StoreUnusable."""
    path = folder / MARK
    try:
        raw = path.read_bytes()[:_LARGEST_MARK]
        told = json.loads(raw)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StoreUnusable(
            f"无法读取备份盘的标记 {path}。", hint="备份盘可能有故障，请换一个盘。"
        ) from error
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, dict):
        raise HomeUnusable(
            f"备份盘的标记 {path} 已损坏，认不出是不是本站的盘。",
            hint="请换用另一个备份盘；确是本站的盘时，把这个标记文件改名，再加 --new-medium 备份。",
        )
    return told


def _require_usable(folder: Path, kind: Kind, station: str, known: tuple[Medium, ...], media: Media) -> None:
    """A folder without mark may be taken into use: it is empty, or holds our own sets, and nobody errs."""
    with told(folder):
        names = {one.name for one in folder.iterdir()} - _OF_THE_SYSTEM - {LOCK, MARK + ".tmp"}
    if names and not (names <= _OURS and media.new and _our_sets(folder, kind, station)):
        raise HomeUnusable(f"{folder} 中有其他文件，不能用作备份文件夹。", hint="请给出一个空文件夹。")
    if not media.new and any(one.kind == kind for one in known):
        raise HomeUnusable(
            f"{folder} 没有本站备份盘的标记：可能插错了盘，或标记丢失。",
            hint=f"请插入本站用过的备份盘；{NEW_CURE}",
        )


def _our_sets(folder: Path, kind: Kind, station: str) -> bool:
    try:
        found = [read_manifest(one) for one in whole_sets(folder)]
    except BackupInvalid:
        return False
    return bool(found) and all((one.kind, one.station) == (kind, station) for one in found)


def make_inside(medium: Plugged, folder: Path, what: str) -> None:
    """A private folder below a medium, durable; never the medium's own.  Raises StoreUnusable."""
    if folder.is_dir():
        return
    if folder == medium.folder:
        raise _pulled_out(folder)
    make_inside(medium, folder.parent, what)
    medium.require()
    with told(folder.parent), still_plugged(medium.folder):
        folder.mkdir(mode=0o700, exist_ok=True)
        sync_folder(folder.parent)
        reached(f"{what}:created")

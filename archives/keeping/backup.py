"""Making backups without anybody's password: data first, keys second, each proved before it counts.

    DEST/ (another disk)               KEYS_DEST/ (another again)
      kangdang-backup.json               kangdang-backup.json
      blobs/ab/cd/<name>                 sets/<time>/ keys.db, vault.json, seal.key, …, manifest.json
      sets/<time>/ kangdang.db, …        tombstones.jsonl
        blobs.tsv, manifest.json
      tombstones.jsonl

Encrypted documents never change and are copied once.  Of keys only the newest set stays: an older one would
keep the keys of what was destroyed since.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from archives.errors import BackupInvalid, HomeUnusable
from archives.keeping.manifest import (
    BLOB_LIST,
    BLOBS,
    NAME,
    SETS,
    FileEntry,
    Kind,
    Manifest,
    whole_sets,
)
from archives.keeping.medium import (
    LOCK,
    Media,
    Plugged,
    make_inside,
    plugged,
    refuse_disks,
    still_plugged,
)
from archives.keeping.replacing import require_keys_to_copy
from archives.keeping.snapshot import copy_database, copy_proved, hash_of, pour, prove
from archives.keeping.state import Waiting, add_waiting, read_keeping
from archives.keeping.tombs import NAME as STONES
from archives.keeping.tombs import count_destroyed, keep_stones, read_stones
from archives.keys.durable import destroy, told, write_private
from archives.settings import Layout, Settings
from archives.store.blobs import FolderBlobs
from archives.store.gate import Gate
from archives.store.points import reached
from archives.store.sync import sync_folder

_ANY: Final = Media()
_KEY_FILES: Final = ("vault.json", "vault.json.1", "seal.key", "page-code.key", "attempts.json")
_UNFINISHED: Final = ".unfinished"
_OVERWRITTEN: Final = 64_000_000
"""Files up to this size are overwritten before they go: all key stores are; data is unreadable anyway."""


@dataclass(frozen=True, slots=True)
class Made:
    """A backup that is on the disk and proved."""

    folder: Path
    manifest: Manifest
    copied: int
    """Documents that were not there yet."""
    warnings: tuple[str, ...] = ()
    """What a sample station may do and no other."""


def back_up_data(
    layout: Layout, settings: Settings, dest: Path, now: datetime, program: str, media: Media = _ANY
) -> Made:
    """Copy the data onto a medium; nobody writes only while the database itself is copied.

    Raises HomeUnusable, BackupInvalid, StoreUnusable; a backup that fails leaves earlier ones as they are.
    """
    if settings.data_url:
        raise HomeUnusable(
            "本站数据在数据库服务器上，这个命令只能备份本机数据。",
            hint="请用 pg_dump 备份服务器，并另行加密。",
        )
    refuse_place(layout, dest)
    warnings = refuse_disks(layout, settings, dest, None, media)
    with _at_work(layout, settings, dest, "data", media) as medium:
        staged = _stage(medium)
        files = copy_database(layout.database, staged, "backup.database")
        files += _settings_files(layout, staged, medium)
        blobs, size, copied = _blobs(layout, medium, staged)
        with still_plugged(dest):
            files.append(hash_of(staged / BLOB_LIST))
        until = _until(layout, settings, now)
        manifest = Manifest(
            "data", settings.station.station_id, _moment(now), program, until, tuple(files), blobs, size
        )
        keep_stones(dest / STONES, read_stones(layout.keys / STONES))
        folder = _finish(medium, staged, manifest, now)
    _note(layout, folder, manifest, data_backup=_moment(now))
    return Made(folder, manifest, copied, tuple(warnings))


def _until(layout: Layout, settings: Settings, now: datetime) -> str:
    """The day a set is kept to: by the settings in force and by the file, whichever is longer.

    It counts from now or from the confirmed time, whichever is later: a clock put back ends nothing early.
    """
    kept = read_keeping(layout.home)
    days = max(settings.station.backup_days, kept.backup_days)
    try:
        noted = datetime.fromisoformat(kept.confirmed).astimezone(now.tzinfo)
    except ValueError:
        noted = now
    return (max(now, noted) + timedelta(days=days)).date().isoformat()


def back_up_keys(
    layout: Layout, settings: Settings, dest: Path, data_dest: Path | None, now: datetime, program: str,
    media: Media = _ANY,
) -> Made:  # fmt: skip
    """Copy the keys to another place than the data; older sets of keys there are destroyed.

    Raises HomeUnusable, BackupInvalid, VaultDamaged, StoreUnusable.
    """
    refuse_keys_place(layout, dest, data_dest)
    warnings = refuse_disks(layout, settings, dest, data_dest, media)
    with _at_work(layout, settings, dest, "keys", media) as medium:
        older = whole_sets(dest)
        require_keys_to_copy(layout, settings, older)
        staged = _stage(medium)
        files = [] if settings.keys_url else copy_database(layout.key_store, staged, "backup.keys")
        for name in _KEY_FILES:
            if (layout.keys / name).is_file():
                files.append(copy_proved(layout.keys / name, staged / name, "backup.keys"))
        until = _until(layout, settings, now)
        manifest = Manifest("keys", settings.station.station_id, _moment(now), program, until, tuple(files))
        stones = read_stones(layout.keys / STONES)
        keep_stones(dest / STONES, stones)
        folder = _finish(medium, staged, manifest, now)
        for path in older:
            if path != folder:
                drop_set(layout, path)
    knows = count_destroyed(stones)
    _note(layout, folder, manifest, keys_backup=_moment(now), keys_backup_knows=knows)
    return Made(folder, manifest, 0, tuple(warnings))


def refuse_place(layout: Layout, dest: Path) -> None:
    """Raises HomeUnusable for a backup inside the station or around it."""
    for ours in (layout.home, layout.keys):
        if _meet(dest, ours):
            raise HomeUnusable(
                "备份文件夹与站点文件夹或密钥文件夹重叠，机器坏了备份也没有了。", hint="请备份到另一个盘上。"
            )


def refuse_keys_place(layout: Layout, dest: Path, data_dest: Path | None) -> None:
    """Raises HomeUnusable for a backup of keys inside the station, or together with the data."""
    refuse_place(layout, dest)
    if data_dest is not None and _meet(dest, data_dest):
        raise HomeUnusable(
            "密钥备份和数据备份在同一个文件夹，拿到一个就拿到全部。", hint="请把密钥备份放到另一个盘上。"
        )


def _meet(one: Path, other: Path) -> bool:
    a, b = one.resolve(), other.resolve()
    return a == b or a in b.parents or b in a.parents


@contextmanager
def _at_work(layout: Layout, settings: Settings, dest: Path, kind: Kind, media: Media) -> Iterator[Plugged]:
    """One backup at a time on a medium that belongs to this station and kind."""
    known = media.known if media.known is not None else read_keeping(layout.home).media
    with Gate(dest / LOCK, patience=1.0).hold():
        medium = plugged(layout, settings, dest, kind, known, media)
        make_inside(medium, dest / SETS, "backup.folder")
        yield medium


def _stage(medium: Plugged) -> Path:
    """An empty folder for the set under way; what a crash left of an earlier one goes."""
    staged = medium.folder / SETS / _UNFINISHED
    with told(medium.folder):
        if staged.exists():
            shutil.rmtree(staged)
            reached("backup.staged:unlinked")
    make_inside(medium, staged, "backup.staged")
    return staged


def _settings_files(layout: Layout, staged: Path, medium: Plugged) -> list[FileEntry]:
    entries = [copy_proved(layout.settings, staged / layout.settings.name, "backup.settings")]
    if layout.calendar.is_file():
        entries.append(copy_proved(layout.calendar, staged / layout.calendar.name, "backup.settings"))
    if layout.templates.is_dir():
        make_inside(medium, staged / "templates", "backup.settings")
        for path in sorted(layout.templates.glob("*.docx")):
            entry = copy_proved(path, staged / "templates" / path.name, "backup.settings")
            entries.append(FileEntry(f"templates/{entry.name}", entry.size, entry.sha256))
        sync_folder(staged / "templates")
    return entries


def _blobs(layout: Layout, medium: Plugged, staged: Path) -> tuple[int, int, int]:
    """Bring every document to the backup: (documents, bytes, how many were copied)."""
    source, target = FolderBlobs(layout.blobs, bytes), FolderBlobs(medium.folder / BLOBS, bytes)
    known = _last_list(medium.folder)
    count = total = copied = 0
    touched: set[Path] = set()
    with told(staged), (staged / BLOB_LIST).open("w", encoding="ascii") as listing:
        (staged / BLOB_LIST).chmod(0o600)
        entry = next(known, None)
        for name in source.names():
            # Ends: each round reads a line of the list.
            while entry is not None and entry.name < name:
                entry = next(known, None)
            here = target.path(name)
            now = entry if entry is not None and entry.name == name and _there(here, entry.size) else None
            if now is None:
                now = _copy_blob(source.path(name), here, touched, medium)
                copied += now is not None
            if now is not None:
                listing.write(f"{name}\t{now.size}\t{now.sha256}\n")
                count, total = count + 1, total + now.size
        listing.flush()
        for folder in touched:
            sync_folder(folder)
        os.fsync(listing.fileno())
        reached("backup.list:synced")
    return count, total, copied


def _there(path: Path, size: int) -> bool:
    try:
        return path.stat().st_size == size
    except FileNotFoundError:
        return False


def _copy_blob(source: Path, target: Path, touched: set[Path], medium: Plugged) -> FileEntry | None:
    """Copy one document whole or not at all; None when a disposal took it meanwhile."""
    make_inside(medium, target.parent, "backup.folder")
    temporary = target.with_suffix(".tmp")
    with told(target.parent):
        temporary.unlink(missing_ok=True)
    try:
        entry = pour(source, temporary, "backup.blob")
    except FileNotFoundError:
        return None
    with told(target.parent), still_plugged(medium.folder):  # the copy that is gone is not the document
        prove(temporary, entry, "backup.blob")
        temporary.replace(target)
    reached("backup.blob:renamed")
    touched |= {target.parent, target.parent.parent, target.parent.parent.parent}
    return FileEntry(target.name, entry.size, entry.sha256)


def _last_list(dest: Path) -> Iterator[FileEntry]:
    sets = whole_sets(dest)
    if sets:
        yield from read_blob_list(sets[-1] / BLOB_LIST)


def read_blob_list(path: Path) -> Iterator[FileEntry]:
    """The documents of a set in order of their names.  Raises BackupInvalid."""
    try:
        with path.open(encoding="ascii") as listing:
            for line in listing:
                name, size, sha256 = line.rstrip("\n").split("\t")
                yield FileEntry(name, int(size), sha256)
    except (OSError, ValueError) as error:
        raise BackupInvalid(f"备份的文件清单 {path.name} 无法读取：被改动或损坏。") from error


def _finish(medium: Plugged, staged: Path, manifest: Manifest, now: datetime) -> Path:
    """Put a whole set in its place, on the medium it was begun on."""
    dest = medium.folder
    medium.require()
    write_private(staged / NAME, manifest.to_json(), "backup.manifest")
    final = dest / SETS / _name_after(whole_sets(dest), now)
    # Ends: no folder has every number.  Without a manifest: what a crash left of a set under destruction.
    while final.exists():
        final = final.with_name(_after(final.name))
    with told(dest):
        staged.replace(final)
        reached("backup.set:renamed")
        sync_folder(dest / SETS)
        reached("backup.set:synced")
    with still_plugged(dest):
        prove(final / NAME, FileEntry(NAME, *_of(manifest)), "backup.set")
    medium.require()
    return final


def _name_after(sets: Sequence[Path], now: datetime) -> str:
    """The name of a set: its time, and behind every set that is there, whatever the clock said then."""
    name, newest = now.strftime("%Y%m%dT%H%M%S"), sets[-1].name if sets else ""
    return name if name > newest else _after(newest)


def _after(name: str) -> str:
    stem, _, number = name.partition("-")
    return f"{stem}-{int(number if number.isdigit() else 1) + 1}"


def _of(manifest: Manifest) -> tuple[int, str]:
    return len(manifest.to_json()), manifest.sha256


def _note(layout: Layout, folder: Path, manifest: Manifest, **more: str | int) -> None:
    """Leave a note: the register hears of the copy at the next opening."""
    name = f"{folder.parents[1].name}/{folder.name}"
    waiting = Waiting("made", name, manifest.sha256, manifest.made_at, manifest.until)
    add_waiting(layout.home, waiting, **more)


def drop_set(layout: Layout, path: Path) -> None:
    """Destroy a set: its manifest first, so that half of it never counts.  Raises StoreUnusable."""
    manifest = path / NAME
    sha256 = hash_of(manifest).sha256
    with told(path):
        for one in (manifest, *sorted(path.rglob("*"))):
            if one.is_file() and one.stat().st_size <= _OVERWRITTEN:
                destroy(one, "backup.old")
        shutil.rmtree(path)
        sync_folder(path.parent)
    name = f"{path.parents[1].name}/{path.name}"
    add_waiting(layout.home, Waiting("gone", name, sha256, ""))


def _moment(now: datetime) -> str:
    return now.isoformat(timespec="seconds")

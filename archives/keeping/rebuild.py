"""From a data set and a key set to the folders of a station, every byte compared with the manifests."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from archives.archive import Archive
from archives.errors import BackupInvalid, HomeUnusable
from archives.home import open_archive
from archives.keeping.backup import read_blob_list
from archives.keeping.manifest import (
    BLOB_LIST,
    BLOBS,
    FileEntry,
    Manifest,
    newest_set,
    read_manifest,
    whole_sets,
)
from archives.keeping.migrate import migrate
from archives.keeping.snapshot import copy_proved, hash_of, make_private
from archives.keeping.tombs import NAME as STONES
from archives.keeping.tombs import Stones, merged, read_stones
from archives.keys.durable import write_private
from archives.ports import Clock, RandomBytes
from archives.settings import Layout, Settings, read_settings
from archives.store.blobs import FolderBlobs
from archives.store.points import reached
from archives.store.sync import sync_folder


@dataclass(frozen=True, slots=True)
class Source:
    """A data set and a key set of one station."""

    data: Path
    keys: Path
    data_manifest: Manifest
    keys_manifest: Manifest

    @property
    def root(self) -> Path:
        """The backup folder of the data set."""
        return self.data.parents[1]

    def stones(self) -> Stones:
        """What the backups know to be destroyed.  Raises BackupInvalid."""
        return merged(read_stones(self.root / STONES), read_stones(self.keys.parents[1] / STONES))


def source_of(data: Path, keys: Path) -> Source:
    """The newest sets of both folders that fit together, or the sets given.  Raises BackupInvalid."""
    one, other = newest_set(data, "data"), newest_set(keys, "keys")
    if one != data:
        # A backup that ended between data and keys: the data before it fits these keys.
        made = read_manifest(other).made_at
        fitting = [path for path in whole_sets(data) if read_manifest(path).made_at <= made]
        one = fitting[-1] if fitting else one
    found = Source(one, other, read_manifest(one), read_manifest(other))
    if found.data_manifest.station != found.keys_manifest.station:
        raise BackupInvalid("数据备份和密钥备份不是同一个站点的。", hint="请换用本站的另一份备份。")
    if found.keys_manifest.made_at < found.data_manifest.made_at:
        raise BackupInvalid(
            "密钥备份比数据备份旧，新录入的内容会打不开。", hint="请换用更新的密钥备份，或更旧的数据备份。"
        )
    return found


def damages(source: Source) -> list[str]:
    """Names of all files of both sets, and of documents, that are missing or not as the manifests say."""
    bad = []
    for folder, manifest in ((source.data, source.data_manifest), (source.keys, source.keys_manifest)):
        bad += [entry.name for entry in manifest.files if not _same(folder / entry.name, entry)]
    if BLOB_LIST in bad:
        return bad
    blobs = FolderBlobs(source.root / BLOBS, bytes)
    count = 0
    for entry in read_blob_list(source.data / BLOB_LIST):
        count += 1
        if not _same(blobs.path(entry.name), entry):
            bad.append(f"{BLOBS}/{entry.name}")
    if count != source.data_manifest.blobs:
        bad.append(BLOB_LIST)
    return bad


def _same(path: Path, entry: FileEntry) -> bool:
    try:
        found = hash_of(path)
    except FileNotFoundError:
        return False
    return (found.size, found.sha256) == (entry.size, entry.sha256)


def require_sound(source: Source) -> None:
    """Raises BackupInvalid naming what is damaged."""
    bad = damages(source)
    if bad:
        more = f"等 {len(bad)} 个文件" if len(bad) > 5 else ""
        raise BackupInvalid(f"备份不完整或被改动：{'、'.join(bad[:5])}{more}。")


def lay_out(source: Source, layout: Layout, keys_folder: str, *, with_blobs: bool) -> Settings:
    """Write the files of both sets into empty folders; returns the settings of the station there.

    ``keys_folder`` is what station.json will name.  Raises StoreUnusable, BackupInvalid.
    """
    for folder in (layout.home, layout.keys, layout.data):
        make_private(folder, "restore.folder")
    for entry in source.data_manifest.files:
        if entry.name == BLOB_LIST:
            continue
        into = layout.data if entry.name.startswith(layout.database.name) else layout.home
        make_private((into / entry.name).parent, "restore.folder")
        _brought(source.data / entry.name, into / entry.name, entry)
    for entry in source.keys_manifest.files:
        _brought(source.keys / entry.name, layout.keys / entry.name, entry)
    if with_blobs:
        _blobs(source, layout)
    settings = replace(read_settings(layout.home), keys_folder=keys_folder)
    write_private(layout.settings, settings.to_json(), "restore.settings")
    return settings


def _brought(path: Path, target: Path, entry: FileEntry) -> None:
    try:
        found = copy_proved(path, target, "restore.file")
    except FileNotFoundError as error:
        raise BackupInvalid(f"备份中缺少 {entry.name}。") from error
    if (found.size, found.sha256) != (entry.size, entry.sha256):
        raise BackupInvalid(f"备份中的 {entry.name} 与清单不符：被改动或损坏。")


def _blobs(source: Source, layout: Layout) -> None:
    there, here = FolderBlobs(source.root / BLOBS, bytes), FolderBlobs(layout.blobs, bytes)
    make_private(layout.blobs, "restore.folder")
    touched: set[Path] = {layout.blobs}
    for entry in read_blob_list(source.data / BLOB_LIST):
        target = here.path(entry.name)
        make_private(target.parent, "restore.folder")
        _brought(there.path(entry.name), target, entry)
        touched |= {target.parent, target.parent.parent}
    for folder in touched:
        sync_folder(folder)
    reached("restore.blobs:synced")


def open_rebuilt(
    layout: Layout, settings: Settings, master: bytes, clock: Clock, random: RandomBytes
) -> Archive:
    """Open what was laid out, in the version of this program.  Raises StoreUnusable, HomeUnusable."""
    if settings.data_url or settings.keys_url:
        raise HomeUnusable("本站数据在数据库服务器上，不能用这个命令恢复。")
    archive = open_archive(layout, settings, master, clock, random)
    migrate(archive)
    return archive

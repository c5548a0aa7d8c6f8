"""Restoring a station into folders that are not there yet: whole, or not at all.

Built beside its place and renamed at the end, keys first: a home that is there is complete.  What was
destroyed after the backup is destroyed again before anybody can open it.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from archives.errors import BackupInvalid, HomeUnusable
from archives.keeping.apply import Applied, apply_stones
from archives.keeping.gaps import note_gap, require_newer
from archives.keeping.rebuild import Source, lay_out, open_rebuilt, require_sound
from archives.keeping.reserved import reserve_numbers
from archives.keeping.stores import bind_stores
from archives.keeping.structure import counts
from archives.keeping.tombs import NAME as STONES
from archives.keeping.tombs import Stones, merged, stones_of, write_stones
from archives.keys import attempts_file
from archives.keys import vault as vaults
from archives.keys.durable import told, write_private
from archives.ports import Clock, RandomBytes, system
from archives.settings import Layout
from archives.store.points import reached
from archives.store.sync import sync_folder

_MARK = "restoring"


@dataclass(frozen=True, slots=True)
class Restored:
    """What came back.  ``made_at``: everything after this moment is not in it.

    ``gap``: no newer list of what was destroyed was there.
    """

    made_at: str
    counts: dict[str, int]
    applied: Applied
    gap: bool = False


def unlock(source: Source, login: str, password: str) -> bytes:
    """The master key, by the vault of the key backup.  Raises LoginRefused, VaultDamaged."""
    return vaults.unlock(vaults.load(source.keys / "vault.json"), login, password)


def restore(
    source: Source,
    target: Layout,
    master: bytes,
    further: Stones,
    clock: Clock,
    random: RandomBytes,
    client: str,
    *,
    live: bool = False,
    without_newer_list: bool = False,
) -> Restored:
    """Make a station of a backup; ``further``: tombstones known besides those of the backups.

    ``live``: those of the station itself are among them; ``without_newer_list``: somebody knows that none is
    newer than the backup.
    Raises HomeUnusable (something is there), BackupInvalid, VaultDamaged, StoreUnusable.
    """
    _clear(target)
    require_sound(source)
    gap = require_newer(source, further, live=live, without=without_newer_list)
    vaults.require_genuine(vaults.load(source.keys / "vault.json"), master)
    staged = Layout(_beside(target.home), _beside(target.keys))
    for folder in (staged.home, staged.keys):
        with told(folder.parent):
            shutil.rmtree(folder, ignore_errors=True)
    settings = lay_out(source, staged, str(target.keys.resolve()), with_blobs=True)
    archive = open_rebuilt(staged, settings, master, clock, random)
    try:
        stones = merged(source.stones(), further)
        applied = apply_stones(archive, system(client), stones)
        with archive.acting("restore.reserve", system(client)) as unit:
            reserve_numbers(unit.connection, stones.values())
        write_stones(staged.keys / STONES, merged(stones_of(archive), stones))
        if gap:
            note_gap(archive, system(client), staged, source.data_manifest.made_at)
        bind_stores(archive, staged, master)
        attempts_file.create(staged.attempts, random)
        rows = counts(archive)
        for database in (archive.data, archive.keys.database):
            database.truncate_journal()
    finally:
        archive.close()
    _put_in_place(staged, target)
    return Restored(source.data_manifest.made_at, rows, applied, gap)


def _clear(target: Layout) -> None:
    """Nothing may be where the station is to be, but keys an earlier try left without a home."""
    if target.home.exists():
        raise HomeUnusable(
            f"{target.home} 已经存在，恢复不会覆盖任何东西。", hint="请给出一个还不存在的文件夹名称。"
        )
    if (target.keys / _MARK).is_file():
        with told(target.keys.parent):
            shutil.rmtree(target.keys)
    elif target.keys.exists():
        raise HomeUnusable(
            f"{target.keys} 已经存在，恢复不会覆盖任何东西。", hint="请给出一个还不存在的文件夹名称。"
        )
    home, keys = target.home.resolve(), target.keys.resolve()
    if home == keys or home in keys.parents or keys in home.parents:
        raise HomeUnusable("站点文件夹和密钥文件夹不能互相包含。", hint="请给密钥另一个位置。")


def _beside(folder: Path) -> Path:
    return folder.with_name(f".{folder.name}.restoring")


def _put_in_place(staged: Layout, target: Layout) -> None:
    write_private(staged.keys / _MARK, b"", "restore.mark")
    for folder, final in ((staged.keys, target.keys), (staged.home, target.home)):
        with told(final.parent):
            folder.replace(final)
            reached("restore.folder:renamed")
            sync_folder(final.parent)
            reached("restore.folder:synced")
    with told(target.keys):
        (target.keys / _MARK).unlink()
        reached("restore.mark:unlinked")
        sync_folder(target.keys)


def require_station(source: Source, station_id: str) -> None:
    """Raises BackupInvalid for a backup of another station."""
    if source.data_manifest.station != station_id:
        raise BackupInvalid("这不是本站的备份。", hint="请检查备份文件夹的位置。")

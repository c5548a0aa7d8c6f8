"""Blobs: immutable encrypted bytes in a folder, one file each, on the disk before anyone hears of them.

write: temporary file ─► fsync ─► rename ─► fsync folder ─► read back and compare.  Names are random;
nothing in name or path tells whose it is.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Protocol

from archives.errors import ItemUnreadable, StoreUnusable
from archives.ports import RandomBytes
from archives.store.points import reached
from archives.store.sync import sync_folder, write_all

_SUFFIX = ".tmp"


class BlobStore(Protocol):
    """Where encrypted bytes are kept."""

    def put(self, content: bytes) -> str:
        """Keep the bytes durably; returns their name.  Raises StoreUnusable."""

    def get(self, name: str) -> bytes:
        """The bytes.  Raises ItemUnreadable when they are not there."""

    def remove(self, name: str) -> None:
        """Remove them durably; one that is gone stays gone."""

    def remove_all(self, names: Sequence[str]) -> None:
        """Remove many durably."""

    def has(self, name: str) -> bool:
        """Whether the bytes are there."""

    def names(self) -> Iterator[str]:
        """Every name, for checks and backups."""


class FolderBlobs:
    """Blobs as files in 256 folders below ``folder``, mode 0600.

    One level: each folder made costs syncs of its own, and a million blobs are 4,000 in a folder.
    """

    def __init__(self, folder: Path, random: RandomBytes) -> None:
        self.folder = folder
        self._random = random

    def put(self, content: bytes) -> str:
        """Keep the bytes durably; returns their name.  Raises StoreUnusable."""
        name = self._random(16).hex()
        self.put_as(name, content)
        return name

    def put_as(self, name: str, content: bytes) -> None:
        """Keep the bytes under a given name (restores).  Raises StoreUnusable."""
        path = self.path(name)
        temporary = path.with_suffix(_SUFFIX)
        try:
            self._make_folder(path.parent)
            _write_synced(temporary, content)
            temporary.replace(path)
            reached("blob:renamed")
            sync_folder(path.parent)
            reached("blob:synced")
            if path.read_bytes() != content:
                raise StoreUnusable(
                    "写入的文件读回后不一致，没有保存。", hint="磁盘可能有故障，请停止使用并检查。"
                )
            reached("blob:read_back")
        except OSError as error:
            temporary.unlink(missing_ok=True)
            raise _trouble(error) from error

    def get(self, name: str) -> bytes:
        """The bytes.  Raises ItemUnreadable when they are not there."""
        try:
            return self.path(name).read_bytes()
        except FileNotFoundError as error:
            raise ItemUnreadable("一件文件的内容不在存储中。") from error
        except OSError as error:
            raise _trouble(error) from error

    def remove(self, name: str) -> None:
        """Remove them durably; one that is gone stays gone."""
        path = self.path(name)
        try:
            path.unlink(missing_ok=True)
            reached("blob:unlinked")
            if path.parent.is_dir():
                sync_folder(path.parent)
        except OSError as error:
            raise _trouble(error) from error

    def remove_all(self, names: Sequence[str]) -> None:
        """Remove many durably, each folder synced once.  Raises StoreUnusable."""
        paths = [self.path(name) for name in names]
        try:
            for path in paths:
                path.unlink(missing_ok=True)
                reached("blob:unlinked")
            for folder in {path.parent for path in paths}:
                if folder.is_dir():
                    sync_folder(folder)
        except OSError as error:
            raise _trouble(error) from error

    def has(self, name: str) -> bool:
        """Whether the bytes are there."""
        return self.path(name).is_file()

    def names(self) -> Iterator[str]:
        """Every name, in order; one folder's names at a time are in memory."""
        for path in self._paths():
            if path.suffix != _SUFFIX:
                yield path.name

    def sizes(self) -> dict[str, int]:
        """Name → bytes of every blob.  Raises StoreUnusable."""
        found: dict[str, int] = {}
        try:
            for folder in self.folder.glob("??"):
                with os.scandir(folder) as inside:
                    found |= {one.name: one.stat().st_size for one in inside if one.is_file()}
        except OSError as error:
            raise _trouble(error) from error
        return found

    def leftovers(self) -> Iterator[Path]:
        """Half-written files of a crash."""
        for path in self._paths():
            if path.suffix == _SUFFIX:
                yield path

    def remove_leftovers(self, paths: Iterable[str]) -> None:
        """Remove half-written files that ``leftovers`` named.  Raises StoreUnusable."""
        try:
            for path in map(Path, paths):
                path.unlink(missing_ok=True)
                reached("blob:unlinked")
        except OSError as error:
            raise _trouble(error) from error

    def _paths(self) -> Iterator[Path]:
        for folder in sorted(self.folder.glob("??")):
            yield from sorted(folder.iterdir())

    def path(self, name: str) -> Path:
        """Where a blob lies.  Raises ItemUnreadable for a name that is none of ours."""
        if len(name) != 32 or not set(name) <= set("0123456789abcdef"):
            raise ItemUnreadable("存储名称不合规。")
        return self.folder / name[:2] / name

    def _make_folder(self, folder: Path) -> None:
        if folder.is_dir():
            return
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        sync_folder(self.folder)


def _write_synced(path: Path, content: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0), 0o600)
    try:
        reached("blob:created")
        write_all(handle, content)
        reached("blob:written")
        os.fsync(handle)
    finally:
        os.close(handle)


def _trouble(error: OSError) -> StoreUnusable:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return StoreUnusable(
            "磁盘已满，这一次没有保存。", hint="请清出空间后再做一次；此前确认过的内容没有丢失。"
        )
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return StoreUnusable("数据文件夹不允许写入。", hint="请检查文件夹权限，或磁盘是否写保护。")
    return StoreUnusable("读写文件时出错，这一次没有保存。", hint="请检查磁盘空间和磁盘健康。")

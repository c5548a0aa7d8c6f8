"""Copies that are proved: hashed while the source is read, compared after the copy is on the disk.

A hash taken from the copy would agree with any copy, also one a full disk cut short.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Final

from archives.errors import BackupInvalid, StoreUnusable
from archives.keeping.manifest import FileEntry
from archives.keys.durable import told
from archives.store.gate import PATIENCE, Gate
from archives.store.points import reached
from archives.store.sync import sync_folder, write_all

_PART: Final = 1 << 20
_TRIES: Final = 20
_NEW: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)


def pour(source: Path, target: Path, what: str) -> FileEntry:
    """Copy a file (``target`` must not be there, 0600) to the disk; the hash is of what was read.

    ``what`` names the write points.  Raises FileNotFoundError for a source that is gone, StoreUnusable.
    """
    digest, size = hashlib.sha256(), 0
    with source.open("rb") as stream, told(target.parent):
        handle = os.open(target, _NEW, 0o600)
        try:
            reached(f"{what}:created")
            # Ends: the file ends.
            while part := stream.read(_PART):
                digest.update(part)
                size += len(part)
                write_all(handle, part)
            reached(f"{what}:written")
            os.fsync(handle)
            reached(f"{what}:synced")
        finally:
            os.close(handle)
    return FileEntry(target.name, size, digest.hexdigest())


def hash_of(path: Path) -> FileEntry:
    """Size and hash of a file as it is.  Raises FileNotFoundError, StoreUnusable."""
    try:
        with path.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256")
            return FileEntry(path.name, stream.tell(), digest.hexdigest())
    except FileNotFoundError:
        raise
    except OSError as error:
        raise StoreUnusable(f"无法读取 {path}。", hint="磁盘可能有故障，请检查。") from error


def copy_proved(source: Path, target: Path, what: str) -> FileEntry:
    """Copy, read the copy back and compare.  Raises FileNotFoundError, StoreUnusable, BackupInvalid."""
    entry = pour(source, target, what)
    prove(target, entry, what)
    return entry


def prove(copy: Path, entry: FileEntry, what: str) -> None:
    """Raises BackupInvalid when the copy on the disk is not what was read."""
    if hash_of(copy) != entry:
        raise BackupInvalid(
            f"{copy.name} 复制后读回不一致，备份没有完成。", hint="备份盘可能有故障，请换一个盘。"
        )
    reached(f"{what}:read_back")


def copy_database(path: Path, folder: Path, what: str) -> list[FileEntry]:
    """Copy an embedded database with its journal at one moment, without its key.  Raises StoreUnusable.

    Nobody writes while the gate is held.  A closing reader may still move the journal into the file: a copy
    counts only if the journal was the same before and after, for then it replaces whatever moved.
    """
    journal = path.with_name(path.name + "-wal")
    with Gate(path.with_suffix(".lock"), PATIENCE).hold():
        for _ in range(_TRIES):
            before = _journal(journal)
            entries = [pour(path, folder / path.name, what)]
            if before is not None:
                try:
                    entries.append(pour(journal, folder / journal.name, what))
                except FileNotFoundError:
                    before = None
            if _journal(journal) == before and (before is None) == (len(entries) == 1):
                break
            for name in (path.name, journal.name):
                (folder / name).unlink(missing_ok=True)
        else:
            raise StoreUnusable("数据一直在变动，无法备份。", hint="请关闭其他康档窗口后再试。")
    for entry in entries:
        prove(folder / entry.name, entry, what)
    return entries


def _journal(path: Path) -> FileEntry | None:
    try:
        found = hash_of(path)
    except FileNotFoundError:
        return None
    return found if found.size else None


def make_private(folder: Path, what: str) -> None:
    """A folder of ours, durable; one that is there stays.  Raises StoreUnusable."""
    with told(folder.parent):
        if not folder.is_dir():
            folder.mkdir(parents=True, mode=0o700)
            sync_folder(folder.parent)
            reached(f"{what}:created")

"""Small private files of the keys folder: on the disk whole or not at all, readable by nobody else.

write: temporary file (0600) ─► fsync ─► rename ─► fsync folder ─► read back and compare.  Every step names
its write point.  Callers that may meet take turns by a ``Gate``.
"""

from __future__ import annotations

import errno
import os
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from archives.errors import StoreUnusable
from archives.store.points import reached
from archives.store.sync import sync_folder, write_all

_TEMPORARY = ".tmp"
_FLAGS = getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)


def private_folder(folder: Path) -> None:
    """Make a folder only its owner can enter.  An existing one is left as it is.  Raises StoreUnusable."""
    with told(folder):
        if not folder.is_dir():
            folder.mkdir(parents=True, mode=0o700, exist_ok=True)
            sync_folder(folder.parent)


def write_private(path: Path, content: bytes, what: str) -> None:
    """Replace the file by ``content``; ``what`` names the write points (``vault``).  Raises StoreUnusable."""
    temporary = path.with_name(path.name + _TEMPORARY)
    with told(path.parent):
        _write_synced(temporary, content, what)
        temporary.replace(path)
        reached(f"{what}:renamed")
        sync_folder(path.parent)
        if path.read_bytes() != content:
            raise StoreUnusable("写入的密钥文件读回后不一致。", hint="磁盘可能有故障，请停止使用并检查。")
        reached(f"{what}:read_back")


def _write_synced(path: Path, content: bytes, what: str) -> None:
    path.unlink(missing_ok=True)  # left by a crash, perhaps with other permissions
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _FLAGS, 0o600)
    try:
        reached(f"{what}:created")
        write_all(handle, content)
        reached(f"{what}:written")
        os.fsync(handle)
        reached(f"{what}:synced")
    finally:
        os.close(handle)


def destroy(path: Path, what: str) -> None:
    """Overwrite a small file and remove it; one that is gone stays gone.

    Flash disks may keep the old bytes all the same; what is destroyed here is worthless without its other
    half.  Raises StoreUnusable.
    """
    with told(path.parent):
        try:
            handle = os.open(path, os.O_WRONLY | _FLAGS)
        except FileNotFoundError:
            return
        except OSError as error:
            if error.errno != errno.ELOOP:  # a link in its place: only the link goes
                raise
        else:
            try:
                os.write(handle, bytes(os.fstat(handle).st_size))
                os.fsync(handle)
            finally:
                os.close(handle)
        path.unlink(missing_ok=True)
        reached(f"{what}:unlinked")
        sync_folder(path.parent)


def read_private(path: Path) -> bytes | None:
    """The content of a file that is ours alone; None for a missing one, a link, or one others may read."""
    try:
        handle = os.open(path, os.O_RDONLY | _FLAGS)
    except OSError:
        return None
    if not _ours(os.fstat(handle)):
        os.close(handle)  # a folder opens on some systems, but is no stream
        return None
    with os.fdopen(handle, "rb") as stream:
        return stream.read()


def _ours(found: os.stat_result) -> bool:
    if not stat.S_ISREG(found.st_mode):
        return False
    if sys.platform == "win32":
        return True  # the folder's access list decides there
    return found.st_uid == os.geteuid() and not found.st_mode & 0o077


@contextmanager
def told(folder: Path) -> Iterator[None]:
    """Trouble with files as a sentence."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)):
            raise StoreUnusable("磁盘已满，这一次没有保存。", hint="请清出空间后再做一次。") from error
        if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            raise StoreUnusable(
                f"文件夹 {folder} 不允许读写。", hint="请检查文件夹权限，或磁盘是否写保护。"
            ) from error
        raise StoreUnusable(
            f"读写文件夹 {folder} 时出错。", hint="请检查文件夹是否存在、磁盘是否正常。"
        ) from error

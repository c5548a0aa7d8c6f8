"""Files that survive a kill: written whole or not at all, and held by one process at a time."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from archives.store.sync import sync_folder
from archives.system_words import reason
from generator.errors import OutputUnwritable

TEMPORARY = ".tmp"


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that it is on the disk whole or not at all, readable by its owner only.

    The temporary name belongs to the file: what a killed process leaves is overwritten by the next one.
    Raises OutputUnwritable.
    """
    temporary = path.with_name(f".{path.name}{TEMPORARY}")
    try:
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(path)
        sync_folder(path.parent)
    except OSError as error:
        raise OutputUnwritable(f"无法写入文件 {path}：{reason(error)}。") from error


@contextlib.contextmanager
def locked(path: Path, busy: Callable[[], None] | None = None) -> Iterator[None]:
    """Hold ``path`` for this process.

    ``busy`` is called while another process holds it, and then it is tried again; without it, or when it
    cannot be written at all, raises OutputUnwritable.
    """
    lock = path.with_name(f".{path.name}.lock")
    handle = _opened(lock)
    try:
        # Ends: the holder lets go or ends, or ``busy`` has waited long enough and raises.
        while not _lock(handle, lock):
            if busy is None:
                raise OutputUnwritable(
                    f"{path.name} 正在另一个窗口中使用。", hint="请回到那个窗口，或先关闭它，再重新运行。"
                )
            busy()
            handle, before = _opened(lock), handle  # the last holder may have removed the file
            os.close(before)
        try:
            yield
        finally:
            with contextlib.suppress(OSError):
                lock.unlink()
    finally:
        os.close(handle)


def _opened(lock: Path) -> int:
    try:
        return os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise OutputUnwritable(f"无法在文件夹 {lock.parent} 中写入：{reason(error)}。") from error


def _lock(handle: int, lock: Path) -> bool:
    """Whether the lock is ours now."""
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
            return True
        import fcntl

        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # Between opening and locking, the last holder may have removed the file: then it locks nobody.
        return lock.stat().st_ino == os.fstat(handle).st_ino
    except OSError:
        return False

"""One writer at a time over all processes, and nobody while a backup copies the files.

SQLite's own busy handler sleeps up to 100 ms between tries, so under load a writer waits long while others
pass it; the gate asks every half millisecond, later every four.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from archives.errors import StoreUnusable
from archives.system_words import reason

PATIENCE = 60.0
"""Seconds a writer waits before it gives up and says so."""
_FIRST_PAUSE, _LONGEST_PAUSE = 0.0005, 0.004
"""Seconds between two tries of one who waits."""


class Gate:
    """A lock file; ``hold`` lets one thread of one process in."""

    def __init__(self, path: Path, patience: float = PATIENCE) -> None:
        self._path = path
        self._patience = patience
        self._inside = threading.Lock()

    @contextmanager
    def hold(self) -> Iterator[None]:
        """Be the only writer.  Raises StoreUnusable after ``patience`` seconds."""
        if not self._inside.acquire(timeout=self._patience):
            raise _busy()
        try:
            handle = self._open()
            try:
                _lock(handle, self._patience)
                yield
            finally:
                os.close(handle)  # the lock goes with it, also when the process is killed
        finally:
            self._inside.release()

    def _open(self) -> int:
        try:
            return os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise StoreUnusable(f"无法写入 {self._path.parent}：{reason(error)}。") from error


def _busy() -> StoreUnusable:
    return StoreUnusable("数据正被另一个康档程序占用，等待超时。", hint="请稍后再试，或关闭其他康档窗口。")


if sys.platform == "win32":
    import msvcrt

    def _try(handle: int) -> bool:
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _try(handle: int) -> bool:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


def _lock(handle: int, patience: float) -> None:
    # A blocking lock could not be given up after a time; asking often keeps the wait close to the work.
    # Many who ask so often would take the processor from the one who works: each asks ever less often.
    ends = time.monotonic() + patience
    pause = _FIRST_PAUSE
    # Ends: ``patience``.
    while not _try(handle):
        if time.monotonic() > ends:
            raise _busy()
        time.sleep(pause)
        pause = min(pause * 1.5, _LONGEST_PAUSE)

"""The number of the newest event, kept outside the database: a database that has less is an older one.

SQLite drops what it cannot read of a journal without a word, and a whole older file opens as it is.  Each act
writes the number over the one before, after its commit and without waiting for the disk: it is never too
high, and lags behind only after a power cut.
"""

from __future__ import annotations

import contextlib
import os
import threading
import zlib
from pathlib import Path
from typing import Final

from archives.store.points import reached
from archives.store.sync import write_all

NAME: Final = "newest.mark"
_DIGITS: Final = 20


class Newest:
    """The file of the number, in the keys folder; safe to share between threads."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._handle: int | None = None
        self._lock = threading.Lock()

    def note(self, event: int) -> None:
        """An event of this number is durable.  Without the file nothing happens: a login tells."""
        with self._lock, contextlib.suppress(OSError):
            if self._handle is None:
                self._handle = os.open(self.path, os.O_WRONLY | getattr(os, "O_BINARY", 0))
                reached("newest:opened")
            os.lseek(self._handle, 0, os.SEEK_SET)
            write_all(self._handle, line(event))
            reached("newest:written")

    def read(self) -> int | None:
        """The number; None when the file is gone or damaged."""
        try:
            raw = self.path.read_bytes()
            number = int(raw[:_DIGITS])
        except (OSError, ValueError):
            return None
        return number if raw == line(number) else None

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            if self._handle is not None:
                os.close(self._handle)
                self._handle = None


def line(event: int) -> bytes:
    """The whole file: the number and its check, always as long."""
    digits = f"{event:0{_DIGITS}d}"
    return f"{digits} {zlib.crc32(digits.encode()):08x}\n".encode()

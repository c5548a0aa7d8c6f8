"""The three standard streams of the process, so that a command ends as it would with all of them in order.

A stream that was closed before the start is opened on nothing: else the next file opened would take its
place, and what is printed would land in it.  Output that cannot be written (a full disk, a reader that went
away) is remembered, not raised: a command half done because a line could not be shown would be worse, and its
exit code says more than the loss.
"""

from __future__ import annotations

import contextlib
import errno
import io
import os
import sys
from typing import Any

_NAMES = ("stdin", "stdout", "stderr")


class _Lossy(io.FileIO):
    """Standard output that remembers what it could not write."""

    lost: OSError | None = None

    def write(self, content: Any) -> int:
        """All of it, or as if: what was lost is told at the end."""
        try:
            return super().write(content) or 0
        except OSError as error:
            if error.errno == errno.EAGAIN:  # somebody made the terminal non-blocking
                raise
            self.lost = self.lost or error
            return len(memoryview(content).cast("B"))


class Streams:
    """The streams of this process, made safe once at its start."""

    def __init__(self) -> None:
        for number, name in enumerate(_NAMES):
            if getattr(sys, name) is None:
                _open_on_nothing(number, name)
        self._out = _made_lossy("stdout")
        self._errors = _made_lossy("stderr")

    def lost(self) -> OSError | None:
        """Why standard output could not be written to its end; None when it was."""
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(OSError, ValueError):
                stream.flush()
        return self._out.lost if self._out is not None else None


def _open_on_nothing(number: int, name: str) -> None:
    handle = os.open(os.devnull, os.O_RDWR)
    if handle != number:
        os.dup2(handle, number)
        os.close(handle)
    setattr(sys, name, open(number, "r" if number == 0 else "w", encoding="utf-8", closefd=False))  # noqa: SIM115


def _made_lossy(name: str) -> _Lossy | None:
    """Put a raw stream of ours under the text stream; a console of Windows keeps its own."""
    stream = getattr(sys, name)
    buffer = getattr(stream, "buffer", None)
    raw = getattr(buffer, "raw", buffer)
    if type(raw) is not io.FileIO:
        return None
    lossy = _Lossy(raw.fileno(), "wb", closefd=False)
    unbuffered = buffer is raw  # PYTHONUNBUFFERED
    under = lossy if unbuffered else io.BufferedWriter(lossy)
    line_by_line = stream.line_buffering or name == "stderr"
    text = io.TextIOWrapper(
        under, stream.encoding, stream.errors, line_buffering=line_by_line, write_through=unbuffered
    )
    setattr(sys, name, text)
    return lossy

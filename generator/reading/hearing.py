"""What the decoders of pictures complain about.

libjpeg and libtiff go on after damage and say so on standard error only, which no picture shows.  While a
picture is decoded, standard error is lent to a file; where it is a file already (a process started for
decoding), what is added to it counts.  One decoding at a time: standard error belongs to the whole process.
"""

from __future__ import annotations

import contextlib
import os
import re
import stat
import tempfile
import threading
from collections.abc import Callable
from functools import cache
from typing import IO, TypeVar

_T = TypeVar("_T")
_LOCK = threading.Lock()
_STDERR = 2
_MOST = 20_000
_HARMLESS = re.compile(
    r"Invalid SOS parameters|unknown JFIF revision|[Uu]nknown field|Metadata Warning|Warning: *$|UserWarning"
    r"|unknown Adobe color transform|Inconsistent progression"
)
"""Said of many sound pictures: about notes beside the picture, not about its dots."""


def listened(decode: Callable[[], _T]) -> tuple[_T, str]:
    """What ``decode`` gives, and the first complaint while it ran; "" when there was none."""
    with _LOCK:
        try:
            is_file = stat.S_ISREG(os.fstat(_STDERR).st_mode)
        except OSError:  # a program without any standard error has decoders nobody can hear
            return decode(), ""
        return _beside(decode) if is_file else _lent(decode)


def _beside(decode: Callable[[], _T]) -> tuple[_T, str]:
    before = os.fstat(_STDERR).st_size
    made = decode()
    added = os.fstat(_STDERR).st_size - before
    if added <= 0:
        return made, ""
    try:
        said = os.pread(_STDERR, min(added, _MOST), before).decode(errors="replace")
    except (OSError, AttributeError):  # written to only, or a system that cannot read at a place
        said = "?"
    return made, _complaint(said)


def _lent(decode: Callable[[], _T]) -> tuple[_T, str]:
    file = _file()
    kept = os.dup(_STDERR)
    try:
        os.dup2(file.fileno(), _STDERR)
        try:
            made = decode()
        finally:
            os.dup2(kept, _STDERR)
        size = os.lseek(file.fileno(), 0, os.SEEK_END)
        if not size:
            return made, ""
        os.lseek(file.fileno(), 0, os.SEEK_SET)
        return made, _complaint(os.read(file.fileno(), min(size, _MOST)).decode(errors="replace"))
    finally:
        os.close(kept)
        with contextlib.suppress(OSError):
            os.lseek(file.fileno(), 0, os.SEEK_SET)
            os.ftruncate(file.fileno(), 0)


@cache
def _file() -> IO[bytes]:
    return tempfile.TemporaryFile(buffering=0)


def _complaint(said: str) -> str:
    lines = (line.strip() for line in said.splitlines())
    return next((line for line in lines if line and not _HARMLESS.search(line)), "")


@cache
def hears() -> bool:
    """Whether a complaint of the JPEG decoder is heard in this process."""
    import cv2
    import numpy as np

    grain = np.random.default_rng(1).integers(0, 255, (64, 64), np.uint8)
    _, packed = cv2.imencode(".jpg", grain)
    whole = packed.tobytes()
    broken = whole[: len(whole) // 2] + b"\xff\xd9"
    try:
        # Lent always: where standard error is a log, a person would read there of a damage that is none.
        with _LOCK:
            return bool(_lent(lambda: cv2.imdecode(np.frombuffer(broken, np.uint8), cv2.IMREAD_GRAYSCALE))[1])
    except OSError:
        return False

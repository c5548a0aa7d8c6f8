"""Writing results for people: whole or not at all, and a clear sentence when a folder says no."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from archives.system_words import reason
from desk.print_records import earlier_records
from generator.errors import OutputUnwritable

Plain = Literal["known", "unknown", "nobody"]
"""known: the station keeps where it lies · unknown: nobody does · nobody: it says nothing of any person."""


@dataclass
class Outbox:
    """The plain files a command wrote: what anybody can read and no destruction reaches."""

    known: list[Path] = field(default_factory=list)
    unknown: list[Path] = field(default_factory=list)
    earlier: list[Path] = field(default_factory=list)
    """Print records of earlier prints, kept beside the new ones; nobody keeps where they lie."""


_OUTBOX: ContextVar[Outbox | None] = ContextVar("outbox", default=None)


@contextmanager
def outbox() -> Iterator[Outbox]:
    """Collects what is written inside, so that the command can say so in one line when it is done."""
    box = Outbox()
    token = _OUTBOX.set(box)
    try:
        yield box
    finally:
        _OUTBOX.reset(token)


def put_out(paths: Iterable[Path], plain: Plain) -> None:
    """Say that plain files were written, by a writer of another room."""
    box = _OUTBOX.get()
    if box is not None and plain != "nobody":
        (box.known if plain == "known" else box.unknown).extend(paths)


def write_output(path: Path, content: bytes, *, plain: Plain = "unknown") -> None:
    """Write ``content`` to ``path`` so that readers see the old file or the new one, never half of one.

    Raises OutputUnwritable when the folder is missing or forbidden, the disk is full, or the file is open
    in a program that locks it (Word and WPS do).
    """
    write_together({path: content}, plain=plain)


def write_together(files: Mapping[Path, bytes], *, plain: Plain = "unknown") -> None:
    """Write files that belong to each other: a full disk leaves all of the old ones.

    All are on the disk before the first takes its place.  A print record that would be replaced is kept
    beside the new one.  Raises OutputUnwritable.
    """
    written: dict[Path, Path] = {}
    box = _OUTBOX.get()
    try:
        kept = earlier_records(files)
        for path, content in {**kept, **files}.items():
            written[path] = _temporary(path, content)
        for path, temporary in written.items():
            with told(path):
                temporary.replace(path)
            if path not in kept:
                put_out([path], plain)
            elif box is not None:
                box.earlier.append(path)
    except OutputUnwritable:
        for temporary in written.values():
            temporary.unlink(missing_ok=True)
        raise


def _temporary(path: Path, content: bytes) -> Path:
    """The content in a new file beside ``path``, safely on the disk."""
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".kangdang-", suffix=".tmp")
    except OSError as error:
        raise OutputUnwritable(f"无法在文件夹 {path.parent} 中写入：{_reason(error)}。") from error
    try:
        with told(path), os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
    except OutputUnwritable:
        Path(name).unlink(missing_ok=True)
        raise
    return Path(name)


@contextmanager
def told(path: Path) -> Iterator[None]:
    """What the system says about writing ``path``, as a sentence.  Raises OutputUnwritable."""
    try:
        yield
    except OSError as error:
        raise OutputUnwritable(f"无法写入文件 {path}：{_reason(error)}。") from error


def make_folder(path: Path) -> None:
    """Make a folder for results; an existing one is fine."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputUnwritable(f"无法建立文件夹 {path}：{_reason(error)}。") from error


def _reason(error: OSError) -> str:
    known = {
        "FileNotFoundError": "文件夹不存在",
        "PermissionError": "没有写入权限，或文件正被其他程序打开",
        "NotADirectoryError": "该位置不是文件夹",
        "IsADirectoryError": "该位置是文件夹，不是文件",
        "FileExistsError": "同名文件已存在",
    }
    return known.get(type(error).__name__) or reason(error)

"""Moving a file to a name in a folder other programs write to: what came meanwhile stays."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import sys
from pathlib import Path

from archives.store.points import reached


def move_new(path: Path, target: Path) -> None:
    """Move a file to a name nobody has; to look first would leave a moment in which somebody takes it.

    A crash in the middle leaves the file under both names (``same_file``), never under none.
    Raises FileExistsError, and then nothing is changed; OSError.
    """
    if sys.platform == "win32":
        path.rename(target)  # refuses a name that is taken
        reached("move:named")
        return
    try:
        os.link(path, target, follow_symlinks=False)
    except (FileExistsError, FileNotFoundError):
        raise
    except OSError:  # sticks, shares, and another's files have no links
        _copy_new(path, target)
    reached("move:named")
    path.unlink()
    reached("move:unlinked")


def same_file(one: Path, other: Path) -> bool:
    """Whether two names are of one file: what a crash in the middle of a move leaves."""
    try:
        return not one.is_symlink() and not other.is_symlink() and one.samefile(other)
    except OSError:
        return False


def _copy_new(path: Path, target: Path) -> None:
    """The same bytes under a name that is made here.  Raises FileExistsError, OSError."""
    if path.is_symlink():
        raise OSError(errno.ELOOP, "a link is not copied")
    with path.open("rb") as source:
        handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(handle, "wb") as copy:
                shutil.copyfileobj(source, copy)
                copy.flush()
                os.fsync(copy.fileno())
            with contextlib.suppress(OSError):
                shutil.copystat(path, target)
        except BaseException:
            target.unlink(missing_ok=True)
            raise

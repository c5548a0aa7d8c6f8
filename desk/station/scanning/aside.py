"""Files of an inbox set aside while they are received: moved on the same disk, under a random tag.

    收件夹/扫描.pdf ──► 收件夹/正在接收/0123456789ab-扫描.pdf ──► gone when its batch is settled, or back

Moving is one step of the disk: a file lies in one place or in the other, whatever is killed when.  The tag
ties what lies there to its batches, whatever its name and content become.
"""

from __future__ import annotations

import contextlib
import re
from pathlib import Path
from typing import Final

from archives.errors import InputRefused
from archives.store.moving import move_new, same_file
from archives.store.points import reached
from archives.store.sync import sync_folder

ASIDE: Final = "正在接收"
"""The folder in the inbox."""
TAG_BYTES: Final = 6
_TAGGED: Final = re.compile(r"([0-9a-f]{12})-(.+)", re.DOTALL)
_MOST_NAME: Final = 255
"""Bytes of a file name on most disks."""


def tag_of(path: Path) -> str | None:
    """The tag of a file that lies aside; None for one somebody put there."""
    found = _TAGGED.fullmatch(path.name)
    return found[1] if found else None


def plain_name(path: Path) -> str:
    """The name a file came with."""
    found = _TAGGED.fullmatch(path.name)
    return found[2] if found else path.name


def move_aside(inbox: Path, path: Path, tag: str) -> Path:
    """Move a file of the inbox, or one somebody put into the folder, under its tag; returns where it lies.

    Raises InputRefused (the folder cannot be written), FileNotFoundError, OSError (the file is held).
    """
    folder = inbox / ASIDE
    try:
        folder.mkdir(exist_ok=True)
        reached("scan.aside:created")
        if folder.is_symlink():
            raise NotADirectoryError
    except FileNotFoundError:
        raise  # the inbox itself is gone
    except OSError as error:
        raise InputRefused(
            f"收件文件夹里不能建立“{ASIDE}”文件夹，没有接收。",
            hint="请给出写入的权限，或挪开同名的文件；只读的文件夹请用 kangdang scan add --keep 接收。",
        ) from error
    return _moved(path, folder / f"{tag}-{_short(path, len(tag) + 1)}")


def move_back(inbox: Path, path: Path) -> Path:
    """Put a file that was not received where it came from; a name taken meanwhile gets a number.

    Raises OSError.
    """
    name = Path(plain_name(path))
    target, number = inbox / name, 2
    # Ends: a folder holds finitely many names.
    while not _moved_new(path, target):
        target, number = inbox / f"{name.stem} ({number}){name.suffix}", number + 1
    reached("scan.aside:renamed")
    _synced(inbox)
    _synced(path.parent)
    leave(inbox)
    return target


def _moved_new(path: Path, target: Path) -> bool:
    """Whether the file lies there now; False when another has the name."""
    try:
        move_new(path, target)
    except FileExistsError:
        if not same_file(path, target):
            return False
        path.unlink()  # a crash came before the first name was taken away
    return True


def remove(path: Path) -> None:
    """Remove a file that was received.  Raises OSError."""
    path.unlink()
    reached("scan.aside:unlinked")
    _synced(path.parent)


def leave(inbox: Path) -> None:
    """Remove the folder when nothing lies in it."""
    folder = inbox / ASIDE
    with contextlib.suppress(OSError):
        if not any(folder.iterdir()):
            folder.rmdir()
            reached("scan.aside:unlinked")


def _moved(path: Path, target: Path) -> Path:
    """One step of the disk; nobody else has a name under a random tag."""
    path.rename(target)
    reached("scan.aside:renamed")
    _synced(target.parent)
    _synced(path.parent)
    return target


def _short(path: Path, before: int) -> str:
    stem, suffix = path.stem, path.suffix
    # Ends: the stem grows shorter each round.
    while stem and before + len((stem + suffix).encode("utf-8", "surrogateescape")) > _MOST_NAME:
        stem = stem[:-1]
    return stem + suffix


def _synced(folder: Path) -> None:
    with contextlib.suppress(OSError):  # shares that cannot say so
        sync_folder(folder)

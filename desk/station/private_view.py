"""A file for one look: in a folder only this user can enter, gone when the look is over.

A viewer is another program, so it has to be a file.  What a killed program left goes at the next look.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from archives.store.points import reached
from desk.output import told
from desk.station.opening import runtime_folder
from desk.station.windows_access import close_to_others
from generator.errors import OutputUnwritable

_PREFIX = "look-"


@contextmanager
def private_view(name: str, content: bytes) -> Iterator[Path]:
    """A private file of this name and content while the block runs.

    Raises OutputUnwritable: it cannot be written, or not be removed afterwards (the message says where).
    """
    place = runtime_folder() / "looks"
    with told(place):
        place.mkdir(parents=True, mode=0o700, exist_ok=True)
        _sweep(place)
        folder = Path(tempfile.mkdtemp(dir=place, prefix=_PREFIX))
    try:
        if sys.platform == "win32":
            close_to_others(folder)
        path = folder / name
        with told(path):
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
            with os.fdopen(handle, "wb") as stream:
                stream.write(content)
            reached("scan.look:written")
        yield path
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        reached("scan.look:unlinked")
    if folder.exists():
        raise OutputUnwritable(
            f"看过的图片没能删除，还在 {folder}。", hint="请关闭正在显示它的程序，再删除这个文件夹。"
        )


def _sweep(place: Path) -> None:
    with contextlib.suppress(OSError):
        for left in place.iterdir():
            if left.name.startswith(_PREFIX):
                shutil.rmtree(left, ignore_errors=True)

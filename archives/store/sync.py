"""Bytes and names made durable: the two steps every writer of a file shares."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def write_all(handle: int, content: bytes) -> None:
    """Write all of it; one call may take only a part.  Raises OSError."""
    view = memoryview(content)
    # Ends: the system takes at least a byte each time, or raises.
    while view:
        view = view[os.write(handle, view) :]


def sync_folder(folder: Path) -> None:
    """Make names in a folder durable.  Windows keeps names durable by itself and cannot open folders.

    Raises OSError.
    """
    if sys.platform == "win32":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

"""Plain files leave the station here: first it is noted where they will lie, then they are written.

A crash between the two leaves a row for a file that is not there, never a file nobody knows of.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from archives.archive import Unit
from archives.items.written import Kind, Of, note_written, of_pages
from desk.output import write_together
from desk.station.opening import OpenStation


def hand_out(station: OpenStation, kind: Kind, concerned: Iterable[Of], files: Mapping[Path, bytes]) -> None:
    """Note and write plain files.  Raises OutputUnwritable, StoreUnusable."""
    if not files:
        return
    with station.acting("plain.note") as unit:
        note(unit, kind, concerned, files)
    write_noted(files)


def note(unit: Unit, kind: Kind, concerned: Iterable[Of], files: Mapping[Path, bytes]) -> None:
    """Note inside an act what ``write_noted`` writes after it."""
    note_written(
        unit, kind, concerned,
        {place_of(path): hashlib.sha256(content).hexdigest() for path, content in files.items()},
    )  # fmt: skip


def write_noted(files: Mapping[Path, bytes]) -> None:
    """Write what was noted.  Raises OutputUnwritable."""
    write_together(files, plain="known")


def place_of(path: Path) -> str:
    """The whole path as it is kept; links are not followed, so that what is removed is what was written."""
    return os.path.abspath(path)  # noqa: PTH100 - resolve() follows links, absolute() keeps ".."


def hand_out_pages(
    station: OpenStation, kind: Kind, files: Mapping[Path, bytes], *, batch: int | None = None,
    page: int | None = None,
) -> None:  # fmt: skip
    """``hand_out`` for one scanned page or all of a batch; whose they are is known of those placed."""
    with station.archive.looking(station.actor) as unit:
        concerned = of_pages(unit, batch=batch, page=page)
    hand_out(station, kind, concerned, files)

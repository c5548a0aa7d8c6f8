"""Plain files taken away again: only bytes that are those that were written, and nothing more is claimed.

Whoever wrote a file may take it away, the 档案员 any.  Copies may lie elsewhere: nobody says "destroyed".
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from archives.items.written import KINDS, Settled, Written, out_of_station, settle_written
from archives.people.files import file_facts, find_file
from archives.store.moving import move_new, same_file
from desk.station.opening import OpenStation

Standing = Literal["there", "missing", "changed", "elsewhere", "unreadable"]
"""there: the bytes that were written · missing: nothing at that place · changed: other bytes, or no file ·
elsewhere: written on another computer · unreadable: the system says no."""
_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Plain:
    """One place where plain files were written, and how it stands there now."""

    path: Path
    standing: Standing
    client: str
    written: tuple[Written, ...]
    """Every row of that place, oldest first; the last says which bytes were written there last."""
    files: tuple[str, ...]
    """档号 of what they are about."""

    @property
    def kind(self) -> str:
        """What it is, as people call it."""
        return KINDS.get(self.written[-1].kind, self.written[-1].kind)

    @property
    def on(self) -> str:
        """The day it was written."""
        return self.written[-1].at[:10]


def known_plain(station: OpenStation, number: str | None = None) -> list[Plain]:
    """Plain files this person may take away, of one file or of all.  Raises AccessDenied, NotFound."""
    station.allow("plain.tidy")
    everybody = "records" in station.actor.roles
    with station.archive.looking(station.actor) as unit:
        of = None if number is None else [find_file(unit, number).id]
        rows = out_of_station(unit, by=None if everybody else unit.staff(), files_of=of)
        names = {row.of.file: file_facts(unit, row.of.file).number for row in rows}
    places: dict[tuple[str, str], list[Written]] = {}
    for row in rows:
        places.setdefault((row.client, row.path), []).append(row)
    return [
        Plain(Path(path), _standing(station, Path(path), of_place), client, tuple(of_place),
              tuple(dict.fromkeys(names[row.of.file] for row in of_place)))
        for (client, path), of_place in places.items()
    ]  # fmt: skip


def _standing(station: OpenStation, path: Path, rows: Sequence[Written]) -> Standing:
    if rows[0].client != station.actor.client:
        return "elsewhere"
    aside = _aside(path, rows)
    try:
        if os.path.lexists(aside) and not os.path.lexists(path):
            path = aside  # a removal that was cut short
        if not stat.S_ISREG(path.lstat().st_mode):
            return "changed"
        found = _sha256(path)
    except FileNotFoundError:
        return "missing"
    except OSError:
        return "unreadable"
    return "there" if any(row.sha256 == found for row in rows) else "changed"


def _aside(path: Path, rows: Sequence[Written]) -> Path:
    """Where a file waits while it is removed: the next try finds it there."""
    return path.with_name(f".kangdang-tidy-{rows[-1].id}.tmp")


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        # Ends: a file has an end.
        while block := stream.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def take_away(station: OpenStation, plain: Plain) -> Standing | None:
    """Remove the bytes that were written and note it; None when done, else how it stands instead.

    The file is set aside before it is read once more: what another program puts there meanwhile stays.
    """
    aside = _aside(plain.path, plain.written)
    if stands := _set_aside(plain, aside):
        return stands
    try:
        if aside.is_symlink() or not aside.is_file() or _sha256(aside) not in _hashes(plain):
            return _back(aside, plain.path)
        aside.unlink()
    except OSError:
        _back(aside, plain.path)
        return "unreadable"
    drop(station, plain, "removed")
    return None


def _set_aside(plain: Plain, aside: Path) -> Standing | None:
    """None when what was there lies aside; else how it stands."""
    stands: Standing | None = None
    try:
        if not os.path.lexists(plain.path):
            stands = None if os.path.lexists(aside) else "missing"
        elif _is_folder(plain.path) or (os.path.lexists(aside) and not _left_over(aside, plain)):
            stands = "changed"
        else:
            move_new(plain.path, aside)
    except FileNotFoundError:
        stands = "missing"
    except FileExistsError:
        stands = "changed"
    except OSError:
        stands = "unreadable"
    return stands


def _is_folder(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink()


def _left_over(aside: Path, plain: Plain) -> bool:
    """Remove what an interrupted try left aside; False for what is not ours to remove.  Raises OSError."""
    ours = same_file(aside, plain.path) or (
        not aside.is_symlink() and aside.is_file() and _sha256(aside) in _hashes(plain)
    )
    if ours:
        aside.unlink()
    return ours


def _hashes(plain: Plain) -> set[str]:
    return {row.sha256 for row in plain.written}


def _back(aside: Path, path: Path) -> Standing:
    """Put back what is not ours to remove, unless something new is there meanwhile."""
    with contextlib.suppress(FileExistsError):
        move_new(aside, path)
    return "changed"


def drop(station: OpenStation, plain: Plain, state: Settled) -> None:
    """Note what became of the files of a place; its earlier files were overwritten by the last."""
    *earlier, last = plain.written
    same = [row.id for row in plain.written if row.sha256 == last.sha256]
    with station.acting("plain.settle") as unit:
        settle_written(unit, [row.id for row in earlier if row.id not in same], "replaced")
        settle_written(unit, same, state)

"""A watched inbox: the scanner drops files into a folder, each is received once nobody writes it any more.

    still and not held ─► moved aside ─► received ─► batch settled, bytes unchanged ─► removed

A file that got further pages all the same (its writer had it open) differs from what was received: it is
received again whole, and the first batch points to the second.  Trouble with one file is told once and the
file lies where it came; the others go on.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from archives.errors import AccessDenied, ArchiveError, InputRefused, StoreUnusable
from archives.scans.batches import Batch
from archives.scans.successors import batch_of_tag, begin_aside
from archives.system_words import reason
from desk.station.opening import OpenStation
from desk.station.scanning import aside
from desk.station.scanning.held import held_by_another
from desk.station.scanning.receiving import Received, alone, measured, settle, take_in
from desk.station.scanning.stillness import Look, Seen
from desk.station.scanning.turn import Turn
from generator.errors import GeneratorError
from generator.reading.ending import Ending, ending_of

SUFFIXES: Final = frozenset({".pdf", ".tif", ".tiff", ".jpg", ".jpeg", ".png"})
_UNSEEN: Final = Ending("other", whole=False, tail="")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one file of the inbox: received, or why not."""

    name: str
    received: Received | None
    error: ArchiveError | GeneratorError | None
    lies_aside: bool = False
    """Whether it waits in the folder of files that are being received until its batch is settled."""
    whole_of: int | None = None
    """The batch that took this file before it was whole."""


Tell = Callable[[Outcome], None]


@dataclass
class Inbox:
    """One folder, and what each file in it looked like; ``clock`` is monotonic, in seconds."""

    folder: Path
    clock: Callable[[], float]
    _seen: dict[Path, Seen] = field(default_factory=dict)
    _done: dict[Path, Look] = field(default_factory=dict)
    """Files that were received or told about as they were then."""
    _held: dict[Path, bool] = field(default_factory=dict)
    """Files somebody has open, and whether that was told."""

    def still(self) -> list[Path]:
        """Look once; the files that have stopped growing and nothing was done about yet.

        Raises InputRefused when the folder cannot be read.
        """
        now = self.clock()
        try:
            looks = dict(self._looks())
        except OSError as error:
            raise InputRefused(
                f"收件文件夹读不出来：{reason(error)}。", hint="请检查文件夹是否还在。"
            ) from error
        before, self._seen = self._seen, {}
        for path, look in looks.items():
            self._seen[path] = before[path].again(look, now) if path in before else Seen(look, now)
        self._done = {path: look for path, look in self._done.items() if path in looks}
        self._held = {path: told for path, told in self._held.items() if path in looks}
        return [path for path in sorted(looks) if self._ready(path, now)]

    def _ready(self, path: Path, now: float) -> bool:
        seen = self._seen[path]
        if not seen.still(now) or self._done.get(path) == seen.look:
            return False
        if not held_by_another(path):
            return True
        self._held.setdefault(path, False)
        return False

    def newly_held(self) -> list[str]:
        """Names of files that do not change any more but are open in another program; each is told once."""
        names = [self._name(path) for path, told in self._held.items() if not told]
        self._held = dict.fromkeys(self._held, True)
        return names

    def unsettled(self) -> int:
        """How many files are still growing, held by somebody, or not watched long enough yet."""
        return sum(self._done.get(path) != seen.look for path, seen in self._seen.items())

    def _looks(self) -> Iterator[tuple[Path, Look]]:
        for folder in (self.folder, self.folder / aside.ASIDE):
            if folder is not self.folder and (folder.is_symlink() or not folder.is_dir()):
                continue
            for path in folder.iterdir():
                if look := _look(path):
                    yield path, look

    # --- receiving ----------------------------------------------------------------------------------------

    def take(
        self,
        station: OpenStation,
        tell: Tell,
        found: Iterable[Path] | None = None,
        turn: Turn | None = None,
    ) -> int:
        """Receive what has stopped growing (``found`` by ``still`` before); returns how many files.

        Raises StoreUnusable, AccessDenied: a full disk, a locked database is no trouble of one file.
        """
        paths, taken = list(self.still() if found is None else found), 0
        if not paths and not self._lying_aside():
            return 0
        with alone(station, turn):
            for path in paths:
                try:
                    taken += self._one(station, tell, path)
                except (StoreUnusable, AccessDenied):
                    raise
                except (ArchiveError, GeneratorError) as error:
                    self._give_up(path, tell, error)
            self._tidy(station)
        return taken

    def _give_up(self, path: Path, tell: Tell, error: ArchiveError | GeneratorError) -> None:
        """Say once why this file is not received as it is."""
        if path in self._seen:
            self._done[path] = self._seen[path].look
        tell(Outcome(self._name(path), None, error))

    def _one(self, station: OpenStation, tell: Tell, path: Path) -> int:
        """Receive one file; returns 1 if it was."""
        seen = self._seen.get(path)
        if seen is None or _look(path) != seen.look or held_by_another(path):
            return 0  # another window took it while we queued, or its writer goes on
        if self._is_aside(path) and aside.tag_of(path) is not None:
            return self._go_on(station, tell, path, seen.look)
        lies = self._moved_aside(station, path)
        if lies is None:
            return 0
        del self._seen[path]
        self._seen[lies] = Seen(seen.look, self.clock())
        if _look(lies) != seen.look:
            return 0  # replaced between the look and the move: it is watched again where it lies
        return self._go_on(station, tell, lies, seen.look)

    def _moved_aside(self, station: OpenStation, path: Path) -> Path | None:
        """Where the file lies now; None when it is gone, or held by a program that lets nobody move it."""
        try:
            return aside.move_aside(self.folder, path, station.archive.random(aside.TAG_BYTES).hex())
        except FileNotFoundError:
            return None
        except OSError as error:
            if sys.platform == "win32":
                return None
            raise InputRefused(
                f"文件移不开，没有接收：{reason(error)}。", hint="请检查收件文件夹的权限。"
            ) from error

    def _is_aside(self, path: Path) -> bool:
        return path.parent != self.folder

    def _name(self, path: Path) -> str:
        return aside.plain_name(path) if self._is_aside(path) else path.name

    def _go_on(self, station: OpenStation, tell: Tell, path: Path, look: Look) -> int:
        """Receive a file that lies aside, or again because it was written on; returns 1 if it was."""
        tag = aside.tag_of(path) or ""
        last = _batch(station, tag)
        if last is not None and last.state != "receiving" and measured(path)[0] == last.sha256:
            settle(station)  # a crash may have come between its last page and its filing
            self._done[path] = look
            return 0
        try:
            received, _ = take_in(station, path, lambda *file: begin_aside(file[0], tag, *file[1:]))
        except (StoreUnusable, AccessDenied):
            raise
        except (ArchiveError, GeneratorError) as error:
            self._refused(station, path, look, tell, error)
            return 0
        self._done[path] = look
        self._tidy_one(station, path)
        whole_of = last.id if last is not None and last.id != received.batch.id else None
        tell(Outcome(self._name(path), received, None, path.exists(), whole_of))
        return 1

    def _refused(
        self, station: OpenStation, path: Path, look: Look, tell: Tell, error: ArchiveError | GeneratorError
    ) -> None:
        """A file that did not come in: back to where it came from, unless pages of it are on an account."""
        name = self._name(path)
        if _batch(station, aside.tag_of(path) or "") is None:
            with contextlib.suppress(OSError):  # then it lies aside, as whole
                path = aside.move_back(self.folder, path)
        self._seen[path], self._done[path] = Seen(look, self.clock()), look
        tell(Outcome(name, None, error))

    # --- what lies aside ----------------------------------------------------------------------------------

    def _lying_aside(self) -> list[Path]:
        return [path for path in self._seen if self._is_aside(path)]

    def tend(self, station: OpenStation, turn: Turn | None = None) -> None:
        """Remove what was received whole and is settled; for when nothing new came.  Raises StoreUnusable."""
        if self._lying_aside():
            with alone(station, turn):
                self._tidy(station)

    def _tidy(self, station: OpenStation) -> None:
        for path in self._lying_aside():
            self._tidy_one(station, path)
        aside.leave(self.folder)

    def _tidy_one(self, station: OpenStation, path: Path) -> None:
        """Remove the file when its batch is settled, nobody has it open and its bytes are those of then."""
        tag, look = aside.tag_of(path), _look(path)
        last = _batch(station, tag) if tag is not None else None
        if last is None or look is None or not _needed_no_more(last):
            return
        held = held_by_another(path)
        seen = self._seen.get(path)
        watched = seen is not None and seen.look == look and seen.still(self.clock())
        if held or (held is None and not watched):
            self._done.pop(path, None)  # tried again when nobody holds it, or nobody did for long enough
            return
        with contextlib.suppress(OSError, InputRefused):
            if measured(path) == (last.sha256, last.size):
                aside.remove(path)
                self._seen.pop(path, None)


def _needed_no_more(batch: Batch) -> bool:
    """Every page is settled; or the copy in quarantine went with a record, then this one goes too."""
    return batch.state in ("balanced", "cleared") or (batch.item_key is None and batch.state != "receiving")


def _batch(station: OpenStation, tag: str) -> Batch | None:
    with station.archive.looking(station.actor) as unit:
        return batch_of_tag(unit, tag)


def _look(path: Path) -> Look | None:
    """What the file looks like; None for what is no scan, no plain file, or gone meanwhile."""
    if path.suffix.lower() not in SUFFIXES:
        return None
    with contextlib.suppress(OSError):
        if path.is_symlink() or not path.is_file():
            return None
        facts = path.stat()
        try:
            ending = ending_of(path)
        except OSError:  # held without sharing, or not to be read: its size still tells whether it grows
            ending = _UNSEEN
        return Look(facts.st_size, facts.st_mtime_ns, facts.st_ino, ending)
    return None

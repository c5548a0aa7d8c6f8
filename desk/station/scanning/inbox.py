"""A watched inbox: the scanner drops files into a folder, each is received once it has stopped growing.

A file is taken when its size and time were the same at two looks.  Trouble with one file is told and leaves
it where it is; the others go on.  The same trouble with the same file is told once.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from archives.errors import AccessDenied, ArchiveError, InputRefused, StoreUnusable
from desk.station.opening import OpenStation
from desk.station.scanning.receiving import Received, receive
from generator.errors import GeneratorError

SUFFIXES: Final = frozenset({".pdf", ".tif", ".tiff", ".jpg", ".jpeg", ".png"})
_Look = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one file of the inbox: received, or why not."""

    name: str
    received: Received | None
    error: ArchiveError | GeneratorError | None


@dataclass
class Inbox:
    """One folder and what it held at the last look."""

    folder: Path
    _before: dict[str, _Look] = field(default_factory=dict)
    _told: dict[str, _Look] = field(default_factory=dict)

    def still(self) -> list[Path]:
        """Files that were there at the last look and have not changed since; remembers this look.

        Raises InputRefused when the folder cannot be read.
        """
        try:
            now = dict(self._looks())
        except OSError as error:
            raise InputRefused(
                f"收件文件夹读不出来：{error.strerror or '未知原因'}。", hint="请检查文件夹是否还在。"
            ) from error
        same = [name for name, look in now.items() if self._before.get(name) == look]
        self._before = now
        return [self.folder / name for name in sorted(same) if self._told.get(name) != now[name]]

    def _looks(self) -> Iterator[tuple[str, _Look]]:
        for path in self.folder.iterdir():
            with contextlib.suppress(OSError):  # gone since the folder was read; the others are looked at
                if path.suffix.lower() in SUFFIXES and path.is_file() and not path.is_symlink():
                    facts = path.stat()
                    if facts.st_size:
                        yield path.name, (facts.st_size, facts.st_mtime_ns)

    def take(
        self, station: OpenStation, tell: Callable[[Outcome], None], found: Iterable[Path] | None = None
    ) -> int:
        """Receive what has stopped growing (``found`` by ``still`` before); returns how many files.

        Raises StoreUnusable, AccessDenied: a full disk, a locked database is no trouble of one file.
        """
        taken = 0
        for path in self.still() if found is None else found:
            try:
                tell(Outcome(path.name, receive(station, path), None))
                taken += 1
            except (StoreUnusable, AccessDenied):
                raise
            except (ArchiveError, GeneratorError) as error:
                self._told[path.name] = self._before[path.name]
                tell(Outcome(path.name, None, error))
        return taken

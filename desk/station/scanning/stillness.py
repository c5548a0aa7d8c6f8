"""When a file has stopped growing: what it looked like, how often, and for how long.  No disk, no clock.

A file is still after two intervals in which neither its size, time nor last bytes changed.  A kind of file
that is whole after each page waits longer: its end says nothing about the next page.  A file without its end
waits longest.  Times are seconds of a monotonic clock.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from generator.reading.ending import Ending

INTERVALS: Final = 2
"""Intervals between looks without a change."""
PAGE_WAIT: Final = 40.0
"""Seconds without a change for files that may get further pages: the next sheet is laid on the glass."""
UNFINISHED_WAIT: Final = 120.0
"""Seconds without a change for a file that lacks its end, or is empty."""


@dataclass(frozen=True, slots=True)
class Look:
    """A file at one moment."""

    size: int
    changed_ns: int
    inode: int
    ending: Ending

    @property
    def patience(self) -> float:
        """How long it must not change, in seconds."""
        if not self.ending.whole:
            return UNFINISHED_WAIT
        return PAGE_WAIT if self.ending.whole_after_each_page or self.ending.kind == "other" else 0.0


@dataclass(frozen=True, slots=True)
class Seen:
    """A look, since when it has been the same, and at how many looks."""

    look: Look
    since: float
    looks: int = 1

    def again(self, look: Look, now: float) -> Seen:
        """After another look at the same name."""
        return replace(self, looks=self.looks + 1) if look == self.look else Seen(look, now)

    def still(self, now: float) -> bool:
        """Whether it has stopped growing, as far as looks can tell."""
        return self.looks > INTERVALS and now - self.since >= self.look.patience

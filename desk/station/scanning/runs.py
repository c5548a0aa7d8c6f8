"""Separator runs: a separator says how many pages behind it are attachments of which file.

Only pages without any code of ours count, blank backs do not; the first page with a code ends the run, so
that nothing leaks into the file of the page before.  A run that comes out short goes to a person.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from archives.scans.pages import PageFacts
from archives.scans.separators import Separator
from desk.station.scanning.judging import Verdict

_WITHOUT_CODE: Final = frozenset({"no_code", "foreign"})


@dataclass(frozen=True, slots=True)
class RunPlace:
    """A page's place behind its separator."""

    print_id: str
    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class Run:
    """Where in a run the stack is; nothing is expected without separator."""

    separator: Separator | None = None
    came: int = 0

    def after(self, verdict: Verdict) -> tuple[Run, RunPlace | None]:
        """(the run behind this page, the page's place in it)."""
        if verdict.state == "blank":
            return self, None
        if verdict.separator is not None:
            return Run(verdict.separator), None
        if self.separator is None or verdict.reason not in _WITHOUT_CODE:
            return Run(), None
        place = RunPlace(self.separator.print_id, self.came + 1, self.separator.pages)
        ended = place.page == place.pages
        return (Run() if ended else replace(self, came=place.page)), place

    def after_row(self, page: PageFacts, separator: Separator | None = None) -> Run:
        """The run behind a page that has its row already."""
        if page.state == "blank":
            return self
        if separator is not None:
            return Run(separator)
        if self.separator is not None and page.reason == "attachment" and page.page != page.pages:
            return replace(self, came=page.page or 0)
        return Run()

"""What a scanned page is: its codes against the register of prints.

    PageReport ─► verdict without the archive ─► standing of its print ─► verdict with it

A page is filed by its code alone, and only when everything about its print is in order; all else waits for a
person with a reason.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from archives.archive import Unit
from archives.items.documents import DocumentFacts, print_named
from archives.items.records import LIVE, RecordFacts, record_facts
from archives.people.files import file_facts
from archives.scans.filing import scan_of_print
from archives.scans.pages import PageState, pages_of_print
from archives.scans.separators import Separator, find_separator
from desk.station.scanning.beside import filed_page
from generator.identity.print_id import PrintKind

if TYPE_CHECKING:
    from generator.identity.code import PageCode
    from generator.reading.report import PageReport

_TROUBLES: Final[Mapping[str, str]] = {
    "no code": "no_code",
    "foreign": "foreign",
    "refused": "refused",
    "sample": "sample",
    "double feed": "double_feed",
    "seen through": "seen_through",
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """State and reason of a page; ``printed`` is the print it belongs to, when that is sure."""

    state: PageState
    reason: str | None
    printed: DocumentFacts | None = None
    record: RecordFacts | None = None
    separator: Separator | None = None

    @property
    def readable(self) -> bool:
        """Whether its boxes and rooms are worth reading: a known print, nothing destroyed."""
        return self.printed is not None and self.printed.item_key is not None and self.record is not None


def verdict_of(unit: Unit, report: PageReport) -> Verdict:
    """What the page is, by its codes and the register of prints.

    *Duplicate* is said of the code: whether the page shows no more than its twin is asked in ``evidence``.
    """
    if report.outcome == "bad":
        return Verdict("waiting", "unreadable")
    if report.outcome == "blank":
        return Verdict("blank", None)
    reading = report.reading
    if reading is None or reading.identity is None:
        trouble = reading.trouble if reading is not None else None
        return Verdict("waiting", _TROUBLES[trouble or "no code"])
    return _with_identity(unit, reading.identity)


def _with_identity(unit: Unit, code: PageCode) -> Verdict:
    if code.working_copy:
        return Verdict("waiting", "working_copy")
    if code.kind is PrintKind.SERVICE:
        return Verdict("service", None, separator=find_separator(unit, code.print_id))
    if code.kind is PrintKind.BLANK:
        return Verdict("waiting", "blank_form")
    printed = print_named(unit, code.print_id)
    if printed is None or printed.record is None:
        return Verdict("waiting", "not_issued")
    return _of_print(unit, code, printed, record_facts(unit, printed.record))


def _of_print(unit: Unit, code: PageCode, printed: DocumentFacts, record: RecordFacts) -> Verdict:
    trouble = _trouble(unit, code, printed, record)
    if trouble is not None:
        return Verdict("waiting", trouble, printed, record)
    if scan_of_print(unit, printed.id) is not None:
        if filed_page(unit, printed.id, code.page) is None:
            return Verdict("waiting", "filed_without", printed, record)
        return Verdict("duplicate", "filed_before", printed, record)
    if _waits(unit, code):
        return Verdict("duplicate", "twice", printed, record)
    reason = "incomplete" if printed.revision == record.revision else "superseded"
    return Verdict("waiting", reason, printed, record)


def _trouble(unit: Unit, code: PageCode, printed: DocumentFacts, record: RecordFacts) -> str | None:
    if "destroy" in printed.state or "destroy" in record.state:
        return "destroyed"
    if printed.state != "present":
        return "void_print"
    if record.state not in LIVE:
        return "void_record"
    if code.pages != printed.pages:
        return "page_count"
    return None if file_facts(unit, printed.file).state == "open" else "file_closed"


def _waits(unit: Unit, code: PageCode) -> bool:
    return any(
        page.page == code.page and page.state == "waiting" for page in pages_of_print(unit, code.print_id)
    )

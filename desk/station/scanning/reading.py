"""Reading the boxes and rooms of a page whose print is known, and comparing them with the record."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archives.errors import ArchiveError, StoreUnusable
from archives.items.documents import DocumentFacts
from desk.station.scanning.comparing import compare, place_of
from desk.station.scanning.page_note import PageNote, note_of_source
from generator.errors import GeneratorError

if TYPE_CHECKING:
    from desk.station.scanning.judging import Verdict
    from desk.station.scanning.prints import Prints
    from generator.reading.container import SourcePage
    from generator.reading.report import FieldReport, PageReport


_BY_HAND = ("tick", "signature")
"""Places where what is new is told from print."""


def fields_of(report: PageReport, printed: DocumentFacts, prints: Prints) -> FieldReport:
    """Boxes and rooms of a page of this print.

    Raises StoreUnusable, and what a print that cannot be read raises (ArchiveError, GeneratorError).
    """
    from generator.reading.report import read_fields

    assert report.reading is not None  # noqa: S101 - its code was read
    number = report.reading.identity.page if report.reading.identity else 1
    page_map = prints.get(printed).page_map
    looked_at = any(entry.page == number and entry.kind in _BY_HAND for entry in page_map.entries)
    expected = prints.picture(printed, number) if looked_at or report.reading.found != "both" else None
    return read_fields(report, page_map, expected=expected)


def read_note(
    page: SourcePage, report: PageReport, verdict: Verdict, prints: Prints
) -> tuple[PageNote, FieldReport | None]:
    """What is on the page; trouble with its print leaves it unread, for a person."""
    assert report.reading is not None  # noqa: S101 - its code was read
    assert verdict.printed is not None  # noqa: S101 - it is readable
    plain = note_of_source(page, report.reading.angle)
    try:
        printed = prints.get(verdict.printed)
        fields = fields_of(report, verdict.printed, prints)
    except StoreUnusable:
        raise
    except (ArchiveError, GeneratorError) as error:
        return _unread(plain, error.message), None
    if fields.registration is None:
        return _unread(plain, fields.reason or "不能定位"), fields
    differences = compare(printed.form, printed.answers, fields, printed.page_map)
    note = PageNote(
        plain.width, plain.height, plain.dpi, plain.rotation, plain.angle,
        fields.registration.matrix, None,
        tuple(one.to_dict() for one in differences),
        tuple((place_of(room.entry), room.ink, room.sure) for room in fields.signatures),
    )  # fmt: skip
    return note, fields


def _unread(plain: PageNote, why: str) -> PageNote:
    return PageNote(plain.width, plain.height, plain.dpi, plain.rotation, plain.angle, unread=why)

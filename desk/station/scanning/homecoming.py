"""Prints come home whole: their pages, whatever order they came in, become one document in page order."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from archives.archive import Unit
from archives.errors import AccessDenied, AlreadyThere, ArchiveError, StateForbids, StoreUnusable
from archives.items.documents import DocumentFacts, Stored, document_facts, store
from archives.items.records import LIVE, record_facts
from archives.items.titles import separator_title
from archives.people.files import file_facts
from archives.scans.batches import batches
from archives.scans.filing import file_attachment, file_print, scan_of_print
from archives.scans.pages import PageFacts, give_reason, pages_waiting, reading_of, stream_of
from archives.scans.separators import find_separator
from desk.station.opening import OpenStation
from desk.station.scanning.comparing import Room, all_signed, required_rooms
from desk.station.scanning.page_note import PageNote, from_json
from desk.station.scanning.prints import Print, Prints
from generator.errors import GeneratorError
from generator.reading.binding import BoundPage, bind


@dataclass(frozen=True, slots=True)
class Filed:
    """One document that came home."""

    document: int
    file: int
    record: int | None
    pages: int
    signed: bool
    questions: int


@dataclass(frozen=True, slots=True)
class Missing:
    """A print of which pages are still out."""

    print_id: str
    document: int
    pages: int
    missing: tuple[int, ...]


def file_whole(station: OpenStation, prints: Prints) -> tuple[Filed, ...]:
    """File every print and every attachment of which all pages are there."""
    with station.archive.looking(station.actor) as unit:
        waiting = pages_waiting(unit)
        coming = {batch.id for batch in batches(unit, "receiving")}
    told = []
    for group in _groups(waiting, "incomplete"):
        if (whole := _whole(group)) and (filed := _or_waits(station, whole, partial(_file, prints=prints))):
            told.append(filed)
    # The rest of a run may still lie in a file that was interrupted: it is not short before the file is in.
    for group in _runs([page for page in waiting if page.batch not in coming]):
        if filed := _or_waits(station, group, _attach):
            told.append(filed)
    return tuple(told)


def _or_waits(
    station: OpenStation,
    pages: Sequence[PageFacts],
    act: Callable[[OpenStation, Sequence[PageFacts]], Filed | None],
) -> Filed | None:
    """What the act files; pages that cannot be put together wait for a person and keep nobody else waiting.

    Raises StoreUnusable: a full disk is no trouble of these pages.
    """
    try:
        return act(station, pages)
    except (StoreUnusable, AccessDenied):
        raise
    except (ArchiveError, GeneratorError):
        _wait(station, pages, "not_bound")
        return None


def missing_pages(unit: Unit) -> list[Missing]:
    """Prints that came home in part, with the pages still out."""
    told = []
    for pages in _groups(pages_waiting(unit), "incomplete"):
        here = {page.page for page in pages}
        total, document = pages[0].pages or 0, pages[0].print_document
        out = tuple(number for number in range(1, total + 1) if number not in here)
        if out and document is not None:
            told.append(Missing(pages[0].print_id or "", document, total, out))
    return told


def file_as_is(station: OpenStation, pages: Sequence[PageFacts]) -> Filed:
    """File the pages of one print that are there, as a person decided.

    Raises AlreadyThere, StateForbids, StoreUnusable.
    """
    ordered = sorted(pages, key=lambda page: page.page or 0)
    printed, notes, stored = _prepared(station, ordered, Prints(station.archive, station.actor))
    asked = [one for page, note in zip(ordered, notes, strict=True) for one in note.asked(page.page or 1)]
    with station.acting("scan.file") as unit:
        document = file_print(unit, printed.document.id, ordered, stored, asked, signed=False)
    return Filed(document, printed.document.file, printed.document.record, len(ordered), False, len(asked))


def bind_pages(station: OpenStation, pages: Sequence[PageFacts]) -> tuple[list[PageNote], Stored]:
    """The pages as one PDF that is on the disk."""
    notes, bound = [], []
    for page in pages:
        raw = reading_of(station.archive, page)
        note = from_json(raw) if raw is not None else PageNote(0, 0, None, 0)
        notes.append(note)
        bound.append(
            BoundPage(
                stream_of(station.archive, page), page.media_type or "", note.width, note.height,
                note.dpi, note.matrix, note.angle, note.rotation,
            )
        )  # fmt: skip
    return notes, store(station.archive, bind(bound))


def _file(station: OpenStation, pages: Sequence[PageFacts], prints: Prints) -> Filed | None:
    with station.archive.looking(station.actor) as unit:
        late = _too_late(unit, pages[0].print_document or 0)
    if late is not None:
        _wait(station, pages, late)
        return None
    printed, notes, stored = _prepared(station, pages, prints)
    asked = [one for page, note in zip(pages, notes, strict=True) for one in note.asked(page.page or 1)]
    rooms = [room for note in notes for room in note.rooms]
    signed = not any(note.unread for note in notes) and _signed(printed, rooms)
    try:
        with station.acting("scan.file") as unit:
            document = file_print(unit, printed.document.id, pages, stored, asked, signed=signed)
    except (AlreadyThere, StateForbids):
        return None  # somebody was faster by a moment; why the pages wait is found the next time
    return Filed(document, printed.document.file, printed.document.record, len(pages), signed, len(asked))


def _signed(printed: Print, rooms: Sequence[Room]) -> bool:
    """A form that obliges nobody to sign is never signed by itself."""
    must = required_rooms(printed.form, printed.answers, printed.page_map)
    return bool(must) and all_signed(printed.form, printed.answers, printed.page_map, rooms)


def _too_late(unit: Unit, print_document: int) -> str | None:
    """Why a print that is whole cannot be filed any more, though each of its pages could when it came."""
    printed = document_facts(unit, print_document)
    record = record_facts(unit, printed.record or 0)
    if "destroy" in printed.state or "destroy" in record.state:
        return "destroyed"
    if printed.state != "present":
        return "void_print"
    if record.state not in LIVE:
        return "void_record"
    if scan_of_print(unit, print_document) is not None:
        return "filed_before"
    if file_facts(unit, printed.file).state != "open":
        return "file_closed"
    return None if printed.revision == record.revision else "superseded"


def _wait(station: OpenStation, pages: Sequence[PageFacts], reason: str) -> None:
    with station.acting("scan.reason") as unit:
        give_reason(unit, [page.id for page in pages], reason)


def _prepared(
    station: OpenStation, pages: Sequence[PageFacts], prints: Prints
) -> tuple[Print, list[PageNote], Stored]:
    with station.archive.looking(station.actor) as unit:
        document: DocumentFacts = document_facts(unit, pages[0].print_document or 0)
    notes, stored = bind_pages(station, pages)
    return prints.get(document), notes, stored


def _attach(station: OpenStation, pages: Sequence[PageFacts]) -> Filed | None:
    with station.archive.looking(station.actor) as unit:
        separator = find_separator(unit, pages[0].print_id or "")
    if separator is None or [page.page for page in pages] != list(range(1, separator.pages + 1)):
        _wait(station, pages, "attachment_short")
        return None
    _, stored = bind_pages(station, pages)
    try:
        with station.acting("scan.file") as unit:
            document = file_attachment(
                unit,
                separator.file,
                separator.record,
                pages,
                stored,
                separator_title(unit, separator.print_id),
            )
    except StateForbids:
        _wait(station, pages, "file_closed")
        return None
    return Filed(document, separator.file, separator.record, len(pages), False, 0)


def _groups(pages: Sequence[PageFacts], reason: str) -> list[list[PageFacts]]:
    """Waiting pages by their print."""
    groups: dict[str, list[PageFacts]] = defaultdict(list)
    for page in pages:
        if page.reason == reason and page.print_id is not None:
            groups[page.print_id].append(page)
    return list(groups.values())


def _runs(pages: Sequence[PageFacts]) -> list[list[PageFacts]]:
    """Waiting pages by the separator before them, each time it was used."""
    runs: list[list[PageFacts]] = []
    for page in pages:
        if page.reason != "attachment":
            continue
        if not runs or not _follows(runs[-1][-1], page):
            runs.append([])
        runs[-1].append(page)
    return runs


def _follows(before: PageFacts, page: PageFacts) -> bool:
    place = (before.batch, before.print_id, (before.page or 0) + 1)
    return place == (page.batch, page.print_id, page.page)


def _whole(group: Sequence[PageFacts]) -> list[PageFacts]:
    """The group in page order when every page is there, else nothing."""
    by_page = {page.page: page for page in group}
    total = group[0].pages or 0
    numbers = range(1, total + 1)
    return [by_page[number] for number in numbers] if total and set(by_page) == set(numbers) else []

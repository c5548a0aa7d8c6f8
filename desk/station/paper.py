"""Papers filed by hand: signed scans and attachments, counted, checked against the print, never changed.

file ─► what is it, how many pages ─► which print came home ─► store bytes ─► add_document (one act)
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from archives.archive import Unit
from archives.errors import AlreadyThere, InputRefused, NotFound, StateForbids
from archives.items.documents import (
    DocumentEntry,
    DocumentFacts,
    add_document,
    content_of,
    document_facts,
    documents_of,
    open_document,
    store,
    void_document,
)
from archives.items.records import STATE_NAMES, RecordFacts, mark_signed, record_facts
from archives.items.titles import set_title, titles_of
from archives.people.files import FileFacts, file_facts, find_file
from desk.station.counting import Counted, count_pages
from desk.station.opening import OpenStation
from desk.station.programs import examined
from desk.station.records import found, opening, reading
from desk.station.standing import RUNNING, part_of, part_of_document, standing_of

if TYPE_CHECKING:
    from archives.log.purposes import Purpose

Kind = Literal["scan", "attachment"]
KINDS: dict[str, str] = {"scan": "签字扫描件", "attachment": "附件", "issued": "打印件"}


@dataclass(frozen=True, slots=True)
class Brought:
    """A file as it is brought in, and what the person bringing it says of it."""

    content: bytes
    kind: Kind
    record: str | None = None
    """档号 or ``#id`` of its record; an attachment may belong to the file alone."""
    file: str | None = None
    print_id: str | None = None
    """Of which issued print it is the scan; else the latest."""
    signed: bool = False
    """All signatures and seals are on it: the record becomes a signed one."""
    paper_pages: int | None = None
    """Pages of the paper by hand, when no print of the record was issued here."""
    with_programs: bool = False
    """Somebody knows that a program is in it, and it is to be kept all the same."""
    title: str | None = None
    """What an attachment is called; never a person's name."""


@dataclass(frozen=True, slots=True)
class Filed:
    """A document as it was filed."""

    document: int
    file: FileFacts
    record: RecordFacts | None
    pages: int
    media_type: str
    sha256: str
    of_print: str | None
    printed_pages: int | None
    programs: tuple[str, ...] = ()
    """Kinds of programs in it."""


def file_paper(station: OpenStation, brought: Brought) -> Filed:
    """File a scan or an attachment.

    Raises InputRefused (another kind of file, pages missing), ProgramInside, AlreadyThere (these bytes are
    filed), StateForbids, AccessDenied, NotFound.
    """
    record, file = _target(station, brought)
    station.allow(_filing(station, file), file=file.id, part=RUNNING if record is None else part_of(record))
    counted = count_pages(brought.content)
    programs = examined(brought.content, allowed=brought.with_programs)
    with station.archive.looking(station.actor) as unit:
        _refuse_second_time(unit, file, record, brought)
        origin = None if record is None else _print_of(unit, record, brought)
    printed = brought.paper_pages if origin is None else origin.pages
    if brought.signed:
        _require_all_pages(record, counted, printed)
        _require_present(record, origin)
    stored = store(station.archive, brought.content)
    with station.acting("document.add") as unit:
        document = add_document(
            unit, file.id, stored,
            DocumentEntry(
                brought.kind, counted.media_type, counted.pages, record.id if record else None,
                revision=record.revision if record else None, of_document=origin.id if origin else None,
                programs=programs,
            ),
        )  # fmt: skip
        if brought.kind == "attachment":
            set_title(unit, document, brought.title)
        if brought.signed and record is not None:
            mark_signed(unit, record.id)
            record = record_facts(unit, record.id)
    return Filed(
        document, file, record, counted.pages, counted.media_type, stored.sha256,
        origin.print_id if origin else None, printed, programs,
    )  # fmt: skip


def _filing(station: OpenStation, file: FileFacts) -> str:
    """The act of filing a paper: a site's own papers belong to nobody's caseload."""
    own = file.kind == "series" and "records" not in station.actor.roles
    return "series.write" if own else "document.file"


def _target(station: OpenStation, brought: Brought) -> tuple[RecordFacts | None, FileFacts]:
    if brought.record is not None:
        record, file = found(station, brought.record)
        if record.state in ("void", "destroying", "destroyed"):
            raise StateForbids(f"这一件的状态是“{STATE_NAMES[record.state]}”，不能归入文件。")
        return record, file
    if brought.file is None or brought.kind == "scan":
        raise InputRefused("请用 --record 指明归入哪一件。", hint="附件也可用 --file 直接归入案卷。")
    with station.archive.looking(station.actor) as unit:
        return None, find_file(unit, brought.file)


def _refuse_second_time(unit: Unit, file: FileFacts, record: RecordFacts | None, brought: Brought) -> None:
    """A paper is filed once: the same bytes at the same place again would count its pages twice."""
    place, digest = record.id if record else None, hashlib.sha256(brought.content).hexdigest()
    for one in documents_of(unit, file=file.id):
        if (one.record, one.kind, one.state, one.sha256) == (place, brought.kind, "present", digest):
            raise AlreadyThere(
                f"同一个文件已经归入这里（文件编号 {one.id}），没有再归入。",
                hint="归错了件的，先用 kangdang document void 作废那一个。",
            )


def _print_of(unit: Unit, record: RecordFacts, brought: Brought) -> DocumentFacts | None:
    """The issued print a scan came home for: the one named, else copy 1 of the latest."""
    if brought.kind != "scan":
        return None
    issued = [
        one for one in documents_of(unit, record=record.id) if one.kind == "issued" and one.state == "present"
    ]
    if brought.print_id is not None:
        named = [one for one in issued if one.print_id == brought.print_id.strip().upper()]
        if not named:
            raise NotFound("这一件没有这个打印编号的打印件。", hint="打印编号在页码旁，10 位数字和字母。")
        return named[0]
    first = [one for one in issued if one.copy == 1]
    return first[-1] if first else None


def _require_all_pages(record: RecordFacts | None, counted: Counted, printed: int | None) -> None:
    if record is None:
        raise InputRefused("附件不能标为已签字。", hint="请去掉 --signed。")
    if record.state != "final":
        raise StateForbids(
            f"这一件的状态是“{STATE_NAMES[record.state]}”，不能标为已签字。",
            hint="只有定稿的件可以标为已签字。",
        )
    if printed is None:
        raise InputRefused(
            "这一件没有打印过，不知道应有几页。",
            hint="请先 kangdang record issue，或用 --paper-pages 写明纸质页数。",
        )
    if counted.pages != printed:
        raise InputRefused(
            f"打印件 {printed} 页，扫描件 {counted.pages} 页，页数不符，没有归入。",
            hint="请把全部页面扫描成一个文件；空白背面不要扫描。",
        )


def _require_present(record: RecordFacts | None, origin: DocumentFacts | None) -> None:
    if record is not None and origin is not None and origin.revision != record.revision:
        raise StateForbids(
            f"扫描件签的是第 {origin.revision} 稿，现在是第 {record.revision} 稿，不能标为已签字。",
            hint="请打印现在这一稿，重新签字后扫描。",
        )


# --- reading ----------------------------------------------------------------------------------------------


def papers(
    station: OpenStation, number: str, purpose: Purpose | None = None
) -> tuple[Sequence[DocumentFacts], Mapping[int, str]]:
    """The documents of a file, or of one record (``#id`` or 档号 of an item), and titles of attachments.

    The looking is on the log.

    Raises AccessDenied, PurposeNeeded, StateForbids, NotFound.
    """
    record, file = _named(station, number)
    part = RUNNING if record is None else part_of(record)
    station.allow(reading(file), file=file.id, purpose=purpose, part=part)
    with station.acting("document.list") as unit:
        told = documents_of(unit, file=file.id) if record is None else documents_of(unit, record=record.id)
        told = [one for one in told if _told(unit, one)]
        unit.log(
            "document.list", f"file:{file.id}", chain=file.id, purpose=purpose,
            detail={"count": len(told), "record": record.id if record else None},
        )  # fmt: skip
        return told, titles_of(unit, file.id)


def _told(unit: Unit, document: DocumentFacts) -> bool:
    """Whether a list tells of the document: those of closed volumes are seen on request."""
    facts = file_facts(unit, document.file)
    seen = standing_of(unit, facts, part_of_document(unit, document))
    return facts.kind == "series" or seen.granted or not seen.closed


def _named(station: OpenStation, number: str) -> tuple[RecordFacts | None, FileFacts]:
    try:
        return found(station, number)
    except NotFound:
        with station.archive.looking(station.actor) as unit:
            return None, find_file(unit, number)


def allow_paper(station: OpenStation, document_id: int, purpose: Purpose | None) -> None:
    """Go on only if this person may open the document.

    Raises AccessDenied, PurposeNeeded, StateForbids, NotFound.
    """
    with station.archive.looking(station.actor) as unit:
        document = document_facts(unit, document_id)
        file, part = file_facts(unit, document.file), part_of_document(unit, document)
        record = None if document.record is None else record_facts(unit, document.record)
    station.allow(opening(file, record), file=file.id, purpose=purpose, part=part)


def read_paper(
    station: OpenStation, document_id: int, purpose: Purpose | None = None
) -> tuple[DocumentFacts, bytes]:
    """A document's bytes; the export is on the log before they are told.

    Raises AccessDenied, PurposeNeeded, StateForbids, NotFound, ItemUnreadable.
    """
    allow_paper(station, document_id, purpose)
    with station.acting("document.export") as unit:
        facts = open_document(unit, document_id, purpose=purpose, action="document.export")
    return facts, content_of(station.archive, facts)


def make_paper_void(station: OpenStation, document_id: int, reason: str) -> None:
    """A document filed by mistake stays, marked.  Raises AccessDenied, StateForbids, NotFound."""
    with station.archive.looking(station.actor) as unit:
        document = document_facts(unit, document_id)
        file, part = file_facts(unit, document.file), part_of_document(unit, document)
    station.allow(_filing(station, file), file=file.id, part=part)
    with station.acting("document.void") as unit:
        void_document(unit, document_id, reason)

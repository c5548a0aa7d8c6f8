"""The queue: pages that wait for a person, one by one or as the group they belong to.

Every look at a page is on the log before it is shown; every decision says who.  A page whose code says whose
it is can only go there, or be rejected.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from archives.archive import Unit
from archives.errors import InputRefused, NotFound, StateForbids
from archives.items.documents import (
    DocumentFacts,
    content_of,
    document_facts,
    documents_of,
    open_document,
)
from archives.items.records import record_facts
from archives.people.files import file_facts, find_file
from archives.scans.batches import STATE_NAMES, Ledger, batch_facts, batches, ledger
from archives.scans.blanks import batches_with_unseen
from archives.scans.filing import file_attachment
from archives.scans.pages import (
    PageFacts,
    page_facts,
    pages_in,
    pages_waiting,
    point_to,
    reading_of,
    require_open,
    settle,
    stream_of,
)
from archives.scans.reasons import REASONS, WAITING_ALONE
from archives.scans.successors import successors
from desk.station.opening import OpenStation
from desk.station.paper import allow_paper
from desk.station.records import found
from desk.station.scanning.beside import filed_twin, page_picture
from desk.station.scanning.changes import changed_since
from desk.station.scanning.homecoming import Filed, Missing, bind_pages, file_as_is, missing_pages
from desk.station.scanning.page_note import from_json, registration_of
from desk.station.scanning.receiving import settle as settle_all
from desk.station.standing import RUNNING, Part, part_of, part_of_document, telling

if TYPE_CHECKING:
    from archives.log.purposes import Purpose
    from generator.reading.page_image import PageImage

ACCEPTABLE = (
    "superseded", "incomplete", "page_count", "not_bound", "by_hand", "differs", "only_copy", "filed_without",
    "no_print",
)  # fmt: skip
"""Reasons with which the pages of a print may still be filed as what their codes say."""
ASSIGNABLE = frozenset({
    "no_code", "foreign", "refused", "working_copy", "blank_form", "not_issued", "attachment",
    "attachment_short", "by_hand", "seen_through",
})  # fmt: skip
"""Reasons with which a person may say where a page belongs: no code of a known print contradicts."""
_ASKED = frozenset({"differs", "only_copy", "filed_without", "no_print"})


@dataclass(frozen=True, slots=True)
class Waiting:
    """A page in the queue; ``belongs`` is what its code says, without the person's name."""

    page: PageFacts
    sentence: str
    belongs: str | None


@dataclass(frozen=True, slots=True)
class BatchLine:
    """A batch as it is listed."""

    id: int
    state: str
    received_at: datetime
    ledger: Ledger
    gone_by: str | None
    unseen: int = 0
    """Blank pages nobody looked at: they keep the batch from being cleared."""
    whole_in: int | None = None
    """The batch that received the same file whole; this one took it while it was still written."""


@dataclass(frozen=True, slots=True)
class Overview:
    """All batches, what is still out, and what waits."""

    batches: tuple[BatchLine, ...]
    missing: tuple[tuple[str, Missing], ...]
    """(档号 or number of the record, what is missing)."""


def overview(station: OpenStation, batch: int | None = None) -> Overview:
    """How the batches stand, and what is out of files this person may see.  Raises AccessDenied, NotFound."""
    station.allow("scan.status")
    with station.archive.looking(station.actor) as unit:
        rows = batches(unit) if batch is None else [batch_facts(unit, batch)]
        later = successors(unit)
        unseen = {one.batch: one.pages for one in batches_with_unseen(unit)}
        lines = tuple(
            BatchLine(
                one.id, one.state, datetime.fromisoformat(one.received_at), ledger(unit, one.id),
                one.gone_by.isoformat() if one.gone_by else None, unseen.get(one.id, 0), later.get(one.id),
            )
            for one in rows
        )  # fmt: skip
        tells = telling(unit)
        out = [(document_facts(unit, one.document), one) for one in missing_pages(unit)]
        missing = tuple(
            (where_of(unit, facts), one)
            for facts, one in out
            if tells(facts.file, part_of_document(unit, facts))
        )
    return Overview(lines, missing)


def waiting(station: OpenStation, *, everything: bool = False) -> tuple[Waiting, ...]:
    """The queue; with ``everything`` also pages that only wait for others of their print."""
    station.allow("scan.queue")
    with station.archive.looking(station.actor) as unit:
        later = successors(unit)
        return tuple(
            _waiting(unit, page, later)
            for page in pages_waiting(unit)
            if everything or page.reason not in WAITING_ALONE
        )


def pages_of(station: OpenStation, batch: int) -> tuple[Waiting, ...]:
    """Every page of a batch and what became of it."""
    station.allow("scan.queue")
    with station.archive.looking(station.actor) as unit:
        batch_facts(unit, batch)
        later = successors(unit)
        return tuple(_waiting(unit, page, later) for page in pages_in(unit, batch))


def unfinished(whole_in: int) -> str:
    """What is said of a batch whose file was still written when it was taken."""
    return f"这一批是没写完的文件，完整的见第 {whole_in} 批"


def _waiting(unit: Unit, page: PageFacts, later: Mapping[int, int]) -> Waiting:
    belongs = None
    if page.print_document is not None:
        belongs = f"{where_of(unit, document_facts(unit, page.print_document))} 第{page.page}页"
    elif page.filed_as is not None:
        belongs = where_of(unit, document_facts(unit, page.filed_as))
    sentence = REASONS[page.reason] if page.reason else STATE_NAMES[page.state]
    if page.batch in later:
        sentence += f"；{unfinished(later[page.batch])}"
    return Waiting(page, sentence, belongs)


def where_of(unit: Unit, document: DocumentFacts) -> str:
    """Number and title of what a document belongs to."""
    if document.record is None:
        return file_facts(unit, document.file).number
    record = record_facts(unit, document.record)
    return f"{record.ref_code or file_facts(unit, document.file).number}《{record.title}》"


# --- looking ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Shown:
    """What a person sees of a page: the straightened picture; of a duplicate also the one that is filed."""

    waiting: Waiting
    picture: bytes | None
    filed: bytes | None = None
    changed: tuple[str, ...] = ()
    """Captions of what was corrected since the page was printed."""
    twin: bool = False
    """Whether the page is filed already, so that ``filed`` is there for who says a purpose."""


def show(station: OpenStation, page_id: int, purpose: Purpose | None = None) -> Shown:
    """The picture of a page; the looking is on the log.

    With a purpose a duplicate is shown with the page that is filed, which is reading that document.
    Raises AccessDenied, StateForbids, NotFound, ItemUnreadable.
    """
    station.allow("scan.queue")
    with station.archive.looking(station.actor) as unit:
        twin = filed_twin(unit, page_facts(unit, page_id))
    beside = twin if purpose is not None else None
    if beside is not None:
        allow_paper(station, beside[0].id, purpose)
    with station.acting("scan.read") as unit:
        page = page_facts(unit, page_id)
        unit.log("scan.read", f"page:{page_id}", detail={"scan": page.batch, "number": page.number})
        if beside is not None:
            open_document(unit, beside[0].id, purpose=purpose)
        told = _waiting(unit, page, successors(unit))
        changed = _changed(unit, page)
    picture = view_of(station, page) if page.blob is not None else None
    filed = page_picture(content_of(station.archive, beside[0]), beside[1]) if beside is not None else None
    return Shown(told, picture, filed, changed, twin is not None)


def _changed(unit: Unit, page: PageFacts) -> tuple[str, ...]:
    if page.reason != "superseded" or page.print_document is None:
        return ()
    return changed_since(unit, document_facts(unit, page.print_document))


def view_of(station: OpenStation, page: PageFacts) -> bytes:
    """The page upright and straight, a grey JPEG.  Raises ItemUnreadable, ScanUnusable."""
    from generator.reading.codes import PageReading
    from generator.reading.straighten import straightened

    raw = reading_of(station.archive, page)
    note = from_json(raw) if raw is not None else None
    image = image_of(station, page)
    if note is None:
        return straightened(image, None, None)
    turned = PageReading((), None, None, None, 0, 0, note.angle)
    return straightened(image, turned, registration_of(note), rotation=note.rotation)


def image_of(station: OpenStation, page: PageFacts) -> PageImage:
    """The page as a picture."""
    from generator.reading.page_image import PageImage, measured

    stream = stream_of(station.archive, page)
    width, height, _, dpi, _ = measured(stream)
    return PageImage(stream, width, height, dpi)


# --- deciding ---------------------------------------------------------------------------------------------


def accept(station: OpenStation, page_id: int) -> Filed:
    """File the pages of this page's print that are there, though some are out or the print is an older one.

    Raises StateForbids (its reason allows no filing, or the print is filed), AccessDenied, NotFound.
    """
    station.allow("scan.queue")
    with station.archive.looking(station.actor) as unit:
        page = require_open(page_facts(unit, page_id))
        if page.print_document is None or page.reason not in ACCEPTABLE:
            raise StateForbids(
                f"第 {page_id} 号扫描页不能直接归档：{_sentence(page)}。",
                hint="请用 kangdang scan assign 指定归入哪里，或用 kangdang scan reject 退回。",
            )
        group = [
            one for one in pages_waiting(unit)
            if one.print_document == page.print_document and one.reason in ACCEPTABLE
        ]  # fmt: skip
    filed = file_as_is(station, _each_page_once(group, page))
    _after(station)
    return filed


def _each_page_once(group: Iterable[PageFacts], named: PageFacts) -> list[PageFacts]:
    """The page a person named, and of every other page one: what nothing speaks against, else the latest.

    A page without print is only taken when it is named itself.
    """
    others = [page for page in group if page.page != named.page and page.reason != "no_print"]
    ordered = sorted(others, key=lambda page: (page.reason not in _ASKED, page.id))
    return [named, *{page.page: page for page in ordered}.values()]


def assign_to_print(station: OpenStation, page_id: int, print_id: str, number: int) -> None:
    """Say that a page without a usable code is page ``number`` of an issued print.

    Raises InputRefused, StateForbids, NotFound, AccessDenied.
    """
    station.allow("scan.queue")
    with station.acting("scan.assign") as unit:
        from archives.items.documents import print_named

        _require_assignable(page_facts(unit, page_id))
        printed = print_named(unit, print_id.strip().upper())
        if printed is None or printed.record is None:
            raise NotFound("没有登记过这个打印编号。", hint="打印编号在页码旁，10 位数字和字母。")
        if not 1 <= number <= printed.pages:
            raise InputRefused(f"这份打印件只有 {printed.pages} 页。")
        point_to(unit, page_id, printed.print_id or "", number, printed.pages, printed.id)
    _after(station)


def assign_to_file(
    station: OpenStation, page_ids: Sequence[int], number: str, title: str | None = None
) -> Filed:
    """File pages as an attachment of a file (档号 …) or of a record (``#id``, 档号 of an item).

    Raises InputRefused, StateForbids, NotFound, AccessDenied.
    """
    station.allow("scan.queue")
    if not page_ids or len(set(page_ids)) != len(page_ids):
        raise InputRefused("请列出要归入的扫描页，每页一次。")
    record_id: int | None = None
    part: Part = RUNNING
    try:
        record, file = found(station, number)
        record_id, part = record.id, part_of(record)
    except NotFound:
        with station.archive.looking(station.actor) as unit:
            file = find_file(unit, number)
    station.allow("document.file", file=file.id, part=part)
    with station.archive.looking(station.actor) as unit:
        pages = [_require_assignable(page_facts(unit, page)) for page in page_ids]
    _, stored = bind_pages(station, pages)
    with station.acting("scan.file") as unit:
        document = file_attachment(unit, file.id, record_id, pages, stored, title)
    _after(station)
    return Filed(document, file.id, record_id, len(pages), False, 0)


def _require_assignable(page: PageFacts) -> PageFacts:
    require_open(page)
    if page.print_document is not None:
        raise StateForbids(
            f"第 {page.id} 号扫描页上的页码已写明它属于哪里，不能另行指定。",
            hint="请等其他页到齐，或用 kangdang scan accept 照页码归档；"
            "不归档的用 kangdang scan reject 退回。",
        )
    if page.reason not in ASSIGNABLE or page.blob is None:
        raise StateForbids(
            f"第 {page.id} 号扫描页不能另行指定：{_sentence(page)}。",
            hint="请用 kangdang scan reject 退回，重新扫描。",
        )
    return page


Settled = Literal["blank", "service", "rejected", "waiting"]


def decide(station: OpenStation, page_ids: Sequence[int], state: Settled, reason: str | None = None) -> None:
    """Say that pages are blank, service sheets or rejected; or take such a word back (``waiting``).

    Raises StateForbids, NotFound, AccessDenied.
    """
    station.allow("scan.queue")
    with station.acting("scan.settle") as unit:
        for page_id in page_ids:
            settle(unit, page_id, state, reason or ("by_hand" if state == "waiting" else None))
    _after(station)


def _after(station: OpenStation) -> None:
    settle_all(station)


def _sentence(page: PageFacts) -> str:
    return REASONS[page.reason] if page.reason else STATE_NAMES[page.state]


def scans_of_record(unit: Unit, record: int) -> list[DocumentFacts]:
    """The signed scans of a record."""
    return [one for one in documents_of(unit, record=record) if one.kind == "scan" and one.state == "present"]

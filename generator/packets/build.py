"""CASE → packet: the one spine of packets.

    survey ─► papers laid out ─► volume numbers ─► cover + contents ─► leaves ─► one PDF/A-2b

Papers are joined as layouts and drawn once; nothing is merged afterwards, so the mark of PDF/A holds.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from generator.identity.placement import overlay
from generator.identity.print_id import PrintKind
from generator.packets import sheets
from generator.packets.case import Case
from generator.packets.listing import ARCHIVE, with_file_facts
from generator.packets.papers import (
    IdSource,
    Kits,
    Laid,
    PacketOptions,
    Refused,
    laid_out,
    nothing_to_print,
    page_counter,
    sheets_of,
)
from generator.packets.pen import Pen
from generator.packets.survey import Survey, survey
from generator.render import PrintIdentity, form_kit, page_codes
from generator.typeset.model import Bookmark, Layout, PageLayout, PageLink, PageOverlay, Rect

if TYPE_CHECKING:
    from generator.packets.scans import BoundScan
    from generator.typeset.fonts import FontSet

_INDENT = "　　　　"
_NOTHING_OVER = PageOverlay((), ())


class PacketDocument(NamedTuple):
    """One printed copy of one paper, and where in the packet it lies."""

    laid: Laid
    first_page: int
    """In the file, from 1."""
    volume_page: int | None
    """卷内 number of its first page; None for copies that are not filed and papers that are not numbered."""


class BoundPages(NamedTuple):
    """Where a bound scan lies."""

    name: str
    pages: int
    first_page: int
    volume_page: int


@dataclass(frozen=True, slots=True)
class Packet:
    """A finished packet."""

    survey: Survey
    content: bytes = field(repr=False)
    pages: int
    service: PrintIdentity
    """The identity cover and contents share."""
    service_pages: int
    documents: tuple[PacketDocument, ...]
    refused: tuple[Refused, ...]
    bound: tuple[BoundPages, ...] = ()
    glyph_gaps: tuple[str, ...] = ()


@dataclass(slots=True)
class _Part:
    """Pages that begin a leaf together; ``number`` is the first 卷内 number."""

    title: str
    pages: Sequence[PageLayout]
    codes: Sequence[str] = ()
    number: int | None = None
    printed_number: bool = True
    level: int = 1
    first: int = 0
    """Page in the file, from 0; set when the leaves are counted."""


def build_packet(
    name: str,
    case: Case,
    options: PacketOptions,
    ids: IdSource,
    fonts: FontSet,
    *,
    kits: Kits = form_kit,
    scans: Sequence[BoundScan] = (),
    originals: Sequence[tuple[str, int]] = (),
) -> Packet:
    """Make the packet ``name`` of a case that ``read_case`` found sound.

    ``originals`` (name, pages) are listed in the contents; appending them is ``original.append_originals``'s.

    Raises PacketNotFound, PacketEmpty when there is nothing to print, and what concerns every paper alike
    (FontMissing, KeyInvalid).  A paper with errors is not printed as official but listed in ``refused``.
    """
    if name == ARCHIVE:
        case = with_file_facts(case, options.at, page_counter(options, fonts, kits))
    look = survey(name, case, options.at)
    service = PrintIdentity(ids(PrintKind.SERVICE), options.at, options.key)
    laid, refused = laid_out(sheets_of(look, case, options), options, ids, fonts, kits)
    if not laid and not scans and not originals:
        raise nothing_to_print(look, refused)
    pen = Pen(fonts, gap=True)
    filed, others = _parts(laid, scans, options.first_number)
    appended = list(_appended(filed, originals, options.first_number))
    front = _front(look, case, options, service, filed, others, laid, refused, appended, pen)
    parts = [*front.parts, *filed, *others]
    pages, overlays = _leaves(parts, options, pen, demo=service.demo)
    content = _draw(look.spec.title, pages, overlays, parts, filed, front, options, fonts)
    gaps = [gap for paper in laid for gap in paper.glyph_gaps]
    return Packet(
        survey=look,
        content=content,
        pages=len(pages) + sum(item.pages for item in appended),
        service=service,
        service_pages=sum(len(part.pages) for part in front.parts),
        documents=tuple(_documents(laid, filed, others)),
        refused=tuple(refused),
        bound=(*_bound(scans, filed), *_placed(appended, len(pages))),
        glyph_gaps=(*gaps, *pen.gaps),
    )


def _parts(laid: Sequence[Laid], scans: Sequence[BoundScan], number: int) -> tuple[list[_Part], list[_Part]]:
    """What is filed, numbered in one series; and the further copies, which go to other people."""
    filed: list[_Part] = []
    for paper in laid:
        if paper.sheet.copy == 1:
            counted = paper.sheet.entry.numbered
            filed.append(_Part(paper.sheet.title, paper.pages, paper.codes, number if counted else None))
            number += len(paper.pages) if counted else 0
    for scan in scans:
        # Their pages count, but nothing is printed over somebody else's paper.
        filed.append(_Part(scan.name, scan.pages, (), number, printed_number=False))
        number += len(scan.pages)
    others = [
        _Part(paper.sheet.title, paper.pages, paper.codes, level=2) for paper in laid if paper.sheet.copy > 1
    ]
    return filed, others


class _Front(NamedTuple):
    parts: tuple[_Part, ...]
    places: tuple[tuple[int, Rect], ...]
    """Page within the contents and place of each line, in the order of the filed parts."""


def _front(
    look: Survey,
    case: Case,
    options: PacketOptions,
    service: PrintIdentity,
    filed: Sequence[_Part],
    others: Sequence[_Part],
    laid: Sequence[Laid],
    refused: Sequence[Refused],
    appended: Sequence[BoundPages],
    pen: Pen,
) -> _Front:
    """Cover and contents; together one service sheet."""
    lines = list(_contents_lines(filed, laid, appended))
    notes = list(_notes(look, refused, others, options))
    listed, places = sheets.contents_pages(look.spec.title, lines, notes, pen)
    first = sheets.cover(_cover_text(look, case, options, filed, others, appended), pen)
    codes = page_codes(service, 1 + len(listed))
    parts = (_Part("封面", [first], codes[:1]), _Part("目录", listed, codes[1:]))
    return _Front(parts, tuple(places))


def _cover_text(
    look: Survey,
    case: Case,
    options: PacketOptions,
    filed: Sequence[_Part],
    others: Sequence[_Part],
    appended: Sequence[BoundPages],
) -> sheets.CoverText:
    person, facts = case["person"], case["case"]
    number = facts.get("case_no") or facts.get("application_no") or ""
    name = person.get("name") or person.get("client_name") or ""
    pages = sum(len(part.pages) for part in filed) + sum(item.pages for item in appended)
    more = f"，另附各份 {len(others)} 件" if others else ""
    lines = [
        ("编　　号", str(number)),
        ("姓　　名", str(name) if options.print.name_in_header else ""),
        ("负责社工", str(facts.get("responsible_worker") or "")),
        ("文　　书", f"{len(filed) + len(appended)} 件 {pages} 页{more}"),
        ("缺　　件", f"{len(look.missing)} 种，见目录" if look.missing else "无"),
        ("打印日期", f"{options.at:%Y}年{options.at.month}月{options.at.day}日"),
    ]
    return sheets.CoverText(str(case["station"].get("name") or ""), look.spec.title, tuple(lines))


def _contents_lines(
    filed: Sequence[_Part], laid: Sequence[Laid], appended: Sequence[BoundPages]
) -> Iterator[sheets.ContentsLine]:
    papers = [paper for paper in laid if paper.sheet.copy == 1]
    for part, paper in zip(filed, papers, strict=False):
        sheet = paper.sheet
        blank = "空白，待填" if sheet.level == "blank" else ""
        several = f"一式{sheet.copies}份" if sheet.copies > 1 else ""
        remark = "；".join(filter(None, (blank, several)))
        pages = _span(part.number, len(part.pages))
        yield sheets.ContentsLine(sheet.entry.code, sheet.form.title, sheet.date, pages, remark)
    for part in filed[len(papers) :]:
        pages = _span(part.number, len(part.pages))
        yield sheets.ContentsLine("附件", part.title, "", pages, "扫描件，未印页号")
    for item in appended:
        yield sheets.ContentsLine(
            "附件", item.name, "", _span(item.volume_page, item.pages), "原件，未印页号"
        )


def _span(first: int | None, pages: int) -> str:
    if first is None:
        return ""
    return str(first) if pages == 1 else f"{first}—{first + pages - 1}"


def _appended(
    filed: Sequence[_Part], originals: Sequence[tuple[str, int]], number: int
) -> Iterator[BoundPages]:
    """Files that follow the drawn pages, numbered on from what is filed; first page not known yet."""
    number += sum(len(part.pages) for part in filed if part.number is not None)
    for name, pages in originals:
        yield BoundPages(name, pages, 0, number)
        number += pages


def _notes(
    look: Survey, refused: Sequence[Refused], others: Sequence[_Part], options: PacketOptions
) -> Iterator[sheets.Note]:
    if others:
        listed = "；".join(part.title for part in others)
        yield "另　附：", f"{listed}（交本人等，不归卷，不编页号）。"
    lacking = [lack for lack in look.missing if lack.form is None or not options.blank_missing]
    for at, lack in enumerate(lacking):
        absent = "（本系统尚无此表）" if lack.form is None else ""
        head = _INDENT if at else "尚　缺："
        yield head, f"{lack.entry.code} {lack.entry.title}{absent}——{lack.reason}"
    for at, waiver in enumerate(look.waived):
        head = _INDENT if at else "不适用："
        yield head, f"{waiver.entry.code} {waiver.entry.title}——{waiver.reason}"
    for at, item in enumerate(refused):
        head = _INDENT if at else "未印件："
        yield head, f"{item.entry.code} {item.title}——内容有误，改正后另印"


def _leaves(
    parts: Sequence[_Part], options: PacketOptions, pen: Pen, *, demo: bool
) -> tuple[list[PageLayout], list[PageOverlay]]:
    """All pages in the order of the paper stack, and what is drawn over each; sets where each part begins."""
    pages: list[PageLayout] = []
    overlays: list[PageOverlay] = []
    for part in parts:
        if options.duplex and len(pages) % 2:
            pages.append(sheets.padding(pages[-1], pen))
            overlays.append(_NOTHING_OVER)
        part.first = len(pages)
        pages += part.pages
        overlays += [_over(part, at, pen, demo=demo) for at in range(len(part.pages))]
    if options.duplex and len(pages) % 2:
        # The next packet of a print run begins on a front side too.
        pages.append(sheets.padding(pages[-1], pen))
        overlays.append(_NOTHING_OVER)
    return pages, overlays


def _over(part: _Part, at: int, pen: Pen, *, demo: bool) -> PageOverlay:
    page = part.pages[at]
    code = overlay(part.codes[at], (page.width, page.height), demo=demo) if part.codes else _NOTHING_OVER
    if part.number is None or not part.printed_number:
        return code
    return PageOverlay(code.rects, code.texts + sheets.volume_number(page, part.number + at, pen))


def _draw(
    title: str,
    pages: list[PageLayout],
    overlays: list[PageOverlay],
    parts: Sequence[_Part],
    filed: Sequence[_Part],
    front: _Front,
    options: PacketOptions,
    fonts: FontSet,
) -> bytes:
    from generator.typeset.pdf import to_pdf

    contents = front.parts[1]
    links = [
        PageLink(contents.first + page, place, part.first)
        for (page, place), part in zip(front.places, filed, strict=False)
    ]
    return to_pdf(
        Layout(pages), overlays, title=title, timestamp=options.at, fonts=fonts,
        outline=list(_outline(parts)), links=links,
    )  # fmt: skip


def _outline(parts: Sequence[_Part]) -> Iterator[Bookmark]:
    opened = False
    for part in parts:
        if part.level == 2 and not opened:
            yield Bookmark("另附各份（不归卷）", part.first)
            opened = True
        name = part.title if part.codes else f"附件 {part.title}"
        yield Bookmark(name, part.first, part.level)


def _documents(
    laid: Sequence[Laid], filed: Sequence[_Part], others: Sequence[_Part]
) -> Iterator[PacketDocument]:
    own, more = iter(filed), iter(others)
    for paper in laid:
        part = next(own if paper.sheet.copy == 1 else more)
        yield PacketDocument(paper, part.first + 1, part.number)


def _bound(scans: Sequence[BoundScan], filed: Sequence[_Part]) -> Iterator[BoundPages]:
    if not scans:
        return
    for scan, part in zip(scans, filed[-len(scans) :], strict=True):
        yield BoundPages(scan.name, len(scan.pages), part.first + 1, part.number or 0)


def _placed(appended: Sequence[BoundPages], drawn: int) -> Iterator[BoundPages]:
    at = drawn + 1
    for item in appended:
        yield item._replace(first_page=at)
        at += item.pages

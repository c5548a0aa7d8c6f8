"""Settles the pages of a filled document: what would stand alone gets company, in the docx itself.

Keep rules of the template hold what is known beforehand.  What depends on the answers is seen only on the
finished pages: then the row before is kept with what follows, or its last lines are made a row that is.  As
the docx says so, Word, WPS and LibreOffice break their pages at the same places.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from lxml import etree
from lxml.etree import _Element

from generator.paging.breaks import break_before
from generator.paging.divide import Cut, divide_row, hold_row, keep_paragraph, keep_row
from generator.paging.faults import COMPANY, Fault, faults
from generator.paging.standing import Item, Names, Part, items, pages
from generator.typeset.flow import Slot, height_of
from generator.typeset.fonts import FontSet
from generator.typeset.lines import make_setter
from generator.typeset.model import Layout
from generator.typeset.ooxml import W
from generator.typeset.package import Package
from generator.typeset.pages import compose
from generator.typeset.reader import read_document
from generator.typeset.styles import parse_xml
from generator.typeset.tables import lines_in
from generator.typeset.wml import Document

_ROUNDS = 6
"""Each mends a page; a document with more bad pages than that is left as it is."""
_TRIES = 3
"""Mendings of one page: its head may be kept, then divided, then kept whole."""
_LOW = 6
"""Lines up to which a row moves whole instead of being divided."""


class Settled(NamedTuple):
    """The parts of the docx and their pages; ``left`` is what could not be mended."""

    parts: Mapping[str, bytes]
    layout: Layout
    left: tuple[Fault, ...]


def settle(parts: Mapping[str, bytes], fonts: FontSet, names: Names, *, glyph_gap: bool = False) -> Settled:
    """Lay ``parts`` out, and again with keep rules until no page breaks badly.

    Raises what ``typeset`` raises.
    """
    tried: Counter[tuple[str, int]] = Counter()
    # Ends: it is laid out so many times and once more at most.
    for _ in range(_ROUNDS):
        document = read_document(parts)
        layout = compose(document, fonts, glyph_gap=glyph_gap)
        every = items(document, names) if len(layout.pages) > 1 else []
        standing = pages(document, layout, every, names) if every else []
        found = faults(standing)
        tried.update((fault.kind, fault.page) for fault in found[:1])
        if found and tried[found[0].kind, found[0].page] > _TRIES:
            break
        changed = _mended(parts, _Found(document, every, standing, fonts, glyph_gap), found)
        if changed is None:
            break
        parts = changed
    return Settled(parts, layout, tuple(found))


class _Found(NamedTuple):
    """A laid-out document and what stands where in it."""

    document: Document
    items: list[Item]
    pages: list[list[Part]]
    fonts: FontSet
    glyph_gap: bool


def _mended(parts: Mapping[str, bytes], found: _Found, wrong: list[Fault]) -> Mapping[str, bytes] | None:
    """The parts with the first fault mended that can be; None where nothing is to be done."""
    if not wrong:
        return None
    main = Package(parts).main
    root = parse_xml(parts[main], main)
    elements = [e for e in root.iter(W + "tr", W + "p") if e.tag == W + "tr" or not _in_table(e)]
    if len(elements) != len(found.items):
        return None  # rows the typesetter leaves out; nothing is said of those that are left
    if not any(_mend(fault, found, elements) for fault in wrong):
        return None
    return {**parts, main: etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)}


def _in_table(element: _Element) -> bool:
    return any(ancestor.tag == W + "tr" for ancestor in element.iterancestors())


def _mend(fault: Fault, found: _Found, elements: list[_Element]) -> bool:
    """Whether something was changed for this fault."""
    if fault.first is None or fault.last is None:
        return False
    match fault.kind:
        case "orphan":
            return _give_lines(found, elements, fault.first, kept=False) or _hold(
                found, elements, fault.first
            )
        case "heading last":
            return _keep(found, elements, fault.first, fault.first)
        case _:
            return _give_company(found, elements, fault.first, fault.last)


def _give_company(found: _Found, elements: list[_Element], first: int, last: int) -> bool:
    """Bring the content above items ``first`` to ``last``, or its end, to their page."""
    target, lines = None, 0
    for before in reversed(found.items[:first]):
        if before.asks or (before.text and not before.row):
            target, lines = before.number, lines + _lines(found, before.number)
        if lines >= COMPANY:
            break
    if target is None:
        return False
    item = found.items[target]
    if item.table is not found.items[last].table and _came_over(found, item):
        return break_before(elements[target])
    held = item.row is not None and item.row.cant_split and not item.kept
    if item.row is None or held or _lines(found, target) <= _LOW:
        return _keep(found, elements, target, last - 1)
    if _give_lines(found, elements, target, kept=True):
        _keep(found, elements, target + 1, last - 1)
        return True
    return _keep(found, elements, target, last - 1)


def _came_over(found: _Found, item: Item) -> bool:
    """Whether the table of a row began on an earlier page: such a table is kept with nothing behind it."""
    places = [
        at
        for at, page in enumerate(found.pages)
        for part in page
        if part.item and part.item.table is item.table
    ]
    return len(set(places)) > 1


def _hold(found: _Found, elements: list[_Element], number: int) -> bool:
    """Let a row be divided by no page; whether it was divided by one."""
    hold_row(elements[number])
    row = found.items[number].row
    return row is not None and not row.cant_split


def _keep(found: _Found, elements: list[_Element], first: int, last: int) -> bool:
    """Keep items ``first`` to ``last`` each with the next; whether one was not kept yet."""
    new = False
    for number in range(first, last + 1):
        new = new or not found.items[number].kept
        element = elements[number]
        (keep_row if element.tag == W + "tr" else keep_paragraph)(element)
    return new


def _lines(found: _Found, number: int) -> int:
    """Lines of an item over all pages."""
    return sum(
        part.lines
        for page in found.pages
        for part in page
        if part.item is not None and part.item.number == number
    )


def _give_lines(found: _Found, elements: list[_Element], number: int, *, kept: bool) -> bool:
    """Make the last lines of a row a row of their own, ``kept`` with the next; whether it had enough."""
    item = found.items[number]
    if item.row is None or item.table is None or item.row.header:
        return False
    setter = make_setter(found.fonts, found.document, glyph_gap=found.glyph_gap)
    flows = [[] if cell.merge != "none" else lines_in(item.table, cell, setter) for cell in item.row.cells]
    at = max(range(len(flows)), key=lambda n: len(flows[n]))
    slots = flows[at]
    cut = _cut(slots)
    if cut == 0:
        return False
    sources = item.row.cells[at].paragraphs
    paragraph = next(n for n, source in enumerate(sources) if source is slots[cut].paragraph.source)
    where = Cut(at, paragraph, slots[cut].line.start)
    end = divide_row(elements[number], where, tail_height=height_of(slots, cut, len(slots)))
    if kept:
        keep_row(end)
    return True


def _cut(slots: Sequence[Slot]) -> int:
    """Where the last two written lines begin; 0 where too few stand before them."""
    written = [
        n
        for n, slot in enumerate(slots)
        if slot.paragraph.source.text[slot.line.start : slot.line.end].strip()
    ]
    if len(written) < 2 * COMPANY:
        return 0
    return written[-COMPANY]

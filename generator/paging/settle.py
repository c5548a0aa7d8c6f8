"""Settles the pages of a filled document: what would stand alone gets company, in the docx itself.

Keep rules of the template hold what is known beforehand.  What depends on the answers is seen only on the
finished pages: then the row before is kept with what follows, or its last lines are made a row that is.  As
the docx says so, Word, WPS and LibreOffice break their pages at the same places.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from lxml.etree import _Element

from generator.paging.body import Body, open_body
from generator.paging.breaks import break_before
from generator.paging.divide import Cut, divide_row, hold_row, keep_paragraph, keep_row
from generator.paging.faults import COMPANY, Fault, faults
from generator.paging.heights import LEAST, lower, tighten, to_lower
from generator.paging.standing import Item, Names, Part, items, pages
from generator.typeset.flow import Slot, height_of
from generator.typeset.fonts import FontSet
from generator.typeset.lines import make_setter
from generator.typeset.model import Layout
from generator.typeset.ooxml import W
from generator.typeset.pages import compose
from generator.typeset.reader import read_document
from generator.typeset.tables import lines_in
from generator.typeset.wml import Document

_ROUNDS = 6
"""Each mends a page; a document with more bad pages than that is left as it is."""
_TRIES = 3
"""Mendings of one page: its head may be kept, then divided, then kept whole."""
_LOW = 6
"""Lines up to which a row moves whole instead of being divided."""


@dataclass(frozen=True)
class Settled:
    """A document with its pages; ``left`` is what could not be mended."""

    layout: Layout
    left: tuple[Fault, ...]
    found: _Found

    @cached_property
    def parts(self) -> Mapping[str, bytes]:
        """The parts of the docx whose pages these are."""
        body = open_body(self.found.parts, len(self.found.items)) if self.found.low else None
        return self.found.parts if body is None else _as_low(body, self.found).changed()


def settle(parts: Mapping[str, bytes], fonts: FontSet, names: Names, *, glyph_gap: bool = False) -> Settled:
    """Lay ``parts`` out, and again with lower rows or keep rules until no page breaks badly.

    Raises what ``typeset`` raises.
    """
    setting = _Setting(fonts, names, glyph_gap)
    found = _lowered(_look(parts, setting))
    tried: Counter[tuple[str, int]] = Counter()
    # Ends: it is mended so many times at most.
    for _ in range(_ROUNDS):
        wrong = found.faults
        tried.update((fault.kind, fault.page) for fault in wrong[:1])
        if not wrong or tried[wrong[0].kind, wrong[0].page] > _TRIES:
            break
        changed = _mended(found)
        if changed is None:
            break
        found = _look(changed, setting)
    return Settled(found.layout, tuple(found.faults), found)


class _Setting(NamedTuple):
    """How a document is laid out, and what its bookmarks mean."""

    fonts: FontSet
    names: Names
    glyph_gap: bool


class _Found(NamedTuple):
    """A laid-out document and what stands where in it; nothing is said of the only page of one."""

    parts: Mapping[str, bytes]
    setting: _Setting
    document: Document
    layout: Layout
    items: list[Item]
    pages: list[list[Part]]
    faults: list[Fault]
    low: tuple[int, ...] = ()
    """Rows that were laid out lower than ``parts`` say."""


def _look(parts: Mapping[str, bytes], setting: _Setting) -> _Found:
    document = read_document(parts)
    layout = compose(document, setting.fonts, glyph_gap=setting.glyph_gap)
    if len(layout.pages) == 1:
        return _Found(parts, setting, document, layout, [], [], [])
    every = items(document, setting.names)
    standing = pages(document, layout, every, setting.names)
    return _Found(parts, setting, document, layout, every, standing, faults(standing))


def _lowered(found: _Found) -> _Found:
    """The same with filled rows as high as their text, where there is more than a page of it."""
    low = to_lower(found.items, found.pages, found.setting.names)
    if not low:
        return found
    for number in low:
        row = found.items[number].row
        if row is not None:
            row.height = LEAST
    layout = compose(found.document, found.setting.fonts, glyph_gap=found.setting.glyph_gap)
    standing = pages(found.document, layout, found.items, found.setting.names)
    return found._replace(layout=layout, pages=standing, faults=faults(standing), low=tuple(low))


def _as_low(body: Body, found: _Found) -> Body:
    lower(body.elements, found.low)
    return body


def _mended(found: _Found) -> Mapping[str, bytes] | None:
    """The parts with the first fault mended that can be; None where nothing is to be done."""
    body = open_body(found.parts, len(found.items))
    if body is None or not any(_mend(fault, found, _as_low(body, found).elements) for fault in found.faults):
        return None
    return body.changed()


def _mend(fault: Fault, found: _Found, elements: list[_Element]) -> bool:
    """Whether something was changed for this fault."""
    if fault.kind == "no content" and fault.first is None:
        rows = [item.number for item in found.items if item.row is not None]
        return bool(rows) and tighten(elements[rows[-1]])
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
    setter = make_setter(found.setting.fonts, found.document, glyph_gap=found.setting.glyph_gap)
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

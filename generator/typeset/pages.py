"""Composes a document: body over pages, then header and footer on each.

Owns page breaks between paragraphs, and the page numbers, which are known only when the body is set.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from generator.typeset.emit import LinePainter
from generator.typeset.flow import Column, Slot, fitting, height_of, paint, stack
from generator.typeset.fonts import FontSet
from generator.typeset.lines import Setter, make_setter
from generator.typeset.model import Layout, PageLayout
from generator.typeset.tables import TableLayout
from generator.typeset.wml import PAGE_FIELD, TOTAL_FIELD, Block, Document, Paragraph, Run, Table

_ENDLESS = 1e6


def compose(document: Document, fonts: FontSet, *, glyph_gap: bool) -> Layout:
    """Lay ``document`` out.  Raises GlyphMissing, FontMissing."""
    setter = make_setter(fonts, document, glyph_gap=glyph_gap)
    section = document.section
    sides = replace(setter, grid=0.0)
    header = _side_height(document.header, document, sides)
    footer = _side_height(document.footer, document, sides)
    top = max(section.top, section.header + header) if document.header else section.top
    limit = section.height - section.bottom
    if document.footer:
        limit = min(limit, section.height - section.footer - footer)
    pages: list[PageLayout] = []

    def next_page() -> PageLayout:
        pages.append(PageLayout(section.width, section.height))
        return pages[-1]

    width = section.width - section.left - section.right
    column = Column(next_page(), section.left, width, top, limit, top, next_page)
    _Body(column, setter).place(document.blocks)
    for number, page in enumerate(pages, 1):
        _side(document.header, document, sides, page, section.header, number, len(pages))
        place = section.height - section.footer - footer
        _side(document.footer, document, sides, page, place, number, len(pages))
    return Layout(pages, list(dict.fromkeys(setter.gaps)))


def _side_height(blocks: Sequence[Block], document: Document, setter: Setter) -> float:
    if not blocks:
        return 0.0
    page = PageLayout(document.section.width, document.section.height)
    return _side(blocks, document, setter, page, 0.0, 1, 1)


def _side(
    blocks: Sequence[Block],
    document: Document,
    setter: Setter,
    page: PageLayout,
    top: float,
    number: int,
    total: int,
) -> float:
    """Draw header or footer from ``top``; return where it ends."""
    section = document.section
    width = section.width - section.left - section.right
    column = Column(page, section.left, width, top, _ENDLESS, top, lambda: page)
    _Body(column, setter).place([_numbered(block, number, total) for block in blocks])
    return column.y


def _numbered(block: Block, number: int, total: int) -> Block:
    """Return ``block`` with page fields replaced by numbers."""
    if isinstance(block, Table):
        rows = []
        for row in block.rows:
            cells = [
                replace(cell, paragraphs=[_number_paragraph(p, number, total) for p in cell.paragraphs])
                for cell in row.cells
            ]
            rows.append(replace(row, cells=cells))
        return replace(block, rows=rows)
    return _number_paragraph(block, number, total)


def _number_paragraph(paragraph: Paragraph, number: int, total: int) -> Paragraph:
    if PAGE_FIELD not in paragraph.text and TOTAL_FIELD not in paragraph.text:
        return paragraph
    values = {PAGE_FIELD: str(number), TOTAL_FIELD: str(total)}
    places = [0]
    parts = []
    for char in paragraph.text:
        parts.append(values.get(char, char))
        places.append(places[-1] + len(parts[-1]))
    runs = [Run(places[run.start], places[run.end], run.props) for run in paragraph.runs]
    marks = [mark._replace(start=places[mark.start], end=places[mark.end]) for mark in paragraph.bookmarks]
    images = {places[at]: image for at, image in paragraph.images.items()}
    return replace(paragraph, text="".join(parts), runs=runs, bookmarks=marks, images=images)


class _Body:
    """Places blocks one after the other into a column."""

    def __init__(self, column: Column, setter: Setter) -> None:
        self._column = column
        self._setter = setter
        self._after = 0.0
        self._extra = 0.0
        self._turned = False

    def place(self, blocks: Sequence[Block]) -> None:
        """Place all blocks; a trailing paragraph's space is part of the column."""
        for index, block in enumerate(blocks):
            if isinstance(block, Table):
                self._column.y += self._after + self._extra
                following = partial(self._begin, blocks[index + 1 :])
                TableLayout(block, self._column, self._setter, following).place()
                self._after = self._extra = 0.0
            else:
                self._paragraph(block, blocks[index + 1 :])
        self._column.y += self._after

    def _paragraph(self, paragraph: Paragraph, following: Sequence[Block]) -> None:
        column = self._column
        slots = stack([self._setter.set(paragraph, column.width, hanging=True)])
        if paragraph.props.page_break_before and not column.fresh:
            self._turn()
            self._turned = False
        if not column.fresh and paragraph.props.keep_next and not self._chain_fits(slots, following):
            self._turn()
        at = 0
        # Ends: each round places a line, or turns to a fresh page, where the next places one.
        while at < len(slots):
            first = self._distance(slots[at], continued=at > 0)
            end = min(fitting(slots, at, column.limit - column.y - first + slots[at].lead), _break(slots, at))
            if end == at:
                if not column.fresh:
                    self._turn()
                    continue
                end = at + 1
            self._put(slots[at:end], first)
            at = end
            if slots[at - 1].line.page_break:
                self._turn()
                self._turned = False
            elif at < len(slots):
                self._turn()
        self._after = paragraph.props.after

    def _distance(self, slot: Slot, *, continued: bool) -> float:
        """Return the distance above a line; space before falls away where the page turned by itself."""
        if self._column.fresh:
            return 0.0 if self._turned else slot.lead
        return self._extra if continued else max(slot.lead, self._after) + self._extra

    def _put(self, part: list[Slot], first: float) -> None:
        column = self._column
        top = column.y + first - part[0].lead
        paint(LinePainter(column.page, column.x, None, None), part, top)
        column.y = top + height_of(part, 0, len(part), tail=False)
        column.fresh = False
        self._after, self._extra = 0.0, part[-1].line.extra

    def _turn(self) -> None:
        self._column.advance()
        self._turned = True
        self._after = self._extra = 0.0

    def _chain_fits(self, slots: list[Slot], following: Sequence[Block]) -> bool:
        """Return whether a paragraph kept with the next fits together with the next one's beginning."""
        column = self._column
        room = column.limit - column.y - max(slots[0].lead, self._after) - self._extra + slots[0].lead
        return self._begin(following, room - height_of(slots, 0, len(slots)))

    def _begin(self, following: Sequence[Block], room: float) -> bool:
        """Return whether these blocks, as far as they are kept together, begin within ``room`` points."""
        column = self._column
        for index, block in enumerate(following):
            if isinstance(block, Table):
                probe = replace(column, y=column.limit - room, fresh=False)
                rest = partial(self._begin, following[index + 1 :])
                return room > 0 and TableLayout(block, probe, self._setter, rest).begins_here()
            if block.props.page_break_before:
                return True
            next_slots = stack([self._setter.set(block, column.width, hanging=True)])
            if not block.props.keep_next:
                return fitting(next_slots, 0, room) > 0
            room -= height_of(next_slots, 0, len(next_slots))
        return room >= 0


def _break(slots: list[Slot], start: int) -> int:
    """Return the end of the lines before the next page break."""
    for index in range(start, len(slots)):
        if slots[index].line.page_break:
            return index + 1
    return len(slots)

"""Puts a set line on a page: text spans, underlines, tick boxes, pictures and bookmark marks.

Owns the cutting of a line into spans that each have one font and even spacing.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from itertools import pairwise

from generator.typeset.breaking import WIDE, is_wide, kinds
from generator.typeset.fonts import NO_BREAK_HYPHEN
from generator.typeset.lines import GAP, Line, Piece, SetParagraph
from generator.typeset.model import Mark, PageLayout, Picture, Rect, Rule, TextSpan, TickBox
from generator.typeset.wml import BOX_EMPTY, BOX_TICKED, LINE_BREAK, OBJECT, PAGE_BREAK, TAB

_SPECIAL = re.compile(f"[{TAB}{LINE_BREAK}{PAGE_BREAK}{OBJECT}{BOX_EMPTY}{BOX_TICKED}]")
_WIDE_OR_SPACES = re.compile(f"[{WIDE}]+| +|[^ ]")
_BOX_SIDE = 0.80
_BOX_LIFT = 0.02  # lower edge of a box under the baseline, of the em: it then sits beside the characters
_UNDERLINE_DEPTH = 0.12
_UNDERLINE_WIDTH = 0.05


class LinePainter:
    """Paints the lines of one column (a cell or the page body)."""

    def __init__(self, page: PageLayout, x: float, cell: int | None, cell_rect: Rect | None) -> None:
        self._page = page
        self._x = x
        self._cell = cell
        self._cell_rect = cell_rect

    def paint(self, paragraph: SetParagraph, line: Line, top: float) -> None:
        """Draw one line whose upper edge lies at ``top``."""
        left, baseline = self._x + line.x, top + line.ascent
        for piece in paragraph.pieces:
            start, end = max(piece.start, line.start), min(piece.end, line.end)
            if start < end:
                self._piece(paragraph, line, piece, start, end, left, baseline)
        for at, image in paragraph.source.images.items():
            if line.start <= at < line.end and image.data:
                x = left + paragraph.offset(line, at)
                rect = Rect(x, baseline - image.height, image.width, image.height)
                self._page.pictures.append(Picture(rect, image.data, image.media_type))
        if paragraph.source.bookmarks:
            self._marks(paragraph, line, left, top)

    def _piece(
        self,
        paragraph: SetParagraph,
        line: Line,
        piece: Piece,
        start: int,
        end: int,
        left: float,
        baseline: float,
    ) -> None:
        text, offset = paragraph.source.text, paragraph.offset
        y = baseline - piece.raised
        if piece.props.underline:
            x1, x2 = left + offset(line, start), left + offset(line, end)
            depth = y + piece.size * _UNDERLINE_DEPTH
            width = piece.size * _UNDERLINE_WIDTH
            self._page.rules.append(Rule(x1, depth, x2, depth, width, piece.props.color))
        if piece.face is None:
            return
        if paragraph.plain and not paragraph.gaps and not line.stretch:
            segment = text[start:end]
            if not segment.isspace():
                self._span(paragraph, line, piece, segment, start, left + offset(line, start), y)
            return
        for first, last in _cuts(paragraph, line, start, end):
            segment = text[first:last]
            x = left + offset(line, first)
            if segment in (BOX_EMPTY, BOX_TICKED):
                self._page.boxes.append(_box(x, y, piece.size, segment == BOX_TICKED))
            elif segment.strip():
                self._span(paragraph, line, piece, segment, first, x, y)

    def _span(
        self, paragraph: SetParagraph, line: Line, piece: Piece, segment: str, at: int, x: float, y: float
    ) -> None:
        face = piece.face
        if face is None:
            return
        tracking, advance = piece.props.spacing, paragraph.cum[at + len(segment)] - paragraph.cum[at]
        if line.stretch and is_wide(segment[0]):
            tracking += line.stretch
            advance += line.stretch * len(segment)
        if at + len(segment) in paragraph.gaps:
            advance -= GAP * piece.size
        props = piece.props
        self._page.spans.append(
            TextSpan(
                x, y, segment.replace(NO_BREAK_HYPHEN, "-"), face.family, piece.size, advance, props.bold,
                props.color, tracking, self._cell,
            )
        )  # fmt: skip

    def _marks(self, paragraph: SetParagraph, line: Line, left: float, top: float) -> None:
        is_last = line is paragraph.lines[-1]
        for mark in paragraph.source.bookmarks:
            if mark.start == mark.end:
                if not (line.start <= mark.start < line.next or (is_last and mark.start >= line.start)):
                    continue
            elif mark.start >= line.next or mark.end <= line.start:
                continue
            start, end = min(max(mark.start, line.start), line.end), min(mark.end, line.end)
            x = left + paragraph.offset(line, start)
            rect = Rect(x, top, left + paragraph.offset(line, max(start, end)) - x, line.height)
            self._page.marks.append(Mark(mark.name, rect, self._cell_rect, self._box_in(rect)))

    def _box_in(self, rect: Rect) -> TickBox | None:
        for box in reversed(self._page.boxes):
            middle = box.rect.x + box.rect.width / 2
            if rect.x <= middle <= rect.x + rect.width and rect.y <= box.rect.y <= rect.y + rect.height:
                return box
        return None


def _box(x: float, baseline: float, size: float, ticked: bool) -> TickBox:
    side = size * _BOX_SIDE
    return TickBox(Rect(x + (size - side) / 2, baseline + size * _BOX_LIFT - side, side, side), ticked)


def _cuts(paragraph: SetParagraph, line: Line, start: int, end: int) -> list[tuple[int, int]]:
    """Cut ``start``–``end`` where spacing is uneven or something is drawn apart."""
    gaps = paragraph.gaps
    points = {start, end}
    if gaps:
        points.update(gaps[bisect_right(gaps, start) : bisect_left(gaps, end)])
    text = paragraph.source.text
    if not paragraph.plain:
        for match in _SPECIAL.finditer(text, start, end):
            points.update(match.span())
    if line.stretch:
        for match in _WIDE_OR_SPACES.finditer(kinds(text), start, end):
            if match.group() == " " or match.group()[0] in WIDE:
                points.update(match.span())
    ordered = sorted(points)
    return [(first, last) for first, last in pairwise(ordered) if text[first] not in "\t\n\f\ufffc"]

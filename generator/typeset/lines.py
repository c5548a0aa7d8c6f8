"""Sets one paragraph into lines.

Owns character positions, tab stops, alignment and line heights; the numbers follow LibreOffice (see
docs/notes/typeset.md).  Lengths in points; heights of fonts are rounded to twips as there.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from itertools import accumulate
from math import ceil
from typing import NamedTuple

from generator.errors import TemplateUnsupported
from generator.typeset.breaking import HANGING, break_before, is_wide, script_changes
from generator.typeset.fonts import Face, FontSet, glyph_missing
from generator.typeset.wml import (
    BOX_EMPTY,
    BOX_TICKED,
    LINE_BREAK,
    PAGE_BREAK,
    TAB,
    Document,
    Paragraph,
    RunProps,
    TabStop,
)

_SLACK = 0.01  # a line may be this much too long: sums of rounded numbers
GAP = 0.2
"""Distance between Chinese and Latin letters, of the font size."""
_SCRIPT_SIZE = 0.58
_SCRIPT_RAISE = 0.33
_SCRIPT_DROP = 0.08
_STOPS = frozenset((TAB, LINE_BREAK, PAGE_BREAK))
_DRAWN_APART = _STOPS | {BOX_EMPTY, BOX_TICKED}


class Piece(NamedTuple):
    """Characters set in one font and look; ``raised`` is the shift of the baseline upwards.

    A ``face`` of None is a gap for a character to be written by hand.
    """

    start: int
    end: int
    face: Face | None
    props: RunProps
    size: float
    raised: float


class Line(NamedTuple):
    """One line: characters ``start`` to ``end`` shown, ``next`` where the following line begins.

    ``x`` is its left edge from the left edge of the column; ``stretch`` is added after each Chinese
    character and space; ``extra`` is the line spacing below it when another line follows.
    """

    start: int
    end: int
    next: int
    x: float
    width: float
    height: float
    ascent: float
    extra: float
    stretch: float
    page_break: bool


@dataclass(slots=True, repr=False)
class SetParagraph:
    """A paragraph with positions and lines."""

    source: Paragraph
    pieces: list[Piece]
    cum: list[float]
    gaps: list[int]
    tabs: dict[int, float]
    lines: list[Line]
    tail: float
    """Line spacing below the last line where the paragraph ends a table cell."""
    plain: bool
    """No tabs, boxes, pictures or breaks inside."""
    counts: list[int] | None = None
    """Number of stretchable characters before each position; only where a line is stretched."""

    def offset(self, line: Line, at: int) -> float:
        """Return the distance of position ``at`` from the left edge of the line."""
        x = self.cum[at] - self.cum[line.start]
        if self.tabs:
            x += sum(width for tab, width in self.tabs.items() if line.start <= tab < at)
        if line.stretch and self.counts is not None:
            x += line.stretch * (self.counts[at] - self.counts[line.start])
        return x


@dataclass(slots=True, repr=False)
class Setter:
    """Sets paragraphs of one document.  ``gaps`` collects the names of characters left as gaps."""

    fonts: FontSet
    document: Document
    glyph_gap: bool
    gaps: list[str]
    _heights: dict[tuple[Face, float], tuple[float, float]]
    grid: float = 0.0
    """Step of the lines of paragraphs that snap to the grid; header and footer have none."""

    @property
    def context(self) -> tuple[object, ...]:
        """Everything but paragraph and width that lines depend on."""
        document = self.document
        return self.fonts, document.no_start, document.no_end, document.tab_width, self.grid

    def set(self, paragraph: Paragraph, width: float, *, hanging: bool = False) -> SetParagraph:
        """Break ``paragraph`` into lines of ``width`` points.

        ``hanging`` lets punctuation stand in the margin where the paragraph allows it.  Raises GlyphMissing,
        FontMissing.
        """
        text, props = paragraph.text, paragraph.props
        pieces = self._pieces(paragraph)
        advances: list[float] = []
        for piece in pieces:
            advances += self._advances(text, piece)
        for at, image in paragraph.images.items():
            advances[at] = image.width
        gaps = script_changes(text) if props.auto_space else []
        if gaps:
            self._add_gaps(pieces, gaps, advances)
        cum = list(accumulate(advances, initial=0.0))
        plain = not paragraph.images and _DRAWN_APART.isdisjoint(text)
        result = SetParagraph(paragraph, pieces, cum, gaps, {}, [], 0.0, plain)
        _Breaker(self, result, width, hanging and props.hanging).run()
        if props.rule == "auto" and props.line > 1:
            result.tail = self.height(self.fonts.face(paragraph.mark.east), paragraph.mark.size)[0] * (
                props.line - 1
            )
        return result

    def height(self, face: Face, size: float) -> tuple[float, float]:
        """Return ascent and descent of a font size, in whole twips."""
        found = self._heights.get((face, size))
        if found is None:
            found = (round(face.ascent * size * 20) / 20, round(face.descent * size * 20) / 20)
            self._heights[face, size] = found
        return found

    def _pieces(self, paragraph: Paragraph) -> list[Piece]:
        pieces: list[Piece] = []
        for start, end, props in paragraph.runs:
            size, raised = props.size, 0.0
            if props.rise != "baseline":
                raised = size * (_SCRIPT_RAISE if props.rise == "superscript" else -_SCRIPT_DROP)
                size *= _SCRIPT_SIZE
            east, latin = self.fonts.face(props.east), self.fonts.face(props.latin)
            for first, last, face in _by_script(paragraph.text, start, end, east, latin):
                advances = face.advances
                if min(map(advances.__getitem__, paragraph.text[first:last])) >= 0:
                    pieces.append(Piece(first, last, face, props, size, raised))
                else:
                    pieces += self._with_fallback(paragraph, Piece(first, last, face, props, size, raised))
        return pieces

    def _with_fallback(self, paragraph: Paragraph, piece: Piece) -> list[Piece]:
        found: list[Piece] = []
        for at in range(piece.start, piece.end):
            char, face = paragraph.text[at], piece.face
            if face is None or not face.has(char):
                face = self.fonts.fallback(char)
            if face is None:
                if not self.glyph_gap:
                    names = [mark.name for mark in paragraph.bookmarks if mark.start <= at < mark.end]
                    raise glyph_missing(char, names[-1] if names else None)
                self.gaps.append(f"U+{ord(char):04X}")
            last = found[-1] if found else None
            if last is not None and last.face is face and face is not None:
                found[-1] = last._replace(end=at + 1)
            else:
                found.append(piece._replace(start=at, end=at + 1, face=face))
        return found

    @staticmethod
    def _advances(text: str, piece: Piece) -> list[float]:
        size, segment = piece.size, text[piece.start : piece.end]
        if piece.face is None:
            return [size] * len(segment)
        widths = [width * size for width in map(piece.face.advances.__getitem__, segment)]
        spacing = piece.props.spacing
        if spacing < 0 and any(0 < width <= -spacing for width in widths):
            raise TemplateUnsupported(
                f"模板里有字符间距紧缩 {-spacing:g} 磅，比字还宽，字会叠在一起。", hint="请把字符间距改小。"
            )
        return [width + spacing for width in widths] if spacing else widths

    @staticmethod
    def _add_gaps(pieces: list[Piece], gaps: list[int], advances: list[float]) -> None:
        starts = [piece.start for piece in pieces]
        for gap in gaps:
            advances[gap - 1] += GAP * pieces[bisect_right(starts, gap - 1) - 1].size


def _by_script(text: str, start: int, end: int, east: Face, latin: Face) -> list[tuple[int, int, Face]]:
    """Split a run where its Chinese and its Latin font take turns."""
    if east is latin or start == end:
        return [(start, end, east)] if start < end else []
    found: list[tuple[int, int, Face]] = []
    for at in range(start, end):
        face = east if is_wide(text[at]) else latin
        if found and found[-1][2] is face:
            found[-1] = (found[-1][0], at + 1, face)
        else:
            found.append((at, at + 1, face))
    return found


class _Breaker:
    """Finds the lines of one paragraph."""

    def __init__(self, setter: Setter, result: SetParagraph, width: float, hanging: bool) -> None:
        self.hanging = hanging
        self.setter = setter
        self.result = result
        self.text = result.source.text
        self.props = result.source.props
        em = result.source.mark.size
        self.left = _indent(self.props.left, self.props.left_chars, em)
        self.right = width - _indent(self.props.right, self.props.right_chars, em)
        self.first = _indent(self.props.first, self.props.first_chars, em)
        # One look and no pictures: every line is as high as the first.
        self.even: tuple[float, float, float] | None = None
        if len(result.pieces) < 2 and not result.source.images:
            self.even = self._height(0, len(self.text))
        self.stops = [at for at, char in enumerate(self.text) if char in _STOPS] if not result.plain else []

    def run(self) -> None:
        """Fill in the lines."""
        text, lines, at = self.text, self.result.lines, 0
        # Ends: each line takes at least one character; an empty paragraph is one line.
        while at < len(text) or not lines:
            x = self.left + (self.first if at == 0 else 0.0)
            end, following, hard = self._fit(at, x)
            lines.append(self._line(at, end, following, x, hard))
            at = following
        if text.endswith(LINE_BREAK):
            lines.append(self._line(at, at, at, self.left, True))

    def _fit(self, start: int, left: float) -> tuple[int, int, bool]:
        """Return the visible end, the next start, and whether the line ends by itself.

        Where no character fits (an indent wider than its cell) a line is one character, as in Word.
        """
        text, cum = self.text, self.result.cum
        limit, x, at, count = self.right - left + _SLACK, 0.0, start, len(self.text)
        # Ends: each round goes past one tab.
        while True:
            index = bisect_left(self.stops, at)
            stop = self.stops[index] if index < len(self.stops) else count
            fits = max(bisect_right(cum, cum[at] + limit - x, at, stop + 1) - 1, at)
            if fits < stop and self._fits_without_gap(fits, cum[at] + limit - x):
                fits += 1
            if fits < stop and self.hanging and text[fits] in HANGING and fits > at:
                fits += 1
            if fits < stop:
                return self._wrap(start, fits)
            x += cum[stop] - cum[at]
            if stop == count:
                return count, count, True
            if text[stop] != TAB:
                return stop, stop + 1, True
            width = self._tab(x + left, stop)
            self.result.tabs[stop] = min(width, max(limit - x, 0.0))
            x += self.result.tabs[stop]
            at = stop + 1

    def _fits_without_gap(self, at: int, limit: float) -> bool:
        gaps = self.result.gaps
        if not gaps:
            return False
        index = bisect_left(gaps, at + 1)
        if index == len(gaps) or gaps[index] != at + 1:
            return False
        return self.result.cum[at + 1] - GAP * self.result.source.mark.size <= limit

    def _wrap(self, start: int, at: int) -> tuple[int, int, bool]:
        text, document = self.text, self.setter.document
        if text[at] == " ":
            following = at
        else:
            at = following = break_before(text, start, at, document.no_start, document.no_end)
        # Ends: each round goes on by a character.
        while following < len(text) and text[following] == " ":
            following += 1
        if following < len(text) and text[following] in (LINE_BREAK, PAGE_BREAK):
            return at, following + 1, True
        # Ends: each round goes back by a character.
        while at > start and text[at - 1] == " ":
            at -= 1
        return at, following, following >= len(text)

    def _tab(self, x: float, at: int) -> float:
        """Return the width of the tab at character ``at`` that begins ``x`` from the column edge."""
        stop = self._next_stop(x)
        if stop.kind == "left":
            return stop.position - x
        index = bisect_right(self.stops, at)
        end = self.stops[index] if index < len(self.stops) else len(self.text)
        width = self.result.cum[end] - self.result.cum[at + 1]
        return max(stop.position - x - (width if stop.kind == "right" else width / 2), 0.0)

    def _next_stop(self, x: float) -> TabStop:
        stops = list(self.props.tabs)
        if self.first < 0:
            stops.append(TabStop(self.left, "left"))
        later = [stop for stop in stops if stop.position > x + _SLACK]
        if later:
            return min(later)
        step = self.setter.document.tab_width or 36.0
        return TabStop((int((x + _SLACK) / step) + 1) * step, "left")

    def _line(self, start: int, end: int, following: int, left: float, hard: bool) -> Line:
        result = self.result
        width = result.cum[end] - result.cum[start]
        if result.tabs:
            width += sum(tab for at, tab in result.tabs.items() if start <= at < end)
        if end in result.gaps and end > start:
            width -= GAP * result.source.mark.size
        spare, stretch, align = self.right - left - width, 0.0, self.props.align
        x = left
        if align == "center":
            x += spare / 2
        elif align == "right":
            x += spare
        elif align == "both" and not hard and spare > 0:
            counts = self._counts()
            count = counts[end - 1] - counts[start] if end > start else 0
            if count and not any(start <= tab < end for tab in result.tabs):
                stretch = spare / count
                width += spare
        height, ascent, extra = self.even or self._height(start, end)
        page_break = following > end and self.text[following - 1] == PAGE_BREAK
        return Line(start, end, following, x, width, height, ascent, extra, stretch, page_break)

    def _counts(self) -> list[int]:
        """The stretchable characters before each position; most paragraphs are one line and need none."""
        if self.result.counts is None:
            wide = (1 if char == " " or is_wide(char) else 0 for char in self.text)
            self.result.counts = list(accumulate(wide, initial=0))
        return self.result.counts

    def _natural(self, start: int, end: int) -> tuple[float, float]:
        """Return ascent and descent of what stands on the line."""
        setter, source = self.setter, self.result.source
        ascent = descent = 0.0
        for piece in self.result.pieces:
            if piece.start < end and piece.end > start:
                up, down = setter.height(piece.face or setter.fonts.face(piece.props.east), piece.size)
                ascent, descent = max(ascent, up + piece.raised), max(descent, down - piece.raised)
        if not ascent:
            ascent, descent = setter.height(setter.fonts.face(source.mark.east), source.mark.size)
        for at, image in source.images.items():
            if start <= at < end:
                ascent = max(ascent, image.height)
        return ascent, descent

    def _height(self, start: int, end: int) -> tuple[float, float, float]:
        """Return height, ascent and the spacing below."""
        rule, value = self.props.rule, self.props.line
        if rule == "exact":
            return value, value * 0.8, 0.0
        ascent, descent = self._natural(start, end)
        natural = height = ascent + descent
        if self.setter.grid and self.props.snap:
            height = ceil((natural - _SLACK) / self.setter.grid) * self.setter.grid
            ascent += (height - natural) / 2
            if rule == "auto":
                return height, ascent, natural * max(value - 1, 0.0)
        if rule == "atLeast":
            return max(value, height), ascent + max(value - height, 0.0), 0.0
        if value < 1:
            return height * value, ascent - height * (1 - value), 0.0
        return height, ascent, height * (value - 1)


def _indent(points: float, chars: float, em: float) -> float:
    return chars * em if chars else points


def make_setter(fonts: FontSet, document: Document, *, glyph_gap: bool) -> Setter:
    """Return a setter with empty caches."""
    return Setter(fonts, document, glyph_gap, [], {}, document.section.grid)

"""What a laid-out document is: pages of placed items, in points from the top left corner of the page.

Owns the data types only.  ``layout`` makes them, ``pdf`` draws them, ``pagemap`` reads the marks.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple


class Rect(NamedTuple):
    """A rectangle in points; ``x``, ``y`` is its top left corner, y grows downwards."""

    x: float
    y: float
    width: float
    height: float


class TextSpan(NamedTuple):
    """One run of text on one line, all in one font; ``y`` is the baseline, ``advance`` the planned width."""

    x: float
    y: float
    text: str
    family: str
    size: float
    advance: float
    bold: bool = False
    color: str | None = None
    tracking: float = 0.0
    """Extra space after each character; part of ``advance``."""
    cell: int | None = None
    """Index of the table cell the span lies in, unique within the document; None outside tables."""


class Rule(NamedTuple):
    """A straight line (table border, underline) from (x1, y1) to (x2, y2)."""

    x1: float
    y1: float
    x2: float
    y2: float
    width: float
    color: str | None = None


class Fill(NamedTuple):
    """The background of a table cell; ``color`` is six hexadecimal digits."""

    rect: Rect
    color: str


class TickBox(NamedTuple):
    """A drawn □ or ☑; ``rect`` is the outer edge of the square."""

    rect: Rect
    ticked: bool


class Picture(NamedTuple):
    """An image part of the docx, drawn into ``rect``."""

    rect: Rect
    data: bytes
    media_type: str


class Mark(NamedTuple):
    """Where the content of a bookmark lies.  A bookmark over several lines or pages gives several marks.

    ``rect`` covers the bookmarked text on one line (line top to line bottom); ``cell`` is the inside of the
    table cell around it on this page (None outside tables); ``box`` the tick box inside the bookmark, if any.
    """

    name: str
    rect: Rect
    cell: Rect | None = None
    box: TickBox | None = None


class CellPart(NamedTuple):
    """The part of a table cell on one page; ``number`` is what :attr:`TextSpan.cell` refers to."""

    number: int
    rect: Rect


@dataclass(slots=True, repr=False)
class PageLayout:
    """One page."""

    width: float
    height: float
    spans: list[TextSpan] = field(default_factory=list)
    rules: list[Rule] = field(default_factory=list)
    fills: list[Fill] = field(default_factory=list)
    boxes: list[TickBox] = field(default_factory=list)
    pictures: list[Picture] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)
    cells: list[CellPart] = field(default_factory=list)


@dataclass(slots=True, repr=False)
class Layout:
    """A whole document, ready to be drawn."""

    pages: list[PageLayout]
    glyph_gaps: list[str] = field(default_factory=list)
    """Unicode names of characters left as gaps to be written by hand (``U+2A6B2`` …)."""


class PageOverlay(NamedTuple):
    """What is drawn over one laid-out page: filled dark rectangles and small texts (the page identity)."""

    rects: tuple[Rect, ...]
    texts: tuple[TextSpan, ...]


class Bookmark(NamedTuple):
    """An entry of the PDF's outline that leads to page ``page`` (from 0); ``level`` 1 is the outermost."""

    title: str
    page: int
    level: int = 1


class PageLink(NamedTuple):
    """A place ``rect`` on page ``page`` that leads to page ``target`` (both from 0)."""

    page: int
    rect: Rect
    target: int

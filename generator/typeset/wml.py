"""What is read from a docx: paragraphs and tables with every property already resolved.

Owns the data types only; ``styles`` resolves properties, ``reader`` builds these.  Lengths in points.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

TAB = "\t"
LINE_BREAK = "\n"
PAGE_BREAK = "\f"
OBJECT = "\ufffc"
PAGE_FIELD = "\ue000"
TOTAL_FIELD = "\ue001"
"""Characters that stand for something else than themselves inside ``Paragraph.text``."""

BOX_EMPTY = "\u25a1"
BOX_TICKED = "\u2611"

LineRule = Literal["auto", "exact", "atLeast"]


class RunProps(NamedTuple):
    """How characters look."""

    latin: str = "Times New Roman"
    east: str = "宋体"
    size: float = 10.0
    bold: bool = False
    underline: bool = False
    color: str | None = None
    rise: Literal["baseline", "superscript", "subscript"] = "baseline"
    spacing: float = 0.0


class TabStop(NamedTuple):
    """A tab position measured from the text margin."""

    position: float
    kind: Literal["left", "center", "right", "clear"]


class ParaProps(NamedTuple):
    """How a paragraph is set.  ``line`` is a factor for ``auto`` and points otherwise."""

    align: Literal["left", "center", "right", "both"] = "left"
    left: float = 0.0
    right: float = 0.0
    first: float = 0.0
    left_chars: float = 0.0
    right_chars: float = 0.0
    first_chars: float = 0.0
    before: float = 0.0
    after: float = 0.0
    line: float = 1.0
    rule: LineRule = "auto"
    keep_next: bool = False
    keep_lines: bool = False
    page_break_before: bool = False
    widow_control: bool = True
    auto_space: bool = True
    hanging: bool = True
    snap: bool = True
    """Whether lines take whole steps of the document grid."""
    tabs: tuple[TabStop, ...] = ()
    contextual: bool = False
    """No distance to a neighbour of the same style."""


class Run(NamedTuple):
    """Characters ``start`` to ``end`` of a paragraph's text share one look."""

    start: int
    end: int
    props: RunProps


class Bookmark(NamedTuple):
    """A bookmark's part within one paragraph, as character positions."""

    name: str
    start: int
    end: int


class Image(NamedTuple):
    """A picture set like a character; ``data`` is empty for the page identity, which is drawn apart."""

    width: float
    height: float
    data: bytes
    media_type: str


@dataclass(slots=True, repr=False)
class Paragraph:
    """One paragraph; ``mark`` is the look of its paragraph mark (the height of an empty line)."""

    text: str
    runs: list[Run]
    props: ParaProps
    mark: RunProps
    bookmarks: list[Bookmark] = field(default_factory=list)
    images: dict[int, Image] = field(default_factory=dict)
    where: str = ""
    style: str = ""


class Border(NamedTuple):
    """One edge; width 0 means no line."""

    width: float
    color: str | None = None


NO_BORDER = Border(0.0)


@dataclass(slots=True, repr=False)
class Cell:
    """One cell: ``column`` and ``span`` count grid columns."""

    column: int
    span: int
    merge: Literal["none", "start", "continue"]
    valign: Literal["top", "center", "bottom"]
    margins: tuple[float, float, float, float]
    """Top, right, bottom, left."""
    borders: tuple[Border | None, Border | None, Border | None, Border | None]
    """Top, right, bottom, left; None takes the table's."""
    fill: str | None
    paragraphs: list[Paragraph]
    number: int
    memo: dict[object, Any] | None = None
    """Results of setting a cell that many documents share."""


@dataclass(slots=True, repr=False)
class Row:
    """One table row; ``height`` 0 means as high as its content."""

    cells: list[Cell]
    height: float
    exact: bool
    header: bool
    cant_split: bool

    @property
    def keep_next(self) -> bool:
        """Whether the next row begins on the same page: as in LibreOffice, the first paragraph says so."""
        first = self.cells[0].paragraphs[:1]
        return bool(first) and first[0].props.keep_next


@dataclass(slots=True, repr=False)
class Table:
    """A fixed-width table.  ``borders``: top, right, bottom, left, inside horizontal, inside vertical."""

    grid: list[float]
    rows: list[Row]
    indent: float
    align: Literal["left", "center", "right"]
    borders: tuple[Border, Border, Border, Border, Border, Border]


Block = Paragraph | Table


class Section(NamedTuple):
    """Page geometry in points."""

    width: float
    height: float
    top: float
    right: float
    bottom: float
    left: float
    header: float
    footer: float
    grid: float = 0.0
    """Distance of the lines of the document grid; 0 without one."""


@dataclass(slots=True, repr=False)
class Document:
    """Everything the layout needs to know of a docx."""

    blocks: list[Block]
    section: Section
    header: list[Block]
    footer: list[Block]
    tab_width: float
    no_start: frozenset[str]
    no_end: frozenset[str]

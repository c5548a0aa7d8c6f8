"""The sheets a packet adds to the papers: cover, contents, and pages that only fill a leaf.

Owns their wording and look.  They are service sheets: recognised and counted by their codes, never filed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from generator.packets.pen import HEI, MM, SONG, Pen, ruled_box
from generator.typeset.model import PageLayout, Rect, TextSpan

WIDTH, HEIGHT = 210 * MM, 297 * MM
LEFT, RIGHT = 28 * MM, 190 * MM
PADDING = "此页空白"
_BOTTOM = 266 * MM
_SMALL, _BODY = 9.0, 10.5


class CoverText(NamedTuple):
    """What stands on the cover."""

    station: str
    title: str
    lines: tuple[tuple[str, str], ...]
    """(label, value), one row each."""


class ContentsLine(NamedTuple):
    """One paper in the contents."""

    code: str
    title: str
    date: str
    pages: str
    """``3`` or ``3—5``; empty for papers outside the numbering."""
    remark: str = ""


def cover(text: CoverText, pen: Pen) -> PageLayout:
    """The cover of a packet."""
    page = PageLayout(WIDTH, HEIGHT)
    middle = WIDTH / 2
    for row, line in enumerate(pen.fold(text.station, 16, RIGHT - LEFT, HEI)):
        pen.write(page, middle, (58 + 9 * row) * MM, line, 16, family=HEI, align="centre")
    pen.write(page, middle, 98 * MM, text.title, 28, family=HEI, align="centre")
    label, value, y = 36 * MM, 106 * MM, 130 * MM
    x = (WIDTH - label - value) / 2
    for name, told in text.lines:
        lines = pen.fold(told, 12, value - 6 * MM)
        height = max(11.0, 6.5 * len(lines) + 4.5) * MM
        ruled_box(page, x, y, label, height)
        ruled_box(page, x + label, y, value, height)
        pen.write(page, x + label / 2, y + height / 2 + 4.3, name, 12, align="centre")
        for row, line in enumerate(lines):
            base = y + height / 2 + 4.3 + (row - (len(lines) - 1) / 2) * 6.5 * MM
            pen.write(page, x + label + 3 * MM, base, line, 12)
        y += height
    pen.write(page, middle, 252 * MM, "内部资料　含敏感个人信息　请妥善保管", 12, family=HEI, align="centre")
    pen.write(page, middle, 260 * MM, "封面和目录只为整理本包，不归入案卷。", _SMALL, align="centre")
    return page


Note = tuple[str, str]
"""A paragraph under the contents: heading and text."""

_COLUMNS = (("序号", 11), ("编号", 16), ("题　　名", 64), ("日　期", 25), ("页号", 20), ("备　注", 26))
"""Heading and width in millimetres; together 162."""


def contents_pages(
    title: str, lines: Sequence[ContentsLine], notes: Sequence[Note], pen: Pen
) -> tuple[list[PageLayout], list[tuple[int, Rect]]]:
    """The pages of the contents, and of each line the page (from 0) and place it stands at.

    How many pages there are depends on titles and remarks alone, never on the page numbers told.
    """
    pages: list[PageLayout] = []
    places: list[tuple[int, Rect]] = []
    y = _BOTTOM
    for number, line in enumerate(lines, start=1):
        cells = _cells(number, line, pen)
        height = max(9.0, 5.2 * max(map(len, cells)) + 3.0) * MM
        if y + height > _BOTTOM:
            y = _new_page(pages, title, pen)
        _row(pages[-1], y, height, cells, pen)
        places.append((len(pages) - 1, Rect(LEFT, y, RIGHT - LEFT, height)))
        y += height
    _notes(pages, title, y, notes, pen)
    return pages, places


def _cells(number: int, line: ContentsLine, pen: Pen) -> list[list[str]]:
    told = (str(number), line.code, line.title, line.date, line.pages, line.remark)
    return [pen.fold(text, _BODY, (width - 2) * MM) for text, (_, width) in zip(told, _COLUMNS, strict=True)]


def _new_page(pages: list[PageLayout], title: str, pen: Pen) -> float:
    """Begin a page with title and headings; returns where the first row goes."""
    page = PageLayout(WIDTH, HEIGHT)
    pages.append(page)
    more = "（续）" if len(pages) > 1 else ""
    pen.write(page, WIDTH / 2, 42 * MM, f"{title}目录{more}", 16, family=HEI, align="centre")
    height = 9.0 * MM
    _row(page, 48 * MM, height, [[name] for name, _ in _COLUMNS], pen, family=HEI)
    return 48 * MM + height


def _row(
    page: PageLayout, y: float, height: float, cells: Sequence[Sequence[str]], pen: Pen, *, family: str = SONG
) -> None:
    x = LEFT
    for at, (lines, (_, width)) in enumerate(zip(cells, _COLUMNS, strict=True)):
        ruled_box(page, x, y, width * MM, height, 0.5)
        for row, line in enumerate(lines):
            base = y + height / 2 + 3.8 + (row - (len(lines) - 1) / 2) * 5.2 * MM
            if family == HEI or at not in (2, 5):
                pen.write(page, x + width * MM / 2, base, line, _BODY, family=family, align="centre")
            else:
                pen.write(page, x + 1 * MM, base, line, _BODY, family=family)
        x += width * MM


def _notes(pages: list[PageLayout], title: str, y: float, notes: Sequence[Note], pen: Pen) -> None:
    """Paragraphs under the table, each with its heading hanging before it."""
    y += 8 * MM
    for head, text in notes:
        indent = pen.width(head, _BODY)
        for at, line in enumerate(pen.fold(text, _BODY, RIGHT - LEFT - indent)):
            if y > _BOTTOM or not pages:
                y = _new_page(pages, title, pen) + 8 * MM
            if at == 0:
                pen.write(pages[-1], LEFT, y, head, _BODY)
            pen.write(pages[-1], LEFT + indent, y, line, _BODY)
            y += 6 * MM
        y += 1 * MM


def padding(like: PageLayout, pen: Pen) -> PageLayout:
    """The empty back of a leaf: it says so, and carries no code and no number."""
    page = PageLayout(like.width, like.height)
    pen.write(page, like.width / 2, like.height / 2, PADDING, 12, align="centre")
    return page


def volume_number(page: PageLayout, number: int, pen: Pen) -> tuple[TextSpan, ...]:
    """卷内第n页, centred in the top margin, apart from the 第x页/共y页 of the paper itself."""
    over = PageLayout(page.width, page.height)
    pen.write(over, page.width / 2, 14 * MM, f"卷内第 {number} 页", _SMALL, align="centre")
    return tuple(over.spans)

"""Rows that are high enough to write in by hand, though what was to be written is printed already.

A filled row needs only the height of its text.  On a form of one page it keeps the other: the form looks as
people know it, and nothing is gained.  A row with an answer still to be written, or a place to sign, always
keeps it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from lxml import etree
from lxml.etree import _Element

from generator.paging.standing import Item, Names, Part
from generator.typeset.ooxml import VAL, W
from generator.typeset.wml import Row

LEAST = 21.3
"""Points: 7.5 mm, what a row of one printed line needs."""
_LINE = 16.0
_WORTH = 30.0
"""Points that the rows of a print must be able to give up before it is laid out again without them."""
_ROOM = re.compile(r"[\u3000 ]{2,}|_{3,}")
"""What is printed where an answer is still to be written."""


def to_lower(items: Sequence[Item], pages: Sequence[Sequence[Part]], names: Names) -> list[int]:
    """Numbers of the filled rows; none where they could give up little, by the lines printed in them."""
    printed = {part.item.number: part.written for page in pages for part in page if part.item is not None}
    found, spare = [], 0.0
    for item in items:
        if item.row is not None and item.number in printed and _is_filled(item, item.row, names):
            found.append(item.number)
            spare += max(0.0, item.row.height - max(LEAST, _LINE * printed[item.number]))
    return found if spare >= _WORTH else []


def _is_filled(item: Item, row: Row, names: Names) -> bool:
    """Whether a row is higher than a line and nothing is left to be written in it; ticks need no room."""
    if row.height <= LEAST or row.exact or item.signs or not (item.asks or item.note):
        return False
    return all(text.strip("\u3000 _") and not _ROOM.search(text) for text in _answers(row, names))


def _answers(row: Row, names: Names) -> Sequence[str]:
    return [
        paragraph.text[mark.start : mark.end]
        for cell in row.cells
        if cell.merge != "continue"
        for paragraph in cell.paragraphs
        for mark in paragraph.bookmarks
        if mark.name.partition("__")[0] in names.texts
    ]


def lower(elements: Sequence[_Element], numbers: Sequence[int]) -> None:
    """Let these rows be as high as their text, at least as high as one line."""
    for number in numbers:
        height = elements[number].find(f"{W}trPr/{W}trHeight")
        if height is not None:
            height.set(VAL, str(round(LEAST * 20)))


def tighten(row: _Element) -> bool:
    """Take a little off a last row, so that an empty paragraph behind the table has room; once at most."""
    changed = False
    for properties in row.iterfind(f"{W}tc/{W}tcPr"):
        if properties.find(W + "tcMar") is None:
            margins = etree.Element(W + "tcMar")
            etree.SubElement(margins, W + "bottom", {W + "w": "0", W + "type": "dxa"})
            place = [child for child in properties if child.tag in _BEHIND]
            properties.insert(len(properties) - len(place), margins)
            changed = True
    height = row.find(f"{W}trPr/{W}trHeight")
    if changed and height is not None:
        height.set(VAL, str(max(0, int(height.get(VAL) or 0) - _LITTLE)))
    return changed


_LITTLE = 60
"""Twips: more than the empty paragraph and the line above it need."""
_BEHIND = frozenset(W + name for name in ("textDirection", "tcFitText", "vAlign", "hideMark"))
"""What the schema has behind ``w:tcMar``."""

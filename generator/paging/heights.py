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
from generator.typeset.wml import Paragraph, Row

LEAST = 21.3
"""Points: 7.5 mm, what a row of one printed line needs."""
_LINE = 16.0
_WORTH = 30.0
"""Points that the rows of a print must be able to give up before it is laid out again without them."""
_ROOM = re.compile(r"[\u3000 ]{2,}|_{3,}")
"""What is printed where an answer is still to be written."""
_BY_HAND = re.compile(
    r"[：:（第][ \u3000]{2}|[ \u3000]{2}[年月日时分秒次元号）]|__|签字|签名|签章|盖章|公章|手印"
)
"""Wording beside the answers that leaves something to a pen."""
_ONE_LINE = 26.0
"""Points: 9 mm and what rounding adds."""


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
    """Whether a row is higher than a line and nothing is left to be written in it by hand."""
    if row.height <= LEAST or row.exact or item.signs:
        return False
    cells = [cell for cell in row.cells if cell.merge != "continue"]
    answers = [
        answer for cell in cells for paragraph in cell.paragraphs for answer in _answers(paragraph, names)
    ]
    if not answers:  # ticks and small print: a row of one line may be a little lower
        return row.height <= _ONE_LINE and (item.asks or item.note)
    wording = " ".join(_wording(paragraph, names) for cell in cells for paragraph in cell.paragraphs)
    return (
        all(answer.strip("\u3000 _") and not _ROOM.search(answer) for answer in answers)
        and all(any(paragraph.text.strip() for paragraph in cell.paragraphs) for cell in cells)
        and not _BY_HAND.search(wording)
    )


def _marks(paragraph: Paragraph, names: Names) -> list[tuple[int, int]]:
    marks = paragraph.bookmarks
    return sorted((m.start, m.end) for m in marks if m.name.partition("__")[0] in names.texts)


def _answers(paragraph: Paragraph, names: Names) -> list[str]:
    return [paragraph.text[start:end] for start, end in _marks(paragraph, names)]


def _wording(paragraph: Paragraph, names: Names) -> str:
    """The text of a paragraph without the answers."""
    text, at, kept = paragraph.text, 0, []
    for start, end in _marks(paragraph, names):
        kept.append(text[at:start])
        at = max(at, end)
    return "\ufffc".join([*kept, text[at:]])


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

"""What stands on each page of a laid-out document: which rows, with how many lines, in which order.

Pure reading of a layout beside the document it was made of.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from generator.identity.page_map import FieldRef
from generator.typeset.model import Layout, PageLayout
from generator.typeset.wml import Document, Paragraph, Row, Table

WRITING = 17.0
"""Points: a row higher than its text has room for a line more written by hand for each of these."""


class Names(NamedTuple):
    """Bookmarks by what they mean: places to sign (not those of a list's rows), and all other answers."""

    signs: frozenset[str]
    answers: frozenset[str]
    texts: frozenset[str]
    """Of the answers, those that are written and not ticked."""

    @classmethod
    def of(cls, fields: Mapping[str, FieldRef]) -> Names:
        """The names of a form's bookmarks (``docx.bookmarks.field_refs``)."""
        signs = frozenset(
            name for name, ref in fields.items() if ref.kind == "signature" and "*" not in ref.pointer
        )
        texts = frozenset(name for name, ref in fields.items() if ref.kind == "text" and ref.option is None)
        return cls(signs, frozenset(fields) - signs, texts)


@dataclass(frozen=True, slots=True)
class Item:
    """A row, or a paragraph of the body (``row`` None); ``number`` counts both in the document's order."""

    number: int
    row: Row | None
    table: Table | None
    signs: bool
    asks: bool
    text: bool
    """Something is printed in it."""
    note: bool
    """Small print: wording that asks for nothing and leads to nothing."""
    kept: bool
    """It already stays on a page with the next."""


@dataclass(frozen=True, slots=True)
class Part:
    """What of a row stands on a page, or one line of the body (``item`` None).

    ``top`` in points from the top of the page; ``lines`` written, or free to be written by hand;
    ``begun`` and ``goes_on`` say whether the row stands on the page before and on the next one, too.
    """

    item: Item | None
    top: float
    lines: int
    written: int
    """Of the lines, those that are printed."""
    signs: bool
    answers: bool
    begun: bool = False
    goes_on: bool = False


def items(document: Document, names: Names) -> list[Item]:
    """Rows and body paragraphs in the order of the document."""
    found: list[Item] = []
    for block in document.blocks:
        if isinstance(block, Paragraph):
            found.append(_item(len(found), None, None, [block], names))
            continue
        for row in block.rows:
            own = [p for cell in row.cells if cell.merge != "continue" for p in cell.paragraphs]
            found.append(_item(len(found), row, block, own, names))
    return found


def _item(
    number: int, row: Row | None, table: Table | None, paragraphs: list[Paragraph], names: Names
) -> Item:
    marked = {_base(mark.name) for paragraph in paragraphs for mark in paragraph.bookmarks}
    signs, asks = bool(marked & names.signs), bool(marked & names.answers)
    printed = [paragraph for paragraph in paragraphs if paragraph.text.strip()]
    note = row is not None and not signs and not asks and all(p.style == "Note" for p in printed)
    kept = paragraphs[0].props.keep_next if row is None else row.keep_next
    return Item(number, row, table, signs, asks, bool(printed), note, kept)


def _base(name: str) -> str:
    return name.partition("__")[0]


def pages(document: Document, layout: Layout, all_items: list[Item], names: Names) -> list[list[Part]]:
    """The parts on each page from top to bottom; repeated header rows are left out."""
    owner = {
        cell.number: item
        for item in all_items
        if item.row is not None and not item.row.header
        for cell in item.row.cells
        if cell.merge == "none"
    }
    last = {number: at for at, page in enumerate(layout.pages) for number in _rows_on(page, owner)}
    first: dict[int, int] = {}
    result = []
    for at, page in enumerate(layout.pages):
        parts = [
            Part(
                item, top, max(written, free), written, item.signs, item.asks,
                begun=first.setdefault(item.number, at) < at,
                goes_on=last[item.number] > at,
            )
            for item, top, written, free in _row_parts(page, owner)
        ]  # fmt: skip
        parts += _body_lines(document, page, names)
        result.append(sorted(parts, key=lambda part: part.top))
    return result


def _rows_on(page: PageLayout, owner: dict[int, Item]) -> set[int]:
    return {owner[part.number].number for part in page.cells if part.number in owner}


def _row_parts(page: PageLayout, owner: dict[int, Item]) -> list[tuple[Item, float, int, int]]:
    """Each row with its upper edge, the lines of the cell that has most, and how many have room there."""
    written: dict[int, set[float]] = defaultdict(set)
    for span in page.spans:
        if span.cell is not None:
            written[span.cell].add(round(span.y, 1))
    found: dict[int, tuple[Item, float, int, int]] = {}
    for part in page.cells:
        item = owner.get(part.number)
        if item is None:
            continue
        _, top, lines, free = found.get(item.number, (item, part.rect.y, 0, 0))
        lines, free = max(lines, len(written[part.number])), max(free, int(part.rect.height // WRITING))
        found[item.number] = (item, min(top, part.rect.y), lines, free)
    return list(found.values())


def _body_lines(document: Document, page: PageLayout, names: Names) -> list[Part]:
    section = document.section
    low, high = section.top, section.height - section.bottom
    lines = {round(span.y, 1) for span in page.spans if span.cell is None and low < span.y < high + 1}
    signed = [
        (mark.rect.y, mark.rect.y + mark.rect.height)
        for mark in page.marks
        if mark.cell is None and _base(mark.name) in names.signs
    ]
    return [
        Part(None, y, 1, 1, signs := any(top <= y <= bottom for top, bottom in signed), not signs)
        for y in sorted(lines)
    ]

"""Stacks lines in a column: distances between lines and paragraphs, and what fits into a height.

Owns :class:`Column`, the place on the current page where content goes next.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from generator.typeset.emit import LinePainter
from generator.typeset.lines import Line, SetParagraph
from generator.typeset.model import PageLayout

TOLERANCE = 0.02
"""Points by which content may pass a limit: sums of rounded numbers."""


class Slot(NamedTuple):
    """One line in a stack.

    ``gap`` is the distance to the line above, ``lead`` the distance to the upper edge when the line is the
    first of its column, ``tail`` the distance to the lower edge when it is the last.
    """

    paragraph: SetParagraph
    line: Line
    number: int
    gap: float
    lead: float
    tail: float


def stack(paragraphs: Sequence[SetParagraph]) -> list[Slot]:
    """Return the lines of ``paragraphs`` with their distances (the larger of after and before counts)."""
    slots: list[Slot] = []
    after = extra = 0.0
    for paragraph in paragraphs:
        props, last = paragraph.source.props, len(paragraph.lines) - 1
        for index, line in enumerate(paragraph.lines):
            lead = 0.0 if index else props.before
            gap = extra if index else max(props.before, after) + extra
            tail = props.after + paragraph.tail if index == last else 0.0
            slots.append(Slot(paragraph, line, index, gap, lead, tail))
            extra = line.extra
        after = props.after
    return slots


def height_of(slots: Sequence[Slot], start: int, end: int, *, tail: bool = True) -> float:
    """Return the height of ``slots[start:end]`` as a column of its own."""
    if start >= end:
        return 0.0
    total = slots[start].lead + slots[start].line.height
    for slot in slots[start + 1 : end]:
        total += slot.gap + slot.line.height
    return total + (slots[end - 1].tail if tail else 0.0)


def fitting(slots: Sequence[Slot], start: int, room: float, *, in_cell: bool = False) -> int:
    """Return the end of the longest run from ``start`` that fits into ``room``.

    In a table cell the last line of a paragraph needs the space below it too, unless it is the first line
    of the column; in the page body single lines of a paragraph are not left alone (孤行控制).
    """
    y, end = 0.0, start
    # Ends: each round goes on by a line.
    while end < len(slots):
        slot = slots[end]
        y += (slot.lead if end == start else slot.gap) + slot.line.height
        if y + (slot.tail if in_cell and end > start else 0.0) > room + TOLERANCE:
            break
        end += 1
    return end if in_cell else _keep_together(slots, start, end)


def _keep_together(slots: Sequence[Slot], start: int, end: int) -> int:
    """Move a break inside a paragraph so that two lines stay on both sides, if the paragraph asks for it."""
    if end in (start, len(slots)) or slots[end].number == 0:
        return end
    paragraph, above = slots[end].paragraph, slots[end].number
    props, count = paragraph.source.props, len(paragraph.lines)
    first = end - above
    if props.keep_lines:
        return first if first > start else end
    if not props.widow_control:
        return end
    if count - above == 1 and above > 2:
        return end - 1
    if above == 1 or (above == 2 and count == 3):
        return first if first > start else end
    return end


def paint(painter: LinePainter, slots: Sequence[Slot], top: float) -> None:
    """Draw ``slots`` from ``top`` down."""
    y = top
    for index, slot in enumerate(slots):
        y += slot.gap if index else slot.lead
        painter.paint(slot.paragraph, slot.line, y)
        y += slot.line.height


@dataclass(slots=True, repr=False)
class Column:
    """The text area of the current page.  ``fresh`` while nothing stands on the page."""

    page: PageLayout
    x: float
    width: float
    top: float
    limit: float
    y: float
    next_page: Callable[[], PageLayout]
    fresh: bool = True

    def advance(self) -> None:
        """Go on at the top of a new page."""
        self.page = self.next_page()
        self.y = self.top
        self.fresh = True

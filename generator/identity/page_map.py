"""The page map: where on which sheet an answer, a tick box or a signature stands.

Owns the way from named marks of a layout to places keyed by (JSON pointer, occurrence).  A reader of scans
needs it to look at a box or a signature cell; it names fields and options, never an answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Literal, NamedTuple

from generator.errors import TemplateTagInvalid
from generator.typeset.model import Layout, Mark, Rect

Kind = Literal["tick", "mark", "signature", "text"]
KINDS: tuple[Kind, ...] = ("tick", "mark", "signature", "text")

_MM = 25.4 / 72
_LEAST_SIGNATURE = 20 / _MM
"""Points; nobody signs on less than 20 mm."""
_NAME = re.compile(r"(?P<base>f_.*?)(?:__(?P<occurrence>[0-9]+))?", re.DOTALL)


class FieldRef(NamedTuple):
    """What a mark's name stands for: a field, or one option of it.

    ``pointer`` has ``*`` for the rows of a list: ``/plan_rows/*/method``.
    """

    pointer: str
    option: str | None
    kind: Kind


class PageMapEntry(NamedTuple):
    """One place: millimetres from the top left corner of page ``page`` (counted from 1).

    ``occurrence`` counts the rows of a repeated field from 1.  A text that goes on over a page break has one
    entry a page, all with the same occurrence.
    """

    pointer: str
    occurrence: int
    option: str | None
    kind: Kind
    page: int
    x_mm: float
    y_mm: float
    w_mm: float
    h_mm: float


class PageMap(NamedTuple):
    """All places of one document, by page and then in the order of the layout."""

    entries: tuple[PageMapEntry, ...] = ()

    def find(
        self, pointer: str, *, occurrence: int = 1, option: str | None = None
    ) -> tuple[PageMapEntry, ...]:
        """Find the places of one field (of one option when given); several when it goes on over pages."""
        return tuple(
            entry
            for entry in self.entries
            if (entry.pointer, entry.occurrence, entry.option) == (pointer, occurrence, option)
        )


def build_page_map(layout: Layout, fields: Mapping[str, FieldRef]) -> PageMap:
    """Places of every mark of ``layout`` whose name is one of ours (``f_…``, repeated rows ``f_…__2``).

    Marks of other names are Word's own and left out.  Raises TemplateTagInvalid for an ``f_`` name that
    ``fields`` does not know: a place nobody could look up is a mistake in the template.
    """
    entries: list[PageMapEntry] = []
    for number, page in enumerate(layout.pages, start=1):
        by_name: dict[str, list[Mark]] = {}
        for mark in page.marks:
            by_name.setdefault(mark.name, []).append(mark)
        for name, marks in by_name.items():
            match = _NAME.fullmatch(name)
            if match is None:
                continue
            base, occurrence = match.groups()
            ref = fields.get(base)
            if ref is None:
                raise TemplateTagInvalid(f"模板的书签 {base} 不对应表单的任何字段。")
            entries.append(_entry(ref, int(occurrence or 1), number, marks))
    return PageMap(tuple(entries))


def _entry(ref: FieldRef, occurrence: int, page: int, marks: list[Mark]) -> PageMapEntry:
    kind, rect = _place(ref.kind, marks)
    return PageMapEntry(
        pointer=ref.pointer,
        occurrence=occurrence,
        option=ref.option,
        kind=kind,
        page=page,
        x_mm=_millimetres(rect.x),
        y_mm=_millimetres(rect.y),
        w_mm=_millimetres(rect.width),
        h_mm=_millimetres(rect.height),
    )


def _place(kind: Kind, marks: list[Mark]) -> tuple[Kind, Rect]:
    """Choose what to look at: the box of a tick, the room for a signature, else the text.

    The room is what the bookmark encloses; in a template whose bookmark is only a point, it is the cell.

    An option without a box is printed as a word with room for √ before it: a ``mark``.
    """
    if kind == "tick":
        boxes = [mark.box.rect for mark in marks if mark.box is not None]
        if boxes:
            return "tick", _union(boxes)
        return "mark", _union(mark.rect for mark in marks)
    if kind == "signature":
        room = _union(mark.rect for mark in marks)
        if room.width < _LEAST_SIGNATURE:
            return kind, _union(mark.cell or mark.rect for mark in marks)
        return kind, room
    return kind, _union(mark.rect for mark in marks)


def _union(rects: Iterable[Rect]) -> Rect:
    every = list(rects)
    if len(every) == 1:
        x, y, width, height = every[0]
        return Rect(x, y, x + width - x, y + height - y)  # to the last bit what several give
    left, top = min(r.x for r in every), min(r.y for r in every)
    right, bottom = max(r.x + r.width for r in every), max(r.y + r.height for r in every)
    return Rect(left, top, right - left, bottom - top)


def _millimetres(points: float) -> float:
    """To 0.01 mm, an eighth of a dot at 300 dpi."""
    return round(points * _MM, 2)

"""A table row cut in two between lines, so that its end can stand on another page.

Works on WordprocessingML elements.  The second half begins a page and looks as rows do that go on there: the
labels beside are not repeated.  A merge of the halves would be closer to the one row it was, but LibreOffice
does not take the second half of a merged label to another page.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from typing import NamedTuple

from lxml import etree
from lxml.etree import _Element

from generator.typeset.ooxml import W

_ORDER = ("cnfStyle", "tcW", "gridSpan", "hMerge", "vMerge", "tcBorders", "shd", "noWrap", "tcMar")
"""Children of ``w:tcPr`` in the order of the schema, as far as they stand before or beside ours."""
_COUNTED = frozenset(W + name for name in ("tab", "br", "cr", "noBreakHyphen", "drawing"))
_PROPERTIES = frozenset(W + name for name in ("pPr", "rPr", "sdtPr", "tcPr"))


class Cut(NamedTuple):
    """Where: before character ``offset`` of paragraph ``paragraph`` of cell ``cell``, all counted from 0."""

    cell: int
    paragraph: int
    offset: int


def divide_row(row: _Element, cut: Cut, *, tail_height: float) -> _Element:
    """Put the end of ``row`` into a row of its own behind it; return that.

    ``tail_height`` (points) is taken off the least height of the first half; the second half is not divided.
    """
    end = deepcopy(row)
    row.addnext(end)
    for number, (upper, lower) in enumerate(zip(_cells(row), _cells(end), strict=True)):
        if number == cut.cell:
            _divide_cell(upper, lower, cut)
        else:
            _empty(lower)
    _set_height(row, tail_height, whole=False)
    _set_height(end, None, whole=True)
    return end


def keep_row(row: _Element) -> None:
    """Let ``row`` stand on a page with the next one, undivided."""
    for paragraph in row.iter(W + "p"):
        keep_paragraph(paragraph)


def hold_row(row: _Element) -> None:
    """Let ``row`` be divided by no page."""
    properties = _properties(row, "trPr")
    if properties.find(W + "cantSplit") is None:
        properties.insert(0, etree.Element(W + "cantSplit"))


def keep_paragraph(paragraph: _Element) -> None:
    """Let ``paragraph`` stand on a page with the next one."""
    properties = _properties(paragraph, "pPr")
    if properties.find(W + "keepNext") is None:
        style = properties.find(W + "pStyle")
        properties.insert(0 if style is None else 1, etree.Element(W + "keepNext"))


def _cells(row: _Element) -> Sequence[_Element]:
    return list(row.iter(W + "tc"))


def _properties(element: _Element, name: str) -> _Element:
    found = element.find(W + name)
    if found is None:
        found = etree.Element(W + name)
        element.insert(0, found)
    return found


def _put(properties: _Element, child: _Element) -> None:
    """Put ``child`` into ``w:tcPr`` where the schema wants it, for one of its name that is there."""
    for old in properties.findall(child.tag):
        properties.remove(old)
    place = _ORDER.index(etree.QName(child).localname)
    before = [c for c in properties if etree.QName(c).localname in _ORDER[:place]]
    properties.insert(len(before), child)


def _divide_cell(upper: _Element, lower: _Element, cut: Cut) -> None:
    for at, (first, second) in enumerate(zip(_paragraphs(upper), _paragraphs(lower), strict=True)):
        if at < cut.paragraph or (at == cut.paragraph and cut.offset == _length(first)):
            _remove(second)
        elif at > cut.paragraph or cut.offset == 0:
            _remove(first)
        else:
            _trim(first, cut.offset, front=True)
            _trim(second, cut.offset, front=False)
            _indent_nothing(second)


def _empty(lower: _Element) -> None:
    """A cell beside the divided one says nothing again; one that is merged goes on."""
    properties = _properties(lower, "tcPr")
    if properties.find(W + "vMerge") is not None:
        _put(properties, etree.Element(W + "vMerge"))
    first, *others = _paragraphs(lower)
    for other in others:
        _remove(other)
    for child in list(first):
        if child.tag != W + "pPr":
            first.remove(child)


def _paragraphs(cell: _Element) -> list[_Element]:
    return list(cell.iter(W + "p"))


def _remove(element: _Element) -> None:
    parent = element.getparent()
    if parent is not None:
        parent.remove(element)


def _set_height(row: _Element, less: float | None, *, whole: bool) -> None:
    properties = _properties(row, "trPr")
    height, held = properties.find(W + "trHeight"), properties.find(W + "cantSplit")
    if height is not None:
        if less is None:
            properties.remove(height)
        else:
            height.set(W + "val", str(max(0, int(height.get(W + "val") or 0) - round(less * 20))))
    if held is not None:
        properties.remove(held)
    if whole:
        hold_row(row)


def _indent_nothing(paragraph: _Element) -> None:
    """The rest of a paragraph does not begin like one."""
    properties = _properties(paragraph, "pPr")
    indent = properties.find(W + "ind")
    if indent is None:
        indent = etree.Element(W + "ind")
        follows = [c for c in properties if c.tag in _AFTER_INDENT]
        properties.insert(len(properties) - len(follows), indent)
    for name in ("firstLine", "firstLineChars", "hanging", "hangingChars"):
        indent.attrib.pop(W + name, None)
    indent.set(W + "firstLine", "0")


_AFTER_INDENT = frozenset(
    W + name
    for name in ("contextualSpacing", "mirrorIndents", "jc", "textAlignment", "outlineLvl", "rPr", "sectPr")
)


def _length(paragraph: _Element) -> int:
    return sum(_counted(element) for element in paragraph.iter())


def _counted(element: _Element) -> int:
    """Characters that an element itself stands for, as the typesetter counts them."""
    if element.tag == W + "t":
        return len(element.text or "")
    parent = element.getparent()
    return 1 if element.tag in _COUNTED and parent is not None and parent.tag == W + "r" else 0


def _trim(paragraph: _Element, offset: int, *, front: bool) -> None:
    """Leave what stands before character ``offset`` (``front``), or what stands behind it."""
    at = 0
    for element in list(paragraph.iter()):
        size = _counted(element)
        start, at = at, at + size
        if element.tag == W + "t":
            text = element.text or ""
            split = min(max(offset - start, 0), len(text))
            element.text = text[:split] if front else text[split:]
            element.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
        elif (size and (start >= offset) == front) or (
            element.tag in _BOOKMARKS and _is_behind(element, start, offset) == front
        ):
            _remove(element)


_BOOKMARKS = frozenset((W + "bookmarkStart", W + "bookmarkEnd"))


def _is_behind(mark: _Element, at: int, offset: int) -> bool:
    """Whether a bookmark's edge belongs to the second half."""
    return at > offset or (at == offset and mark.tag == W + "bookmarkStart")

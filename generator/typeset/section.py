"""Reads the page setup of a docx (``w:sectPr``).

Owns page size and margins, and the refusal of page setups that cannot be printed.
"""

from __future__ import annotations

from lxml.etree import _Element

from generator.errors import TemplateDamaged
from generator.typeset import decisions
from generator.typeset.measures import PAGE_MARGIN, PAPER, PITCH, length
from generator.typeset.ooxml import VAL, W, is_on, local, unsupported
from generator.typeset.wml import Section

_WHERE = "的页面设置"
LEAST = 28.0
"""Points, a centimetre: what is narrower or lower is no room to write."""
_KNOWN = decisions.tags(decisions.SECTION) | {
    W + n
    for n in ("pgSz", "pgMar", "cols", "docGrid", "textDirection", "titlePg", "bidi", "rtlGutter",
              "pgBorders", "lnNumType", "sectPrChange", "pgNumType")
}  # fmt: skip
_DECIMAL: tuple[dict[str, str], ...] = ({}, {W + "fmt": "decimal"})


def _refuse(child: _Element) -> None:
    name = local(child)
    if (
        (name == "cols" and (child.get(W + "num") or "1") != "1")
        or (name == "docGrid" and child.get(W + "type") not in (None, "default", "lines"))
        or (name == "textDirection" and child.get(VAL) not in (None, "lrTb"))
        or (name in ("titlePg", "bidi", "rtlGutter") and is_on(child))
        or (name in ("pgBorders", "lnNumType", "sectPrChange") and (len(child) or child.attrib))
        or (name == "pgNumType" and dict(child.attrib) not in _DECIMAL)
        or decisions.refused(child, decisions.SECTION)
        or child.tag not in _KNOWN
    ):
        raise unsupported(name, _WHERE)


def read_section(element: _Element | None) -> Section:
    """Return page geometry; A4 with Word's Chinese margins when the docx does not say.

    Raises TemplateUnsupported, TemplateDamaged.
    """
    if element is None:
        return Section(595.3, 841.9, 72.0, 90.0, 72.0, 90.0, 42.55, 49.6)
    for child in element.iterchildren("*"):
        _refuse(child)
    size, margin = element.find(W + "pgSz"), element.find(W + "pgMar")
    if size is None or margin is None:
        raise TemplateDamaged("Word 文件的页面设置不完整。")
    if margin.get(W + "gutter") not in (None, "0"):
        raise unsupported("pgMar", _WHERE, " gutter")
    paper = [length(size.get(W + side), PAPER) for side in ("w", "h")]
    names = ("top", "right", "bottom", "left", "header", "footer")
    sides = [length(margin.get(W + name), PAGE_MARGIN) for name in names]
    section = Section(*paper, *sides)._replace(grid=_grid(element))
    for room, which in (
        (section.width - section.left - section.right, "左右"),
        (section.height - section.top - section.bottom, "上下"),
    ):
        if room < LEAST:
            raise TemplateDamaged(
                f"Word 文件的{which}页边距之间没有地方写字。",
                hint="请在 Word 的页面设置中改正纸张大小和页边距。",
            )
    return section


def _grid(element: _Element) -> float:
    """Distance of the grid's lines, which documents begun in Chinese Word have (15.6 points); else 0."""
    grid = element.find(W + "docGrid")
    if grid is None or grid.get(W + "type") != "lines":
        return 0.0
    return length(grid.get(W + "linePitch"), PITCH)

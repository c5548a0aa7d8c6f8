"""What a docx says of a table, its rows and its cells besides their content: widths, place, borders, fill.

Anything that would change what is seen and cannot be printed raises TemplateUnsupported.
"""

from __future__ import annotations

from typing import Literal

from lxml.etree import _Element

from generator.errors import TemplateDamaged
from generator.typeset import decisions, measures
from generator.typeset.measures import colour, length
from generator.typeset.ooxml import VAL, W, local, unsupported
from generator.typeset.styles import TableStyle, read_borders, read_margins
from generator.typeset.wml import Border, Cell

_DIGITS = 4
"""Of a number of columns; Word has at most 63 in a table."""
_VALIGN: dict[str, Literal["top", "center", "bottom"]] = {
    "top": "top",
    "center": "center",
    "bottom": "bottom",
}
_ENDS = {"start": "left", "end": "right"}
ROW_KNOWN = decisions.tags(decisions.ROW) | {
    W + n for n in ("trHeight", "tblHeader", "cantSplit", "jc", "gridBefore", "hidden", "tblCellSpacing")
}
_CELL_KNOWN = decisions.tags(decisions.CELL) | {
    W + n for n in ("gridSpan", "vMerge", "tcBorders", "shd", "tcMar", "vAlign")
}
TABLE_KNOWN = decisions.tags(decisions.TABLE) | {
    W + n for n in ("tblStyle", "jc", "tblInd", "tblBorders", "tblCellMar", "shd", "bidiVisual")
}


def grid_of(table: _Element, grid: _Element) -> list[float]:
    """Return the widths of the columns; those the grid leaves open come from cells of one column."""
    widths = [length(column.get(W + "w"), measures.WIDTH) for column in grid.iterchildren(W + "gridCol")]
    for row in table.iterchildren(W + "tr") if not all(widths) else ():
        at = 0
        for cell in row.iterchildren(W + "tc"):
            span, width = cell.find(f"{W}tcPr/{W}gridSpan"), cell.find(f"{W}tcPr/{W}tcW")
            count = 1 if span is None else columns_of(span, 1, "的表格")
            if count == 1 and at < len(widths) and not widths[at] and width is not None:
                fixed = width.get(W + "type") in (None, "dxa")
                widths[at] = length(width.get(W + "w"), measures.WIDTH) if fixed else 0.0
            at += count
    if not all(width > 0 for width in widths):
        raise TemplateDamaged("模板的表格没有写明列宽。", hint="请在 Word 中把表格设为固定列宽后保存。")
    return widths


def columns_of(element: _Element, least: int, where: str) -> int:
    """How many columns it says."""
    written = element.get(VAL) or str(least)
    if not written.isdecimal() or len(written) > _DIGITS or int(written) < least:
        raise TemplateDamaged(f"模板{where}的单元格与表格的列不符。")
    return int(written)


def four(margins: dict[str, float]) -> tuple[float, float, float, float]:
    """Return margins in the order top, right, bottom, left."""
    return margins["top"], margins["right"], margins["bottom"], margins["left"]


def placement(properties: _Element, style: TableStyle, where: str) -> tuple[float, str]:
    """Return the indent of a table and where it stands between the margins."""
    indent_element, align_element = properties.find(W + "tblInd"), properties.find(W + "jc")
    indent = style.indent if indent_element is None else length(indent_element.get(W + "w"), measures.INDENT)
    align = style.align if align_element is None else align_element.get(VAL) or "left"
    align = _ENDS.get(align, align)
    if align not in ("left", "center", "right"):
        raise unsupported("jc", where, f"={align}")
    return indent, align


def placed_by_rows(aligned: list[str | None], align: str, where: str) -> str:
    """The place of a table: what its rows say goes before what the table says, if they all say the same."""
    told = {_ENDS.get(value, value) if value else align for value in aligned}
    if len(told) > 1 or not told <= {"left", "center", "right"}:
        raise unsupported("jc", where, " 各行不同")
    return told.pop() if told else align


def cell_properties(properties: _Element, cell: Cell, margins: dict[str, float], where: str) -> None:
    """Write into a cell what its properties say."""
    for child in properties.iterchildren("*"):
        name = local(child)
        if name == "gridSpan":
            cell.span = columns_of(child, 1, where)
        elif name == "vMerge":
            cell.merge = "start" if child.get(VAL) == "restart" else "continue"
        elif name == "vAlign":
            cell.valign = _valign(child, where)
        elif name == "tcMar":
            cell.margins = four({**margins, **read_margins(child)})
        elif name == "tcBorders":
            cell.borders = _cell_borders(child, where)
        elif name == "shd":
            cell.fill = fill_of(child, where)
        elif not _cell_known(child):
            raise unsupported(name, where)


def _cell_known(child: _Element) -> bool:
    if local(child) == "textDirection":
        return bool(child.get(VAL) == "lrTb")
    return child.tag in _CELL_KNOWN and not decisions.refused(child, decisions.CELL)


def _valign(element: _Element, where: str) -> Literal["top", "center", "bottom"]:
    value = element.get(VAL) or "top"
    found = _VALIGN.get(value)
    if found is None:
        raise unsupported("vAlign", where, f"={value}")
    return found


def _cell_borders(
    element: _Element, where: str
) -> tuple[Border | None, Border | None, Border | None, Border | None]:
    found = read_borders(element, where)
    return found.get("top"), found.get("right"), found.get("bottom"), found.get("left")


def fill_of(element: _Element, where: str) -> str | None:
    """Return the colour a shading says; None for white."""
    if element.get(VAL) not in (None, "clear", "nil"):
        raise unsupported("shd", where, f"={element.get(VAL)}")
    fill = element.get(W + "fill") or "auto"
    return None if fill in ("auto", "FFFFFF") else colour(fill) or "000000"

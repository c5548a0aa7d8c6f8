"""Reads a docx into :class:`~generator.typeset.wml.Document`.

Owns the walk over body, tables, header and footer.  Anything that would change what is seen and cannot
be printed raises TemplateUnsupported naming the construct and its place.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from lxml.etree import _Element

from generator.errors import TemplateDamaged
from generator.typeset import decisions, measures
from generator.typeset.inline import Bookmarks, InlineReader
from generator.typeset.measures import colour, length
from generator.typeset.ooxml import VAL, R, W, is_on, local, unsupported
from generator.typeset.package import Package
from generator.typeset.properties import apply_para, apply_run, para_changes, run_changes
from generator.typeset.remembered import MARK, REMEMBERED
from generator.typeset.section import read_section
from generator.typeset.styles import (
    Styles,
    TableStyle,
    load_settings,
    load_styles,
    parse_xml,
    read_borders,
    read_margins,
)
from generator.typeset.theme import name_fonts, theme_fonts
from generator.typeset.wml import (
    NO_BORDER,
    Block,
    Border,
    Cell,
    Document,
    Paragraph,
    ParaProps,
    Row,
    RunProps,
    Table,
)

_DIGITS = 4
"""Of a number of columns; Word has at most 63 in a table."""
_WRAPPERS = frozenset(W + n for n in ("sdt", "sdtContent", "customXml", "smartTag"))
_SILENT = frozenset(
    W + n
    for n in (
        "sectPr", "sdtPr", "sdtEndPr", "customXmlPr", "proofErr", "permStart", "permEnd",
        "commentRangeStart", "commentRangeEnd",
    )
)  # fmt: skip
_VALIGN: dict[str, Literal["top", "center", "bottom"]] = {
    "top": "top",
    "center": "center",
    "bottom": "bottom",
}
_ENDS = {"start": "left", "end": "right"}
_SIDES = ("top", "right", "bottom", "left")
_ROW_KNOWN = decisions.tags(decisions.ROW) | {
    W + n for n in ("trHeight", "tblHeader", "cantSplit", "jc", "gridBefore", "hidden", "tblCellSpacing")
}
_CELL_KNOWN = decisions.tags(decisions.CELL) | {
    W + n for n in ("gridSpan", "vMerge", "tcBorders", "shd", "tcMar", "vAlign")
}
_TABLE_KNOWN = decisions.tags(decisions.TABLE) | {
    W + n for n in ("tblStyle", "jc", "tblInd", "tblBorders", "tblCellMar", "shd", "bidiVisual")
}


def read_document(docx: bytes | Mapping[str, bytes]) -> Document:
    """Parse a docx, or its parts by name.  Raises TemplateDamaged, TemplateUnsupported."""
    package = Package(docx)
    settings = load_settings(package.related("settings"))
    theme = package.related("theme")
    styles = load_styles(package.related("styles") or _NO_STYLES, theme, settings.script)
    fonts = theme_fonts(theme, settings.script)
    data, shared = REMEMBERED.shorten(package.read(package.main))
    body = _root(data, "document.xml", fonts).find(W + "body")
    if body is None:
        raise TemplateDamaged("Word 文件没有正文。")
    section_element = body.find(W + "sectPr")
    section = read_section(section_element)
    reader = PartReader(package, package.main, styles, "正文", fields=False)
    reader.shared, reader.head = shared, data[: data.find(b"<w:body")]
    blocks = reader.blocks(body)
    sides = {} if section_element is None else _sides(package, styles, section_element, fonts)
    return Document(
        blocks=blocks,
        section=section,
        header=sides.get("header", []),
        footer=sides.get("footer", []),
        tab_width=settings.tab_width,
        no_start=settings.no_start,
        no_end=settings.no_end,
    )


_NO_STYLES = f'<w:styles xmlns:w="{W[1:-1]}"/>'.encode()


def _root(data: bytes, part: str, fonts: dict[str, str]) -> _Element:
    """Parse a part; theme fonts are written out as names."""
    root = parse_xml(data, part)
    if b"Theme=" in data:
        name_fonts(root, fonts)
    return root


def _sides(
    package: Package, styles: Styles, section: _Element, fonts: dict[str, str]
) -> dict[str, list[Block]]:
    relations = package.relations(package.main)
    found: dict[str, list[Block]] = {"header": [], "footer": []}
    for name in found:
        for reference in section.iterchildren(f"{W}{name}Reference"):
            if reference.get(W + "type") != "default":
                continue
            part = relations.get(reference.get(R + "id") or "", ("", ""))[1]
            data = package.read(part)
            if not data:
                raise TemplateDamaged("Word 文件的页眉或页脚缺失。")
            title = "页眉" if name == "header" else "页脚"
            reader = PartReader(package, part, styles, title, fields=True)
            found[name] = reader.blocks(_root(data, part, fonts))
    return found


class PartReader:
    """Reads the blocks of one part (body, header or footer)."""

    def __init__(self, package: Package, part: str, styles: Styles, title: str, *, fields: bool) -> None:
        self._package = package
        self._part = part
        self._styles = styles
        self._title = title
        self._marks = Bookmarks()
        self._inline = InlineReader(styles, self._picture, self._marks, fields=fields)
        self._tables = 0
        self._paragraphs = 0
        self._cells = 0
        self._table_style: str | None = None
        self._aligned: list[str | None] = []
        """What each row of the table being read says about the table's place."""
        self._props_cache = styles.paragraph_cache
        self.shared: list[bytes] = []
        """XML of the cells cut out of the part; ``head`` is its beginning, with the namespaces."""
        self.head = b""

    def _picture(self, relation: str) -> bytes:
        path = self._package.relations(self._part).get(relation, ("", ""))[1]
        data = self._package.read(path)
        if not data:
            raise TemplateDamaged("Word 文件中的图片缺失。")
        return data

    def blocks(self, parent: _Element) -> list[Block]:
        """Paragraphs and tables of the part in order."""
        found: list[Block] = []
        self._walk(parent, found)
        _close_up(found)
        return found

    def _walk(self, parent: _Element, found: list[Block]) -> None:
        for child in parent.iterchildren("*"):
            tag = child.tag
            if tag == W + "p":
                self._paragraphs += 1
                found.append(self._paragraph(child, f"{self._title}第{self._paragraphs}段"))
            elif tag == W + "tbl":
                self._tables += 1
                found.append(self._table(child, f"{self._title}第{self._tables}个表格"))
            elif tag in _WRAPPERS:
                self._walk(child, found)
            elif not self._loose(child):
                raise unsupported(local(child), self._title)

    def _loose(self, child: _Element) -> bool:
        """Handle what may stand between blocks; False when it is something else."""
        if child.tag == W + "bookmarkStart":
            self._marks.start(child, 0)
        elif child.tag == W + "bookmarkEnd":
            self._marks.end(child, 0)
        elif child.tag not in _SILENT:
            return False
        return True

    def _paragraph(self, element: _Element, where: str) -> Paragraph:
        properties = element.find(W + "pPr")
        key: tuple[object, ...] = (self._table_style,)
        if properties is not None:
            key += tuple((e.tag, *e.attrib.items()) for e in properties.iter("*"))
        found = self._props_cache.get(key)
        if found is None:
            found = self._props_cache[key] = self._resolve(properties, where)
        props, base, mark = found
        paragraph = self._inline.read(element, props, base, mark, where)
        style = None if properties is None else properties.find(W + "pStyle")
        paragraph.style = "" if style is None else style.get(VAL) or ""
        return paragraph

    def _resolve(self, properties: _Element | None, where: str) -> tuple[ParaProps, RunProps, RunProps]:
        if properties is None:
            props, base = self._styles.paragraph(None, self._table_style)
            return props, base, base
        style = properties.find(W + "pStyle")
        props, base = self._styles.paragraph(None if style is None else style.get(VAL), self._table_style)
        mark_element = properties.find(W + "rPr")
        mark = apply_run(base, run_changes(mark_element, where)) if mark_element is not None else base
        return apply_para(props, para_changes(properties, where)), base, mark

    def _table(self, element: _Element, where: str) -> Table:
        properties = element.find(W + "tblPr")
        grid_element = element.find(W + "tblGrid")
        if properties is None or grid_element is None:
            raise TemplateDamaged(f"模板{where}缺少表格属性。")
        for child in properties.iterchildren("*"):
            if child.tag not in _TABLE_KNOWN or (child.tag == W + "bidiVisual" and is_on(child)):
                raise unsupported(local(child), where)
            if child.tag == W + "shd" and _fill(child, where):
                raise unsupported("shd", where)
        style_element = properties.find(W + "tblStyle")
        style = self._styles.table(None if style_element is None else style_element.get(VAL))
        borders = {**style.borders, **read_borders(properties.find(W + "tblBorders"), where)}
        margins = {**style.margins, **read_margins(properties.find(W + "tblCellMar"))}
        grid = _grid(element, grid_element)
        rows: list[Row] = []
        self._aligned = []
        self._table_style = None if style_element is None else style_element.get(VAL)
        self._rows(element, rows, margins, len(grid), where)
        self._table_style = None
        edges = tuple(borders.get(name, NO_BORDER) for name in (*_SIDES, "insideH", "insideV"))
        indent, align = _placement(properties, style, where)
        align = _of_rows(self._aligned, align, where)
        return Table(grid, rows, indent, align, edges)  # type: ignore[arg-type]

    def _rows(
        self, parent: _Element, rows: list[Row], margins: dict[str, float], columns: int, where: str
    ) -> None:
        for child in parent.iterchildren("*"):
            if child.tag == W + "tr":
                rows.append(self._row(child, margins, columns, f"{where}第{len(rows) + 1}行"))
            elif child.tag in _WRAPPERS:
                self._rows(child, rows, margins, columns, where)
            elif child.tag not in (W + "tblPr", W + "tblGrid") and not self._loose(child):
                raise unsupported(local(child), where)

    def _row(self, element: _Element, margins: dict[str, float], columns: int, where: str) -> Row:
        height, exact, header, cant_split, column = 0.0, False, False, False, 0
        aligned: str | None = None
        properties = element.find(W + "trPr")
        for child in properties.iterchildren("*") if properties is not None else ():
            name = local(child)
            if child.tag not in _ROW_KNOWN or (name == "hidden" and is_on(child)):
                raise unsupported(name, where)
            if name == "tblCellSpacing" and length(child.get(W + "w"), measures.CELL_MARGIN):
                raise unsupported(name, where)
            if name == "trHeight":
                height, exact = length(child.get(VAL), measures.HEIGHT), child.get(W + "hRule") == "exact"
            elif name == "tblHeader":
                header = is_on(child)
            elif name == "cantSplit":
                cant_split = is_on(child)
            elif name == "jc":
                aligned = child.get(VAL) or "left"
            elif name == "gridBefore":
                column = _columns(child, 0, where)
        self._aligned.append(aligned)
        cells: list[Cell] = []
        self._row_cells(element, cells, column, margins, where)
        if not cells or cells[-1].column + cells[-1].span > columns:
            raise TemplateDamaged(f"模板{where}的单元格与表格的列不符。")
        return Row(cells, height, exact, header, cant_split)

    def _row_cells(
        self, parent: _Element, cells: list[Cell], column: int, margins: dict[str, float], where: str
    ) -> None:
        for child in parent.iterchildren("*"):
            if child.tag == W + "tc":
                at = cells[-1].column + cells[-1].span if cells else column
                number, place = child.get(MARK), f"{where}第{len(cells) + 1}格"
                if number is None:
                    cells.append(self._cell(child, at, margins, place))
                else:
                    cells.append(self._shared_cell(self.shared[int(number)], at, margins, place))
            elif child.tag in _WRAPPERS:
                self._row_cells(child, cells, column, margins, where)
            elif child.tag not in (W + "trPr", W + "tblPrEx") and not self._loose(child):
                raise unsupported(local(child), where)
            elif child.tag == W + "tblPrEx" and any(local(e) not in ("tblW", "tblLook") for e in child):
                raise unsupported("tblPrEx", where)

    def _shared_cell(self, raw: bytes, column: int, margins: dict[str, float], where: str) -> Cell:
        """Return a cell that was cut out of the part, from memory if it is there."""
        key = (self._styles, raw, self._table_style, _four(margins))
        found = REMEMBERED.get(key) if self._marks.idle else None
        if found is None:
            idle = self._marks.idle
            root = parse_xml(self.head + b"<w:body>" + raw + b"</w:body></w:document>", "document.xml")
            cell = self._cell(root[0][0], column, margins, where)
            if idle:
                REMEMBERED.keep(key, cell)
            return cell
        self._cells += 1
        return Cell(
            column, found.span, found.merge, found.valign, found.margins, found.borders, found.fill,
            found.paragraphs, self._cells, found.memo,
        )  # fmt: skip

    def _cell(self, element: _Element, column: int, margins: dict[str, float], where: str) -> Cell:
        self._cells += 1
        cell = Cell(column, 1, "none", "top", _four(margins), (None,) * 4, None, [], self._cells)
        properties = element.find(W + "tcPr")
        if properties is not None:
            _cell_properties(properties, cell, margins, where)
        self._cell_content(element, cell, where)
        _close_up(cell.paragraphs)
        return cell

    def _cell_content(self, parent: _Element, cell: Cell, where: str) -> None:
        for child in parent.iterchildren("*"):
            if child.tag == W + "p":
                cell.paragraphs.append(self._paragraph(child, where))
            elif child.tag in _WRAPPERS:
                self._cell_content(child, cell, where)
            elif child.tag == W + "tbl":
                raise unsupported("tbl", where, " 表格中的表格")
            elif child.tag != W + "tcPr" and not self._loose(child):
                raise unsupported(local(child), where)


def _grid(table: _Element, grid: _Element) -> list[float]:
    """Return the widths of the columns; those the grid leaves open come from cells of one column."""
    widths = [length(column.get(W + "w"), measures.WIDTH) for column in grid.iterchildren(W + "gridCol")]
    for row in table.iterchildren(W + "tr") if not all(widths) else ():
        at = 0
        for cell in row.iterchildren(W + "tc"):
            span, width = cell.find(f"{W}tcPr/{W}gridSpan"), cell.find(f"{W}tcPr/{W}tcW")
            count = 1 if span is None else _columns(span, 1, "的表格")
            if count == 1 and at < len(widths) and not widths[at] and width is not None:
                fixed = width.get(W + "type") in (None, "dxa")
                widths[at] = length(width.get(W + "w"), measures.WIDTH) if fixed else 0.0
            at += count
    if not all(width > 0 for width in widths):
        raise TemplateDamaged("模板的表格没有写明列宽。", hint="请在 Word 中把表格设为固定列宽后保存。")
    return widths


def _columns(element: _Element, least: int, where: str) -> int:
    """How many columns it says."""
    written = element.get(VAL) or str(least)
    if not written.isdecimal() or len(written) > _DIGITS or int(written) < least:
        raise TemplateDamaged(f"模板{where}的单元格与表格的列不符。")
    return int(written)


def _four(margins: dict[str, float]) -> tuple[float, float, float, float]:
    return margins["top"], margins["right"], margins["bottom"], margins["left"]


def _placement(properties: _Element, style: TableStyle, where: str) -> tuple[float, str]:
    indent_element, align_element = properties.find(W + "tblInd"), properties.find(W + "jc")
    indent = style.indent if indent_element is None else length(indent_element.get(W + "w"), measures.INDENT)
    align = style.align if align_element is None else align_element.get(VAL) or "left"
    align = _ENDS.get(align, align)
    if align not in ("left", "center", "right"):
        raise unsupported("jc", where, f"={align}")
    return indent, align


def _of_rows(aligned: list[str | None], align: str, where: str) -> str:
    """The place of a table: what its rows say goes before what the table says, if they all say the same."""
    told = {_ENDS.get(value, value) if value else align for value in aligned}
    if len(told) > 1 or not told <= {"left", "center", "right"}:
        raise unsupported("jc", where, " 各行不同")
    return told.pop() if told else align


def _close_up(blocks: Sequence[Block]) -> None:
    """Take away the distances between neighbours of one style that ask for it (contextualSpacing)."""
    for index, block in enumerate(blocks):
        if not isinstance(block, Paragraph) or not block.props.contextual:
            continue
        above = blocks[index - 1] if index else None
        below = blocks[index + 1] if index + 1 < len(blocks) else None
        if isinstance(above, Paragraph) and above.style == block.style:
            block.props = block.props._replace(before=0.0)
        if isinstance(below, Paragraph) and below.style == block.style:
            block.props = block.props._replace(after=0.0)


def _cell_properties(properties: _Element, cell: Cell, margins: dict[str, float], where: str) -> None:
    for child in properties.iterchildren("*"):
        name = local(child)
        if name == "gridSpan":
            cell.span = _columns(child, 1, where)
        elif name == "vMerge":
            cell.merge = "start" if child.get(VAL) == "restart" else "continue"
        elif name == "vAlign":
            cell.valign = _valign(child, where)
        elif name == "tcMar":
            cell.margins = _four({**margins, **read_margins(child)})
        elif name == "tcBorders":
            cell.borders = _cell_borders(child, where)
        elif name == "shd":
            cell.fill = _fill(child, where)
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


def _fill(element: _Element, where: str) -> str | None:
    if element.get(VAL) not in (None, "clear", "nil"):
        raise unsupported("shd", where, f"={element.get(VAL)}")
    fill = element.get(W + "fill") or "auto"
    return None if fill in ("auto", "FFFFFF") else colour(fill) or "000000"

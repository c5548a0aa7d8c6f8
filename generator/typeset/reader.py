"""Reads a docx into :class:`~generator.typeset.wml.Document`.

Owns the walk over body, tables, header and footer.  Anything that would change what is seen and cannot
be printed raises TemplateUnsupported naming the construct and its place.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lxml.etree import _Element

from generator.errors import TemplateDamaged
from generator.typeset import measures
from generator.typeset.inline import Bookmarks, InlineReader
from generator.typeset.measures import length
from generator.typeset.ooxml import VAL, R, W, is_on, local, unsupported
from generator.typeset.package import Package
from generator.typeset.properties import apply_para, apply_run, para_changes, run_changes
from generator.typeset.remembered import MARK, REMEMBERED
from generator.typeset.section import read_section
from generator.typeset.styles import (
    Styles,
    load_settings,
    load_styles,
    parse_xml,
    read_borders,
    read_margins,
)
from generator.typeset.table_properties import (
    ROW_KNOWN,
    TABLE_KNOWN,
    cell_properties,
    columns_of,
    fill_of,
    four,
    grid_of,
    placed_by_rows,
    placement,
)
from generator.typeset.theme import name_fonts, theme_fonts
from generator.typeset.wml import (
    NO_BORDER,
    Block,
    Cell,
    Document,
    Paragraph,
    ParaProps,
    Row,
    RunProps,
    Table,
)

_WRAPPERS = frozenset(W + n for n in ("sdt", "sdtContent", "customXml", "smartTag"))
_SILENT = frozenset(
    W + n
    for n in (
        "sectPr", "sdtPr", "sdtEndPr", "customXmlPr", "proofErr", "permStart", "permEnd",
        "commentRangeStart", "commentRangeEnd",
    )
)  # fmt: skip
_SIDES = ("top", "right", "bottom", "left")


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
            if child.tag not in TABLE_KNOWN or (child.tag == W + "bidiVisual" and is_on(child)):
                raise unsupported(local(child), where)
            if child.tag == W + "shd" and fill_of(child, where):
                raise unsupported("shd", where)
        style_element = properties.find(W + "tblStyle")
        style = self._styles.table(None if style_element is None else style_element.get(VAL))
        borders = {**style.borders, **read_borders(properties.find(W + "tblBorders"), where)}
        margins = {**style.margins, **read_margins(properties.find(W + "tblCellMar"))}
        grid = grid_of(element, grid_element)
        rows: list[Row] = []
        self._aligned = []
        self._table_style = None if style_element is None else style_element.get(VAL)
        self._rows(element, rows, margins, len(grid), where)
        self._table_style = None
        edges = tuple(borders.get(name, NO_BORDER) for name in (*_SIDES, "insideH", "insideV"))
        indent, align = placement(properties, style, where)
        align = placed_by_rows(self._aligned, align, where)
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
            if child.tag not in ROW_KNOWN or (name == "hidden" and is_on(child)):
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
                column = columns_of(child, 0, where)
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
        key = (self._styles, raw, self._table_style, four(margins))
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
        cell = Cell(column, 1, "none", "top", four(margins), (None,) * 4, None, [], self._cells)
        properties = element.find(W + "tcPr")
        if properties is not None:
            cell_properties(properties, cell, margins, where)
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

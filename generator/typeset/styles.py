"""Styles and settings of a docx, resolved once per template.

Owns the cache: documents of one template carry identical ``styles.xml`` and ``settings.xml``, so both are
parsed once and found again by the bytes of the part.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from lxml import etree
from lxml.etree import _Element

from generator.errors import TemplateDamaged
from generator.typeset import measures
from generator.typeset.measures import colour, length, number
from generator.typeset.ooxml import VAL, W, local, unsupported
from generator.typeset.properties import Changes, apply_para, apply_run, para_changes, run_changes
from generator.typeset.theme import east_script, name_fonts, theme_fonts
from generator.typeset.wml import NO_BORDER, Border, ParaProps, RunProps

# What Word uses for Chinese (People's Republic) when settings.xml does not say otherwise.
NO_LINE_START = frozenset(
    "!%),.:;>?]}¢¨°·ˇˉ―‖’”…‰′″›℃∶、。〃〉》」』】〕〗〞︶︺︾﹀﹄﹚﹜﹞！＂％＇），．：；？］｀｜｝～￠"
)
NO_LINE_END = frozenset("$([{£¥·‘“〈《「『【〔〖〝﹙﹛﹝＄（．［｛￡￥")


@dataclass(slots=True, repr=False)
class TableStyle:
    """Table properties a style chain gives; ``para`` and ``run`` lie under the styles of its paragraphs."""

    borders: dict[str, Border] = field(default_factory=dict)
    margins: dict[str, float] = field(default_factory=dict)
    indent: float = 0.0
    align: str = "left"
    para: Changes = field(default_factory=dict)
    run: Changes = field(default_factory=dict)


class Settings(NamedTuple):
    """The document settings that change line breaking, tabs and theme fonts."""

    tab_width: float
    no_start: frozenset[str]
    no_end: frozenset[str]
    script: str = "Hans"


def parse_xml(data: bytes, part: str) -> _Element:
    """Parse a part without entities, network or huge trees.  Raises TemplateDamaged."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True)
    try:
        return etree.fromstring(data, parser)
    except etree.XMLSyntaxError:
        raise TemplateDamaged(f"Word 文件的 {part} 不是有效的 XML。") from None


def read_border(element: _Element | None, where: str) -> Border | None:
    """Return a border element; None when absent.  Only single lines can be drawn."""
    if element is None:
        return None
    kind = element.get(VAL) or "none"
    if kind in ("none", "nil"):
        return NO_BORDER
    if kind not in ("single", "thick"):
        raise unsupported(local(element), where, f"={kind}")
    width = number(element.get(W + "sz") or "4", measures.BORDER, scale=8)
    return Border(width, colour(element.get(W + "color")))


def read_borders(element: _Element | None, where: str) -> dict[str, Border]:
    """All edges of ``w:tblBorders`` or ``w:tcBorders`` by side name."""
    found: dict[str, Border] = {}
    if element is None:
        return found
    for edge in element.iterchildren("*"):
        name = {"start": "left", "end": "right"}.get(local(edge), local(edge))
        border = read_border(edge, where)
        if name in ("tl2br", "tr2bl"):
            if border is not None and border.width:
                raise unsupported(name, where)
        elif border is not None:
            found[name] = border
    return found


def read_margins(element: _Element | None) -> dict[str, float]:
    """``w:tblCellMar`` or ``w:tcMar`` by side name."""
    if element is None:
        return {}
    return {
        {"start": "left", "end": "right"}.get(local(side), local(side)): length(
            side.get(W + "w"), measures.CELL_MARGIN
        )
        for side in element.iterchildren("*")
    }


class Styles:
    """Resolved styles of one ``styles.xml``."""

    def __init__(self, root: _Element) -> None:
        self._elements = {style.get(W + "styleId") or "": style for style in root.iterchildren(W + "style")}
        self._default_para = self._default("paragraph")
        self._default_table = self._default("table")
        defaults = root.find(W + "docDefaults")
        run = defaults.find(f"{W}rPrDefault/{W}rPr") if defaults is not None else None
        para = defaults.find(f"{W}pPrDefault/{W}pPr") if defaults is not None else None
        where = "的默认样式"
        self._base_run = apply_run(RunProps(), run_changes(run, where))
        self._base_para = apply_para(ParaProps(), para_changes(para, where))
        self._paragraphs: dict[tuple[str, str], tuple[ParaProps, RunProps]] = {}
        self._tables: dict[str, TableStyle] = {}
        self.run_cache: dict[tuple[object, ...], RunProps] = {}
        self.paragraph_cache: dict[tuple[object, ...], tuple[ParaProps, RunProps, RunProps]] = {}

    def _default(self, kind: str) -> str:
        for style_id, style in self._elements.items():
            if style.get(W + "type") == kind and style.get(W + "default") in ("1", "true"):
                return style_id
        return ""

    def _chain(self, style_id: str) -> list[_Element]:
        chain: list[_Element] = []
        # Ends: a style that comes twice is refused.
        while style_id and style_id in self._elements:
            style = self._elements[style_id]
            if style in chain:
                raise TemplateDamaged("Word 文件的样式互相继承成环。")
            chain.append(style)
            based = style.find(W + "basedOn")
            style_id = (based.get(VAL) or "") if based is not None else ""
        return chain[::-1]

    def paragraph(self, style_id: str | None, table: str | None = None) -> tuple[ParaProps, RunProps]:
        """Paragraph and run properties of a paragraph style (the default one for None or unknown).

        ``table`` is the style of the table around the paragraph; it lies over the document's defaults.
        """
        key = style_id if style_id is not None and style_id in self._elements else self._default_para
        found = self._paragraphs.get((key, table or ""))
        if found is None:
            para, run = self._base_para, self._base_run
            if table:
                around = self.table(table)
                para, run = apply_para(para, around.para), apply_run(run, around.run)
            for style in self._chain(key):
                where = f"的样式“{key}”"
                para = apply_para(para, para_changes(style.find(W + "pPr"), where))
                run = apply_run(run, run_changes(style.find(W + "rPr"), where))
            found = self._paragraphs[key, table or ""] = (para, run)
        return found

    def character(self, style_id: str, base: RunProps) -> RunProps:
        """Return ``base`` with a character style laid over it."""
        for style in self._chain(style_id):
            base = apply_run(base, run_changes(style.find(W + "rPr"), f"的样式“{style_id}”"))
        return base

    def table(self, style_id: str | None) -> TableStyle:
        """Borders, cell margins and indent of a table style."""
        key = style_id if style_id is not None and style_id in self._elements else self._default_table
        found = self._tables.get(key)
        if found is None:
            found = self._tables[key] = self._read_table(key)
        return found

    def _read_table(self, key: str) -> TableStyle:
        result = TableStyle(margins={"top": 0.0, "left": 5.75, "bottom": 0.0, "right": 5.75})
        for style in self._chain(key):
            where = f"的表格样式“{key}”"
            for name in ("tblStylePr", "trPr", "tcPr"):
                part = style.find(W + name)
                if part is not None and len(part):
                    raise unsupported(name, where)
            result.para.update(para_changes(style.find(W + "pPr"), where))
            result.run.update(run_changes(style.find(W + "rPr"), where))
            props = style.find(W + "tblPr")
            if props is None:
                continue
            result.borders.update(read_borders(props.find(W + "tblBorders"), where))
            result.margins.update(read_margins(props.find(W + "tblCellMar")))
            if (indent := props.find(W + "tblInd")) is not None:
                result.indent = length(indent.get(W + "w"), measures.INDENT)
            if (align := props.find(W + "jc")) is not None:
                result.align = align.get(VAL) or "left"
        return result


@lru_cache(maxsize=64)
def load_styles(data: bytes, theme: bytes = b"", script: str = "Hans") -> Styles:
    """Styles of one ``styles.xml``; documents of one template share the result."""
    root = parse_xml(data, "styles.xml")
    name_fonts(root, theme_fonts(theme, script))
    return Styles(root)


@lru_cache(maxsize=64)
def load_settings(data: bytes) -> Settings:
    """Return the settings of one ``settings.xml`` (an empty part gives Word's defaults)."""
    if not data:
        return Settings(36.0, NO_LINE_START, NO_LINE_END)
    root = parse_xml(data, "settings.xml")
    tab = root.find(W + "defaultTabStop")
    for name in ("mirrorMargins", "gutterAtTop", "evenAndOddHeaders", "revisionView", "bookFoldPrinting"):
        flag = root.find(W + name)
        if flag is not None and flag.get(VAL) not in ("0", "false", "off"):
            raise unsupported(name, "的设置")
    start = _forbidden(root, "noLineBreaksBefore") or NO_LINE_START
    end = _forbidden(root, "noLineBreaksAfter") or NO_LINE_END
    language = root.find(W + "themeFontLang")
    script = east_script("" if language is None else language.get(W + "eastAsia") or "")
    return Settings(36.0 if tab is None else length(tab.get(VAL), measures.TAB_STEP), start, end, script)


def _forbidden(root: _Element, name: str) -> frozenset[str] | None:
    for element in root.iterchildren(W + name):
        if (element.get(W + "lang") or "").startswith("zh"):
            return frozenset(element.get(VAL) or "")
    return None

"""WordprocessingML as strings: the few constructs our templates use, with the looks of the house.

Lengths come in millimetres or points and leave as twips, eighths of a point or EMU.  Everything that decides
how a form looks (fonts, sizes, borders, margins) stands here and nowhere else.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape

NAMESPACES = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" '
    'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture"'
)
XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'

PAGE_WIDTH_MM, PAGE_HEIGHT_MM = 210.0, 297.0
MARGIN_TOP_MM, MARGIN_BOTTOM_MM, MARGIN_LEFT_MM, MARGIN_RIGHT_MM = 28.0, 26.0, 28.0, 20.0
HEADER_MM, FOOTER_MM = 8.0, 13.0
TEXT_WIDTH_MM = PAGE_WIDTH_MM - MARGIN_LEFT_MM - MARGIN_RIGHT_MM
IDENTITY_MM = 16.0

SERIF, SANS, KAI = "宋体", "黑体", "楷体"


def twips(mm: float) -> int:
    """Millimetres → twentieths of a point."""
    return round(mm * 1440 / 25.4)


def emu(mm: float) -> int:
    """Millimetres → English Metric Units."""
    return round(mm * 36000)


@dataclass(frozen=True, slots=True)
class Style:
    """A paragraph style: size, exact line and spacing in pt, first-line indent in em."""

    id: str
    name: str
    font: str = SERIF
    size: float = 10.5
    line: float = 17
    align: str = "left"
    before: float = 0
    after: float = 0
    first_line: float = 0
    keep_next: bool = False
    outline: int | None = None
    """Level of a heading in the navigation pane, from 0."""


STYLES = {
    style.id: style
    for style in (
        Style("Value", "填写内容"),
        Style("Label", "栏目", align="center"),
        Style("Section", "分节", font=SANS, size=11, line=18, outline=1),
        Style("Center", "居中内容", align="center"),
        Style("Note", "说明", font=KAI, size=9.5, line=15),
        Style("Body", "正文条款", line=18.5, align="both", first_line=2),
        Style(
            "Clause",
            "条款标题",
            font=SANS,
            size=11,
            line=20,
            first_line=0,
            before=3,
            keep_next=True,
            outline=1,
        ),
        Style("Sign", "签署", line=36),
        Style(
            "Title1",
            "表单标题",
            font=SANS,
            size=17,
            line=26,
            align="center",
            after=4,
            keep_next=True,
            outline=0,
        ),
        Style("Caption1", "表题", font=SANS, size=10, line=16, align="center", after=3, keep_next=True),
        Style("Header", "页眉", size=9, line=0),
        Style("Footer", "页脚", size=9, line=13, align="center"),
        Style("End", "表后", size=1, line=1),
        Style("Seam", "表间", size=1, line=0.7),
    )
}


def run_properties(font: str, size: float, *, language: str = "") -> str:
    """``w:rPr`` with one font for all scripts, so that every program measures the same glyphs."""
    half = round(size * 2)
    return (
        f'<w:rPr><w:rFonts w:ascii="{font}" w:hAnsi="{font}" w:eastAsia="{font}" w:cs="{font}"/>'
        f'<w:sz w:val="{half}"/><w:szCs w:val="{half}"/>{language}</w:rPr>'
    )


def run(text: str, *, underline: bool = False) -> str:
    """A run of literal text or docxtpl tags in the paragraph's own font."""
    properties = '<w:rPr><w:u w:val="single"/></w:rPr>' if underline else ""
    return f'<w:r>{properties}<w:t xml:space="preserve">{escape(text, quote=False)}</w:t></w:r>'


def bookmarked(name: str, number: int, content: str) -> str:
    """``content`` between the two ends of a bookmark."""
    return f'<w:bookmarkStart w:id="{number}" w:name="{name}"/>{content}<w:bookmarkEnd w:id="{number}"/>'


def paragraph(content: str, style: str, properties: str = "") -> str:
    """A paragraph in one of ``STYLES``; ``properties`` are further ``w:pPr`` children in schema order."""
    return f'<w:p><w:pPr><w:pStyle w:val="{style}"/>{properties}</w:pPr>{content}</w:p>'


def paragraph_properties(
    *,
    line: float | None = None,
    before: float | None = None,
    after: float | None = None,
    align: str | None = None,
    left: float | None = None,
    first_line: float | None = None,
    size: float = 10.5,
    page_break: bool = False,
    keep_next: bool = False,
) -> str:
    """The ``w:pPr`` children that differ from the style; points, indents in em of ``size``."""
    parts: list[str] = []
    if keep_next:
        parts.append("<w:keepNext/>")
    if page_break:
        parts.append("<w:pageBreakBefore/>")
    spacing = _spacing(line, before, after)
    if spacing:
        parts.append(spacing)
    if left is not None or first_line is not None:
        first = (
            f' w:firstLine="{round((first_line or 0) * size * 20)}"'
            if (first_line or 0) >= 0
            else (f' w:hanging="{round(-(first_line or 0) * size * 20)}"')
        )
        parts.append(f'<w:ind w:left="{round((left or 0) * size * 20)}"{first}/>')
    if align is not None:
        parts.append(f'<w:jc w:val="{align}"/>')
    return "".join(parts)


def _spacing(line: float | None, before: float | None, after: float | None) -> str:
    values = []
    if before is not None:
        values.append(f'w:before="{round(before * 20)}"')
    if after is not None:
        values.append(f'w:after="{round(after * 20)}"')
    if line:
        values.append(f'w:line="{round(line * 20)}" w:lineRule="exact"')
    return f"<w:spacing {' '.join(values)}/>" if values else ""


def cell(
    content: str,
    width: int,
    *,
    span: int = 1,
    merge: str | None = None,
    valign: str = "center",
    borders: str = "",
) -> str:
    """A table cell; ``merge`` is ``restart``, ``continue`` or None."""
    grid_span = f'<w:gridSpan w:val="{span}"/>' if span > 1 else ""
    v_merge = "" if merge is None else f'<w:vMerge w:val="{merge}"/>'
    return (
        f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{grid_span}{v_merge}{borders}'
        f'<w:vAlign w:val="{valign}"/></w:tcPr>{content}</w:tc>'
    )


def row(cells: Iterable[str], *, height: float, header: bool = False, keep: bool = False) -> str:
    """A table row at least ``height`` millimetres high; ``keep`` forbids splitting it over pages."""
    flags = ("<w:cantSplit/>" if keep else "") + f'<w:trHeight w:val="{twips(height)}" w:hRule="atLeast"/>'
    flags += "<w:tblHeader/>" if header else ""
    return f"<w:tr><w:trPr>{flags}</w:trPr>{''.join(cells)}</w:tr>"


OUTER_BORDER, INNER_BORDER = 8, 4
"""Widths in eighths of a point."""


def table(columns: list[int], rows: Iterable[str], *, joined: tuple[bool, bool] = (False, False)) -> str:
    """A fixed table; ``columns`` in twips; ``joined`` says whether another table touches it above, below."""
    outer, inner = OUTER_BORDER, INNER_BORDER
    top, bottom = (inner if touching else outer for touching in joined)
    edge = "".join(
        f'<w:{side} w:val="single" w:sz="{size}" w:space="0" w:color="000000"/>'
        for side, size in (
            ("top", top),
            ("left", outer),
            ("bottom", bottom),
            ("right", outer),
            ("insideH", inner),
            ("insideV", inner),
        )
    )
    margins = "".join(
        f'<w:{side} w:w="{twips(mm)}" w:type="dxa"/>'
        for side, mm in (("top", 0.8), ("left", 1.8), ("bottom", 0.8), ("right", 1.8))
    )
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in columns)
    return (
        f'<w:tbl><w:tblPr><w:tblW w:w="{sum(columns)}" w:type="dxa"/><w:jc w:val="center"/>'
        f'<w:tblBorders>{edge}</w:tblBorders><w:tblLayout w:type="fixed"/>'
        f"<w:tblCellMar>{margins}</w:tblCellMar>"
        f"</w:tblPr><w:tblGrid>{grid}</w:tblGrid>{''.join(rows)}</w:tbl>"
    )


def field(instruction: str, shown: str) -> str:
    """A simple field such as PAGE, with the text shown until it is computed."""
    return f'<w:fldSimple w:instr=" {instruction} "><w:r><w:t>{shown}</w:t></w:r></w:fldSimple>'


def identity_picture(relation: str) -> str:
    """The inline picture in the header that holds the page code of a working copy."""
    size = emu(IDENTITY_MM)
    return (
        '<w:r><w:drawing><wp:inline distT="0" distB="0" distL="0" distR="0">'
        f'<wp:extent cx="{size}" cy="{size}"/><wp:docPr id="1" name="kangdang-identity" descr="页面识别码"/>'
        '<a:graphic><a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/picture"><pic:pic>'
        '<pic:nvPicPr><pic:cNvPr id="1" name="kangdang-identity"/><pic:cNvPicPr/></pic:nvPicPr>'
        f'<pic:blipFill><a:blip r:embed="{relation}"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill>'
        f'<pic:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="{size}" cy="{size}"/></a:xfrm>'
        '<a:prstGeom prst="rect"><a:avLst/></a:prstGeom></pic:spPr></pic:pic></a:graphicData></a:graphic>'
        "</wp:inline></w:drawing></w:r>"
    )


def section() -> str:
    """A4 portrait with the binding margin and the room for page codes."""
    return (
        '<w:sectPr><w:headerReference w:type="default" r:id="rId4"/>'
        '<w:footerReference w:type="default" r:id="rId5"/>'
        f'<w:pgSz w:w="{twips(PAGE_WIDTH_MM)}" w:h="{twips(PAGE_HEIGHT_MM)}"/>'
        f'<w:pgMar w:top="{twips(MARGIN_TOP_MM)}" w:right="{twips(MARGIN_RIGHT_MM)}" '
        f'w:bottom="{twips(MARGIN_BOTTOM_MM)}" w:left="{twips(MARGIN_LEFT_MM)}" '
        f'w:header="{twips(HEADER_MM)}" w:footer="{twips(FOOTER_MM)}" w:gutter="0"/>'
        '<w:cols w:space="0"/></w:sectPr>'
    )


def styles_part() -> str:
    """``word/styles.xml`` with only the styles our templates use."""
    body = "".join(_style(style) for style in STYLES.values())
    language = '<w:lang w:val="en-US" w:eastAsia="zh-CN"/>'
    return (
        f"{XML}<w:styles {NAMESPACES}><w:docDefaults><w:rPrDefault>"
        f"{run_properties(SERIF, 10.5, language=language)}"
        "</w:rPrDefault></w:docDefaults>"
        '<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/><w:qFormat/>'
        # Rows split at any line: a form is read by cells, and every program then fills its pages alike.
        '<w:pPr><w:widowControl w:val="0"/></w:pPr></w:style>'
        '<w:style w:type="table" w:default="1" w:styleId="TableNormal"><w:name w:val="Normal Table"/>'
        '<w:tblPr><w:tblInd w:w="0" w:type="dxa"/></w:tblPr></w:style>'
        f"{body}</w:styles>"
    )


def _style(style: Style) -> str:
    first = f'<w:ind w:firstLine="{round(style.first_line * style.size * 20)}"/>' if style.first_line else ""
    keep = "<w:keepNext/>" if style.keep_next else ""
    outline = "" if style.outline is None else f'<w:outlineLvl w:val="{style.outline}"/>'
    return (
        f'<w:style w:type="paragraph" w:customStyle="1" w:styleId="{style.id}"><w:name w:val="{style.name}"/>'
        f'<w:basedOn w:val="Normal"/><w:qFormat/><w:pPr>{keep}'
        f"{_spacing(style.line, style.before, style.after)}{first}"
        f'<w:jc w:val="{style.align}"/>{outline}</w:pPr>{run_properties(style.font, style.size)}</w:style>'
    )


# Word's own zh-CN lists, written out so that every program breaks lines alike.
NO_BREAK_BEFORE = (
    "!%),.:;>?]}¢¨°·ˇˉ―‖’”…‰′″›℃∶、。〃〉》」』】〕〗〞︶︺︾﹀﹄﹚﹜﹞！＂％＇），．：；？］｀｜｝～￠"
)
NO_BREAK_AFTER = "$([{£¥·‘“〈《「『【〔〖〝﹙﹛﹝＄（．［｛￡￥"


def settings_part() -> str:
    """``word/settings.xml``: line-breaking lists and the compatibility of Word 2013 and later."""
    return (
        f'{XML}<w:settings {NAMESPACES}><w:defaultTabStop w:val="420"/>'
        '<w:characterSpacingControl w:val="doNotCompress"/>'
        f'<w:noLineBreaksAfter w:lang="zh-CN" w:val="{escape(NO_BREAK_AFTER, quote=False)}"/>'
        f'<w:noLineBreaksBefore w:lang="zh-CN" w:val="{escape(NO_BREAK_BEFORE, quote=False)}"/>'
        # Else Word draws no line under the spaces that leave room for a signature.
        # And spreads a line that ends with a line break within an answer.
        '<w:compat><w:ulTrailSpace/><w:doNotExpandShiftReturn/><w:compatSetting w:name="compatibilityMode" '
        'w:uri="http://schemas.microsoft.com/office/word" w:val="15"/></w:compat></w:settings>'
    )

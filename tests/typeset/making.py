"""Small docx files for the typesetter's tests, written as raw WordprocessingML."""

from __future__ import annotations

import io
import random
import zipfile
from collections.abc import Sequence
from xml.sax.saxutils import escape

_MAIN = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_NS = (
    f'xmlns:w="{_MAIN}" xmlns:r="{_RELATIONS}" '
    'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture"'
)
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
_WORD_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml"
SECTION = (
    '<w:sectPr><w:headerReference w:type="default" r:id="rId3"/>'
    '<w:footerReference w:type="default" r:id="rId4"/><w:pgSz w:w="11906" w:h="16838"/>'
    '<w:pgMar w:top="1588" w:right="1134" w:bottom="1474" w:left="1588" w:header="851" w:footer="737" '
    'w:gutter="0"/></w:sectPr>'
)
STYLES = (
    "<w:docDefaults><w:rPrDefault><w:rPr>"
    '<w:rFonts w:ascii="宋体" w:hAnsi="宋体" w:eastAsia="宋体" w:cs="宋体"/>'
    '<w:sz w:val="21"/><w:lang w:val="en-US" w:eastAsia="zh-CN"/></w:rPr></w:rPrDefault><w:pPrDefault><w:pPr>'
    '<w:widowControl w:val="0"/></w:pPr></w:pPrDefault></w:docDefaults>'
    '<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/></w:style>'
    '<w:style w:type="table" w:default="1" w:styleId="TableNormal"><w:name w:val="Normal Table"/><w:tblPr>'
    '<w:tblInd w:w="0" w:type="dxa"/><w:tblCellMar><w:top w:w="0" w:type="dxa"/>'
    '<w:left w:w="108" w:type="dxa"/><w:bottom w:w="0" w:type="dxa"/><w:right w:w="108" w:type="dxa"/>'
    "</w:tblCellMar></w:tblPr></w:style>"
)
SETTINGS = (
    '<w:defaultTabStop w:val="420"/><w:characterSpacingControl w:val="doNotCompress"/><w:compat>'
    '<w:compatSetting w:name="compatibilityMode" w:uri="http://schemas.microsoft.com/office/word" '
    'w:val="15"/>'
    "</w:compat>"
)
HEI = '<w:rFonts w:ascii="黑体" w:hAnsi="黑体" w:eastAsia="黑体"/>'
EXACT = '<w:spacing w:line="440" w:lineRule="exact"/>'
SENTENCE = (
    "服务对象近期睡眠好转，能按时服药，愿意参加站内的手工小组；家属反映其与邻里来往增多，"
    "但仍担心复发。社工于2026年3月5日家访，商定每周一次电访，并联系社区医生复诊（两周内）。"
)


def page_field() -> str:
    """第x页/共y页 as fields."""
    return (
        '<w:r><w:t>第</w:t></w:r><w:fldSimple w:instr=" PAGE "><w:r><w:t>1</w:t></w:r></w:fldSimple>'
        '<w:r><w:t>页/共</w:t></w:r><w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText> NUMPAGES '
        '</w:instrText></w:r><w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:t>9</w:t></w:r><w:r>'
        '<w:fldChar w:fldCharType="end"/></w:r><w:r><w:t>页</w:t></w:r>'
    )


def run(text: str, props: str = "") -> str:
    """A run; a tab character becomes ``w:tab``."""
    parts = text.split("\t")
    body = "<w:tab/>".join(f'<w:t xml:space="preserve">{escape(part)}</w:t>' for part in parts)
    return f"<w:r><w:rPr>{props}</w:rPr>{body}</w:r>"


def para(text: str = "", props: str = "", run_props: str = "", mark: str = "") -> str:
    """A paragraph; ``mark`` puts a bookmark of that name around its text."""
    inside = run(text, run_props) if text else ""
    if mark:
        number = abs(hash(mark)) % 100000
        inside = f'<w:bookmarkStart w:id="{number}" w:name="{mark}"/>{inside}<w:bookmarkEnd w:id="{number}"/>'
    return f"<w:p><w:pPr>{props}</w:pPr>{inside}</w:p>"


def cell(width: int, inside: str, props: str = "") -> str:
    """A table cell of ``width`` twips."""
    return f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{props}</w:tcPr>{inside}</w:tc>'


def row(cells: Sequence[str], props: str = "") -> str:
    """A table row."""
    return f"<w:tr><w:trPr>{props}</w:trPr>{''.join(cells)}</w:tr>"


def table(grid: Sequence[int], rows: Sequence[str], props: str = "", size: int = 4) -> str:
    """A fixed table with single borders of ``size`` eighths of a point."""
    sides = ("top", "left", "bottom", "right", "insideH", "insideV")
    borders = "".join(
        f'<w:{side} w:val="single" w:sz="{size}" w:space="0" w:color="auto"/>' for side in sides
    )
    columns = "".join(f'<w:gridCol w:w="{width}"/>' for width in grid)
    return (
        f'<w:tbl><w:tblPr><w:tblW w:w="{sum(grid)}" w:type="dxa"/>{props}'
        f"<w:tblBorders>{borders}</w:tblBorders>"
        f'<w:tblLayout w:type="fixed"/></w:tblPr><w:tblGrid>{columns}</w:tblGrid>{"".join(rows)}</w:tbl>'
    )


def docx(
    body: str,
    *,
    styles: str = STYLES,
    settings: str = SETTINGS,
    section: str = SECTION,
    header: str | None = None,
    footer: str | None = None,
    media: bytes | None = None,
    theme: str | None = None,
) -> bytes:
    """A whole package; ``media`` is picture rId9 of the body, ``theme`` the inside of ``a:fontScheme``."""
    header = para("个案编号：GA-2026-0001（样例）") if header is None else header
    footer = f'<w:p><w:pPr><w:jc w:val="center"/></w:pPr>{page_field()}</w:p>' if footer is None else footer
    kinds = {"styles": "styles", "settings": "settings", "header1": "header", "footer1": "footer"}
    relations = "".join(
        f'<Relationship Id="rId{i}" Type="{_RELATIONS}/{kind}" Target="{name}.xml"/>'
        for i, (name, kind) in enumerate(kinds.items(), 1)
    )
    if media is not None:
        relations += f'<Relationship Id="rId9" Type="{_RELATIONS}/image" Target="media/image1.bin"/>'
    if theme is not None:
        relations += f'<Relationship Id="rId8" Type="{_RELATIONS}/theme" Target="theme/theme1.xml"/>'
    overrides = "".join(
        f'<Override PartName="/word/{name}.xml" ContentType="{_WORD_TYPE}.{kind}+xml"/>'
        for name, kind in {"document": "document.main", **kinds}.items()
    )
    package = "http://schemas.openxmlformats.org/package/2006"
    parts: dict[str, str | bytes] = {
        "[Content_Types].xml": (
            f'{_HEAD}<Types xmlns="{package}/content-types"><Default Extension="rels" '
            'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            '<Default Extension="xml" '
            'ContentType="application/xml"/><Default Extension="bin" ContentType="image/png"/>'
            f"{overrides}</Types>"
        ),
        "_rels/.rels": (
            f'{_HEAD}<Relationships xmlns="{package}/relationships"><Relationship Id="rId1" '
            f'Type="{_RELATIONS}/officeDocument" Target="word/document.xml"/></Relationships>'
        ),
        "word/document.xml": f"{_HEAD}<w:document {_NS}><w:body>{body}{section}</w:body></w:document>",
        "word/_rels/document.xml.rels": (
            f'{_HEAD}<Relationships xmlns="{package}/relationships">{relations}</Relationships>'
        ),
        "word/styles.xml": f"{_HEAD}<w:styles {_NS}>{styles}</w:styles>",
        "word/settings.xml": f"{_HEAD}<w:settings {_NS}>{settings}</w:settings>",
        "word/header1.xml": f"{_HEAD}<w:hdr {_NS}>{header}</w:hdr>",
        "word/footer1.xml": f"{_HEAD}<w:ftr {_NS}>{footer}</w:ftr>",
    }
    if theme is not None:
        parts["word/theme/theme1.xml"] = (
            f'{_HEAD}<a:theme {_NS} name="主题"><a:themeElements><a:fontScheme name="主题">'
            f"{theme}</a:fontScheme></a:themeElements></a:theme>"
        )
    if media is not None:
        parts["word/media/image1.bin"] = media
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as package_file:
        for name, data in parts.items():
            package_file.writestr(zipfile.ZipInfo(name), data)
    return stream.getvalue()


_CENTER = '<w:vAlign w:val="center"/>'
_MERGE = '<w:vMerge w:val="restart"/>' + _CENTER


def _label(text: str, width: int, props: str = "") -> str:
    return cell(width, para(text, '<w:jc w:val="center"/>' + EXACT, HEI), _CENTER + props)


def form(sentences: int = 3, plans: int = 6) -> bytes:
    """A form like the official ones: title, 12-column grid, merged labels, boxes, long text, plan rows."""
    unit = 765
    grid = [unit] * 12

    def span(count: int) -> str:
        return f'<w:gridSpan w:val="{count}"/>'

    def text(count: int, columns: int, mark: str = "") -> str:
        body = para(SENTENCE * count, EXACT + '<w:ind w:firstLine="420"/>', mark=mark)
        return cell(unit * columns, body, span(columns))

    height = '<w:trHeight w:val="567" w:hRule="atLeast"/>'
    merged = "<w:vMerge/>" + _CENTER
    boxes = para("☑主动求助 □社工发现 □他人转介 □其他，请注明：", EXACT, mark="f_channel")
    rows = [
        row([cell(unit * 12, para("一、个案申请", EXACT, HEI), span(12) + _CENTER)], height),
        row(
            [
                cell(unit * 4, para(f"{label}：{value}", EXACT), span(4) + _CENTER)
                for label, value in (
                    ("申请编号", "SQ-2026-0001"),
                    ("申请日期", "2026年3月5日"),
                    ("负责社工", "样例社工"),
                )
            ],
            height,
        ),
        row([_label("基本资料", unit * 2, span(2) + _MERGE), text(0, 5), text(0, 5)], height),
        row([_label("", unit * 2, span(2) + merged), cell(unit * 10, boxes, span(10) + _CENTER)], height),
        row([_label("", unit * 2, span(2) + merged), text(1, 10, "f_address")], height),
        row([_label("服务对象需求", unit * 2, span(2)), text(sentences, 10, "f_needs")]),
        row(
            [
                _label("社工评估", unit * 2, span(2) + _MERGE),
                _label("问题诊断", unit * 2, span(2)),
                text(sentences, 8),
            ]
        ),
        row(
            [
                _label("", unit * 2, span(2) + merged),
                _label("需求分析", unit * 2, span(2)),
                text(sentences, 8),
            ]
        ),
    ]
    heads = ("时间安排", "介入策略", "服务方式", "服务对象责任", "社工角色", "评估方法")
    plan = [row([_label(head, unit * 2) for head in heads], "<w:tblHeader/>" + height)]
    for index in range(plans):
        plan.append(
            row(
                [cell(unit * 2, para(SENTENCE[k : k + 12 + 9 * ((index + k) % 4)])) for k in range(6)], height
            )
        )
    title = para(
        "个案申请表（样例）", '<w:jc w:val="center"/><w:spacing w:after="120"/>', HEI + '<w:sz w:val="36"/>'
    )
    between = para("", '<w:spacing w:line="240" w:lineRule="exact"/>')
    body = (
        title + table(grid, rows) + between + table([unit * 2] * 6, plan) + para("填表说明：本表一式一份。")
    )
    return docx(body)


_WORDS = ("服务对象", "社工", "家属", "，", "。", "、", "：", "（", "）", "2026年3月5日", "3次", "“好转”",
          "QQ", "随访", "；",
          "90分钟", "评估", "《表》", "社区医生", "复诊")  # fmt: skip


def random_text(source: random.Random, length: int) -> str:
    """Words and punctuation in no order."""
    return "".join(source.choice(_WORDS) for _ in range(length))


def random_table(seed: int) -> bytes:
    """A table with random spans, heights and texts of very different lengths."""
    source = random.Random(seed)
    unit, rows = 765, []
    for _ in range(source.randint(4, 14)):
        left, cells = 12, []
        while left:
            count = min(left, source.choice((3, 4, 6)))
            left -= count
            props = f'<w:gridSpan w:val="{count}"/>' + source.choice(
                ("", _CENTER, '<w:vAlign w:val="bottom"/>')
            )
            spacing = source.choice(("", EXACT, '<w:spacing w:line="360" w:lineRule="auto"/>'))
            texts = [
                random_text(source, source.choice((0, 1, 3, 12, 40))) for _ in range(source.randint(1, 3))
            ]
            cells.append(cell(unit * count, "".join(para(text, spacing) for text in texts), props))
        height = source.choice(("", '<w:trHeight w:val="600" w:hRule="atLeast"/>', "<w:cantSplit/>"))
        rows.append(row(cells, height))
    return docx(para("随机表", '<w:jc w:val="center"/>') + table([unit] * 12, rows) + para("完"))


_KEEP = "<w:cantSplit/>"
_SEAM = '<w:spacing w:line="20" w:lineRule="exact"/>'


def _at_least(twips: int) -> str:
    return f'<w:trHeight w:val="{twips}" w:hRule="atLeast"/>' if twips else ""


def _random_rows(source: random.Random, grid: Sequence[int], count: int, keep: str) -> list[str]:
    """Rows of a table with a merged label column and cells of one paragraph each."""
    rows, merged = [], 0
    for _ in range(count):
        merge = "<w:vMerge/>" if merged else ""
        if not merged and source.random() < 0.3:
            merge, merged = '<w:vMerge w:val="restart"/>', source.randint(2, 3)
        merged = max(merged - 1, 0)
        label = para("" if merge == "<w:vMerge/>" else "栏目", '<w:jc w:val="center"/>' + EXACT, HEI)
        cells = [cell(grid[0], label, merge + _CENTER)]
        for width in grid[1:]:
            text = random_text(source, source.choice((0, 2, 6, 15, 30)))
            cells.append(cell(width, para(text, EXACT), source.choice(("", _CENTER))))
        rows.append(row(cells, keep + _at_least(source.choice((0, 510, 1020)))))
    return rows


def random_form(seed: int) -> bytes:
    """A title and two or three tables with seams, repeated headings, merged labels and least heights."""
    source = random.Random(seed)
    parts = [para("随机表", '<w:keepNext/><w:jc w:val="center"/>' + EXACT)]
    for number in range(source.randint(2, 3)):
        grid = source.choice(((1200, 2600, 2600, 2600), (1500, 3000, 4500), (1500, 7500)))
        head = [cell(width, para("标题", EXACT), _CENTER) for width in grid]
        heading = [row(head, "<w:tblHeader/>" + _at_least(510))] if source.random() < 0.6 else []
        keep = _KEEP if source.random() < 0.4 else ""
        parts += [para("", _SEAM)] if number else []
        parts.append(table(grid, [*heading, *_random_rows(source, grid, source.randint(4, 14), keep)]))
    return docx("".join(parts) + para("完"))

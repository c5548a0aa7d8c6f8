"""WordprocessingML names and value readers shared by the parts of the docx reader.

Owns namespaces, unit conversion and the wording of "this template construct cannot be printed".
All lengths leave here in points.
"""

from __future__ import annotations

from lxml.etree import _Element

from generator.errors import TemplateDamaged, TemplateUnsupported

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
WP = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}"
A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
PIC = "{http://schemas.openxmlformats.org/drawingml/2006/picture}"
VAL = W + "val"

_OFF = frozenset({"0", "false", "off", "none"})

NAMES = {
    "numPr": "自动编号",
    "pBdr": "段落边框",
    "framePr": "图文框",
    "textDirection": "文字方向（竖排）",
    "pPrChange": "修订标记",
    "rPrChange": "修订标记",
    "tblPrChange": "修订标记",
    "tcPrChange": "修订标记",
    "trPrChange": "修订标记",
    "tblGridChange": "修订标记",
    "ins": "修订标记（插入）",
    "del": "修订标记（删除）",
    "moveFrom": "修订标记（移动）",
    "moveTo": "修订标记（移动）",
    "i": "斜体",
    "strike": "删除线",
    "dstrike": "双删除线",
    "caps": "全部大写",
    "smallCaps": "小型大写",
    "vanish": "隐藏文字",
    "highlight": "突出显示",
    "em": "着重号",
    "bdr": "字符边框",
    "fitText": "调整宽度",
    "eastAsianLayout": "双行合一等中文版式",
    "sym": "符号字体字符",
    "hyperlink": "超链接",
    "rtl": "从右到左的文字",
    "tblStylePr": "表格样式中的条件格式",
    "fldSimple": "域",
    "fldChar": "域",
    "object": "嵌入对象",
    "pict": "旧式图形（VML）",
    "AlternateContent": "图形或文本框",
    "anchor": "浮动图形",
    "footnoteReference": "脚注",
    "endnoteReference": "尾注",
    "commentReference": "批注",
    "altChunk": "外部内容块",
    "ruby": "拼音指南",
    "oMath": "公式",
    "oMathPara": "公式",
    "cols": "分栏",
    "docGrid": "文档网格",
    "sectPr": "多个分节",
    "titlePg": "首页不同的页眉页脚",
    "hMerge": "旧式横向合并",
    "tblpPr": "环绕文字的表格",
    "subDoc": "子文档",
    "pgBorders": "页面边框",
}


def local(element: _Element) -> str:
    """Tag name without its namespace."""
    tag: str = element.tag
    return tag.rpartition("}")[2]


def unsupported(name: str, where: str, detail: str = "") -> TemplateUnsupported:
    """Build the error for a construct: ``name`` is the local tag, ``where`` a place without answer text."""
    words = NAMES.get(name)
    label = f"“{words}”（w:{name}{detail}）" if words else f"w:{name}{detail}"
    return TemplateUnsupported(f"模板{where}含有无法准确打印的内容：{label}。")


def is_on(element: _Element) -> bool:
    """Value of an on/off property: present without a value means on."""
    value = element.get(VAL)
    return value is None or value not in _OFF


def twips(value: str | None, default: float = 0.0) -> float:
    """Return in points a measure in twentieths of a point (or with a unit, as ISO strict writes it)."""
    if value is None:
        return default
    try:
        return int(value) / 20
    except ValueError:
        return _measure(value)


_UNITS = {"pt": 1.0, "mm": 72 / 25.4, "cm": 720 / 25.4, "in": 72.0, "pc": 12.0, "pi": 12.0}


def _measure(value: str) -> float:
    factor = _UNITS.get(value[-2:])
    try:
        return float(value[:-2]) * factor if factor else float(value) / 20
    except ValueError:
        raise TemplateDamaged(f"模板中的长度值“{value[:20]}”无法识别。") from None


def emu(value: str | None) -> float:
    """Return in points a DrawingML length (914,400 to the inch)."""
    return int(value or 0) / 12700

"""WordprocessingML names and value readers shared by the parts of the docx reader.

Owns namespaces and the wording of "this template construct cannot be printed".
Numbers are read by ``measures``.
"""

from __future__ import annotations

from lxml.etree import _Element

from generator.errors import TemplateUnsupported

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
    "lnNumType": "行号",
    "pgNumType": "页码格式",
    "pgMar": "装订线",
    "sectPrChange": "修订标记",
    "mirrorMargins": "对称页边距",
    "gutterAtTop": "装订线在上方",
    "evenAndOddHeaders": "奇偶页不同的页眉页脚",
    "revisionView": "修订视图",
    "bookFoldPrinting": "书籍折页",
    "tbl": "嵌套表格",
    "tblPrEx": "个别行的表格格式（例外属性）",
    "tblCellSpacing": "单元格间距",
    "bidiVisual": "从右到左的表格",
    "hidden": "隐藏的行",
    "trPr": "表格样式中的行格式",
    "tcPr": "表格样式中的单元格格式",
    "tcFitText": "单元格“适应文字”",
    "hideMark": "隐藏单元格标记",
    "tl2br": "斜线表头",
    "tr2bl": "斜线表头",
    "cellIns": "修订标记（插入单元格）",
    "cellDel": "修订标记（删除单元格）",
    "cellMerge": "修订标记（合并单元格）",
    "numberingChange": "修订标记",
    "shd": "底纹",
    "jc": "对齐方式",
    "vAlign": "垂直对齐方式",
    "u": "下划线样式",
    "vertAlign": "上标、下标",
    "w": "字符缩放",
    "position": "字符位置提升、降低",
    "spacing": "间距",
    "tab": "制表位",
    "br": "分栏符",
    "outline": "空心字",
    "shadow": "文字阴影",
    "emboss": "阳文",
    "imprint": "阴文",
    "bidi": "从右到左的段落",
    "cs": "复杂文种字体",
    "kinsoku": "不按中文习惯控制首尾字符",
    "mirrorIndents": "对称缩进",
    "numForm": "数字样式",
    "numSpacing": "数字间距",
    "stylisticSets": "字体样式集",
    "textOutline": "文字轮廓",
    "textFill": "文字填充效果",
    "glow": "文字发光",
    "reflection": "文字映像",
    "props3d": "文字三维效果",
    "scene3d": "文字三维效果",
    "drawing": "图形",
    "dayShort": "日期域",
    "dayLong": "日期域",
    "monthShort": "日期域",
    "monthLong": "日期域",
    "yearShort": "日期域",
    "yearLong": "日期域",
    "pgNum": "旧式页码",
    "ptab": "对齐制表位",
    "annotationRef": "批注",
    "footnoteRef": "脚注",
    "endnoteRef": "尾注",
    "separator": "脚注分隔线",
    "continuationSeparator": "脚注分隔线",
    "contentPart": "墨迹",
    "customXmlInsRangeStart": "修订标记",
    "customXmlDelRangeStart": "修订标记",
    "moveFromRangeStart": "修订标记（移动）",
    "moveFromRangeEnd": "修订标记（移动）",
    "moveToRangeStart": "修订标记（移动）",
    "moveToRangeEnd": "修订标记（移动）",
    "dir": "从右到左的文字",
    "bdo": "从右到左的文字",
    "top": "边框样式",
    "bottom": "边框样式",
    "left": "边框样式",
    "right": "边框样式",
    "start": "边框样式",
    "end": "边框样式",
    "insideH": "边框样式",
    "insideV": "边框样式",
    "between": "边框样式",
    "bar": "边框样式",
}
OTHER = "不认识的内容"


def local(element: _Element) -> str:
    """Tag name without its namespace."""
    tag: str = element.tag
    return tag.rpartition("}")[2]


def unsupported(name: str, where: str, detail: str = "") -> TemplateUnsupported:
    """Build the error for a construct: ``name`` is the local tag, ``where`` a place without answer text."""
    label = f"“{NAMES.get(name, OTHER)}”（w:{name}{detail}）"
    return TemplateUnsupported(f"模板{where}含有无法准确打印的内容：{label}。")


def is_on(element: _Element) -> bool:
    """Value of an on/off property: present without a value means on."""
    value = element.get(VAL)
    return value is None or value not in _OFF

"""Numbers of a docx: read as written, whole or decimal, and held to what can be printed.

Every number that comes from a part goes through here, so that none is anything but finite and within a range:
``NaN``, ``1e308``, a size of 0 or a column of −3 cm are sentences, not pages.  Lengths leave in points.
"""

from __future__ import annotations

from math import isfinite
from typing import NamedTuple

from generator.errors import TemplateDamaged

MOST = 1584.0
"""Points, 22 inches: the largest page and the longest distance Word knows."""
_UNITS = {"pt": 1.0, "mm": 72 / 25.4, "cm": 720 / 25.4, "in": 72.0, "pc": 12.0, "pi": 12.0}


class Range(NamedTuple):
    """What a number is called, and the values it may have (in points, or as ``unit`` says)."""

    name: str
    least: float = -MOST
    most: float = MOST
    unit: str = "磅"


LENGTH = Range("长度值")
SIZE = Range("字号", 0.5, 1638)
GAP = Range("字符间距")
SPACE = Range("段前段后间距", 0)
LINE = Range("行距", 0.05)
LINES = Range("行距倍数", 0.01, 132, "倍")
INDENT = Range("缩进")
CHARS = Range("按字数的缩进", -100, 100, "字")
TAB = Range("制表位", -MOST)
TAB_STEP = Range("默认制表位", 0)
BORDER = Range("边框宽度", 0, 32)
CELL_MARGIN = Range("单元格边距", 0)
HEIGHT = Range("行高", 0)
WIDTH = Range("列宽", -MOST)
PAPER = Range("纸张大小", 0)
PAGE_MARGIN = Range("页边距", 0)
PITCH = Range("文档网格的行距", 0)
PICTURE = Range("图片尺寸", 0.1)


def number(value: str | None, what: Range, *, default: float = 0.0, scale: float = 1.0) -> float:
    """A number divided by ``scale``, within its range.  Raises TemplateDamaged."""
    if value is None:
        return default
    try:
        found = float(value) / scale
    except ValueError:
        raise _unreadable(value, what) from None
    return _within(found, value, what)


def length(value: str | None, what: Range = LENGTH, *, default: float = 0.0) -> float:
    """A length in twentieths of a point, or with a unit as ISO strict writes it.  Raises TemplateDamaged."""
    if value is None:
        return default
    try:
        found = float(value) / 20
    except ValueError:
        try:
            found = float(value[:-2]) * _UNITS[value[-2:]]
        except (ValueError, KeyError):
            raise _unreadable(value, what) from None
    return _within(found, value, what)


def _within(found: float, written: str, what: Range) -> float:
    if not isfinite(found) or not what.least <= found <= what.most:
        raise TemplateDamaged(
            f"模板中的{what.name}“{written[:20]}”不能用：应为 {what.least:g}～{what.most:g} {what.unit}。",
            hint="请在 Word 或 WPS 中把它改为正常的值，另存后再安装。",
        )
    return found


def _unreadable(written: str, what: Range) -> TemplateDamaged:
    return TemplateDamaged(
        f"模板中的{what.name}“{written[:20]}”无法识别。",
        hint="请在 Word 或 WPS 中打开并另存为 .docx，再安装。",
    )


def colour(value: str | None) -> str | None:
    """Six hexadecimal digits; None for black and for automatic.  Raises TemplateDamaged."""
    if value is None or value in ("auto", "000000"):
        return None
    if len(value) != 6 or not set(value) <= set("0123456789abcdefABCDEF"):
        raise TemplateDamaged(
            f"模板中的颜色“{value[:20]}”无法识别。", hint="请在 Word 或 WPS 中重新选择颜色，另存后再安装。"
        )
    return value

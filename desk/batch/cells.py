"""One cell of a roster: from what Excel, WPS or a CSV file made of it to an answer, or the exact complaint.

Nothing that a spreadsheet has already damaged is repaired by guessing: digits that are gone are asked for.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from desk.batch.columns import Column
from desk.entry.widgets import SEPARATORS, Parsed

AS_TEXT = "请把该列设为“文本”格式后重新录入（用 --template 生成的名册已设好）。"
_SCIENTIFIC = re.compile(r"\d(\.\d+)?[eE]\+?\d+")
_EXCEL_ERRORS = (
    "#NULL!",
    "#DIV/0!",
    "#VALUE!",
    "#REF!",
    "#NAME?",
    "#NUM!",
    "#N/A",
    "#GETTING_DATA",
    "#SPILL!",
)


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula whose result the file does not hold."""


def is_blank(value: Any) -> bool:
    """Whether a cell says nothing."""
    return value is None or (isinstance(value, str) and not value.strip())


def answer(column: Column, value: Any) -> Parsed:
    """The answer in a cell that is not blank; ``value`` is as the spreadsheet reader gives it."""
    text = _text(column, value)
    if text.problem is not None:
        return text
    if column.widget.kind == "items":
        parts = re.split(f"[{re.escape(SEPARATORS.replace(' ', ''))}]", text.value)
        return Parsed([part.strip() for part in parts if part.strip()])
    # Without a clock: 今天 in a file means another day each time it is read.
    return column.widget.parse(column.spec, text.value, None)


def _text(column: Column, value: Any) -> Parsed:
    match value:
        case Formula():
            return Parsed(
                problem="是公式，但文件里没有计算结果。"
                "请在 Excel 或 WPS 中打开、保存一次，或改为“粘贴为数值”。"
            )
        case bool():
            return Parsed("是" if value else "否")
        case datetime() | date() | time():
            return _moment(column, value)
        case int() | float():
            return _number(column, value)
    return _words(column, str(value))


def _words(column: Column, text: str) -> Parsed:
    plain = text.strip()
    if plain in _EXCEL_ERRORS:
        return Parsed(problem=f"是表格的错误值 {plain}。请改正公式或直接填写内容。")
    if _is_code(column) and _SCIENTIFIC.fullmatch(plain):
        return Parsed(problem=_lost(column))
    # Programs write ="0812…" into CSV files, people type '0812…, both to keep digits as text.
    quoted = re.fullmatch(r'="(.*)"', plain) or (re.fullmatch(r"'(.*)", plain) if _is_code(column) else None)
    return Parsed(quoted[1] if quoted else text)


def _is_code(column: Column) -> bool:
    return column.widget.kind in ("citizen_id", "phone")


def _lost(column: Column) -> str:
    if column.widget.kind == "citizen_id":
        return f"号码被表格存成了数字，后几位已经丢失，无法还原。{AS_TEXT}"
    return f"号码被表格存成了科学计数。{AS_TEXT}"


def _number(column: Column, value: float) -> Parsed:
    whole = int(value) if float(value).is_integer() else None
    match column.widget.kind:
        case "citizen_id":
            return Parsed(problem=_lost(column))
        case "date" | "datetime" if whole is None or len(str(whole)) != 8:
            return Parsed(problem="是数字，不是日期。请设为日期格式，或写成 2026-3-5 这样。")
    return Parsed(str(whole) if whole is not None else repr(value))


def _moment(column: Column, value: datetime | date | time) -> Parsed:
    match column.widget.kind, value:
        case "date", datetime():
            return Parsed(value.date().isoformat())
        case "date", date():
            return Parsed(value.isoformat())
        case "datetime", datetime():
            return Parsed(value.strftime("%Y-%m-%d %H:%M"))
        case "text" | "long", time():
            return Parsed(value.strftime("%H:%M"))
    return Parsed(problem=f"被表格改成了日期或时间。{AS_TEXT}")

"""One cell of a roster: from what Excel, WPS or a CSV file made of it to an answer, or the exact complaint.

Nothing that a spreadsheet has already damaged is repaired by guessing: digits that are gone are asked for.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from desk.batch import shown
from desk.batch.columns import Column
from desk.batch.shown import Number
from desk.entry.widgets import SEPARATORS, Parsed

AS_TEXT = "请把该列设为“文本”格式后重新录入（用 --template 生成的名册已设好）。"
_SCIENTIFIC = re.compile(r"\d(\.\d+)?[eE]\+\d{1,3}")
_MANY = Decimal(10) ** shown.DIGITS
_WIDE = {ord(c) + 0xFEE0: c for c in "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"}
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
    """The answer in a cell that is not blank; ``value`` is as the sheet or the CSV file holds it."""
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
            return _moment(column, value, "")
        case Number() | int() | float():
            # A plain number is one of a line of jsonl, as it is written there.
            number = value if isinstance(value, Number) else Number(Decimal(str(value)))
            return _dated(column, number) if shown.is_moment(number.format) else _number(column, number)
    return _words(column, str(value))


def _words(column: Column, text: str) -> Parsed:
    plain = text.strip()
    if plain in _EXCEL_ERRORS:
        return Parsed(problem=f"是表格的错误值 {plain}。请改正公式或直接填写内容。")
    if _is_text(column) and _SCIENTIFIC.fullmatch(plain):
        return Parsed(problem=_lost(column))
    # Programs write ="0812…" into CSV files, people type '0812…, both to keep digits as text.
    quoted = re.fullmatch(r'="(.*)"', plain) or (
        re.fullmatch(r"'(\d.*)", plain) if _is_text(column) else None
    )
    text = quoted[1] if quoted else text
    if column.widget.kind == "integer" and re.fullmatch(r"[-+]?\d+[.]0+", _folded(plain)):
        return Parsed(_folded(plain).partition(".")[0])
    return Parsed(text if column.widget.kind == "long" else _folded(text))


def _folded(text: str) -> str:
    """Full-width digits and letters as narrow ones; of a text of nothing else, the marks too."""
    narrow = text.translate(_WIDE)
    marks = {mark: chr(mark - 0xFEE0) for mark in map(ord, "－．／＿＃＋")}
    changed = narrow.translate(marks)
    return changed if changed.isascii() else narrow


def _is_text(column: Column) -> bool:
    """Whether digits in the column are signs, not an amount."""
    return column.widget.kind in ("citizen_id", "phone", "text", "long", "items")


def _lost(column: Column) -> str:
    if column.widget.kind == "phone":
        return f"号码被表格存成了科学计数。{AS_TEXT}"
    return f"号码被表格存成了数字，后几位已经丢失，无法还原。{AS_TEXT}"


def _dated(column: Column, number: Number) -> Parsed:
    if column.widget.kind == "citizen_id":
        return Parsed(problem=_lost(column))
    moment = shown.moment(number)
    if moment is None:
        return Parsed(problem="是表格显示不出的日期或时间（####）。请改正后重新填写。")
    return _moment(column, moment, number.format)


def _number(column: Column, number: Number) -> Parsed:
    kind, value = column.widget.kind, number.value
    problem = None
    if kind == "citizen_id" or (_is_text(column) and abs(value) >= _MANY):
        problem = _lost(column)
    elif kind in ("date", "datetime") and not re.fullmatch(r"\d{8}", shown.plain(value)):
        problem = "是数字，不是日期。请设为日期格式，或写成 2026-3-5 这样。"
    elif kind in ("integer", "number") and shown.is_percent(number.format):
        problem = f"显示为 {shown.text(number)}，是百分数。请改为常规格式，写成不带 % 的数字。"
    if problem is not None:
        return Parsed(problem=problem)
    amount = kind in ("integer", "number")
    return Parsed(shown.plain(shown.rounded(number)) if amount else shown.text(number))


def _moment(column: Column, value: datetime | date | time | timedelta, code: str) -> Parsed:
    text: str | None = None
    match column.widget.kind, value:
        case "date", date():
            text = value.date().isoformat() if isinstance(value, datetime) else value.isoformat()
        case "datetime", datetime():
            text = value.strftime("%Y-%m-%d %H:%M")
        case "text" | "long", time():
            text = shown.time_text(value, code)
        case "text" | "long", timedelta():
            text = shown.duration_text(value)
        case "integer" | "number", time() | timedelta():
            return Parsed(problem="是时间或时长，不是数字。请改为常规格式，写成数字，如 90。")
    return Parsed(text) if text is not None else Parsed(problem=f"被表格改成了日期或时间。{AS_TEXT}")

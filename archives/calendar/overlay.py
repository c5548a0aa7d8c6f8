"""The station's own calendar: ``calendar_overrides.csv``, read before every library.

    date,kind,source
    2027-02-06,workday,国办发明电〔2026〕X号
    2027-02-10,holiday,国办发明电〔2026〕X号
    2027,complete,国办发明电〔2026〕X号

``workday`` and ``holiday`` settle one day.  ``complete`` settles a year: its whole arrangement stands in this
file, so its other days are Mon–Fri working days and not provisional.  Headings and kinds may be Chinese
(日期,类别,来源; 工作日, 休息日, 全年); a file that Excel saved (BOM, GBK, 2027/2/6) is read.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from archives.errors import CalendarInvalid

_HEADINGS = (("date", "kind", "source"), ("日期", "类别", "来源"))
_KINDS = {
    "workday": "workday",
    "工作日": "workday",
    "holiday": "holiday",
    "休息日": "holiday",
    "complete": "complete",
    "全年": "complete",
}
_DAY = re.compile(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})")
_YEAR = re.compile(r"(?!0000)\d{4}")
_LARGEST = 1_000_000
_SHOWN = 8


@dataclass(frozen=True, slots=True)
class Overlay:
    """``days``: True for a working day; ``complete``: the years whose whole arrangement is in ``days``."""

    days: Mapping[date, bool] = field(default_factory=dict)
    complete: frozenset[int] = frozenset()

    def named(self, day: date) -> bool | None:
        """Working day, when the station named this very day."""
        return self.days.get(day)

    def implied(self, day: date) -> bool | None:
        """Working day, when the station entered the whole year and this day is not among its exceptions."""
        return day.weekday() < 5 if day.year in self.complete else None


def parse_overlay(raw: bytes) -> Overlay:
    """Read the file; raises CalendarInvalid naming every bad line (the first eight)."""
    days: dict[date, bool] = {}
    years: dict[int, int] = {}
    problems: list[str] = []
    for line, cells in _rows(raw):
        problem = _take(cells, line, days, years)
        if problem:
            problems.append(f"第{line}行{problem}")
    problems += [
        f"第{line}行说明该年安排已全部录入，但缺少元旦或国庆节的休息日"
        for year, line in years.items()
        if days.get(date(year, 1, 1)) is not False or days.get(date(year, 10, 1)) is not False
    ]
    if problems:
        more = f"；另有{len(problems) - _SHOWN}处" if len(problems) > _SHOWN else ""
        raise CalendarInvalid(f"工作日历 calendar_overrides.csv {'；'.join(problems[:_SHOWN])}{more}。")
    return Overlay(days, frozenset(years))


def _rows(raw: bytes) -> Iterator[tuple[int, list[str]]]:
    if len(raw) > _LARGEST:
        raise CalendarInvalid("工作日历 calendar_overrides.csv 超过 1 MB，不像是日历文件。")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = raw.decode("gb18030")
        except UnicodeDecodeError as cause:
            raise CalendarInvalid("工作日历 calendar_overrides.csv 的文字编码无法识别。") from cause
    if "\0" in text:
        raise CalendarInvalid("工作日历 calendar_overrides.csv 不是文本文件。")
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    headed = False
    try:
        for cells in reader:
            stripped = [cell.strip() for cell in cells]
            if not any(stripped):
                continue
            if headed:
                yield reader.line_num, stripped
            elif tuple(cell.lower() for cell in stripped) in _HEADINGS:
                headed = True
            else:
                raise CalendarInvalid(
                    f"工作日历 calendar_overrides.csv 第{reader.line_num}行应是表头“日期,类别,来源”。"
                )
    except csv.Error as cause:
        raise CalendarInvalid(
            f"工作日历 calendar_overrides.csv 第{reader.line_num}行引号不成对或内容过长。"
        ) from cause


def _take(cells: list[str], line: int, days: dict[date, bool], years: dict[int, int]) -> str | None:
    """Enter one row; the return is what is wrong with it."""
    if len(cells) != 3:
        return f"应有3列，实有{len(cells)}列"
    when, kind_text, source = cells
    kind = _KINDS.get(kind_text.lower())
    if kind is None:
        return "的类别应是“工作日”“休息日”或“全年”"
    if not source:
        return "没有写来源（如国务院办公厅通知文号）"
    if kind == "complete":
        return _take_year(when, line, years)
    return _take_day(when, kind == "workday", days)


def _take_year(when: str, line: int, years: dict[int, int]) -> str | None:
    if not _YEAR.fullmatch(when):
        return "类别为“全年”时日期只写年份，如 2027"
    years.setdefault(int(when), line)
    return None


def _take_day(when: str, workday: bool, days: dict[date, bool]) -> str | None:
    day = _day(when)
    if day is None:
        return "的日期应写成 2027-02-06 的样子"
    if days.setdefault(day, workday) != workday:
        return "与前面同一天的类别矛盾"
    return None


def _day(text: str) -> date | None:
    match = _DAY.fullmatch(text)
    try:
        return date(*map(int, match.groups())) if match else None
    except ValueError:
        return None

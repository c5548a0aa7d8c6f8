"""The retention plan as a file for the spreadsheet program: CSV or XLSX."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from pathlib import Path

from generator.errors import OutputUnwritable

HEADINGS: Mapping[str, str] = {
    "ref": "档号", "title": "题名", "class": "类别", "status": "状态", "start_on": "起算日",
    "held_through": "保管至", "eligible_on": "可提出鉴定日", "sentence": "说明",
}  # fmt: skip
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
Row = Mapping[str, str | None]


def plan_file(path: Path, rows: Iterable[Row]) -> bytes:
    """The rows as the ending of ``path`` asks.  Raises OutputUnwritable for another ending."""
    match path.suffix.lower():
        case ".csv":
            return _csv(rows)
        case ".xlsx":
            return _xlsx(rows)
    raise OutputUnwritable(f"输出 {path.name} 应为 .xlsx 或 .csv。", hint="请改用这两种扩展名之一。")


def _cells(row: Row) -> list[str]:
    # A title somebody typed must not become a formula of the spreadsheet.
    told = (row.get(name) or "" for name in HEADINGS)
    return [f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in told]


def _csv(rows: Iterable[Row]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(HEADINGS.values())
    writer.writerows(_cells(row) for row in rows)
    return text.getvalue().encode("utf-8-sig")


def _xlsx(rows: Iterable[Row]) -> bytes:
    import openpyxl

    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("到期计划")
    for letter, width in zip("ABCDEFGH", (34, 30, 14, 8, 12, 12, 14, 90), strict=True):
        sheet.column_dimensions[letter].width = width
    sheet.freeze_panes = "A2"
    sheet.append(list(HEADINGS.values()))
    for row in rows:
        sheet.append(_cells(row))
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()

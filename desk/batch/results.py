"""The result workbook: per person done or failed, why, and the files; nothing in it is ever a formula."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from desk.batch.sheets import letter

Outcome = Literal["完成", "此前已完成", "未通过", "未处理"]
HEADINGS = ("名册行", "姓名", "编号", "结果", "原因和办法", "文件", "文书数", "页数", "打印编号")
_WIDTHS = (9, 12, 18, 12, 80, 46, 8, 8, 30)
_FORMULA_STARTS = "=+-@\t\r\n"
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]")
_MAX_CELL = 32_000


@dataclass(frozen=True, slots=True)
class Result:
    """One row of the result workbook."""

    row: int
    stem: str
    outcome: Outcome
    why: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    documents: int = 0
    pages: int = 0
    print_ids: tuple[str, ...] = ()
    name: str = ""


def result_workbook(results: Iterable[Result], summary: str) -> bytes:
    """The bytes of the workbook; ``summary`` stands in its properties."""
    import openpyxl
    from openpyxl.styles import Font

    book = openpyxl.Workbook(write_only=True)
    book.properties.title = "批量生成结果"
    book.properties.creator = "康档"
    book.properties.description = summary
    sheet: Any = book.create_sheet("结果")
    sheet.freeze_panes = "A2"
    for at, width in enumerate(_WIDTHS, 1):
        sheet.column_dimensions[letter(at)].width = width
    headings = [_cell(sheet, heading) for heading in HEADINGS]
    for heading in headings:
        heading.font = Font(bold=True)
    sheet.append(headings)
    for one in results:
        sheet.append([_cell(sheet, value) for value in _values(one)])
    sheet.auto_filter.ref = f"A1:{letter(len(HEADINGS))}1"
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _values(one: Result) -> tuple[str | int, ...]:
    return (
        one.row,
        one.name,
        one.stem,
        one.outcome,
        "\n".join(one.why),
        "\n".join(one.files),
        one.documents,
        one.pages,
        "、".join(one.print_ids),
    )


def _cell(sheet: Any, value: str | int) -> Any:
    """A cell that a spreadsheet takes as text, however its value begins."""
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Alignment

    if isinstance(value, int) or not value:
        return WriteOnlyCell(sheet, value or None if isinstance(value, str) else value)
    cell = WriteOnlyCell(sheet, _UNPRINTABLE.sub("�", value)[:_MAX_CELL])
    cell.data_type = "s"
    if value.startswith(tuple(_FORMULA_STARTS)):
        # Stays text also after somebody opens the cell and presses Enter.
        cell.style = "Normal"
        cell.quotePrefix = True
    cell.alignment = Alignment(wrap_text=True, vertical="top")
    return cell

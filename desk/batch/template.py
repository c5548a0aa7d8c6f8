"""The empty roster of some forms: a workbook with headings, explanations and drop-down lists."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from desk.batch.columns import Column, Columns
from desk.batch.sheets import letter
from desk.batch.survey import EXPLANATIONS, OPTIONS, SHEET
from generator.validation import places

_TEXT = "@"
_ROWS = 10_000
_HOW = {
    "choices": "可选几项，之间用顿号隔开", "choice": "从下拉列表中选", "yes_no": "是 或 否",
    "items": "可写几项，之间用顿号隔开", "long": "可写多行（格内换行 Alt+回车）", "date": "日期，如 2026-3-5",
}  # fmt: skip


def template_workbook(columns: Columns, title: str) -> bytes:
    """The bytes of an .xlsx: 名册 to fill in, 填写说明, and the lists behind the drop-downs."""
    import openpyxl
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.utils.datetime import CALENDAR_WINDOWS_1900

    offered = [column for column in columns.all if column.offered]
    book = openpyxl.Workbook()
    book.epoch = CALENDAR_WINDOWS_1900
    book.properties.title = f"{title}名册"
    book.properties.creator = "康档"
    roster: Any = book.active
    roster.title = SHEET
    needed, optional = PatternFill("solid", fgColor="FFE699"), PatternFill("solid", fgColor="DDEBF7")
    for at, column in enumerate(offered, 1):
        cell = roster.cell(1, at, column.heading)
        cell.font, cell.alignment = Font(bold=True), Alignment(wrap_text=True, vertical="center")
        cell.fill = needed if column.need == "必填" else optional
        # As text, or the spreadsheet turns 18 digits into 5.1E+17 and 3-5 into a day of this year.
        style = roster.column_dimensions[letter(at)]
        style.number_format, style.width = _TEXT, _width(column)
    roster.freeze_panes = "A2"
    _explain(book.create_sheet(EXPLANATIONS), offered, title)
    _choices(book, roster, offered)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _width(column: Column) -> float:
    wide = {"citizen_id": 22, "long": 40, "phone": 15, "date": 13, "datetime": 18}
    return float(max(wide.get(column.widget.kind, 12), min(30, 2 * len(column.heading) + 2)))


def _explain(sheet: Any, offered: Sequence[Column], title: str) -> None:
    from openpyxl.styles import Alignment, Font

    sheet.append([f"{title}名册：一行一个人。黄色标题为必填。请不要合并单元格，不要改标题。"])
    sheet.append([])
    sheet.append(["标题", "是否必填", "怎样填写", "可选内容", "说明", "何时填写", "用于", "依据"])
    for column in offered:
        spec, form = column.spec, column.form
        sheet.append(
            [
                column.heading,
                column.need,
                _HOW.get(column.widget.kind, column.widget.how),
                "、".join(map(str, spec.options)),
                spec.hint or "",
                form.sentence(spec, spec.when) if spec.when is not None else "",
                f"《{form.title}》" if column.target.startswith("/forms/") else "各表",
                places.clause(form, spec.pointer.replace("/*/", "/0/")) or "",
            ]
        )
    for at, width in enumerate((30, 10, 30, 50, 50, 30, 20, 20), 1):
        sheet.column_dimensions[letter(at)].width = width
    for cell in (sheet["A1"], *sheet[3]):
        cell.font = Font(bold=True)
    for row in sheet.iter_rows(min_row=4):
        for cell in row:
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            cell.data_type = "s"
    sheet.freeze_panes = "A4"


def _choices(book: Any, roster: Any, offered: Sequence[Column]) -> None:
    """Drop-downs; their lists stand in a sheet, since Excel takes only 255 characters in place."""
    from openpyxl.worksheet.datavalidation import DataValidation

    lists = book.create_sheet(OPTIONS)
    lists.sheet_state = "hidden"
    used: dict[tuple[str, ...], int] = {}
    for at, column in enumerate(offered, 1):
        options = ("是", "否") if column.widget.kind == "yes_no" else tuple(map(str, column.spec.options))
        if not options or column.widget.kind == "choices":
            continue
        if options not in used:
            used[options] = len(used) + 1
            for row, option in enumerate(options, 1):
                lists.cell(row, used[options], option).data_type = "s"
        name = letter(used[options])
        check = DataValidation(
            type="list", formula1=f"{OPTIONS}!${name}$1:${name}${len(options)}", allow_blank=True,
            showErrorMessage=True, errorTitle="没有这一项", error="请从列表中选择。",
        )  # fmt: skip
        roster.add_data_validation(check)
        check.add(f"{letter(at)}2:{letter(at)}{_ROWS + 1}")

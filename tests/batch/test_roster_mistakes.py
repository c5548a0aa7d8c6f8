"""docs/bad-input-roster.md tells the truth: each mistake gives exactly the sentence beside it."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import openpyxl
import pytest
from openpyxl.styles import Font

from tests.batch.conftest import Batch

DOC = Path(__file__).parents[2] / "docs" / "bad-input-roster.md"
People = list[dict[str, Any]]
XLSX = "名册.xlsx"


class Row(NamedTuple):
    name: str
    inside: str
    sentence: str


def table(section: int) -> list[Row]:
    text = DOC.read_text(encoding="utf-8").split("\n## ")[section]
    lines = [line for line in text.splitlines() if line.startswith("|")][2:]
    return [Row(*(cell.strip() for cell in line.split("|")[1:-1])) for line in lines]


def save(people: People, headings: list[str] | None = None) -> Any:
    """The workbook of these people; returns its sheet before saving through ``done``."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    names = headings or list(dict.fromkeys(name for one in people for name in one))
    sheet.append(names)
    for one in people:
        sheet.append([one.get(name) for name in names])
    return book, sheet


def book_with(people: People, change: Callable[[Any], None], **kwargs: Any) -> str:
    book, sheet = save(people, **kwargs)
    change(sheet)
    book.save(XLSX)
    return XLSX


def _rename(sheet: Any, name: str) -> None:
    sheet["A1"] = name


def _repeat(sheet: Any) -> None:
    sheet["A1"], sheet["C1"] = "姓名", "姓名"


def _append(sheet: Any, name: str) -> None:
    sheet.cell(1, sheet.max_column + 1, name)


def _clear(sheet: Any) -> None:
    sheet.delete_rows(1, 10)


def _write(name: str, content: bytes) -> str:
    Path(name).write_bytes(content)
    return name


def _zip() -> str:
    with zipfile.ZipFile(XLSX, "w") as package:
        package.writestr("a.txt", "样例")
    return XLSX


def _several(sheet: Any) -> None:
    _rename(sheet, "姓明")
    sheet.merge_cells("A2:A3")


def _pages(people: People, *names: str, hidden: bool = False) -> str:
    book, sheet = save(people)
    sheet.title = names[0]
    for name in names[1:]:
        book.copy_worksheet(sheet).title = name
    if hidden:
        book.create_sheet("空白")
        sheet.sheet_state = "hidden"
        book.active = 1
    book.save(XLSX)
    return XLSX


def _hide(sheet: Any, *, filtered: bool = False) -> None:
    sheet.row_dimensions[3].hidden = True
    if filtered:
        sheet.auto_filter.ref = "A1:C4"
        sheet.auto_filter.add_filter_column(0, ["样例丁"])


def _strike(sheet: Any) -> None:
    for cell in sheet[3]:
        cell.font = Font(strike=True)


def _in_sheet(people: People, old: bytes, new: bytes) -> str:
    book_with(people, lambda sheet: None)
    with zipfile.ZipFile(XLSX) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    with zipfile.ZipFile(XLSX, "w") as package:
        for name, part in parts.items():
            package.writestr(name, part.replace(old, new) if "worksheets/sheet" in name else part)
    return XLSX


WHOLE: dict[str, Callable[[People], str]] = {
    "标题写错": lambda p: book_with(p, lambda s: _rename(s, "姓明")),
    "多出的列": lambda p: book_with(p, lambda s: _append(s, "微信号")),
    "标题出现两次": lambda p: book_with(p, _repeat),
    "合并的标题": lambda p: book_with(p, lambda s: s.merge_cells("A1:B1")),
    "合并的内容": lambda p: book_with(p, lambda s: s.merge_cells("A2:A3")),
    "空文件": lambda p: book_with(p, _clear),
    "几处一起错": lambda p: book_with(p, _several),
    "两页都写了人": lambda p: _pages(p, "一月", "二月"),
    "只有隐藏的页写了人": lambda p: _pages(p, "旧名册", hidden=True),
    "有隐藏的行": lambda p: book_with(p, _hide),
    "有筛选掉的行": lambda p: book_with(p, lambda s: _hide(s, filtered=True)),
    "有划掉的行": lambda p: book_with(p, _strike),
    "文件损坏": lambda p: _in_sheet(p, b'r="B2"', b'r="B??2"'),
    "行号太大": lambda p: _in_sheet(p, b'<row r="4"', b'<row r="99999999"'),
    "旧版 Excel": lambda p: _write(XLSX, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)),
    "不是 Excel": lambda p: _write(XLSX, "姓名,性别\n样例甲,男\n".encode()),
    "是别的压缩文件": lambda p: _zip(),
    "扩展名不对": lambda p: _write("名册.docx", b"PK\x03\x04"),
    "名册不存在": lambda p: "没有.xlsx",
    "CSV 引号没有成对": lambda p: _write("名册.csv", '姓名,性别\n"样例甲,男\n'.encode()),
}


@pytest.mark.parametrize("row", table(1), ids=lambda row: row.name)
def test_a_mistake_of_the_whole_roster(row: Row, people: People, batch: Batch) -> None:
    ended = batch(WHOLE[row.name](people))
    assert ended.code == 12
    assert ended.error == row.sentence
    assert not list(Path("文书").glob("*.pdf"))


def _set(people: People, heading: str, value: Any) -> None:
    people[1][heading] = value


def _formula(people: People) -> None:
    _set(people, "居住地址 详细地址", '=CONCATENATE(B2,"号")')


def _twice(people: People, heading: str) -> None:
    people[1][heading] = people[0][heading]


ONE: dict[str, Callable[[People], None]] = {
    "身份号码成了数字": lambda p: _set(p, "公民身份号码", 510402198503121231),
    "身份号码成了科学计数": lambda p: _set(p, "公民身份号码", "5.10402E+17"),
    "电话成了科学计数": lambda p: _set(p, "联系电话", "1.38E+10"),
    "座机丢了开头的 0": lambda p: _set(p, "联系电话", 8123333333),
    "日期不存在": lambda p: _set(p, "申请日期", "2026-2-30"),
    "日期写了今天": lambda p: _set(p, "申请日期", "今天"),
    "日期是两位年份": lambda p: _set(p, "申请日期", "26/3/5"),
    "日期成了序号": lambda p: _set(p, "申请日期", 46086),
    "文字成了日期": lambda p: _set(p, "居住地址 详细地址", datetime(2026, 3, 5)),
    "长号码成了数字": lambda p: _set(p, "居住地址 详细地址", 81000019850312000),
    "长号码成了科学计数": lambda p: _set(p, "居住地址 详细地址", "8.1E+16"),
    "日期显示不出": lambda p: None,
    "选项写错": lambda p: _set(p, "申请途径", "转介"),
    "公式没有结果": _formula,
    "公式出错": lambda p: _set(p, "居住地址 详细地址", "#REF!"),
    "同一身份号码两次": lambda p: _twice(p, "公民身份号码"),
    "同一编号两次": lambda p: _twice(p, "申请编号"),
    "编号不能作文件名": lambda p: _set(p, "个案编号", "../GA-1"),
    "没有标题的一列有内容": lambda p: None,
    "必填的没填": lambda p: _set(p, "姓名", None),
    "有看不见的字符": lambda p: _set(p, "姓名", "样例\u202e乙"),
}


@pytest.mark.parametrize("row", table(2), ids=lambda row: row.name)
def test_a_mistake_of_one_row_fails_that_row_alone(row: Row, people: People, batch: Batch) -> None:
    ONE[row.name](people)

    def change(sheet: Any) -> None:
        if row.name == "没有标题的一列有内容":
            sheet["AE3"] = "样例"
        if row.name == "日期显示不出":
            cell = next(cell for cell in sheet[1] if cell.value == "申请日期")
            sheet.cell(3, cell.column, -5).number_format = "yyyy-mm-dd"

    ended = batch(book_with(people, change))
    assert ended.code == 1
    assert row.sentence in ended.results[3]["why"], ended.results[3]["why"]
    assert ended.results[3]["outcome"] == "未通过"
    assert ended.results[3]["files"] == []
    assert [ended.results[at]["outcome"] for at in (2, 4)] == ["完成", "完成"]
    made = openpyxl.load_workbook("文书/结果.xlsx").active
    assert made is not None
    assert row.sentence in str(made["E3"].value)


def test_every_documented_mistake_is_made_here() -> None:
    assert {row.name for row in table(1)} == set(WHOLE)
    assert {row.name for row in table(2)} == set(ONE)

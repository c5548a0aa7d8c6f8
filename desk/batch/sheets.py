"""The rows of an Excel workbook, read as a stream; what a spreadsheet hides is said before the first row."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from desk.batch.cells import Formula
from generator.errors import DataUnreadable

SHEET = "名册"
MAX_UNPACKED = 1_000_000_000
MAX_LINES = 1_048_576
"""As many as Excel has."""
_OLD = b"\xd0\xcf\x11\xe0"
_MERGED = re.compile(rb'<(?:\w+:)?mergeCell\s[^>]*ref="([A-Z]+)(\d+):([A-Z]+)(\d+)"')
_FORMULA = re.compile(rb"<(?:\w+:)?f[\s/>]")
_BLOCK = 1 << 20


def letter(column: int) -> str:
    """The letters of a column: 1 → A, 28 → AB."""
    letters = ""
    # Ends: each round divides by 26.
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def lines(path: Path) -> Iterator[tuple[int, Sequence[Any]]]:
    """(row number, values) of the sheet 名册, else of the first sheet.

    Raises DataUnreadable: no workbook, old or protected workbook, merged cells.
    """
    import openpyxl

    _check_package(path)
    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
        name = SHEET if SHEET in book.sheetnames else book.sheetnames[0]
        part = _sheet_part(path, book.sheetnames.index(name))
    except (KeyError, ValueError, IndexError, zipfile.BadZipFile, OSError, SyntaxError) as error:
        raise _unreadable(path) from error
    try:
        formulas = _look(path, part)
        sheet: Any = book[name]
        sheet.reset_dimensions()
        # A formula without a stored result reads as an empty cell; only the formulas themselves tell.
        sources = _formulas(path, name) if formulas else None
        yield from _rows(sheet, sources)
    finally:
        book.close()


def _rows(sheet: Any, sources: Iterator[Sequence[Any]] | None) -> Iterator[tuple[int, Sequence[Any]]]:
    for number, values in enumerate(sheet.iter_rows(values_only=True), 1):
        # The reader makes up every row that a damaged row number leaves out.
        if number > MAX_LINES:
            raise DataUnreadable(f"名册超过 {MAX_LINES} 行。", hint="请删去名册后面的空行，另存后再试。")
        if sources is None:
            yield number, values
            continue
        written = next(sources, ())
        yield (
            number,
            [
                Formula() if value is None and isinstance(source, str) and source.startswith("=") else value
                for value, source in zip(values, written, strict=False)
            ],
        )


def _formulas(path: Path, name: str) -> Iterator[Sequence[Any]]:
    import openpyxl

    book = openpyxl.load_workbook(path, read_only=True, data_only=False)
    try:
        sheet: Any = book[name]
        sheet.reset_dimensions()
        yield from sheet.iter_rows(values_only=True)
    finally:
        book.close()


def _check_package(path: Path) -> None:
    with path.open("rb") as stream:
        start = stream.read(4)
    if start == _OLD:
        raise DataUnreadable(
            f"名册 {path.name} 是旧版（.xls）或设了密码的 Excel 文件。",
            hint="请在 Excel 或 WPS 中去掉密码，另存为 .xlsx 后再试。",
        )
    try:
        with zipfile.ZipFile(path) as package:
            size = sum(entry.file_size for entry in package.infolist())
    except (zipfile.BadZipFile, OSError) as error:
        raise _unreadable(path) from error
    if size > MAX_UNPACKED:
        raise DataUnreadable(f"名册 {path.name} 展开后超过 1 GB。", hint="请只保留名册一页，另存后再试。")


def _unreadable(path: Path) -> DataUnreadable:
    return DataUnreadable(
        f"名册 {path.name} 不是可以读取的 Excel 文件。",
        hint="请在 Excel 或 WPS 中打开，另存为 .xlsx 后再试。",
    )


def _sheet_part(path: Path, index: int) -> str:
    """The part of the package that holds the sheet."""
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    with zipfile.ZipFile(path) as package:
        book = etree.fromstring(package.read("xl/workbook.xml"), parser)
        links = etree.fromstring(package.read("xl/_rels/workbook.xml.rels"), parser)
    sheet = book.findall("{*}sheets/{*}sheet")[index]
    wanted = next(value for name, value in sheet.attrib.items() if str(name).endswith("}id"))
    target = next(str(link.get("Target")) for link in links if link.get("Id") == wanted)
    return target.removeprefix("/") if target.startswith("/") else f"xl/{target}"


def _look(path: Path, part: str) -> bool:
    """Whether the sheet has formulas.  Raises DataUnreadable when it has merged cells."""
    found, rest = False, b""
    with zipfile.ZipFile(path) as package, package.open(part) as stream:
        # Ends: the part ends.
        while block := stream.read(_BLOCK):
            text = rest + block
            found = found or _FORMULA.search(text) is not None
            merged = _MERGED.search(text)
            if merged is not None:
                raise _merged(*(group.decode() for group in merged.groups()))
            rest = text[-200:]
    return found


def _merged(left: str, top: str, right: str, bottom: str) -> DataUnreadable:
    what = "标题" if top == "1" else f"第 {top} 行"
    return DataUnreadable(
        f"名册的{what}有合并单元格（{left}{top}:{right}{bottom}），合并后只有第一格有内容。",
        hint="请取消合并，使每列一个标题、每行一个人。",
    )

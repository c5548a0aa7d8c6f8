"""Reading a roster row by row: xlsx, csv or jsonl, headings checked first, rows never all in memory.

Raises DataUnreadable for what concerns the whole file; what is wrong with one row is that row's problem.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from desk.batch import sheets
from desk.batch.cells import answer, is_blank
from desk.batch.columns import Column, Columns
from desk.entry.answers import put
from generator.errors import DataUnreadable, GeneratorError
from generator.packets.case import PARTS
from generator.validation import text_rules
from generator.validation.strict_json import parse

MAX_BYTES = 200_000_000
_SHOWN = 8
_CASE_PARTS = frozenset(PARTS)


@dataclass(frozen=True, slots=True)
class Row:
    """One person of the roster: the CASE as far as the row gives it, and what is wrong with the row."""

    number: int
    """The row as the spreadsheet counts it (the headings are row 1)."""
    case: dict[str, Any]
    problems: tuple[str, ...] = ()


@dataclass(slots=True)
class Roster:
    """A roster being read; ``empty`` counts the blank rows passed over so far."""

    path: Path
    columns: Columns
    empty: int = field(default=0)

    def rows(self) -> Iterator[Row]:
        """The rows in their order.  Raises DataUnreadable before the first one when headings are wrong."""
        reader = {".xlsx": self._sheet, ".xlsm": self._sheet, ".csv": self._csv, ".jsonl": self._jsonl}
        read = reader.get(self.path.suffix.lower())
        if read is None:
            raise DataUnreadable(
                f"不认识名册 {self.path.name} 的文件类型。", hint="名册应为 .xlsx、.csv 或 .jsonl 文件。"
            )
        if not self.path.is_file():
            raise DataUnreadable(f"没有文件 {self.path}。", hint="请检查文件名和所在文件夹。")
        if self.path.stat().st_size > MAX_BYTES:
            raise DataUnreadable(f"名册 {self.path.name} 超过 200 MB。", hint="请确认选对了文件。")
        yield from read()

    def _sheet(self) -> Iterator[Row]:
        yield from self._table(sheets.lines(self.path))

    def _csv(self) -> Iterator[Row]:
        text = decoded(self.path)
        delimiter = "\t" if "\t" in text.split("\n", 1)[0] else ","
        table = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        yield from self._table(enumerate(_csv_lines(table, self.path.name), 1))

    def _table(self, lines: Iterator[tuple[int, Sequence[Any]]]) -> Iterator[Row]:
        first = next(lines, None)
        if first is None or all(map(is_blank, first[1])):
            raise DataUnreadable(
                f"名册 {self.path.name} 的第 1 行没有标题。",
                hint="标题应在第 1 行，每列一个；用 --template 可生成。",
            )
        columns = headings(first[1], self.columns)
        for number, cells in lines:
            if all(map(is_blank, cells)):
                self.empty += 1
            else:
                yield read_row(number, cells, columns)

    def _jsonl(self) -> Iterator[Row]:
        with self.path.open("rb") as stream:
            for number, raw in enumerate(stream, 1):
                if not raw.strip():
                    self.empty += 1
                    continue
                try:
                    document = parse(raw)
                except GeneratorError as error:
                    yield Row(number, {}, (f"{error.message}{error.hint}",))
                    continue
                yield self._document(number, document)

    def _document(self, number: int, document: Mapping[str, Any]) -> Row:
        """A line of jsonl: a whole CASE, or one object of headings and values."""
        if document.keys() <= _CASE_PARTS:
            wrong = [
                f"/{name}：应是一个对象。" for name, part in document.items() if not isinstance(part, dict)
            ]
            wrong += [
                f"/{name}：{why}"
                for name, part in document.items()
                if (why := _unprintable(part)) is not None
            ]
            return Row(number, {} if wrong else dict(document), tuple(wrong))
        found = {name: self.columns.find(name) for name in document}
        unknown = [name for name, column in found.items() if column is None]
        if unknown:
            return Row(number, {}, (unknown_sentence(unknown, self.columns),))
        return read_row(number, list(document.values()), [column for column in found.values() if column])


def _csv_lines(table: Iterator[list[str]], name: str) -> Iterator[list[str]]:
    try:
        yield from table
    except csv.Error as error:
        raise DataUnreadable(
            f"名册 {name} 不是正确的 CSV：引号没有成对，或一格过长。",
            hint="请在 Excel 或 WPS 中另存为 .xlsx 后再试。",
        ) from error


def decoded(path: Path) -> str:
    """The text of a CSV file: UTF-8, else the encodings Excel uses for Chinese."""
    raw = path.read_bytes()
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return raw.decode("utf-16", "replace")
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise DataUnreadable(
        f"名册 {path.name} 的编码无法识别。", hint="请在 Excel 或 WPS 中另存为 .xlsx，或 UTF-8 编码的 CSV。"
    )


def headings(cells: Sequence[Any], columns: Columns) -> list[Column | None]:
    """The column of each heading; None where there is no heading.  Raises DataUnreadable."""
    names = [None if is_blank(cell) else str(cell).strip() for cell in cells]
    found = [None if name is None else columns.find(name) for name in names]
    unknown = [name for name, column in zip(names, found, strict=True) if name is not None and column is None]
    if unknown:
        raise DataUnreadable(
            unknown_sentence(unknown, columns),
            hint="请改正标题，或删去该列；用 --template 可生成带全部标题的名册。",
        )
    places: dict[str, int] = {}
    for at, column in enumerate(found, 1):
        if column is not None and places.setdefault(column.target, at) != at:
            first, second = sheets.letter(places[column.target]), sheets.letter(at)
            raise DataUnreadable(
                f"标题“{column.heading}”出现了两次（{first} 列和 {second} 列）。", hint="请只保留一列。"
            )
    return found


def unknown_sentence(unknown: Sequence[str], columns: Columns) -> str:
    """Which headings nobody knows, each with the nearest known one."""
    told = []
    for name in unknown[:_SHOWN]:
        short = name if len(name) <= 20 else name[:20] + "…"
        near = columns.near(name)
        told.append(f"“{short}”（是不是“{near}”？）" if near else f"“{short}”")
    more = f"等 {len(unknown)} 个" if len(unknown) > _SHOWN else ""
    return f"名册中有不认识的标题：{'、'.join(told)}{more}。"


def read_row(number: int, cells: Sequence[Any], columns: Sequence[Column | None]) -> Row:
    """One row as a CASE; every wrong cell has its own sentence."""
    case: dict[str, Any] = {}
    problems: list[str] = []
    for at, cell in enumerate(cells):
        if is_blank(cell):
            continue
        column = columns[at] if at < len(columns) else None
        if column is None:
            problems.append(f"{sheets.letter(at + 1)} 列有内容，但第 1 行没有标题。")
            continue
        parsed = answer(column, cell)
        # Prefilling leaves out what no form may hold; said here, it is not lost without a word.
        wrong = parsed.problem or _unprintable(parsed.value)
        if wrong is not None:
            problems.append(f"{column.heading}：{wrong}")
        else:
            case = put(case, column.target, parsed.value)
    return Row(number, case, tuple(problems))


def _unprintable(value: Any) -> str | None:
    """Why a text may not stand in any form; None when it may."""
    if text_rules.scan([value]).clean:
        return None
    for blemish in text_rules.blemishes(value):
        what = _REASONS.get(blemish.reason, "含有不能打印的字符")
        return f"{what}（{blemish.code_point}）。请删除该字符，或重新输入这段文字。"
    return None


_REASONS = {
    "control": "含有控制字符", "invisible": "含有看不见的字符", "bidi": "含有改变文字方向的字符",
    "private": "含有自造字区的字符", "broken": "含有乱码字符",
}  # fmt: skip


def canonical(value: Any) -> bytes:
    """One spelling of a value, to compare and to hash."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()

"""Reading a roster row by row: xlsx, csv or jsonl, headings checked first, rows never all in memory.

Raises DataUnreadable for what concerns the whole file; what is wrong with one row is that row's problem.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path
from typing import Any

from desk.batch import separated
from desk.batch.cells import answer, is_blank
from desk.batch.columns import Column, Columns, plain_heading
from desk.batch.sheets import Line, letter, lines
from desk.batch.survey import (
    SetAside,
    choose,
    find_headings,
    heading_text,
    hidden_columns_note,
    merged_sentence,
    set_aside_sentence,
)
from desk.batch.workbook import open_workbook
from desk.entry.answers import put
from desk.entry.case_shape import misshapen
from generator.errors import DataUnreadable, GeneratorError
from generator.packets.case import PARTS
from generator.validation import text_rules
from generator.validation.strict_json import parse

MAX_BYTES = 200_000_000
_SHOWN = 8
_LOOKED_AT = 20
_ASIDE = frozenset(("备注", "说明", "备注说明", "序号", "行号", "no"))
"""Headings of a person's own columns; where a form has the field, the field wins."""
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
    sheet: str | None = None
    """The sheet of a workbook; None: the only one with people."""
    set_aside: SetAside | None = None
    """What becomes of rows that are hidden, filtered out or struck; None: somebody must say."""
    empty: int = field(default=0)
    notes: list[str] = field(default_factory=list)
    """What to say before the first print."""

    def rows(self) -> Iterator[Row]:
        """The rows in their order.  Raises DataUnreadable before the first one when headings are wrong."""
        reader = {".xlsx": self._sheet, ".xlsm": self._sheet, ".csv": self._csv, ".jsonl": self._jsonl}
        read = reader.get(self.path.suffix.lower())
        if read is None:
            raise DataUnreadable(
                f"不认识名册 {self.path.name} 的文件类型。", hint="名册应为 .xlsx、.csv 或 .jsonl 文件。"
            )
        try:
            if not self.path.is_file():
                raise DataUnreadable(f"没有文件 {self.path}。", hint="请检查文件名和所在文件夹。")
            if self.path.stat().st_size > MAX_BYTES:
                raise DataUnreadable(f"名册 {self.path.name} 超过 200 MB。", hint="请确认选对了文件。")
            with self.path.open("rb"):
                pass
        except OSError as error:
            raise DataUnreadable(
                f"名册 {self.path.name[:80]} 打不开。", hint="请检查文件名、所在文件夹和读取权限。"
            ) from error
        yield from read()

    def _sheet(self) -> Iterator[Row]:
        book = open_workbook(self.path)
        looked, notes = choose(book, self.columns, self.sheet)
        self.notes += notes
        if looked.headings is None:
            raise self._no_headings()
        wrong = Wrong()
        merged = merged_sentence(looked)
        if merged is not None:
            wrong.add(merged, "请取消合并，使每列一个标题、每行一个人。")
        if looked.set_aside and self.set_aside is None:
            wrong.add(
                set_aside_sentence(looked),
                "不印这些行加 --hidden-rows skip，照样印加 --hidden-rows print；或取消隐藏、删去这些行。",
            )
        found = self._headings(looked.headings, wrong)
        wrong.raise_any()
        hidden = hidden_columns_note(looked)
        self.notes += [hidden] if hidden is not None else []
        if looked.set_aside:
            done = "没有印" if self.set_aside == "skip" else "照样印"
            self.notes.append(f"{set_aside_sentence(looked).rstrip('。')}，这些行{done}。")
        left_out = frozenset(looked.set_aside if self.set_aside == "skip" else ())
        below = (line for line in lines(book, looked.sheet) if line.number not in left_out)
        yield from self._table(looked.headings, below, found, len(left_out))

    def _csv(self) -> Iterator[Row]:
        if self.sheet is not None:
            raise DataUnreadable("CSV 名册只有一页，不能用 --sheet。", hint="请去掉 --sheet。")
        rows = separated.lines(self.path, lambda name: self.columns.find(name) is not None)
        first = list(islice(rows, _LOOKED_AT))
        names, _ = find_headings(first, self.columns)
        if names is None:
            raise self._no_headings()
        wrong = Wrong()
        found = self._headings(names, wrong)
        wrong.raise_any()
        yield from self._table(names, chain(first, rows), found, 0)

    def _no_headings(self) -> DataUnreadable:
        return DataUnreadable(
            f"名册 {self.path.name} 没有标题。", hint="每列要有一个标题；用 --template 可生成。"
        )

    def _headings(self, names: Line, wrong: Wrong) -> dict[int, Column | None]:
        if names.number > 1:
            self.notes.append(f"标题在第 {names.number} 行，它上面的内容没有读。")
        found = headings(names, self.columns, wrong)
        ignored = [heading_text(names.cells[at]) for at, column in found.items() if column is None]
        if ignored:
            told = "、".join(f"“{name}”" for name in ignored)
            self.notes.append(f"{told}一列不用于文书，没有读。")
        return found

    def _table(
        self, names: Line, rows: Iterator[Line], found: Mapping[int, Column | None], left_out: int
    ) -> Iterator[Row]:
        last, seen = names.number, 0
        for line in rows:
            if line.number <= names.number:
                continue
            seen += 1
            last = line.number
            self.empty = last - names.number - seen - left_out
            yield read_row(line.number, line.cells, found, names.number)

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
            wrong = [f"{place}：{why}" for place, why in misshapen(document)]
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
        cells = {at: value for at, value in enumerate(document.values(), 1) if not is_blank(value)}
        return read_row(number, cells, dict(enumerate(found.values(), 1)), 1)


class Wrong:
    """What is wrong with a whole roster, told in one round."""

    def __init__(self) -> None:
        self._messages: list[str] = []
        self._hints: list[str] = []

    def add(self, message: str, hint: str) -> None:
        """One more fault and its cure; a cure is said once."""
        self._messages.append(message)
        if hint not in self._hints:
            self._hints.append(hint)

    def raise_any(self) -> None:
        """Raises DataUnreadable when anything was added."""
        if self._messages:
            raise DataUnreadable("".join(self._messages), hint="".join(self._hints))


def headings(names: Line, columns: Columns, wrong: Wrong) -> dict[int, Column | None]:
    """The column of each heading; None where it is one that no form needs, like 备注."""
    found: dict[int, Column | None] = {}
    unknown: list[str] = []
    places: dict[str, int] = {}
    for at, cell in names.cells.items():
        name = heading_text(cell) or "（数字）"
        column = columns.find(name)
        if column is None and plain_heading(name).lower().rstrip(".") not in _ASIDE:
            unknown.append(name)
            continue
        found[at] = column
        if column is not None and places.setdefault(column.target, at) != at:
            first, second = letter(places[column.target]), letter(at)
            wrong.add(f"标题“{column.heading}”出现了两次（{first} 列和 {second} 列）。", "请只保留一列。")
    if unknown:
        wrong.add(
            unknown_sentence(unknown, columns),
            "请改正标题，或删去该列；用 --template 可生成带全部标题的名册。",
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


def read_row(
    number: int, cells: Mapping[int, Any], columns: Mapping[int, Column | None], heading: int
) -> Row:
    """One row as a CASE; every wrong cell has its own sentence."""
    case: dict[str, Any] = {}
    problems: list[str] = []
    for at, cell in cells.items():
        if at not in columns:
            problems.append(f"{letter(at)} 列有内容，但第 {heading} 行没有标题。")
            continue
        column = columns[at]
        if column is None:
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

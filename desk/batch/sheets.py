"""The rows of one sheet as a stream, with what a spreadsheet hides of them."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from desk.batch.cells import Formula
from desk.batch.package import Damaged, Elements, blocks, guarded_rows
from desk.batch.shown import Number
from desk.batch.workbook import SheetPart, Style, Workbook, truth, unescaped
from generator.errors import DataUnreadable

MAX_LINES = 1_048_576
"""As many as Excel has."""
MAX_COLUMNS = 16_384
_REFERENCE = re.compile(r"([A-Z]{1,3})([1-9]\d{0,9})")
_RANGE = re.compile(r"([A-Z]{1,3})(\d{1,9}):([A-Z]{1,3})(\d{1,9})")
_NUMBER = re.compile(r"[-+]?(\d{1,400}\.?\d{0,400}|\.\d{1,400})([eE][-+]?\d{1,3})?")
_MAX_RANGES = 100_000


@dataclass(frozen=True, slots=True)
class Line:
    """One row: its number as the spreadsheet counts, its cells by column (A is 1); blank ones left out."""

    number: int
    cells: Mapping[int, Any]
    hidden: bool = False
    struck: bool = False


@dataclass(slots=True)
class Marks:
    """What stands beside the rows: known only when the sheet has been read to its end."""

    hidden_columns: list[tuple[int, int]] = field(default_factory=list)
    merged: list[tuple[str, int, str, int]] = field(default_factory=list)
    filtered: bool = False

    def hides(self, column: int) -> bool:
        """Whether the column is hidden."""
        return any(first <= column <= last for first, last in self.hidden_columns)


def letter(column: int) -> str:
    """The letters of a column: 1 → A, 28 → AB."""
    letters = ""
    # Ends: each round divides by 26.
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def column_number(letters: str) -> int:
    """The column of letters: A → 1, AB → 28."""
    number = 0
    for one in letters:
        number = number * 26 + ord(one) - ord("A") + 1
    return number


def lines(book: Workbook, sheet: SheetPart, marks: Marks | None = None) -> Iterator[Line]:
    """The rows that hold anything.  Raises DataUnreadable for damage and for more than Excel can hold."""
    return guarded_rows(book.path, _lines(book, sheet, marks or Marks()))


def _lines(book: Workbook, sheet: SheetPart, marks: Marks) -> Iterator[Line]:
    rows = _Rows(book, marks)
    elements = Elements(rows.start, rows.end)
    with zipfile.ZipFile(book.path) as package:
        for block, last in blocks(package, sheet.part):
            elements.feed(block, last=last)
            yield from rows.ready
            rows.ready.clear()


class _Rows:
    """Handlers that put the elements of a sheet together into rows."""

    def __init__(self, book: Workbook, marks: Marks) -> None:
        self.ready: list[Line] = []
        self._book, self._marks = book, marks
        self._row = self._column = 0
        self._hidden = self._reading = self._formula = False
        self._kind = "n"
        self._style = Style()
        self._value: str | None = None
        self._pieces: list[str] = []
        self._cells: dict[int, Any] = {}
        self._struck: list[bool] = []
        self._all_hidden = False

    def start(self, tag: str, given: Mapping[str, str]) -> None:
        match tag:
            case "c":
                self._begin_cell(given)
            case "row":
                self._begin_row(given)
            case "f":
                self._formula = True
            case "rPh":
                self._reading = True
            case "sheetFormatPr":
                self._all_hidden = truth(given, "zeroHeight")
            case "col":
                self._hide_columns(given)
            case "filterColumn":
                self._marks.filtered = True
            case "mergeCell":
                found = _RANGE.fullmatch(given["ref"].replace("$", ""))
                if found is not None:
                    self._bounded(self._marks.merged)
                    self._marks.merged.append((found[1], int(found[2]), found[3], int(found[4])))

    def end(self, tag: str, text: str) -> None:
        match tag:
            case "v":
                self._value = text
            case "t" if not self._reading:
                self._pieces.append(unescaped(text))
            case "rPh":
                self._reading = False
            case "c":
                self._end_cell()
            case "row":
                self._end_row()

    def _begin_row(self, given: Mapping[str, str]) -> None:
        number = int(given.get("r", self._row + 1))
        if number > MAX_LINES:
            raise DataUnreadable(f"名册超过 {MAX_LINES} 行。", hint="请删去名册后面的空行，另存后再试。")
        if number <= self._row:
            raise Damaged
        self._row, self._column = number, 0
        self._cells, self._struck = {}, []
        height = given.get("ht")
        self._hidden = truth(given, "hidden", "1" if self._all_hidden and height is None else "0")

    def _end_row(self) -> None:
        if self._cells:
            self.ready.append(Line(self._row, self._cells, self._hidden, all(self._struck)))

    def _begin_cell(self, given: Mapping[str, str]) -> None:
        reference = given.get("r")
        column = self._column + 1
        if reference is not None:
            found = _REFERENCE.fullmatch(reference)
            if found is None or int(found[2]) != self._row:
                raise Damaged
            column = column_number(found[1])
        if not self._column < column <= MAX_COLUMNS:
            raise Damaged
        style = int(given.get("s", 0))
        self._style = self._book.styles[style] if 0 <= style < len(self._book.styles) else Style()
        self._column, self._kind = column, given.get("t", "n")
        self._value, self._formula, self._pieces = None, False, []

    def _end_cell(self) -> None:
        value = self._cell()
        if value is not None and not (isinstance(value, str) and not value.strip()):
            self._cells[self._column] = value
            self._struck.append(self._style.struck)

    def _cell(self) -> Any:
        if self._kind == "inlineStr":
            return "".join(self._pieces)
        if not self._value:
            # Also an empty value is none, but where the formula says that its result is an empty text.
            return Formula() if self._formula and self._kind != "str" else None
        value: Any
        text = self._value
        match self._kind:
            case "s":
                value = self._book.texts[_whole(text)]
            case "str":
                value = unescaped(text)
            case "e":
                value = text
            case "b":
                value = truth({"b": text}, "b")
            case "d":
                value = datetime.fromisoformat(text)
            case "n":
                value = self._number(text.strip())
            case _:
                raise Damaged
        return value

    def _number(self, text: str) -> Number | None:
        if not text:
            return None
        if _NUMBER.fullmatch(text) is None:
            raise Damaged
        value = Decimal(text)
        if value and not -310 < value.adjusted() < 310:
            raise Damaged
        return Number(value, self._style.format, self._book.since_1904)

    def _hide_columns(self, given: Mapping[str, str]) -> None:
        if truth(given, "hidden"):
            self._bounded(self._marks.hidden_columns)
            self._marks.hidden_columns.append((int(given["min"]), int(given["max"])))

    def _bounded(self, kept: list[Any]) -> None:
        if len(kept) >= _MAX_RANGES:
            raise Damaged


def _whole(text: str) -> int:
    """A place in a list.  Raises Damaged; a negative one would count from the end."""
    number = int(text)
    if number < 0:
        raise Damaged
    return number

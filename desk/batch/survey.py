"""Looking through a workbook before the first print: which sheet holds the people, and what is hidden.

Nothing is chosen for a person that could be the wrong people: two sheets of people, or rows that are hidden,
filtered out or struck, are said and asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Literal

from desk.batch.columns import Columns
from desk.batch.sheets import Line, Marks, lines
from desk.batch.workbook import SheetPart, Workbook
from generator.errors import DataUnreadable

SHEET = "名册"
EXPLANATIONS, OPTIONS = "填写说明", "选项"
_OURS = (EXPLANATIONS, OPTIONS)
_LOOKED_AT = 20
_SHOWN = 8
SetAside = Literal["skip", "print"]


@dataclass(slots=True)
class Looked:
    """One sheet as far as it concerns a roster."""

    sheet: SheetPart
    headings: Line | None = None
    recognised: int = 0
    people: int = 0
    set_aside: list[int] = field(default_factory=list)
    struck: bool = False
    marks: Marks = field(default_factory=Marks)
    hidden_headings: list[str] = field(default_factory=list)

    @property
    def of_people(self) -> bool:
        """Whether the sheet is a roster with somebody in it."""
        if self.headings is None or not self.people:
            return False
        return self.recognised >= 2 or 2 * self.recognised >= len(self.headings.cells)

    @property
    def told(self) -> str:
        """The sheet and how many it holds."""
        return f"“{self.sheet.name}”（{self.people} 行）"


def find_headings(first: Sequence[Line], columns: Columns) -> tuple[Line | None, int]:
    """The row of headings among the first rows: the one with most of them; and how many those are."""
    best, most = (first[0] if first else None), 0
    for line in first:
        found = sum(columns.find(heading_text(cell)) is not None for cell in line.cells.values())
        if found > most:
            best, most = line, found
    return best, most


def heading_text(cell: Any) -> str:
    """A heading as text."""
    return cell.strip() if isinstance(cell, str) else ""


def look(book: Workbook, sheet: SheetPart, columns: Columns) -> Looked:
    """A whole sheet, read once to its end."""
    looked = Looked(sheet)
    rows = lines(book, sheet, looked.marks)
    first = list(islice(rows, _LOOKED_AT))
    looked.headings, looked.recognised = find_headings(first, columns)
    at = first.index(looked.headings) + 1 if looked.headings is not None else 0
    for group in (first[at:], rows):
        for line in group:
            looked.people += 1
            if line.hidden or line.struck:
                looked.struck = looked.struck or line.struck
                looked.set_aside.append(line.number)
    if looked.headings is not None:
        cells = looked.headings.cells
        looked.hidden_headings = [heading_text(c) for at, c in cells.items() if looked.marks.hides(at)]
    return looked


def choose(book: Workbook, columns: Columns, wanted: str | None) -> tuple[Looked, list[str]]:
    """The sheet to read, and what to say of the others.  Raises DataUnreadable where a person must choose."""
    seen = [look(book, sheet, columns) for sheet in book.sheets]
    chosen = _named(seen, wanted) if wanted is not None else _only(seen)
    rest = [one for one in seen if one is not chosen and one.of_people and one.sheet.name not in _OURS]
    notes = []
    if rest:
        told = "、".join(("隐藏的" if one.sheet.hidden else "") + one.told for one in rest)
        notes.append(f"只读了“{chosen.sheet.name}”一页，没有读：{told}。")
    return chosen, notes


def _named(seen: Sequence[Looked], wanted: str) -> Looked:
    for one in seen:
        if one.sheet.name.strip() == wanted.strip():
            return one
    names = "、".join(f"“{one.sheet.name}”" for one in seen[:_SHOWN])
    raise DataUnreadable(f"名册中没有名为“{wanted}”的一页。", hint=f"有：{names}。")


def _only(seen: Sequence[Looked]) -> Looked:
    open_ = [one for one in seen if not one.sheet.hidden]
    people = [one for one in open_ if one.of_people and one.sheet.name not in _OURS]
    named = next((one for one in open_ if one.sheet.name == SHEET), None)
    # The sheet with the name is what the template and the manual promise to read.
    if named is not None and (named.people or not people):
        return named
    if len(people) == 1:
        return people[0]
    if people:
        told = "、".join(one.told for one in people[:_SHOWN])
        raise DataUnreadable(
            f"名册有 {len(people)} 页写了人：{told}。",
            hint="请用 --sheet 页名 指明读哪一页；几页都要的，分几次打印。",
        )
    hidden = [one for one in seen if one.sheet.hidden and one.of_people and one.sheet.name not in _OURS]
    if hidden:
        told = "、".join(one.told for one in hidden[:_SHOWN])
        raise DataUnreadable(f"名册只有隐藏的页写了人：{told}。", hint="请取消隐藏，或用 --sheet 页名 指明。")
    return open_[0] if open_ else seen[0]


def set_aside_sentence(looked: Looked) -> str:
    """Which rows are hidden, filtered out or struck."""
    rows = "、".join(map(str, looked.set_aside[:_SHOWN]))
    more = "等" if len(looked.set_aside) > _SHOWN else ""
    ways = "隐藏、筛选掉或划掉" if looked.struck or looked.marks.filtered else "隐藏"
    return f"名册有 {len(looked.set_aside)} 行是{ways}的（第 {rows} 行{more}）。"


def merged_sentence(looked: Looked) -> str | None:
    """The merged cells at or below the headings; None when there are none."""
    first = looked.headings.number if looked.headings is not None else 1
    for left, top, right, bottom in looked.marks.merged:
        if bottom < first:
            continue
        what = "标题" if top <= first else f"第 {top} 行"
        return f"名册的{what}有合并单元格（{left}{top}:{right}{bottom}），合并后只有第一格有内容。"
    return None


def hidden_columns_note(looked: Looked) -> str | None:
    """Which columns are hidden and yet read."""
    if not looked.hidden_headings:
        return None
    told = "、".join(f"“{name}”" for name in looked.hidden_headings[:_SHOWN])
    more = f"等 {len(looked.hidden_headings)} 列" if len(looked.hidden_headings) > _SHOWN else ""
    return f"隐藏的列照样读入：{told}{more}。"

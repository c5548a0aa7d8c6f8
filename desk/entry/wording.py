"""The Chinese sentences of an interview and how the lines of its small commands are read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Literal

from desk.entry import formats
from desk.entry.answers import MISSING, get
from desk.entry.questions import Question
from desk.entry.spelling import narrow
from desk.entry.widgets import options_line
from generator.forms.definition import FormDefinition
from generator.validation import places
from generator.validation.report import Problem

END_OF_TEXT = (".", "。", "．")
FIRST_QUESTION = "已是第一题。"
EDITOR_ONLY_FOR_LONG = "只有多行文字可以用编辑器写；要填写字母 e，请写 \\e。"
ROWS_ARE_DELETED_SINGLY = "请逐行删除：d1 删除第 1 行。"
COMES_BACK = "填完回到刚才的题。"
SECTION_COMMANDS = "回车采用；e 逐项修改；- 清空。"
STAYS_EMPTY = "请填写；现在填不了的，写 - 留到以后。"
STAYS_WRONG = "请改正；要先留着，再按一次回车。"
_ROW = re.compile(r"(d|删|删除)?\s*(\d+)")
_SHOWN = 60


def problem(found: Problem) -> str:
    """A finding as it is said at the question."""
    word = "" if found.severity == "error" else "提醒："
    clause = f"〔{found.clause}〕" if found.clause else ""
    return f"{word}{found.message}{found.hint}{clause}"


def shown(question: Question, value: Any) -> str:
    """A present answer in one short line."""
    text = question.widget.show(question.spec, value).replace("\n", " ⏎ ")
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"


def heading(form: FormDefinition, question: Question, rank: int, total: int) -> tuple[str, ...]:
    """The lines above a prompt: where we are, what is asked, the options."""
    place = f"{rank}/{total}" if not question.rare else "少用"
    lines = [f"[{place}] {places.label(form, question.pointer)}（{formats.how(form, question)}）"]
    if question.spec.options:
        lines.append(f"    {options_line(question.spec)}")
    return tuple(lines)


def present(question: Question, value: Any, source: str | None) -> tuple[str, ...]:
    """What is there already, for Enter to accept."""
    if question.widget.kind == "rows":
        rows = value if isinstance(value, list) else []
        listed = (f"    {at}. {_row(row)}" for at, row in enumerate(rows, 1))
        return (*listed, rows_commands(len(rows), optional=question.optional))
    if question.widget.kind == "items":
        items = value if isinstance(value, list) else []
        lines = tuple(f"    {at}. {item}" for at, item in enumerate(items, 1))
        return (*lines, "    （d1 删除第 1 项）") if items else ()
    if value is MISSING:
        return ()
    origin = f"（来自{source}）" if source else ""
    more = SECTION_COMMANDS if question.widget.kind == "section" else "回车采用。"
    return (f"    现为：{shown(question, value)}{origin}　{more}",)


def _row(row: Any) -> str:
    texts = (
        [str(value) for value in row.values() if isinstance(value, (str, int))]
        if isinstance(row, dict)
        else []
    )
    line = " | ".join(texts).replace("\n", " ")
    return (line if len(line) <= _SHOWN else line[:_SHOWN] + "…") or "（空行）"


def rows_commands(count: int, *, optional: bool) -> str:
    """What can be typed at a list of rows."""
    if not count and optional:
        return "    还没有内容：+ 填写第 1 行，没有可填的直接回车跳过。"
    if not count:
        return "    还没有内容：直接回车填写第 1 行；现在填不了的，写 - 留到以后。"
    return f"    已有 {count} 行：直接回车继续，+ 再添一行，写编号修改该行，d1 删除第 1 行。"


def row_command(text: str, count: int) -> tuple[Literal["add", "edit", "delete", "done"], int] | None:
    """What a line asks of a list of rows, with the index of the row; None when it asks nothing sensible."""
    plain = narrow(text)
    if not plain:
        return "done", 0
    if plain in ("+", "y", "是", "添", "加"):
        return "add", count
    if plain in ("n", "否"):
        return "done", 0
    found = _ROW.fullmatch(plain)
    if found is None or not 1 <= int(found[2]) <= count:
        return None
    return ("delete" if found[1] else "edit"), int(found[2]) - 1


def deleted_item(text: str, count: int) -> int | None:
    """The index of the item a line such as ``d2`` deletes."""
    found = _ROW.fullmatch(narrow(text))
    return int(found[2]) - 1 if found and found[1] and 1 <= int(found[2]) <= count else None


def row_deleted(at: int) -> str:
    """Said after a row is gone."""
    return f"已删除第 {at + 1} 行。"


def help_lines(form: FormDefinition, question: Question) -> tuple[str, ...]:
    """Everything the definition says about a field."""
    spec = question.spec
    lines = [f"{places.label(form, question.pointer)}：{formats.how(form, question)}"]
    if spec.hint:
        lines.append(f"说明：{spec.hint}")
    clause = places.clause(form, question.pointer)
    if clause:
        lines.append(f"依据：{clause}")
    if spec.when is not None:
        lines.append(f"何时填写：{form.sentence(spec, spec.when)}")
    if spec.unprinted:
        lines.append(f"不印在表上：{spec.unprinted}")
    return tuple(lines)


def overview(
    numbered: Iterable[Question], everything: Iterable[Question], answers: Mapping[str, Any]
) -> tuple[str, ...]:
    """All answers so far, one a line, with the number ``@`` goes to."""
    ranks = {question.pointer: rank for rank, question in enumerate(numbered, 1)}
    lines = []
    for question in everything:
        value = get(answers, question.pointer)
        if value is not MISSING and not question.widget.groups:
            rank = ranks.get(question.pointer, "")
            lines.append(f"{rank:>3} {question.spec.label}：{shown(question, value)}")
    return tuple(lines) or ("还没有填写。",)


def source(origin: str | None, titles: Mapping[str, str]) -> str | None:
    """Where a prefilled answer comes from, in words."""
    if origin is None:
        return None
    head = origin.split(".", 1)[0]
    known = {"person": "个人资料", "case": "个案资料", "station": "站点资料"}
    return known.get(head) or (f"《{titles[head]}》" if head in titles else "已有资料")

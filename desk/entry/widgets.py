"""The widget table: which way of asking suits a field, how its text is read and how a value is shown.

One table for every way of entry: the terminal and the roster read it, a page in a browser can.  A row is a
rank and a pure predicate over the field; the highest rank that fits wins; ``x-widget`` names a row outright.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from desk.entry import spelling
from generator.forms.definition import FieldSpec, FormDefinition

SEPARATORS = " ,，;；、/\u3000\n"


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a text means: a value, or the sentence that says why it means nothing."""

    value: Any = None
    problem: str | None = None


Parse = Callable[[FieldSpec, str, datetime | None], Parsed]
Show = Callable[[FieldSpec, Any], str]


@dataclass(frozen=True, slots=True)
class Widget:
    """One way of asking.  ``parse`` takes a text that is not blank; ``how`` tells a person what to type."""

    kind: str
    rank: int
    when: Callable[[FieldSpec, bool], bool]
    """(field, whether other fields stand inside it) → whether the widget can ask for it."""
    parse: Parse
    show: Show
    how: str

    @property
    def groups(self) -> bool:
        """Whether the widget only leads to fields inside it."""
        return self.kind in ("section", "rows")


# --- reading ----------------------------------------------------------------------------------------------


def _text(spec: FieldSpec, text: str, now: datetime | None) -> Parsed:
    return Parsed(spelling.line_of(text))


def _long(spec: FieldSpec, text: str, now: datetime | None) -> Parsed:
    return Parsed(spelling.paragraphs_of(text))


def _phone(spec: FieldSpec, text: str, now: datetime | None) -> Parsed:
    return Parsed(spelling.phone_of(text))


def _citizen_id(spec: FieldSpec, text: str, now: datetime | None) -> Parsed:
    return Parsed(spelling.citizen_id_of(text))


def _date(spec: FieldSpec, text: str, now: datetime | None) -> Parsed:
    value = spelling.date_of(text, now.date() if now is not None else None)
    return Parsed(value) if value else Parsed(problem="日期不存在或写法不对，写成 2026-3-5 这样。")


def _datetime(spec: FieldSpec, text: str, now: datetime | None) -> Parsed:
    value = spelling.datetime_of(text, now)
    return Parsed(value) if value else Parsed(problem="时间不存在或写法不对，写成 2026-3-5 14:30 这样。")


def _integer(spec: FieldSpec, text: str, now: datetime | None) -> Parsed:
    value = spelling.integer_of(text)
    return Parsed(value) if value is not None else Parsed(problem="应为整数，只写数字。")


def _number(spec: FieldSpec, text: str, now: datetime | None) -> Parsed:
    value = spelling.number_of(text)
    return Parsed(value) if value is not None else Parsed(problem="应为数字。")


_YES = ("是", "y", "yes", "1", "true", "对", "有", "√", "☑")
_NO = ("否", "n", "no", "2", "0", "false", "不", "不是", "没有", "无", "×", "□")


def _yes_no(spec: FieldSpec, text: str, now: datetime | None) -> Parsed:
    word = spelling.narrow(text).lower()
    if word in _YES or word in _NO:
        return Parsed(word in _YES)
    return Parsed(problem="请回答是或否。")


def numbered(spec: FieldSpec) -> bool:
    """Whether options are chosen by their place; options that are numbers are chosen by themselves."""
    return not all(str(option).isdigit() for option in spec.options)


def _chosen(spec: FieldSpec, word: str) -> Any:
    """The option a word names, by its text or its place; None when it names none."""
    plain = spelling.narrow(word)
    for option in spec.options:
        if word.strip() == str(option) or plain == spelling.narrow(str(option)):
            return option
    if numbered(spec) and plain.isdigit() and 1 <= int(plain) <= len(spec.options):
        return spec.options[int(plain) - 1]
    return None


def _choice(spec: FieldSpec, text: str, now: datetime | None) -> Parsed:
    option = _chosen(spec, text)
    if option is None:
        return Parsed(problem=f"没有这一项，可选：{options_line(spec)}。")
    return Parsed(option)


def _choices(spec: FieldSpec, text: str, now: datetime | None) -> Parsed:
    chosen: list[Any] = []
    rest = text.strip(SEPARATORS)
    # Ends: each round takes a word of at least one character.
    while rest:
        word = _next_option(spec, rest)
        option = _chosen(spec, word)
        if option is None:
            return Parsed(problem=f"“{_short(word)}”不是可选的一项，可选：{options_line(spec)}。")
        if option not in chosen:
            chosen.append(option)
        rest = rest[len(word) :].lstrip(SEPARATORS)
    return Parsed(chosen)


def _next_option(spec: FieldSpec, text: str) -> str:
    """The first word of a list of options; an option may itself hold a separator, so the longest wins."""
    for option in sorted(map(str, spec.options), key=len, reverse=True):
        if text.startswith(option) and (len(text) == len(option) or text[len(option)] in SEPARATORS):
            return option
    return re.split(f"[{re.escape(SEPARATORS)}]", text, maxsplit=1)[0]


def _short(word: str) -> str:
    return word if len(word) <= 20 else word[:20] + "…"


def _group(spec: FieldSpec, text: str, now: datetime | None) -> Parsed:
    return Parsed(problem="请逐项填写。")


# --- showing ----------------------------------------------------------------------------------------------


def options_line(spec: FieldSpec) -> str:
    """``1 稳定、2 不稳定``; numbers stand for themselves."""
    if not numbered(spec):
        return "、".join(str(option) for option in spec.options)
    return "、".join(f"{place} {option}" for place, option in enumerate(spec.options, 1))


def _plain(spec: FieldSpec, value: Any) -> str:
    return str(value)


def _joined(spec: FieldSpec, value: Any) -> str:
    return "、".join(map(str, value)) if isinstance(value, list) else str(value)


def _said(spec: FieldSpec, value: Any) -> str:
    return {True: "是", False: "否"}.get(value, str(value))


def _spaced(spec: FieldSpec, value: Any) -> str:
    return str(value).replace("T", " ")


def _members(spec: FieldSpec, value: Any) -> str:
    if isinstance(value, list):
        return f"{len(value)} 行"
    texts = [str(part) for part in value.values() if isinstance(part, (str, int))]
    return ("" if spec.kind == "addr" else " ").join(texts)


# --- the table --------------------------------------------------------------------------------------------

WIDGETS: tuple[Widget, ...] = (
    Widget("rows", 30, lambda s, inner: s.kind == "list" and inner, _group, _members, "逐行填写"),
    Widget("section", 30, lambda s, inner: inner, _group, _members, "逐项填写"),
    Widget("choices", 20, lambda s, _: s.kind == "set", _choices, _joined, "可选几项，写编号，如 1,3"),
    Widget("choice", 20, lambda s, _: bool(s.options), _choice, _plain, "写编号"),
    Widget("items", 20, lambda s, _: s.kind == "list", _text, _joined, "一次写一项，写完后直接回车"),
    Widget("yes_no", 10, lambda s, _: s.kind == "bool", _yes_no, _said, "是（y）或否（n）"),
    Widget("date", 10, lambda s, _: s.kind == "date", _date, _plain, "日期，如 2026-3-5、20260305、今天"),
    Widget("datetime", 10, lambda s, _: s.kind == "datetime", _datetime, _spaced, "时间，如 2026-3-5 14:30"),
    Widget("integer", 10, lambda s, _: s.kind == "int", _integer, _plain, "整数"),
    Widget("number", 10, lambda s, _: s.kind == "number", _number, _plain, "数字"),
    Widget("phone", 10, lambda s, _: s.kind == "phone", _phone, _plain, "手机 11 位，或座机 0812-3333333"),
    Widget("citizen_id", 10, lambda s, _: s.kind == "cid", _citizen_id, _plain, "18 位身份号码"),
    Widget(
        "long", 10, lambda s, _: s.kind == "long", _long, _plain, "可写多行，单独一行 . 结束；e 用编辑器写"
    ),
    Widget("text", 0, lambda s, _: True, _text, _plain, "一行文字"),
)


def widget_for(form: FormDefinition, spec: FieldSpec) -> Widget:
    """The widget of a field: the one its ``x-widget`` names, else the highest rank whose predicate holds."""
    if spec.widget is not None:
        for widget in WIDGETS:
            if widget.kind == spec.widget:
                return widget
    inner = f"{spec.pointer}/*/" if spec.kind == "list" else f"{spec.pointer}/"
    members = any(place.startswith(inner) for place in form.fields)
    return max((w for w in WIDGETS if w.when(spec, members)), key=lambda w: w.rank)

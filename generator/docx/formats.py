"""Print formats: how one answer looks on paper.  A closed table; a schema names a format by ``x-print``.

text      as written                      date      2026年3月5日
int       42                              datetime  2026年3月5日9时30分
list      甲、乙                          addr      四川省攀枝花市东区…
rows      one line for each row           yes_no    是 / 否
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from generator.forms.definition import FieldSpec

ADDRESS_PARTS = ("province", "city", "county", "street", "community", "detail")
FORMATS = ("text", "int", "date", "datetime", "addr", "list", "yes_no", "rows")

Printer = Callable[[Any], str]


class Composite(dict[str, Any]):
    """An answer with parts: prints as a whole, its parts stay reachable by name."""

    __slots__ = ("_whole",)

    def __init__(self, parts: Mapping[str, Any], whole: str) -> None:
        super().__init__(parts)
        self._whole = whole

    def __str__(self) -> str:
        return self._whole

    def __bool__(self) -> bool:
        return bool(self._whole)

    def __html__(self) -> str:
        from markupsafe import escape

        return str(escape(self._whole))


def print_date(value: str) -> str:
    """``2026-03-05`` → ``2026年3月5日``."""
    year, month, day = value[:10].split("-")
    return f"{year}年{int(month)}月{int(day)}日"


def print_datetime(value: str) -> str:
    """``2026-03-05T09:30`` → ``2026年3月5日9时30分``."""
    return f"{print_date(value)}{int(value[11:13])}时{int(value[14:16])}分"


def print_address(value: Mapping[str, str]) -> str:
    """The parts of an address in the order they are read."""
    return "".join(value.get(part) or "" for part in ADDRESS_PARTS)


def print_list(value: list[Any]) -> str:
    """Items joined by the enumeration comma."""
    return "、".join(str(item.get("name", "")) if isinstance(item, Mapping) else str(item) for item in value)


def print_yes_no(value: bool) -> str:
    """是 or 否."""
    return "是" if value else "否"


def print_by_hand(value: Any) -> str:
    """Signatures and their dates are written by hand: their room stays empty, whatever the record says."""
    return ""


def print_paragraphs(value: str) -> str:
    """Long text: each line becomes a paragraph of its own, which docxtpl writes as the bell character."""
    return str(value).replace("\n", "\a")


_BY_FORMAT: dict[str, Printer] = {
    "text": str,
    "int": str,
    "date": print_date,
    "datetime": print_datetime,
    "addr": print_address,
    "list": print_list,
    "yes_no": print_yes_no,
}
_BY_KIND = {
    "date": "date",
    "datetime": "datetime",
    "addr": "addr",
    "set": "list",
    "list": "list",
    "bool": "yes_no",
    "int": "int",
}


def printer(spec: FieldSpec) -> Printer:
    """The function that prints answers of this field."""
    if spec.kind == "sig" or spec.on_paper is True:
        return print_by_hand
    if spec.kind == "long":
        return print_paragraphs
    name = spec.print or _BY_KIND.get(spec.kind, "text")
    return _BY_FORMAT.get(name.partition(":")[0], print_list if spec.kind == "list" else str)


MOST_EMPTY = 500
"""Empty rows a template can ask for: more than a table of all pages holds."""


class Rows(list[dict[str, Any]]):
    """The printed rows of a repeated answer; ``at_least`` pads them for tables with blank lines."""

    __slots__ = ("_names",)

    def __init__(self, rows: Iterable[dict[str, Any]], names: Sequence[str]) -> None:
        super().__init__(rows)
        self._names = names

    def at_least(self, count: int) -> list[dict[str, Any]]:
        """The rows and as many empty ones as make ``count``, or MOST_EMPTY."""
        count = min(count, MOST_EMPTY)
        empty = range(len(self) + 1, count + 1)
        return [*self, *({**dict.fromkeys(self._names, ""), "number": str(n), "line": ""} for n in empty)]

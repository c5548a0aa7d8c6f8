"""Reading the members of a JSON object one by one, each in its kind, none left over.

Owns the sentences about a print record that is not what ``sheet`` wrote.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from datetime import datetime
from typing import Any, NoReturn, TypeVar

from generator.errors import DataUnreadable

_T = TypeVar("_T")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_HINT = "请用原始的 .print.json 文件；它由康档生成，不要手工修改。"


def unreadable(what: str, *, hint: str = _HINT) -> DataUnreadable:
    """Say what is wrong with a print record."""
    return DataUnreadable(f"打印记录（.print.json）不可用：{what}。", hint=hint)


def load(raw: bytes) -> Members:
    """Parse the file: one JSON object, no name twice, no NaN."""
    try:
        value = json.loads(raw.decode("utf-8"), object_pairs_hook=_unique, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise unreadable("不是完整的 JSON") from error
    if not isinstance(value, dict):
        raise unreadable("最外层不是对象")
    return Members(value, "")


class Members:
    """An object's members, taken out by name; ``place`` is the pointer of the object."""

    def __init__(self, members: dict[str, Any], place: str) -> None:
        self._left = dict(members)
        self.place = place

    def text(self, name: str) -> str:
        """Take a text that is not empty."""
        return self._of(name, str, lambda value: value != "")

    def optional_text(self, name: str) -> str | None:
        """Take a text or null."""
        return None if self._take_null(name) else self.text(name)

    def digest(self, name: str) -> str:
        """Take a SHA-256 in hexadecimal."""
        return self._of(name, str, lambda value: _SHA256.fullmatch(value) is not None)

    def optional_digest(self, name: str) -> str | None:
        """Take a SHA-256 or null."""
        return None if self._take_null(name) else self.digest(name)

    def number(self, name: str, least: int) -> int:
        """Take a whole number of at least ``least``."""
        return self._of(name, int, lambda value: value >= least)

    def truth(self, name: str) -> bool:
        """Take true or false."""
        return self._of(name, bool, lambda _: True)

    def time(self, name: str) -> datetime:
        """Take a time with its offset from UTC."""
        try:
            time = datetime.fromisoformat(self.text(name))
        except ValueError:
            self._refuse(name)
        if time.tzinfo is None:
            self._refuse(name)
        return time

    def millimetres(self, name: str) -> tuple[float, float, float, float]:
        """Take four lengths: x, y, width, height."""
        values = self._of(name, list, lambda value: len(value) == 4)
        if not all(type(value) in (int, float) and math.isfinite(value) for value in values):
            self._refuse(name)
        x, y, width, height = (float(value) for value in values)
        return x, y, width, height

    def object(self, name: str) -> Members:
        """Take an object."""
        return Members(self._of(name, dict, lambda _: True), f"{self.place}/{name}")

    def objects(self, name: str) -> list[Members]:
        """Take a list of objects."""
        items = self._of(name, list, lambda value: all(isinstance(item, dict) for item in value))
        return [Members(item, f"{self.place}/{name}/{index}") for index, item in enumerate(items)]

    def nothing_more(self) -> None:
        """Refuse members nobody asked for."""
        for name in self._left:
            raise unreadable(f"{self.place}/{name} 是未知的项")

    def _take_null(self, name: str) -> bool:
        if self._left.get(name, 0) is not None:
            return False
        del self._left[name]
        return True

    def _of(self, name: str, kind: type[_T], good: Callable[[_T], bool]) -> _T:
        value = self._left.pop(name, None)
        # An exact type: True is an int to isinstance.
        if type(value) is not kind or not good(value):
            self._refuse(name)
        return value

    def _refuse(self, name: str) -> NoReturn:
        raise unreadable(f"{self.place}/{name} 缺少或写法不对")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a name twice")
    return members


def _no_constant(_: str) -> NoReturn:
    raise ValueError("NaN or Infinity")

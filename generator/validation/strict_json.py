"""Reading answers from bytes: exactly one JSON object, nothing ambiguous.

Python's reader accepts NaN, keeps the last of two equal keys and lets lone surrogates through; each of these
loses or invents an answer without a word, so each is refused here with its place.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from typing import Any

from generator.errors import DataUnreadable
from generator.forms import pointer

MAX_BYTES = 5_000_000
MAX_DEPTH = 32

_CAUSES = {
    "Expecting ',' delimiter": "缺少逗号，或括号、引号没有成对",
    "Expecting ':' delimiter": "项目名称后缺少冒号",
    "Expecting property name enclosed in double quotes": "项目名称应加双引号",
    "Illegal trailing comma before end of object": "最后一项后不要有逗号",
    "Illegal trailing comma before end of array": "最后一项后不要有逗号",
    "Expecting value": "此处缺少内容，或内容没有加双引号",
    "Unterminated string starting at": "文字缺少后半个双引号",
    "Invalid control character at": "文字中有未转义的换行或控制字符，换行应写成 \\n",
    "Extra data": "一个文件中有多份数据",
}


class _Repeated(dict[str, Any]):
    """An object that had a key twice; ``key`` is the first such key."""

    key: str


class _NotANumber:
    """Stands where NaN or an infinity stood."""


def parse(raw: bytes) -> dict[str, Any]:
    """The answers in ``raw`` (UTF-8, a byte-order mark is allowed).

    Raises DataUnreadable: not UTF-8, broken JSON (with line and column), NaN or infinities, repeated keys,
    lone surrogates, a root that is no object, more than 5 MB, nested deeper than 32.
    """
    if len(raw) > MAX_BYTES:
        raise DataUnreadable("数据文件超过 5 MB。", hint="请确认选对了文件；扫描件和照片不要放进数据文件。")
    document = _load(_decode(raw))
    if not isinstance(document, dict):
        raise DataUnreadable("数据的最外层应是一个对象，即由 { 和 } 括起的各项答案。")
    for path, trouble in _troubles(document, (), 1):
        raise DataUnreadable(f"{path or '/'}：{trouble}")
    return document


def _decode(raw: bytes) -> str:
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        line = raw.count(b"\n", 0, problem.start) + 1
        raise DataUnreadable(
            f"数据文件第 {line} 行不是 UTF-8 编码。", hint="请用记事本打开，另存为 UTF-8 编码后再试。"
        ) from problem


def _load(text: str) -> Any:
    try:
        return json.loads(text, object_pairs_hook=_object, parse_constant=lambda _: _NotANumber())
    except json.JSONDecodeError as problem:
        raise DataUnreadable(_syntax_message(text, problem)) from problem
    except RecursionError as problem:
        raise DataUnreadable(f"数据嵌套超过 {MAX_DEPTH} 层。") from problem
    except ValueError as problem:  # an integer of thousands of digits
        raise DataUnreadable("数据文件中有过长的数字。") from problem


def _syntax_message(text: str, problem: json.JSONDecodeError) -> str:
    cause, at = _CAUSES.get(problem.msg, "写法不对"), problem.pos
    before = text[:at].rstrip()
    # Python versions disagree about where and how to report a comma after the last item.
    if text[at : at + 1] in ("}", "]") and before.endswith(","):
        cause, at = "最后一项后不要有逗号", len(before) - 1
    line, column = text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)
    return f"数据文件第 {line} 行第 {column} 列不是正确的 JSON：{cause}。"


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) == len(pairs):
        return made
    seen: set[str] = set()
    repeated = _Repeated(made)
    repeated.key = next(name for name, _ in pairs if name in seen or seen.add(name))  # type: ignore[func-returns-value]
    return repeated


def _troubles(value: Any, path: tuple[pointer.Part, ...], depth: int) -> Iterator[tuple[str, str]]:
    if isinstance(value, (dict, list)) and depth > MAX_DEPTH:
        yield _shown(path[:4]), f"数据嵌套超过 {MAX_DEPTH} 层。"
    elif isinstance(value, dict):
        yield from _troubles_of_names(value, path)
        for name, member in value.items():
            yield from _troubles(member, (*path, name), depth + 1)
    elif isinstance(value, list):
        for index, member in enumerate(value):
            yield from _troubles(member, (*path, index), depth + 1)
    elif isinstance(value, str) and _has_surrogate(value):
        yield _shown(path), "文字含有不完整的字符（U+D800–U+DFFF）。"
    elif isinstance(value, _NotANumber) or (isinstance(value, float) and not math.isfinite(value)):
        yield _shown(path), "不是数字（NaN 或无穷大）。"


def _troubles_of_names(value: dict[str, Any], path: tuple[pointer.Part, ...]) -> Iterator[tuple[str, str]]:
    if isinstance(value, _Repeated):
        yield _shown((*path, value.key)), "同一个项目名称出现了两次。"
    if any(map(_has_surrogate, value)):
        yield _shown(path), "项目名称含有不完整的字符（U+D800–U+DFFF）。"


def _has_surrogate(text: str) -> bool:
    # Almost every text encodes; the exception is the cheap test.
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return True
    return False


def _shown(path: tuple[pointer.Part, ...]) -> str:
    return pointer.join(path).encode("utf-8", "replace").decode("utf-8")

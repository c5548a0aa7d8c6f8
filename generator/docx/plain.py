"""A part of a standard template as plain data, and its filling with answers.

What tags of the standard templates do is mostly to look up a key of a dict and to escape a text.
``plain_steps`` writes that down when a template is built; here it is done, without loading Jinja and without
running code read from a file:

    step   "text" · ["put", value] · ["if", value, [steps], [steps]] · ["for", name, value, [steps]]
    value  ["name", n] · ["get", value, key] · ["const", c] · ["or" | "and" | a comparison, value, value] · …
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from markupsafe import escape

from generator.docx.formats import Rows

Scope = dict[str, Any]
Value = Callable[[Scope], Any]
Put = Callable[[str], object]
Step = Callable[[Scope, Put], object]
Steps = Sequence[Any]
"""As above; plain JSON."""


class NeedsDocxtpl(Exception):
    """A value is a docxtpl object (rich text, image, sub-document), which only docxtpl can place."""


def finalize(value: Any) -> Any:
    """The value as it is printed, which is itself.  Raises NeedsDocxtpl."""
    if type(value).__module__.startswith("docxtpl"):
        raise NeedsDocxtpl
    return value


def unescaped(text: str) -> str:
    """A fixed text with docxtpl's way to write braces (``{_{``) undone; answers print as they were typed."""
    if "{_" not in text and "_}" not in text:
        return text
    return text.replace("{_{", "{{").replace("}_}", "}}").replace("{_%", "{%").replace("%_}", "%}")


def ready(steps: Steps) -> Callable[[Mapping[str, Any]], str | None]:
    """The function that fills a part; it gives None where the part takes more than dicts and texts.

    Whatever it gives is what Jinja gives, and no attribute of any object is within its reach: the only call
    is the padding of rows.  A name that is missing or a wrong type is not judged here but left to Jinja.
    """
    do = _steps(steps)

    def fill(context: Mapping[str, Any]) -> str | None:
        pieces: list[str] = []
        try:
            do({**context}, pieces.append)
        except Exception:
            return None
        return "".join(pieces)

    return fill


class _Beyond(Exception):
    """A value is not plain."""


def _steps(steps: Steps) -> Step:
    made = [_step(step) for step in steps]

    def do(scope: Scope, put: Put) -> None:
        for step in made:
            step(scope, put)

    return do


def _step(step: Any) -> Step:
    if isinstance(step, str):
        return lambda _, put: put(step)
    kind, *rest = step
    return _STEPS[kind](*rest)


def _put(written: Any) -> Step:
    value = _value(written)

    def do(scope: Scope, put: Put) -> None:
        found = value(scope)
        put(escape(found if type(found) is str else finalize(found)))

    return do


def _if(test: Any, then: Steps, other: Steps) -> Step:
    holds, yes, no = _value(test), _steps(then), _steps(other)
    return lambda scope, put: (yes if holds(scope) else no)(scope, put)


def _for(name: str, over: Any, body: Steps) -> Step:
    rows, each = _value(over), _steps(body)

    def do(scope: Scope, put: Put) -> None:
        inner = {**scope}
        for inner[name] in rows(scope):
            each(inner, put)

    return do


_STEPS: Mapping[str, Callable[..., Step]] = {"put": _put, "if": _if, "for": _for}


def _value(written: Any) -> Value:
    kind, *rest = written
    return _VALUES[kind](*rest)


def _get(of: Any, key: Any) -> Value:
    owner = _value(of)

    def value(scope: Scope) -> Any:
        return _member(owner(scope), key)

    return value


def _member(of: Any, key: Any) -> Any:
    if isinstance(of, dict):
        return of[key]
    raise _Beyond


def _two(combine: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Value]:
    def made(left: Any, right: Any) -> Value:
        one, other = _value(left), _value(right)
        return lambda scope: combine(one(scope), other(scope))

    return made


def _or(left: Any, right: Any) -> Value:
    one, other = _value(left), _value(right)
    return lambda scope: one(scope) or other(scope)


def _and(left: Any, right: Any) -> Value:
    one, other = _value(left), _value(right)
    return lambda scope: one(scope) and other(scope)


def _not(of: Any) -> Value:
    value = _value(of)
    return lambda scope: not value(scope)


def _pick(test: Any, then: Any, other: Any) -> Value:
    holds, yes, no = _value(test), _value(then), _value(other)
    return lambda scope: yes(scope) if holds(scope) else no(scope)


def _cut(of: Any, end: int) -> Value:
    value = _value(of)
    return lambda scope: value(scope)[:end]


def _at_least(of: Any, count: int) -> Value:
    value = _value(of)

    def padded(scope: Scope) -> list[dict[str, Any]]:
        rows = value(scope)
        if type(rows) is Rows:
            return rows.at_least(count)
        raise _Beyond

    return padded


def _int(of: Any) -> Value:
    value = _value(of)

    def number(scope: Scope) -> int:
        text = value(scope)
        if type(text) is str and text.isdecimal():
            return int(text)
        raise _Beyond

    return number


def _joined(of: Any, key: str, between: str) -> Value:
    value = _value(of)

    def joined(scope: Scope) -> str:
        rows: Iterable[Any] = value(scope)
        texts = [_member(row, key) for row in rows]
        if all(type(text) is str for text in texts):
            return between.join(texts)
        raise _Beyond

    return joined


_VALUES: Mapping[str, Callable[..., Value]] = {
    "name": operator.itemgetter,
    "const": lambda value: lambda _: value,
    "get": _get,
    "or": _or,
    "and": _and,
    "not": _not,
    "pick": _pick,
    "cut": _cut,
    "at_least": _at_least,
    "int": _int,
    "joined": _joined,
    "+": _two(operator.add),
    "==": _two(operator.eq),
    "!=": _two(operator.ne),
    "in": _two(lambda left, right: left in right),
    "not in": _two(lambda left, right: left not in right),
}

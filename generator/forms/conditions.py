"""The condition language of form definitions: when does a field apply, when is it required.

    {"field": "是"}                       the answer is that value
    {"field": ["是", "否"]}               … one of these
    {"field": {"contains": "其他"}}       the multiple choice has it ticked (a list: any of these)
    {"field": {"present": true}}          there is an answer (false: there is none)
    {"field": {"not": "是"}}              there is an answer, and it is something else
    {"a": 1, "b": 2}                      both
    {"any": [...]} {"all": [...]} {"not": {...}}

A name is a sibling in the same object; ``/name`` or ``/object/name`` starts at the root of the answers.
The same condition becomes a Python predicate, a JSON-Schema subschema and a Chinese sentence; a property
test holds the first two together.  JSON equality throughout: ``true`` is not 1.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from generator.forms import pointer

Scalar = str | int | float | bool
Predicate = Callable[[Any, Any], bool]
"""(root of the answers, object the condition stands in) -> holds?"""

OPERATORS = ("contains", "present", "not")
CONNECTIVES = ("any", "all", "not")


class ConditionInvalid(ValueError):
    """The condition is not of the language; the message (Chinese) says where it goes wrong."""


@dataclass(frozen=True, slots=True)
class Test:
    """One question about one field."""

    path: tuple[str, ...]
    root: bool
    op: Literal["in", "contains", "present"]
    values: tuple[Scalar, ...] = ()

    __test__ = False  # not a pytest class


@dataclass(frozen=True, slots=True)
class Every:
    """All parts hold; with no parts, always."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Some:
    """At least one part holds; with no parts, never."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class No:
    """The part does not hold."""

    part: Condition


Condition = Test | Every | Some | No


def parse(raw: Any) -> Condition:
    """Read a condition as it stands in a definition; raises ConditionInvalid."""
    if not isinstance(raw, dict) or not raw:
        raise ConditionInvalid('条件应是非空的对象，如 {"followup": "是"}。')
    parts = tuple(_entry(name, value) for name, value in raw.items())
    return parts[0] if len(parts) == 1 else Every(parts)


def _entry(name: str, value: Any) -> Condition:
    if name in ("any", "all") and isinstance(value, list) and value and isinstance(value[0], dict):
        parts = tuple(parse(part) for part in value)
        return Some(parts) if name == "any" else Every(parts)
    if name == "not" and isinstance(value, dict):
        return No(parse(value))
    root = name.startswith("/")
    path = pointer.split(name) if root else (name,)
    return _test(path, root, value)


def _test(path: tuple[str, ...], root: bool, value: Any) -> Condition:
    if not isinstance(value, dict):
        return Test(path, root, "in", _scalars(value))
    if len(value) != 1:
        raise ConditionInvalid(f"字段 {path[-1]} 的条件应只有一个运算符。")
    ((operator, operand),) = value.items()
    if operator == "contains":
        return Test(path, root, "contains", _scalars(operand))
    if operator == "present" and isinstance(operand, bool):
        present = Test(path, root, "present")
        return present if operand else No(present)
    if operator == "not":
        return Every((Test(path, root, "present"), No(_test(path, root, operand))))
    from generator.forms.suggest import did_you_mean

    raise ConditionInvalid(f"不认识的条件运算符 {operator}。{did_you_mean(operator, OPERATORS)}")


def _scalars(value: Any) -> tuple[Scalar, ...]:
    values = value if isinstance(value, list) else [value]
    if not values or not all(isinstance(item, (str, int, float)) for item in values):
        raise ConditionInvalid("条件中的值应是文字、数字、true/false，或它们的非空列表。")
    return tuple(values)


def same(left: Any, right: Any) -> bool:
    """JSON equality of scalars: Python's ``True == 1`` does not count."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    return bool(left == right)


def tests(condition: Condition) -> Iterator[Test]:
    """Every question the condition asks."""
    if isinstance(condition, Test):
        yield condition
    elif isinstance(condition, No):
        yield from tests(condition.part)
    else:
        for part in condition.parts:
            yield from tests(part)


def expand(condition: Condition, visible: Callable[[Test], tuple[Test, Condition | None]]) -> Condition:
    """The condition as it holds once hidden answers are taken away.

    ``visible`` gives the test in its final place and the condition under which the tested field applies.
    A leftover answer that is itself hidden must not keep others alive, else removing it would need several
    rounds.
    """
    if isinstance(condition, Test):
        test, own = visible(condition)
        return test if own is None else Every((own, test))
    if isinstance(condition, No):
        return No(expand(condition.part, visible))
    return type(condition)(tuple(expand(part, visible) for part in condition.parts))


# --- (a) a Python predicate -------------------------------------------------------------------------------


def predicate(condition: Condition) -> Predicate:
    """A function of (root, here) that says whether the condition holds."""
    if isinstance(condition, Test):
        return _predicate_of_test(condition)
    if isinstance(condition, No):
        inner = predicate(condition.part)
        return lambda root, here: not inner(root, here)
    parts = tuple(predicate(part) for part in condition.parts)
    if isinstance(condition, Every):
        return lambda root, here: all(part(root, here) for part in parts)
    return lambda root, here: any(part(root, here) for part in parts)


_MISSING: Any = object()


def _reach(document: Any, path: tuple[str, ...]) -> Any:
    for name in path:
        if not isinstance(document, dict):
            return _MISSING
        document = document.get(name, _MISSING)
    return document


def _predicate_of_test(test: Test) -> Predicate:
    path, root_based, values = test.path, test.root, test.values

    def present(root: Any, here: Any) -> bool:
        return _reach(root if root_based else here, path) is not _MISSING

    def one_of(root: Any, here: Any) -> bool:
        found = _reach(root if root_based else here, path)
        return any(same(found, value) for value in values)

    def contains(root: Any, here: Any) -> bool:
        found = _reach(root if root_based else here, path)
        return isinstance(found, list) and any(same(item, value) for item in found for value in values)

    return {"present": present, "in": one_of, "contains": contains}[test.op]


# --- (b) a JSON-Schema subschema --------------------------------------------------------------------------


def subschema(condition: Condition) -> dict[str, Any]:
    """A schema of the object the condition stands in (of the root, for ``/`` names)."""
    if isinstance(condition, Test):
        return _subschema_of_test(condition)
    if isinstance(condition, No):
        return {"not": subschema(condition.part)}
    parts = [subschema(part) for part in condition.parts]
    if isinstance(condition, Every):
        return {"allOf": parts} if parts else {}
    return {"anyOf": parts} if parts else {"not": {}}


def _subschema_of_test(test: Test) -> dict[str, Any]:
    options: dict[str, Any] = {"enum": list(test.values)}
    found = {"present": {}, "in": options, "contains": {"type": "array", "contains": options}}[test.op]
    for name in reversed(test.path):
        inner = {"properties": {name: found}} if found else {}
        found = {"type": "object", "required": [name], **inner}
    return found


# --- (c) a Chinese sentence -------------------------------------------------------------------------------


def sentence(condition: Condition, label: Callable[[Test], str]) -> str:
    """The condition in words, e.g. ``跟进 = 否``; ``label`` names a test's field."""
    return _words(condition, label, nested=False)


def _words(condition: Condition, label: Callable[[Test], str], *, nested: bool) -> str:
    if isinstance(condition, Test):
        return _words_of_test(condition, label)
    if isinstance(condition, No):
        part = condition.part
        if isinstance(part, Test) and part.op == "present":
            return f"{label(part)} 未填写"
        return f"并非（{_words(part, label, nested=False)}）"
    answered = _answered_but(condition)
    if answered is not None:
        return f"{label(answered)} 已填写且不是 {_values(answered)}"
    joiner = " 且 " if isinstance(condition, Every) else " 或 "
    words = joiner.join(_words(part, label, nested=True) for part in condition.parts)
    return f"（{words}）" if nested and len(condition.parts) > 1 else words


def _answered_but(condition: Every | Some) -> Test | None:
    if not isinstance(condition, Every) or len(condition.parts) != 2:
        return None
    first, second = condition.parts
    if not (isinstance(first, Test) and first.op == "present" and isinstance(second, No)):
        return None
    inner = second.part
    return inner if isinstance(inner, Test) and inner.op == "in" and inner.path == first.path else None


def _values(test: Test) -> str:
    return " 或 ".join({True: "是", False: "否"}[v] if isinstance(v, bool) else str(v) for v in test.values)


def _words_of_test(test: Test, label: Callable[[Test], str]) -> str:
    if test.op == "present":
        return f"{label(test)} 已填写"
    return f"{label(test)} {'=' if test.op == 'in' else '含'} {_values(test)}"


def key(condition: Condition) -> str:
    """A text equal for equal conditions, to group fields that share one."""
    return repr(subschema(condition))

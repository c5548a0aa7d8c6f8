"""The second half of the profile check: what a definition refers to must exist.

Conditions name existing fields and existing options, functions get existing fields, conditions do not run
in circles, patterns compile.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from generator.forms import conditions, pointer
from generator.forms.definition import FieldSpec, FormDefinition, from_schema
from generator.forms.functions import VALUE_FUNCTIONS
from generator.forms.suggest import did_you_mean

_Found = tuple[str, str, str]
_CONDITION_KEYWORDS = {"x-when": "when", "x-required-when": "required_when", "x-on-paper": "on_paper"}


def check(schema: Mapping[str, Any]) -> Iterator[_Found]:
    """(pointer, message, hint) of every broken reference in a definition of the right shape."""
    form = from_schema(schema, Path())
    for spec in form.fields.values():
        place = schema_place(spec.pointer)
        for keyword, attribute in _CONDITION_KEYWORDS.items():
            raw = getattr(spec, attribute)
            if isinstance(raw, Mapping):
                yield from _condition(form, spec, raw, f"{place}/{keyword}")
        if spec.computed is not None:
            yield from computed(spec.computed, f"{place}/x-computed")
            yield from _args(form, spec.computed.get("args"), f"{place}/x-computed/args")
    circles = list(_circles(form))
    # Reading a condition through others that run in circles would not end.
    yield from circles or _mixed(form)
    yield from _patterns(schema, "")
    for index, rule in enumerate(form.rules):
        yield from _args(form, list(rule.args), f"/x-rules/{index}/args")
        if rule.when is not None:
            root = FieldSpec(pointer="/", name="", label="", kind="object")
            yield from _condition(form, root, rule.when, f"/x-rules/{index}/when")
    for name, target in form.header.items():
        yield from _args(form, [target], f"/x-form/header/{name}")


def schema_place(field_pointer: str) -> str:
    """Where a field is defined: ``/rows/*/a`` is ``/properties/rows/items/properties/a``."""
    names = pointer.split(field_pointer)
    return "".join("/items" if name == "*" else f"/properties/{pointer.escape(name)}" for name in names)


def _condition(form: FormDefinition, spec: FieldSpec, raw: Mapping[str, Any], place: str) -> Iterator[_Found]:
    try:
        parsed = conditions.parse(raw)
    except conditions.ConditionInvalid as problem:
        yield place, str(problem), ""
        return
    for test in conditions.tests(parsed):
        yield from _test(form, form.target(spec, test), test, place)


def _test(form: FormDefinition, target: str, test: conditions.Test, place: str) -> Iterator[_Found]:
    field = form.fields.get(target)
    if field is None:
        names = [known.rsplit("/", 1)[1] for known in form.fields]
        yield place, f"条件中的字段 {test.path[-1]} 不存在。", did_you_mean(test.path[-1], names)
        return
    if test.root and field.in_rows:
        yield place, f"条件不能用行内的字段 {test.path[-1]}。", ""
    if test.op == "contains" and field.kind not in ("set", "list"):
        yield place, f"contains 只用于多选，{field.name} 不是。", ""
    if test.op == "in" and field.kind in ("set", "list"):
        yield place, f"{field.name} 是多选，应写 contains。", ""
    allowed: tuple[Any, ...] = field.options or ((True, False) if field.kind == "bool" else ())
    for value in test.values if allowed else ():
        if not any(conditions.same(value, option) for option in allowed):
            yield place, f"{field.name} 没有选项“{value}”。", did_you_mean(str(value), map(str, allowed))


def _args(form: FormDefinition, args: Any, place: str) -> Iterator[_Found]:
    for index, arg in enumerate(args if isinstance(args, list) else ()):
        if arg not in form.fields:
            yield f"{place}/{index}", f"参数 {arg} 不是本表的字段。", did_you_mean(str(arg), form.fields)


def _circles(form: FormDefinition) -> Iterator[_Found]:
    for spec in form.fields.values():
        if spec.when is not None and _reaches_itself(form, spec):
            yield f"{schema_place(spec.pointer)}/x-when", "条件绕回了自己。", ""


def _mixed(form: FormDefinition) -> Iterator[_Found]:
    for spec in form.fields.values():
        for keyword, attribute in _CONDITION_KEYWORDS.items():
            raw = getattr(spec, attribute)
            if not (spec.in_rows and isinstance(raw, Mapping) and _readable(raw)):
                continue
            if len({test.root for test in conditions.tests(form.condition(spec, raw))}) > 1:
                place = f"{schema_place(spec.pointer)}/{keyword}"
                yield place, "行内的条件不能同时用本行的字段和整表的字段。", ""


def _readable(raw: Mapping[str, Any]) -> bool:
    try:
        conditions.parse(raw)
    except conditions.ConditionInvalid:
        return False
    return True


def _reaches_itself(form: FormDefinition, start: FieldSpec) -> bool:
    waiting, seen = [start], set[str]()
    # Ends: no target is added twice.
    while waiting:
        spec = waiting.pop()
        for target in _targets(form, spec):
            if target == start.pointer:
                return True
            if target in form.fields and target not in seen:
                seen.add(target)
                waiting.append(form.fields[target])
    return False


def _targets(form: FormDefinition, spec: FieldSpec) -> list[str]:
    try:
        found = conditions.tests(conditions.parse(spec.when)) if spec.when is not None else iter(())
        return [form.target(spec, test) for test in found]
    except conditions.ConditionInvalid:
        return []


def _patterns(node: Mapping[str, Any], place: str) -> Iterator[_Found]:
    raw = node.get("pattern")
    if isinstance(raw, str) and isinstance(node.get("type"), str) and not _compiles(raw):
        yield f"{place}/pattern", "正则表达式写错了。", ""
    for name, value in node.items():
        if isinstance(value, dict):
            yield from _patterns(value, f"{place}/{pointer.escape(name)}")


def _compiles(pattern: str) -> bool:
    try:
        re.compile(pattern)
    except re.error:
        return False
    return True


def arity(args: Any, place: str, name: str, least: int, most: int) -> Iterator[_Found]:
    """A finding when a function gets too few or too many arguments."""
    if isinstance(args, list) and not least <= len(args) <= most:
        count = str(least) if least == most else f"{least}–{most}"
        yield f"{place}/args", f"{name} 应有 {count} 个参数。", ""


def computed(raw: Mapping[str, Any], place: str) -> Iterator[_Found]:
    """Findings of one ``x-computed``."""
    name = str(raw.get("fn"))
    if name not in VALUE_FUNCTIONS:
        yield f"{place}/fn", f"不认识的计算函数 {name}。", did_you_mean(name, VALUE_FUNCTIONS)
        return
    if set(raw) != {"fn", "args"} or not isinstance(raw["args"], list):
        yield place, "x-computed 应只有 fn 和 args 两项。", ""
        return
    function = VALUE_FUNCTIONS[name]
    yield from arity(raw["args"], place, name, function.min_args, function.max_args)

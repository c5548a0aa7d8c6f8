"""The supported dialect: which JSON-Schema keywords, ``x-`` keywords and names a definition may use.

JSON Schema ignores what it does not know, so ``requird`` would silently switch a check off.  Here everything
unknown is a finding; all findings of a file are collected, each with its place and the nearest known word.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, get_args

from generator.forms import profile_refs
from generator.forms.definition import Kind, kind_of
from generator.forms.finding import Finding
from generator.forms.functions import RULE_FUNCTIONS
from generator.forms.suggest import did_you_mean

FORMATS = ("date", "local-date-time")
PRINT_FORMATS = ("text", "int", "date", "datetime", "addr", "list", "yes_no", "rows")
KINDS: tuple[str, ...] = get_args(Kind)

_TEXT = "文字"


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value)


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _is_options(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and len({repr(v) for v in value}) == len(value)


_Check = tuple[Callable[[Any], bool], str]

FIELD_KEYWORDS: Mapping[str, _Check] = {
    "type": (lambda v: v in ("string", "integer", "number", "boolean", "array", "object"), "JSON 类型名"),
    "title": (_is_text, _TEXT),
    "properties": (lambda v: isinstance(v, dict), "对象"),
    "additionalProperties": (lambda v: v is False, "false"),
    "items": (lambda v: isinstance(v, dict), "对象"),
    "enum": (_is_options, "不重复的非空列表"),
    "format": (lambda v: v in FORMATS, "、".join(FORMATS)),
    "pattern": (_is_text, "正则表达式"),
    "minLength": (_is_count, "非负整数"),
    "maxLength": (_is_count, "非负整数"),
    "minimum": (_is_number, "数字"),
    "maximum": (_is_number, "数字"),
    "minItems": (_is_count, "非负整数"),
    "maxItems": (_is_count, "非负整数"),
    "uniqueItems": (lambda v: v is True, "true"),
    "x-kind": (lambda v: v in KINDS, "、".join(KINDS)),
    "x-required": (lambda v: v in ("final", "signed"), "final 或 signed"),
    "x-when": (lambda v: isinstance(v, dict), "条件"),
    "x-required-when": (lambda v: isinstance(v, dict), "条件"),
    "x-on-paper": (lambda v: v is True or isinstance(v, dict), "true 或条件"),
    "x-unprinted": (_is_text, "原因"),
    "x-print": (lambda v: v in PRINT_FORMATS, "、".join(PRINT_FORMATS)),
    "x-computed": (lambda v: isinstance(v, dict), '{"fn", "args"}'),
    "x-clause": (_is_text, _TEXT),
    "x-prefill": (_is_text, _TEXT),
    "x-widget": (_is_text, _TEXT),
    "x-index": (_is_text, _TEXT),
    "x-hint": (_is_text, _TEXT),
}
ROOT_KEYWORDS: Mapping[str, _Check] = {
    "$schema": (lambda v: v == "https://json-schema.org/draft/2020-12/schema", "2020-12 的地址"),
    "$id": (_is_text, _TEXT),
    "title": (_is_text, _TEXT),
    "type": (lambda v: v == "object", "object"),
    "properties": (lambda v: isinstance(v, dict) and bool(v), "非空对象"),
    "additionalProperties": (lambda v: v is False, "false"),
    "x-form": (lambda v: isinstance(v, dict), "对象"),
    "x-rules": (lambda v: isinstance(v, list), "列表"),
}


def _is_labels(value: object) -> bool:
    return isinstance(value, list) and len(value) > 1 and all(map(_is_text, value))


FORM_KEYWORDS: Mapping[str, _Check] = {
    "id": (_is_text, _TEXT),
    "version": (lambda v: _is_count(v) and v > 0, "正整数"),
    "code": (_is_text, _TEXT),
    "family": (_is_text, _TEXT),
    "source": (lambda v: isinstance(v, list) and all(map(_is_text, v)), "文字的列表"),
    "captions": (
        lambda v: isinstance(v, dict) and set(v) == {"verbatim", "corrected"},
        "verbatim 和 corrected",
    ),
    "signatures": (lambda v: isinstance(v, bool), "true 或 false"),
    "retention": (lambda v: isinstance(v, dict) and set(v) == {"class", "reason"}, "class 和 reason"),
    "copies": (lambda v: (_is_count(v) and v > 0) or _is_labels(v), "正整数，或各份名称的列表"),
    "header": (lambda v: isinstance(v, dict) and set(v) <= {"number", "name"}, "number、name"),
}
RULE_KEYWORDS: Mapping[str, _Check] = {
    "fn": (_is_text, "函数名"),
    "args": (lambda v: isinstance(v, list) and bool(v) and all(map(_is_text, v)), "指针的非空列表"),
    "when": (lambda v: isinstance(v, dict), "条件"),
    "level": (lambda v: v in ("final", "signed"), "final 或 signed"),
    "severity": (lambda v: v in ("error", "warning"), "error 或 warning"),
    "message": (_is_text, _TEXT),
    "hint": (_is_text, _TEXT),
    "clause": (_is_text, _TEXT),
}
_PARAM_CHECKS: Mapping[str, _Check] = {
    "min": (_is_number, "数字"),
    "max": (_is_number, "数字"),
    "value": (lambda v: isinstance(v, (str, int, float)), "单个值"),
    "values": (_is_options, "不重复的非空列表"),
}


def check(subject: str, schema: Mapping[str, Any], *, references: bool = True) -> list[Finding]:
    """Everything wrong with a resolved definition; an empty list means it may be loaded.

    Without ``references`` what it refers to is not looked up.
    """
    findings = [Finding(subject, *found) for found in _shape(schema)]
    # References can only be judged in a definition whose shape is right.
    if findings or not references:
        return findings
    return [Finding(subject, *found) for found in profile_refs.check(schema)]


_Found = tuple[str, str, str]
"""(pointer, message, hint)"""


def _shape(schema: Mapping[str, Any]) -> Iterator[_Found]:
    yield from _keywords(
        schema, "", ROOT_KEYWORDS, ("title", "type", "properties", "additionalProperties", "x-form")
    )
    if isinstance(schema.get("x-form"), dict):
        yield from _keywords(schema["x-form"], "/x-form", FORM_KEYWORDS, tuple(FORM_KEYWORDS))
    properties = schema.get("properties")
    for name, node in properties.items() if isinstance(properties, dict) else ():
        yield from _node(node, f"/properties/{name}", titled=True)
    rules = schema.get("x-rules")
    for index, raw in enumerate(rules if isinstance(rules, list) else ()):
        yield from _rule(raw, f"/x-rules/{index}")


def _keywords(
    node: Mapping[str, Any], place: str, known: Mapping[str, _Check], needed: tuple[str, ...]
) -> Iterator[_Found]:
    for name, value in node.items():
        if name not in known:
            yield f"{place}/{name}", f"不认识的关键字 {name}。", did_you_mean(name, known)
        elif not known[name][0](value):
            near = did_you_mean(value, known[name][1].split("、")) if isinstance(value, str) else ""
            yield f"{place}/{name}", f"{name} 的值应为：{known[name][1]}。", near
    for name in needed:
        if name not in node:
            yield place, f"缺少 {name}。", ""


def _node(node: Any, place: str, *, titled: bool) -> Iterator[_Found]:
    if not isinstance(node, dict):
        yield place, "字段的定义应是对象。", ""
        return
    yield from _keywords(node, place, FIELD_KEYWORDS, ("type", "title") if titled else ("type",))
    if node.get("type") == "object":
        if node.get("additionalProperties") is not False:
            yield place, '对象应写明 "additionalProperties": false。', ""
        properties = node.get("properties")
        for name, member in properties.items() if isinstance(properties, dict) else ():
            yield from _node(member, f"{place}/properties/{name}", titled=True)
    if node.get("type") == "array":
        if "items" not in node:
            yield place, "列表应写明 items。", ""
        else:
            yield from _node(node["items"], f"{place}/items", titled=False)
    if node.get("type") in ("string", "integer", "number", "boolean", "array", "object"):
        yield from _agreement(node, place)


_KIND_TYPES: Mapping[str, tuple[str, ...]] = {
    "text": ("string",), "long": ("string",), "phone": ("string",), "cid": ("string",), "date": ("string",),
    "datetime": ("string",), "int": ("integer",), "number": ("number",), "bool": ("boolean",),
    "enum": ("string", "integer"), "set": ("array",), "list": ("array",), "sig": ("object",),
    "addr": ("object",), "object": ("object",),
}  # fmt: skip


def _agreement(node: Mapping[str, Any], place: str) -> Iterator[_Found]:
    kind = kind_of(node)
    if kind in _KIND_TYPES and node["type"] not in _KIND_TYPES[kind]:
        yield f"{place}/x-kind", f"x-kind 为 {kind} 时 type 不能是 {node['type']}。", ""
    if "x-required-when" in node and "x-required" not in node:
        yield f"{place}/x-required-when", "有 x-required-when 时应同时写明 x-required。", ""


def _rule(raw: Any, place: str) -> Iterator[_Found]:
    if not isinstance(raw, dict):
        yield place, "规则应是对象。", ""
        return
    name = raw.get("fn")
    if not isinstance(name, str) or name not in RULE_FUNCTIONS:
        yield f"{place}/fn", f"不认识的规则函数 {name}。", did_you_mean(str(name), RULE_FUNCTIONS)
        return
    function = RULE_FUNCTIONS[name]
    known = {**RULE_KEYWORDS, **{param: _PARAM_CHECKS[param] for param in function.params}}
    yield from _keywords(raw, place, known, ("fn", "args", *sorted(function.required_params)))
    yield from profile_refs.arity(raw.get("args"), place, name, function.min_args, function.max_args)

"""The Chinese sentences of validation: what is wrong at which field, and what to do.

Owns the wording and nothing else.  A sentence names the field, never an answer: answers are personal data.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal

from generator.forms import pointer
from generator.forms.definition import FieldSpec, FormDefinition
from generator.forms.function_kinds import Violation
from generator.forms.suggest import nearest
from generator.validation import places
from generator.validation.level_schema import SINGLE_LINE
from generator.validation.plan import PlannedRule
from generator.validation.report import Problem, Severity
from generator.validation.text_rules import Blemish

_TYPES = {
    "string": "文字（加双引号）", "integer": "整数", "number": "数字", "boolean": "true 或 false",
    "array": "列表（用方括号）", "object": "对象（用花括号）",
}  # fmt: skip
_KIND_HINTS = {
    "date": "日期写成 2026-03-05 这样。",
    "datetime": "时间写成 2026-03-05T14:30 这样。",
    "cid": "请对照身份证填写 18 位号码，末位字母用大写 X。",
    "phone": "手机为 11 位数字；座机为区号加号码，如 0812-3333333。",
}
_REASONS = {
    "control": ("含有控制字符", "请删除该字符；换行用 \\n，空格代替制表符。"),
    "invisible": ("含有看不见的字符", "请删除该字符，或重新输入这段文字。"),
    "bidi": ("含有改变文字方向的字符", "请删除该字符，或重新输入这段文字。"),
    "private": ("含有自造字区的字符", "请改用标准汉字；生僻字请用国家标准中的编码输入。"),
    "broken": ("含有乱码字符", "请重新输入这段文字。"),
    "nfc": ("含有未规范化的字符", "请重新输入该字符。"),
}


def _problem(
    form: FormDefinition, path: str, keyword: str, what: str, hint: str, severity: Severity = "error"
) -> Problem:
    message = f"{places.label(form, path)}：{what}"
    return Problem(path, keyword, severity, message, hint, places.clause(form, path))


def required(form: FormDefinition, path: str) -> Problem:
    """The field must be there and is not."""
    spec = places.field_at(form, path)
    signed = spec is not None and spec.kind == "sig"
    fallback = "请在纸上签字，扫描后登记签名。" if signed else f"请填写{places.label(form, path)}。"
    hint = spec.hint if spec is not None and spec.hint else fallback
    return _problem(form, path, "required", "必填，未填写。", hint)


def hidden(form: FormDefinition, path: str) -> Problem:
    """There is an answer where, by other answers, none belongs."""
    spec = places.field_at(form, path)
    words = form.sentence(spec, spec.when) if spec is not None and spec.when is not None else ""
    what = f"按其他项的填写，这一项不应填写（只在“{words}”时填写）。"
    return _problem(form, path, "hidden", what, "请核对；确实不适用的，删去该项，或加 --drop-hidden 略去。")


def unknown(form: FormDefinition, path: str) -> Problem:
    """The form has no such field."""
    *around, name = pointer.split(path)
    base = places.field_pointer(form, pointer.join(around)) if around else ""
    siblings = {spec.name: spec.label for spec in form.fields.values() if spec.parent == base}
    near, named = nearest(name, siblings), [known for known, label in siblings.items() if label == name]
    hint = f"请删去该项；本表各项见 kangdang form show {form.id}。"
    if named:
        hint = f"“{name}”在数据文件中写作 {named[0]}。"
    elif near is not None:
        hint = f"是不是“{siblings[near]}”（{near}）？"
    return Problem(path, "unknown", "error", f"没有名为“{places.shown(name)}”的项目。", hint, None)


def wrong_type(form: FormDefinition, path: str, expected: Iterable[str]) -> Problem:
    """The JSON type is wrong."""
    names = " 或 ".join(_TYPES.get(name, name) for name in expected)
    return _problem(form, path, "type", f"类型不对，应为{names}。", "请改正；没有内容的，删去该项。")


def enum(form: FormDefinition, path: str, options: Iterable[Any]) -> Problem:
    """The answer is none of the options."""
    listed = "、".join(f"“{option}”" if isinstance(option, str) else str(option) for option in options)
    return _problem(form, path, "enum", "不在可选范围内。", f"可选：{listed}。")


def bad_format(form: FormDefinition, path: str) -> Problem:
    """A date or date-time that does not exist or is written in another way."""
    spec = places.field_at(form, path)
    kind = spec.kind if spec is not None else "date"
    what = "时间不存在或写法不对。" if kind == "datetime" else "日期不存在或写法不对。"
    return _problem(form, path, "format", what, _KIND_HINTS.get(kind, _KIND_HINTS["date"]))


def pattern(form: FormDefinition, path: str, wanted: str, value: Any) -> Problem:
    """The text has not the shape the field needs."""
    spec = places.field_at(form, path)
    kind = spec.kind if spec is not None else "text"
    hint = (spec.hint if spec is not None else None) or "请核对后重新填写。"
    if wanted == SINGLE_LINE:
        return _problem(form, path, "pattern", "不能换行。", "请写成一行。")
    if kind == "cid" and isinstance(value, str) and len(value) == 15:
        return _problem(form, path, "pattern", "是 15 位旧号码。", "请换用 18 位公民身份号码。")
    what = {
        "cid": "不是 18 位公民身份号码。",
        "phone": "号码的写法不对。",
        "date": "年份不对。",
        "datetime": "年份不对。",
    }.get(kind, "写法不对。")
    return _problem(form, path, "pattern", what, hint if kind == "phone" else _KIND_HINTS.get(kind, hint))


def limit(form: FormDefinition, path: str, keyword: str, bound: Any) -> Problem:
    """A number, length or count outside its bounds."""
    what = {
        "minimum": f"不能小于 {bound}。",
        "maximum": f"不能大于 {bound}。",
        "minLength": f"至少 {bound} 个字。",
        "maxLength": f"超过 {bound} 个字。",
        "minItems": f"至少 {bound} 项。",
        "maxItems": f"最多 {bound} 项。",
        "uniqueItems": "有重复的项。",
    }[keyword]
    hint = "请删去重复的项。" if keyword == "uniqueItems" else "请核对后改正。"
    return _problem(form, path, keyword, what, hint)


def text(form: FormDefinition, blemish: Blemish) -> Problem:
    """A character that may not stand in an answer; only its code point is shown."""
    what, hint = _REASONS[blemish.reason]
    keyword = "nfc" if blemish.reason == "nfc" else "text"
    return _problem(form, pointer.join(blemish.path), keyword, f"{what}（{blemish.code_point}）。", hint)


def rule(form: FormDefinition, planned: PlannedRule, violation: Violation) -> Problem:
    """A rule of the definition does not hold; its own sentence wins over the function's."""
    spec = planned.spec
    path = pointer.join(violation.path) if violation.path is not None else spec.args[0]
    words: Mapping[str, str] = {
        "label": places.label(form, path),
        "other": places.label(form, pointer.join(violation.other)) if violation.other is not None else "",
    }
    message = spec.message or planned.function.message.format_map(words)
    hint = spec.hint or planned.function.hint.format_map(words)
    return Problem(path, spec.fn, spec.severity, message, hint, spec.clause or places.clause(form, path))


def computed(form: FormDefinition, spec: FieldSpec, path: str) -> Problem:
    """The given value is not the computed one."""
    args = (spec.computed or {}).get("args", [])
    names = "、".join(places.label(form, arg) for arg in args)
    hint = f"请删去该项由程序填写，或改正{names}。"
    return _problem(form, path, "computed", f"与按{names}算出的结果不一致。", hint)


def citizen_id(form: FormDefinition, path: str, part: Literal["check", "birth"]) -> Problem:
    """The number cannot be right."""
    what = "末位校验码不对，号码有误。" if part == "check" else "号码中的出生日期不存在。"
    return _problem(form, path, "cid", what, "请对照身份证逐位核对。")

"""Whether a value known elsewhere fits a field, and in which form it goes in.

A value that does not fit is left out: a person then types it, which is better than a finding about an answer
nobody gave.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from generator.forms.conditions import same
from generator.forms.definition import FieldSpec, FormDefinition
from generator.forms.function_kinds import as_date

_SAME_WORDS = {"他人转介": "相关转介", "相关转介": "他人转介", "其他": "其它", "其它": "其他"}
"""Forms B and G of the source name one thing in two ways."""

_ADDRESS = ("province", "city", "county", "street", "detail")


def fitted(form: FormDefinition, spec: FieldSpec, value: Any) -> Any:
    """``value`` as ``spec`` takes it; None when it does not fit (also for signatures: nobody signs ahead)."""
    fit = _BY_KIND.get(spec.kind)
    if fit is None or value in (None, "", [], {}):
        return None
    made = fit(form, spec, value)
    # Validation takes blank texts for no answer, so a blank fact is no fact.
    return None if isinstance(made, str) and not made.strip() else made


def _text(form: FormDefinition, spec: FieldSpec, value: Any) -> str | None:
    if isinstance(value, Mapping):
        return "".join(str(value[part]) for part in _ADDRESS if value.get(part)) or None
    if isinstance(value, list):
        return "、".join(value) if all(isinstance(item, str) for item in value) else None
    if isinstance(value, bool):
        return "是" if value else "否"
    return str(value)


def _integer(form: FormDefinition, spec: FieldSpec, value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _number(form: FormDefinition, spec: FieldSpec, value: Any) -> int | float | None:
    return value if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def _date(form: FormDefinition, spec: FieldSpec, value: Any) -> str | None:
    return str(value)[:10] if as_date(value) else None


def _datetime(form: FormDefinition, spec: FieldSpec, value: Any) -> str | None:
    return value if isinstance(value, str) and len(value) == 16 and as_date(value) else None


def _bool(form: FormDefinition, spec: FieldSpec, value: Any) -> bool | None:
    if isinstance(value, bool):
        return value
    return {"是": True, "否": False}.get(value) if isinstance(value, str) else None


def _option(form: FormDefinition, spec: FieldSpec, value: Any) -> Any:
    if isinstance(value, bool) and "是" in spec.options:
        value = "是" if value else "否"
    if not isinstance(value, (str, int, float, bool)):
        return None
    for candidate in (value, _SAME_WORDS.get(str(value))):
        if any(same(candidate, option) for option in spec.options):
            return candidate
    return None


def _options(form: FormDefinition, spec: FieldSpec, value: Any) -> list[Any] | None:
    wanted = value if isinstance(value, list) else [value]
    found = [_option(form, spec, item) for item in wanted]
    return None if None in found else found


def _object(form: FormDefinition, spec: FieldSpec, value: Any) -> dict[str, Any] | None:
    return _members(form, spec.pointer, value)


def _list(form: FormDefinition, spec: FieldSpec, value: Any) -> list[Any] | None:
    if not isinstance(value, list):
        return None
    place = spec.pointer + "/*"
    if not any(other.startswith(place + "/") for other in form.fields):
        return list(value) if not any(isinstance(item, (Mapping, list)) for item in value) else None
    rows = [_members(form, place, item) for item in value]
    return [row for row in rows if row] or None


def _members(form: FormDefinition, place: str, value: Any) -> dict[str, Any] | None:
    """Of an object what the form has fields for at ``place``, each fitted."""
    if not isinstance(value, Mapping):
        return None
    made = {}
    for name, member in value.items():
        spec = form.fields.get(f"{place}/{name}")
        inner = fitted(form, spec, member) if spec is not None else None
        if inner is not None:
            made[name] = inner
    return made or None


_BY_KIND: Mapping[str, Callable[[FormDefinition, FieldSpec, Any], Any]] = {
    "text": _text, "long": _text, "phone": _text, "cid": _text, "int": _integer, "number": _number,
    "date": _date, "datetime": _datetime, "bool": _bool, "enum": _option, "set": _options,
    "addr": _object, "object": _object, "list": _list,
}  # fmt: skip

"""From the JSON-Schema engine's errors to problems at fields.

The engine reports a missing field at its parent, a hidden answer as “false schema”, and one answer several
times; here each becomes one problem at the field a person looks at.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from generator.forms import pointer
from generator.forms.definition import FormDefinition
from generator.validation import messages, places
from generator.validation.plan import Plan
from generator.validation.report import Problem

# Of several complaints about one value only the most basic one helps.
_PRECEDENCE = (
    "unknown", "hidden", "type", "required", "enum", "format", "pattern", "minLength", "maxLength", "minimum",
    "maximum", "minItems", "maxItems", "uniqueItems",
)  # fmt: skip


def schema_problems(prepared: Plan, answers: Mapping[str, Any]) -> list[Problem]:
    """One problem per field from the compiled schema, in no particular order."""
    best: dict[str, Problem] = {}
    for error in prepared.validator.iter_errors(answers):
        for problem in _problems(prepared.form, error):
            known = best.get(problem.path)
            if known is None or _PRECEDENCE.index(problem.keyword) < _PRECEDENCE.index(known.keyword):
                best[problem.path] = problem
    doubtful = {places.field_pointer(prepared.form, p.path) for p in best.values() if p.keyword != "hidden"}
    return [p for p in best.values() if p.keyword != "hidden" or certain(prepared, p.path, doubtful)]


def certain(prepared: Plan, path: str, doubtful: set[str]) -> bool:
    """Whether every field that decides about ``path`` is itself in order.

    With the deciding answer missing or wrong, nobody knows yet whether the dependent one belongs.
    """
    own = prepared.hideable.get(places.field_pointer(prepared.form, path))
    waiting, seen = list(own.controls) if own is not None else [], set[str]()
    # Ends: the controls of a field are added once.
    while waiting:
        control = waiting.pop()
        if control in doubtful:
            return False
        above = prepared.hideable.get(control)
        if above is not None and control not in seen:
            seen.add(control)
            waiting += above.controls
    return True


def _problems(form: FormDefinition, error: Any) -> list[Problem]:
    kind = error.kind
    keyword: str = kind.name
    path = pointer.join(error.instance_path)
    if keyword == "required":
        return [messages.required(form, f"{path}/{pointer.escape(kind.property)}")]
    if keyword == "additionalProperties":
        return [messages.unknown(form, f"{path}/{pointer.escape(name)}") for name in kind.unexpected]
    return [_at_value(form, path, keyword, error)]


def _at_value(form: FormDefinition, path: str, keyword: str, error: Any) -> Problem:
    kind = error.kind
    if keyword == "falseSchema":
        return messages.hidden(form, path)
    if keyword == "type":
        return messages.wrong_type(form, path, kind.types)
    if keyword == "enum":
        return messages.enum(form, path, kind.options)
    if keyword == "format":
        return messages.bad_format(form, path)
    if keyword == "pattern":
        return messages.pattern(form, path, kind.pattern, error.instance)
    return messages.limit(form, path, keyword, getattr(kind, "limit", None))

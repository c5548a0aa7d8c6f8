"""What JSON Schema cannot say: computed values, hidden answers to drop, rules between fields, ID numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from generator.forms import citizen_id, pointer
from generator.forms.conditions import same
from generator.forms.function_kinds import Path
from generator.validation import messages, places, text_rules
from generator.validation.plan import Computed, Plan
from generator.validation.report import Problem
from generator.validation.translate import certain, schema_problems


def fill(prepared: Plan, answers: dict[str, Any]) -> dict[str, Any]:
    """Put missing computed values into ``answers`` (own dict; nested objects are copied); pointer → value."""
    filled: dict[str, Any] = {}
    for field in prepared.computed:
        if field.given(answers):
            continue
        value = _value(field, answers)
        if value is not None and _put(answers, pointer.split(field.spec.pointer), value):
            filled[field.spec.pointer] = value
    return filled


def _value(field: Computed, answers: Mapping[str, Any]) -> Any:
    if field.applies is not None and not field.applies(answers, answers):
        return None
    return field.call([[value for _, value in reach(answers)] for reach in field.reach])


def _put(answers: dict[str, Any], tokens: tuple[str, ...], value: Any) -> bool:
    here = answers
    for token in tokens[:-1]:
        inner = here.get(token)
        if not isinstance(inner, dict):
            return False
        here[token] = inner = dict(inner)
        here = inner
    here[tokens[-1]] = value
    return True


def without_hidden(prepared: Plan, answers: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """The answers without those whose condition does not hold, and their pointers.

    An answer stays when a field that decides about it is missing or malformed: taking it away then could
    lose what the person meant to keep.
    """
    dropped: list[str] = []
    doubtful = _doubtful(prepared, answers)
    kept: dict[str, Any] = _kept(prepared, answers, answers, (), dropped, doubtful)
    return kept, dropped


def _doubtful(prepared: Plan, answers: Mapping[str, Any]) -> set[str]:
    found = schema_problems(prepared, text_rules.encodable(answers))
    return {places.field_pointer(prepared.form, p.path) for p in found if p.keyword != "hidden"}


def _kept(prepared: Plan, root: Any, node: Any, path: Path, dropped: list[str], doubtful: set[str]) -> Any:
    if isinstance(node, list):
        return [_kept(prepared, root, item, (*path, i), dropped, doubtful) for i, item in enumerate(node)]
    if not isinstance(node, dict):
        return node
    kept: dict[str, Any] = {}
    for name, value in node.items():
        here = pointer.join((*path, name))
        field = prepared.hideable.get(pointer.generic((*path, name)))
        if field is not None and not field.applies(root, node) and certain(prepared, here, doubtful):
            dropped.append(here)
        else:
            kept[name] = _kept(prepared, root, value, (*path, name), dropped, doubtful)
    return kept


def decimal_integers(prepared: Plan, answers: Mapping[str, Any]) -> list[Problem]:
    """Whole numbers written as 39.0: integers to JSON Schema, yet they would print as they stand."""
    return [
        messages.wrong_type(prepared.form, pointer.join(path), ["integer"])
        for spec in prepared.form.fields.values()
        if spec.kind in ("int", "enum")
        for path, value in pointer.located(answers, pointer.split(spec.pointer))
        if isinstance(value, float) and value.is_integer()
    ]


def check(prepared: Plan, answers: Mapping[str, Any], now: datetime) -> list[Problem]:
    """Problems of rules, computed values and ID numbers; nothing at draft."""
    found: list[Problem] = []
    for rule in prepared.rules:
        if rule.when is None or rule.when(answers, answers):
            groups = [reach(answers) for reach in rule.reach]
            for violation in rule.function.call(groups, rule.spec.params, now):
                found.append(messages.rule(prepared.form, rule, violation))
    if prepared.level != "draft":
        found += _computed_problems(prepared, answers)
        found += _citizen_id_problems(prepared, answers)
    return found


def _computed_problems(prepared: Plan, answers: Mapping[str, Any]) -> Iterator[Problem]:
    for field in prepared.computed:
        for path, given in field.given(answers):
            value = _value(field, answers)
            if value is not None and not same(given, value):
                yield messages.computed(prepared.form, field.spec, pointer.join(path))


def _citizen_id_problems(prepared: Plan, answers: Mapping[str, Any]) -> Iterator[Problem]:
    for _, reach in prepared.citizen_ids:
        for path, value in reach(answers):
            if not isinstance(value, str) or not citizen_id.has_shape(value):
                continue
            if citizen_id.check_character(value[:17]) != value[17]:
                yield messages.citizen_id(prepared.form, pointer.join(path), "check")
            elif citizen_id.birth_date(value) is None:
                yield messages.citizen_id(prepared.form, pointer.join(path), "birth")

"""What is prepared once per form and level: the compiled schema, rules, computed fields, hidden fields."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple, Protocol

from generator.forms import conditions, functions, pointer
from generator.forms.conditions import Predicate
from generator.forms.definition import FieldSpec, FormDefinition, Level, RuleSpec
from generator.forms.function_kinds import Located, RuleFunction
from generator.validation.level_schema import level_schema

Reach = Callable[[Any], list[Located]]
"""Answers → every (path, value) an argument reaches."""


class SchemaValidator(Protocol):
    """The part of ``jsonschema_rs.Draft202012Validator`` that is used."""

    def is_valid(self, instance: Any) -> bool:
        """Whether the instance meets the schema."""

    def iter_errors(self, instance: Any) -> Any:
        """Give every error of the instance."""


class PlannedRule(NamedTuple):
    """A rule with its condition and arguments compiled."""

    spec: RuleSpec
    function: RuleFunction
    when: Predicate | None
    reach: Sequence[Reach]


class Computed(NamedTuple):
    """A field the program fills; only outside rows."""

    spec: FieldSpec
    applies: Predicate | None
    call: Callable[[Sequence[Sequence[Any]]], Any]
    reach: Sequence[Reach]
    given: Reach
    """Finds the value of the field itself."""


class Hideable(NamedTuple):
    """A field with ``x-when``; ``controls`` are the pointers of the fields its condition asks about."""

    spec: FieldSpec
    applies: Predicate
    controls: tuple[str, ...]


class Plan(NamedTuple):
    """Everything ``validate`` needs for one form at one level."""

    form: FormDefinition
    level: Level
    validator: SchemaValidator
    rules: tuple[PlannedRule, ...]
    computed: tuple[Computed, ...]
    hideable: Mapping[str, Hideable]
    citizen_ids: tuple[tuple[FieldSpec, Reach], ...]


@lru_cache(maxsize=256)
def plan(form: FormDefinition, level: Level) -> Plan:
    """The plan of a form and level, compiled once (forms are compared by identity)."""
    strict = level != "draft"
    specs = tuple(form.fields.values())
    return Plan(
        form=form,
        level=level,
        validator=_validator(level_schema(form, level)),
        rules=tuple(_rule(form, spec) for spec in form.rules if strict and spec.level in ("final", level)),
        computed=tuple(made for spec in specs if not spec.in_rows for made in _computed(form, spec)),
        hideable={spec.pointer: made for spec in specs if strict for made in _hideable(form, spec)},
        citizen_ids=tuple((spec, reach(spec.pointer)) for spec in specs if strict and spec.kind == "cid"),
    )


def _validator(schema: Mapping[str, Any]) -> SchemaValidator:
    from jsonschema_rs import Draft202012Validator

    made: SchemaValidator = Draft202012Validator(
        dict(schema), formats={"local-date-time": is_local_date_time}, validate_formats=True
    )
    return made


def is_local_date_time(value: str) -> bool:
    """``2026-03-05T14:30``: a time on the station's clock, to the minute, without zone."""
    if len(value) != 16 or value[10] != "T":
        return False
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return True


def reach(field_pointer: str) -> Reach:
    """The function that finds a field's values in answers."""
    tokens = pointer.split(field_pointer)
    if len(tokens) == 1:
        name = tokens[0]
        path = (name,)
        return lambda data: [(path, data[name])] if name in data else []
    return lambda data: list(pointer.located(data, tokens))


_ROOT = FieldSpec(pointer="/", name="", label="", kind="object")


def _rule(form: FormDefinition, spec: RuleSpec) -> PlannedRule:
    when = conditions.predicate(form.condition(_ROOT, spec.when)) if spec.when is not None else None
    return PlannedRule(spec, functions.RULE_FUNCTIONS[spec.fn], when, tuple(reach(arg) for arg in spec.args))


def _computed(form: FormDefinition, spec: FieldSpec) -> Iterator[Computed]:
    if spec.computed is None:
        return
    applies = form.applies(spec)
    yield Computed(
        spec,
        conditions.predicate(applies) if applies is not None else None,
        functions.VALUE_FUNCTIONS[spec.computed["fn"]].call,
        tuple(reach(arg) for arg in spec.computed["args"]),
        reach(spec.pointer),
    )


def _hideable(form: FormDefinition, spec: FieldSpec) -> Iterator[Hideable]:
    applies = form.applies(spec)
    if spec.when is None or applies is None:
        return
    raw = conditions.tests(conditions.parse(spec.when))
    yield Hideable(spec, conditions.predicate(applies), tuple(form.target(spec, test) for test in raw))

"""Which questions a form asks, in what order, given the answers so far.  Pure; recomputed after each answer.

A group (address, signature, rows) is one question that leads to those inside it.  A computed field waits for
the fields it is computed from and is asked only when they leave it open.  A *rare* question (on no paper
and needed by nothing, or computed and not needed) is passed over until somebody names it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from desk.entry.answers import MISSING, get
from desk.entry.widgets import Widget, widget_for
from generator.forms import conditions
from generator.forms.conditions import Predicate
from generator.forms.definition import FieldSpec, FormDefinition, Level
from generator.validation import rules
from generator.validation.level_schema import required_at
from generator.validation.plan import plan


@dataclass(frozen=True, slots=True)
class Question:
    """One field at one place; ``depth`` counts the groups around it."""

    pointer: str
    spec: FieldSpec
    widget: Widget
    parent: str
    """Pointer of the group the question stands in (``/rows/2``); empty at the root."""
    optional: bool = False
    """Whether it may stay empty as the answers are now."""
    rare: bool = False
    """Whether it is asked only of those who name it, or where something stands already."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """A field with what decides whether it is asked; a predicate that is None always holds."""

    spec: FieldSpec
    widget: Widget
    applies: Predicate | None
    on_paper: Predicate | None
    needed: Mapping[Level, Predicate | None]
    """When it must be filled, by level; absent at a level where it never must."""
    seldom: bool
    """Whether it is rare while it need not be filled."""
    inside: tuple[_Asked, ...]


def questions(form: FormDefinition, answers: Mapping[str, Any], level: Level) -> list[Question]:
    """All questions that apply now.  At ``signed`` also what is filled by hand after printing."""
    computed = frozenset(rules.fill(plan(form, "final"), dict(answers)))
    return list(_walk(_asked(form), answers, answers, "", level, computed))


def _walk(
    asked: tuple[_Asked, ...],
    root: Mapping[str, Any],
    here: Any,
    parent: str,
    level: Level,
    computed: frozenset[str],
) -> Iterator[Question]:
    for one in asked:
        if not _is_asked(one, root, here, level) or one.spec.pointer in computed:
            continue
        place = f"{parent}/{one.spec.pointer.rsplit('/', 1)[1]}"
        must = one.needed.get(level, _NEVER)
        optional = must is not None and not must(root, here)
        yield Question(place, one.spec, one.widget, parent, optional, optional and one.seldom)
        inner = get(here, "/" + one.spec.pointer.rsplit("/", 1)[1])
        if one.widget.kind == "rows":
            for at, row in enumerate(inner if isinstance(inner, list) else ()):
                yield from _walk(one.inside, root, row, f"{place}/{at}", level, computed)
        elif one.widget.groups:
            yield from _walk(one.inside, root, inner if inner is not MISSING else {}, place, level, computed)


def _is_asked(one: _Asked, root: Any, here: Any, level: Level) -> bool:
    if one.applies is not None and not one.applies(root, here):
        return False
    if level == "signed":
        return True
    if one.spec.on_paper is True:
        return False
    return one.on_paper is None or not one.on_paper(root, here)


def _never(root: Any, here: Any) -> bool:
    return False


_NEVER: Predicate | None = _never


@lru_cache(maxsize=64)
def _asked(form: FormDefinition) -> tuple[_Asked, ...]:
    """The fields of a form in the order of asking (definitions are compared by identity)."""
    children: dict[str, list[FieldSpec]] = {}
    for spec in form.fields.values():
        children.setdefault(spec.parent, []).append(spec)
    return _level(form, children, "")


def _needed(form: FormDefinition, spec: FieldSpec) -> Mapping[Level, Predicate | None]:
    found: dict[Level, Predicate | None] = {}
    levels: tuple[Level, ...] = ("final", "signed")
    for level in levels:
        parts = required_at(form, spec, level)
        if parts is not None:
            found[level] = conditions.predicate(conditions.Every(tuple(parts))) if parts else None
    return found


def _seldom(form: FormDefinition, spec: FieldSpec) -> bool:
    """A single answer that no paper shows and nothing else asks about, or one the program finds itself."""
    if spec.computed is not None:
        return True
    single = spec.kind not in ("list", "set", "object", "addr", "sig")
    return bool(spec.unprinted) and single and spec.when is None and spec.pointer not in _asked_about(form)


@lru_cache(maxsize=64)
def _asked_about(form: FormDefinition) -> frozenset[str]:
    """Fields that a condition of another field, or a value to be worked out, depends on."""
    found = {str(arg) for one in form.fields.values() for arg in (one.computed or {}).get("args", ())}
    for rule in form.rules:
        if rule.when is not None:
            found |= {f"/{'/'.join(test.path)}" for test in conditions.tests(conditions.parse(rule.when))}
    for one in form.fields.values():
        paper = one.on_paper if isinstance(one.on_paper, Mapping) else None
        for raw in (one.when, one.required_when, paper):
            if raw is not None:
                found |= {form.target(one, test) for test in conditions.tests(conditions.parse(raw))}
    return frozenset(found)


def _level(form: FormDefinition, children: Mapping[str, list[FieldSpec]], parent: str) -> tuple[_Asked, ...]:
    return tuple(_one(form, children, spec) for spec in _in_order(form, children.get(parent, [])))


def _one(form: FormDefinition, children: Mapping[str, list[FieldSpec]], spec: FieldSpec) -> _Asked:
    widget = widget_for(form, spec)
    applies = form.applies(spec)
    paper = form.condition(spec, spec.on_paper) if isinstance(spec.on_paper, Mapping) else None
    inner = f"{spec.pointer}/*" if widget.kind == "rows" else spec.pointer
    return _Asked(
        spec,
        widget,
        None if applies is None else conditions.predicate(applies),
        None if paper is None else conditions.predicate(paper),
        _needed(form, spec),
        _seldom(form, spec),
        _level(form, children, inner) if widget.groups else (),
    )


def _in_order(form: FormDefinition, specs: list[FieldSpec]) -> list[FieldSpec]:
    """Form order, but a field that decides about others comes before them, a computed one after its parts."""
    ordered: list[FieldSpec] = []
    placing: set[str] = set()

    def place(spec: FieldSpec) -> None:
        if spec.pointer in placing:
            return
        placing.add(spec.pointer)
        needed = {*_controls(form, spec), *_parts(spec)}
        for other in specs:
            if other is not spec and any(_within(at, other.pointer) for at in needed):
                place(other)
        ordered.append(spec)

    for spec in specs:
        if spec.computed is None:
            place(spec)
    for spec in specs:
        if spec.pointer not in placing:
            placing.add(spec.pointer)
            ordered.insert(_after_parts(specs, ordered, spec), spec)
    return ordered


def _controls(form: FormDefinition, spec: FieldSpec) -> set[str]:
    """Pointers of the fields that decide whether ``spec``, or a field inside it, is asked."""
    found: set[str] = set()
    for one in form.fields.values():
        if _within(one.pointer, spec.pointer):
            for raw in (one.when, one.on_paper if isinstance(one.on_paper, Mapping) else None):
                if raw is not None:
                    found |= {form.target(one, test) for test in conditions.tests(conditions.parse(raw))}
    return found


def _parts(spec: FieldSpec) -> set[str]:
    return {str(arg) for arg in (spec.computed or {}).get("args", ())}


def _after_parts(specs: list[FieldSpec], ordered: list[FieldSpec], spec: FieldSpec) -> int:
    rank = specs.index(spec)
    return 1 + max(
        (
            at
            for at, other in enumerate(ordered)
            if specs.index(other) < rank or any(_within(part, other.pointer) for part in _parts(spec))
        ),
        default=-1,
    )


def _within(place: str, group: str) -> bool:
    return place == group or place.startswith(f"{group}/")

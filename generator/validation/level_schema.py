"""From a form and a level to one plain JSON Schema, without references and without ``x-`` keywords.

Hidden fields and conditional requirements become ``if``/``then``/``else``.  Draft keeps what a value *is*
(types, options, dates), final adds what it must fulfil, signed also what comes from the signed sheet.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from generator.forms import conditions, pointer
from generator.forms.conditions import Condition, Every, No
from generator.forms.definition import FieldSpec, FormDefinition, Level, kind_of

_TYPE_KEYWORDS = ("type", "enum", "format")
_VALUE_KEYWORDS = (
    "pattern", "minLength", "maxLength", "minimum", "maximum", "minItems", "maxItems", "uniqueItems",
)  # fmt: skip
SINGLE_LINE = "^[^\\n]*$"


def level_schema(form: FormDefinition, level: Level) -> dict[str, Any]:
    """The JSON Schema 2020-12 document that answers at ``level`` must meet."""
    return _LevelSchema(form, level).build()


def required_at(form: FormDefinition, spec: FieldSpec, level: Level) -> list[Condition] | None:
    """The conditions that together make the field required at a level; None when it never is.

    The field's own ``x-when`` is not among them.
    """
    if level == "draft" or spec.required is None or (spec.required == "signed" and level == "final"):
        return None
    found: list[Condition] = []
    if level == "final" and spec.on_paper is True:
        return None
    if level == "final" and isinstance(spec.on_paper, Mapping):
        found.append(No(form.condition(spec, spec.on_paper)))
    if spec.required_when is not None:
        found.append(form.condition(spec, spec.required_when))
    return found


class _LevelSchema:
    def __init__(self, form: FormDefinition, level: Level) -> None:
        self._form = form
        self._level = level
        self._from_root: list[dict[str, Any]] = []

    def build(self) -> dict[str, Any]:
        schema = self._object(self._form.schema, "")
        if self._from_root:
            schema.setdefault("allOf", []).extend(self._from_root)
        return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}

    def _object(self, node: Mapping[str, Any], base: str) -> dict[str, Any]:
        places = {name: f"{base}/{pointer.escape(name)}" for name in node["properties"]}
        made: dict[str, Any] = {
            "type": "object",
            "properties": {
                name: self._value(node["properties"][name], place) for name, place in places.items()
            },
            "additionalProperties": False,
        }
        if self._level != "draft":
            self._presence(made, base, places)
        return made

    def _value(self, node: Mapping[str, Any], place: str) -> dict[str, Any]:
        if node["type"] == "object":
            return self._object(node, place)
        keywords = _TYPE_KEYWORDS if self._level == "draft" else (*_TYPE_KEYWORDS, *_VALUE_KEYWORDS)
        made = {name: node[name] for name in keywords if name in node}
        if node["type"] == "array":
            made["items"] = self._value(node["items"], f"{place}/*")
        elif self._level != "draft" and kind_of(node) == "text" and not {"pattern", "enum"} & node.keys():
            made["pattern"] = SINGLE_LINE
        return made

    def _presence(self, made: dict[str, Any], base: str, places: Mapping[str, str]) -> None:
        """Add ``required`` and the conditionals of one object's members."""
        always: list[str] = []
        shared: dict[str, tuple[Condition, list[str], list[str]]] = {}
        for name, place in places.items():
            spec = self._form.fields[place]
            applies, needed = self._form.applies(spec), required_at(self._form, spec, self._level)
            if applies is not None:
                _group(shared, applies)[2].append(name)
            if needed is None:
                continue
            parts = [*([applies] if applies is not None else []), *needed]
            if parts:
                _group(shared, parts[0] if len(parts) == 1 else Every(tuple(parts)))[1].append(name)
            else:
                always.append(name)
        if always:
            made["required"] = always
        for condition, required, hidden in shared.values():
            self._conditional(made, base, condition, required, hidden)

    def _conditional(
        self, made: dict[str, Any], base: str, condition: Condition, required: list[str], hidden: list[str]
    ) -> None:
        branch: dict[str, Any] = {"if": conditions.subschema(condition)}
        from_root = bool(base) and any(test.root for test in conditions.tests(condition))
        wrap = _wrapper(base) if from_root else lambda inner: inner
        if required:
            branch["then"] = wrap({"required": required})
        if hidden:
            branch["else"] = wrap({"properties": dict.fromkeys(hidden, False)})
        if from_root:
            self._from_root.append(branch)
        else:
            made.setdefault("allOf", []).append(branch)


def _group(
    shared: dict[str, tuple[Condition, list[str], list[str]]], condition: Condition
) -> tuple[Condition, list[str], list[str]]:
    return shared.setdefault(conditions.key(condition), (condition, [], []))


def _wrapper(base: str) -> Any:
    """A function that moves a schema of the object at ``base`` up to the root."""

    def wrap(inner: dict[str, Any]) -> dict[str, Any]:
        for part in reversed(pointer.split(base)):
            inner = {"items": inner} if part == "*" else {"properties": {part: inner}}
        return inner

    return wrap

"""What a form is: an immutable FormDefinition read from one JSON file.

Owns the reading of an (already resolved and checked) schema into fields and rules.  ``catalogue`` finds the
files, ``profile`` checks them, ``validation`` applies them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

from generator.forms import conditions, pointer

Level = Literal["draft", "final", "signed"]
LEVELS: tuple[Level, ...] = ("draft", "final", "signed")
Kind = Literal[
    "text", "long", "int", "number", "date", "datetime", "bool", "enum", "set", "sig", "addr", "phone", "cid",
    "object", "list",
]  # fmt: skip

_PRINT_OF_KIND: Mapping[str, str] = {
    "text": "text", "long": "text", "phone": "text", "cid": "text", "int": "int", "number": "int",
    "date": "date", "datetime": "datetime", "addr": "addr",
}  # fmt: skip


class FieldSpec(NamedTuple):
    """One field of a form; ``pointer`` has ``*`` for array items (``/plan_rows/*/schedule``)."""

    pointer: str
    name: str
    label: str
    kind: Kind
    options: tuple[Any, ...] = ()
    required: Literal["final", "signed"] | None = None
    when: Mapping[str, Any] | None = None
    required_when: Mapping[str, Any] | None = None
    on_paper: bool | Mapping[str, Any] = False
    unprinted: str | None = None
    print: str | None = None
    """Name of a print format; None for fields that are ticked, signed or only contain other fields."""
    clause: str | None = None
    computed: Mapping[str, Any] | None = None
    hint: str | None = None
    prefill: str | None = None
    widget: str | None = None
    index: str | None = None  # type: ignore[assignment]  # nobody searches a field as a tuple

    @property
    def in_rows(self) -> bool:
        """Whether the field stands inside a repeated row."""
        return "*" in pointer.split(self.pointer)

    @property
    def says_who_the_station_is(self) -> bool:
        """Whether the field names the station (name, address, contact), not what the station decides."""
        named = self.name.startswith(("station_", "own_", "privacy_", "complaint_"))
        return named and (self.prefill or "").startswith("station.")

    @property
    def parent(self) -> str:
        """Pointer of the object the field is a member of (``/plan_rows/*``); empty for the root."""
        return self.pointer.rsplit("/", 1)[0]


class RuleSpec(NamedTuple):
    """One entry of ``x-rules``: a named function over some fields."""

    fn: str
    args: tuple[str, ...]
    params: Mapping[str, Any]
    when: Mapping[str, Any] | None
    level: Literal["final", "signed"]
    severity: Literal["error", "warning"]
    message: str | None
    hint: str | None
    clause: str | None


@dataclass(frozen=True, eq=False)
class FormDefinition:
    """A form: metadata, fields in form order, rules, and the resolved schema.  Compared by identity."""

    id: str
    version: int
    code: str
    title: str
    family: str
    source: tuple[str, ...]
    captions: Mapping[str, str]
    """``verbatim`` (as in the source, slips included) and ``corrected``."""
    header: Mapping[str, str]
    """Pointers of what the page header prints: ``number``, ``name`` (each optional)."""
    retention: Mapping[str, str]
    copies: int
    copy_labels: tuple[str, ...]
    """What each copy is marked with (``第1份（机构存档）`` …); empty where there is one copy or no marks."""
    signatures: bool
    schema: Mapping[str, Any]
    """The schema with every ``$ref`` replaced by what it points to."""
    fields: Mapping[str, FieldSpec]
    rules: tuple[RuleSpec, ...]
    path: Path
    order: Mapping[str, int] = field(repr=False, default_factory=dict)
    """Rank of each field pointer in form order."""

    def applies(self, spec: FieldSpec) -> conditions.Condition | None:
        """The condition under which the field applies once hidden answers are gone; None: always."""
        if spec.when is None:
            return None
        found = self._applying.get(spec.pointer)
        if found is None:
            found = self._applying[spec.pointer] = self.condition(spec, spec.when)
        return found

    @cached_property
    def _applying(self) -> dict[str, conditions.Condition]:
        """What ``applies`` has found, by field."""
        return {}

    def condition(self, spec: FieldSpec, raw: Mapping[str, Any]) -> conditions.Condition:
        """A condition written at ``spec``, blind to hidden answers.

        Outside rows every test is made to start at the root; inside rows sibling tests stay relative.
        """
        return conditions.expand(conditions.parse(raw), lambda test: self._visible(spec, test))

    def _visible(
        self, spec: FieldSpec, test: conditions.Test
    ) -> tuple[conditions.Test, conditions.Condition | None]:
        place = self.target(spec, test)
        own = test if spec.in_rows else conditions.Test(pointer.split(place), True, test.op, test.values)
        target = self.fields.get(place)
        return own, None if target is None else self.applies(target)

    def target(self, spec: FieldSpec, test: conditions.Test) -> str:
        """The pointer of the field a test in ``spec``'s condition asks about."""
        own = pointer.join(test.path)
        return own if test.root else spec.parent + own

    def sentence(self, spec: FieldSpec, raw: Mapping[str, Any]) -> str:
        """A condition of ``spec`` in Chinese words, with labels of fields."""
        return conditions.sentence(conditions.parse(raw), lambda test: self._label(spec, test))

    def _label(self, spec: FieldSpec, test: conditions.Test) -> str:
        target = self.fields.get(self.target(spec, test))
        return target.label if target is not None else test.path[-1]


def from_schema(schema: Mapping[str, Any], path: Path) -> FormDefinition:
    """Build the definition from a resolved schema that ``profile.check`` has passed."""
    meta = schema["x-form"]
    fields = {spec.pointer: spec for spec in _fields(schema, "")}
    return FormDefinition(
        id=meta["id"],
        version=meta["version"],
        code=meta["code"],
        title=schema["title"],
        family=meta["family"],
        source=tuple(meta["source"]),
        captions=MappingProxyType(meta["captions"]),
        header=MappingProxyType(meta["header"]),
        retention=MappingProxyType(meta["retention"]),
        copies=meta["copies"] if isinstance(meta["copies"], int) else len(meta["copies"]),
        copy_labels=() if isinstance(meta["copies"], int) else tuple(meta["copies"]),
        signatures=meta["signatures"],
        schema=schema,
        fields=MappingProxyType(fields),
        rules=tuple(_rule(raw) for raw in schema.get("x-rules", ())),
        path=path,
        order=MappingProxyType({name: rank for rank, name in enumerate(fields)}),
    )


def _fields(node: Mapping[str, Any], base: str) -> Iterator[FieldSpec]:
    for name, member in node.get("properties", {}).items():
        place = f"{base}/{pointer.escape(name)}"
        spec = _field(name, place, member)
        yield spec
        yield from _fields(member, place)
        items = member.get("items")
        if isinstance(items, Mapping):
            yield from _fields(items, f"{place}/*")


def _field(name: str, place: str, node: Mapping[str, Any]) -> FieldSpec:
    kind = kind_of(node)
    return FieldSpec(
        pointer=place,
        name=name,
        label=node["title"],
        kind=kind,
        options=tuple(node.get("enum") or node.get("items", {}).get("enum") or ()),
        required=node.get("x-required"),
        when=node.get("x-when"),
        required_when=node.get("x-required-when"),
        on_paper=node.get("x-on-paper", False),
        unprinted=node.get("x-unprinted"),
        print=node.get("x-print") or _print_format(kind, node),
        clause=node.get("x-clause"),
        computed=node.get("x-computed"),
        hint=node.get("x-hint"),
        prefill=node.get("x-prefill"),
        widget=node.get("x-widget"),
        index=node.get("x-index"),
    )


def _print_format(kind: str, node: Mapping[str, Any]) -> str | None:
    if kind == "list":
        return "rows" if "properties" in node.get("items", {}) else "list"
    return _PRINT_OF_KIND.get(kind)


def kind_of(node: Mapping[str, Any]) -> Kind:
    """The kind of a property: ``x-kind`` where given, else what type, enum and format say."""
    if "x-kind" in node:
        kind: Kind = node["x-kind"]
        return kind
    if "enum" in node:
        return "enum"
    by_format: dict[str, Kind] = {"date": "date", "local-date-time": "datetime"}
    if node.get("format") in by_format:
        return by_format[node["format"]]
    if node.get("type") == "array":
        return "set" if "enum" in node.get("items", {}) else "list"
    by_type: dict[str, Kind] = {
        "string": "text", "integer": "int", "number": "number", "boolean": "bool", "object": "object",
    }  # fmt: skip
    return by_type[node["type"]]


_RULE_KEYS = ("fn", "args", "when", "level", "severity", "message", "hint", "clause")


def _rule(raw: Mapping[str, Any]) -> RuleSpec:
    return RuleSpec(
        fn=raw["fn"],
        args=tuple(raw["args"]),
        params=MappingProxyType({name: value for name, value in raw.items() if name not in _RULE_KEYS}),
        when=raw.get("when"),
        level=raw.get("level", "final"),
        severity=raw.get("severity", "error"),
        message=raw.get("message"),
        hint=raw.get("hint"),
        clause=raw.get("clause"),
    )

"""The columns of a roster: which headings there are for some forms, and where in a CASE each one goes.

A column is a fact of person, case or station (asked once for all forms), or a field of one form that nobody
fills.  Headings are the labels of the fields; where two would be equal the form's title is added.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from desk.entry.widgets import Widget, widget_for
from generator.derived import NOBODY_TYPES
from generator.forms import pointer
from generator.forms.definition import FieldSpec, FormDefinition
from generator.validation import places

PARTS = ("person", "case", "station")
_PART_WORDS = {"person": "本人", "case": "个案", "station": "站点"}
_SHORT = {"client_name": "name", "live_address": "address"}
"""Facts that forms call in two ways: one column for both."""
_NUMBER = {"case.number": "case.case_no"}
"""A sheet's number is the case's, or the application's while there is no case."""
_ROW = re.compile(r"第(\d+)行")
_CALLED = {"/case/case_no": "个案编号", "/case/application_no": "申请编号"}
MAX_ROWS = 50


@dataclass(frozen=True, slots=True)
class Column:
    """One column; ``target`` is a pointer into the CASE (``/person/name``, ``/forms/plan_d/0/goal_1``)."""

    heading: str
    target: str
    form: FormDefinition
    spec: FieldSpec
    widget: Widget
    offered: bool
    """Whether the template workbook has it."""

    @property
    def need(self) -> Literal["必填", "视情况", "可空"]:
        """Whether the field must be filled for an official print."""
        if self.spec.required != "final":
            return "可空"
        conditional = self.spec.required_when is not None or self.spec.when is not None
        inside = self.spec.pointer.count("/") > 1
        return "视情况" if conditional or inside else "必填"


@dataclass(frozen=True)
class Columns:
    """All columns of some forms, found by heading."""

    forms: tuple[FormDefinition, ...]
    all: tuple[Column, ...]
    _known: Mapping[str, Column]

    def find(self, heading: str) -> Column | None:
        """The column of a heading, whatever its width and spaces; ``第3行`` is the third row of a list."""
        plain = plain_heading(heading)
        found = self._known.get(plain)
        row = _ROW.search(plain)
        if found is not None or row is None or not 1 <= int(row[1]) <= MAX_ROWS:
            return found
        first = self._known.get(_ROW.sub("第1行", plain))
        if first is None:
            return None
        target = re.sub(r"/0/([^/]+)$", rf"/{int(row[1]) - 1}/\1", first.target)
        return replace(first, heading=heading.strip(), target=target)

    def near(self, heading: str) -> str | None:
        """The heading closest to a misspelt one."""
        # Of two characters one may be wrong: the usual threshold would find nothing.
        found = difflib.get_close_matches(plain_heading(heading), list(self._known), n=1, cutoff=0.5)
        return self._known[found[0]].heading if found else None


def plain_heading(heading: str) -> str:
    """A heading without what does not matter: width of letters, spaces, line breaks, a star."""
    narrow = unicodedata.normalize("NFKC", heading)
    return re.sub(r"[\s*]", "", narrow)


def columns(forms: Sequence[FormDefinition]) -> Columns:
    """The columns of a roster for ``forms``, facts first."""
    listed = [*_facts(forms), *(column for form in forms for column in _own(form, forms))]
    counts = Counter(plain_heading(column.heading) for column in listed)
    made: list[Column] = []
    known: dict[str, Column] = {}
    for column in listed:
        shared = counts[plain_heading(column.heading)] > 1
        qualified = f"{column.heading}（{_whose(column)}）"
        one = replace(column, heading=qualified) if shared else column
        made.append(one)
        known.setdefault(plain_heading(one.heading), one)
        known.setdefault(plain_heading(qualified), one)
    return Columns(tuple(forms), tuple(made), known)


def _whose(column: Column) -> str:
    part = pointer.split(column.target)[0]
    return _PART_WORDS.get(part, column.form.title)


def _facts(forms: Sequence[FormDefinition]) -> Iterator[Column]:
    """Facts of person, case and station, each once."""
    seen: set[str] = set()
    found: list[tuple[str, Column]] = []
    for form in forms:
        for spec in form.fields.values():
            fact = fact_of(spec)
            if fact is None or fact in seen or _kept_inside(form, spec):
                continue
            seen.add(fact)
            spread = _spread(form, spec, f"/{fact.replace('.', '/')}")
            # A fact is offered even where the form that names it could do without.
            found += [(fact, replace(one, offered=one.offered or one.spec is spec)) for one in spread]
    for part in PARTS:
        yield from (column for fact, column in found if fact.startswith(f"{part}."))


def fact_of(spec: FieldSpec) -> str | None:
    """The fact a field takes its value from (``person.name``); None for other fields."""
    if spec.prefill is None or spec.in_rows or spec.prefill in NOBODY_TYPES:
        return None
    part, _, name = _NUMBER.get(spec.prefill, spec.prefill).partition(".")
    return f"{part}.{_SHORT.get(name, name)}" if part in PARTS else None


def _kept_inside(form: FormDefinition, spec: FieldSpec) -> bool:
    """Whether a signature or a filled-on-paper group holds the field."""
    return spec.kind == "sig" or spec.on_paper is True


def _own(form: FormDefinition, forms: Sequence[FormDefinition]) -> Iterator[Column]:
    """The fields of one form that neither a fact nor another form of the roster fills."""
    others = {other.id for other in forms if other is not form}
    for spec in form.fields.values():
        if spec.parent or spec.kind == "sig" or spec.on_paper is True or spec.computed is not None:
            continue
        if fact_of(spec) is not None or spec.prefill in NOBODY_TYPES:
            continue
        if spec.prefill is not None and spec.prefill.split(".")[0] in others:
            continue
        yield from _spread(form, spec, f"/forms/{form.id}/0/{spec.name}")


def _spread(form: FormDefinition, spec: FieldSpec, target: str) -> Iterator[Column]:
    """One column for a plain field, one for each member of an object or of a list's first row."""
    widget = widget_for(form, spec)
    if not widget.groups:
        label = places.label(form, spec.pointer.replace("/*/", "/0/"))
        yield Column(_CALLED.get(target, label), target, form, spec, widget, _offered(spec))
        return
    row = widget.kind == "rows"
    base = f"{spec.pointer}/*" if row else spec.pointer
    for inner in form.fields.values():
        if inner.parent == base and inner.kind != "sig" and inner.on_paper is not True:
            yield from _spread(form, inner, f"{target}/0/{inner.name}" if row else f"{target}/{inner.name}")


def _offered(spec: FieldSpec) -> bool:
    # What is registered after signing, or neither printed nor needed, would only widen the sheet.
    return spec.required != "signed" and not (spec.unprinted is not None and spec.required is None)

"""How much of a packet nobody types: the share of answered fields that come from elsewhere.

Counted over the sound papers of a packet, each scalar answer once (an address is one answer, each cell of a
row is one).  A field counts as not typed when, left empty, it would be filled with the very same value.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from generator.forms import pointer
from generator.forms.definition import FormDefinition
from generator.packets.case import Case
from generator.packets.survey import Paper, Survey
from generator.prefill import Answers, Prefiller


@dataclass(frozen=True, slots=True)
class Share:
    """Counts of answered fields of a packet."""

    fields: int
    prefilled: int
    sources: Mapping[str, int]
    """Part of the case (person, case, station), other form, or computed → fields."""
    entered_once: int
    """Different facts of person and case that were used: somebody typed each of these once."""
    forms: Mapping[str, tuple[int, int]]
    """Form id → (fields, prefilled)."""

    @property
    def ratio(self) -> float:
        """Share of answers not typed in the papers."""
        return self.prefilled / self.fields if self.fields else 0.0

    @property
    def strict_ratio(self) -> float:
        """The same when the facts of person and case, typed once each, count as typed."""
        return (self.prefilled - self.entered_once) / self.fields if self.fields else 0.0

    def to_dict(self) -> dict[str, Any]:
        """As plain data for ``--json``."""
        return {
            "fields": self.fields,
            "prefilled": self.prefilled,
            "ratio": round(self.ratio, 4),
            "entered_once": self.entered_once,
            "strict_ratio": round(self.strict_ratio, 4),
            "sources": dict(self.sources),
            "forms": {
                form: {"fields": all_, "prefilled": known} for form, (all_, known) in self.forms.items()
            },
        }


def share_prefilled(look: Survey, case: Case, now: datetime) -> Share:
    """Count the fields of a surveyed packet."""
    prefiller = Prefiller(case, now)
    sources: Counter[str] = Counter()
    facts: set[str] = set()
    forms: dict[str, tuple[int, int]] = {}
    for paper in look.sound:
        known = _known_again(paper, prefiller)
        places = list(answered(paper.form, paper.answers))
        from_elsewhere = [known[place] for place in places if place in known]
        for source in from_elsewhere:
            sources[source.split(".")[0]] += 1
            if source.split(".")[0] in ("person", "case"):
                facts.add(source)
        fields, prefilled = forms.get(paper.form.id, (0, 0))
        forms[paper.form.id] = fields + len(places), prefilled + len(from_elsewhere)
    total = sum(fields for fields, _ in forms.values())
    return Share(total, sum(sources.values()), dict(sources), len(facts), forms)


def _known_again(paper: Paper, prefiller: Prefiller) -> Mapping[str, str]:
    """Pointer → source of every answer that prefill gives by itself, with the value the paper has."""
    if paper.sheet is not None and paper.entry.source:
        # The sheet about many people is written anyway; the person's line is taken from it.
        return dict.fromkeys(answered(paper.form, paper.answers), paper.entry.source)
    typed = without_known(paper.form, paper.answers)
    again = prefiller.fill(paper.form, typed, paper.index)
    found: dict[str, str] = {}
    for place, source in again.origins.items():
        own = list(_leaves(paper.form, place, _at(paper.answers, place)))
        found |= {leaf: source for leaf in own if _at(again.answers, leaf) == _at(paper.answers, leaf)}
    return found


def without_known(form: FormDefinition, answers: Answers) -> Answers:
    """The answers without those a source or a computation could give."""
    left: Answers = {}
    for name, value in answers.items():
        spec = form.fields.get(pointer.join([name]))
        if spec is None or not (spec.prefill or spec.computed):
            inner = (
                {
                    part: member
                    for part, member in value.items()
                    if not (known := form.fields.get(pointer.join([name, part])))
                    or not (known.prefill or known.computed)
                }
                if isinstance(value, dict)
                else value
            )
            if inner != {} or value == {}:
                left[name] = inner
    return left


def answered(form: FormDefinition, answers: Answers) -> Iterator[str]:
    """The pointer of every answer a person or the program gave; signatures are not counted."""
    for name, value in answers.items():
        yield from _leaves(form, pointer.join([name]), value)


def _leaves(form: FormDefinition, place: str, value: Any) -> Iterator[str]:
    parts = pointer.split(place)
    spec = form.fields.get(pointer.join("*" if part.isdigit() else part for part in parts))
    if spec is None or spec.kind == "sig":
        return
    if spec.kind == "object" and isinstance(value, Mapping):
        for name, member in value.items():
            yield from _leaves(form, f"{place}/{pointer.escape(name)}", member)
    elif spec.kind == "list" and isinstance(value, list) and any(isinstance(row, Mapping) for row in value):
        for index, row in enumerate(value):
            for name, member in row.items():
                yield from _leaves(form, f"{place}/{index}/{pointer.escape(name)}", member)
    else:
        yield place


def _at(answers: Answers, place: str) -> Any:
    value: Any = answers
    for name in pointer.split(place):
        if isinstance(value, list):
            value = value[int(name)] if int(name) < len(value) else None
        else:
            value = value.get(name) if isinstance(value, Mapping) else None
    return value

"""Whether a person's file has what the standards ask of it; what is missing, in words.  Pure.

The lists are data (``schemas/completeness.json``); the sections of 000 5.4.1 are those of AR2.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, Literal

from archives.calendar.months import add_months
from archives.items.lists import Item
from generator.forms.catalogue import list_forms, read_json
from generator.packets.catalogue import file_sections, packet_specs
from generator.resources import data_dir

Track = Literal["sw", "inst", "both"]
Answer = Literal["有", "缺", "不适用"]
FILE = "completeness.json"
_OF_APPLICANTS = {
    "case_note", "info_exchange", "resource_link", "incident_record", "visit_record", "satisfaction_form",
}  # fmt: skip
"""Forms of a service that are filled for applicants too."""
_SW = ("application_b", "consent_a", "preassess_c", "plan_d")
_INST = ("admission_application", "admission_assessment", "admission_agreement", "service_agreement")


@dataclass(frozen=True, slots=True)
class Held:
    """One live record of the file as completeness sees it."""

    item: Item
    facts: Mapping[str, str]
    signed: bool
    """Signed, or of a form that nobody signs."""


@dataclass(frozen=True, slots=True)
class Line:
    """One thing a list asks for."""

    title: str
    clause: str
    answer: Answer
    forms: tuple[str, ...]
    lacking: int = 0

    @property
    def sentence(self) -> str:
        """``缺少需求调查表（000 4.7.3.1）``"""
        count = f" {self.lacking} 份" if self.lacking > 1 else ""
        return f"缺少{self.title}{count}（{self.clause}）"


@dataclass(frozen=True, slots=True)
class Section:
    """One list and what became of it."""

    title: str
    clause: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Completeness:
    """The whole look at a file."""

    track: Track
    sections: tuple[Section, ...]
    drafts: tuple[Item, ...]
    unsigned: tuple[Item, ...]
    """Final records that should carry signatures and have not come home signed."""

    @property
    def missing(self) -> tuple[Line, ...]:
        """What is missing, each thing once."""
        found: dict[str, Line] = {}
        for section in self.sections:
            for line in section.lines:
                if line.answer == "缺":
                    found.setdefault(line.title, line)
        return tuple(found.values())

    @property
    def complete(self) -> bool:
        """Nothing is missing, unfinished or unsigned."""
        return not (self.missing or self.drafts or self.unsigned)


def held(items: Iterable[Item], facts: Mapping[int, Mapping[str, str]]) -> list[Held]:
    """The live records of a file, drafts too."""
    signatures = {form.id: form.signatures for form in list_forms()}
    return [
        Held(
            item, facts.get(item.id, {}),
            item.state in ("signed", "archived") or not signatures.get(item.form_id, False),
        )
        for item in items if item.live
    ]  # fmt: skip


def look(
    records: Sequence[Held],
    span: tuple[date | None, date],
    track: Track | None = None,
    *,
    case: bool = True,
) -> Completeness:
    """Compare a file with the lists; ``span``: acceptance and the day to which it counts (closing, today).

    Of an application that became no ``case`` the lists ask nothing.
    """
    done = [one for one in records if one.item.state != "draft"]
    way = track or track_of(one.item.form_id for one in done)
    sections = tuple(
        Section(raw["title"], raw["clause"], tuple(_line(raw, item, done, span) for item in raw["items"]))
        for raw in _lists()
        if case and (way == "both" or way in raw["tracks"])
    )
    drafts = tuple(one.item for one in records if one.item.state == "draft")
    unsigned = tuple(one.item for one in done if not one.signed)
    return Completeness(way, sections, drafts, unsigned)


def served(records: Iterable[Held]) -> bool:
    """Whether papers say that there was a service, so that somebody was accepted, said or not."""
    return not _of_service().isdisjoint(one.item.form_id for one in records)


@lru_cache(maxsize=1)
def _of_service() -> frozenset[str]:
    planned = {"plan_d", "rehab_plan"}
    entries = (entry for name in ("service", "closing") for entry in packet_specs()[name].entries)
    return frozenset({entry.form_id for entry in entries} | planned) - _OF_APPLICANTS


def track_of(forms: Iterable[str]) -> Track:
    """The way of a case by its papers: 个案工作, 机构康复, or both."""
    known = set(forms)
    social, inst = not known.isdisjoint(_SW), not known.isdisjoint(_INST)
    return "both" if social and inst else "inst" if inst else "sw"


def _line(
    section: Mapping[str, Any],
    item: Mapping[str, Any],
    records: Sequence[Held],
    span: tuple[date | None, date],
) -> Line:
    wanted = _wanted(item)
    there = sum(1 for one in records if any(_fits(one, test) for test in wanted))
    lacking = max(0, item.get("least", 1) - there)
    forms = tuple(dict.fromkeys(test["form"] for test in wanted))
    if lacking and not _applies(item, records, span):
        return Line(item["title"], section["clause"], "不适用", forms)
    return Line(item["title"], section["clause"], "缺" if lacking else "有", forms, lacking)


def _wanted(item: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    if "section" in item:
        return [{"form": form} for form in file_sections()[item["section"]]]
    tests: Sequence[Mapping[str, Any]] = item["any"]
    return tests


def _applies(item: Mapping[str, Any], records: Sequence[Held], span: tuple[date | None, date]) -> bool:
    if "months" in item:
        start, end = span
        return start is not None and end >= add_months(start, item["months"])
    conditions = item.get("only_if")
    return conditions is None or any(_fits(one, test) for one in records for test in conditions)


def _fits(one: Held, test: Mapping[str, Any]) -> bool:
    if one.item.form_id != test["form"]:
        return False
    if "fact" not in test:
        return True
    value = one.facts.get(test["fact"], "")
    return value == test["is"] or (value.startswith("[") and test["is"] in json.loads(value))


@lru_cache(maxsize=1)
def _lists() -> Sequence[Mapping[str, Any]]:
    found: Sequence[Mapping[str, Any]] = read_json(data_dir("schemas") / FILE)["lists"]
    return found

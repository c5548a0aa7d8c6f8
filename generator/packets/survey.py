"""What a packet of a case holds: the papers there are, those that are missing and why, those with errors.

    CASE + packet ─► prefill ─► validate at final ─► Survey

Pure: no fonts, no ids, no disk beyond the catalogue.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, NamedTuple

from generator.forms import conditions
from generator.forms.catalogue import default, load_form
from generator.forms.definition import FormDefinition
from generator.packets.case import Case, own_extract, track
from generator.packets.catalogue import Entry, PacketSpec, packet_spec, packet_specs
from generator.prefill import Answers, Origins, Prefiller, document_date, instances
from generator.validation.report import ValidationReport
from generator.validation.validate import complete


@dataclass(frozen=True, slots=True)
class Paper:
    """One document of the case: complete answers, where they came from, and what validation said."""

    entry: Entry
    form: FormDefinition
    index: int
    """Place among the case's instances of the form, from 0."""
    answers: Answers = field(repr=False)
    origins: Origins = field(repr=False)
    report: ValidationReport
    date: str = ""
    sheet: int | None = None
    """Place of the sheet about many people that the paper is this person's extract of."""

    @property
    def pointer(self) -> str:
        """Where the instance stands in the CASE."""
        if self.sheet is not None:
            return f"/site/{self.entry.source}/{self.sheet}"
        return f"/forms/{self.entry.form_id}/{self.index}"


@dataclass(frozen=True, slots=True)
class Missing:
    """A paper a complete packet would have; ``form`` is None while the catalogue has no such form."""

    entry: Entry
    form: FormDefinition | None
    reason: str
    count: int = 1


class Waived(NamedTuple):
    """A paper the case says it does not need, and why."""

    entry: Entry
    reason: str


@dataclass(frozen=True, slots=True)
class Survey:
    """A packet of a case, before anything is printed."""

    spec: PacketSpec
    case: Case = field(repr=False)
    """The case looked at; for the archive packet with the facts of the whole file."""
    track: str
    papers: tuple[Paper, ...]
    """In packet order; of one form by date."""
    missing: tuple[Missing, ...]
    waived: tuple[Waived, ...]
    too_many: tuple[Entry, ...]

    @property
    def sound(self) -> tuple[Paper, ...]:
        """The papers that may be printed as official."""
        return tuple(paper for paper in self.papers if paper.report.ok)

    @property
    def faulty(self) -> tuple[Paper, ...]:
        """The papers with error findings."""
        return tuple(paper for paper in self.papers if not paper.report.ok)


def survey(name: str, case: Case, now: datetime) -> Survey:
    """Look a packet of a (sound) case over.  Raises PacketNotFound."""
    spec = packet_spec(name)
    return _Surveyor(case, now).look(spec)


def survey_file(case: Case, now: datetime) -> tuple[Survey, ...]:
    """All packets of a case: what the person's file has and lacks."""
    surveyor = _Surveyor(case, now)
    return tuple(surveyor.look(spec) for spec in packet_specs().values())


class _Surveyor:
    def __init__(self, case: Case, now: datetime) -> None:
        self.case = case
        self.now = now
        self.track = track(case)
        self.prefiller = Prefiller(case, now)
        self.known = default()
        self.facts: dict[str, Any] = {
            "station": case["station"],
            "person": case["person"],
            "case": case["case"],
            "forms": {form_id: rows[-1] for form_id, rows in case["forms"].items() if rows},
        }

    def look(self, spec: PacketSpec) -> Survey:
        papers: list[Paper] = []
        missing: list[Missing] = []
        waived: list[Waived] = []
        too_many: list[Entry] = []
        for entry in spec.entries:
            found = list(self._papers(entry))
            papers += found
            if entry.most is not None and len(found) > entry.most:
                too_many.append(entry)
            lacking = entry.least - len(found)
            if lacking > 0 and self._belongs(entry):
                reason = self.case["case"].get("not_applicable", {}).get(entry.form_id)
                if reason:
                    waived.append(Waived(entry, reason))
                else:
                    missing.append(self._missing(entry, lacking))
        return Survey(
            spec, self.case, self.track, tuple(papers), tuple(missing), tuple(waived), tuple(too_many)
        )

    def _papers(self, entry: Entry) -> Iterator[Paper]:
        if entry.form_id not in self.known:
            return
        form = load_form(entry.form_id)
        given = instances(self.case, entry.form_id)
        found = [self._paper(entry, form, index, answers) for index, answers in enumerate(given)]
        extracts = self._extracts(entry, given)
        for index, (sheet, answers) in enumerate(extracts, start=len(given)):
            found.append(replace(self._paper(entry, form, index, answers), sheet=sheet))
        # Papers without a date keep their place after those that have one.
        yield from sorted(found, key=lambda paper: (paper.date or "9999", paper.index))

    def _extracts(self, entry: Entry, given: list[Mapping[str, Any]]) -> list[tuple[int, Mapping[str, Any]]]:
        """This person's line of each sheet about many people, with the sheet's place.

        A sheet without the person gives nothing, nor does one whose extract is among the ``given`` already.
        """
        known = [answers["activity_no"] for answers in given if "activity_no" in answers]
        sheets = self.case.get("site", {}).get(entry.source, []) if entry.source else []
        found = [(place, own_extract(self.case, sheet)) for place, sheet in enumerate(sheets)]
        return [(place, made) for place, made in found if made and made.get("activity_no") not in known]

    def _paper(self, entry: Entry, form: FormDefinition, index: int, given: Mapping[str, Any]) -> Paper:
        filled = self.prefiller.fill(form, given, index)
        done = complete(form, filled.answers, "final", self.now)
        day = document_date(form, done.data)[:10]
        return Paper(entry, form, index, done.data, filled.origins, done.report, day)

    def _belongs(self, entry: Entry) -> bool:
        """Whether a complete packet of this case has the paper."""
        if self.track != "both" and self.track not in entry.tracks:
            return False
        if any(instances(self.case, other) for other in entry.instead):
            return False
        if entry.when is None:
            return True
        return conditions.predicate(conditions.parse(entry.when))(self.facts, self.facts)

    def _missing(self, entry: Entry, count: int) -> Missing:
        form = load_form(entry.form_id) if entry.form_id in self.known else None
        clause = f"（{entry.clause}）" if entry.clause else ""
        return Missing(entry, form, f"{entry.why}{clause}", count)


def header_only(paper: Missing | Paper, case: Case, now: datetime) -> Answers:
    """The person's header of a blank to fill by hand: what person, case and station say of it."""
    form = paper.form
    if form is None:
        return {}
    filled = Prefiller({**case, "forms": {}}, now).fill(form, {}, len(instances(case, form.id)))
    known = {place for place, source in filled.origins.items() if source.split(".")[0] in ("person", "case")}
    # A blank without anybody's header stays one: who the station is goes only beside a person.
    station = {place for place in filled.origins if form.fields[place].says_who_the_station_is}
    shown = known | station if known else known
    return {name: value for name, value in filled.answers.items() if f"/{name}" in shown}

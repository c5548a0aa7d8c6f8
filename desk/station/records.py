"""Entering and correcting records: the way from a data file to a record of a file.

answers ─► prefill ─► validate ─► same person? ─► Content ─► add_record / revise (one act)
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from archives.archive import Unit
from archives.errors import AlreadyThere, InputRefused
from archives.items.lists import (
    contents_in,
    count_of_form,
    find_record,
    items_of,
    last_content,
    replace_earlier,
    set_event,
    with_fact,
)
from archives.items.records import (
    RecordFacts,
    add_record,
    history,
    read_record,
    record_facts,
    revise,
    void,
)
from archives.people.files import FileFacts, file_facts, find_file
from archives.people.series import series_file, series_there
from desk.station.alike import said_alike
from desk.station.casework import bring_application, case_of, require_same_person, whose
from desk.station.content import (
    SESSION,
    content_of,
    document_day,
    facts_of,
    names_persons,
    only_of_site,
    require_placed,
    series_of,
    triggers,
)
from desk.station.opening import OpenStation
from desk.station.print_facts import print_facts
from desk.station.providers import Wanted, provided
from desk.station.standing import RUNNING, part_of
from generator.forms.catalogue import load_form
from generator.forms.definition import FormDefinition
from generator.prefill import Prefiller
from generator.validation.validate import complete

if TYPE_CHECKING:
    from archives.log.purposes import Purpose
    from generator.validation.report import ValidationReport

_SCORED = "psychosocial_assessment"
LAST_SCORES: Final = frozenset(
    ("assess_date", "kd_total", "sdss_total", "adl_total", "whodas_total", "mrss_total", "ipros_total")
)
"""What of an earlier episode a new one takes over: the totals and their day, no answer."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a record goes: into a file, or into a site series whose year its own date says."""

    file: FileFacts | None = None
    series: str | None = None


@dataclass(frozen=True, slots=True)
class Entered:
    """What came of entering a record; ``record`` is None when findings kept it out."""

    report: ValidationReport
    record: RecordFacts | None = None
    filled: tuple[tuple[str, str], ...] = ()
    """(label, source) of each field that nobody typed; the source is ``computed`` for what follows."""
    replaced: tuple[int, ...] = ()
    """Earlier editions that this one replaces."""
    alike: tuple[str, ...] = ()
    """Sentences: papers already there that may be the same one."""


@dataclass(frozen=True, slots=True)
class _Checked:
    answers: Mapping[str, Any] = field(repr=False)
    report: ValidationReport
    filled: tuple[tuple[str, str], ...]


def place_of(station: OpenStation, form_id: str, number: str | None) -> Place:
    """The file of that number, or without one the site series of the form; asks whether this may be.

    Raises InputRefused, AccessDenied, StateForbids, NotFound.
    """
    why = only_of_site(form_id)
    if number is None:
        series = series_of(form_id)
        if series is None:
            raise InputRefused("这种表单归入个人档案，请用 --person 指明档案。")
        station.allow("series.write")
        return Place(series=series)
    if why is not None:
        raise InputRefused(f"{why}。", hint="请去掉 --person，改用 --site 归入站点档案。")
    with station.archive.looking(station.actor) as unit:
        file = find_file(unit, number)
    station.allow(_writing(file), file=file.id, part=RUNNING)
    return Place(file)


def _writing(file: FileFacts) -> str:
    return "series.write" if file.kind == "series" else "record.write"


# --- entering ---------------------------------------------------------------------------------------------


def enter(
    station: OpenStation, form_id: str, given: Mapping[str, Any], place: Place, *, draft: bool = False,
    again: Callable[[tuple[str, ...]], bool] = lambda _: True,
) -> Entered:  # fmt: skip
    """Put a filled form into its file, if it is sound at its level.

    ``again`` is asked when what is there looks like the same paper; without its leave nothing is kept.
    Raises InputRefused (another person's, no date for a series), AlreadyThere (number used), StateForbids.
    """
    form = load_form(form_id)
    checked = checked_answers(station, form, given, place.file, draft=draft)
    if checked.report.errors:
        return Entered(checked.report)
    require_placed(form, checked.answers, of_person=place.file is not None and place.file.kind == "person")
    alike = _alike(station, form, checked.answers, place)
    if alike and not again(alike):
        return Entered(checked.report, alike=alike)
    with station.acting("record.add") as unit:
        file = place.file or _series(unit, form, checked.answers, place.series or "")
        content = content_of(
            form, checked.answers, "draft" if draft else "final",
            number=count_of_form(unit, file.id, form.id) + 1,
        )  # fmt: skip
        _refuse_same_session(unit, file.id, form, content.facts, None)
        bring_application(unit, file, content.facts)
        record = add_record(unit, file.id, content)
        replaced = _replace(unit, file, form, record, content.document_date)
        return Entered(checked.report, record_facts(unit, record), checked.filled, replaced, alike)


def _alike(
    station: OpenStation, form: FormDefinition, answers: Mapping[str, Any], place: Place
) -> tuple[str, ...]:
    day = document_day(form, answers)
    with station.archive.looking(station.actor) as unit:
        file = place.file
        if file is None and day is not None:
            file = series_there(unit, place.series or "", day.year)
        if file is None:
            return ()
        return said_alike(unit, file, form, facts_of(form, answers), day)


def checked_answers(
    station: OpenStation,
    form: FormDefinition,
    given: Mapping[str, Any],
    file: FileFacts | None,
    *,
    draft: bool,
    day: date | None = None,
) -> _Checked:
    """The answers with what is known filled in, and every finding at the level they are entered at.

    ``day``: of a paper that has no date of its own.
    """
    now = station.archive.now()
    with station.archive.looking(station.actor) as unit:
        case = _case(unit, station, file, form, document_day(form, given) or now.date())
        filled = Prefiller(case, now).fill(form, given)
        if file is not None:
            require_same_person(
                unit, form, filled.answers, whose(unit, file), document_day(form, filled.answers) or day
            )
    done = complete(form, filled.answers, "draft" if draft else "final", now)
    named = tuple((form.fields[place].label, source) for place, source in filled.origins.items())
    return _Checked(done.data, done.report, named)


def _case(
    unit: Unit, station: OpenStation, file: FileFacts | None, form: FormDefinition, day: date
) -> dict[str, Any]:
    """What is known of the case, with the file's own papers that this form takes answers from.

    A site's paper knows the station and the next number of its kind.
    """
    own = file if file is not None and file.kind == "person" else None
    numbers = provided(Wanted(unit, own, form, day))
    if file is None:
        facts = print_facts(station.layout, unit.archive.station)
        return {"station": facts, "person": {}, "case": numbers, "forms": {}, "site": {}}
    case = case_of(unit, file, station.layout)
    case["case"] |= numbers
    for form_id, raw in contents_in(unit, file.id, _sources(form)):
        case["forms"].setdefault(form_id, []).append(json.loads(raw))
    if _SCORED in _sources(form) and _SCORED not in case["forms"]:
        case["forms"] |= _last_scores(unit, file.id)
    return case


def _last_scores(unit: Unit, file_id: int) -> dict[str, list[dict[str, Any]]]:
    """The scores of the last assessment of earlier episodes: all that leaves a closed volume by prefill."""
    raw = last_content(unit, file_id, _SCORED)
    told = {} if raw is None else json.loads(raw)
    scores = {name: value for name, value in told.items() if name in LAST_SCORES}
    return {_SCORED: [scores]} if scores else {}


def _sources(form: FormDefinition) -> frozenset[str]:
    """The forms whose answers this one takes over."""
    heads = [(spec.prefill or "").partition(".") for spec in form.fields.values()]
    found = {head for head, _, _ in heads if head not in ("", "person", "case", "station")}
    if any(head == "case" and name.startswith("baseline_") for head, _, name in heads):
        found.add(_SCORED)
    return frozenset(found - {form.id})


def _series(unit: Unit, form: FormDefinition, answers: Mapping[str, Any], series: str) -> FileFacts:
    day = document_day(form, answers)
    if day is None:
        raise InputRefused(f"《{form.title}》没有日期，分不清归入哪一年的站点档案。", hint="请先填写日期。")
    return series_file(unit, series, day.year)


def _refuse_same_session(
    unit: Unit, file_id: int, form: FormDefinition, facts: Mapping[str, str], own: int | None
) -> None:
    session = facts.get(SESSION)
    if session is None:
        return
    others = [one for one in with_fact(unit, file_id, form.id, SESSION, session) if one != own]
    if others:
        number = record_facts(unit, others[0]).ref_code or f"#{others[0]}"
        raise AlreadyThere(
            f"《{form.title}》第 {session} 次已有记录（{number}）。", hint="请核对次数，或更正已有的那一件。"
        )


def _replace(
    unit: Unit, file: FileFacts, form: FormDefinition, record: int, day: date | None
) -> tuple[int, ...]:
    """A newer edition starts the period of the earlier ones (站点登记、应急预案 …)."""
    if "replaced" not in triggers(form.id) or day is None or file.kind != "series" or file.series is None:
        return ()
    with_earlier = [series_file(unit, file.series, year).id for year in range(day.year - 1, day.year + 1)]
    return tuple(replace_earlier(unit, with_earlier, form.id, record, day))


def correct(
    station: OpenStation, number: str, given: Mapping[str, Any], reason: str | None, *, draft: bool = False
) -> Entered:
    """Append a revision with the whole answers; what was final needs the reason, and new signatures.

    Raises InputRefused, StateForbids, AccessDenied, NotFound.
    """
    before, file = found(station, number)
    station.allow(_writing(file), file=file.id, part=part_of(before))
    form = load_form(before.form_id)
    own = file if file.kind == "person" else None
    checked = checked_answers(station, form, given, own, draft=draft, day=before.document_date)
    if checked.report.errors:
        return Entered(checked.report)
    require_placed(form, checked.answers, of_person=own is not None)
    with station.acting("record.revise") as unit:
        told = items_of(unit, file.id)
        place = [item.id for item in told if item.form_id == form.id and item.state != "void"]
        content = content_of(
            form, checked.answers, "draft" if draft else "final",
            number=place.index(before.id) + 1 if before.id in place else 1,
        )  # fmt: skip
        _refuse_same_session(unit, file.id, form, content.facts, before.id)
        revise(unit, before.id, content, reason)
        return Entered(checked.report, record_facts(unit, before.id), checked.filled)


# --- reading ----------------------------------------------------------------------------------------------


def found(station: OpenStation, number: str) -> tuple[RecordFacts, FileFacts]:
    """The record of that 档号 or ``#id`` and its file, before anything is asked or told.  Raises NotFound."""
    with station.archive.looking(station.actor) as unit:
        record = find_record(unit, number)
        return record, file_facts(unit, record.file)


def reading(file: FileFacts) -> str:
    """The act of looking at what a file holds, without opening any of it."""
    return "series.read" if file.kind == "series" else "file.open"


def opening(file: FileFacts, record: RecordFacts | None) -> str:
    """The act of opening a record of a file, or a paper of it (``record`` None: filed to the file alone)."""
    if file.kind == "series" and (record is None or names_persons(record.form_id)):
        return "series.names"
    return reading(file)


def allow_opening(
    station: OpenStation, file: FileFacts, record: RecordFacts, purpose: Purpose | None
) -> None:
    """Go on only if this person may open the record.  Raises AccessDenied, PurposeNeeded, StateForbids."""
    station.allow(opening(file, record), file=file.id, purpose=purpose, part=part_of(record))


def read(
    station: OpenStation, number: str, *, revision: int | None = None, purpose: Purpose | None = None
) -> tuple[RecordFacts, int, dict[str, Any]]:
    """(facts, form version, answers); the reading is on the log before they are told.

    Raises AccessDenied, PurposeNeeded, StateForbids, NotFound, ItemUnreadable.
    """
    record, file = found(station, number)
    allow_opening(station, file, record, purpose)
    with station.acting("record.read") as unit:
        facts, version, plain = read_record(unit, record.id, revision=revision, purpose=purpose)
    return facts, version, json.loads(plain)


@dataclass(frozen=True, slots=True)
class Step:
    """One revision of a record."""

    number: int
    at: str
    by: int
    state: str
    reason: str | None


def read_history(station: OpenStation, number: str, purpose: Purpose | None = None) -> list[Step]:
    """All revisions of a record, oldest first; the reading is on the log.  Raises as ``read``."""
    record, file = found(station, number)
    allow_opening(station, file, record, purpose)
    with station.acting("record.history") as unit:
        steps = [Step(*row) for row in history(unit, record.id)]
        unit.log(
            "record.read", f"record:{record.id}", chain=file.id, purpose=purpose,
            detail={"kind": "history", "count": len(steps)},
        )  # fmt: skip
    return steps


# --- ending, marking --------------------------------------------------------------------------------------


def make_void(station: OpenStation, number: str, reason: str) -> RecordFacts:
    """End a record that was a mistake.  Raises AccessDenied, StateForbids, NotFound."""
    record, file = found(station, number)
    station.allow(_writing(file), file=file.id, part=part_of(record))
    with station.acting("record.void") as unit:
        void(unit, record.id, reason)
        return record_facts(unit, record.id)


def note_event(station: OpenStation, number: str, event: str, on: date) -> None:
    """Note from which day the period of one record runs.  Raises AccessDenied, InputRefused, NotFound."""
    record, file = found(station, number)
    station.allow("record.event", file=file.id)
    with station.acting("record.event") as unit:
        if on > unit.today:
            raise InputRefused("日期不能晚于今天。", hint="到那一天再登记。")
        set_event(unit, record.id, event, on)

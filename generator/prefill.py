"""Prefill: what a form's fields take from what is already known, so that nobody types anything twice.

A field declares its source with ``x-prefill``:

    person.<name>      the person                       case.<name>   the case and its dates
    station.<name>     the station                      <form_id>.<field>   another form's latest instance

Computed fields are filled too.  Nothing given is ever overwritten, a field that does not apply is left alone,
and a value that does not fit its field is left out.  A CASE is ``{"station", "person", "case", "forms"}``
(docs/packets.md); reading it from a file is ``packets.case``'s.  No clock, no disk beyond the catalogue.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from generator.derived import DERIVED, Asking
from generator.errors import FormNotFound
from generator.forms import conditions, pointer
from generator.forms.catalogue import load_form
from generator.forms.definition import FieldSpec, FormDefinition
from generator.forms.function_kinds import as_date
from generator.packets.fitting import fitted
from generator.validation.validate import Completed, complete

Answers = dict[str, Any]
Case = Mapping[str, Any]
Origins = dict[str, str]
COMPUTED = "computed"

ALIASES = {"name": "client_name", "address": "live_address"}
"""A person's facts that forms call otherwise; a case may use either name."""

_ROOTS = ("station", "person", "case")
_MISSING: Any = object()


def prefill(
    form: FormDefinition,
    case: Case,
    now: datetime,
    given: Mapping[str, Any] | None = None,
    *,
    index: int | None = None,
) -> tuple[Answers, Origins]:
    """Answers of one instance of ``form``: ``given`` and all that is known; and where each came from.

    ``origins`` maps the pointer of every filled field to its source (``person.name``, ``computed``).
    ``index`` is the instance's place among the case's instances of the form (default: a new one after them).
    """
    filled = Prefiller(case, now).fill(form, given or {}, index)
    return filled.answers, filled.origins


class Prefilled(NamedTuple):
    """The answers, where the filled ones came from, and what validation said at the level asked for."""

    answers: Answers
    origins: Origins


class Prefiller:
    """Prefills the forms of one case; keeps what it found for forms that copy from each other."""

    def __init__(self, case: Case, now: datetime, load: Callable[[str], FormDefinition] = load_form) -> None:
        self._case = case
        self._now = now
        self._load = load
        self._instances: dict[tuple[str, int], Answers] = {}
        self._busy: set[tuple[str, int]] = set()

    def fill(self, form: FormDefinition, given: Mapping[str, Any], index: int | None = None) -> Prefilled:
        """See ``prefill``."""
        place = len(instances(self._case, form.id)) if index is None else index
        known: Answers = copy.deepcopy(dict(given))
        origins: Origins = {}
        # What was filled once is not filled again: validation takes blank texts away and what is wrong, and
        # the round that put them back would never be the last.
        closed = {spec.pointer for spec in form.fields.values() if _is_given(known, spec.pointer)}
        answers, computed = known, Origins()
        # What is filled can make further fields apply: each round but the last closes at least one field.
        for _ in range(len(form.fields) + 1):
            found = self._round(form, known, answers, closed, place)
            closed.update(found)
            origins.update(found)
            before = answers
            answers, wrong, computed = self._checked(form, known, origins)
            for bad in wrong:
                _remove(known, pointer.split(bad))
                del origins[bad]
            if not found and not wrong and answers == before:
                break
        return Prefilled(answers, {**origins, **computed})

    def _checked(
        self, form: FormDefinition, known: Answers, origins: Origins
    ) -> tuple[Answers, set[str], Origins]:
        """The answers with what follows from them; the filled ones that are wrong; the computed ones.

        Computed values are made anew from ``known`` each time and a wrong one is left out, never refused: it
        says that an answer it comes from is wrong, and validation tells of both where the answers are used.
        """
        done = complete(form, known, "draft", self._now)
        computed = dict.fromkeys(done.report.computed, COMPUTED)
        wrong = _wrong(done, {**origins, **computed})
        for bad in wrong:
            _remove(done.data, pointer.split(bad))
        right = {place: source for place, source in computed.items() if place not in wrong}
        return done.data, wrong - set(computed), right

    def _round(
        self, form: FormDefinition, known: Answers, answers: Answers, closed: set[str], index: int
    ) -> Origins:
        """Fill into ``known`` every empty field whose source is known; pointer → source.

        ``answers`` are the known ones with those that follow from them: they decide which fields apply.
        """
        found: Origins = {}
        others = self._said_otherwise(form, answers, index)
        for spec in form.fields.values():
            if not spec.prefill or spec.in_rows or spec.pointer in closed or spec.parent in closed:
                continue
            if _whole(spec.prefill) in others:
                continue
            if _is_given(answers, spec.pointer) or not _applies(form, spec, answers):
                continue
            value = fitted(form, spec, self._known(spec.prefill, form.id, index))
            if value not in (None, "", [], {}) and _put(known, pointer.split(spec.pointer), value):
                _put(answers, pointer.split(spec.pointer), value)
                found[spec.pointer] = spec.prefill
        return found

    def _said_otherwise(self, form: FormDefinition, answers: Answers, index: int) -> set[str]:
        """Facts of several parts (an assessor's name, post, unit) of which the answers give one differently.

        The other parts are then left to the person: another assessor has another post and unit.
        """
        return {
            whole
            for spec in form.fields.values()
            if (whole := _whole(spec.prefill)) and not spec.in_rows and _is_given(answers, spec.pointer)
            if _reach(answers, pointer.split(spec.pointer))
            != fitted(form, spec, self._known(spec.prefill or "", form.id, index))
        }

    def _known(self, source: str, form_id: str, index: int) -> Any:
        """The value of a source for instance ``index`` of ``form_id``; None when nothing is known."""
        head, *path = source.split(".")
        if head in _ROOTS:
            value = _fact(self._case.get(head), path)
            return self._derived(source, form_id, index) if value is None else value
        return _reach(self._latest(head, index if head == form_id else None), path)

    def _derived(self, source: str, form_id: str, index: int) -> Any:
        """What a source follows to be from the rest of the case; None for sources that do not."""
        derive = DERIVED.get(source)
        if derive is None:
            return None
        given = instances(self._case, form_id)[:index]
        return derive(Asking(self._case, form_id, index, given, self._filled))

    def _latest(self, form_id: str, before: int | None) -> Mapping[str, Any] | None:
        """The latest instance of a form, itself prefilled; None while there is none."""
        found = self._by_date(form_id, before)
        return self._instance(form_id, found[-1]) if found else None

    def _filled(self, form_id: str) -> list[Mapping[str, Any]]:
        """The instances of a form by date, each itself prefilled."""
        return [self._instance(form_id, at) for at in self._by_date(form_id)]

    def _by_date(self, form_id: str, before: int | None = None) -> list[int]:
        """The places of the instances of a form, by date; of a form that does not exist as they stand."""
        known = instances(self._case, form_id)[:before]
        places = range(len(known))
        if not known:
            return []
        try:
            form = self._load(form_id)
        except FormNotFound:
            return list(places)
        return sorted(places, key=lambda at: (document_date(form, known[at]), at))

    def _instance(self, form_id: str, at: int) -> Mapping[str, Any]:
        """An instance, itself prefilled; as it is written where forms copy from each other in a circle."""
        try:
            form = self._load(form_id)
        except FormNotFound:
            return instances(self._case, form_id)[at]
        if (form_id, at) not in self._instances and _copies_itself(form):
            # Each copies from the one before it: the first ones first, or a long row of them nests too deep.
            for earlier in range(at):
                self._kept(form, earlier)
        return self._kept(form, at)

    def _kept(self, form: FormDefinition, at: int) -> Mapping[str, Any]:
        given, key = instances(self._case, form.id)[at], (form.id, at)
        if key in self._busy:
            return given
        if key not in self._instances:
            self._busy.add(key)
            try:
                self._instances[key] = self.fill(form, given, at).answers
            finally:
                self._busy.discard(key)
        return self._instances[key]


@lru_cache(maxsize=256)
def _copies_itself(form: FormDefinition) -> bool:
    return any((spec.prefill or "").startswith(f"{form.id}.") for spec in form.fields.values())


def instances(case: Case, form_id: str) -> list[Mapping[str, Any]]:
    """The instances of a form in a case; a single object stands for a list of one."""
    forms = case.get("forms")
    found = forms.get(form_id, []) if isinstance(forms, Mapping) else []
    listed = found if isinstance(found, list) else [found]
    return [item for item in listed if isinstance(item, Mapping)]


def document_date(form: FormDefinition, answers: Mapping[str, Any]) -> str:
    """The day an instance is about; empty while it is not known.  ISO dates as text sort like days.

    The field the index calls the form's date; without one the first date that is neither known beforehand nor
    written by hand; without that the day of the last signature.
    """
    for spec in _day_fields(form):
        value = answers.get(spec.name)
        if as_date(value):
            return str(value)
    signed = [
        _reach(answers.get(spec.name), ("date",)) for spec in form.fields.values() if spec.kind == "sig"
    ]
    return max((str(day) for day in signed if as_date(day)), default="")


_DAY_FACTS = ("form_date", "service_time", "application_date", "occurred_at", "agreement_start")
_NOT_THE_DAY = frozenset({"birth_date", "first_onset", "diag_date", "disability_date"})


@lru_cache(maxsize=256)
def _day_fields(form: FormDefinition) -> tuple[FieldSpec, ...]:
    top = [
        spec
        for spec in form.fields.values()
        if spec.pointer.count("/") == 1
        and spec.kind in ("date", "datetime")
        and spec.name not in _NOT_THE_DAY
    ]
    facts = [spec for fact in _DAY_FACTS for spec in top if spec.index == fact]
    return tuple(facts) or tuple(spec for spec in top if not spec.prefill and spec.on_paper is not True)


# --- answers as a tree ------------------------------------------------------------------------------------


def _wrong(done: Completed, origins: Mapping[str, str]) -> set[str]:
    """Filled fields that validation refuses even in a draft."""
    places = {problem.path for problem in done.report.errors}
    return {filled for filled in origins if any(_inside(place, filled) for place in places)}


def _inside(place: str, field: str) -> bool:
    return place == field or place.startswith(field + "/")


def _applies(form: FormDefinition, spec: FieldSpec, answers: Answers) -> bool:
    """Whether the field and every object around it apply."""
    return all(holds(answers, answers) for holds in _predicates(form, spec.pointer))


@lru_cache(maxsize=4096)
def _predicates(form: FormDefinition, place: str) -> tuple[conditions.Predicate, ...]:
    parts = pointer.split(place)
    around = [form.fields[pointer.join(parts[: length + 1])] for length in range(len(parts))]
    return tuple(
        conditions.predicate(condition) for spec in around if (condition := form.applies(spec)) is not None
    )


def _is_given(answers: Mapping[str, Any], place: str) -> bool:
    value: Any = answers
    for name in pointer.split(place):
        value = value.get(name, _MISSING) if isinstance(value, Mapping) else _MISSING
        if value is _MISSING:
            return False
    return value is not None and value not in ("", [], {})


def _fact(facts: Any, path: Sequence[str]) -> Any:
    """A fact by its name or the other name it goes by."""
    value = _reach(facts, path)
    return value if value is not None else _reach(facts, [_OTHER_NAME.get(path[0], path[0]), *path[1:]])


def _whole(source: str | None) -> str:
    """``station.risk_assessor`` of ``station.risk_assessor.unit``; empty for facts of one part."""
    head, _, part = (source or "").rpartition(".")
    return head if part and "." in head and head.split(".")[0] in _ROOTS else ""


_OTHER_NAME = {**ALIASES, **{long: short for short, long in ALIASES.items()}}


def _reach(value: Any, path: Sequence[str]) -> Any:
    for name in path:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def _put(answers: Answers, path: tuple[str, ...], value: Any) -> bool:
    here: Any = answers
    for name in path[:-1]:
        here = here.setdefault(name, {})
        if not isinstance(here, dict):
            return False
    here[path[-1]] = value
    return True


def _remove(answers: Answers, path: tuple[str, ...]) -> None:
    here: Any = answers
    for name in path[:-1]:
        here = here.get(name) if isinstance(here, dict) else None
    if isinstance(here, dict):
        here.pop(path[-1], None)

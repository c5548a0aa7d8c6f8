"""Checking one answer at once, with the sentences of validation; and what stands open at the end."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from desk.entry.answers import MISSING, get
from generator.forms import pointer
from generator.forms.definition import FormDefinition, Level
from generator.validation import messages, text_rules
from generator.validation.report import Problem, ValidationReport
from generator.validation.validate import validate


def unfit(form: FormDefinition, place: str, value: Any) -> Problem | None:
    """Why a text may not be kept at all (invisible or broken characters); None when it may."""
    path = pointer.split(place)
    for blemish in text_rules.blemishes(value, path):
        return messages.text(form, blemish)
    return None


def report(form: FormDefinition, answers: Mapping[str, Any], level: Level, now: datetime) -> ValidationReport:
    """What validation says of the answers, hidden ones left out of account."""
    return validate(form, answers, level, now, drop_hidden=True)


def at(found: Iterable[Problem], place: str, *, group: bool) -> list[Problem]:
    """The problems of one question: at its place, or for a group also inside it."""
    inside = f"{place}/"
    return [
        problem
        for problem in found
        if problem.path == place or (group and problem.path.startswith(inside)) or _missing(problem, place)
    ]


def _missing(problem: Problem, place: str) -> bool:
    """A group that is not there at all is reported at the group; its first field is where it is asked."""
    return problem.keyword == "required" and place.startswith(f"{problem.path}/")


def elsewhere(
    before: ValidationReport, after: ValidationReport, answers: Mapping[str, Any], place: str
) -> list[Problem]:
    """Problems an answer brought about at other answers already given."""
    known = {(problem.path, problem.message) for problem in before.problems}
    return [
        problem
        for problem in after.problems
        if (problem.path, problem.message) not in known
        and problem.keyword != "required"
        and problem.path != place
        and not place.startswith(f"{problem.path}/")
        and get(answers, problem.path) is not MISSING
    ]

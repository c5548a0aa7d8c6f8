"""Validating answers: all problems at once, in form order, at one of three levels.

    validate   answers → ValidationReport          complete   answers → answers to print, and the report

Neither changes its input; neither reads a clock (``now`` is a parameter).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from typing import Any, NamedTuple

from generator.forms.definition import FormDefinition, Level
from generator.validation import messages, places, rules, text_rules
from generator.validation.plan import Plan, plan
from generator.validation.report import Problem, ValidationReport
from generator.validation.translate import schema_problems

# China has one zone without summer time; a fixed offset needs no zone database on the computer.
CHINA = timezone(timedelta(hours=8))

_FINE = ValidationReport()


class Completed(NamedTuple):
    """Answers ready for the print context: blanks gone, computed fields filled; and what was found."""

    data: dict[str, Any]
    report: ValidationReport


def validate(
    form: FormDefinition, data: Mapping[str, Any], level: Level, now: datetime, drop_hidden: bool = False
) -> ValidationReport:
    """Everything wrong with ``data`` at ``level``; ``now`` decides what lies in the future.

    With ``drop_hidden`` answers whose condition no longer holds are left out of account and listed in
    ``dropped``; without it each is an error (at ``final`` and ``signed``).
    """
    return complete(form, data, level, now, drop_hidden).report


def complete(
    form: FormDefinition, data: Mapping[str, Any], level: Level, now: datetime, drop_hidden: bool = False
) -> Completed:
    """Validate, and return the answers as they would be printed.

    Blank texts and empty lists are left out, computed fields are filled in where their inputs are there, and
    with ``drop_hidden`` hidden answers are taken away (never one whose controlling field is itself in doubt).
    """
    prepared = plan(form, level)
    scan = text_rules.scan(data)
    answers: dict[str, Any] = text_rules.pruned(data) if scan.blanks else dict(data)
    dropped: list[str] = []
    if drop_hidden:
        answers, dropped = rules.without_hidden(prepared, answers)
    filled = rules.fill(prepared, answers) if prepared.computed else {}
    problems = _problems(prepared, answers if scan.clean else text_rules.encodable(answers), local(now))
    if not scan.clean:
        problems += [messages.text(form, blemish) for blemish in text_rules.blemishes(data)]
    if scan.floats:
        problems += rules.decimal_integers(prepared, answers)
    if not problems and not filled and not dropped:
        return Completed(answers, _FINE)
    return Completed(answers, ValidationReport(_ordered(form, problems), filled, tuple(dropped)))


def local(now: datetime) -> datetime:
    """The station's wall clock; a datetime without zone is taken to be that already."""
    return now if now.tzinfo is None else now.astimezone(CHINA).replace(tzinfo=None)


def _problems(prepared: Plan, answers: Mapping[str, Any], now: datetime) -> list[Problem]:
    found: list[Problem] = []
    if not prepared.validator.is_valid(answers):
        found = schema_problems(prepared, answers)
    broken = {problem.path for problem in found}
    # A rule about a field that is not even well formed would only repeat the complaint.
    found += [problem for problem in rules.check(prepared, answers, now) if problem.path not in broken]
    return found


def _ordered(form: FormDefinition, problems: list[Problem]) -> tuple[Problem, ...]:
    unique = {(problem.path, problem.keyword, problem.message): problem for problem in problems}
    return tuple(sorted(unique.values(), key=lambda problem: places.rank(form, problem.path)))

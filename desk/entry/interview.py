"""The interview: which question is asked, and what one typed line does to it.

A state machine without screen, clock or file: ``take`` reads a line and says what to show.  The whole state
is form, level, answers, position, origins, lines being typed: what a draft keeps.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from desk.entry import checking, jumping, wording
from desk.entry.answers import MISSING, Answers, get, put, remove
from desk.entry.commands import Command, command_of, literal
from desk.entry.moving import empty_group, named_is_done, row_of, within, without_empty_rows
from desk.entry.questions import Question, questions
from desk.entry.state import Reply, State
from generator.forms.definition import FormDefinition, Level
from generator.validation import rules
from generator.validation.plan import plan
from generator.validation.report import ValidationReport
from generator.validation.validate import Completed, complete


class Interview:
    """One form being filled."""

    def __init__(self, form: FormDefinition, level: Level, state: State, *, begin: bool = True) -> None:
        self.form = form
        self.level: Level = level
        self.state = state
        self._kept: str | None = None
        self._all: tuple[Answers, list[Question]] | None = None
        self._recompute()
        if begin and state.position is None and not state.reviewing:
            self._go(0)

    # --- looking ------------------------------------------------------------------------------------------

    def everything(self) -> list[Question]:
        """All questions that apply to the answers so far, rare ones too."""
        if self._all is None or self._all[0] is not self.state.answers:
            # Answers are replaced, never changed in place, so the same object asks the same questions.
            self._all = (self.state.answers, questions(self.form, self.state.answers, self.level))
        return self._all[1]

    def asked(self) -> list[Question]:
        """The questions gone through: without the rare ones that are empty and were not named."""
        place = self.state.position
        return [
            one
            for one in self.everything()
            if not one.rare or one.pointer == place or self.value(one) is not MISSING
        ]

    def shown(self) -> list[Question]:
        """The questions that have a number."""
        return [one for one in self.asked() if not one.rare]

    def question(self) -> Question | None:
        """The question being asked; None when none is left."""
        place = self.state.position
        return next((one for one in self.asked() if one.pointer == place), None)

    def value(self, question: Question) -> Any:
        """The present answer, or ``MISSING``."""
        return get(self.state.answers, question.pointer)

    def result(self, now: datetime) -> Completed:
        """The answers as they would be saved, and what is wrong with them."""
        return complete(self.form, without_empty_rows(self.state.answers), self.level, now, drop_hidden=True)

    # --- one line -----------------------------------------------------------------------------------------

    def take(self, text: str, now: datetime) -> Reply:
        """Read one typed line at the present question."""
        question = self.question()
        if question is None:
            raise ValueError("no question is open")
        if self.state.lines:
            return self._line(question, text, now)
        command = command_of(text)
        if command is not None:
            return self._command(command, question, now)
        word = jumping.named(text)
        if word is not None:
            return self._jump(word, question)
        number = jumping.only_a_number(question, text, len(self.shown()))
        if number is not None:
            return Reply((number,))
        kind = question.widget.kind
        if kind not in ("rows", "items") and not text.strip():
            return self._accept(question, now)
        by_kind = {
            "rows": self._rows, "items": self._items, "section": self._open, "long": self._begin_long,
        }  # fmt: skip
        return by_kind.get(kind, self._plain)(question, text, now)

    def edited(self, text: str, now: datetime) -> Reply:
        """Take a whole text written in the editor as the answer."""
        question = self.question()
        if question is None:
            raise ValueError("no question is open")
        self.state.lines = []
        # Editors end a file with a line break that nobody typed.
        return self._set(question, text.strip("\n"), now) if text.strip() else self._clear(question, now)

    def review(self, now: datetime) -> Completed:
        """What the answers amount to; when errors are open, the first of them is asked again."""
        self.state.reviewing = True
        completed = self.result(now)
        self._go_to_problem(completed.report)
        return completed

    # --- commands -----------------------------------------------------------------------------------------

    def _command(self, command: Command, question: Question, now: datetime) -> Reply:
        match command:
            case Command.HELP:
                reply = Reply(wording.help_lines(self.form, question))
            case Command.LEAVE:
                reply = Reply(leave=True)
            case Command.LIST:
                reply = Reply(wording.overview(self.shown(), self.everything(), self.state.answers))
            case Command.CLEAR:
                reply = self._clear(question, now)
            case Command.BACK:
                reply = self._back(question)
            case Command.EDIT:
                reply = self._edit(question, now)
        return reply

    def _edit(self, question: Question, now: datetime) -> Reply:
        if question.widget.kind == "section":
            return self._open(question, "e", now)
        if question.widget.kind != "long":
            return Reply((wording.EDITOR_ONLY_FOR_LONG,))
        value = self.value(question)
        return Reply(edit="" if value is MISSING else str(value))

    def _back(self, question: Question) -> Reply:
        everything = self.asked()
        at = everything.index(question) - 1
        # An empty group is no stop of its own: asking it would only lead forward again.
        # Ends: each round goes back by a question.
        while at >= 0 and everything[at].widget.kind == "section" and self.value(everything[at]) is MISSING:
            at -= 1
        if at < 0:
            return Reply((wording.FIRST_QUESTION,))
        self.state.reviewing, self.state.back = False, None
        self._stand(everything[at])
        return Reply()

    def _jump(self, word: str, question: Question) -> Reply:
        """Go there; and come back afterwards from what came earlier or is no stop on the way."""
        shown = self.shown()
        fits = jumping.found(self.form, shown, self.everything(), word)
        if len(fits) != 1:
            return Reply((jumping.not_clear(self.form, word, fits, len(shown)),))
        target, order = fits[0], self.everything()
        before = order.index(target) < order.index(question) and not within(question.pointer, target.pointer)
        if (target.rare or before) and not self.state.reviewing:
            self.state.back = (target.pointer, question.pointer)
        if target.widget.kind == "section":
            self._go(self.asked().index(target))
        else:
            self._stand(target)
        return Reply((wording.COMES_BACK,) if self.state.back is not None else ())

    def _clear(self, question: Question, now: datetime) -> Reply:
        if question.widget.kind == "rows" and self.value(question) is not MISSING:
            return Reply((wording.ROWS_ARE_DELETED_SINGLY,))
        self.state.answers = remove(self.state.answers, question.pointer)
        self._recompute()
        self._advance(question, now)
        return Reply()

    def _plain(self, question: Question, text: str, now: datetime) -> Reply:
        return self._set(question, literal(text), now)

    # --- answers ------------------------------------------------------------------------------------------

    def _set(self, question: Question, text: str, now: datetime) -> Reply:
        parsed = question.widget.parse(question.spec, text, now)
        if parsed.problem is not None:
            return Reply((f"{question.spec.label}：{parsed.problem}",))
        bad = checking.unfit(self.form, question.pointer, parsed.value)
        if bad is not None:
            return Reply((bad.message + bad.hint,))
        before = self._report(now)
        self.state.answers = put(self.state.answers, question.pointer, parsed.value)
        self._recompute()
        after = self._report(now)
        told = [
            wording.problem(p)
            for p in checking.elsewhere(before, after, self.state.answers, question.pointer)
        ]
        return self._judge(question, after, tuple(told), now)

    def _accept(self, question: Question, now: datetime) -> Reply:
        """Enter: keep what is there; on a field that must be filled say so once."""
        if question.widget.kind != "section":
            return self._judge(question, self._report(now), (), now)
        wrong = checking.at(self._report(now).errors, question.pointer, group=True)
        if wrong and self._kept != question.pointer:
            self._kept = question.pointer
            return Reply((*map(wording.problem, wrong), wording.SECTION_COMMANDS))
        self._advance(question, now, inside=self.value(question) is MISSING)
        return Reply()

    def _judge(
        self, question: Question, found: ValidationReport, told: tuple[str, ...], now: datetime
    ) -> Reply:
        """Go on, unless there is something wrong here that the person has not seen yet."""
        problems = checking.at(found.problems, question.pointer, group=False)
        told = (*told, *map(wording.problem, problems))
        errors = [problem for problem in problems if problem.severity == "error"]
        value = self.value(question)
        seen = repr((question.pointer, value))
        if errors and (self._kept != seen or value is MISSING):
            self._kept = seen
            cure = wording.STAYS_EMPTY if value is MISSING else wording.STAYS_WRONG
            return Reply((*told, cure))
        self._advance(question, now)
        return Reply(told if not errors else ())

    def _report(self, now: datetime) -> ValidationReport:
        return checking.report(self.form, self.state.answers, self.level, now)

    def _recompute(self) -> None:
        """Give computed fields their value back to the program wherever it can be computed."""
        prepared = plan(self.form, self.level)
        for made in prepared.computed:
            place = made.spec.pointer
            without = remove(self.state.answers, place)
            if get(self.state.answers, place) is not MISSING and place in rules.fill(prepared, dict(without)):
                self.state.answers = without

    # --- long texts ---------------------------------------------------------------------------------------

    def _begin_long(self, question: Question, text: str, now: datetime) -> Reply:
        if text.strip() in wording.END_OF_TEXT:
            return self._accept(question, now)
        self.state.lines = [literal(text)]
        return Reply()

    def _line(self, question: Question, text: str, now: datetime) -> Reply:
        if text.strip() not in wording.END_OF_TEXT:
            self.state.lines.append(literal(text))
            return Reply()
        whole, self.state.lines = "\n".join(self.state.lines), []
        return self._set(question, whole, now)

    # --- groups -------------------------------------------------------------------------------------------

    def _open(self, question: Question, text: str, now: datetime) -> Reply:
        if text.strip().lower() not in ("e", "+", "改"):
            return Reply((wording.SECTION_COMMANDS,))
        self._go(self.asked().index(question) + 1)
        return Reply()

    def _rows(self, question: Question, text: str, now: datetime) -> Reply:
        rows = self.value(question)
        rows = rows if isinstance(rows, list) else []
        wanted = wording.row_command(text, len(rows))
        if wanted is None:
            return Reply((wording.rows_commands(len(rows), optional=question.optional),))
        action, at = wanted
        if action == "delete":
            self.state.answers = remove(self.state.answers, f"{question.pointer}/{at}")
            return Reply((wording.row_deleted(at),))
        if action == "done":
            if rows or not checking.at(self._report(now).errors, question.pointer, group=False):
                self._advance(question, now, inside=False)
                return Reply()
            action, at = "add", 0
        if action == "add":
            at = len(rows)
            self.state.answers = put(self.state.answers, f"{question.pointer}/{at}", {})
        first = next(one for one in self.asked() if one.parent == f"{question.pointer}/{at}")
        self._stand(first)
        return Reply()

    def _items(self, question: Question, text: str, now: datetime) -> Reply:
        items = self.value(question)
        items = items if isinstance(items, list) else []
        if not text.strip():
            return self._judge(question, self._report(now), (), now)
        at = wording.deleted_item(text, len(items))
        if at is not None:
            self.state.answers = remove(self.state.answers, f"{question.pointer}/{at}")
            return Reply((wording.row_deleted(at),))
        value = question.widget.parse(question.spec, literal(text), now).value
        place = f"{question.pointer}/{len(items)}"
        bad = checking.unfit(self.form, place, value)
        if bad is not None:
            return Reply((bad.message + bad.hint,))
        self.state.answers = put(self.state.answers, place, value)
        found = checking.at(self._report(now).problems, place, group=False)
        return Reply(tuple(wording.problem(p) for p in found if p.keyword != "required"))

    # --- moving -------------------------------------------------------------------------------------------

    def _advance(self, question: Question, now: datetime, *, inside: bool | None = None) -> None:
        """To the next question; out of a group left empty, back to the list after a row's last field."""
        if self.state.reviewing:
            self._go_to_problem(self.result(now).report)
            return
        skip = inside is False or (inside is None and question.widget.groups)
        leaving = question.pointer if skip else empty_group(question, self.state.answers)
        everything = self.asked()
        at = next(i for i, one in enumerate(everything) if one.pointer == question.pointer)
        if leaving is not None:
            at = max(i for i, one in enumerate(everything) if within(one.pointer, leaving))
        following = everything[at + 1] if at + 1 < len(everything) else None
        row = row_of(question.pointer)
        if self._came_back(following, row):
            return
        if row is not None and (following is None or not within(following.pointer, row)):
            self._stand_at(row.rsplit("/", 1)[0])
            return
        self._go(at + 1)

    def _came_back(self, following: Question | None, row: str | None) -> bool:
        """Stand again where the person was before naming what is now done."""
        if self.state.back is None:
            return False
        named, origin = self.state.back
        if not named_is_done(named, following, row):
            return False
        self.state.back = None
        there = any(one.pointer == origin for one in self.asked())
        if there:
            self._stand_at(origin)
        return there

    def _go(self, at: int) -> None:
        """Stand at the question of that rank; an empty group is passed through to what is inside it."""
        everything = self.asked()
        # Ends: each round goes on by a question.
        while at < len(everything):
            one = everything[at]
            if one.widget.kind != "section" or self.value(one) is not MISSING:
                self._stand(one)
                return
            at += 1
        self.state.position = None
        self.state.reviewing = True

    def _stand(self, question: Question) -> None:
        self._stand_at(question.pointer)

    def _stand_at(self, place: str) -> None:
        self.state.position = place
        self._kept = None
        rows = get(self.state.answers, place)
        if isinstance(rows, list) and {} in rows:
            # A row begun and left empty is no row; back at the list it is gone.
            kept = [row for row in rows if row != {}]
            self.state.answers = (
                put(self.state.answers, place, kept) if kept else remove(self.state.answers, place)
            )

    def _go_to_problem(self, found: ValidationReport) -> None:
        everything = self.everything()
        for problem in found.errors:
            near = [one for one in everything if within(problem.path, one.pointer)]
            if near:
                best = max(near, key=lambda one: len(one.pointer))
                if best.widget.kind == "section":
                    self._go(self.asked().index(best) + 1)
                else:
                    self._stand(best)
                return
        self.state.position = None

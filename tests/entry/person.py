"""A person at the screen: knows the answers of one example, acts on nothing but what the screen shows."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from desk.entry.answers import MISSING, get, remove
from desk.entry.commands import command_of, escaped
from desk.entry.jumping import named
from desk.entry.questions import Question, questions
from desk.entry.widgets import numbered
from desk.entry.wording import END_OF_TEXT
from generator.forms.definition import FormDefinition, Level
from generator.resources import data_dir
from generator.validation import places
from generator.validation.validate import complete

NOW = datetime(2026, 11, 20, 9, 30)
PROMPT, MORE = "  > ", "  … "
MAX_LINES = 5000


def examples(form_id: str) -> list[Path]:
    """The examples of a form that can be saved."""
    folder = data_dir("schemas") / "examples" / form_id
    return sorted(path for path in folder.glob("*.json") if path.name.startswith(("valid-", "long-")))


def answers_in(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def level_of(path: Path) -> Level:
    return "signed" if path.name.startswith("valid-signed") else "final"


def kept(form: FormDefinition, wanted: Mapping[str, Any], level: Level) -> dict[str, Any]:
    """What a data file holds of an example: nothing the program works out itself."""
    found = complete(form, wanted, level, NOW).data
    for one in form.fields.values():
        without = remove(found, one.pointer) if one.computed is not None else found
        if one.pointer in complete(form, without, level, NOW).report.computed:
            found = without
    return found


class Person:
    """Answers each question with the example's value; leaves out what the example leaves out."""

    def __init__(
        self, form: FormDefinition, wanted: Mapping[str, Any], level: Level, done: set[str] | None = None
    ) -> None:
        """``done`` are the rare questions already answered: what a person remembers after a kill."""
        self._wanted = kept(form, wanted, level)
        self._by_label = {
            places.label(form, one.pointer): one for one in questions(form, self._wanted, level)
        }
        self._at: Question | None = None
        self._screen = ""
        self._typed = 0
        self._asked = 0
        self._rare_done: set[str] = set() if done is None else done

    def write(self, line: str) -> None:
        self._screen += line + "\n"

    def read(self, prompt: str) -> str:
        screen, self._screen = self._screen, ""
        return self.decide(screen, prompt)

    def edit(self, path: Path) -> bool:
        raise AssertionError("this person types")

    def decide(self, screen: str, prompt: str) -> str:
        """The next line to type, from the text since the last prompt."""
        self._asked += 1
        assert self._asked < MAX_LINES, f"asked in circles: {screen[-500:]}"
        self._typed += screen.count("已输入：") if prompt == MORE else 0
        headings = re.findall(r"^\[(?:\d+/\d+|少用)\] (.*)$", screen, re.MULTILINE)
        if headings:
            self._at = self._named(headings[-1])
            if named := self._rare(self._at):
                return named
            self._typed = self._typed if prompt == MORE else 0
        if (
            self._at is None
        ):  # a long text goes on after a kill: its question is the only one with these lines
            self._at = self._long_with(re.findall("已输入：(.*)", screen))
        return self._line(self._at, screen, prompt)

    def _rare(self, at: Question) -> str | None:
        """The next rare question with an answer in the example is named, from any other in the same group."""
        if at.rare:
            self._rare_done.add(at.pointer)
            return None
        for label, one in self._by_label.items():
            waiting = one.rare and get(self._wanted, one.pointer) is not MISSING
            if waiting and one.parent == at.parent and one.pointer not in self._rare_done:
                return f"@{label}"
        return None

    def _named(self, heading: str) -> Question:
        fitting = [label for label in self._by_label if heading.startswith(f"{label}（")]
        assert fitting, f"asked for what the example does not need: {heading}"
        return self._by_label[max(fitting, key=len)]

    def _long_with(self, lines: list[str]) -> Question:
        for one in self._by_label.values():
            value = get(self._wanted, one.pointer)
            if (
                one.widget.kind == "long"
                and isinstance(value, str)
                and value.split("\n")[: len(lines)] == lines
            ):
                return one
        raise AssertionError(f"no text begins with these {len(lines)} lines")

    def _line(self, at: Question, screen: str, prompt: str) -> str:
        value, kind = get(self._wanted, at.pointer), at.widget.kind
        there = len(re.findall(r"^    \d+\. ", screen, re.MULTILINE))
        if prompt == MORE:
            lines = str(value).split("\n")
            self._typed += 1
            return literal(lines[self._typed - 1]) if self._typed <= len(lines) else "."
        if kind == "rows":
            return "+" if value is not MISSING and there < len(value) else ""
        if kind == "items":
            return literal(str(value[there])) if value is not MISSING and there < len(value) else ""
        if "再按一次回车" in screen or kind == "section":
            return ""
        if value is MISSING:
            return "-"
        if kind == "long":
            self._typed = 1
            return literal(str(value).split("\n", maxsplit=1)[0])
        return typed(at, value)


def typed(at: Question, value: Any) -> str:
    """A value as a person types it."""
    match at.widget.kind:
        case "choices":
            return ",".join(_option(at, option) for option in value)
        case "choice":
            return _option(at, value)
        case "yes_no":
            return "是" if value else "否"
    return literal(str(value), at.widget.kind)


def _option(at: Question, option: Any) -> str:
    return str(at.spec.options.index(option) + 1) if numbered(at.spec) else str(option)


def literal(text: str, kind: str = "text") -> str:
    """A text so typed that it is taken as it stands: no command, no place to go, no number of a question."""
    number = text.strip().isdigit() and kind in ("text", "items", "long")
    special = (
        command_of(text) or text.startswith("\\") or text.strip() in END_OF_TEXT or named(text) is not None
    )
    return escaped(text) if special or number else text

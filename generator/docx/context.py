"""Answers → print context: what the tags of a template can say.

    f      the answers in printed form (empty string while there is no answer); parts by f.address.street
    box    box.gender['男'] is □ or ☑
    mark   mark.q3_satisfaction['满意'] is √ or empty
    v      the raw answers, None where missing, for conditions in tags
    sheet  the paper itself: title, caption, number_line, mark, code_text, copy_label, typo_fix

Built from the form definition alone, so a template can name any field of its form and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from generator.docx import formats
from generator.docx.bookmarks import printed_options
from generator.forms.definition import FieldSpec, FormDefinition

EMPTY_BOX, TICKED_BOX, TICK = "□", "☑", "√"

Answers = Mapping[str, Any]


class SheetText(NamedTuple):
    """What a sheet says about itself in title, caption, header and footer."""

    title: str
    caption: str = ""
    number_line: str = ""
    mark: str = ""
    code_text: str = ""
    copy_label: str = ""
    typo_fix: bool = False


class ContextBuilder:
    """The print context of one form; holds what depends on the definition alone."""

    def __init__(self, form: FormDefinition) -> None:
        self._top = _children(form, "")
        self._rows = {
            spec.pointer: _children(form, spec.pointer + "/*")
            for spec in form.fields.values()
            if spec.kind == "list"
        }
        self._parts = {
            spec.pointer: _children(form, spec.pointer)
            for spec in form.fields.values()
            if spec.kind in ("object", "addr", "sig")
        }
        self._printers = {pointer: formats.printer(spec) for pointer, spec in form.fields.items()}
        self._choices = _choices(form)

    def build(self, answers: Answers, sheet: SheetText) -> dict[str, Any]:
        """The context for one document; never changes ``answers``."""
        box: dict[str, dict[str, str]] = {}
        mark: dict[str, dict[str, str]] = {}
        for name, options in self._choices.items():
            chosen = chosen_options(answers.get(name))
            box[name] = {option: TICKED_BOX if option in chosen else EMPTY_BOX for option in options}
            mark[name] = {option: TICK if option in chosen else "" for option in options}
        return {
            "f": {spec.name: self._printed(spec, answers.get(spec.name)) for spec in self._top},
            "v": {spec.name: answers.get(spec.name) for spec in self._top},
            "box": box,
            "mark": mark,
            "sheet": sheet._asdict(),
        }

    def _printed(self, spec: FieldSpec, value: Any) -> Any:
        if spec.kind == "list" and self._rows.get(spec.pointer):
            return self._printed_rows(spec, value or [])
        printer: Callable[[Any], Any] = self._printers[spec.pointer]
        if spec.pointer in self._parts and spec.kind != "sig":
            parts = value or {}
            shown = {
                child.name: self._printed(child, parts.get(child.name)) for child in self._parts[spec.pointer]
            }
            return formats.Composite(shown, printer(value) if value else "")
        return printer(value) if value not in (None, "", [], {}) else ""

    def _printed_rows(self, spec: FieldSpec, rows: list[Answers]) -> formats.Rows:
        children = self._rows[spec.pointer]
        printed = []
        for number, row in enumerate(rows, start=1):
            shown = {child.name: self._printed(child, row.get(child.name)) for child in children}
            line = "，".join(str(value) for value in shown.values() if value)
            printed.append({**shown, "number": str(number), "line": line})
        return formats.Rows(printed, [child.name for child in children])


def _children(form: FormDefinition, parent: str) -> tuple[FieldSpec, ...]:
    prefix = parent + "/"
    return tuple(
        spec
        for pointer, spec in form.fields.items()
        if pointer.startswith(prefix) and "/" not in pointer[len(prefix) :] and pointer != prefix + "*"
    )


def _choices(form: FormDefinition) -> dict[str, tuple[str, ...]]:
    return {spec.name: printed_options(spec) for spec in _children(form, "") if printed_options(spec)}


def chosen_options(value: Any) -> frozenset[str]:
    """The options an answer ticks, as they are printed; None is no answer."""
    if value is None:
        return frozenset()
    if isinstance(value, bool):
        return frozenset({"是" if value else "否"})
    if isinstance(value, list):
        return frozenset(str(item) for item in value)
    return frozenset({str(value)})

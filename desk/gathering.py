"""Data files of single forms, gathered into one case: what ``fill`` wrote is enough to print a packet.

Each file is a CASE, or the answers of one form.  Which form is said (``consent_a=同意书.json``), or told by
the file's name (``consent_a.json``), or by its fields; where several forms fit, nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import PurePath
from typing import Any, NamedTuple

from generator.errors import DataInvalid
from generator.forms.catalogue import default, list_forms, load_form
from generator.forms.definition import FormDefinition
from generator.packets.case import PARTS
from generator.validation.places import shown
from generator.validation.validate import validate

_MOST = 6
_OF_CASE = ("case_no", "application_no", "responsible_worker", "service_form")
"""Facts of a case that a paper states once for all papers; what else a paper says of it is its own."""
_HOW = "请写明是哪一份表单，如 consent_a=同意书.json。"


class Given(NamedTuple):
    """One file as named on the command line; ``form`` where it was said."""

    name: str
    answers: Mapping[str, Any]
    form: str | None = None


def said_form(argument: str) -> tuple[str | None, str]:
    """``consent_a=同意书.json`` → form and file; a name without a form's id before ``=`` is all file."""
    head, sign, tail = argument.partition("=")
    return (head, tail) if sign and tail and head in default() else (None, argument)


def gathered(files: Sequence[Given], now: datetime) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    """One CASE document, and which form each data file was taken for.  Raises DataInvalid."""
    if len(files) == 1 and is_case(files[0]):
        return dict(files[0].answers), []
    document: dict[str, Any] = {}
    told: list[tuple[str, str]] = []
    for file in files:
        if not is_case(file):
            continue
        if document:
            cure = "个案文件只能有一份，其余为单份表单的数据。"
            raise DataInvalid(f"{file.name} 是第二份个案文件。", hint=cure)
        document = dict(file.answers)
    forms = document.get("forms", {})
    if not isinstance(forms, Mapping):
        return document, told
    lists: dict[str, Any] = {
        name: list(rows) if isinstance(rows, list) else [rows] for name, rows in forms.items()
    }
    for file in files:
        if is_case(file):
            continue
        form = _form_of(file, now)
        told.append((file.name, form.title))
        lists.setdefault(form.id, []).append(dict(file.answers))
    document["forms"] = lists
    for part, facts in _facts(lists).items():
        known = document.get(part, {})
        if isinstance(known, Mapping):
            document[part] = {**facts, **known}
    return document, told


def is_case(file: Given) -> bool:
    """Whether a file is a CASE: no form has fields of those names."""
    return file.form is None and bool(file.answers.keys() & set(PARTS))


def _form_of(file: Given, now: datetime) -> FormDefinition:
    stem = PurePath(file.name).name.removesuffix(".json")
    named = file.form or (stem if stem in default() else None)
    if named is not None:
        return load_form(named)
    if not file.answers:
        raise DataInvalid(f"{file.name} 中没有任何栏目。", hint="请先用 kangdang fill 填写。")
    fits = [form for form in list_forms() if file.answers.keys() <= _names(form)]
    if not fits:
        raise _of_no_form(file)
    if len(fits) > 1:
        fits = [form for form in fits if validate(form, file.answers, "final", now).ok] or fits
    if len(fits) > 1:
        titles = "、".join(f"{form.title}（{form.id}）" for form in fits[:_MOST])
        raise DataInvalid(f"{file.name} 可能是{titles}{'等' if len(fits) > _MOST else ''}。", hint=_HOW)
    return fits[0]


def _names(form: FormDefinition) -> frozenset[str]:
    return frozenset(form.schema["properties"])


def _of_no_form(file: Given) -> DataInvalid:
    nearest = max(list_forms(), key=lambda form: len(file.answers.keys() & _names(form)))
    unknown = [shown(name) for name in file.answers if name not in _names(nearest)]
    common = len(file.answers) - len(unknown)
    if not common:
        return DataInvalid(f"{file.name} 不是任何一份表单的数据，也不是个案文件。", hint=_HOW)
    more = f"等 {len(unknown)} 项" if len(unknown) > _MOST else ""
    return DataInvalid(
        f"{file.name} 最像《{nearest.title}》，但其中的 {'、'.join(unknown[:_MOST])}{more}不是它的栏目。",
        hint=f"请用 kangdang validate {nearest.id} {file.name} 查看并改正。",
    )


def _facts(forms: Mapping[str, Sequence[Any]]) -> dict[str, dict[str, Any]]:
    """What the papers say of person and case; the first paper that says it counts."""
    found: dict[str, dict[str, Any]] = {"person": {}, "case": {}}
    for form_id, rows in forms.items():
        if form_id not in default():
            continue
        for answers in rows:
            if isinstance(answers, Mapping):
                for part, name, value in _said(load_form(form_id), answers):
                    found[part].setdefault(name, value)
    return {part: facts for part, facts in found.items() if facts}


def _said(form: FormDefinition, answers: Mapping[str, Any]) -> Iterator[tuple[str, str, Any]]:
    for spec in form.fields.values():
        part, _, name = (spec.prefill or "").partition(".")
        if spec.pointer != f"/{spec.name}" or spec.name not in answers or "." in name:
            continue
        value = answers[spec.name]
        if part == "person" or (part == "case" and name in _OF_CASE):
            yield part, name, value
        elif (part, name) == ("case", "number"):
            yield "case", "application_no" if str(value).startswith("SQ-") else "case_no", value

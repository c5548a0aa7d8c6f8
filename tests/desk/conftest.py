"""The command line in an empty folder, and what its sample data says."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from desk.cli.main import run
from generator.forms.catalogue import load_form
from generator.forms.definition import FormDefinition
from generator.resources import data_dir

EXAMPLES = data_dir("schemas") / "examples"
FORMS = ("consent_a", "application_b", "preassess_c", "plan_d", "record_e", "evaluation_f", "closure_g")


@dataclass(frozen=True)
class Ended:
    """What a user sees of one command."""

    code: int
    out: str
    err: str


Kangdang = Callable[..., Ended]


@pytest.fixture
def kangdang(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Kangdang:
    """Run one command line in this process, in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def ended(*arguments: object) -> Ended:
        capfd.readouterr()
        code = run([str(argument) for argument in arguments])
        told = capfd.readouterr()
        return Ended(code, told.out, told.err)

    return ended


def example(form_id: str, name: str = "valid-full") -> dict[str, Any]:
    """The answers of one example."""
    answers: dict[str, Any] = json.loads((EXAMPLES / form_id / f"{name}.json").read_text(encoding="utf-8"))
    return answers["data"] if "problems" in answers else answers


def said(form: FormDefinition, answers: object, pointer: str = "") -> Iterator[str]:
    """What a person told: every answer in words or digits of one's own, options left out."""
    if isinstance(answers, dict):
        for name, value in answers.items():
            yield from said(form, value, f"{pointer}/{name}")
    elif isinstance(answers, list):
        for value in answers:
            yield from said(form, value, f"{pointer}/*")
    elif isinstance(answers, str):
        spec = form.fields.get(pointer) or form.fields.get(pointer.removesuffix("/*"))
        own = spec is not None and not spec.options and spec.kind not in ("date", "datetime")
        if own and len(answers) >= 3:
            yield answers


def told_by(form_id: str, answers: dict[str, Any]) -> set[str]:
    """``said`` of one form's answers, but for words that the form itself uses (in a hint, say)."""
    form = load_form(form_id)
    words = json.dumps(dict(form.schema), ensure_ascii=False)
    return {answer for answer in said(form, answers) if answer not in words}

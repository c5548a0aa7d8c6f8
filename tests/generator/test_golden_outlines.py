"""Golden outlines: what a reader of the docx sees, for blanks and examples of every form.

``pytest --update-golden`` rewrites them; the difference is then reviewed like any other change.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from generator.docx.outline import outline
from generator.forms.catalogue import list_forms
from generator.render import PrintIdentity, PrintOptions, form_kit, render_docx
from generator.resources import data_dir

GOLDEN = Path(__file__).parents[1] / "golden"
IDENTITY = PrintIdentity("0000000000", datetime(2026, 11, 20, 9, 30, tzinfo=UTC))
CASES = [
    (form.id, name)
    for form in list_forms()
    for name in (
        "blank",
        *sorted(p.stem for p in (data_dir("schemas") / "examples" / form.id).glob("valid-*.json")),
    )
]


@pytest.mark.parametrize(("form_id", "name"), CASES)
def test_outline_is_as_recorded(form_id: str, name: str, request: pytest.FixtureRequest) -> None:
    path = data_dir("schemas") / "examples" / form_id / f"{name}.json"
    answers = {} if name == "blank" else json.loads(path.read_text(encoding="utf-8"))
    actual = outline(render_docx(form_kit(form_id), answers, PrintOptions(), IDENTITY).content)
    golden = GOLDEN / form_id / f"{name}.outline.txt"
    if request.config.getoption("--update-golden"):
        golden.parent.mkdir(parents=True, exist_ok=True)
        golden.write_text(actual, encoding="utf-8")
    expected = golden.read_text(encoding="utf-8").splitlines()
    for line, (is_now, was) in enumerate(zip(actual.splitlines(), expected, strict=False), start=1):
        assert is_now == was, f"{golden.name}, line {line}"
    assert len(actual.splitlines()) == len(expected)

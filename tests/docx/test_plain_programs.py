"""Programs of standard templates run without Jinja: the same text, and nothing within reach but answers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from generator.docx.context import ContextBuilder, SheetText
from generator.docx.formats import Composite, Rows
from generator.docx.prepared import Prepared, read_beside
from generator.docx.program import render_plainly
from generator.docx.sandboxed import program, render
from generator.forms.catalogue import load_form
from generator.render import form_kit
from generator.resources import data_dir

EXAMPLES = data_dir("schemas") / "examples"
FORMS = sorted(path.stem for path in data_dir("templates").glob("*.docx"))


def prepared(form_id: str) -> Prepared:
    path = data_dir("templates") / f"{form_id}.docx"
    found = read_beside(path, form_kit(form_id).template_sha256)
    assert found is not None
    return found


def answers_of(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("form_id", FORMS)
def test_every_standard_program_gives_what_jinja_gives(form_id: str) -> None:
    form = load_form(form_id)
    sheets = (
        SheetText(form.title),
        SheetText("A & <B>", "副题", "编号", "样例", "KD1*", "第1份", typo_fix=True),
    )
    sound = [path for path in EXAMPLES.glob(f"{form_id}/*.json") if not path.name.startswith("invalid")]
    assert sound
    for answers in ({}, *map(answers_of, sound)):
        for sheet in sheets:
            context = ContextBuilder(form).build(answers, sheet)
            for part in prepared(form_id).parts.values():
                assert render_plainly(part.program, context) == render(part.program, context)


CONTEXT = {
    "f": {"name": '<甲> & "乙"', "count": "3", "bad": 7, "items": "自己的"},
    "c": Composite({"street": "路"}, "省<路>"),
    "rows": Rows([{"a": "1", "b": 2}, {"a": "<2>", "b": 3}], ["a", "b"]),
}


@pytest.mark.parametrize(
    "source",
    [
        "{{ f.name }}{{ f['name'] or 'x' }}{{ f.items }}",
        "{{ c }}{{ c.street }}",
        "{% for row in rows.at_least(4) %}{{ row.a }}|{% endfor %}",
        "{% for row in rows %}{% if row.a == '1' and row.b %}x{% else %}{{ row.b }}{% endif %}{% endfor %}",
        "{{ rows|map(attribute='a')|join('；<') }}{{ f.count|int + 3 }}{{ f.name[:2] }}",
    ],
)
def test_what_is_plain_gives_what_jinja_gives(source: str) -> None:
    made = program(source)
    assert render_plainly(made, CONTEXT) == render(made, CONTEXT)


@pytest.mark.parametrize(
    "source",
    [
        "{{ f.missing }}",
        "{{ missing }}",
        "{{ f.__class__ }}",
        "{{ f['__class__'] }}",
        "{{ f.name.upper() }}",
        "{{ f.keys() }}",
        "{{ rows.append(1) }}",
        "{{ rows._names }}",
        "{{ rows[0] }}",
        "{{ rows.at_least.__globals__ }}",
        "{{ ''.__class__.__mro__ }}",
        "{{ f.name * 1000000000 }}",
        "{{ f.bad % 2 }}",
        "{{ f.bad + 'x' }}",
        "{{ f.name|upper }}",
        "{{ f.bad|int }}",
        "{{ rows|map(attribute='b')|join }}",
        "{{ rows|map(attribute='__class__')|join('') }}",
        "{% for row in rows %}{{ loop.index }}{% endfor %}",
        "{% macro m() %}x{% endmacro %}{{ m() }}",
    ],
)
def test_what_goes_beyond_is_left_to_jinja(source: str) -> None:
    assert render_plainly(program(source), CONTEXT) is None


def test_an_object_of_docxtpl_is_left_to_docxtpl() -> None:
    rich = type("RichText", (), {"__module__": "docxtpl.richtext"})()
    assert render_plainly(program("{{ f }}"), {"f": rich}) is None

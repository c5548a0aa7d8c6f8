"""Standard templates filled without Jinja: the same text, and nothing within reach but answers."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from generator.docx.context import ContextBuilder, SheetText
from generator.docx.formats import Composite, Rows
from generator.docx.package import read_package
from generator.docx.plain import ready
from generator.docx.plain_steps import plain_steps
from generator.docx.prepared import read_beside
from generator.docx.preparing import prepare
from generator.docx.sandboxed import program, render
from generator.forms.catalogue import load_form
from generator.resources import data_dir

EXAMPLES = data_dir("schemas") / "examples"
FORMS = sorted(path.stem for path in data_dir("templates").glob("*.docx"))


def answers_of(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("form_id", FORMS)
def test_every_standard_template_gives_what_jinja_gives(form_id: str) -> None:
    path = data_dir("templates") / f"{form_id}.docx"
    raw, form = path.read_bytes(), load_form(form_id)
    plain, programs = read_beside(path, sha256(raw).hexdigest()), prepare(raw, read_package(raw))
    assert plain is not None
    full = SheetText("A & <B>", "副题", "编号", "样例", "KD1*", "第1份", typo_fix=True)
    sound = [path for path in EXAMPLES.glob(f"{form_id}/*.json") if not path.name.startswith("invalid")]
    assert sound
    for answers in ({}, *map(answers_of, sound)):
        for sheet in (SheetText(form.title), full):
            context = ContextBuilder(form).build(answers, sheet)
            for name, part in plain.parts.items():
                assert ready(part.steps)(context) == render(programs.parts[name].program, context)


CONTEXT = {
    "f": {"name": '<甲> & "乙"', "count": "3", "bad": 7, "items": "自己的", "none": None},
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
        "{% if f.none %}{% elif f.count != '3' %}a{% else %}{{ '<' if f.bad else 'b' }}{% endif %}",
        "{{ rows|map(attribute='a')|join('；<') }}{{ f.count|int + 3 }}{{ f.name[:2] }}",
    ],
)
def test_what_is_plain_gives_what_jinja_gives(source: str) -> None:
    steps = plain_steps(source)
    assert steps is not None
    assert ready(json.loads(json.dumps(steps)))(CONTEXT) == render(program(source), CONTEXT)


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
    steps = plain_steps(source)
    assert steps is None or ready(steps)(CONTEXT) is None


@pytest.mark.parametrize(
    "steps",
    [
        [["put", ["get", ["const", "x"], "__class__"]]],
        [["put", ["get", ["get", ["name", "rows"], "at_least"], "__globals__"]]],
        [["put", ["eval", ["const", "1"]]]],
        [["exec", "1"]],
        [["put", ["name", "__builtins__"]]],
    ],
)
def test_steps_changed_on_disk_reach_nothing_but_answers(steps: list[Any]) -> None:
    try:
        found = ready(steps)(CONTEXT)
    except KeyError:
        found = None  # a kind of step there is none of
    assert found is None


def test_an_object_of_docxtpl_is_left_to_docxtpl() -> None:
    rich = type("RichText", (), {"__module__": "docxtpl.richtext"})()
    assert ready([["put", ["name", "f"]]])({"f": rich}) is None

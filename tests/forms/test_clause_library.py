"""The agreements print the wording of schemas/clauses.json, and 安全责任 can be neither empty nor different.

``pytest --update-golden`` writes the shared paragraphs of the templates anew after a change of the library.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from generator.docx.outline import outline
from generator.forms.catalogue import load_form
from generator.resources import data_dir

LIBRARY: dict[str, Any] = json.loads((data_dir("schemas") / "clauses.json").read_text(encoding="utf-8"))
AGREEMENTS = ("admission_agreement", "service_agreement")
FORMS = (*AGREEMENTS, "employment_agreement")
SAFETY = next(clause for clause in LIBRARY["clauses"] if clause["spec"] == "C5")
SAFETY_TOPICS = (
    "到离站接送与交接",
    "外出请假",
    "药品保管与服药",
    "自伤、伤人、走失和突发疾病的处置与通知",
    "送医授权与费用",
    "意外伤害保险",
    "物品安全",
    "监护人责任",
    "甲方的责任与免责",
)
_HEADER = "# Written from schemas/clauses.json by tests/forms/test_clause_library.py --update-golden.\n"
_MARK = re.compile(r"\{[?_]*\{?([a-z][a-z0-9_]*)[|=}]|\{@([a-z_]+):")


def paragraphs(form_id: str) -> list[Any]:
    """The paragraphs of a template that the library gives: each clause's heading and text."""
    return [
        paragraph
        for clause in LIBRARY["clauses"]
        if form_id in clause["forms"]
        for paragraph in (
            {"style": "Clause", "text": f"{clause['number']}、{clause['title']}"},
            *clause["paragraphs"],
        )
    ]


def text_of(paragraph: str | dict[str, Any]) -> str:
    return paragraph if isinstance(paragraph, str) else str(paragraph["text"])


def fields_of(clause: dict[str, Any]) -> set[str]:
    marks = _MARK.findall("\n".join(text_of(item) for item in clause["paragraphs"]))
    return {plain or signed for plain, signed in marks}


def printed(path: Path) -> str:
    return re.sub(r"\s|_|\u3000", "", outline(path.read_bytes()))


@pytest.mark.parametrize("form_id", FORMS)
def test_templates_take_their_wording_from_the_library(form_id: str, request: pytest.FixtureRequest) -> None:
    path = data_dir("templates") / f"_clauses_{form_id}.yaml"
    if request.config.getoption("--update-golden"):
        dumped = yaml.safe_dump(paragraphs(form_id), allow_unicode=True, sort_keys=False, width=100_000)
        path.write_text(_HEADER + dumped, encoding="utf-8")
    assert yaml.safe_load(path.read_text(encoding="utf-8")) == paragraphs(form_id)


def test_every_clause_of_the_specification_is_there_and_says_where_it_comes_from() -> None:
    for form_id in AGREEMENTS:
        of_form = [clause for clause in LIBRARY["clauses"] if form_id in clause["forms"]]
        assert [clause["spec"] for clause in of_form] == [f"C{number}" for number in range(1, 12)]
        assert [clause["number"] for clause in of_form] == [*"一二三四五六七八九十", "十一"]
        assert all(clause["required"] and clause["source"] and clause["paragraphs"] for clause in of_form)


def test_safety_clause_has_every_topic_and_stands_in_both_agreements() -> None:
    assert set(AGREEMENTS) <= set(SAFETY["forms"])
    texts = [text_of(item) for item in SAFETY["paragraphs"]]
    headings = [match[1] for text in texts if (match := re.match(r"\d\.([^。]+)。", text))]
    assert tuple(headings) == SAFETY_TOPICS


def test_safety_clause_is_printed_alike_in_both_templates() -> None:
    found = []
    for form_id in AGREEMENTS:
        text = printed(data_dir("templates") / f"{form_id}.docx")
        start, end = text.index("五、安全责任"), text.index("六、病情变化")
        found.append(re.sub(r"\{[{%].*?[}%]\}", "", text[start:end]))
    assert found[0] == found[1]
    assert all(topic in found[0] for topic in SAFETY_TOPICS)
    assert "不免除甲方造成人身损害的责任" in found[0]


@pytest.mark.parametrize("form_id", AGREEMENTS)
def test_every_answer_of_the_safety_clause_is_required(form_id: str) -> None:
    form = load_form(form_id)
    for name in fields_of(SAFETY):
        assert form.fields["/" + name].required, name
    assert form.fields["/safety_sign"].required == "signed"


@pytest.mark.parametrize("form_id", FORMS)
def test_every_mark_of_a_clause_is_a_field(form_id: str) -> None:
    form = load_form(form_id)
    for clause in LIBRARY["clauses"]:
        if form_id in clause["forms"]:
            assert fields_of(clause) <= {pointer[1:] for pointer in form.fields}, clause["clause_id"]

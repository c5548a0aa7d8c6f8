"""Definitions: the shipped forms, an eighth form dropped into a folder, and what a broken one says."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.errors import FormDefinitionInvalid, FormNotFound
from generator.forms import pointer
from generator.forms.catalogue import Catalogue, default, list_forms, load_form
from generator.forms.check import check_forms
from generator.forms.definition import FormDefinition
from generator.forms.finding import Finding
from generator.resources import data_dir
from generator.validation.examples import check_examples
from generator.validation.validate import validate

NOW = datetime(2026, 1, 5, 9, 0)
EIGHTH: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$id": "urn:kangdang:form:visit_h:1",
    "title": "回访登记",
    "type": "object",
    "x-form": {
        "id": "visit_h",
        "version": 1,
        "code": "H",
        "family": "样例",
        "source": ["样例"],
        "captions": {"verbatim": "回访登记", "corrected": "回访登记"},
        "signatures": False,
        "retention": {"class": "P", "reason": "r1"},
        "copies": 1,
        "header": {},
    },
    "properties": {
        "visited_on": {"$ref": "defs.json#/$defs/date", "title": "回访日期", "x-required": "final"},
        "reached": {"type": "string", "title": "是否见到", "enum": ["是", "否"], "x-required": "final"},
        "why_not": {
            "type": "string",
            "title": "未见到的原因",
            "x-required": "final",
            "x-when": {"reached": "否"},
        },
    },
    "additionalProperties": False,
    "x-rules": [{"fn": "not_future", "args": ["/visited_on"]}],
}


def folder_with(tmp_path: Path, document: dict[str, Any]) -> Path:
    tmp_path.mkdir(exist_ok=True)
    (tmp_path / "defs.json").write_bytes((data_dir("schemas") / "defs.json").read_bytes())
    (tmp_path / "visit_h.json").write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    return tmp_path


def changed(**changes: Any) -> dict[str, Any]:
    """The eighth form with places (``properties__reached__x-when``) set to other values."""
    document = copy.deepcopy(EIGHTH)
    for place, value in changes.items():
        *around, last = place.split("__")
        node: Any = document
        for name in around:
            node = node[int(name)] if isinstance(node, list) else node[name]
        node[int(last) if isinstance(node, list) else last] = value
    return document


def test_the_seven_forms_are_there_in_order() -> None:
    codes = [(form.code, form.id) for form in list_forms()]
    assert codes[:7] == [
        ("A", "consent_a"),
        ("B", "application_b"),
        ("C", "preassess_c"),
        ("D", "plan_d"),
        ("E", "record_e"),
        ("F", "evaluation_f"),
        ("G", "closure_g"),
    ]


def test_fields_are_keyed_by_pointer_with_stars_for_rows() -> None:
    fields = load_form("plan_d").fields
    assert fields["/plan_rows/*/schedule"].label == "时间安排"
    assert fields["/plan_rows"].kind == "list"
    assert load_form("application_b").fields["/address/province"].required == "final"
    assert fields["/client_sign"].kind == "sig"
    assert (fields["/client_sign"].required, fields["/client_sign"].on_paper) == ("signed", True)


def test_every_field_has_a_clause_itself_or_above_and_every_required_field_a_cure() -> None:
    for form in list_forms():
        for spec in form.fields.values():
            above = form.fields.get(spec.parent.removesuffix("/*"))
            assert spec.clause or (above is not None and above.clause), f"{form.id} {spec.pointer}"


def test_an_unknown_form_gets_a_suggestion() -> None:
    with pytest.raises(FormNotFound, match="application_b"):
        load_form("aplication_b")
    with pytest.raises(FormNotFound) as refused:
        load_form("application_b", 99)
    assert "1" in refused.value.hint


def test_a_dropped_in_file_is_a_form(tmp_path: Path) -> None:
    catalogue = Catalogue([data_dir("schemas"), folder_with(tmp_path, EIGHTH)])
    assert "visit_h" in catalogue.ids()
    form = catalogue.load("visit_h")
    report = validate(form, {"visited_on": "2027-01-01", "reached": "否"}, "final", NOW)
    assert [(p.path, p.keyword) for p in report.problems] == [
        ("/visited_on", "not_future"),
        ("/why_not", "required"),
    ]
    assert validate(form, {"visited_on": "2026-01-01", "reached": "是"}, "final", NOW).ok


def test_old_versions_stay_loadable(tmp_path: Path) -> None:
    folder = folder_with(tmp_path, changed(**{"x-form__version": 2, "title": "新回访登记"}))
    (folder / "versions").mkdir()
    (folder / "versions" / "visit_h-1.json").write_text(json.dumps(EIGHTH), encoding="utf-8")
    catalogue = Catalogue([folder])
    assert catalogue.load("visit_h").title == "新回访登记"
    assert catalogue.load("visit_h", 1).title == "回访登记"


def test_one_version_twice_is_refused(tmp_path: Path) -> None:
    folder = folder_with(tmp_path, EIGHTH)
    (folder / "copy.json").write_text(json.dumps(EIGHTH), encoding="utf-8")
    with pytest.raises(FormDefinitionInvalid, match="两份定义"):
        Catalogue([folder]).ids()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"properties__reached__requird": "final"}, "不认识的关键字 requird"),
        ({"properties__reached__x-requird": "final"}, "是不是“x-required”"),
        ({"properties__reached__x-required": "finale"}, "final 或 signed"),
        ({"properties__visited_on__format": "dat"}, "是不是“date”"),
        ({"properties__visited_on__x-print": "dates"}, "是不是“date”"),
        ({"properties__visited_on__$ref": "defs.json#/$defs/dat"}, "是不是“date”"),
        ({"properties__visited_on__$ref": "def.json#/$defs/date"}, "def.json 不存在"),
        ({"properties__why_not__x-when": {"reachd": "否"}}, "是不是“reached”"),
        ({"properties__why_not__x-when": {"reached": "不"}}, "没有选项“不”"),
        ({"properties__why_not__x-when": {"reached": {"contain": "否"}}}, "是不是“contains”"),
        ({"properties__why_not__x-when": {"reached": {"contains": "否"}}}, "contains 只用于多选"),
        ({"properties__why_not__x-when": {"why_not": {"present": True}}}, "绕回了自己"),
        ({"properties__why_not__x-computed": {"fn": "summ", "args": ["/reached"]}}, "是不是“sum”"),
        ({"properties__why_not__x-computed": {"fn": "copy", "args": ["/reachd"]}}, "是不是“/reached”"),
        ({"properties__why_not__pattern": "("}, "正则表达式写错了"),
        ({"properties__why_not__x-kind": "date2"}, "x-kind 的值应为"),
        ({"properties__why_not__x-kind": "bool"}, "type 不能是 string"),
        ({"properties__why_not__type": "array"}, "列表应写明 items"),
        ({"x-rules__0__fn": "not_futur"}, "是不是“not_future”"),
        ({"x-rules__0__args": ["/visited"]}, "是不是“/visited_on”"),
        ({"x-rules__0__values": [1]}, "不认识的关键字 values"),
        ({"x-rules__0": {"fn": "same", "args": ["/reached"]}}, "same 应有 2 个参数"),
        ({"x-rules__0": {"fn": "expect", "args": ["/reached"]}}, "缺少 values"),
        ({"x-form__codes": "H"}, "是不是“code”"),
        ({"x-form__header": {"number": "/no"}}, "/no 不是本表的字段"),
        ({"additionalProperties": True}, "additionalProperties 的值应为"),
    ],
)
def test_a_slip_in_a_definition_is_named(tmp_path: Path, changes: dict[str, Any], words: str) -> None:
    findings = check_forms([folder_with(tmp_path, changed(**changes))])
    assert any(words in str(finding) for finding in findings), [str(finding) for finding in findings]
    with pytest.raises(FormDefinitionInvalid):
        Catalogue([tmp_path]).load("visit_h")


def test_all_slips_are_collected(tmp_path: Path) -> None:
    slips = {"properties__reached__a": 1, "properties__why_not__b": 1, "x-rules__0__c": 1}
    found = check_forms([folder_with(tmp_path, changed(**slips))])
    assert [f.pointer for f in found] == ["/properties/reached/a", "/properties/why_not/b", "/x-rules/0/c"]


def test_a_form_in_rows_may_not_mix_row_and_root_conditions(tmp_path: Path) -> None:
    row = {
        "a": {"type": "string", "title": "甲"},
        "b": {"type": "string", "title": "乙", "x-when": {"a": "x", "/reached": "是"}},
    }
    rows = {
        "type": "array",
        "title": "行",
        "items": {"type": "object", "properties": row, "additionalProperties": False},
    }
    found = check_forms([folder_with(tmp_path, changed(properties__rows=rows))])
    assert any("不能同时用" in finding.message for finding in found)


def test_a_form_without_examples_is_a_finding(tmp_path: Path) -> None:
    assert "valid-*.json" in str(check_forms([folder_with(tmp_path, EIGHTH)], extra=[check_examples])[0])


def test_an_extra_check_sees_each_sound_form() -> None:
    seen: list[str] = []

    def look(form: FormDefinition) -> list[Finding]:
        seen.append(form.id)
        return [Finding(form.id, "", "样例")]

    assert [f.message for f in check_forms(only=["record_e"], extra=[look])] == ["样例"]
    assert seen == ["record_e"]


names = st.text(min_size=1, max_size=6)


@given(st.lists(st.one_of(names, st.integers(0, 9)), max_size=5))
def test_pointers_come_back_as_they_went(parts: list[str | int]) -> None:
    assert pointer.split(pointer.join(parts)) == tuple(str(part) for part in parts)


def test_pointer_escapes() -> None:
    assert pointer.join(("a/b", "c~d", 3)) == "/a~1b/c~0d/3"


def test_a_released_form_is_found_by_the_name_of_its_file() -> None:
    whole, released = Catalogue([data_dir("schemas")]), default()
    assert whole.ids() == released.ids()
    for form_id in whole.ids():
        assert form_id in released
        assert whole.versions(form_id) == released.versions(form_id)
    for name in ("defs", "person", "packets", "visit_h", "../schemas/record_e", ""):
        assert name not in released


def test_the_sources_of_prefill_are_found_in_the_text_of_the_files() -> None:
    def within(node: Any) -> Iterator[str]:
        if isinstance(node, dict) and isinstance(node.get("x-prefill"), str):
            yield node["x-prefill"]
        for member in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
            yield from within(member)

    expected = sorted(source for document in default().documents.values() for source in within(document))
    assert expected
    assert sorted(default().prefill_sources()) == expected

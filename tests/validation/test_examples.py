"""Every shipped example does what its name says; the form texts are complete."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from generator.forms.catalogue import list_forms, load_form
from generator.resources import data_dir
from generator.validation.examples import EXAMPLES_AT, check_examples

EXAMPLES = data_dir("schemas") / "examples"
SEVEN = [form.id for form in list_forms() if form.family == "附录A–G"]


@pytest.mark.parametrize("form_id", SEVEN)
def test_examples_do_as_recorded(form_id: str) -> None:
    assert [str(f) for f in check_examples(load_form(form_id))] == []


@pytest.mark.parametrize("form_id", SEVEN)
def test_each_form_has_full_long_and_six_invalid_examples(form_id: str) -> None:
    names = [path.name for path in (EXAMPLES / form_id).glob("*.json")]
    assert "valid-full.json" in names
    assert "long-full.json" in names
    assert sum(name.startswith("invalid-") for name in names) >= 6


def test_a_wrong_record_is_noticed(tmp_path: Path) -> None:
    original = EXAMPLES / "record_e" / "invalid-alerts.json"
    document = json.loads(original.read_text(encoding="utf-8"))
    document["problems"] = [{"path": "/alert", "keyword": "required", "severity": "error"}]
    (tmp_path / "invalid-alerts.json").write_text(json.dumps(document), encoding="utf-8")
    (tmp_path / "valid-broken.json").write_text("{", encoding="utf-8")
    words = [str(finding) for finding in check_examples(load_form("record_e"), EXAMPLES_AT, tmp_path)]
    assert any("没有出现" in line for line in words)
    assert any("没有记录" in line for line in words)
    assert any("读不出来" in line for line in words)


def test_one_person_goes_through_all_seven_forms() -> None:
    full = {f: json.loads((EXAMPLES / f / "valid-full.json").read_text(encoding="utf-8")) for f in SEVEN}
    assert {data.get("client_name") for data in full.values()} == {"样例甲"}
    assert {data.get("case_no") for data in full.values()} == {"GA-2025-0001"}


def test_every_option_of_the_source_is_an_option() -> None:
    reject = load_form("application_b").fields
    assert "转介服务转介到其他机构、部门或工作者" in reject["/reject_action"].options
    assert reject["/reject_basis"].options == (
        "超出社工能力范围的", "超出中心服务范围的", "服务对象拒绝、放弃", "客观原因：失联、死亡", "其他",
    )  # fmt: skip
    assert load_form("closure_g").fields["/reason"].options[-1] == "其它"
    assert load_form("closure_g").fields["/channel"].options == ("主动求助", "社工发现", "相关转介", "其他")


def test_errata_name_existing_forms_and_give_a_reason() -> None:
    entries = json.loads((data_dir("schemas") / "errata.json").read_text(encoding="utf-8"))["entries"]
    for entry in entries:
        assert set(entry) == {"form", "place", "kind", "seed", "corrected", "reason"}
        assert entry["form"] in SEVEN
        assert entry["kind"] in ("caption", "typo")
        assert entry["reason"]
    captions = {e["form"]: e["corrected"] for e in entries if e["kind"] == "caption"}
    for form_id, corrected in captions.items():
        assert load_form(form_id).captions["corrected"] == corrected

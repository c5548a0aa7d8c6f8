"""Every prefill a form names has somebody who provides it, and every date has one clock."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

import pytest

from archives.numbering import REF_CODE
from desk.station.identity import person_facts
from desk.station.providers import PROVIDED
from docs.form_reference import form_references
from generator.forms.catalogue import list_forms, load_form, read_json
from generator.forms.definition import FormDefinition
from generator.resources import data_dir

ROOT = Path(__file__).parents[2]
FORMS = list_forms()
THE_CLOCK = "desk/cli/_clock.py"
TODAY = {"datetime.now", "date.today", "datetime.today", "datetime.utcnow", "time.localtime", "time.ctime"}


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.id)
def test_every_prefill_has_a_provider(form: FormDefinition) -> None:
    for spec in form.fields.values():
        head, _, path = (spec.prefill or "").partition(".")
        if not head:
            continue
        name = path.split(".")[0]
        if head == "case":
            assert name in PROVIDED, spec.prefill
        elif head == "person":
            assert name in person_facts() or name in {"name", "phone", "address"}, spec.prefill
        elif head != "station":
            assert f"/{name}" in load_form(head).fields, spec.prefill


def test_nothing_is_provided_that_no_form_asks_for() -> None:
    asked = {
        (spec.prefill or "").partition(".")[2].split(".")[0]
        for form in FORMS
        for spec in form.fields.values()
    }
    assert PROVIDED - asked == set()


def test_the_product_has_one_source_of_today() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for room in ("archives", "desk", "generator")
        for path in sorted((ROOT / room).rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and asks_the_time(node)
    ]
    assert [place.partition(":")[0] for place in found] == [THE_CLOCK]


def asks_the_time(call: ast.Call) -> bool:
    """Whether the call asks the computer for the moment, or turns one into the computer's own zone."""
    name = ast.unparse(call.func)
    if name.endswith(".astimezone"):
        return not call.args and not call.keywords
    if name.endswith("fromtimestamp"):
        return len(call.args) + len(call.keywords) < 2
    return name in TODAY


def test_every_number_of_a_file_is_one_the_archive_gives() -> None:
    """档号 on a form: of a person's file, an item, a site series, an item of it."""
    given = (
        "PZ01-FW·GA-2026-Y-0007", "PZ01-FW·GA-2026-Y-0007·2-003", "PZ01-FW·YW-2026-D3",
        "PZ01-FW·YW-2026-D3-0012", "PZ01-FW·GA-2026-Y-10007-1003",
    )  # fmt: skip
    schemas = "".join(path.read_text(encoding="utf-8") for path in data_dir("schemas").glob("*.json"))
    patterns = {
        json.loads(f'"{one}"') for one in re.findall(r'"pattern": "(\^\[A-Z0-9\][^"]*·[^"]*)"', schemas)
    }
    assert patterns
    for pattern in patterns:
        assert all(re.search(pattern, one) and REF_CODE.match(one) for one in given), pattern


def test_the_reference_says_every_class_of_the_schedule() -> None:
    pages = form_references()
    for rule in read_json(data_dir("schemas") / "retention.json")["rules"]:
        page = pages.get(f"forms/{rule['form']}.md")
        if page is not None:
            years = f" {rule['years']} 年" if "years" in rule else ""
            assert f"{rule['class']}{years}（{rule['reason']}）" in page, rule

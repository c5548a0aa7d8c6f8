"""A form is one schema, one template source and one example: a new one needs no code."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

from generator.docx.build import build_template
from generator.docx.check import check_template
from generator.docx.outline import outline
from generator.docx.source import load_source
from generator.forms.catalogue import Catalogue
from generator.render import PrintIdentity, PrintOptions, form_kit, render_docx, render_pdf
from generator.resources import data_dir
from generator.typeset.fonts import bundled_fonts
from generator.validation.validate import complete, validate

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)

SCHEMA = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$id": "urn:kangdang:form:tea_party:1",
    "title": "茶话会登记表",
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "client_name": {
            "title": "姓名",
            "type": "string",
            "minLength": 1,
            "maxLength": 40,
            "x-required": "final",
            "x-clause": "站点自定",
            "x-hint": "请填写姓名。",
        },
        "held_on": {
            "title": "日期",
            "type": "string",
            "format": "date",
            "x-required": "final",
            "x-clause": "站点自定",
            "x-hint": "请填写日期。",
        },
        "drinks": {
            "title": "饮品",
            "type": "array",
            "uniqueItems": True,
            "minItems": 1,
            "items": {"type": "string", "enum": ["绿茶", "白开水", "其他"]},
            "x-required": "final",
            "x-clause": "站点自定",
            "x-hint": "请勾选饮品。",
        },
        "drink_other": {
            "title": "其他饮品",
            "type": "string",
            "maxLength": 20,
            "x-required": "final",
            "x-when": {"drinks": {"contains": "其他"}},
            "x-clause": "站点自定",
            "x-hint": "请写明。",
        },
        "guests": {
            "title": "来宾",
            "type": "array",
            "minItems": 1,
            "x-required": "final",
            "x-clause": "站点自定",
            "x-hint": "请登记来宾。",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "properties": {
                    "name": {
                        "title": "来宾姓名",
                        "type": "string",
                        "x-required": "final",
                        "x-hint": "请填写来宾姓名。",
                    }
                },
            },
        },
    },
    "x-form": {
        "id": "tea_party",
        "version": 1,
        "code": "T1",
        "family": "站点自定",
        "source": ["站点自定"],
        "captions": {"verbatim": "茶话会登记表", "corrected": "茶话会登记表"},
        "signatures": False,
        "retention": {"class": "G3", "reason": "r3"},
        "copies": 1,
        "header": {"name": "/client_name"},
    },
    "x-rules": [],
}
SOURCE = """
form: tea_party
blocks:
  - title
  - table:
      columns: [40, 122]
      rows:
        - cells: [{text: 姓名, style: Label}, {text: "{client_name}"}]
        - cells: [{text: 日期, style: Label}, {text: "{held_on|    年  月  日}"}]
        - cells:
            - {text: 饮品, style: Label}
            - {text: "{?drinks=绿茶}绿茶 {?drinks=白开水}白开水 {?drinks=其他}其他：{drink_other}"}
        - for: g in guests
          least: 2
          cells: [{text: 来宾, style: Label}, {text: "{g.name}"}]
"""
ANSWERS = {
    "client_name": "样例己",
    "held_on": "2026-11-01",
    "drinks": ["绿茶"],
    "guests": [{"name": "样例庚"}],
}


def test_an_eighth_form_is_data_only(tmp_path: Path) -> None:
    schemas = tmp_path / "schemas"
    schemas.mkdir()
    (schemas / "tea_party.json").write_text(json.dumps(SCHEMA, ensure_ascii=False), encoding="utf-8")
    (tmp_path / "tea_party.yaml").write_text(SOURCE, encoding="utf-8")

    catalogue = Catalogue([data_dir("schemas"), schemas])
    form = catalogue.load("tea_party")
    assert "tea_party" in catalogue.ids()

    raw = build_template(load_source(tmp_path / "tea_party.yaml"), form, {})
    (tmp_path / "tea_party.docx").write_bytes(raw)
    assert check_template(form, raw, subject="tea_party") == []

    missing = validate(form, {"drinks": ["其他"]}, "final", NOW)
    assert [p.path for p in missing.errors] == ["/client_name", "/held_on", "/drink_other", "/guests"]
    completed = complete(form, ANSWERS, "final", NOW)
    assert completed.report.ok

    kit = form_kit("tea_party", template=tmp_path / "tea_party.docx", form=form)
    identity = PrintIdentity("0000000000", NOW)
    pdf = render_pdf(kit, completed.data, PrintOptions(), identity, bundled_fonts())
    assert pdf.pages == 1
    assert {e.pointer for e in pdf.page_map.entries} == {
        "/client_name",
        "/held_on",
        "/drinks",
        "/drink_other",
        "/guests/*/name",
    }
    docx = render_docx(kit, completed.data, PrintOptions(), identity)
    text = outline(docx.content)
    assert "☑绿茶 □白开水 □其他：" in text
    assert text.count("来宾") == 2
    assert "2026年11月1日" in text

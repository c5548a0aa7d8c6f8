"""Templates and what is filled from them are sound for Word beyond what schemas see."""

from __future__ import annotations

import json

import pytest

from generator.docx.context import ContextBuilder, SheetText
from generator.docx.package import IDENTITY_PART, read_package
from generator.identity.symbol import placeholder_png
from generator.render import form_kit
from generator.resources import data_dir
from tests.docx.editing import parts_of
from tests.docx.soundness import unsound

FORMS = tuple(path.stem for path in sorted(data_dir("templates").glob("*.docx")))


@pytest.mark.parametrize("form_id", FORMS)
def test_a_template_and_its_documents_are_sound(form_id: str) -> None:
    assert unsound(parts_of(form_id)) == []
    kit = form_kit(form_id)
    folder = data_dir("schemas") / "examples" / form_id
    answers = [json.loads(path.read_bytes()) for path in sorted(folder.glob("valid*.json"))]
    for given in ({}, *answers):
        context = ContextBuilder(kit.form).build(given, SheetText(kit.form.title, "表", "编号"))
        filled = kit.template.fill(context, {IDENTITY_PART: placeholder_png()})
        assert unsound(read_package(filled).parts) == []


def test_what_is_not_sound_is_seen() -> None:
    parts = parts_of("case_note")
    document = parts["word/document.xml"]
    for old, new in (
        (b"</w:tr>", b""),
        (b'w:name="f_case_no"', b'w:name="f_client_name"'),
        (b"</w:p></w:tc>", b"</w:p><w:sectPr/></w:tc>"),
        (b'<w:gridSpan w:val="2"/>', b""),
        (b'r:id="rId4"', b'r:id="rId44"'),
    ):
        changed = document.replace(old, new, 1)
        assert changed != document
        try:
            assert unsound({**parts, "word/document.xml": changed}), old
        except SyntaxError:
            continue

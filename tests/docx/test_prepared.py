"""The prepared parts beside the standard templates: what docxtpl makes of them, and read for them only."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from generator.docx.context import ContextBuilder, SheetText
from generator.docx.fill import CompiledTemplate
from generator.docx.package import read_package
from generator.docx.prepared import beside, read_beside, to_json
from generator.docx.preparing import prepare_plainly
from generator.errors import TemplateTagInvalid
from generator.forms.catalogue import load_form
from generator.resources import data_dir

TEMPLATES = sorted(data_dir("templates").glob("*.docx"))
ONE = data_dir("templates") / "record_e.docx"


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.stem)
def test_prepared_parts_are_what_docxtpl_makes_of_the_template(path: Path) -> None:
    raw = path.read_bytes()
    made = prepare_plainly(raw, read_package(raw))
    assert made is not None, "a tag that plain steps cannot say"
    assert read_beside(path, sha256(path)) == made, "kangdang template build"
    assert beside(path).read_bytes() == to_json(raw, made)


def test_nothing_is_prepared_for_a_template_that_is_not_there() -> None:
    prepared = {path.stem for path in beside(ONE).parent.glob("*")}
    assert prepared == {path.stem for path in TEMPLATES}


def copy_of(tmp_path: Path) -> Path:
    path = tmp_path / ONE.name
    beside(path).parent.mkdir()
    shutil.copy(ONE, path)
    shutil.copy(beside(ONE), beside(path))
    return path


def test_parts_of_another_docx_are_passed_over(tmp_path: Path) -> None:
    path = copy_of(tmp_path)
    assert read_beside(path, sha256(path)) is not None
    assert read_beside(path, sha256(TEMPLATES[0])) is None
    beside(path).unlink()
    assert read_beside(path, sha256(path)) is None


def test_what_is_wrong_with_a_tag_is_said_by_jinja() -> None:
    template = CompiledTemplate(ONE.read_bytes(), read_beside(ONE, sha256(ONE)))
    context = ContextBuilder(load_form("record_e")).build({}, SheetText("题"))
    context["sheet"].pop("typo_fix")
    with pytest.raises(TemplateTagInvalid, match="typo_fix"):
        template.fill(context)


def test_filling_from_prepared_parts_gives_the_same_docx() -> None:
    form = load_form("record_e")
    answers = json.loads(
        (data_dir("schemas") / "examples" / "record_e" / "long-full.json").read_text(encoding="utf-8")
    )
    context = ContextBuilder(form).build(answers, SheetText(form.title))
    raw = ONE.read_bytes()
    ours = CompiledTemplate(raw, read_beside(ONE, sha256(ONE)))
    assert ours.fill(context) == CompiledTemplate(raw).fill(context)
    assert dict(read_package(ours.fill(context)).parts) == dict(ours.fill_parts(context))


PRINT = """
import sys
from generator.render import PrintOptions, form_kit, sheet_text
kit = form_kit("record_e")
kit.template.fill(kit.context.build({}, sheet_text(kit.form, {}, PrintOptions())))
assert not {"docx", "docxtpl", "jinja2"} & set(sys.modules)
"""


def test_a_standard_form_is_filled_without_docxtpl_and_jinja() -> None:
    subprocess.run([sys.executable, "-c", PRINT], check=True)

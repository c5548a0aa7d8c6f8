"""``form check`` over all shipped forms: definitions, templates and examples agree, nothing is missing."""

from __future__ import annotations

from desk.checking import check_all
from desk.home import StationHome
from generator.docx.library import build_form_files, sources
from generator.forms.catalogue import list_forms
from generator.resources import data_dir


def test_definitions_templates_and_examples_agree() -> None:
    findings, counts = check_all(StationHome())
    assert [str(finding) for finding in findings] == []
    assert counts["forms"] == counts["templates"] == len(list_forms())


def test_every_form_has_a_full_example_a_long_one_and_recorded_mistakes() -> None:
    for form in list_forms():
        names = {path.stem for path in (data_dir("schemas") / "examples" / form.id).glob("*.json")}
        assert {"valid-full", "long-full"} <= names, form.id
        assert sum(name.startswith("invalid") for name in names) >= 4, form.id


def test_shipped_templates_are_built_from_their_sources() -> None:
    for path in sources():
        for name, content in build_form_files(path).items():
            assert (path.parent / name).read_bytes() == content, name

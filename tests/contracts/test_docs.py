"""Documentation that fails when it lies: whatever a person can type or meet is written down."""

from __future__ import annotations

import importlib
import inspect
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import click
import pytest

from desk.cli.main import COMMANDS
from docs.generate import every_error, generated, leaves
from generator.docx.build import build_template
from generator.docx.check import check_template
from generator.docx.context import SheetText
from generator.docx.library import errata
from generator.docx.markup import parse
from generator.docx.source import (
    BlockSource,
    CellSource,
    ParagraphSource,
    RowSource,
    TableSource,
    TemplateSource,
    load_source,
)
from generator.errors import TemplateTagInvalid
from generator.forms import functions, profile
from generator.forms.catalogue import list_forms, load_form
from generator.forms.conditions import CONNECTIVES, OPERATORS
from tests.contracts.test_readme import blocks

DOCS = Path(__file__).parents[2] / "docs"


def page(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def test_generated_files_are_in_step() -> None:
    stale = [
        path.name
        for path, content in generated().items()
        if not path.is_file() or path.read_bytes() != content
    ]
    assert stale == [], "run make docs"


def test_no_generated_page_is_left_of_a_form_that_is_gone() -> None:
    assert {path.stem for path in (DOCS / "forms").glob("*.md")} == {form.id for form in list_forms()}


@cache
def commands() -> dict[str, click.Command]:
    found = {}
    for name, (module, attribute, _) in COMMANDS.items():
        found |= dict(leaves(f"kangdang {name}", getattr(importlib.import_module(module), attribute)))
    return found


def unwritten(path: str, command: click.Command, sections: list[str]) -> Iterator[str]:
    """What of a command its section of the reference does not say."""
    section = next((part for part in sections if re.match(rf"{path}[ `]", part)), "")
    if not command.help or inspect.cleandoc(command.help) not in section:
        yield f"{path}: the command itself"
    for param in command.params:
        if isinstance(param, click.Option):
            if not param.help:
                yield f"{path} {param.name}: says nothing of itself"
            yield from (f"{path} {name}: not in cli.md" for name in param.opts if name not in section)


def test_every_command_and_option_is_in_the_reference() -> None:
    sections = page("cli.md").split("\n`")
    assert len(commands()) > 100
    assert [line for found in commands().items() for line in unwritten(*found, sections)] == []
    ((path, command), *_) = commands().items()
    assert list(unwritten(path, command, ["another section"])), "the look itself sees nothing"


def test_every_command_is_explained_to_somebody() -> None:
    pages = ("manual.zh-CN.md", "manual-archive.zh-CN.md", "templates.md", "schema.md")
    texts = "\n".join(page(name) for name in pages)
    assert [path for path in commands() if path not in texts] == []


def test_every_command_that_reports_has_json() -> None:
    # Talks with a person, its result is a data file; tells what comes in until it is stopped.
    asking = {"kangdang fill", "kangdang scan watch"}
    # Their whole answer is that it is done; the exit code says it too.
    done = {
        "document void", "file assign", "file close", "file end", "file grant", "file place", "hold release",
        "logout", "record event", "record void", "scan back", "scan blank", "scan clear", "scan original",
        "scan reject", "station settings accept", "user close", "user leave", "user password", "user recover",
        "user role", "user sheet", "user supervisor", "user unlock",
    }  # fmt: skip
    without = {
        path for path, command in commands().items() if "as_json" not in {p.name for p in command.params}
    }
    assert without <= asking | {f"kangdang {path}" for path in done}


def test_every_error_is_in_the_reference() -> None:
    text, errors = page("errors.md"), list(every_error())
    assert len(errors) > 40
    lines = [f"| `{error.__name__}` | {error.exit_code} |" for error in errors]
    assert [line for line in lines if line not in text] == []


WORDS = {
    "field keyword": tuple(profile.FIELD_KEYWORDS),
    "root keyword": tuple(profile.ROOT_KEYWORDS),
    "form keyword": tuple(profile.FORM_KEYWORDS),
    "rule keyword": tuple(profile.RULE_KEYWORDS),
    "format": profile.FORMATS,
    "print format": profile.PRINT_FORMATS,
    "kind": profile.KINDS,
    "condition operator": (*OPERATORS, *CONNECTIVES),
    "rule function": tuple(functions.RULE_FUNCTIONS),
    "computing function": tuple(functions.VALUE_FUNCTIONS),
}


def test_every_word_of_a_form_definition_is_documented() -> None:
    assert all(WORDS.values())
    text = page("schema.md")
    missing = [
        f"{kind} {word}"
        for kind, words in WORDS.items()
        for word in words
        if not re.search(rf'[`"{{]{re.escape(word)}[`":]', text)
    ]
    assert missing == []


def test_every_appendix_is_in_the_manual() -> None:
    forms = [form for form in list_forms() if form.family == "附录A–G"]
    assert len(forms) == 7
    for form in forms:
        assert f"| {form.code} | `{form.id}` | {form.title} |" in page("manual.zh-CN.md")


SOURCES = (TemplateSource, BlockSource, TableSource, RowSource, CellSource, ParagraphSource)


@pytest.mark.parametrize("model", SOURCES, ids=lambda model: model.__name__)
def test_every_member_of_a_template_source_is_documented(model: type) -> None:
    names = [info.alias or name for name, info in model.model_fields.items()]  # type: ignore[attr-defined]
    missing = [name for name in names if f"`{name}`" not in page("templates.md")]
    assert missing == []


def test_every_inline_mark_is_documented_and_understood() -> None:
    marks = [
        mark.replace(r"\|", "|") for mark in re.findall(r"^\| `(\{[^`]*\})` \|", page("templates.md"), re.M)
    ]
    kinds = {
        piece.kind
        for mark in marks
        for piece in parse(mark.replace("option", "是").replace(":n", ":8"), place="表")
    }
    assert kinds >= {"field", "box", "mark", "check", "sign", "erratum", "underline"}
    documented = inspect.getdoc(importlib.import_module("generator.docx.markup")) or ""
    assert {mark[:2] for mark in marks} >= set(re.findall(r"^ *(\{[?!^@~_])", documented, re.MULTILINE))


def test_every_name_of_a_tag_is_documented() -> None:
    from generator.docx.tags import ROOMS

    text = page("templates.md")
    for room in ROOMS:
        assert f"| `{room}` |" in text
    for name in SheetText._fields:
        assert f"`{name}`" in text


def test_the_documented_source_builds(tmp_path: Path) -> None:
    (source,) = [block for block in blocks("docs/templates.md") if block.mark == "file: record.yaml"]
    path = tmp_path / "record.yaml"
    path.write_text(source.text, encoding="utf-8")
    built = build_template(load_source(path), load_form("record_e"), errata("record_e"))
    # Only the fields it leaves out are found fault with.
    findings = check_template(load_form("record_e"), built, subject="record.yaml")
    assert findings
    assert all("没有印在表上" in finding.message for finding in findings)


def test_a_member_that_is_not_documented_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "record.yaml"
    path.write_text("form: record_e\nblocks:\n  - titel: true\n", encoding="utf-8")
    with pytest.raises(TemplateTagInvalid, match=r"blocks\.0\.titel") as refused:
        load_source(path)
    assert (DOCS.parent / "docs" / "templates.md").exists()
    assert "docs/templates.md" in refused.value.hint

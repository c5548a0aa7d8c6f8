"""Whoever runs kangdang reads Chinese, also where the words are Click's."""

from __future__ import annotations

import ast
import gettext
import os
import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from desk.cli._chinese import chinese, columns
from desk.cli.main import COMMANDS
from docs.catalogue import CATALOGUE, compiled, read_po
from docs.generate import leaves
from tests.cli.conftest import Kangdang

# Words of Click that no command of ours can show, by what would have to be there for them to show.
PROMPTS = {
    "Do you want to continue?", "Confirm the action without prompting.", "Repeat for confirmation",
    "Error: The two entered values do not match.", "Error: invalid input", "Press any key to continue...",
    "{editor}: Editing failed", "{editor}: Editing failed: {e}", "d",
}  # fmt: skip
MISTAKES_IN_CODE = {
    "Name '{name}' defined twice",
    "Boolean option {decl!r} cannot use the same flag for true/false.",
    "Could not determine name for option with declarations {decls!r}",
    "No options defined but a name was passed ({name}). Did you mean to declare an argument instead?"
    " Did you mean to pass '--{name}'?",
    "Arguments take exactly one parameter declaration, got {length}: {decls}.",
    "Invalid start character for option ({option})",
    "Unknown color {colour!r}",
    "Unknown standard stream '{name}'",
}
DEPRECATED = {
    "deprecated",
    "DeprecationWarning: The command {name!r} is deprecated.{extra_message}",
    "DeprecationWarning: The {param_type} {name!r} is deprecated.{extra_message}",
}
NOT_USED = {
    "%(prog)s, version %(version)s",  # our own message
    "Try '{command} {option}' for help.",  # our own cure
    "{value!r} is not a valid UUID.",
    "{name} {filename!r} is not executable.",
    "Windows error: {error}",
    "Shell completion is not supported for Bash versions older than 4.4.",
    "Couldn't detect Bash version, shell completion is not supported.",
}


def click_messages() -> Iterator[tuple[str, str]]:
    """(singular, plural or "") of every text that Click hands to gettext."""
    for path in sorted(Path(click.__file__).parent.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                texts = [arg.value for arg in node.args if isinstance(arg, ast.Constant)]
                if node.func.id in ("_", "gettext") and texts:
                    yield texts[0], ""
                elif node.func.id == "ngettext":
                    yield texts[0], texts[1]


def test_every_word_of_this_click_is_translated_or_known_never_to_show() -> None:
    catalogue = read_po(CATALOGUE.read_text(encoding="utf-8"))
    never = PROMPTS | MISTAKES_IN_CODE | DEPRECATED | NOT_USED
    found = set(click_messages())
    assert len(found) > 50, "Click's messages are not where they were"
    keys = {f"{one}\0{many}" if many else one for one, many in found if one not in never}
    assert keys - set(catalogue) == set()
    # "required" reaches gettext as a variable.
    assert set(catalogue) - keys == {"", "required"}


def test_translations_use_only_what_click_fills_in() -> None:
    for original, translation in read_po(CATALOGUE.read_text(encoding="utf-8")).items():
        names = set(re.findall(r"\{(\w+)", original))
        assert set(re.findall(r"\{(\w+)", translation)) <= names, original


def test_the_compiled_catalogue_is_in_step_and_gettext_reads_it() -> None:
    path, content = compiled()
    assert path.read_bytes() == content, "run make docs"
    with path.open("rb") as stream:
        words = gettext.GNUTranslations(stream)
    assert words.gettext("Usage:") == "用法："
    plural = words.ngettext("Did you mean {possibility}?", "(Did you mean one of: {possibilities}?)", 1)
    assert plural == "是否想用 {possibilities}？"


@pytest.mark.parametrize("language", [None, "de_DE", "C"])
def test_the_computers_language_is_put_back(language: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LANGUAGE", raising=False)
    if language:
        monkeypatch.setenv("LANGUAGE", language)
    with chinese():
        assert gettext.gettext("Usage:") == "用法："
    assert gettext.gettext("Usage:") == "Usage:"
    assert os.environ.get("LANGUAGE") == language


def every_command() -> list[str]:
    import importlib

    names = ["", *COMMANDS]
    for name, (module, attribute, _) in COMMANDS.items():
        command = getattr(importlib.import_module(module), attribute)
        names += [path.removeprefix("kangdang ") for path, _ in leaves(f"kangdang {name}", command)]
    return list(dict.fromkeys(names))


COMMAND_WORDS = {word for command in every_command() for word in command.split()}
ENGLISH_FINE = {
    "AR",  # AR4 … AR10, the registers
    "SQ",
    "GA",  # numbers of applications and of cases
    "phone",  # a fact of a person as person amend names it
    "eligible",  # a status as retention plan names it
    "WinRAR",
    "Zip",  # 7-Zip
    "tools",
    "py",
    "JSON",
    "JPEG",
    "PNG",
    "TIFF",
    "ZIP",
    "zip",
    "csv",
    "jsonl",
    "xlsx",
    "PDF",
    "Word",
    "WPS",
    "docx",
    "pdf",
    "json",
    "yaml",
    "html",
    "index",
    "print",
    "kangdang",
}


SUBCOMMANDS = {"list", "show", "check", "build", "install", "make", "verify", "expire", "tombstones"}
VALUES = (
    "bundled system draft final signed errata templates sw inst both intake plan service closing archive "
    "all first"
)


def foreign(text: str) -> set[str]:
    """Words of a help text that are neither Chinese nor something to type."""
    text = re.sub(r"--?[a-z][a-z-]*", " ", text)  # options
    text = re.sub(r"1<=x<=\d+", " ", text)  # ranges
    text = re.sub(r"\[[a-z|]+\]|默认：\s*[a-z]+|KANGDANG_HOME|\d{4}-\d\d-\d\dT[\d:]+", " ", text)
    text = re.sub(rf"\b({'|'.join(VALUES.split())})\b", " ", text)  # values, files
    words = set(re.findall(r"[A-Za-z]{2,}", text))
    return words - {"Ctrl"} - ENGLISH_FINE - COMMAND_WORDS - SUBCOMMANDS


@pytest.mark.parametrize("wide", [40, 80])
def test_help_is_chinese(wide: int, kangdang: Kangdang, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", str(wide))
    assert len(every_command()) > 100
    found = {}
    for command in every_command():
        ended = kangdang(*command.split(), "--help")
        if words := foreign(ended.out) or (ended.code != 0 and {f"exit {ended.code}"}):
            found[command] = words
    assert found == {}
    assert foreign("Show this message and exit.") >= {"Show", "message", "exit"}


def test_help_columns_line_up_on_the_screen(kangdang: Kangdang) -> None:
    lines = kangdang("render", "--help").out.splitlines()
    options = [line for line in lines if line.startswith("  -")]
    starts = set()
    for line in options:
        parts = re.match(r"(  \S.*?\S  +)(\S)", line)
        if parts and columns(parts[1]) <= 34:
            starts.add(columns(parts[1]))
    assert len(options) >= 10
    assert len(starts) == 1
    assert max(columns(line) for line in lines) <= 80

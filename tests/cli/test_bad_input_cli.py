"""docs/bad-input-cli.md tells the truth: each command gives exactly the lines and exit code beside it."""

from __future__ import annotations

import io
import re
import shlex
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import NamedTuple

import pytest

from tests.cli.conftest import Kangdang

DOC = Path(__file__).parents[2] / "docs" / "bad-input-cli.md"


class Row(NamedTuple):
    name: str
    command: str
    lines: str
    code: str


def rows() -> list[Row]:
    section = DOC.read_text(encoding="utf-8").split("\n## ")[1]
    cells = [re.split(r"(?<!\\)\|", line)[1:-1] for line in section.splitlines() if line.startswith("|")]
    return [Row(*(cell.strip() for cell in line)) for line in cells[2:]]


def test_the_table_is_read_whole() -> None:
    assert len(rows()) >= 35
    assert len({row.name for row in rows()}) == len(rows())


@pytest.mark.parametrize("row", rows(), ids=lambda row: row.name)
@pytest.mark.usefixtures("folder")
def test_a_mistake_gives_its_documented_lines(
    row: Row, kangdang: Kangdang, monkeypatch: pytest.MonkeyPatch
) -> None:
    if sys.platform == "win32" and "/sys/" in row.command:
        pytest.skip("the unwritable folder of this row is Linux's")
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(b"")))
    program, *arguments = shlex.split(row.command.strip("`"))
    assert program == "kangdang"
    ended = kangdang(*arguments)
    assert "<br>".join(ended.lines) == row.lines.replace(r"\|", "|")
    assert str(ended.code) == row.code


@pytest.mark.parametrize("row", rows(), ids=lambda row: row.name)
def test_every_mistake_says_what_to_do(row: Row) -> None:
    wrong, cure = row.lines.split("<br>")[-2:]
    assert wrong.startswith("错误：")
    assert wrong.endswith(("。", "？"))
    assert cure.startswith("办法：")
    assert cure.endswith("。")


@pytest.mark.usefixtures("folder")
def test_nothing_is_left_behind_by_a_refused_command(kangdang: Kangdang, folder: Path) -> None:
    before = sorted(path.name for path in folder.rglob("*"))
    for row in rows():
        kangdang(*shlex.split(row.command.strip("`"))[1:]) if " - " not in f"{row.command} " else None
    assert sorted(path.name for path in folder.rglob("*")) == before

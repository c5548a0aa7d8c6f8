"""docs/bad-input-archive.md, 建档与文书: each command gives exactly its lines and exit code."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import pytest

from archives.duties.requests import ask
from archives.log.purposes import Purpose
from tests.station.casefiles import casefiles, data_files, scan_come_home
from tests.station.office import Office

DOC = Path(__file__).parents[2] / "docs" / "bad-input-archive.md"
SECTION = "建档与文书"


class Row(NamedTuple):
    name: str
    role: str
    command: str
    lines: str
    code: str


def rows() -> list[Row]:
    parts = DOC.read_text(encoding="utf-8").split("\n## ")
    section = next(part for part in parts if part.startswith(SECTION))
    cells = [re.split(r"(?<!\\)\|", line)[1:-1] for line in section.splitlines() if line.startswith("|")]
    return [Row(*(cell.strip() for cell in line)) for line in cells[2:]]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """One office for all: what is refused leaves it as it was."""
    with pytest.MonkeyPatch.context() as patch:
        made = casefiles(tmp_path_factory.mktemp("office"), patch, None)  # type: ignore[arg-type]  # unused
        data_files(made)
        scan_come_home(made)
        with made.station.archive.acting("test.ask", made.station.director) as unit:
            ask(unit, made.opened.file, Purpose.QUALITY)
        yield made
    made.station.archive.close()


@pytest.fixture
def desk(built: Office, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Office:
    monkeypatch.chdir(built.folder)
    return replace(built, monkeypatch=monkeypatch, capture=capfd)


def test_the_table_is_read_whole() -> None:
    assert len(rows()) >= 65
    assert len({row.name for row in rows()}) == len(rows())


@pytest.mark.parametrize("row", rows(), ids=lambda row: row.name)
def test_a_mistake_gives_its_documented_lines(row: Row, desk: Office) -> None:
    before = sorted(path.name for path in desk.folder.rglob("*"))
    program, *arguments = shlex.split(row.command.strip("`"))
    assert program == "kangdang"
    ended = desk.run(row.role, *arguments)
    assert "<br>".join(ended.lines) == row.lines.replace(r"\|", "|")
    assert str(ended.code) == row.code
    assert sorted(path.name for path in desk.folder.rglob("*")) == before

"""docs/bad-input-scan.md: each command gives exactly its lines and exit code, and leaves nothing behind."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from pypdf import PdfReader, PdfWriter
from sqlalchemy import update

from archives.scans.batches import batches, ledger
from archives.scans.questions import settle_question
from archives.store.tables import files
from desk.station.scanning.incoming import clear_batch
from desk.station.scanning.queue import assign_to_file, decide
from desk.station.scanning.receiving import receive
from tests.scans.house import empty, house, issue, stack_file
from tests.scans.test_scan_commands import letter
from tests.station.office import Office

DOC = Path(__file__).parents[2] / "docs" / "bad-input-scan.md"


class Row(NamedTuple):
    name: str
    role: str
    command: str
    lines: str
    code: str


def rows() -> list[Row]:
    cells = [
        re.split(r"(?<!\\)\|", line)[1:-1]
        for line in DOC.read_text(encoding="utf-8").splitlines()
        if line.startswith("|")
    ]
    return [Row(*(cell.strip() for cell in line)) for line in cells[2:]]


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """The station the table tells of, for all rows: no mistake changes anything."""
    with pytest.MonkeyPatch.context() as patch:
        yield _standing(tmp_path_factory.mktemp("scans"), patch)


@pytest.fixture
def desk(standing: Office, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Office:
    """The station with this test's own screen."""
    monkeypatch.chdir(standing.folder)
    standing.monkeypatch, standing.capture = monkeypatch, capfd
    return standing


def _standing(folder: Path, patch: pytest.MonkeyPatch) -> Office:
    made = house(folder, patch, None)  # type: ignore[arg-type]  # nothing is run before a test has its screen
    survey, consent, records = issue(made, "record_e"), issue(made, "consent_a"), made.as_role("records")
    like = survey[0]
    receive(
        records, stack_file(made.folder / "一.pdf", [letter(like), letter(like, 2), survey[1]]), keep=True
    )
    decide(records, [2], "rejected", "not_wanted")
    receive(records, stack_file(made.folder / "二.pdf", consent))  # document 3, its rooms to sign are empty
    receive(records, stack_file(made.folder / "三.pdf", [empty(like)]))
    decide(records, [6], "blank")
    clear_batch(records, 3)
    receive(records, stack_file(made.folder / "四.pdf", [letter(like, 3)]))
    assign_to_file(records, [7], made.number)  # document 4
    receive(records, stack_file(made.folder / "五.pdf", [empty(like)], seed=5))  # nobody looks at it
    made.add_document(1, b"%PDF-1.4", kind="attachment")  # document 5
    with made.station.archive.acting("test.state", made.station.records) as unit:
        settle_question(unit, 1, "record")
        unit.execute(update(files).where(files.c.id == made.other.file).values(state="filed"))
    _papers(made.folder)
    return made


def _papers(folder: Path) -> None:
    (folder / "说明.docx").write_bytes(b"PK\x03\x04 word/document.xml")
    (folder / "空.pdf").write_bytes(b"")
    (folder / "坏.pdf").write_bytes(b"%PDF-1.4\n1 0 obj\n<</Type/Catalog")
    (folder / "其实是文本.jpg").write_text("样例", encoding="utf-8")
    (folder / "文件夹").mkdir()
    locked = PdfWriter()
    locked.append(PdfReader(folder / "一.pdf"))
    locked.encrypt("样例密码", algorithm="AES-256")
    with (folder / "加密.pdf").open("wb") as file:
        locked.write(file)


def told(made: Office) -> list[object]:
    """What the archive says of every batch."""
    with made.station.archive.looking(made.station.records) as unit:
        return [(batch.state, ledger(unit, batch.id)) for batch in batches(unit)]


def test_the_table_is_read_whole() -> None:
    assert len(rows()) >= 45
    assert len({row.name for row in rows()}) == len(rows())


@pytest.mark.parametrize("row", rows(), ids=lambda row: row.name)
def test_a_mistake_gives_its_documented_lines(row: Row, desk: Office) -> None:
    before, said = sorted(path.name for path in desk.folder.rglob("*")), told(desk)
    command = row.command.strip("`")
    for word, value in (("打印编号", print_id(desk, 1)), ("协议编号", print_id(desk, 2))):
        command = command.replace(word, value)
    program, *arguments = shlex.split(command)
    assert program == "kangdang"
    ended = desk.run(row.role, *arguments)
    assert "<br>".join(ended.lines) == row.lines.replace(r"\|", "|")
    assert str(ended.code) == row.code
    assert sorted(path.name for path in desk.folder.rglob("*")) == before
    assert told(desk) == said


def print_id(desk: Office, document: int) -> str:
    from archives.items.documents import document_facts

    with desk.station.archive.looking(desk.station.records) as unit:
        return document_facts(unit, document).print_id or ""

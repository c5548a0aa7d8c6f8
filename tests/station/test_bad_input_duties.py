"""docs/bad-input-archive.md, 借阅、权利请求与日志: each command gives exactly its lines and exit code."""

from __future__ import annotations

import re
import shlex
import shutil
from datetime import date
from pathlib import Path
from typing import NamedTuple

import pytest
from sqlalchemy import update

from archives.duties.loans import Terms, lend
from archives.duties.rights import register
from archives.items.records import void
from archives.log.purposes import Purpose
from archives.store.tables_people import staff
from tests.station.office import Office, office

DOC = Path(__file__).parents[2] / "docs" / "bad-input-archive.md"
PASSWORD = "江水-木桥-晴天-石榴-书包-风车"


class Row(NamedTuple):
    name: str
    role: str
    command: str
    lines: str
    code: str


def rows() -> list[Row]:
    parts = DOC.read_text(encoding="utf-8").split("\n## ")
    section = next(part for part in parts if part.startswith("借阅、权利请求与日志"))
    cells = [re.split(r"(?<!\\)\|", line)[1:-1] for line in section.splitlines() if line.startswith("|")]
    return [Row(*(cell.strip() for cell in line)) for line in cells[2:]]


@pytest.fixture(scope="module")
def good_export(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An export made with the pack function's own library, with one member and PASSWORD."""
    import pyzipper

    path = tmp_path_factory.mktemp("export") / "好.zip"
    with pyzipper.AESZipFile(path, "w", encryption=pyzipper.WZ_AES) as archive:
        archive.setpassword(PASSWORD.encode())
        archive.writestr("catalogue.json", b"{}")
    return path


@pytest.fixture
def desk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], good_export: Path
) -> Office:
    made = office(tmp_path, monkeypatch, capfd)
    first, _ = made.add_record("个案服务记录表（第1次）"), made.add_record("个案服务记录表（第2次）")
    archive, records = made.station.archive, made.station.records
    with archive.acting("test.void", made.station.worker) as unit:
        void(unit, first, "样例")
        unit.execute(update(staff).where(staff.c.id == 8).values(left_on="2026-11-01"))
    with archive.acting("test.duties", records) as unit:
        lend(unit, made.opened.file, 1, 4, Terms(Purpose.CASE_SERVICE, 3))
        register(unit, made.opened.file, "delete", "请求删除照片", date(2026, 12, 11))
    for name, content in (
        ("密码.txt", PASSWORD), ("短密码.txt", "江水木桥晴天石榴"), ("空.txt", "\n"), ("旧.zip", "x"),
        ("错密码.txt", "另外-几个-不相干-的词-放在-这里"),
    ):  # fmt: skip
        (made.folder / name).write_text(content, encoding="utf-8")
    (made.folder / "有东西").mkdir()
    (made.folder / "有东西" / "a").write_text("x", encoding="utf-8")
    shutil.copy(good_export, made.folder)
    return made


def test_the_table_is_read_whole() -> None:
    assert len(rows()) >= 40
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

"""check, backup and restore at the command line, and docs/bad-input-archive.md, 检查与备份, word for word."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shlex
import shutil
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.station.founding import PASSWORDS, House, house

DOC = Path(__file__).parents[2] / "docs" / "bad-input-archive.md"


class Row(NamedTuple):
    name: str
    who: str
    command: str
    lines: str
    code: str


def rows() -> list[Row]:
    parts = DOC.read_text(encoding="utf-8").split("\n## ")
    section = next(part for part in parts if part.startswith("检查与备份"))
    cells = [line.split("|")[1:-1] for line in section.splitlines() if line.startswith("|")]
    return [Row(*(cell.strip().strip("`") for cell in line)) for line in cells[2:]]


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("model")


@pytest.fixture
def office(
    tmp_path: Path, model: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> House:
    made = house(tmp_path, model, monkeypatch, capfd)
    made.file("密码.txt", PASSWORDS["guan"])
    made.file("错密码.txt", "wrong password 样例 9")
    for name in ("数据备份", "密钥备份"):
        (tmp_path / name).mkdir()
    assert made.run("backup", "数据备份", "--keys-dest", "密钥备份").code == 0
    return made


def everything(folder: Path) -> dict[str, str]:
    return {
        str(path): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file() and path.suffix not in (".lock", ".db-wal", ".db-shm") and "账户" not in str(path)
    }


@pytest.mark.parametrize("row", rows(), ids=lambda row: row.name)
def test_mistakes_are_told_as_the_manual_says(row: Row, office: House) -> None:
    here = office.folder
    (here / "照片").mkdir()
    (here / "照片" / "1.jpg").write_bytes(b"x")
    (here / "空").mkdir()
    office.file("坏登记.jsonl", "{not json")
    shutil.copytree(here / "数据备份", here / "坏备份")
    for path in (here / "坏备份").rglob("kangdang.db"):
        os.truncate(path, 1000)
    if row.who != "-":
        office.login(row.who)
    kept = ("数据备份", "密钥备份", "坏备份", "照片")
    before = {name: everything(here / name) for name in kept}
    ended = office.run(*shlex.split(row.command)[1:])
    assert ended.lines == row.lines.split("<br>")
    assert ended.code == int(row.code)
    assert {name: everything(here / name) for name in kept} == before
    assert not (here / "新站").exists()


def test_check_backup_verify_and_restore(office: House) -> None:
    office.login("guan")
    sound = office.run("check")
    assert sound.code == 0, sound.lines
    assert sound.lines[-1] == "检查完成：没有发现问题。"
    proof = office.run("backup", "verify", "数据备份", "--keys", "密钥备份")
    assert proof.code == 0, proof.lines
    assert "验证通过" in proof.out
    told = office.run(
        "restore", "数据备份", "--keys", "密钥备份", "--to", "新站", "--keys-to", "新密钥",
        "--login", "guan", "--password-file", "密码.txt", "--json",
    )  # fmt: skip
    assert told.code == 0, told.lines
    facts = json.loads(told.out)
    assert facts["made_at"] == "2026-11-22T09:00:00+08:00"
    assert facts["destroyed_again"] == 0
    assert json.loads((office.folder / "新站" / "station.json").read_text())["keys_folder"].endswith("新密钥")
    listed = office.run("backup", "list", "数据备份")
    assert re.fullmatch(
        r"20261122T090000  数据  2026-11-22T09:00:00\+08:00  保留到 2027-02-20", listed.lines[0]
    )


def test_a_corrected_fact_leaves_check_backup_and_restore_sound(office: House) -> None:
    office.login("she")
    facts = office.file("新人.json", json.dumps({"name": "样例甲", "phone": "13900001234"}))
    assert office.run("person", "open", facts).code == 0
    for field, value in (("phone", "13900005678"), ("ethnicity", "汉族")):
        changed = office.run("person", "amend", "SQ-2026-0001", field, value, "--reason", "样例：核对后更正")
        assert changed.code == 0, changed
    office.login("guan")
    assert office.run("check").lines[-1] == "检查完成：没有发现问题。"
    assert office.run("backup", "数据备份", "--keys-dest", "密钥备份").code == 0
    proof = office.run("backup", "verify", "数据备份", "--keys", "密钥备份")
    assert (proof.code, proof.err) == (0, ""), proof.lines
    told = office.run(
        "restore", "数据备份", "--keys", "密钥备份", "--to", "新站", "--keys-to", "新密钥",
        "--login", "guan", "--password-file", "密码.txt",
    )  # fmt: skip
    assert told.code == 0, told.lines


def test_an_expired_backup_goes_only_when_told_twice(office: House) -> None:
    office.clock.pass_days(100)
    assert office.run("backup", "数据备份").code == 0
    assert office.run("backup", "expire", "数据备份", "--execute").code == 78, (
        "first somebody says what day it is"
    )
    office.login("guan")
    assert office.run("clock", "confirm", "2027-03-02").code == 0
    dry = office.run("backup", "expire", "数据备份")
    assert dry.lines == ["将清除 20261122T090000", "共 1 份到期。确认后请加 --execute。"]
    assert office.run("backup", "expire", "数据备份", "--execute").lines == [
        "已清除 20261122T090000",
        "共 1 份到期。",
    ]
    assert office.run("backup", "list", "数据备份").lines[-1] == "共 1 份。"


def test_findings_of_a_check_are_no_success(office: House) -> None:
    office.login("guan")
    office.layout.home.chmod(0o755)
    ended = office.run("check")
    assert ended.code == 1
    assert ended.lines[0] == f"问题 {office.layout.home} 可以被其他用户读取。"


def test_the_copies_are_on_the_register_after_the_next_login(office: House) -> None:
    with office.station("guan") as station, station.archive.data.reading() as connection:
        kinds = connection.exec_driver_sql("SELECT kind, gone_by FROM outside_copies").all()
    assert [tuple(kind) for kind in kinds] == [("backup", "2027-02-20")] * 2

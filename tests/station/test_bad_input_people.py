"""docs/bad-input-archive.md, 站点与人员: each command gives exactly its lines and exit code."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from archives.keys import recovery
from desk.station import people as desk
from desk.station.newcomers import Newcomer
from tests.archives.making import seeded
from tests.station.founding import CHEAP, GUAN, NEW, SHE, House, id_number

DOC = Path(__file__).parents[2] / "docs" / "bad-input-archive.md"
HERE = "/样例"
"""How the table writes the folder the commands run in."""


class Row(NamedTuple):
    name: str
    login: str
    command: str
    lines: str
    code: str


def rows() -> list[Row]:
    parts = DOC.read_text(encoding="utf-8").split("\n## ")
    section = next(part for part in parts if part.startswith("站点与人员"))
    cells = [re.split(r"(?<!\\)\|", line)[1:-1] for line in section.splitlines() if line.startswith("|")]
    return [Row(*(cell.strip() for cell in line)) for line in cells[2:]]


ADMIN = {
    "name": "样例管理员", "id_number": id_number(1), "roles": ["admin"], "login": "guan",
    "password_file": "密码.txt",
}  # fmt: skip
CLERK = {**ADMIN, "name": "样例档案员", "id_number": id_number(3), "roles": ["records"], "login": "dang"}
PEOPLE: dict[str, Any] = {
    "好": [ADMIN],
    "无管理员": [CLERK],
    "一人两员": [ADMIN, {**CLERK, "name": "样例管理员", "id_number": id_number(1)}],
    "同号异名": [ADMIN, {**CLERK, "id_number": id_number(1)}],
    "错号": [{**ADMIN, "id_number": id_number(1)[:17] + ("0" if id_number(1)[17] != "0" else "1")}],
    "少一位": [{**ADMIN, "id_number": id_number(1)[:17]}],
    "缺号": [{"name": "样例", "roles": ["admin"]}],
    "错角色": [{**ADMIN, "roles": ["root"]}],
    "多项目": [{**ADMIN, "phone": "x"}],
    "站外有角色": [ADMIN, {"name": "样例", "id_number": "P1234567", "outside": True, "roles": ["worker"]}],
    "同名账号": [ADMIN, {**CLERK, "login": "GUAN"}],
    "无密码文件": [{**ADMIN, "password_file": "没有.txt"}],
    "弱密码": [{**ADMIN, "password_file": "弱.txt"}],
    "不是列表": {"name": "样例"},
    "社工乙": [{**CLERK, "name": "样例社工乙", "id_number": id_number(31), "login": "she"}],
    "改名": [{"name": "样例别名", "id_number": id_number(5), "roles": ["worker"]}],
    "兼任": [{**CLERK, "name": "样例审计员", "id_number": id_number(4), "login": "shen2"}],
    "第二人错": [ADMIN, {**CLERK, "id_number": id_number(3)[:16]}],
}  # fmt: skip


@pytest.fixture(scope="module")
def grown(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the station with people who came and went is kept, once it is made."""
    return tmp_path_factory.mktemp("人员")


def _people_came_and_went(home: House, grown: Path) -> None:
    """One closed account, one who has left; made once, then copied."""
    if list(grown.iterdir()):
        for name in ("站点", "密钥"):
            shutil.rmtree(home.folder / name)
            shutil.copytree(grown / name, home.folder / name)
        (home.folder / "账户").mkdir()  # as the login that was left behind made it
    else:
        with home.station("guan") as station:
            desk.register(
                station, Newcomer("样例社工丙", id_number(40), ("worker",), "bing", NEW), cost=CHEAP
            )
            desk.close(station, "bing")
            desk.register(station, Newcomer("样例社工丁", id_number(41), ("worker",)), cost=CHEAP)
            desk.depart(station, "#8")
        home.run("logout")
        for name in ("站点", "密钥"):
            shutil.copytree(home.folder / name, grown / name)
    home.random = seeded(71)  # draws nothing that was drawn while it was made


@pytest.fixture
def street(home: House, grown: Path) -> House:
    """A station and what lies around it in the folder."""
    _people_came_and_went(home, grown)
    for name, content in PEOPLE.items():
        home.file(f"{name}.json", json.dumps(content, ensure_ascii=False))
    for name, text in (
        ("密码", NEW), ("弱", "12345678901"), ("空", ""), ("错", "另外 几个 不相干 的 词 九个字"),
        ("管理员密码", GUAN), ("站名", "样例康复站2026年"), ("恢复单", home.sheet),
        ("错单", home.sheet.replace(home.sheet[0], "0" if home.sheet[0] != "0" else "1", 1)),
        ("别站单", "\n".join(recovery.make(seeded(99), home.clock().date(), "别站")[0].lines)),
    ):  # fmt: skip
        home.file(f"{name}.txt", text)
    (home.folder / "断.json").write_text('[{"name": ', encoding="utf-8")
    (home.folder / "文件").touch()
    (home.folder / "旧单.pdf").touch()
    for name in ("有东西/a", "代码库/.git", "虚拟环境/lib"):
        (home.folder / name).mkdir(parents=True)
    (home.folder / "虚拟环境" / "pyvenv.cfg").touch()
    for name, mode in (("别人能看", 0o755), ("公用", 0o777)):
        (home.folder / name).mkdir()
        (home.folder / name).chmod(mode)
    return home


def done(street: House, row: Row) -> tuple[str, str]:
    """(lines, exit code) of a row's command, as the table writes them."""
    if row.login != "—":
        street.login(row.login)
    program, *arguments = shlex.split(row.command.strip("`").replace(HERE, str(street.folder)))
    assert program == "kangdang"
    ended = street.run(*arguments)
    return "<br>".join(ended.lines).replace(str(street.folder), HERE).replace("|", r"\|"), str(ended.code)


def test_the_table_is_read_whole() -> None:
    assert len(rows()) >= 45
    assert len({row.name for row in rows()}) == len(rows())


@pytest.mark.skipif(sys.platform == "win32", reason="paths and permissions of the table are Linux's")
@pytest.mark.parametrize("row", rows(), ids=lambda row: row.name)
def test_a_mistake_gives_its_documented_lines(row: Row, street: House) -> None:
    before = sorted(path.name for path in street.folder.iterdir())
    lines, code = done(street, row)
    assert (lines, code) == (row.lines, row.code)
    assert sorted(path.name for path in street.folder.iterdir()) == before, "something was left behind"


@pytest.mark.parametrize("row", rows(), ids=lambda row: row.name)
def test_every_mistake_says_what_to_do_and_names_nobody(row: Row) -> None:
    wrong, cure = row.lines.split("<br>")[-2:]
    assert wrong.startswith("错误：")
    assert cure.startswith("办法：")
    assert cure.endswith("。")
    assert not re.search(r"样例(管理员|负责人|档案员|审计员|社工|别名)", row.lines)
    assert not re.search(r"[0-9]{15}", row.lines)


def test_the_five_wrong_passwords_of_the_manual(street: House) -> None:
    for _ in range(5):
        refused = street.run("login", "she", "--password-file", "错.txt")
        assert refused.lines == ["错误：用户名或密码不正确。", "办法：请检查用户名和密码。"]
    street.file("社工密码.txt", SHE)
    locked = street.run("login", "she", "--password-file", "社工密码.txt")
    assert locked.lines == [
        "错误：登录失败次数过多，请在 2026-11-22 09:15 之后再试。",
        "办法：请到时间后再试，或请系统管理员处理。",
    ]
    assert locked.code == 58

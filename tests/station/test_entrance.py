"""Coming in and going out: what is allowed, what is on the log, what the user is told."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from archives.duties.rights import register
from archives.errors import LoginLocked, LoginRefused
from archives.keys import vault as vaults
from archives.keys.attempts import Attempts
from archives.people.persons import PersonFacts, open_person
from archives.scans.batches import begin, complete
from archives.scans.pages import Judged, add_page
from archives.store.tables_people import events
from desk.cli.main import cli
from desk.station import people as desk
from desk.station.init import UNFINISHED
from desk.station.opening import client_name
from tests.station.founding import DANG, GUAN, NEW, PASSWORDS, SHE, STATION, House, id_number

ROOT = Path(__file__).parents[2]
DOOR = ("login", "logout", "login.failed", "login.locked")


def door(home: House) -> list[tuple[str, str, str]]:
    """(action, subject, result) of what the log saw at the door; the auditor looks."""
    with home.station("shen") as station, station.archive.looking(station.actor) as unit:
        rows = unit.execute(select(events).where(events.c.action.in_(DOOR)).order_by(events.c.seq))
        return [(row.action, row.subject, row.result) for row in rows][:-1]


def wrong(home: House, login: str, times: int) -> None:
    for _ in range(times):
        with pytest.raises((LoginRefused, LoginLocked)):
            home.login(login, "完全 不对 的 密码 八个字")


def test_the_way_in_and_out(home: House) -> None:
    told = home.run("login", "SHE", "--password-file", home.file("p.txt", SHE))
    assert (told.code, told.lines) == (0, [f"样例社工（社工）已登录 {STATION}。"])
    assert home.run("logout").lines == ["she 已退出登录。"]
    assert home.run("logout").code == 59
    assert home.run("user", "list").code == 59
    assert door(home) == [("login", "user:5", "ok"), ("logout", "user:5", "ok")]


def test_the_next_login_tells_of_the_last(home: House) -> None:
    home.login("she")
    home.clock.pass_days(1)
    wrong(home, "she", 2)
    told = home.run("login", "she", "--password-file", home.file("p.txt", SHE), "--json")
    answer = json.loads(told.out)
    assert answer["last_login"].startswith("2026-11-22T09:00")
    assert answer["failures"] == 2
    assert answer["roles"] == ["worker"]
    assert answer["password_changed_by"] is None


def test_every_failure_reaches_the_log_and_unknown_names_do_not(home: House) -> None:
    wrong(home, "she", 1)
    wrong(home, "密码打进了用户名", 1)
    assert door(home) == [("login.failed", "user:5", "failed"), ("login.failed", "station:1", "failed")]


def test_five_failures_lock_and_the_administrator_unlocks(home: House) -> None:
    wrong(home, "she", 5)
    with pytest.raises(LoginLocked):
        home.login("she")  # right, and too late
    home.login("guan")
    assert home.run("user", "unlock", "she").lines == ["已解除锁定。"]
    home.login("she")
    seen = door(home)
    assert [action for action, subject, _ in seen if subject == "user:5"] == [
        *["login.failed"] * 5, "login.locked", "login",
    ]  # fmt: skip


def test_a_session_ends_when_nothing_is_done(home: House) -> None:
    home.login("guan")
    home.clock.now += timedelta(minutes=14)
    assert home.run("user", "list").code == 0
    home.clock.now += timedelta(minutes=14)
    assert home.run("user", "list").code == 0
    home.clock.now += timedelta(minutes=15)
    ended = home.run("user", "list")
    assert (ended.code, ended.lines[0]) == (59, "错误：登录已超时，请重新运行 kangdang login。")


def test_who_logs_in_last_is_the_one(home: House) -> None:
    home.login("guan")
    home.login("she")
    refused = home.run("user", "list")
    assert (refused.code, refused.lines[0]) == (63, "错误：管理用户由系统管理员办理。")


def test_a_closed_account_that_still_unwraps_the_key_is_kept_out_and_on_the_log(home: House) -> None:
    with home.station("guan") as station:
        desk.close(station, "she")
        vaults.add_user(  # as after a crash, or from an older key backup
            home.layout.vault, station.master, "she", SHE, station_name=STATION, random=home.random
        )
    with pytest.raises(LoginRefused, match="已停用"):
        home.login("she")
    assert home.run("user", "list").code == 0, "the administrator's session is still there"
    assert ("login.failed", "user:5", "failed") in door(home)
    assert vaults.load(home.layout.vault).find("she") is None


def test_more_failures_than_are_kept_one_by_one_are_counted(
    home: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("archives.keys.attempts_file.MOST_FAILURES", 3)
    attempts = Attempts(home.layout.attempts, home.random)
    vault = vaults.load(home.layout.vault)
    for number in range(5):
        attempts.begin(vault, f"没有{number}", client_name(), home.clock())
    with home.station("shen") as station, station.archive.looking(station.actor) as unit:
        rows = unit.execute(select(events.c.detail).where(events.c.action == "login.failed")).scalars()
        assert [json.loads(row).get("failures", 1) for row in rows] == [1, 1, 3]


def test_the_mark_of_an_unfinished_start_goes_with_the_first_login(home: House) -> None:
    (home.layout.keys / UNFINISHED).touch(mode=0o600)
    home.login("guan")
    assert not (home.layout.keys / UNFINISHED).exists()


def test_names_are_nowhere_on_the_log(home: House) -> None:
    wrong(home, "she", 1)
    home.run("login", "guan", "--password-file", home.file("p.txt", GUAN))
    home.run("user", "role", "she", "--give", "督导")
    with home.station("shen") as station, station.archive.looking(station.actor) as unit:
        text = "\n".join(map(str, unit.execute(select(events))))
    assert "样例" not in text
    assert not [login for login in PASSWORDS if f"'{login}'" in text]


# The whole of it at the command line.


def test_the_commands_of_people(home: House) -> None:
    home.login("guan")
    entry = {"password_file": "p.txt"}
    people = [
        {**entry, "name": "样例督导", "id_number": id_number(20), "roles": ["督导"], "login": "du"},
        {**entry, "name": "样例社工乙", "id_number": id_number(21), "roles": ["worker"], "login": "she2"},
    ]
    people[1]["supervisor"] = "du"
    home.file("p.txt", NEW)
    added = home.run("user", "add", "--people", home.file("名单.json", json.dumps(people)))
    assert added.lines == ["已登记人员 #7，用户名 du。", "已登记人员 #8，用户名 she2。"]
    assert home.run("user", "role", "#8", "--give", "督导").lines == ["人员 #8 的角色：社工、督导。"]
    assert home.run("user", "role", "she2", "--take", "supervisor").lines == ["人员 #8 的角色：社工。"]
    assert home.run("user", "supervisor", "she", "--by", "du").code == 0
    rows: list[dict[str, Any]] = json.loads(home.run("user", "list", "--json").out)
    assert [row["supervisor"] for row in rows] == [None, None, None, None, 7, None, None, 7]
    assert home.run("user", "close", "she2").code == 0
    assert "she2（停用）" in home.run("user", "list").out
    assert home.run("user", "leave", "#8").code == 0
    assert "2026-11-22 离岗" in home.run("user", "list").out
    assert home.run("user", "password", "du", "--password-file", home.file("新.txt", GUAN)).code == 0
    home.login("du", GUAN)
    changed = home.run(
        "user", "password", "--old-password-file", "新.txt", "--password-file", home.file("更新.txt", NEW)
    )
    assert changed.lines == ["密码已修改，请用新密码重新登录。"]
    home.login("du", NEW)


def test_questions_are_asked_when_nothing_is_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "账户"))
    answers = ["样例康复站", "pz01", "n", "样例管理员", id_number(1), "guan", GUAN, GUAN, "恢复单.pdf"]
    made = CliRunner().invoke(cli, ["init", "站", "--keys", "钥"], input="\n".join(answers) + "\n")
    assert made.exit_code == 0, made.output
    assert GUAN not in made.output
    entered = CliRunner().invoke(cli, ["login", "--home", "站"], input=f"guan\n{GUAN}\n")
    assert "样例管理员（系统管理员）已登录" in entered.output
    answers = ["样例社工", id_number(2), "she", SHE, SHE]
    added = CliRunner().invoke(
        cli, ["user", "add", "--role", "社工", "--home", "站"], input="\n".join(answers) + "\n"
    )
    assert "已登记人员 #2，用户名 she。" in added.output
    outside = CliRunner().invoke(
        cli, ["user", "add", "--outside", "--home", "站"], input="样例监销人\nP1234567\n"
    )
    assert "已登记人员 #3，没有账号。" in outside.output


def test_the_real_program_in_processes_of_its_own(tmp_path: Path) -> None:
    """No clock, no randomness and no prompt of a test: what a user's script would do."""
    one = {"name": "样例", "id_number": id_number(1), "roles": ["admin"], "login": "guan"}
    people = [{**one, "password_file": "p.txt"}]
    (tmp_path / "p.txt").write_text(GUAN + "\n", encoding="utf-8")
    (tmp_path / "名单.yaml").write_text(json.dumps(people, ensure_ascii=False), encoding="utf-8")

    def kangdang(*words: str) -> subprocess.CompletedProcess[str]:
        code = "from desk.cli.main import main; main()"
        env = {
            "PYTHONPATH": str(ROOT),
            "HOME": str(tmp_path / "账户"),
            "PATH": "/usr/bin:/bin",
            "LANG": "C.UTF-8",
        }
        return subprocess.run(
            [sys.executable, "-c", code, *words], cwd=tmp_path, env=env, capture_output=True, text=True,
            timeout=300, check=False, stdin=subprocess.DEVNULL,
        )  # fmt: skip

    made = kangdang(
        "init", "站", "--keys", "钥", "--sheet", "恢复单.pdf", "--name", "样例站", "--fonds", "PZ01",
        "--not-medical", "--people", "名单.yaml", "--json",
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    assert len(json.loads(made.stdout)["fingerprint"]) == 9
    assert (tmp_path / "恢复单.pdf").read_bytes().startswith(b"%PDF-1.7")
    assert kangdang("user", "list", "--home", "站").returncode == 59
    assert kangdang("login", "guan", "--password-file", "p.txt", "--home", "站").returncode == 0
    assert kangdang("user", "list", "--home", "站").returncode == 0
    assert kangdang("logout", "--home", "站").returncode == 0
    assert kangdang("user", "list", "--home", "站").returncode == 59


def test_a_records_manager_hears_of_blank_pages_nobody_looked_at_at_each_login(home: House) -> None:
    with home.station("dang") as station:
        for number in range(2):
            name, _ = station.archive.keys.new()
            with station.acting("test.scan") as unit:
                batch = begin(unit, f"{number}" * 64, 10, name).id
                for page in range(number + 1):
                    add_page(unit, batch, page + 1, Judged("blank", None), None, None)
                complete(unit, batch)
    for _ in range(2):
        told = home.run("login", "dang", "--password-file", home.file("g.txt", DANG))
        assert [line for line in told.lines if "空白" in line] == [
            "提醒 第 1 批有 1 页空白还没有人看过：kangdang scan blanks 1",
            "提醒 第 2 批有 2 页空白还没有人看过：kangdang scan blanks 2",
        ]
    answer = json.loads(home.run("login", "dang", "--password-file", home.file("g.txt", DANG), "--json").out)
    assert answer["unseen_blanks"] == [{"batch": 1, "pages": 1}, {"batch": 2, "pages": 2}]
    told = home.run("login", "she", "--password-file", home.file("p.txt", SHE))
    assert not any("空白" in line for line in told.lines)


def test_a_records_manager_hears_of_requests_to_look_at_today(home: House) -> None:
    with home.station("she") as station:
        with station.acting("test.open") as unit:
            opened = open_person(unit, PersonFacts("样例甲"))
        with station.acting("test.register") as unit:
            due = unit.today + timedelta(days=21)
            register(unit, opened.file, "copy", "样例请求", due, held=False)
    dang = ("login", "dang", "--password-file", home.file("d.txt", DANG))
    told = home.run(*dang)
    assert told.lines[-1] == "提醒 权利请求 QL-2026-0001 等您今天核对：kangdang rights look QL-2026-0001"
    assert json.loads(home.run(*dang, "--json").out)["rights_to_look_at"] == ["QL-2026-0001"]
    assert home.run("rights", "look", "QL-2026-0001").code == 0
    assert json.loads(home.run(*dang, "--json").out)["rights_to_look_at"] == []
    she = home.run("login", "she", "--password-file", home.file("s.txt", SHE), "--json")
    assert json.loads(she.out)["rights_to_look_at"] == []

"""What ``doctor`` says of a station: each thing that can be wrong is named with what to do."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from archives.disposal.schedules import approve_schedule
from archives.duties.requests import ask
from archives.items.records import Content, add_record
from archives.keeping.state import change_keeping
from archives.keys import vault as vaults
from archives.log.purposes import Purpose
from archives.people.files import accept
from archives.people.persons import PersonFacts, open_person
from archives.settings import Layout
from archives.store.tables import schedules
from desk.station import people as desk
from desk.station.init import UNFINISHED
from desk.station.newcomers import Newcomer
from tests.station.founding import CHEAP, NEW, STATION, House, id_number

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="Windows has access lists instead of modes")


class Told(NamedTuple):
    state: str
    detail: str
    cure: str


def doctor(home: House) -> dict[str, list[Told]]:
    """What each check of the station told."""
    ended = home.run("doctor", "--json")
    told: dict[str, list[Told]] = {}
    for one in json.loads(ended.out):
        told.setdefault(one["name"], []).append(Told(one["state"], one["detail"], one["cure"]))
    bad = any(probe.state == "bad" for probes in told.values() for probe in probes)
    assert ended.code == (1 if bad else 0)
    for probes in told.values():
        for probe in probes:
            assert probe.state != "bad" or probe.cure.endswith("。"), probe
    return told


def only(told: dict[str, list[Told]], name: str) -> Told:
    assert len(told[name]) == 1
    return told[name][0]


def test_a_new_station(home: House) -> None:
    home.login("guan")
    told = doctor(home)
    fine = ("站点", "权限", "密钥", "数据库", "账号", "人员", "封签", "待办", "页码密钥")
    assert {name: only(told, name).state for name in fine} == dict.fromkeys(fine, "ok")
    assert STATION in only(told, "站点").detail
    assert only(told, "人员").detail == "在岗 5 人，站外监销人 1 人"
    assert only(told, "销毁人手").state == "ok"
    assert "等待机构负责人批准" in only(told, "保管期限表").detail
    assert only(told, "保管期限表").state == "bad"
    assert only(told, "数据备份").state == only(told, "密钥备份").state == "bad"
    assert only(told, "封签外存").state == "note"
    assert only(told, "日历") == Told(
        "note", "没有 2027 年的放假安排，跨到该年的期限先按暂定计算。",
        "国务院公布后，请升级康档，或把安排写入站点的 calendar_overrides.csv。",
    )  # fmt: skip


def test_without_a_login_it_says_what_it_did_not_see(home: House) -> None:
    told = doctor(home)
    assert "没有登录" in only(told, "站点内部").detail
    assert "数据库" not in told
    assert only(told, "密钥").state == "ok"


def test_it_names_no_person_served_and_shows_no_secret(home: House) -> None:
    with home.station("she") as station, station.acting("test.open") as unit:
        open_person(unit, PersonFacts("样例服务对象", "男", "1990-01-01", "13900000001", id_number(90)))
    ended = home.run("doctor")
    for hidden in ("服务对象", "13900000001", id_number(90)):
        assert hidden not in ended.out


def _calendar(layout: Layout) -> None:
    rows = ("date,kind,source", "2027-01-01,holiday,样例", "2027-10-01,holiday,样例", "2027,complete,样例")
    layout.calendar.write_text("\n".join(rows), encoding="utf-8")


def _fine_calendar(layout: Layout) -> None:
    layout.calendar.write_text("不是日历\n", encoding="utf-8")


BROKEN: list[tuple[str, Callable[[Layout], object], str, str, str]] = [
    ("database", lambda a: a.database.unlink(), "数据", "bad", "缺少 kangdang.db"),
    ("blobs", lambda a: shutil.rmtree(a.blobs), "数据", "bad", "缺少 blobs"),
    ("item keys", lambda a: a.key_store.unlink(), "密钥", "bad", "缺少 keys.db"),
    ("seal key", lambda a: a.seal_key.unlink(), "密钥", "bad", "缺少 seal.key"),
    ("page key", lambda a: a.page_code_key.unlink(), "密钥", "bad", "缺少 page-code.key"),
    ("attempts", lambda a: a.attempts.unlink(), "登录记录", "bad", "另一份完好"),
    (
        "both",
        lambda a: [one.unlink() for one in a.keys.glob("attempts.json*")],
        "登录记录",
        "bad",
        "不能登录",
    ),
    ("stones", lambda a: (a.keys / "tombstones.jsonl").unlink(), "销毁登记", "bad", "没有销毁登记文件"),
    ("vault", lambda a: a.vault.write_bytes(b"{"), "密钥", "bad", "正在使用上一代"),
    ("both vaults", lambda a: shutil.rmtree(a.keys), "密钥", "bad", "没有密钥文件"),
    ("mark", lambda a: (a.keys / UNFINISHED).touch(mode=0o600), "密钥", "note", "登录一次后消失"),
    ("calendar", _fine_calendar, "日历", "bad", "calendar_overrides.csv"),
    ("git", lambda a: (a.home.parent / ".git").mkdir(), "位置", "bad", "是源代码库"),
    ("settings", lambda a: a.settings.write_bytes(b"{"), "站点", "bad", "无法读取"),
]


@pytest.mark.parametrize(
    ("act", "name", "state", "words"), [row[1:] for row in BROKEN], ids=[r[0] for r in BROKEN]
)
def test_what_is_broken_is_named(
    home: House, act: Callable[[Layout], object], name: str, state: str, words: str
) -> None:
    act(home.layout)
    assert [one.state for one in doctor(home)[name] if words in one.detail] == [state]


@POSIX
@pytest.mark.parametrize("where", ["站点", "站点/data/kangdang.db", "密钥/vault.json", "密钥"])
def test_what_others_may_read_is_named(home: House, where: str) -> None:
    path = home.folder / where
    path.chmod(path.stat().st_mode | 0o040)
    told = only(doctor(home), "权限")
    assert told.state == "bad"
    assert told.detail == f"其他系统用户也能读取：{path}。"


def test_a_calendar_of_the_station_covers_next_year(home: House) -> None:
    _calendar(home.layout)
    assert only(doctor(home), "日历") == Told("ok", "2026、2027 年的放假安排齐全", "")


def test_an_approved_schedule_is_fine_and_a_newer_one_waits(home: House) -> None:
    with home.station("fu") as station:
        with station.archive.looking(station.actor) as unit:
            row = unit.execute(schedules.select()).one()
        with station.acting("test.approve") as unit:
            approve_schedule(unit, row.version, row.sha256)
    told = only(doctor(home), "保管期限表")
    assert told == Told("ok", f"现行 {row.version} 版，2026-11-22 批准", "")


def test_backups_grow_old(home: House) -> None:
    at = home.clock().isoformat()
    change_keeping(home.layout.home, lambda was: type(was)(was.check, at, at, at))
    told = doctor(home)
    assert only(told, "数据备份") == Told("ok", "最近一次 2026-11-22（0 天前）", "")
    home.clock.pass_days(8)
    told = doctor(home)
    assert only(told, "数据备份").state == only(told, "密钥备份").state == "note"
    assert only(told, "备份验证").state == "ok"


def test_seals_grow_old_while_nobody_comes(home: House) -> None:
    home.login("guan")
    home.clock.pass_days(9)
    told = doctor(home)  # the session is over
    assert "没有登录" in only(told, "站点内部").detail
    home.login("guan")  # seals
    assert only(doctor(home), "封签").detail == "第 2 号封签，2026-12-01（0 天前）"


def test_accounts_that_differ_from_the_vault(home: House) -> None:
    with home.station("guan") as station:
        vaults.remove_user(home.layout.vault, station.master, "she")
        vaults.add_user(
            home.layout.vault,
            station.master,
            "wai",
            NEW,
            station_name=STATION,
            random=home.random,
            cost=CHEAP,
        )
        told = doctor(home)["账号"]
    assert [(one.state, one.detail) for one in told] == [
        ("note", "账号 she：建立没有完成，还没有密码。"), ("bad", "账号 wai：能解开密钥而不在账号表中。"),
    ]  # fmt: skip


def test_one_account_is_too_few(home: House) -> None:
    with home.station("guan") as station:
        for login in ("fu", "dang", "shen", "she"):
            vaults.remove_user(home.layout.vault, station.master, login)
    assert any("只有一个账号" in one.detail for one in doctor(home)["密钥"])


def test_a_station_too_small_for_a_disposal(home: House) -> None:
    with home.station("guan") as station:
        desk.close(station, "shen")
        desk.depart(station, "#6")
    assert only(doctor(home), "销毁人手").state == "ok"  # guan and she can witness
    with home.station("guan") as station:
        desk.depart(station, "she")
    told = doctor(home)
    assert "监销人不够：除审批人、执行人外还须 2 人，现有 1 人" in only(told, "销毁人手").detail
    assert "鉴定小组缺业务人员" in only(told, "销毁人手").detail
    assert "没有能登录的审计员" in only(told, "审计").detail
    with home.station("guan") as station:
        desk.register(station, Newcomer("样例社工丙", id_number(30), ("worker",), "she3", NEW), cost=CHEAP)
    assert only(doctor(home), "销毁人手").state == "ok"


def test_what_waits_is_counted(home: House) -> None:
    with home.station("she") as station, station.acting("test.open") as unit:
        opened = open_person(unit, PersonFacts("样例", "男", "1990-01-01", None, None))
        accept(unit, opened.file, unit.today, "GA-2026-0001")
        add_record(unit, opened.file, Content("record_e", 1, "记录", b"{}", "final", unit.today))
        ask(unit, opened.file, Purpose.SUPERVISION)
    told = doctor(home)["待办"]
    assert [one.detail for one in told] == ["查阅申请待批准：1 件。"]
    assert "file requests" in told[0].cure


def test_a_full_disk_is_told_before_it_is_full(home: House, monkeypatch: pytest.MonkeyPatch) -> None:
    class Usage(NamedTuple):
        free: int

    for free, state in ((100_000_000, "bad"), (2_000_000_000, "note"), (80_000_000_000, "ok")):
        monkeypatch.setattr(shutil, "disk_usage", lambda _path, free=free: Usage(free))
        assert {one.state for one in doctor(home)["磁盘空间"]} == {state}


def test_no_station_is_not_a_station(tmp_path: Path, home: House) -> None:
    (tmp_path / "空").mkdir()
    ended = home.run("doctor", "--home", str(tmp_path / "空"), "--json")
    assert "站点" not in {one["name"] for one in json.loads(ended.out)}

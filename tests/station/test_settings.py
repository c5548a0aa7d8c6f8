"""station.json: checked types and ranges; what decides numbers, periods, safety changes when accepted."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archives.errors import HomeUnusable
from archives.people.files import accept
from archives.people.persons import PersonFacts, open_person
from archives.settings import SETTINGS, read_settings
from tests.station.founding import PASSWORDS, Ended, House, id_number


def change(home: House, member: str, value: object) -> None:
    path = home.layout.settings
    told: dict[str, Any] = json.loads(path.read_bytes())
    told["station"][member] = value
    path.write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")


def attempt(home: House, login: str = "guan") -> Ended:
    secret = home.file("密码.txt", PASSWORDS[login])
    return home.run("login", login, "--password-file", secret)


WRONG: list[tuple[str, object]] = [
    ("station", 5), ("station", []), ("station.station_id", 1.5), ("station.name", None),
    ("station.fonds", 5), ("station.fonds", "pz 01"), ("station.start_rule", "nxt_year"),
    ("station.medical", "false"), ("station.medical", 1), ("station.waiting_days", -1),
    ("station.waiting_days", "7"), ("station.waiting_days", 7.5), ("station.backup_days", 10**30),
    ("station.loan_days", "x"), ("station.loan_days", True), ("station.wating_days", 7),
    ("keys_folder", 5), ("keys_folder", ""), ("keys_folder", "a\0b"), ("data_url", 5),
    ("data_url", "9999-12-31T23:59:59+14:00"), ("keys_url", "sqlite://"), ("more", 1),
]  # fmt: skip


@pytest.mark.parametrize(("place", "value"), WRONG, ids=[f"{p}={v!r}"[:40] for p, v in WRONG])
def test_a_wrong_member_is_named_and_not_its_value(home: House, place: str, value: object) -> None:
    told: dict[str, Any] = json.loads(home.layout.settings.read_bytes())
    *above, name = place.split(".")
    inside = told[above[0]] if above else told
    inside[name] = value
    home.layout.settings.write_text(json.dumps(told), encoding="utf-8")
    ended = attempt(home)
    assert ended.code == HomeUnusable.exit_code, ended.lines
    assert f"中的 {place}" in ended.err
    assert home.run("doctor").code == 1


@pytest.mark.parametrize("raw", [b"", b"null", b"[" * 200_000, b"{" * 30_000, b'{"a":' * 9000, b"\xff\xfe",
                                 b'{"station": {}, "station": {}}', b" " * 100_000])  # fmt: skip
def test_what_is_no_settings_file_is_a_sentence(home: House, raw: bytes) -> None:
    home.layout.settings.write_bytes(raw)
    assert attempt(home).code == HomeUnusable.exit_code
    assert home.run("doctor").code == 1


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
)


@given(station=JSON, keys=JSON, more=st.dictionaries(st.sampled_from(["data_url", "keys_url", "x"]), JSON))
def test_any_json_opens_or_is_a_sentence(
    tmp_path_factory: pytest.TempPathFactory, station: object, keys: object, more: dict[str, object]
) -> None:
    folder = tmp_path_factory.mktemp("s")
    told = {"station": station, "keys_folder": keys, **more}
    (folder / SETTINGS).write_text(json.dumps(told), encoding="utf-8")
    with pytest.raises(HomeUnusable):
        read_settings(folder)  # no such member is a whole station


def test_a_changed_member_is_asked_about_and_decides_nothing(home: House) -> None:
    change(home, "fonds", "QQ99")
    ended = attempt(home, "she")
    assert ended.code == 0
    assert "全宗号（fonds）" in ended.out
    assert "QQ99" not in ended.out + ended.err
    refused = home.run("person", "open", "--name", "样例甲", "--sex", "女", "--birth", "1990-01-01")
    assert refused.code == 67, refused.lines
    assert "全宗号（fonds）" in refused.err
    assert home.run("person", "search", "样例甲").code == 0, "reading goes on"
    shown = home.run("doctor").out
    assert any(line.startswith("缺失  站点设置") and "fonds" in line for line in shown.splitlines())


def test_numbers_are_of_the_settings_in_force_until_the_change_is_accepted(home: House) -> None:
    change(home, "fonds", "QQ99")
    assert _numbered(home, 90) == "PZ01"
    home.login("she")
    assert home.run("station", "settings", "accept").code == 63, "a worker may not"
    home.login("fu")
    listed = home.run("station", "settings", "show")
    assert listed.code == 1
    assert "全宗号（fonds）：PZ01    station.json 中是 QQ99，未确认" in listed.lines
    accepted = home.run("station", "settings", "accept")
    assert accepted.code == 0, accepted.lines
    assert home.run("station", "settings", "show").code == 0
    assert _numbered(home, 91) == "QQ99"
    with home.station("guan") as station, station.archive.data.reading() as connection:
        acts = connection.exec_driver_sql(
            "SELECT detail FROM events WHERE action = 'station.configure'"
        ).all()
    assert len(acts) == 1
    assert "QQ99" not in str(acts)


def _numbered(home: House, serial: int) -> str:
    """The fonds in the number a file gets."""
    with home.station("she") as station, station.acting("test.open") as unit:
        opened = open_person(unit, PersonFacts("样例甲", "女", "1990-01-01", None, id_number(serial)))
        return accept(unit, opened.file, date(2026, 11, 20), f"GA-2026-{serial:04d}").partition("-")[0]


@pytest.mark.parametrize(
    ("member", "value", "act", "free"),
    [
        ("loan_days", 30, "loan.lend", "disposal.prepare"),
        ("waiting_days", 8, "disposal.execute", "loan.lend"),
        ("start_rule", "trigger_day", "disposal.prepare", "loan.lend"),
        ("medical", True, "schedule.propose", "loan.lend"),
        ("name", "样例别的站", "register.print", "loan.lend"),
    ],
)
def test_each_member_stops_what_it_decides(
    home: House, member: str, value: object, act: str, free: str
) -> None:
    from archives.errors import StateForbids

    change(home, member, value)
    with home.station("dang") as station:
        assert getattr(station.archive.station, member) != value, "the settings in force stay"
        with pytest.raises(StateForbids, match=member):
            station.allow(act)
        station.allow(free)
        station.allow("retention.plan")


def test_a_changed_station_id_opens_nothing(home: House) -> None:
    change(home, "station_id", "ST-OTHER")
    assert attempt(home).code == HomeUnusable.exit_code


def test_files_people_edit_are_told_when_they_changed(home: House) -> None:
    facts = home.layout.home / "print-facts.json"
    facts.write_text('{"phone": "028-0000000"}', encoding="utf-8")
    facts.chmod(0o600)
    home.login("guan")
    assert "print-facts.json 在上次确认之后改动过" in home.run("doctor").out
    assert home.run("station", "settings", "accept").code == 0
    assert "print-facts.json" not in home.run("doctor").out

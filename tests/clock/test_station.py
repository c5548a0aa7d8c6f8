"""A clock that runs ahead, back or stands still for a year: what a station does, from login to seal."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.exc import IntegrityError

from archives.disposal.schedules import approve_schedule
from archives.duties.loans import Terms, lend, loans_out
from archives.duties.requests import ask, decide_request, has_grant
from archives.errors import DateUnconfirmed
from archives.items.holds import place_hold
from archives.items.records import Content, add_record
from archives.keeping.migrate import FOLDER
from archives.log.purposes import Purpose
from archives.people.persons import PersonFacts, open_person
from archives.scans.batches import balance, batches, begin, complete
from archives.scans.pages import Judged, add_page, store_page
from archives.store.tables import holds
from archives.store.tables_clock import clock_readings, clock_wrongs
from archives.store.tables_duties import disposal_lists, loans, outside_copies
from archives.store.tables_people import access_requests, events, seals
from archives.store.tables_scans import scan_batches
from desk.station.opening import OpenStation
from tests.station.founding import DANG, GUAN, SHE, SHEN, House
from tools import verify_log

DAY = timedelta(days=1)
CLOCK = ("clock.doubt", "clock.return", "clock.confirm")
KEPT_AS_THEY_ARE = (scan_batches, access_requests, loans, disposal_lists, holds, outside_copies)


def batch_in(station: OpenStation) -> int:
    """A batch of one separator sheet, received and balanced now."""
    archive = station.archive
    name, _ = archive.keys.new()
    with station.acting("test.begin") as unit:
        batch = begin(unit, archive.random(32).hex(), 10, name).id
    stored = store_page(archive, batch, 1, b"a separator %d" % batch)
    with station.acting("test.page") as unit:
        add_page(unit, batch, 1, Judged("service", "no_code"), stored, "image/jpeg")
    with station.acting("test.complete") as unit:
        complete(unit, batch)
        balance(unit, batch)
    return batch


def states(home: House) -> list[str]:
    with home.station("dang") as station, station.archive.looking(station.actor) as unit:
        return [one.state for one in batches(unit)]


def told(home: House, *actions: str) -> list[tuple[str, dict[str, Any]]]:
    """Events of these kinds with what they tell, oldest first; the station is not opened for it."""
    with home.looking() as archive, archive.data.reading() as connection:
        query = select(events.c.action, events.c.detail).where(events.c.action.in_(actions))
        return [
            (row.action, json.loads(row.detail)) for row in connection.execute(query.order_by(events.c.id))
        ]


def rows(home: House, *tables: Any) -> list[list[tuple[Any, ...]]]:
    with home.looking() as archive, archive.data.reading() as connection:
        return [[tuple(row) for row in connection.execute(select(table))] for table in tables]


def seal_days(home: House) -> list[str]:
    (found,) = rows(home, seals)
    return [row[1] for row in found]


def log_in(home: House, login: str, password: str, *more: str) -> Any:
    return home.run("login", login, "--password-file", home.file("密码.txt", password), *more)


def verified(home: House) -> list[str]:
    """What both verifiers say of the log; they say the same."""
    log_in(home, "shen", SHEN)
    own = home.run("log", "verify").lines
    out = home.folder / "日志.jsonl"
    out.unlink(missing_ok=True)
    assert home.run("log", "export", "-o", str(out)).code == 0
    home.capture.readouterr()
    assert verify_log.main([str(out)]) == 0
    tool = home.capture.readouterr().out.splitlines()
    assert [line for line in own if "提示" in line] == [line for line in tool if "提示" in line]
    return own


@pytest.fixture
def busy(home: House) -> House:
    """A station in which each kind of day is waited for: 21 batches, a grant, a loan, a hold, a backup."""
    for name in ("数据备份", "密钥备份"):
        (home.folder / name).mkdir()
    assert home.run("backup", "数据备份", "--keys-dest", "密钥备份").code == 0
    with home.station("she") as station, station.acting("test.open") as unit:
        file = open_person(unit, PersonFacts("样例甲")).file
        add_record(unit, file, Content("record_e", 1, "第1次", b"{}"))
        request = ask(unit, file, Purpose.QUALITY)
    with home.station("fu") as station, station.acting("test.grant") as unit:
        decide_request(unit, request, granted=True, days=5)
        place_hold(unit, file, "audit", until=date(2026, 12, 24))
    with home.station("dang") as station:
        for _ in range(21):
            batch_in(station)
        with station.acting("test.lend") as unit:
            lend(unit, file, 5, 2, Terms(Purpose.CASE_SERVICE, 1, days=5))
        copy = station.layout.home / FOLDER / "0001-20261122T090000-20270220"
        copy.mkdir(parents=True)
        (copy / "kangdang.db").write_bytes(b"a copy from before an upgrade")
    return home


def test_two_logins_400_days_ahead_and_right_again(busy: House) -> None:
    before = rows(busy, *KEPT_AS_THEY_ARE)
    sealed = seal_days(busy)
    busy.clock.jump(400 * DAY)
    for login, password in (("she", SHE), ("dang", DANG)):
        ended = log_in(busy, login, password)
        assert ended.code == 0
        assert [line for line in ended.lines if "没有确认" in line] == [
            "提醒 今天的日期没有确认：电脑显示 2027-12-27，上次确认的日期是 2026-11-22。"
            "请档案员或系统管理员核对今天的日期后运行 kangdang clock confirm；在此之前不销毁、不到期。"
        ]
    with busy.station("fu") as station, station.archive.looking(station.actor) as unit:
        assert has_grant(unit, 1, 5), "no grant runs out"
        assert loans_out(unit, overdue_only=True) == [], "no loan either"
    assert busy.run("backup", "expire", "数据备份", "--execute").code == 78
    assert rows(busy, *KEPT_AS_THEY_ARE) == before, "nothing ended"
    assert (busy.layout.home / FOLDER / "0001-20261122T090000-20270220").is_dir()
    assert [action for action, _ in told(busy, *CLOCK)] == ["clock.doubt"], (
        "one question, however many logins"
    )
    assert seal_days(busy) == [*sealed, "2027-12-27"]
    busy.clock.jump(-400 * DAY)
    for days in (1, 1, 1, 27, 170):
        busy.clock.now += days * DAY
        log_in(busy, "she", SHE)
        if days == 1:
            assert [action for action, _ in told(busy, *CLOCK)] == ["clock.doubt", "clock.return"]
    assert seal_days(busy)[-5:] == ["2026-11-23", "2026-11-24", "2026-11-25", "2026-12-22", "2027-06-10"]
    assert rows(busy, scan_batches) == before[:1], "nobody confirmed: the destruction waits"
    assert "没有发现改动。" in (said := verified(busy))
    assert not [line for line in said if "提示" in line], "a wrong day makes no later day earlier"


def test_what_was_written_ahead_says_so_and_is_found_wrong(busy: House) -> None:
    busy.clock.jump(400 * DAY)
    log_in(busy, "she", SHE)
    busy.clock.jump(-400 * DAY)
    log_in(busy, "dang", DANG)
    ((_, doubt), (_, back)) = told(busy, *CLOCK)
    assert doubt.pop("clock") == "unconfirmed"
    assert doubt == {"confirmed": "2026-11-22T09:00:00+08:00", "reading": "2027-12-27T09:00:00+08:00"}
    ((wrong,),) = rows(busy, clock_wrongs)
    with busy.looking() as archive, archive.data.reading() as connection:
        marked = [
            row.id for row in connection.execute(select(events).order_by(events.c.id))
            if json.loads(row.detail).get("clock") == "unconfirmed"
        ]  # fmt: skip
    assert (back["first"], back["last"]) == (wrong[2], wrong[3]) == (marked[0], marked[-1])
    assert wrong[4] <= int((busy.clock.now + 400 * DAY).timestamp()) <= wrong[5]
    assert "login" in {action for action, detail in told(busy, "login") if "clock" in detail}


def test_after_a_years_pause_one_person_says_what_day_it_is(busy: House) -> None:
    busy.clock.now += 365 * DAY
    assert states(busy) == ["balanced"] * 21
    log_in(busy, "she", SHE)
    assert busy.run("clock", "confirm", "2027-11-22").code == 63, "not everybody's word"
    log_in(busy, "guan", GUAN)
    shown = busy.run("clock", "show")
    assert shown.lines[:2] == ["电脑显示 2027-11-22 09:00。", "上次确认 2026-11-22 09:00。"]
    wrong = busy.run("clock", "confirm", "2027-11-21")
    assert (wrong.code, wrong.lines[0]) == (68, "错误：您说今天是 2027-11-21，电脑显示的却是 2027-11-22。")
    assert busy.run("clock", "confirm").code == 2, "with nobody at a terminal it waits"
    assert busy.run("clock", "confirm", "2027-11-22").lines == ["已确认今天是 2027-11-22，已记入日志。"]
    assert busy.run("clock", "confirm", "2027-11-22").lines == [
        "今天的日期 2027-11-22 已经确认过，不必再确认。"
    ]
    ((_, doubt), (_, said)) = told(busy, *CLOCK)
    assert (said["confirmed"], said["reading"]) == (doubt["confirmed"], "2027-11-22T09:00:00+08:00")
    assert "clock" not in said
    assert rows(busy, clock_wrongs) == [[]], "the pause was real: nothing was wrong"
    assert states(busy) == ["cleared"] * 21
    assert not list((busy.layout.home / FOLDER).iterdir())
    with busy.station("dang") as station, station.archive.looking(station.actor) as unit:
        assert not has_grant(unit, 1, 5)
        assert len(loans_out(unit, overdue_only=True)) == 1
    assert busy.run("backup", "数据备份").code == 0
    assert busy.run("backup", "expire", "数据备份", "--execute").lines[0] == "已清除 20261122T090000"


def test_a_station_opened_every_ten_days_is_never_asked(busy: House) -> None:
    """As ``scan watch`` does with nobody at a terminal: each reading goes on from the one before."""
    seen = []
    for _ in range(7):
        busy.clock.now += 10 * DAY
        seen.append(set(states(busy)))
    assert seen == [{"balanced"}] * 2 + [{"cleared"}] * 5, "30 days behind the balance, and no question"
    assert told(busy, *CLOCK) == []


def test_work_goes_on_while_the_date_is_unconfirmed_and_no_day_becomes_a_reference(busy: House) -> None:
    busy.clock.jump(400 * DAY)
    with busy.station("she") as station:
        with station.acting("test.open") as unit:
            opened = open_person(unit, PersonFacts("样例乙"))
        with station.acting("test.add") as unit:
            add_record(unit, opened.file, Content("record_e", 1, "第1次", b"{}"))
            request = ask(unit, 1, Purpose.QUALITY)
    with busy.station("fu") as station:
        for begins in (
            lambda unit: decide_request(unit, request, granted=True),
            lambda unit: lend(unit, opened.file, 5, 2, Terms(Purpose.CASE_SERVICE, 1)),
            lambda unit: approve_schedule(unit, "2026.1", "x"),
        ):
            with pytest.raises(DateUnconfirmed), station.acting("test.begins") as unit:
                begins(unit)
    with busy.station("dang") as station:
        late = batch_in(station)
        assert "balanced" not in {one.state for one in look(station, batches) if one.id == late}, (
            "its days count from a confirmed one"
        )
    log_in(busy, "she", SHE)
    assert "SQ-2026-0003" in busy.run("person", "open", "--name", "样例丙").out, "a wrong year stays for ever"
    ended = busy.run("file", "end", "SQ-2026-0003", "--outcome", "转介")
    assert ended.code == 78, "today is no day to count from"
    assert busy.run("file", "end", "SQ-2026-0003", "--outcome", "转介", "--on", "2026-11-20").code == 0


def look(station: OpenStation, question: Any) -> Any:
    with station.archive.looking(station.actor) as unit:
        return question(unit)


def test_a_clock_a_year_back_ends_nothing_early(busy: House) -> None:
    busy.clock.jump(-365 * DAY)
    with busy.station("dang") as station:
        late = batch_in(station)
        with station.archive.looking(station.actor) as unit:
            assert (unit.confirmed, unit.today) == (False, date(2026, 11, 22)), "known days do not go back"
    log_in(busy, "she", SHE)
    assert busy.run("person", "open", "--name", "样例丙").code == 0
    busy.clock.jump(365 * DAY + DAY)
    assert set(states(busy)) == {"balanced"}
    assert [action for action, _ in told(busy, *CLOCK)] == ["clock.doubt", "clock.return"]
    busy.clock.pass_days(13)
    states(busy)
    busy.clock.pass_days(14)
    with busy.station("dang") as station, station.archive.looking(station.actor) as unit:
        assert {one.id for one in batches(unit, "balanced")} == {late} | set(range(1, 22))
    busy.clock.pass_days(2)
    with busy.station("dang") as station, station.archive.looking(station.actor) as unit:
        assert {one.id for one in batches(unit, "balanced")} == {late}, "its 30 days count from the right day"
    assert not [line for line in verified(busy) if "提示" in line]


def test_hours_ahead_over_midnight_heal_by_themselves(home: House) -> None:
    home.clock.now = home.clock.now.replace(hour=22)
    log_in(home, "she", SHE)
    home.clock.jump(timedelta(hours=5))
    assert "没有确认" not in log_in(home, "she", SHE).out
    home.clock.jump(-timedelta(hours=5) + timedelta(minutes=10))
    assert "没有确认" in log_in(home, "she", SHE).out
    home.clock.now += timedelta(hours=5)
    assert "没有确认" not in log_in(home, "she", SHE).out
    assert [action for action, _ in told(home, *CLOCK)] == ["clock.doubt", "clock.return"]


def test_minutes_back_over_midnight_are_no_doubt(home: House) -> None:
    home.clock.now = home.clock.now.replace(hour=23, minute=55)
    with home.station("she") as station:
        home.clock.now += timedelta(minutes=8)
        with station.acting("test.midnight"):
            pass
        home.clock.jump(-timedelta(minutes=9))
        with station.acting("test.midnight") as unit:
            assert (unit.confirmed, unit.today, unit.at[:16]) == (
                True,
                date(2026, 11, 23),
                "2026-11-23T00:03",
            )


def test_a_wrong_word_is_taken_back_by_a_right_one(busy: House) -> None:
    """Somebody confirms a day 400 days ahead without looking; the next day it is found."""
    busy.clock.jump(400 * DAY)
    log_in(busy, "dang", DANG)
    assert busy.run("clock", "confirm", "2027-12-27").code == 0
    with busy.station("dang") as station:
        batch_in(station)
    busy.clock.jump(-400 * DAY)
    busy.clock.now += DAY
    assert "没有确认" in log_in(busy, "guan", GUAN).out
    assert busy.run("clock", "confirm", "2026-11-23").code == 0
    ((wrong,),) = rows(busy, clock_wrongs)
    assert wrong[4] <= int((busy.clock.now + 399 * DAY).timestamp()) <= wrong[5]
    for days in (1, 1, 1):
        busy.clock.now += days * DAY
        log_in(busy, "she", SHE)
    assert seal_days(busy)[-3:] == ["2026-11-24", "2026-11-25", "2026-11-26"]
    assert not [line for line in verified(busy) if "提示" in line]


def test_a_word_that_was_wrong_twice_lets_nothing_go_early(busy: House) -> None:
    """A year back is confirmed, something is balanced then, and later the right day is confirmed."""
    with busy.station("dang") as station:
        busy.clock.jump(-365 * DAY)
        confirm(station, date(2025, 11, 22))
        late = batch_in(station)
        busy.clock.jump(367 * DAY)
        confirm(station, date(2026, 11, 24))
    with busy.station("dang") as station:
        assert {one.id for one in look(station, batches) if one.state == "balanced"} >= {late}
    assert len(rows(busy, clock_wrongs)[0]) == 2


def confirm(station: OpenStation, day: date) -> None:
    from desk.station.clock import confirm_date

    assert confirm_date(station, day)


def test_a_restored_older_backup_asks_once(busy: House) -> None:
    busy.clock.now += 100 * DAY
    busy.file("密码.txt", GUAN)
    came = busy.run(
        "restore", "数据备份", "--keys", "密钥备份", "--to", "新站", "--keys-to", "新密钥",
        "--login", "guan", "--password-file", "密码.txt",
    )  # fmt: skip
    assert came.code == 0, came.lines
    home = ("--home", str(busy.folder / "新站"))
    for _ in range(2):
        assert "没有确认" in log_in(busy, "guan", GUAN, *home).out
    assert busy.run("clock", "confirm", "2027-03-02", *home).code == 0
    assert "没有确认" not in log_in(busy, "dang", DANG, *home).out
    assert busy.run("clock", "show", *home).lines[-1] == "今天的日期 2027-03-02 已确认。"


def test_who_founds_a_station_confirms_its_first_date(home: House) -> None:
    ((first, *_),) = rows(home, clock_readings)
    assert first[:4] == (1, "confirmed", int(home.clock.now.timestamp()), 1)


def test_the_confirmed_time_is_not_written_for_each_reading(home: House) -> None:
    with home.station("she") as station:
        before = len(rows(home, clock_readings)[0])
        for _ in range(30):
            home.clock.now += timedelta(minutes=1)
            with station.acting("test.minute"):
                pass
    assert len(rows(home, clock_readings)[0]) == before
    home.clock.now += timedelta(minutes=30)
    home.login("she")
    assert len(rows(home, clock_readings)[0]) == before + 1


def test_another_window_hears_of_the_confirmation(home: House) -> None:
    home.clock.now += 100 * DAY
    with home.station("she") as first:
        assert not look(first, lambda unit: unit.confirmed)
        with home.station("guan") as second:
            confirm(second, home.clock.now.date())
        assert look(first, lambda unit: unit.confirmed)
        assert look(first, lambda unit: unit.reference().day) == home.clock.now.date()


def test_check_doctor_and_lists_say_that_the_date_is_unconfirmed(busy: House) -> None:
    with busy.station("fu") as station, station.acting("test.approve") as unit:
        row = unit.execute(text("SELECT version, sha256 FROM schedules")).one()
        approve_schedule(unit, row.version, row.sha256)
    busy.clock.now += 30 * DAY
    log_in(busy, "dang", DANG)
    sentence = "今天的日期没有确认：电脑显示 2026-12-22，上次确认的日期是 2026-11-22。"
    assert any(sentence in line and "档案员或系统管理员" in line for line in busy.run("check").lines)
    assert any(sentence in line for line in busy.run("doctor").lines)
    assert any(line.startswith(f"日期未确认：{sentence}") for line in busy.run("retention", "plan").lines)
    assert any(line.startswith(f"日期未确认：{sentence}") for line in busy.run("retention", "due").lines)


ATTACKS = (
    ("a leap", {"kind": "kept", "seconds": 1_900_000_000}, "takes no leap"),
    ("a step back", {"kind": "kept", "seconds": 1_700_000_000}, "takes no leap"),
    ("a worker's word", {"kind": "confirmed", "seconds": 1_900_000_000, "staff": 5}, "confirmed by"),
    ("nobody's word", {"kind": "confirmed", "seconds": 1_900_000_000}, "confirmed by"),
    ("the program's word", {"kind": "kept", "seconds": 1_795_310_000, "staff": 1}, "ck_clock_readings_conf"),
)


@pytest.mark.parametrize(("row", "message"), [one[1:] for one in ATTACKS], ids=[one[0] for one in ATTACKS])
def test_the_database_refuses(home: House, row: dict[str, Any], message: str) -> None:
    with (
        home.station("guan") as station,
        pytest.raises(IntegrityError, match=message),
        station.acting("test.attack") as unit,
    ):
        unit.execute(insert(clock_readings), {"staff": None, "last_event": 0, **row})


@pytest.mark.parametrize("words", ["UPDATE clock_readings SET seconds = 0", "DELETE FROM clock_readings"])
def test_the_confirmed_time_only_grows(home: House, words: str) -> None:
    with (
        home.station("guan") as station,
        pytest.raises(IntegrityError, match="append only"),
        station.acting("test.attack") as unit,
    ):
        unit.execute(text(words))

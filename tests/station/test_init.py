"""A station is there whole or not at all."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from archives.errors import (
    AlreadyThere,
    ArchiveError,
    HomeUnusable,
    InputRefused,
    PasswordRefused,
    SeparationBroken,
    StoreUnusable,
)
from archives.home import layout_of, open_archive, read_settings
from archives.keys import recovery
from archives.keys import vault as vaults
from archives.log.verify import Report
from archives.ports import system
from archives.sealing import public_key_of, read_seal_key, verify_log
from archives.settings import Layout
from archives.staff.members import members
from archives.store.gate import Gate
from archives.store.tables import schedules
from archives.store.tables_people import events
from desk.home import StationHome
from desk.probes import examine
from desk.station.init import UNFINISHED, create_station
from desk.station.newcomers import Newcomer
from generator.errors import KeyInvalid
from tests.archives.making import StandingClock, seeded
from tests.keys.crashing import Crash, crash_at, points_of
from tests.station.founding import GUAN, PASSWORDS, PEOPLE, Sheets, found, id_number, plan

ROOT = Path(__file__).parents[2]
POSIX = pytest.mark.skipif(sys.platform == "win32", reason="Windows has access lists instead of modes")


def layout_at(folder: Path) -> Layout:
    return layout_of(folder / "站点", read_settings(folder / "站点"))


def whole(folder: Path) -> Report:
    """Open the station with a password and check its people and its log."""
    layout = layout_at(folder)
    settings = read_settings(layout.home)
    master = vaults.unlock(vaults.load(layout.vault), "guan", GUAN)
    archive = open_archive(layout, settings, master, StandingClock(), seeded(5))
    try:
        with archive.looking(system("test")) as unit:
            assert [one.name for one in members(unit)] == [who.name for who in PEOPLE]
        key = public_key_of(read_seal_key(layout, master))
        return verify_log(archive, system("test"), (), (key,))
    finally:
        archive.close()


def test_everything_is_there(tmp_path: Path) -> None:
    sheets = found(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"站点", "密钥", "恢复单.pdf"}
    layout = layout_at(tmp_path)
    assert {path.name for path in layout.home.iterdir()} == {
        "station.json", "calendar_overrides.csv", "templates", "data",
    }  # fmt: skip
    assert layout.calendar.read_bytes() == b"date,kind,source\n"
    assert not (layout.keys / UNFINISHED).exists()
    vault = vaults.load(layout.vault)
    assert [wrap.login for wrap in vault.users] == sorted(PASSWORDS, key=list(PASSWORDS).index)
    master = vaults.unlock_with_recovery(vault, recovery.read(sheets.lines))
    assert master == vaults.unlock(vault, "guan", GUAN)
    report = whole(tmp_path)
    assert not report.findings
    assert report.seals == 1


def test_the_schedule_is_proposed_by_the_archivist_and_by_nobody_approved(tmp_path: Path) -> None:
    found(tmp_path, medical=True)
    layout = layout_at(tmp_path)
    master = vaults.unlock(vaults.load(layout.vault), "guan", GUAN)
    archive = open_archive(layout, read_settings(layout.home), master, StandingClock(), seeded(5))
    with archive.looking(system("test")) as unit:
        row = unit.execute(select(schedules)).one()
        logged = [event.action for event in unit.execute(select(events).order_by(events.c.seq))]
    archive.close()
    assert row.proposed_by == 3
    assert row.approved_by is None
    assert row.version.endswith("-local")
    assert json.loads(row.body)["medical"] is True
    assert logged[0] == "station.create"
    assert logged.count("user.add") == 5
    assert logged.count("staff.add") == 6
    assert logged[-2:] == ["schedule.submit", "rows.noted"], "the last is what the settings are bound to"


@POSIX
@pytest.mark.parametrize("umask", [0, 0o022])
def test_folders_and_files_are_for_their_owner_alone(tmp_path: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        found(tmp_path)
    finally:
        os.umask(before)
    for folder in (tmp_path / "站点", tmp_path / "密钥"):
        for path in (folder, *folder.rglob("*")):
            assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path
    assert stat.S_IMODE((tmp_path / "恢复单.pdf").stat().st_mode) == 0o600


def test_without_an_archivist_nobody_is_said_to_have_handed_it_in(tmp_path: Path) -> None:
    created = create_station(plan(tmp_path, (ADMIN,)), StandingClock(), seeded(1), Sheets())
    assert created.proposer is None


def test_nothing_secret_and_no_name_lies_open(tmp_path: Path) -> None:
    sheets = found(tmp_path)
    master = vaults.unlock(vaults.load(layout_at(tmp_path).vault), "guan", GUAN)
    secret = recovery.read(sheets.lines)
    hidden = [master, master.hex().encode(), secret, secret.hex().encode(), sheets.lines.encode()]
    hidden += [sheets.lines.replace("\n", "").replace(" ", "").encode()]
    hidden += [
        value.encode() for who in PEOPLE for value in (who.name, who.id_number, who.password or who.name)
    ]
    for folder in (tmp_path / "站点", tmp_path / "密钥"):
        for path in folder.rglob("*"):
            if path.is_file():
                content = path.read_bytes()
                assert not [one for one in hidden if one in content], path


def test_both_folders_can_be_moved_together(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    found(tmp_path / "a")
    (tmp_path / "a").rename(tmp_path / "b")
    assert not whole(tmp_path / "b").findings


def test_keys_elsewhere_are_found_by_their_whole_path(tmp_path: Path) -> None:
    (tmp_path / "盘二").mkdir()
    create_station(
        replace(plan(tmp_path), keys=tmp_path / "盘二" / "密钥"), StandingClock(), seeded(), Sheets()
    )
    assert read_settings(tmp_path / "站点").keys_folder == str(tmp_path / "盘二" / "密钥")
    assert not whole(tmp_path).findings


def test_prints_are_official_with_the_key_from_the_keys_folder(tmp_path: Path) -> None:
    found(tmp_path)
    key = StationHome(tmp_path / "站点").page_code_key()
    assert key is not None
    assert len(key) == 32
    layout_at(tmp_path).page_code_key.unlink()
    with pytest.raises(KeyInvalid):  # an official paper must not come out as a sample in silence
        StationHome(tmp_path / "站点").page_code_key()


def test_a_sample_station_prints_samples(tmp_path: Path) -> None:
    create_station(replace(plan(tmp_path), sample=True), StandingClock(), seeded(), Sheets())
    assert StationHome(tmp_path / "站点").page_code_key() is None


def test_a_sample_station_is_not_told_to_lack_a_key(tmp_path: Path) -> None:
    create_station(replace(plan(tmp_path), sample=True), StandingClock(), seeded(), Sheets())
    (told,) = [one for one in examine(StationHome(tmp_path / "站点")) if one.name == "页码密钥"]
    assert (told.state, told.cure) == ("ok", "")
    assert "样例站点" in told.detail


def test_a_sample_station_may_wait_less_than_a_week(tmp_path: Path) -> None:
    create_station(replace(plan(tmp_path, waiting_days=0), sample=True), StandingClock(), seeded(), Sheets())
    facts = read_settings(tmp_path / "站点").station
    assert facts.waiting_days == 0
    assert facts.station_id.startswith("DEMO-")


BAD: list[tuple[str, dict[str, object], type[ArchiveError], str]] = [
    ("waiting", {"waiting_days": 6}, InputRefused, "不能少于 7 天"),
    ("fonds", {"fonds": "样例"}, InputRefused, "全宗号"),
    ("name", {"name": " "}, InputRefused, "站点名称不能为空"),
    ("days", {"loan_days": 0}, InputRefused, "天数超出范围"),
]


def nothing_left(folder: Path) -> bool:
    return not list(folder.iterdir())


@pytest.mark.parametrize(("facts", "error", "words"), [row[1:] for row in BAD], ids=[row[0] for row in BAD])
def test_bad_facts_leave_nothing(
    tmp_path: Path, facts: dict[str, object], error: type[ArchiveError], words: str
) -> None:
    with pytest.raises(error, match=words):
        found(tmp_path, **facts)
    assert nothing_left(tmp_path)


ADMIN = PEOPLE[0]
PEOPLE_BAD: list[tuple[str, tuple[Newcomer, ...], type[ArchiveError], str]] = [
    ("nobody administrates", PEOPLE[1:], InputRefused, "至少要有一位能登录的系统管理员"),
    ("no login", (replace(ADMIN, login=None, password=None),), InputRefused, "至少要有一位"),
    ("weak", (replace(ADMIN, password="12345678901"),), PasswordRefused, "不能只有数字"),
    ("no password", (replace(ADMIN, password=None),), InputRefused, "还没有密码"),
    ("two duties", (replace(ADMIN, roles=("admin", "auditor")),), SeparationBroken, "审计员和系统管理员"),
    (
        "two accounts", (ADMIN, replace(PEOPLE[2], name=ADMIN.name, id_number=ADMIN.id_number)),
        SeparationBroken, "档案员和系统管理员不能是同一个人",
    ),
    ("two names", (ADMIN, replace(PEOPLE[2], id_number=ADMIN.id_number)), InputRefused, "姓名不同"),
    ("same login", (ADMIN, replace(PEOPLE[2], login="GUAN")), InputRefused, "用了两次"),
    ("mistyped", (replace(ADMIN, id_number=id_number(1)[:-1] + "A"),), InputRefused, "末位是数字或 X"),
    ("check digit", (replace(ADMIN, id_number="110105194912310021"),), InputRefused, "校验位不对"),
    ("17 digits", (replace(ADMIN, id_number="11010519491231002"),), InputRefused, "读到 17 位"),
    ("outside", (ADMIN, replace(PEOPLE[5], roles=("worker",))), InputRefused, "站外人员"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("people", "error", "words"), [row[1:] for row in PEOPLE_BAD], ids=[row[0] for row in PEOPLE_BAD]
)
def test_people_that_cannot_start_a_station_leave_nothing(
    tmp_path: Path, people: tuple[Newcomer, ...], error: type[ArchiveError], words: str
) -> None:
    with pytest.raises(error, match=words) as caught:
        found(tmp_path, people)
    assert nothing_left(tmp_path)
    for who in people:
        assert who.id_number not in str(caught.value)
        assert who.name not in str(caught.value)


def test_one_person_may_have_two_accounts(tmp_path: Path) -> None:
    again = Newcomer(ADMIN.name, ADMIN.id_number.lower(), ("worker",), "guan2", PASSWORDS["she"])
    found(tmp_path, (ADMIN, again))
    layout = layout_at(tmp_path)
    master = vaults.unlock(vaults.load(layout.vault), "guan2", PASSWORDS["she"])
    archive = open_archive(layout, read_settings(layout.home), master, StandingClock(), seeded(5))
    with archive.looking(system("test")) as unit:
        everybody = members(unit)
    archive.close()
    assert [(one.logins, one.roles) for one in everybody] == [(("guan", "guan2"), {"admin", "worker"})]


@pytest.mark.parametrize("where", ["站点/恢复单.pdf", "密钥/恢复单.pdf"])
def test_the_sheet_is_never_kept_with_what_it_opens(tmp_path: Path, where: str) -> None:
    with pytest.raises(HomeUnusable, match="恢复单不能放在"):
        create_station(replace(plan(tmp_path), sheet=tmp_path / where), StandingClock(), seeded(), Sheets())
    assert nothing_left(tmp_path)


def test_a_sheet_that_is_there_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "恢复单.pdf").write_bytes(b"old")
    with pytest.raises(AlreadyThere, match="已经存在"):
        found(tmp_path)
    assert (tmp_path / "恢复单.pdf").read_bytes() == b"old"


def test_a_printer_that_fails_leaves_nothing(tmp_path: Path) -> None:
    def broken(*_: object) -> bytes:
        raise OSError("no ink")

    with pytest.raises(OSError, match="no ink"):
        create_station(plan(tmp_path), StandingClock(), seeded(), broken)
    assert nothing_left(tmp_path)


def test_a_disk_that_fails_at_the_last_step_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Path.rename

    def rename(self: Path, target: Path) -> Path:
        if target.name == "站点":
            raise OSError(5, "I/O error")
        return real(self, target)

    monkeypatch.setattr(Path, "rename", rename)
    with pytest.raises(StoreUnusable):
        found(tmp_path)
    assert nothing_left(tmp_path)


def _crash_when_the_home_is_in_place(folder: Path) -> None:
    trial = folder / "trial"
    trial.mkdir()
    points = points_of(lambda: found(trial))
    with pytest.raises(Crash), crash_at(points.index("init.home:renamed")):
        found(folder)


def test_an_error_after_the_home_is_in_place_leaves_the_station(tmp_path: Path) -> None:
    _crash_when_the_home_is_in_place(tmp_path)
    assert not whole(tmp_path).findings


def test_a_second_try_at_the_same_time_is_refused_and_harms_nothing(tmp_path: Path) -> None:
    staged = tmp_path / ".密钥.unfinished"
    staged.mkdir(mode=0o700)
    (staged / "vault.json").write_text("of the other try")
    with Gate(staged / "init.lock", patience=0).hold(), pytest.raises(StoreUnusable, match="正在建站"):
        found(tmp_path)
    assert (staged / "vault.json").read_text() == "of the other try"


def test_a_folder_of_that_name_with_other_things_is_left_alone(tmp_path: Path) -> None:
    staged = tmp_path / ".站点.unfinished"
    staged.mkdir(mode=0o700)
    (staged / "作业.txt").touch()
    with pytest.raises(HomeUnusable, match="不是康档写的"):
        found(tmp_path)
    assert (staged / "作业.txt").exists()
    assert not (tmp_path / ".密钥.unfinished").exists()


def test_a_home_that_is_a_station_is_never_touched(tmp_path: Path) -> None:
    found(tmp_path)
    (tmp_path / "恢复单.pdf").unlink()
    with pytest.raises(HomeUnusable, match="已经是一个康档站点"):
        found(tmp_path, seed=2)
    assert not whole(tmp_path).findings


def test_keys_of_another_home_are_never_swept(tmp_path: Path) -> None:
    _crash_when_the_home_is_in_place(tmp_path)  # the station is there, its mark still is too
    assert (tmp_path / "密钥" / UNFINISHED).exists()
    (tmp_path / "恢复单.pdf").unlink()
    with pytest.raises(HomeUnusable, match="不是空的"):
        create_station(
            replace(plan(tmp_path), home=tmp_path / "站点二"), StandingClock(), seeded(2), Sheets()
        )
    assert not whole(tmp_path).findings


def _killed(folder: Path, how: str) -> list[tuple[int, str]]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.station.killed", str(folder), how],
        cwd=ROOT, capture_output=True, text=True, timeout=500, check=True,
    )  # fmt: skip
    return [(int(number), point) for number, point in (line.split() for line in done.stdout.splitlines())]


def _after_the_kill(folder: Path, point: str) -> None:
    """Either the station is whole, or the next try makes one and leaves nothing else."""
    is_there = (folder / "站点").exists()
    assert is_there == (point in ("init.home:renamed", "init.mark:unlinked")), point
    if not is_there:
        (folder / "恢复单.pdf").unlink(missing_ok=True)  # the sheet of a station that is not
        found(folder, seed=3)
    names = {path.name for path in folder.iterdir()}
    assert names <= {"站点", "密钥", "恢复单.pdf", "恢复单.pdf.tmp"}, point
    assert not whole(folder).findings


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_killed_at_every_third_kind_of_point(tmp_path: Path) -> None:
    killed = _killed(tmp_path, "sample")
    assert len(killed) >= 20
    for number, point in killed:
        _after_the_kill(tmp_path / str(number), point)


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_killed_at_every_point(tmp_path: Path) -> None:
    killed = _killed(tmp_path, "all")
    for number, point in killed:
        _after_the_kill(tmp_path / str(number), point)
    print(f"init: {len(killed)} kills, every station whole or made anew")

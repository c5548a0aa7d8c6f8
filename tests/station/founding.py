"""A station made by the real ``create_station``, with cheap passwords, and the command line run in it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from archives.archive import Archive
from archives.home import layout_of, open_archive, read_settings
from archives.keys.recovery import RecoverySheet
from archives.keys.vault import load, unlock
from archives.keys.wrapping import Cost
from archives.ports import RandomBytes
from archives.settings import Layout, Settings, StationFacts
from desk.cli.main import run
from desk.station.entrance import enter
from desk.station.init import InitPlan, create_station, station_schedule
from desk.station.newcomers import Newcomer
from desk.station.opening import OpenStation, opened
from generator.resources import data_dir
from tests.archives.making import StandingClock, seeded
from tests.keeping.media import each_its_own

CHEAP = Cost(8, 1, 1)
STATION = "样例康复站"
GUAN, FU, DANG = "灯塔 雨伞 三文鱼 2 只", "kite-Barrel-lamp-17-violin", "竹林 铁轨 棉花糖 9 号"
SHEN, SHE = "河马 提琴 雪橇四十一把", "帆船 橘子 邮票三枚整"
NEW = "石榴 木桥 风车 晴天 8"
PASSWORDS = {"guan": GUAN, "fu": FU, "dang": DANG, "shen": SHEN, "she": SHE}


def id_number(serial: int) -> str:
    """A number with its right check character; serial 1 to 999."""
    body = f"510402199001{1 + serial // 100:02d}{serial % 100:03d}"
    total = sum(int(digit) * (2 ** (17 - place) % 11) for place, digit in enumerate(body))
    return body + "10X98765432"[total % 11]


PEOPLE = (
    Newcomer("样例管理员", id_number(1), ("admin",), "guan", GUAN),
    Newcomer("样例负责人", id_number(2), ("director",), "fu", FU),
    Newcomer("样例档案员", id_number(3), ("records",), "dang", DANG),
    Newcomer("样例审计员", id_number(4), ("auditor",), "shen", SHEN),
    Newcomer("样例社工", id_number(5), ("worker",), "she", SHE),
    Newcomer("样例站外监销人", id_number(6), outside=True),
)


class Sheets:
    """Takes the place of the printer and keeps what was printed."""

    def __init__(self) -> None:
        self.lines = ""

    def __call__(self, sheet: RecoverySheet, _at: object) -> bytes:
        self.lines = "\n".join(sheet.lines)
        return b"%PDF-1.7 sample\n"


def plan(folder: Path, people: tuple[Newcomer, ...] = PEOPLE, **facts: object) -> InitPlan:
    station = StationFacts(**{"station_id": "", "name": STATION, "fonds": "PZ01", **facts})  # type: ignore[arg-type]
    schedule = station_schedule((data_dir("schemas") / "retention.json").read_bytes(), station)
    return InitPlan(
        folder / "站点", folder / "密钥", station, people, folder / "恢复单.pdf", schedule, cost=CHEAP
    )


def found(folder: Path, people: tuple[Newcomer, ...] = PEOPLE, seed: int = 1, **facts: object) -> Sheets:
    sheets = Sheets()
    create_station(plan(folder, people, **facts), StandingClock(), seeded(seed), sheets)
    return sheets


@dataclass(frozen=True)
class Ended:
    """What a user sees of one command."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        return (self.out + self.err).splitlines()


@dataclass
class House:
    """A station on the disk and who sits at the keyboard."""

    folder: Path
    sheet: str
    clock: StandingClock
    layout: Layout
    settings: Settings
    capture: pytest.CaptureFixture[str]
    random: RandomBytes

    def run(self, *arguments: str) -> Ended:
        """One command line, with --home."""
        self.capture.readouterr()
        code = run(arguments)
        told = self.capture.readouterr()
        return Ended(code, told.out, told.err)

    def login(self, login: str, password: str | None = None) -> None:
        known = password or PASSWORDS[login]
        enter(self.layout, self.settings, login, known, self.clock, self.random)

    @contextmanager
    def station(self, login: str | None = None) -> Iterator[OpenStation]:
        """Open for who is logged in, or for ``login``."""
        if login is not None:
            self.login(login)
        with opened(self.layout.home, self.clock, self.random) as station:
            yield station

    @contextmanager
    def looking(self) -> Iterator[Archive]:
        """The stores, opened by nobody: no login, no event, nothing caught up."""
        master = unlock(load(self.layout.vault), "guan", GUAN)
        archive = open_archive(self.layout, self.settings, master, self.clock, self.random)
        try:
            yield archive
        finally:
            archive.close()

    def file(self, name: str, content: str) -> str:
        path = self.folder / name
        path.write_text(content + "\n", encoding="utf-8")
        return str(path)


@cache
def _model(folder: Path) -> str:
    return found(folder).lines


def house(
    folder: Path, model: Path, monkeypatch: pytest.MonkeyPatch, capture: pytest.CaptureFixture[str]
) -> House:
    """A copy of one station made for all tests, in ``folder``; the current folder is the desk's."""
    lines = _model(model)
    for name in ("站点", "密钥"):
        shutil.copytree(model / name, folder / name)
    home = folder / "站点"
    settings = read_settings(home)
    monkeypatch.setenv("KANGDANG_HOME", str(home))
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    monkeypatch.setenv("HOME", str(folder / "账户"))
    clock = StandingClock()
    monkeypatch.setattr("desk.cli._station.station_now", clock)
    monkeypatch.setattr("desk.cli._station.disk_of", each_its_own)
    monkeypatch.chdir(folder)
    return House(folder, lines, clock, layout_of(home, settings), settings, capture, seeded(7))

"""A station in which everything happened, copied for each attack; SQL by who has the database key."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from archives.home import layout_of, open_archive, read_settings
from archives.keys import vault as vaults
from desk.cli.main import run
from desk.station.entrance import enter
from desk.station.opening import opened
from tests.archives.making import StandingClock, seeded
from tests.kept.test_upgrade import KEPT, WHEN, unpacked
from tests.station.founding import PASSWORDS, Ended, each_its_own

MODEL = "站"


@dataclass
class Ruined:
    """The station on the disk; commands are run in it as one of its people."""

    folder: Path
    capture: pytest.CaptureFixture[str]

    @property
    def home(self) -> Path:
        return self.folder / "站点"

    def login(self, login: str) -> None:
        """Opens the session; the station itself is opened by the next command."""
        settings = read_settings(self.home)
        layout = layout_of(self.home, settings)
        enter(layout, settings, login, PASSWORDS[login], StandingClock(WHEN), seeded(23))

    def run(self, *arguments: str) -> Ended:
        """One command line."""
        self.capture.readouterr()
        code = run(arguments)
        told = self.capture.readouterr()
        return Ended(code, told.out, told.err)

    @contextmanager
    def attacking(self) -> Iterator[Any]:
        """The driver's connection, guards and foreign keys aside; they are back when the block ends."""
        settings = read_settings(self.home)
        layout = layout_of(self.home, settings)
        master = vaults.unlock(vaults.load(layout.vault), "guan", PASSWORDS["guan"])
        archive = open_archive(layout, settings, master, StandingClock(WHEN), seeded(24))
        try:
            held = archive.data.engine.raw_connection()
            raw: Any = held.dbapi_connection
            for statement in ("PRAGMA query_only = 0", "PRAGMA foreign_keys = 0", "BEGIN IMMEDIATE"):
                raw.execute(statement)
            guards = raw.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
            for name, _ in guards:
                raw.execute(f"DROP TRIGGER {name}")
            yield raw
            for _, sql in guards:
                raw.execute(sql)
            raw.execute("COMMIT")
            held.invalidate()
        finally:
            archive.close()


def model(folder: Path) -> Path:
    """The kept station, brought up to date once; copied, never opened again."""
    made = unpacked(KEPT, folder)
    home = made / "站点"
    settings = read_settings(home)
    layout, clock = layout_of(home, settings), StandingClock(WHEN)
    for login in ("dang", "shen"):
        enter(layout, settings, login, PASSWORDS[login], clock, seeded(21))
        with opened(home, clock, seeded(22)):
            pass
    return made


def ruined(
    folder: Path, source: Path, monkeypatch: pytest.MonkeyPatch, capture: pytest.CaptureFixture[str]
) -> Ruined:
    """A copy of the model in ``folder``."""
    for name in ("站点", "密钥"):
        shutil.copytree(source / name, folder / name)
    monkeypatch.setenv("KANGDANG_HOME", str(folder / "站点"))
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    monkeypatch.setenv("HOME", str(folder / "账户"))
    monkeypatch.setattr("desk.cli._station.station_now", StandingClock(WHEN))
    monkeypatch.setattr("desk.cli._station.disk_of", each_its_own)
    (folder / "备份").mkdir()
    monkeypatch.chdir(folder)
    return Ruined(folder, capture)


def tables_with_rows(raw: Any) -> Sequence[str]:
    """Every table of the station that has a row."""
    query = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY name"
    names = [row[0] for row in raw.execute(query)]
    return [name for name in names if raw.execute(f"SELECT 1 FROM {name} LIMIT 1").fetchone()]

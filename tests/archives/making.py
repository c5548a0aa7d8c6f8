"""Stations for tests: real embedded stores, a clock that stands until it is moved, seeded randomness."""

from __future__ import annotations

import random as _random
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from functools import cache
from pathlib import Path

from sqlalchemy import insert

from archives.archive import Archive, StationFacts
from archives.home import Layout, Settings, create_stores, open_archive
from archives.ports import Actor, Role, Uptime
from archives.store.schema import create_all
from archives.store.tables_people import staff, staff_roles, users
from archives.timekeeping import confirm_today, found_time

SHANGHAI = timezone(timedelta(hours=8))
MASTER = bytes(range(32))
FACTS = StationFacts("S1", "样例站点", "PZ01")
FOUNDING = 1 << 64
"""The seed of what is drawn when a station is made; its tests draw with other seeds."""
PEOPLE: tuple[tuple[str, Role | None], ...] = (
    ("社工甲（样例）", "worker"),
    ("社工乙（样例）", "worker"),
    ("督导（样例）", "supervisor"),
    ("负责人（样例）", "director"),
    ("档案员（样例）", "records"),
    ("审计员（样例）", "auditor"),
    ("管理员（样例）", "admin"),
    ("监销人一（样例）", "worker"),
    ("监销人二（样例）", None),
)


@dataclass
class StandingClock:
    """A clock that moves when told to: ``pass_days`` is time passing, ``jump`` a clock set otherwise."""

    now: datetime = field(default_factory=lambda: datetime(2026, 11, 22, 9, 0, tzinfo=SHANGHAI))
    jumped: timedelta = timedelta()
    confirm: Callable[[], None] | None = None
    """What the people of the station do after days have passed: who is asked for the date confirms it."""

    def __call__(self) -> datetime:
        return self.now

    def steady(self) -> Uptime:
        return Uptime("standing", (self.now - self.jumped - _STARTED).total_seconds())

    def pass_days(self, days: int) -> None:
        self.now += timedelta(days=days)
        if self.confirm is not None:
            self.confirm()

    def jump(self, by: timedelta) -> None:
        self.now += by
        self.jumped += by


_STARTED = datetime(2026, 1, 1, tzinfo=SHANGHAI)


def seeded(seed: int = 1) -> Callable[[int], bytes]:
    return _random.Random(seed).randbytes


@dataclass
class Station:
    """An open archive with one actor for each role (``worker``, ``worker2``, ``records`` …)."""

    archive: Archive
    layout: Layout
    clock: StandingClock
    actors: dict[str, Actor]

    def __post_init__(self) -> None:
        self.clock.confirm = self.confirm

    def confirm(self) -> None:
        """系统管理员 confirms the date where the station asks for it.

        The station is asked, not the days counted: they may have passed in steps, or an act may lie between.
        """
        with self.archive.looking(self.admin) as unit:
            asked = not unit.confirmed
        if asked:
            with self.archive.acting("test.confirm", self.admin) as unit:
                confirm_today(unit, unit.reckoned.reading.date())

    def __getattr__(self, name: str) -> Actor:
        try:
            return self.actors[name]
        except KeyError:
            raise AttributeError(name) from None


NAMES = (
    "worker", "worker2", "supervisor", "director", "records", "auditor", "admin", "witness", "witness2",
)  # fmt: skip


def station(folder: Path, *, seed: int = 1, facts: StationFacts = FACTS) -> Station:
    """A station whose stores are there and whose staff is known: a copy in ``folder`` of one made once."""
    for name, content in _model(facts).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if content is None:
            path.mkdir(exist_ok=True)
        else:
            path.write_bytes(content)
    return reopened(folder, seed=seed, facts=facts)


def copied(
    model: Path, folder: Path, *, seed: int = 1, facts: StationFacts = FACTS, data_url: str = ""
) -> Station:
    """The station of the folder ``model``, which nobody has open, copied to ``folder`` and opened there."""
    shutil.copytree(model, folder, dirs_exist_ok=True)
    return reopened(folder, seed=seed, facts=facts, data_url=data_url)


@cache
def _model(facts: StationFacts) -> dict[Path, bytes | None]:
    """Every file of a station and what is in it; None for a folder."""
    with tempfile.TemporaryDirectory(prefix="kangdang-model-") as name:
        folder = Path(name)
        founded(folder, facts=facts).archive.close()
        return {
            path.relative_to(folder): path.read_bytes() if path.is_file() else None
            for path in sorted(folder.rglob("*"))
        }


def founded(folder: Path, *, facts: StationFacts = FACTS, data_url: str = "") -> Station:
    """A station made from nothing, on the empty database ``data_url``; nobody's password is involved."""
    layout = Layout(folder / "home", folder / "keys")
    layout.blobs.mkdir(parents=True, exist_ok=True)
    layout.keys.mkdir(parents=True, exist_ok=True)
    clock = StandingClock()
    archive = open_archive(
        layout, Settings(facts, "../keys", data_url), MASTER, clock, seeded(FOUNDING), make=True
    )
    create_stores(archive, _tables)
    with archive.acting("test.staff", Actor(None, None, frozenset(), "test")) as unit:
        for number, (name, role) in enumerate(PEOPLE, start=1):
            unit.execute(
                insert(staff),
                {"name": name, "id_hash": f"{number:064x}", "outside": 0, "added_at": unit.at},
            )
            unit.execute(
                insert(users),
                {"staff_id": number, "login": f"user{number}", "state": "active", "added_at": unit.at},
            )
            if role:
                unit.execute(insert(staff_roles), {"staff_id": number, "role": role, "given_at": unit.at})
        found_time(unit, 7)
    return Station(archive, layout, clock, _actors())


def reopened(folder: Path, *, seed: int, facts: StationFacts = FACTS, data_url: str = "") -> Station:
    """The station at ``folder``, opened by another process; ``seed`` is not one used before."""
    layout = Layout(folder / "home", folder / "keys")
    clock = StandingClock()
    settings = Settings(facts, "../keys", data_url)
    return Station(open_archive(layout, settings, MASTER, clock, seeded(seed)), layout, clock, _actors())


def _actors() -> dict[str, Actor]:
    return {
        alias: Actor(number, number, frozenset({role} if role else ()), "test")
        for number, (alias, (_, role)) in enumerate(zip(NAMES, PEOPLE, strict=True), start=1)
    }


def _tables(archive: Archive) -> None:
    with archive.data.writing("home.tables") as connection:
        create_all(connection)

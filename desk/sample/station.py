"""A throw-away station with invented people: made anew in a folder, entered with one password for everybody.

Its prints carry 样例 and no other station takes them home.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from archives.errors import PasswordRefused
from archives.keys import crockford
from archives.keys import vault as vaults
from archives.keys.attempts import Attempts
from archives.keys.password import PasswordOwner, check_password
from archives.keys.session import Session, Spans
from archives.ports import Clock, RandomBytes
from archives.settings import Layout, Settings, StationFacts
from desk.output import make_folder, write_output
from desk.sample.people import STATION, staff
from desk.station.init import InitPlan, create_station, station_schedule
from desk.station.opening import OpenStation, client_name, opened_with
from desk.station.recovery_sheet import recovery_pdf
from generator.resources import data_dir

HOME: Final = "站点"
PASSWORD_FILE: Final = "样例密码.txt"  # noqa: S105 - the name of a file
_DRAWS = 10


@dataclass(frozen=True, slots=True)
class SampleStation:
    """A sample station that is there; ``password`` opens every account."""

    layout: Layout
    settings: Settings
    password: str = field(repr=False)
    password_file: Path


def found(folder: Path, clock: Clock, random: RandomBytes) -> SampleStation:
    """Make the station in a folder that holds none yet; the password is written beside it.

    Raises HomeUnusable, AlreadyThere, StoreUnusable, OutputUnwritable.
    """
    fresh = not folder.exists()
    make_folder(folder)
    try:
        return _founded(folder, clock, random)
    except BaseException:
        if fresh:
            with contextlib.suppress(OSError):
                folder.rmdir()
        raise


def _founded(folder: Path, clock: Clock, random: RandomBytes) -> SampleStation:
    facts = StationFacts(station_id="", name=STATION, fonds="PZ01", waiting_days=0)
    schedule = station_schedule((data_dir("schemas") / "retention.json").read_bytes(), facts)
    password = _password(random)
    plan = InitPlan(
        folder / HOME, folder / "密钥", facts, staff(password), folder / "恢复单.pdf", schedule, sample=True
    )
    made = create_station(plan, clock, random, recovery_pdf)
    path = folder / PASSWORD_FILE
    write_output(path, f"{password}\n".encode())
    return SampleStation(made.layout, made.settings, password, path)


def _password(random: RandomBytes) -> str:
    """A password that is allowed: it is drawn again in the rare case that it looks like a walk or a date."""
    for _ in range(_DRAWS):
        password = crockford.encode(random(10)).lower()
        try:
            check_password(password, PasswordOwner("sample", STATION))
        except PasswordRefused:
            continue
        return password
    raise PasswordRefused("抽取的样例密码不合要求。", hint="请再运行一次。")


@contextlib.contextmanager
def entered(sample: SampleStation, login: str, clock: Clock, random: RandomBytes) -> Iterator[OpenStation]:
    """The station for one of its people, without a session on this computer.

    Raises LoginRefused, StoreUnusable, HomeUnusable.
    """
    vault = vaults.load(sample.layout.vault)
    now = clock()
    attempts = Attempts(sample.layout.attempts, random)
    master = attempts.log_in(vault, login, sample.password, client_name(), now)
    session = Session(login, master, now, now + Spans().idle)
    with opened_with(sample.layout, sample.settings, session, clock, random) as station:
        with station.acting("login.enter") as unit:
            unit.log("login", f"user:{station.actor.user}")
        yield station

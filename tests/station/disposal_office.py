"""An office with a vault, a schedule and papers that are due: what the commands of disposal need."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import update

from archives.disposal.approval import approve_list
from archives.keys import vault as vaults
from archives.keys.attempts_file import create as create_attempts
from archives.keys.wrapping import Cost
from archives.store.tables_people import staff
from tests.archives.disposing import add, appraised, approved, begun, proposed, refused, with_schedule
from tests.archives.making import MASTER, seeded
from tests.station.office import Office, office

PASSWORDS = {"user8": "灯塔 雨伞 三文鱼 2 只", "user2": "竹林 铁轨 棉花糖 9 号"}
CHEAP = Cost(8, 1, 1)


@dataclass(frozen=True)
class DisposalOffice:
    """The office and the items that are due, one list each in its turn."""

    office: Office
    due: tuple[int, ...]


def disposal_office(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capture: pytest.CaptureFixture[str]
) -> DisposalOffice:
    """At 2030-11-25: three refused applicants, the first with two items, one of them on two pages of paper.

    user8 and user2 can witness by password, #9 is from outside; the passwords lie in 甲.txt and 乙.txt.
    """
    made = office(folder, monkeypatch, capture)
    station = with_schedule(made.station)
    random = seeded(7)

    vaults.create(
        station.layout.vault, station="S1", recovery_secret=bytes(20), made_on=date(2026, 11, 22),
        random=_master_first(random),
    )  # fmt: skip
    create_attempts(station.layout.attempts, random)
    for number, (login, password) in enumerate(PASSWORDS.items()):
        vaults.add_user(
            station.layout.vault, MASTER, login, password, station_name="样例", random=random, cost=CHEAP
        )
        (made.folder / f"{'甲乙'[number]}.txt").write_text(password, encoding="utf-8")
    (made.folder / "错.txt").write_text("不是这个密码", encoding="utf-8")
    with station.archive.acting("test.outside", station.admin) as unit:
        unit.execute(update(staff).where(staff.c.id == 9).values(outside=1))
    first = refused(station, "样例一", items=2)
    others = [refused(station, f"样例{n}", items=1) for n in "二三四五"]
    station.clock.pass_days(4 * 366)
    return DisposalOffice(made, (*first.records, *(one.records[0] for one in others)))


def _master_first(random: Callable[[int], bytes]) -> Callable[[int], bytes]:
    """A vault draws its master key first: here the one the station's stores were made with."""
    waiting = [MASTER]
    return lambda count: waiting.pop() if waiting else random(count)


def lists_in_every_state(made: DisposalOffice) -> None:
    """001 under execution, 002 approved and waited for, 003 approved today, 004 appraised, 005 proposed."""
    station = made.office.station
    begun(station, made.due[:2])
    approved(station, made.due[2:3])
    number, sha256 = appraised(station, made.due[3:4])
    with station.archive.acting("test.approve", station.director) as unit:
        approve_list(unit, number, sha256)
    appraised(station, made.due[4:5])
    proposed(station, made.due[5:6])
    add(station, made.office.opened.file, 9, form="record_e")

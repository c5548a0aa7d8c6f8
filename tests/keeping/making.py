"""Whole stations for the tests of keeping: migrated stores, a vault with a user, a seal key, and content."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import insert

from archives.archive import StationFacts
from archives.home import create_stores, open_archive
from archives.items.documents import DocumentEntry, add_document, store
from archives.items.records import Content, add_record
from archives.keeping.check import CheckReport, check
from archives.keeping.migrate import migrate
from archives.keys import vault as vaults
from archives.keys.wrapping import Cost
from archives.people.persons import PersonFacts, open_person
from archives.ports import Actor
from archives.sealing import create_seal_key, read_seal_key, seal_log
from archives.settings import Layout, Settings
from archives.store.tables_people import staff, staff_roles, users
from archives.timekeeping import found_time
from tests.archives.making import NAMES, PEOPLE, SHANGHAI, StandingClock, Station, seeded

PASSWORD = "四川 芭蕉 银杏 台灯 样例"
QUICK = Cost(8, 1, 1)
NAME, ID_NUMBER, PHONE, ANSWER = "陈样例", "110101199003077571", "13900001234", "情绪平稳的样例回答"


@dataclass
class Whole:
    """A station as ``init`` leaves it, and what was put into it."""

    made: Station
    master: bytes
    records: list[int]
    documents: list[int]
    file: int

    @property
    def layout(self) -> Layout:
        return self.made.layout

    def check(self, **more: Any) -> CheckReport:
        return check(self.made.archive, self.layout, self.made.admin, self.master, **more)

    def kinds(self, **more: Any) -> list[str]:
        """Kinds of findings of a check, each once."""
        report = self.check(**more)
        assert report.finished
        return sorted({found.kind for found in report.findings})


def whole(folder: Path, *, records: int = 2, documents: int = 2, seed: int = 1) -> Whole:
    """A station with one person, some records and documents."""
    layout = Layout(folder / "home", folder / "keys")
    for one in (layout.home, layout.keys, layout.data, layout.blobs):
        one.mkdir(parents=True, mode=0o700)
        one.chmod(0o700)
    clock, random = StandingClock(), seeded(seed)
    facts = StationFacts("S1", "样例站点", "PZ01")
    settings = Settings(facts, str(layout.keys))
    layout.settings.write_bytes(settings.to_json())
    _, master = vaults.create(
        layout.vault, station="S1", recovery_secret=bytes(32), made_on=date(2026, 11, 22), random=random
    )
    for number in range(1, len(PEOPLE) + 1):
        vaults.add_user(
            layout.vault,
            master,
            f"user{number}",
            PASSWORD,
            station_name="样例站点",
            random=random,
            cost=QUICK,
        )
        if number == 1:
            break
    create_seal_key(layout, master, random)
    archive = open_archive(layout, settings, master, clock, random, make=True)
    create_stores(archive, migrate)
    made = Station(archive, layout, clock, _people(archive))
    station = Whole(made, master, [], [], 0)
    fill(station, records, documents)
    seal_log(archive, made.admin, read_seal_key(layout, master))
    return station


def _people(archive: Any) -> dict[str, Actor]:
    with archive.acting("test.staff", Actor(None, None, frozenset(), "test")) as unit:
        for number, (name, role) in enumerate(PEOPLE, start=1):
            unit.execute(
                insert(staff), {"name": name, "id_hash": f"{number:064x}", "outside": 0, "added_at": unit.at}
            )
            unit.execute(
                insert(users),
                {"staff_id": number, "login": f"user{number}", "state": "active", "added_at": unit.at},
            )
            if role:
                unit.execute(insert(staff_roles), {"staff_id": number, "role": role, "given_at": unit.at})
        found_time(unit, 7)
    return {
        alias: Actor(number, number, frozenset({role} if role else ()), "test")
        for number, (alias, (_, role)) in enumerate(zip(NAMES, PEOPLE, strict=True), start=1)
    }


def fill(station: Whole, records: int, documents: int) -> None:
    """One person more or the same, with records and documents."""
    made = station.made
    if not station.file:
        with made.archive.acting("test.person", made.worker) as unit:
            person = PersonFacts(NAME, "男", "1990-03-07", PHONE, ID_NUMBER)
            station.file = open_person(unit, person).file
    for _ in range(records):
        with made.archive.acting("test.record", made.worker) as unit:
            content = Content(
                "record_e", 1, "个案服务记录表", ANSWER.encode(), document_date=date(2026, 11, 1)
            )
            station.records.append(add_record(unit, station.file, content))
    for number in range(documents):
        stored = store(made.archive, f"{ANSWER}{number}".encode() * 50)
        with made.archive.acting("test.document", made.worker) as unit:
            entry = DocumentEntry("attachment", "text/plain", 1)
            station.documents.append(add_document(unit, station.file, stored, entry))


__all__ = ["SHANGHAI", "Whole", "fill", "whole"]

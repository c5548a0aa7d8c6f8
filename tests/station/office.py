"""A station with people, two files and records, and the command line run in it as one of its people."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import update

from archives.home import Settings
from archives.items.documents import DocumentEntry, add_document, store
from archives.items.records import Content, add_record
from archives.people.files import accept
from archives.people.persons import Opened, PersonFacts, open_person
from archives.ports import Actor
from archives.sealing import create_seal_key
from archives.store.tables_people import staff
from desk.cli.main import run
from desk.station.opening import OpenStation
from tests.archives.making import MASTER, Station, seeded, station

NAME = "样例甲"
OTHER = "样例乙"
PHONE = "13900000001"
ID_NUMBER = "11010519491231002X"
NAMES = (
    "样例社工甲", "样例社工乙", "样例督导", "样例负责人", "样例档案员", "样例审计员", "样例管理员",
    "样例见证甲", "样例见证乙",
)  # fmt: skip
"""Of the staff, as forms can print them."""
LOGINS = {
    "worker": "user1", "worker2": "user2", "supervisor": "user3", "director": "user4", "records": "user5",
    "auditor": "user6", "admin": "user7", "witness": "user8",
}  # fmt: skip


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
class Office:
    """The station, the file of 样例甲 (accepted) and of 样例乙 (an application), and who sits at the desk."""

    station: Station
    folder: Path
    opened: Opened
    other: Opened
    number: str
    monkeypatch: pytest.MonkeyPatch
    capture: pytest.CaptureFixture[str]

    def as_role(self, role: str) -> OpenStation:
        """The open station with this person logged in."""
        actor: Actor = getattr(self.station, role)
        settings = Settings(self.station.archive.station, "../keys")
        return OpenStation(
            self.station.archive, actor, self.station.layout, settings, LOGINS.get(role, role), MASTER
        )

    def run(self, role: str, *arguments: str) -> Ended:
        """One command line of this person."""

        @contextmanager
        def opened(home: Path | None) -> Iterator[OpenStation]:
            yield self.as_role(role)

        self.monkeypatch.setattr("desk.cli._station.open_station", opened)
        self.monkeypatch.setattr("desk.cli._station.station_now", self.station.clock)
        self.capture.readouterr()
        code = run(arguments)
        told = self.capture.readouterr()
        assert "None" not in told.out + told.err, "a person reads words, not what a value is called in Python"
        return Ended(code, told.out, told.err)

    def add_record(
        self, title: str, *, form: str = "record_e", state: str = "final", file: int | None = None
    ) -> int:
        """A filled form in a file."""
        content = Content(
            form, 1, title, json.dumps({"content": f"{title}的内容"}, ensure_ascii=False).encode(),
            state, date(2026, 11, 1),  # type: ignore[arg-type]  # as the test says
        )  # fmt: skip
        with self.station.archive.acting("test.record", self.station.worker) as unit:
            return add_record(unit, file or self.opened.file, content)

    def add_document(self, record: int | None, content: bytes, *, kind: str = "scan", pages: int = 1) -> int:
        """Bytes in the first file."""
        stored = store(self.station.archive, content)
        entry = DocumentEntry(kind, "application/pdf", pages, record)  # type: ignore[arg-type]
        with self.station.archive.acting("test.document", self.station.worker) as unit:
            return add_document(unit, self.opened.file, stored, entry)


def office(folder: Path, monkeypatch: pytest.MonkeyPatch, capture: pytest.CaptureFixture[str]) -> Office:
    """A station as ``Office`` says; the current folder is one of its people's own."""
    made = station(folder)
    made.layout.settings.write_bytes(Settings(made.archive.station, "../keys").to_json())
    with made.archive.acting("test.names", made.admin) as unit:
        for staff_id, name in enumerate(NAMES, start=1):
            unit.execute(update(staff).where(staff.c.id == staff_id).values(name=name))
    (made.layout.keys / "page-code.key").write_text("5a" * 32, encoding="ascii")
    create_seal_key(made.layout, MASTER, seeded(9))
    with made.archive.acting("test.open", made.worker) as unit:
        opened = open_person(unit, PersonFacts(NAME, "男", "1990-05-17", PHONE, ID_NUMBER))
        other = open_person(unit, PersonFacts(OTHER, "女", "1985-02-03", None, None), another=True)
        number = accept(unit, opened.file, date(2026, 11, 2), "GA-2026-0001")
    desk = folder / "桌面"
    desk.mkdir()
    monkeypatch.chdir(desk)
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    return Office(made, desk, opened, other, number, monkeypatch, capture)


def open_and_record(made: Station) -> int:
    """A person's file (id 1) with one record; returns the record's id."""
    with made.archive.acting("test.open", made.worker) as unit:
        opened = open_person(unit, PersonFacts(NAME, "男", "1990-05-17", PHONE, ID_NUMBER))
        content = Content("record_e", 1, "个案服务记录表（第1次）", b"{}", "final", date(2026, 11, 1))
        return add_record(unit, opened.file, content)

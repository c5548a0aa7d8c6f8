"""Makes the station that later programs are upgraded from: ``python -m tests.kept.make FILE.tar.xz``.

Run with the program of the version to keep, before its tables change.  One refused applicant was destroyed by
a list; one person was taken in twice, left and came again; one is in the middle of a case: records in several
states, an amended fact, open and ended duties, prints at home, prints on their way, a batch in which a page
waits and one that is settled.  Beside the station lies the scan of the sheets that are still out.
"""

from __future__ import annotations

import json
import os
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import select

from archives.disposal.execution import Witness, execute
from archives.disposal.schedules import approve_schedule
from archives.duties.loans import Terms, lend
from archives.duties.requests import ask, decide_request
from archives.duties.rights import register
from archives.home import layout_of, read_settings
from archives.items.documents import DocumentEntry, add_document, content_of, document_facts, sheet_of, store
from archives.items.holds import place_hold, release_hold
from archives.items.records import Content, add_record, revise, void
from archives.log.purposes import Purpose
from archives.people.files import accept, assign, close_case, end_application, file_away, place
from archives.people.merge import merge_files
from archives.people.persons import PersonFacts, amend, open_person
from archives.people.reopening import reopen
from archives.ports import Actor, Role
from archives.store.tables import records, schedules
from desk.station.clock import confirm_date
from desk.station.entrance import enter
from desk.station.init import create_station
from desk.station.issuing import Look, issue_record
from desk.station.opening import OpenStation, opened
from desk.station.scanning.receiving import receive
from generator.forms.catalogue import load_form
from generator.identity.sheet import read_sheet
from generator.render import PrintOptions
from generator.resources import data_dir
from generator.typeset.fonts import bundled_fonts
from tests.archives.disposing import approved, open_execution
from tests.archives.making import SHANGHAI, StandingClock, Station, seeded
from tests.scans.house import Paper, empty, signed, stack_file
from tests.simulator import pen, scanner
from tests.simulator.codes import page_pictures
from tests.station.founding import PASSWORDS, Sheets, plan

BEGUN = datetime(2022, 11, 1, 9, 0, tzinfo=SHANGHAI)
TODAY = datetime(2026, 11, 22, 9, 0, tzinfo=SHANGHAI)
PERSON = PersonFacts("样例甲", "男", "1990-05-17", "13900000001", "11010519491231002X")
OTHER = PersonFacts("样例乙", "女", "1985-02-03", None, None)
CASE_NO = "GA-2026-0001"
DEVICE = scanner.Device(dpi=150, noise=0.5, quality=40)
"""A clean copier: the station is kept in the source tree."""
STILL_OUT = "未回.pdf"
"""The scan of the sheets that had not come home when the station was kept."""
ROLES: dict[str, tuple[int, Role]] = {
    "admin": (1, "admin"), "director": (2, "director"), "records": (3, "records"), "auditor": (4, "auditor"),
    "worker": (5, "worker"),
}  # fmt: skip


class Keeper:
    """The station under construction and who acts in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.random = seeded(11)
        self.clock = StandingClock(BEGUN)
        create_station(plan(folder, station_id=""), self.clock, self.random, Sheets())
        home = folder / "站点"
        self.settings = read_settings(home)
        self.layout = layout_of(home, self.settings)

    @contextmanager
    def as_(self, login: str) -> Iterator[OpenStation]:
        """The open station of one of its people."""
        enter(self.layout, self.settings, login, PASSWORDS[login], self.clock, self.random)
        with opened(self.layout.home, self.clock, self.random) as station:
            yield station

    def goes_on(self, when: datetime) -> None:
        """Long after: the date is confirmed first."""
        self.clock.now = when
        with self.as_("dang") as station:
            confirm_date(station, when.date())

    @contextmanager
    def plain(self, login: str) -> Iterator[Station]:
        """The same, as the tests of the archive know it."""
        with self.as_(login) as station:
            actors = {
                alias: Actor(number, number, frozenset({role}), "test")
                for alias, (number, role) in ROLES.items()
            }
            yield Station(station.archive, self.layout, self.clock, actors)


def make(folder: Path) -> None:
    """A whole station in ``folder``."""
    keeper = Keeper(folder)
    _schedule(keeper)
    _destroyed_applicant(keeper)
    keeper.goes_on(TODAY)
    file, other = _people(keeper)
    _came_again(keeper)
    prints = _papers(keeper, file)
    _duties(keeper, file, other)
    _scans(keeper, prints)
    keeper.clock.pass_days(1)
    with keeper.as_("dang"):
        pass  # the day before is sealed


def _schedule(keeper: Keeper) -> None:
    with keeper.as_("fu") as station, station.acting("kept.schedule") as unit:
        row = unit.execute(select(schedules.c.version, schedules.c.sha256)).one()
        approve_schedule(unit, row.version, row.sha256)


def _destroyed_applicant(keeper: Keeper) -> None:
    with keeper.plain("dang") as station:
        records = _refused(station, "样例丙", items=2)
        _refused(station, "样例丁", items=1)
    keeper.goes_on(datetime(2026, 11, 10, 9, 0, tzinfo=SHANGHAI))
    with keeper.plain("dang") as station:
        number, sha256 = approved(station, records)
        witnesses = (Witness(5, "password"), Witness(6, "one_time"))
        open_execution(station, number, sha256, witnesses=witnesses)
        assert not execute(station.archive, station.records, number).unfinished


def _refused(station: Station, name: str, *, items: int) -> list[int]:
    with station.archive.acting("kept.refused", station.worker) as unit:
        opened = open_person(unit, PersonFacts(name, "男", "1980-01-01", None, None), another=True)
        records = [
            add_record(unit, opened.file, _content("application_b", date(2022, 10, 20))) for _ in range(items)
        ]
        end_application(unit, opened.file, unit.today, "rejected")
    return records


def _people(keeper: Keeper) -> tuple[int, int]:
    with keeper.as_("she") as station, station.acting("kept.people") as unit:
        one = open_person(unit, PERSON)
        accept(unit, one.file, date(2026, 11, 2), CASE_NO)
        amend(unit, one.person, "phone", "13900000002", "换号（样例）")
        other = open_person(unit, OTHER, another=True)
        place(unit, one.file, "1", "2", "3")
    return one.file, other.file


def _came_again(keeper: Keeper) -> None:
    """One person was taken in twice, was found to be one, left, and came again."""
    with keeper.as_("she") as station, station.acting("kept.again") as unit:
        one = open_person(unit, PersonFacts("样例戊", "女", "1978-04-04", "13900000005", None), another=True)
        twin = open_person(unit, PersonFacts("样例戊", "女", "1978-04-04", None, None), another=True)
        assign(unit, one.file, 5)
        for file in (one.file, twin.file):
            add_record(unit, file, _content("application_b", date(2026, 11, 3)))
        accept(unit, one.file, date(2026, 11, 4))
    with keeper.as_("dang") as station, station.acting("kept.merged") as unit:
        merge_files(unit, one.file, twin.file, "重复建档（样例）")
        close_case(unit, one.file, date(2026, 11, 12))
        drafts = unit.execute(select(records.c.id).where(records.c.file_id == one.file)).scalars().all()
        file_away(unit, one.file, complete=drafts)
        reopen(unit, one.file, "再次来站")


def _papers(keeper: Keeper, file: int) -> dict[str, list[Paper]]:
    prints: dict[str, list[Paper]] = {}
    with keeper.as_("she") as station:
        for form_id in ("consent_a", "application_b", "record_e"):
            with station.acting("kept.record") as unit:
                record = add_record(unit, file, _content(form_id))
            issued = issue_record(
                station, f"#{record}", Look(PrintOptions(), bundled_fonts()), keeper.folder / f"{form_id}.pdf"
            )
            assert issued.copies, issued.report
            prints[form_id] = [page for copy in issued.copies for page in _pages(station, copy.document)]
        with station.acting("kept.more") as unit:
            more = add_record(unit, file, _content("record_e", date(2026, 11, 20)))
            revise(unit, more, _content("record_e", date(2026, 11, 20)), "时间写错（样例）")
            gone = add_record(unit, file, _content("record_e", date(2026, 11, 21)))
            void(unit, gone, "重复登记（样例）")
        stored = store(station.archive, b"%PDF-1.4 sample attachment")
        with station.acting("kept.attachment") as unit:
            add_document(unit, file, stored, DocumentEntry("attachment", "application/pdf", 1, None))
    return prints


def _content(form_id: str, on: date = date(2026, 11, 1)) -> Content:
    answers: dict[str, Any] = json.loads(
        (data_dir("schemas") / "examples" / form_id / "valid-full.json").read_text(encoding="utf-8")
    )
    form = load_form(form_id)
    return Content(form_id, form.version, form.title, json.dumps(answers).encode(), "final", on)


def _pages(station: OpenStation, document: int) -> list[Paper]:
    with station.archive.looking(station.actor) as unit:
        facts = document_facts(unit, document)
        raw = sheet_of(unit, facts)
    assert raw is not None
    assert facts.print_id is not None
    entries = read_sheet(raw).page_map.entries
    pictures = page_pictures(content_of(station.archive, facts), pen.DPI)
    return [
        Paper(document, facts.print_id, number, facts.pages, picture.copy(),
              tuple(entry for entry in entries if entry.page == number))
        for number, picture in enumerate(pictures, start=1)
    ]  # fmt: skip


def _duties(keeper: Keeper, file: int, other: int) -> None:
    with keeper.as_("dang") as station, station.acting("kept.duties") as unit:
        place_hold(unit, file, "complaint", note="来电投诉（样例）")
        ended = place_hold(unit, other, "complaint", note="已了结（样例）")
        release_hold(unit, ended)
        lend(unit, file, 5, 2, Terms(Purpose.QUALITY, 3, basis="duty"))
        request = ask(unit, other, Purpose.QUALITY, "质控抽查（样例）")
        register(unit, file, "copy", "复制一份（样例）", date(2026, 12, 13), more={"applicant": "样例甲"})
    with keeper.as_("fu") as station, station.acting("kept.decided") as unit:
        decide_request(unit, request, granted=True)


def _scans(keeper: Keeper, prints: dict[str, list[Paper]]) -> None:
    record, consent, application = prints["record_e"], prints["consent_a"], prints["application_b"]
    whole = [signed(page, seed) for seed, page in enumerate(record, start=3)]
    part = [signed(page, 7) for page in consent[:1]]
    rest = [signed(page, 9) for page in (*consent[1:], *application)]
    first = stack_file(keeper.folder / "一.pdf", [*whole, empty(record[0])], DEVICE, 1)
    second = stack_file(keeper.folder / "二.pdf", [*part, empty(record[0]), _stranger(record[0])], DEVICE, 2)
    stack_file(keeper.folder / STILL_OUT, rest, DEVICE, 3)
    with keeper.as_("dang") as station:
        for path in (first, second):
            receive(station, path)


def _stranger(like: Paper) -> Paper:
    """A page of nobody's: lines of a pen."""
    sheet = np.full_like(like.picture, 255)
    sheet[600:640, 300:1200] = 30
    return Paper(0, "", 0, 0, sheet, ())


def main(target: Path) -> None:
    """Make and pack."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "kept"
        folder.mkdir()
        os.environ["HOME"] = str(Path(name) / "account")
        os.environ.pop("XDG_STATE_HOME", None)
        os.environ.pop("XDG_RUNTIME_DIR", None)
        make(folder)
        for path in (*folder.glob("*_*.pdf"), *folder.glob("*.print.json"), folder / "恢复单.pdf"):
            path.unlink(missing_ok=True)  # what was issued lies in the archive
        with tarfile.open(target, "w:xz") as packed:
            packed.add(folder, arcname="kept")


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())

"""People who do anything, in any order, most of it refused: a station that grows by random acts."""

from __future__ import annotations

import hashlib
import random
import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Table, select

from archives.disposal.appraisal import set_opinion
from archives.disposal.approval import withdraw_list
from archives.disposal.completion import recover
from archives.disposal.execution import execute, stop
from archives.disposal.forgetting import forget_emptied
from archives.duties import copies, loans, requests, rights, transfers
from archives.errors import ArchiveError
from archives.home import open_archive, read_settings
from archives.items.documents import DocumentEntry, add_document, store, void_document
from archives.items.holds import place_hold, release_hold
from archives.items.lists import set_event
from archives.items.records import Content, add_record, mark_signed, revise, void
from archives.keeping.register import keep_tombstones
from archives.keeping.tombs import stones_of
from archives.log.purposes import Purpose
from archives.people import files as files_of
from archives.people.merge import merge_files
from archives.people.persons import PersonFacts, amend, open_person
from archives.people.reopening import reopen
from archives.ports import system
from archives.scans import batches
from archives.scans.blanks import mark_seen, unseen_blanks
from archives.scans.filing import file_attachment
from archives.scans.pages import Judged, add_page, pages_in, settle, store_page
from archives.scans.quarantine import add_part, balance_all, clear_scans, release_filed, store_part
from archives.scans.questions import Asked, ask, settle_question
from archives.sealing import read_seal_key, seal_log
from archives.settings import Layout
from archives.staff.members import add_member, set_supervisor
from archives.staff.roles import give_role, take_role
from archives.store.tables import documents, files, holds, records
from archives.store.tables_duties import disposal_lists, rights_requests
from archives.store.tables_duties import loans as loans_table
from archives.store.tables_people import access_requests, staff
from archives.store.tables_scans import scan_batches, scan_pages, scan_questions
from tests.archives.disposing import appraised, approved, begun, proposed, refused
from tests.archives.making import seeded
from tests.keeping.making import Whole
from tests.keeping.test_backup import backed_up, restored
from tests.keys.crashing import Crash, crash_at

FORMS = ("record_e", "application_b", "risk_assessment")
STATES = ("draft", "final", "signed")
WHO = ("worker", "worker2", "supervisor", "director", "records", "admin")


class Acting:
    """One station and a seed: the same acts each time."""

    def __init__(self, station: Whole, folder: Path, seed: int) -> None:
        self.station, self.folder, self.seed = station, folder, seed
        self.draw = random.Random(seed)
        self.done: dict[str, int] = {}
        self._opened = 0
        self._kinds = {
            name.removeprefix("act_"): getattr(self, name) for name in dir(self) if name.startswith("act_")
        }

    @property
    def kinds(self) -> tuple[str, ...]:
        """Names of all acts."""
        return tuple(self._kinds)

    def go(self, kind: str) -> None:
        """One act; a refusal changes nothing."""
        with suppress(ArchiveError):
            self._kinds[kind]()
            self.done[kind] = self.done.get(kind, 0) + 1

    def go_on(self, acts: int) -> None:
        """So many acts, of kinds as they fall; people and records are made more often than the rest."""
        usual = ("person", "record", "record", "revise", "document", "accept")
        for _ in range(acts):
            self.go(self.draw.choice((*self._kinds, *usual)))

    def act(self, who: str, what: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        archive = self.station.made.archive
        with archive.acting("test.act", getattr(self.station.made, who)) as unit:
            return what(unit, *arguments, **named)

    def any(self, table: Table, *where: Any) -> int:
        """The number of a row, or one there is not."""
        with self.station.made.archive.data.reading() as connection:
            found = connection.execute(select(table.c.id).where(*where).order_by(table.c.id)).scalars().all()
        return int(self.draw.choice(found)) if found else 0

    def who(self) -> str:
        return self.draw.choice(WHO)

    @property
    def today(self) -> date:
        return self.station.made.clock().date()

    def content(self, form: str | None = None) -> Content:
        told = f'{{"n":{self.draw.randrange(10**6)}}}'.encode()
        facts = {"risk_level": str(self.draw.randrange(6))} if self.draw.random() < 0.4 else {}
        dates = {"expired": str(self.today)} if self.draw.random() < 0.3 else {}
        day = self.today if self.draw.random() < 0.8 else None
        form = form or self.draw.choice(FORMS)
        state = self.draw.choice(STATES)
        return Content(form, 1, f"样例{self.draw.randrange(9)}", told, state, day, facts, dates)  # type: ignore[arg-type]

    # --- people and files ---

    def act_person(self) -> None:
        serial = self.draw.randrange(10**6)
        phone = f"139{serial:08d}" if serial % 2 else None
        facts = PersonFacts(
            f"样例{serial}", self.draw.choice(("男", "女", None)), None, phone, None, {"a": serial}
        )
        self.act("worker", open_person, facts, another=True)

    def act_amend(self) -> None:
        person = self.any(files)
        field, value = self.draw.choice(
            (("name", "样例更名"), ("phone", "13900001111"), ("phone", None), ("birth_date", "1990-01-01"),
             ("guardian", "样例监护人"), ("id_number", "11010519491231002X"))
        )  # fmt: skip
        self.act(self.who(), amend, person, field, value, "样例：更正")

    def act_merge(self) -> None:
        one, other = self.any(files), self.any(files)
        if self.draw.random() < 0.5:  # two files of one day can always be merged
            first = self.act("worker", open_person, PersonFacts("样例甲"), another=True)
            second = self.act("worker", open_person, PersonFacts("样例甲"), another=True)
            one, other = first.file, second.file
            self.act("worker", add_record, other, self.content())
        self.act("records", merge_files, one, other, "样例：同一人")

    def act_accept(self) -> None:
        self.act("worker", files_of.accept, self.any(files), self.today)

    def act_close(self) -> None:
        self.act("worker", files_of.close_case, self.any(files), self.today)

    def act_end(self) -> None:
        self.act("worker", files_of.end_application, self.any(files), self.today, "rejected")

    def act_file_away(self) -> None:
        self.act("worker", files_of.file_away, self.any(files))

    def act_reopen(self) -> None:
        self.act("records", reopen, self.any(files), "样例：再次申请")

    def act_place(self) -> None:
        self.act("records", files_of.place, self.any(files), "1", str(self.draw.randrange(9)), "3")

    def act_assign(self) -> None:
        self.act("supervisor", files_of.assign, self.any(files), self.draw.choice((1, 2)))

    # --- records and documents ---

    def act_record(self) -> None:
        self.act("worker", add_record, self.any(files), self.content())

    def act_revise(self) -> None:
        record = self.any(records)
        with self.station.made.archive.data.reading() as connection:
            form = connection.execute(select(records.c.form_id).where(records.c.id == record)).scalar()
        self.act("worker", revise, record, self.content(form), "样例：更正")

    def act_void(self) -> None:
        self.act("worker", void, self.any(records), "样例：误录")

    def act_sign(self) -> None:
        self.act("worker", mark_signed, self.any(records))

    def act_event(self) -> None:
        self.act(
            "records", set_event, self.any(records), self.draw.choice(("expired", "replaced")), self.today
        )

    def act_document(self) -> None:
        stored = store(self.station.made.archive, f"%PDF {self.draw.random()}".encode())
        record = self.any(records)
        with self.station.made.archive.data.reading() as connection:
            file = connection.execute(select(records.c.file_id).where(records.c.id == record)).scalar()
        sheet = b'{"a":1}' if self.draw.random() < 0.5 else None
        code = f"{self.draw.randrange(10**10):010d}" if sheet else None
        kind = "issued" if sheet else self.draw.choice(("scan", "attachment"))
        entry = DocumentEntry(kind, "application/pdf", 2, record, code, 1, sheet, 1, 1)  # type: ignore[arg-type]
        self.act("worker", add_document, file or 0, stored, entry)

    def act_void_document(self) -> None:
        self.act("worker", void_document, self.any(documents), "样例：误放")

    # --- duties ---

    def act_hold(self) -> None:
        self.act("records", place_hold, self.any(files), "audit", note="样例：检查")

    def act_release(self) -> None:
        self.act("records", release_hold, self.any(holds))

    def act_ask(self) -> None:
        self.act("worker2", requests.ask, self.any(files), Purpose.CASE_SERVICE, "样例：查阅")

    def act_decide(self) -> None:
        granted = self.draw.random() < 0.5
        self.act("director", requests.decide_request, self.any(access_requests), granted=granted)

    def act_lend(self) -> None:
        terms = loans.Terms(Purpose.CASE_SERVICE, 3, "letter", "样例函〔2026〕1号")
        self.act("records", loans.lend, self.any(files), 1, 4, terms)

    def act_remind(self) -> None:
        self.act("records", loans.remind, self.any(loans_table))

    def act_take_back(self) -> None:
        self.act("records", loans.take_back, self.any(loans_table), 2, "样例：缺一页")

    def act_rights(self, file: int | None = None) -> int:
        who = self.draw.choice(("records", "worker2")) if file is None else "records"
        return int(self.act(
            who, rights.register, file or self.any(files), "restrict", "样例：不再使用", self.today,
            more={"applicant": "样例申请人"}, held=who == "records",
        ))  # fmt: skip

    def act_rights_look(self) -> None:
        self.act("records", rights.look, self.any(rights_requests))

    def act_rights_decide(self) -> None:
        decision = self.draw.choice(("refused", "restricted", "granted"))
        answer = rights.Answer(decision, "样例：依法", "样例：法律意见")
        self.act("director", rights.decide, self.any(rights_requests), answer)

    def act_lift(self) -> None:
        opened = self.act("worker", open_person, PersonFacts("样例封存人"), another=True)
        request = self.act_rights(opened.file)
        self.act("director", rights.decide, request, rights.Answer("restricted", "样例", "样例：法律意见"))
        if self.draw.random() < 0.7:
            self.act("director", rights.lift, request)

    def act_transfer(self) -> None:
        file = self.act("worker", open_person, PersonFacts("样例移交人"), another=True).file
        self.act("worker", files_of.accept, file, self.today)
        self.act("worker", files_of.close_case, file, self.today)
        self.act("worker", files_of.file_away, file)
        kind = self.draw.choice(("handover", "filing"))
        receiver = transfers.Receiver(name="样例接收人", unit_name="样例档案馆", basis="样例", supervisor=4)
        if kind == "filing":
            receiver = transfers.Receiver(staff=5)
        self.act("worker" if kind == "filing" else "records", transfers.make_transfer, kind, [file], receiver)

    def act_copy(self) -> None:
        self.act("records", copies.register_copy, "backup", "样例", "0" * 64, self.today + timedelta(days=9))

    # --- people who work here ---

    def act_member(self) -> None:
        body = f"510402199001{self.draw.randrange(1, 29):02d}{self.draw.randrange(1000):03d}"
        total = sum(int(digit) * (2 ** (17 - place) % 11) for place, digit in enumerate(body))
        self.act("admin", add_member, "样例新人", body + "10X98765432"[total % 11])

    def act_role(self) -> None:
        self.act("admin", give_role, self.any(staff), self.draw.choice(("worker", "supervisor")))

    def act_take_role(self) -> None:
        who = self.any(staff, staff.c.id > 9)
        self.act("admin", give_role, who, "worker")
        self.act("admin", take_role, who, "worker")

    def act_supervisor(self) -> None:
        self.act("admin", set_supervisor, self.any(staff, staff.c.id > 9), 3)

    # --- scans ---

    def act_scan(self) -> None:
        archive = self.station.made.archive
        piece, (key, _) = f"%PDF {self.draw.random()}".encode(), archive.keys.new()
        digest = hashlib.sha256(piece).hexdigest()
        batch = self.act("records", batches.begin, digest, len(piece), key).id
        self.act("records", add_part, batch, 1, store_part(archive, batch, key, 1, piece))
        states = (("waiting", "no_code"), ("blank", None), ("duplicate", "twice"), ("waiting", "no_code"))
        for number, (state, reason) in enumerate(states, start=1):
            stored = store_page(archive, batch, number, f"第{number}页{batch}".encode())
            judged = Judged(state, reason, reading=b'{"words":[]}')  # type: ignore[arg-type]  # a state
            self.act("records", add_page, batch, number, judged, stored, "image/jpeg")
        self.act("records", batches.complete, batch)

    def act_file_scan(self) -> None:
        archive, batch = self.station.made.archive, self.any(scan_batches)
        with archive.looking(self.station.made.records) as unit:
            waiting = [page for page in pages_in(unit, batch) if page.state == "waiting"][:1]
        stored = store(archive, f"%PDF {self.draw.random()}".encode())
        document = self.act("records", file_attachment, self.any(files), None, waiting, stored)
        self.act("records", ask, document, stored.item_key, [Asked("tick", 1, b'{"place":"a"}')])

    def act_settle(self) -> None:
        state = self.draw.choice(("rejected", "waiting", "blank"))
        self.act("records", settle, self.any(scan_pages), state, "not_wanted" if state != "blank" else None)

    def act_question(self) -> None:
        self.act("records", settle_question, self.any(scan_questions), self.draw.choice(("paper", "record")))

    def act_look(self) -> None:
        batch = self.any(scan_batches)
        with self.station.made.archive.acting("test.look", self.station.made.records) as unit:
            mark_seen(unit, batch, unseen_blanks(unit, batch))

    def act_scans_go(self) -> None:
        archive, actor = self.station.made.archive, system("test")
        release_filed(archive, actor)
        balance_all(archive, actor)
        clear_scans(archive, actor)

    # --- destruction ---

    def _due(self) -> tuple[int, ...]:
        one = refused(self.station.made, f"样例{self.draw.randrange(10**6)}", items=2)
        self.station.made.clock.pass_days(4 * 366)
        return one.records

    def act_list(self) -> None:
        number = proposed(self.station.made, self._due())
        if self.draw.random() < 0.5:
            self.act("records", withdraw_list, number)

    def act_kept_items(self) -> None:
        due = self._due()
        appraised(self.station.made, due, keep=due[:1])

    def act_opinion(self) -> None:
        number = proposed(self.station.made, due := self._due())
        self.act("records", set_opinion, number, due[0], "defer", "样例：暂缓")

    def act_approve(self) -> None:
        approved(self.station.made, self._due())

    def act_destroy(self) -> None:
        number = begun(self.station.made, self._due())
        execute(self.station.made.archive, self.station.made.records, number)

    def act_stop(self) -> None:
        begun(self.station.made, self._due())
        number = self.any(disposal_lists, disposal_lists.c.state == "executing")
        stop(self.station.made.archive, self.station.made.director, number)

    def act_forget(self) -> None:
        forget_emptied(self.station.made.archive, self.station.made.records)

    # --- time, crashes, seals, backups ---

    def act_time(self) -> None:
        self.station.made.clock.pass_days(self.draw.choice((1, 3, 40)))

    def act_seal(self) -> None:
        master = self.station.master
        seal_log(self.station.made.archive, system("test"), read_seal_key(self.station.layout, master))

    def act_crash(self) -> None:
        """The computer stops somewhere in another act; the station is opened again and recovers."""
        kinds = [name for name in self._kinds if name not in ("crash", "restore")]
        kind, point = self.draw.choice(kinds), self.draw.randrange(40)
        with suppress(Crash, ArchiveError), crash_at(point):
            self._kinds[kind]()
        self.reopen()
        recover(self.station.made.archive, system("test"))
        self.settle()

    def settle(self) -> None:
        """What every opening does: the list of what was destroyed is brought up to date."""
        keep_tombstones(self.station.made.archive, self.station.layout)

    def act_restore(self) -> None:
        """More is done after a backup, then the older backup is put back, with what was destroyed since."""
        self._opened += 1
        place = self.folder / f"restored-{self._opened}"
        place.mkdir()
        self.settle()
        source = backed_up(self.station, place)
        self.go_on(3)
        self.settle()
        further = stones_of(self.station.made.archive)
        self.station.made.archive.close()
        self.station, _ = restored(self.station, source, place, further)
        self.reopen()  # with random numbers of its own

    def reopen(self) -> None:
        """Another process opens the station."""
        self._opened += 1
        layout: Layout = self.station.layout
        self.station.made.archive.close()
        fresh = seeded(self.seed * 1000 + self._opened)
        archive = open_archive(
            layout, read_settings(layout.home), self.station.master, self.station.made.clock, fresh
        )
        self.station = replace(self.station, made=replace(self.station.made, archive=archive))


def copied(station: Whole, folder: Path, seed: int) -> Whole:
    """The closed station in a folder of one's own, opened with another seed and a clock of its own.

    Days that pass in one copy pass in no other: a seed is the same life alone and after a hundred others.
    """
    layout = Layout(folder / "home", folder / "keys")
    shutil.copytree(station.layout.home, layout.home)
    shutil.copytree(station.layout.keys, layout.keys)
    settings = replace(read_settings(layout.home), keys_folder=str(layout.keys))
    layout.settings.write_bytes(settings.to_json())
    clock = replace(station.made.clock)
    archive = open_archive(layout, settings, station.master, clock, seeded(seed * 1000))
    return replace(station, made=replace(station.made, archive=archive, layout=layout, clock=clock))

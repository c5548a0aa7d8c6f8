"""Loans, requests, handovers, copies and seals on a real PostgreSQL: the same answers, the same refusals."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from archives.duties import copies, loans, requests, rights, transfers
from archives.errors import StateForbids, StoreUnusable
from archives.items.records import Content, add_record, read_record
from archives.log.anchor import anchor_file, read_anchors
from archives.log.purposes import Purpose
from archives.people.files import accept, file_facts
from archives.people.persons import PersonFacts, open_person
from archives.sealing import create_seal_key, public_key_of, read_seal_key, seal_log, verify_log
from tests.archives.making import MASTER, Station, founded, seeded

FILE, RECORD = 1, 1


@pytest.fixture(scope="module")
def desk(databases: Callable[..., str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Station]:
    made = founded(tmp_path_factory.mktemp("station"), data_url=databases("duties"))
    create_seal_key(made.layout, MASTER, seeded(3))
    with made.archive.acting("test.open", made.worker) as unit:
        opened = open_person(unit, PersonFacts("样例甲"))
        accept(unit, opened.file, date(2026, 11, 2), "GA-2026-0001")
        add_record(unit, opened.file, Content("record_e", 1, "第1次", b"{}"))
    yield made
    made.archive.close()


def test_a_loan_goes_out_once_and_comes_back(desk: Station) -> None:
    terms = loans.Terms(Purpose.CASE_SERVICE, 3, record=RECORD)
    with desk.archive.acting("test.lend", desk.records) as unit:
        lent = loans.lend(unit, FILE, 1, 4, terms)
    with pytest.raises(StateForbids), desk.archive.acting("test.lend", desk.records) as unit:
        loans.lend(unit, FILE, 2, 4, terms)
    with desk.archive.acting("test.return", desk.records) as unit:
        loans.take_back(unit, lent, 3)
        assert not loans.loans_out(unit)
        assert loans.receiver_of(unit, lent) == 5


def test_requests_are_decided_by_others_and_sealing_ends(desk: Station) -> None:
    with desk.archive.acting("test.ask", desk.worker2) as unit:
        asked = requests.ask(unit, FILE, Purpose.QUALITY)
    with desk.archive.acting("test.register", desk.records) as unit:
        request = rights.register(unit, FILE, "delete", "样例请求", date(2026, 12, 11))
    with desk.archive.acting("test.decide", desk.director) as unit:
        requests.decide_request(unit, asked, granted=True)
        rights.decide(unit, request, rights.Answer("restricted", "样例理由", "样例意见"))
        assert file_facts(unit, FILE).state == "restricted"
        rights.lift(unit, request)
        assert file_facts(unit, FILE).state == "open"
        assert requests.has_grant(unit, FILE, 2)


def test_lists_and_copies(desk: Station) -> None:
    with desk.archive.acting("test.lists", desk.records) as unit:
        transfer = transfers.make_transfer(unit, "filing", [FILE], transfers.Receiver(staff=4))
        assert [one.pieces for one in transfers.items_of(unit, transfer)] == [1]
        copy = copies.register_copy(unit, "export", "a.zip", "0" * 64, date(2026, 12, 1), file=FILE)
        assert [one.id for one in copies.copies_of_record(unit, RECORD)] == [copy]


def test_the_log_is_sealed_verified_and_guarded(desk: Station) -> None:
    with desk.archive.acting("test.read", desk.worker) as unit:
        read_record(unit, RECORD)
    key = read_seal_key(desk.layout, MASTER)
    seal = seal_log(desk.archive, desk.auditor, key)
    assert seal is not None
    assert seal_log(desk.archive, desk.auditor, key) is None
    with pytest.raises((DBAPIError, StoreUnusable)):  # noqa: SIM117 - the act fails as a whole
        with desk.archive.data.writing("attack") as connection:
            connection.execute(text("UPDATE events SET purpose = NULL"))
    report = verify_log(desk.archive, desk.auditor, read_anchors(anchor_file(seal)), (public_key_of(key),))
    assert report.findings == ()
    with desk.archive.data.writing("attack") as connection:
        connection.execute(text("ALTER TABLE events DISABLE TRIGGER USER"))
        connection.execute(text("UPDATE events SET staff = 2 WHERE chain = 1 AND seq = 2"))
        connection.execute(text("ALTER TABLE events ENABLE TRIGGER USER"))
    found = verify_log(desk.archive, desk.auditor, (), (public_key_of(key),)).findings
    assert [finding.kind for finding in found] == ["changed"]

"""Documents: immutable bytes under their own keys; nothing half, nothing swapped, nothing unlogged."""

from __future__ import annotations

import hashlib

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from archives.errors import AlreadyThere, InputRefused, ItemUnreadable, NotFound, StateForbids, StoreUnusable
from archives.items.documents import (
    MAX_SIZE,
    DocumentEntry,
    add_document,
    content_of,
    document_facts,
    documents_of,
    open_document,
    sheet_of,
    store,
    void_document,
)
from archives.items.lists import Paper, items_of
from archives.items.records import Content, add_record, revise
from archives.people.files import end_application, file_away
from archives.people.persons import PersonFacts, open_person
from archives.store.tables import documents
from archives.store.tables_people import events
from tests.archives.making import Station

SCAN = b"%PDF-1.7 " + bytes(range(256)) * 40


@pytest.fixture
def one(both: Station) -> Station:
    """File 1 with record 1."""
    with both.archive.acting("test.open", both.worker) as unit:
        open_person(unit, PersonFacts("样例甲"))
        add_record(unit, 1, Content("plan_d", 1, "个案服务计划书", b"{}"))
    return both


def filed(made: Station, content: bytes = SCAN, **entry: object) -> int:
    stored = store(made.archive, content)
    values = {"kind": "scan", "media_type": "application/pdf", "pages": 2, "record": 1, **entry}
    with made.archive.acting("document.add", made.worker) as unit:
        return add_document(unit, 1, stored, DocumentEntry(**values))  # type: ignore[arg-type]


def test_bytes_come_back_as_they_went_in_and_lie_encrypted(one: Station) -> None:
    document = filed(one)
    with one.archive.acting("document.read", one.worker) as unit:
        facts = open_document(unit, document)
    assert content_of(one.archive, facts) == SCAN
    assert (facts.size, facts.sha256) == (len(SCAN), hashlib.sha256(SCAN).hexdigest())
    assert facts.blob is not None and SCAN[:64] not in one.archive.blobs.get(facts.blob)


def test_a_sheet_is_kept_encrypted_with_its_print(one: Station) -> None:
    document = filed(one, kind="issued", print_id="0123456789", copy=1, sheet=b'{"print_id":"0123456789"}')
    with one.archive.looking(one.worker) as unit:
        row = unit.execute(select(documents).where(documents.c.id == document)).one()
        assert b"print_id" not in bytes(row.sheet)
        assert sheet_of(unit, document_facts(unit, document)) == b'{"print_id":"0123456789"}'


def test_a_print_is_registered_once(one: Station) -> None:
    filed(one, kind="issued", print_id="0123456789", copy=1)
    with pytest.raises(AlreadyThere, match="打印编号已经登记过"):
        filed(one, kind="issued", print_id="0123456789", copy=2)


@pytest.mark.parametrize(
    ("content", "sentence"), [(b"", "文件是空的"), (bytes(MAX_SIZE + 1), "文件超过 64 MB")]
)
def test_too_little_or_too_much_is_not_stored(made: Station, content: bytes, sentence: str) -> None:
    with pytest.raises(InputRefused, match=sentence):
        store(made.archive, content)
    assert list(made.archive.blobs.names()) == []


def test_bytes_of_a_filed_file_are_refused_and_belong_to_nobody(one: Station) -> None:
    with one.archive.acting("test", one.records) as unit:
        end_application(unit, 1, unit.today, "rejected")
        file_away(unit, 1)
    with pytest.raises(StateForbids, match="已归档"):
        filed(one)
    with one.archive.looking(one.worker) as unit:
        assert documents_of(unit, file=1) == []


def test_swapped_cut_or_changed_blobs_are_noticed(one: Station) -> None:
    first, second = filed(one), filed(one, SCAN + b"2")
    with one.archive.looking(one.worker) as unit:
        one_facts, other = document_facts(unit, first), document_facts(unit, second)
    path = one.layout.blobs
    names = {facts.id: next(path.rglob(f"{facts.blob}*")) for facts in (one_facts, other)}
    raw = names[first].read_bytes()
    for wrong in (names[second].read_bytes(), raw[:-1], raw[:40] + b"\x00" + raw[41:], b""):
        names[first].write_bytes(wrong)
        with pytest.raises(ItemUnreadable):
            content_of(one.archive, one_facts)
    names[first].write_bytes(raw)
    assert content_of(one.archive, one_facts) == SCAN


def test_a_document_is_immutable_in_the_database_itself(one: Station) -> None:
    filed(one)
    for attack in (
        "UPDATE documents SET sha256 = 'x'",
        "UPDATE documents SET pages = 9",
        "DELETE FROM documents",
    ):
        with pytest.raises((DBAPIError, StoreUnusable)), one.archive.data.writing("test.sql") as connection:
            connection.execute(text(attack))


def test_what_was_filed_by_mistake_stays_marked_and_readable(one: Station) -> None:
    document = filed(one)
    with one.archive.acting("document.void", one.worker) as unit:
        void_document(unit, document, "归错（样例）")
    with one.archive.acting("document.read", one.worker) as unit:
        facts = open_document(unit, document)
        assert facts.state == "void"
        assert items_of(unit, 1)[0].paper == Paper()
    assert content_of(one.archive, facts) == SCAN
    with pytest.raises(StateForbids), one.archive.acting("document.void", one.worker) as unit:
        void_document(unit, document, "再次")


def test_reading_is_on_the_files_chain_with_its_purpose(one: Station) -> None:
    document = filed(one)
    with one.archive.acting("document.export", one.director) as unit:
        open_document(unit, document, purpose="quality", action="document.export")
    with one.archive.looking(one.auditor) as unit:
        row = unit.execute(select(events).where(events.c.action == "document.export")).one()
    assert (row.chain, row.subject, row.purpose, row.staff) == (1, f"document:{document}", "quality", 4)


def test_what_is_not_there_is_not_found(one: Station) -> None:
    with one.archive.looking(one.worker) as unit, pytest.raises(NotFound):
        document_facts(unit, 99)


def test_pages_of_a_record_are_of_what_came_home_else_of_the_latest_print(one: Station) -> None:
    def paper() -> Paper:
        with one.archive.looking(one.worker) as unit:
            return items_of(unit, 1)[0].paper

    assert paper().pages == 0
    filed(one, kind="issued", print_id="0123456781", copy=1, pages=3, revision=1)
    filed(one, kind="issued", print_id="0123456782", copy=2, pages=3, revision=1)
    filed(one, kind="attachment", pages=7)
    assert paper().pages == 3
    with one.archive.acting("record.revise", one.worker) as unit:
        revise(unit, 1, Content("plan_d", 1, "个案服务计划书", b"{}"), "更正")
    assert paper().pages == 0
    filed(one, pages=2), filed(one, pages=1)
    assert paper() == Paper(0, 3, 2)

"""The account of a batch in the database itself: pages are one of six things, none is lost, none misfiled."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from archives.clock.reference import Reference
from archives.errors import AlreadyThere, ItemUnreadable, StateForbids
from archives.items.documents import DocumentEntry, add_document, content_of, document_facts, store
from archives.items.records import record_facts
from archives.keeping.sweep import find_orphans
from archives.people.persons import PersonFacts, open_person
from archives.scans.batches import balance, batch_facts, begin, complete, ledger
from archives.scans.filing import file_print
from archives.scans.pages import Judged, add_page, page_facts, settle, store_page, stream_of
from archives.scans.quarantine import add_part, clear, clear_scans, original, release_filed, store_part
from tests.archives.making import Station, station
from tests.station.office import open_and_record

STATES = ("waiting", "duplicate", "blank", "service", "rejected")


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Station]:
    made = station(tmp_path)
    open_and_record(made)
    yield made
    made.archive.close()


def batch_of(made: Station, *states: str, print_document: int | None = None, mark: bytes = b"") -> int:
    """A received batch with one page for each state."""
    archive = made.archive
    name, _ = archive.keys.new()
    with archive.acting("test.begin", made.records) as unit:
        batch = begin(unit, archive.random(32).hex(), 10, name).id
    for number, state in enumerate(states, start=1):
        stored = store_page(archive, batch, number, b"page %d " % number + mark)
        judged = Judged(
            state,  # type: ignore[arg-type]  # as the test says
            "no_code" if print_document is None else "incomplete",
            None if print_document is None else "0123456789", number, len(states), print_document, b"{}",
        )  # fmt: skip
        with archive.acting("test.page", made.records) as unit:
            add_page(unit, batch, number, judged, stored, "image/jpeg")
    with archive.acting("test.complete", made.records) as unit:
        complete(unit, batch)
    return batch


def printed(made: Station, print_id: str = "0123456789", pages: int = 2) -> int:
    stored = store(made.archive, b"%PDF- a print " + print_id.encode())
    with made.archive.acting("test.print", made.worker) as unit:
        entry = DocumentEntry("issued", "application/pdf", pages, 1, print_id, 1, b"{}", 1, 1)
        return add_document(unit, 1, stored, entry)


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(STATES), min_size=1, max_size=8))
def test_the_account_adds_up_whatever_the_pages_are(made: Station, states: list[str]) -> None:
    batch = batch_of(made, *states)
    with made.archive.looking(made.records) as unit:
        told = ledger(unit, batch)
    assert told.adds_up
    assert told.pages_in == len(states)
    assert [getattr(told, state) for state in STATES] == [states.count(state) for state in STATES]
    with made.archive.acting("test.balance", made.records) as unit:
        assert balance(unit, batch) == ("waiting" not in states)


def test_the_database_refuses_what_would_lose_a_page(made: Station) -> None:
    batch = batch_of(made, "waiting", "blank")
    for words in (
        f"DELETE FROM scan_pages WHERE batch_id = {batch}",
        f"UPDATE scan_pages SET batch_id = 99 WHERE batch_id = {batch}",
        f"UPDATE scan_pages SET sha256 = 'x' WHERE batch_id = {batch}",
        f"UPDATE scan_batches SET pages_in = 1 WHERE id = {batch}",
        f"UPDATE scan_batches SET state = 'balanced', balanced_at = 'x' WHERE id = {batch}",
        f"UPDATE scan_batches SET state = 'receiving', pages_in = NULL WHERE id = {batch}",
        f"DELETE FROM scan_batches WHERE id = {batch}",
        "INSERT INTO scan_pages (batch_id, number, state, size, reason) "
        f"VALUES ({batch}, 3, 'waiting', 0, 'no_code')",
    ):
        with (
            pytest.raises(IntegrityError, match="scans:"),
            made.archive.acting("test.attack", made.records) as unit,
        ):
            unit.execute(text(words))


def test_a_batch_is_complete_only_when_the_database_counts_the_same(made: Station) -> None:
    name, _ = made.archive.keys.new()
    with made.archive.acting("test.begin", made.records) as unit:
        batch = begin(unit, "ab" * 32, 10, name).id
    with (
        pytest.raises(IntegrityError, match="add up"),
        made.archive.acting("test.attack", made.records) as unit,
    ):
        unit.execute(text(f"UPDATE scan_batches SET state = 'open', pages_in = 3 WHERE id = {batch}"))


def test_the_same_file_comes_in_once_and_goes_on_when_it_was_interrupted(made: Station) -> None:
    first, _ = made.archive.keys.new()
    second, _ = made.archive.keys.new()
    with made.archive.acting("test.begin", made.records) as unit:
        began = begin(unit, "cd" * 32, 10, first)
        again = begin(unit, "cd" * 32, 10, second)
        assert (again.id, again.item_key) == (began.id, first)
        complete(unit, began.id)
    with (
        pytest.raises(AlreadyThere, match=f"第 {began.id} 批"),
        made.archive.acting("test.begin", made.records) as unit,
    ):
        begin(unit, "cd" * 32, 10, second)


def test_pages_become_a_document_of_their_print_and_of_no_other(made: Station) -> None:
    home, other = printed(made), printed(made, "1123456789")
    batch = batch_of(made, "waiting", "waiting", print_document=home)
    with made.archive.looking(made.records) as unit:
        pages = [page_facts(unit, number) for number in (1, 2)]
    stored = store(made.archive, b"%PDF- bound")
    with (
        pytest.raises(IntegrityError, match="another document"),
        made.archive.acting("scan.file", made.records) as unit,
    ):
        file_print(unit, other, pages, stored, signed=False)
    with made.archive.acting("scan.file", made.records) as unit:
        document = file_print(unit, home, pages, stored, signed=True)
    with made.archive.looking(made.records) as unit:
        facts = document_facts(unit, document)
        assert (facts.kind, facts.pages, facts.record, facts.state) == ("scan", 2, 1, "present")
        assert ledger(unit, batch).filed == 2
        assert record_facts(unit, 1).state == "signed"
    with pytest.raises(AlreadyThere), made.archive.acting("scan.file", made.records) as unit:
        file_print(unit, home, pages, stored, signed=False)
    assert release_filed(made.archive, made.records) == 2
    with made.archive.looking(made.records) as unit:
        page = page_facts(unit, 1)
    with pytest.raises(ItemUnreadable):
        stream_of(made.archive, page)
    assert content_of(made.archive, facts) == b"%PDF- bound"


def test_a_page_cannot_be_filed_into_another_persons_file_by_sql(made: Station) -> None:
    home = printed(made)
    batch_of(made, "waiting", print_document=home)
    with made.archive.acting("test.other", made.worker) as unit:
        other = open_person(unit, PersonFacts("样例乙", "女", "1985-02-03", None), another=True)
        foreign = add_document(
            unit, other.file, store(made.archive, b"other"), DocumentEntry("scan", "application/pdf", 1)
        )
    with (
        pytest.raises(IntegrityError, match="another document"),
        made.archive.acting("test.attack", made.records) as unit,
    ):
        unit.execute(text(f"UPDATE scan_pages SET state = 'filed', filed_as = {foreign}, position = 1"))


def test_quarantine_keeps_the_file_for_a_month_behind_the_balance_and_no_day_longer(made: Station) -> None:
    archive = made.archive
    name, _ = archive.keys.new()
    parts = [b"first piece ", b"second"]
    import hashlib

    digest = hashlib.sha256(b"".join(parts)).hexdigest()
    with archive.acting("test.begin", made.records) as unit:
        batch = begin(unit, digest, 18, name)
        for number, part in enumerate(parts, start=1):
            add_part(unit, batch.id, number, store_part(archive, batch.id, name, number, part))
        stored = store_page(archive, batch.id, 1, b"scan")
        add_page(unit, batch.id, 1, Judged("waiting", "no_code"), stored, "image/jpeg")
        complete(unit, batch.id)
    with archive.looking(made.records) as unit:
        assert b"".join(original(archive, unit, batch_facts(unit, batch.id))) == b"".join(parts)
    clear_scans(archive, made.records)
    with archive.acting("scan.settle", made.records) as unit:
        settle(unit, 1, "rejected", "not_wanted")
        assert balance(unit, batch.id)
    made.clock.pass_days(29)
    clear_scans(archive, made.records)
    with archive.looking(made.records) as unit:
        assert batch_facts(unit, batch.id).gone_by == date(2026, 12, 22)
        assert batch_facts(unit, batch.id).state == "balanced"
    made.clock.pass_days(1)
    clear_scans(archive, made.records)
    with archive.looking(made.records) as unit:
        gone = batch_facts(unit, batch.id)
        assert (gone.state, gone.item_key, gone.sha256) == ("cleared", None, digest)
        assert ledger(unit, batch.id).adds_up
        with pytest.raises(ItemUnreadable, match="到期销毁"):
            list(original(archive, unit, gone))
    assert not list(archive.blobs.names())
    made.clock.pass_days(16)
    assert not find_orphans(archive, Reference(made.clock())).blobs


def test_a_page_that_is_settled_stays_settled(made: Station) -> None:
    batch = batch_of(made, "waiting")
    with made.archive.acting("scan.settle", made.records) as unit:
        settle(unit, 1, "rejected", "not_wanted")
    with pytest.raises(StateForbids), made.archive.acting("scan.settle", made.records) as unit:
        settle(unit, 1, "blank", None)
    with made.archive.acting("scan.balance", made.records) as unit:
        assert balance(unit, batch)
    with made.archive.looking(made.records) as unit:
        clear_me = batch_facts(unit, batch)
    clear(made.archive, made.records, clear_me)

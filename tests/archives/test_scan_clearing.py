"""On both databases: no batch is cleared before a person saw its blank pages, whatever a program tries."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from archives.ports import system
from archives.scans.batches import batch_facts, begin
from archives.scans.blanks import batches_with_unseen, mark_seen, unseen_blanks
from archives.scans.quarantine import clear_scans
from tests.archives.making import Station
from tests.scans.test_ledger import batch_of

BEGIN = "INSERT INTO scan_clearings (batch_id, at) VALUES (1, '2026-11-22')"
CLEARED = "UPDATE scan_batches SET state = 'cleared', item_key = NULL, cleared_at = '2026-11-22' WHERE id = "
LOOK = (
    'INSERT INTO scan_blank_looks (page_id, "by", at, event_id)'
    " VALUES ({page}, 5, '2026-11-22', (SELECT max(id) FROM events))"
)


def refused(made: Station, sentence: str, why: str) -> None:
    with (
        pytest.raises(IntegrityError, match=why),
        made.archive.acting("test.sql", made.records) as unit,
    ):
        unit.execute(text(sentence))


def test_a_clearing_begins_only_when_every_blank_page_was_seen(both: Station) -> None:
    batch = batch_of(both, "blank", "service", "blank")
    open_one = batch_of(both, "service")
    refused(both, BEGIN.replace("(1,", f"({open_one},"), "pages wait")  # not balanced yet
    clear_scans(both.archive, system("test"))
    refused(both, BEGIN, "nobody saw")
    with both.archive.acting("test.sql", both.records) as unit:
        unit.execute(text(f"UPDATE scan_pages SET blob = NULL, item_key = NULL WHERE batch_id = {open_one}"))
    refused(both, CLEARED + f"{open_one}", "clearing begins with its row")
    refused(both, LOOK.format(page=2), "while they are there")
    with both.archive.acting("test.look", both.records) as unit:
        pages = unseen_blanks(unit, batch)
        mark_seen(unit, batch, pages[:1])
    refused(both, BEGIN, "nobody saw")
    refused(both, "DELETE FROM scan_blank_looks", "append only")
    with both.archive.acting("test.look", both.records) as unit:
        mark_seen(unit, batch, unseen_blanks(unit, batch))
        assert batches_with_unseen(unit) == []
    with both.archive.acting("test.sql", both.records) as unit:
        unit.execute(text(BEGIN))
    refused(both, "UPDATE scan_pages SET state = 'waiting', reason = 'by_hand' WHERE id = 1", "being cleared")
    refused(both, "DELETE FROM scan_clearings", "append only")


def test_a_batch_is_cleared_when_its_day_has_come_and_its_blanks_were_seen(both: Station) -> None:
    seen, unseen, none = batch_of(both, "blank"), batch_of(both, "blank"), batch_of(both, "service")
    clear_scans(both.archive, system("test"))
    with both.archive.acting("test.look", both.records) as unit:
        mark_seen(unit, seen, unseen_blanks(unit, seen))
    both.clock.pass_days(31)  # type: ignore[attr-defined]  # it stands
    clear_scans(both.archive, system("test"))
    with both.archive.looking(both.records) as unit:
        told = {one: batch_facts(unit, one).state for one in (seen, unseen, none)}
    assert told == {seen: "cleared", unseen: "balanced", none: "cleared"}


def test_pages_of_a_batch_that_still_comes_in_are_not_looked_at(both: Station) -> None:
    name, _ = both.archive.keys.new()
    with both.archive.acting("test.begin", both.records) as unit:
        begin(unit, "0" * 64, 10, name)
        unit.execute(text("INSERT INTO scan_pages (batch_id, number, state, size) VALUES (1, 1, 'blank', 0)"))
    refused(both, LOOK.format(page=1), "while they are there")

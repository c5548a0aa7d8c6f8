"""Holds: placed for a reason, released by somebody, kept for ever; none changes or ends by itself."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from archives.errors import InputRefused, NotFound, StateForbids, StoreUnusable
from archives.items.holds import REASONS, open_holds, place_hold, release_hold
from archives.items.records import Content, add_record
from archives.people.files import restrict
from archives.people.persons import PersonFacts, open_person
from archives.store.tables import holds
from archives.store.tables_people import events
from tests.archives.making import Station


@pytest.fixture
def two(both: Station) -> Station:
    """Files 1 and 2 with a record each."""
    with both.archive.acting("test.open", both.worker) as unit:
        for number, name in enumerate(("样例甲", "王五"), start=1):
            open_person(unit, PersonFacts(name))
            add_record(unit, number, Content("record_e", 1, "第1次", b"{}"))
    return both


@pytest.mark.parametrize("reason", sorted(REASONS))
def test_a_file_or_one_record_is_held_until_it_is_released(two: Station, reason: str) -> None:
    with two.archive.acting("hold.place", two.records) as unit:
        whole = place_hold(unit, 1, reason)  # type: ignore[arg-type]
        part = place_hold(unit, 1, reason, record=1, until=date(2027, 1, 1))  # type: ignore[arg-type]
    with two.archive.acting("hold.release", two.director) as unit:
        release_hold(unit, whole)
    with two.archive.looking(two.records) as unit:
        assert [(one.id, one.record, one.until) for one in open_holds(unit, file=1)] == [
            (part, 1, date(2027, 1, 1))
        ]
        assert open_holds(unit, file=2) == []


def test_reaching_its_day_does_not_end_a_hold(two: Station) -> None:
    with two.archive.acting("hold.place", two.records) as unit:
        place_hold(unit, 1, "litigation", until=date(2026, 11, 23))
    two.clock.pass_days(400)
    with two.archive.looking(two.records) as unit:
        assert len(open_holds(unit)) == 1


def test_the_note_is_encrypted_and_both_steps_are_on_the_files_chain(two: Station) -> None:
    with two.archive.acting("hold.place", two.records) as unit:
        hold = place_hold(unit, 1, "complaint", note="投诉人来信（样例）")
    with two.archive.acting("hold.release", two.director) as unit:
        release_hold(unit, hold)
    with two.archive.looking(two.auditor) as unit:
        note = unit.execute(select(holds.c.note)).scalar_one()
        told = unit.execute(
            select(events.c.action, events.c.staff)
            .where(events.c.subject == f"hold:{hold}")
            .order_by(events.c.id)
        )
        assert [tuple(row) for row in told] == [("hold.place", 5), ("hold.release", 4)]
    assert "投诉".encode() not in bytes(note)


def test_what_makes_no_sense_is_refused(two: Station) -> None:
    with two.archive.acting("hold.place", two.records) as unit:
        with pytest.raises(InputRefused, match="冻结原因应为"):
            place_hold(unit, 1, "because")  # type: ignore[arg-type]
        with pytest.raises(InputRefused, match="不在这份档案中"):
            place_hold(unit, 1, "audit", record=2)
        with pytest.raises(NotFound):
            place_hold(unit, 9, "audit")
        with pytest.raises(NotFound):
            release_hold(unit, 9)


def test_a_hold_is_released_once(two: Station) -> None:
    with two.archive.acting("hold.place", two.records) as unit:
        hold = place_hold(unit, 1, "audit")
        release_hold(unit, hold)
        with pytest.raises(StateForbids, match="已经解除"):
            release_hold(unit, hold)


def test_a_sealed_file_can_still_be_held(two: Station) -> None:
    with two.archive.acting("hold.place", two.records) as unit:
        restrict(unit, 1, "rights:1")
        place_hold(unit, 1, "accident")


def test_the_database_itself_keeps_holds(two: Station) -> None:
    with two.archive.acting("hold.place", two.records) as unit:
        place_hold(unit, 1, "audit")
    for attack in ("DELETE FROM holds", "UPDATE holds SET file_id = 2", "UPDATE holds SET reason = 'other'"):
        with pytest.raises((DBAPIError, StoreUnusable)), two.archive.data.writing("test.sql") as connection:
            connection.execute(text(attack))

"""One act: its changes and its events are there together or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select, text

from archives.errors import AccessDenied, StoreUnusable
from archives.keys.bindings import NOTE
from archives.log.event import ROW_FIELDS
from archives.log.verify import verify
from archives.people.persons import PersonFacts, open_person
from archives.ports import EXCLUSIVE_ROLES, Actor
from archives.sealing import stored_events
from archives.store.tables import files
from archives.store.tables_people import events, notes
from tests.archives.making import Station, station


@pytest.fixture
def place(tmp_path: Path) -> Station:
    return station(tmp_path)


def opened(place: Station) -> int:
    with place.archive.acting("person.open", place.worker) as unit:
        return open_person(unit, PersonFacts("样例甲", "男", "1990-05-17")).file


def test_a_failed_act_has_no_event(place: Station) -> None:
    with place.archive.looking(place.worker) as unit:
        before = unit.execute(select(events)).all()
    with pytest.raises(RuntimeError), place.archive.acting("test", place.worker) as unit:  # noqa: PT012
        unit.log("file.search", "station:1")
        raise RuntimeError
    with place.archive.looking(place.worker) as unit:
        assert unit.execute(select(events)).all() == before


def test_events_of_one_chain_follow_each_other(place: Station) -> None:
    file = opened(place)
    for _ in range(3):
        with place.archive.acting("test", place.worker) as unit:
            unit.log("file.open", f"file:{file}", chain=file, purpose="quality")
            unit.log("record.read", "record:1", chain=file)
    with place.archive.looking(place.worker) as unit:
        rows = list(stored_events(unit))
    assert [row[ROW_FIELDS.index("seq")] for row in rows if row[0] == file] == list(range(1, 8))
    assert verify(rows, [], []).ok


def test_a_denied_attempt_is_on_the_log_before_it_is_told(place: Station) -> None:
    file = opened(place)
    error = place.archive.refuse(place.worker2, AccessDenied("x"), "file.open", f"file:{file}", file)
    assert isinstance(error, AccessDenied)
    with place.archive.looking(place.worker) as unit:
        last = unit.execute(select(events).order_by(events.c.id.desc())).first()
    assert last is not None
    assert (last.action, last.result, last.staff, last.chain) == ("access.denied", "denied", 2, file)


def test_free_text_is_encrypted_and_only_its_hash_is_in_the_event(place: Station) -> None:
    file = opened(place)
    with place.archive.acting("test", place.worker) as unit:
        unit.log("record.void", "record:1", chain=file, note="写了别人的事")
    with place.archive.looking(place.worker) as unit:
        body = bytes(unit.execute(select(notes.c.body)).scalar_one())
        key = unit.execute(select(files.c.note_key).where(files.c.id == file)).scalar_one()
        assert unit.archive.decrypt(key, body, NOTE.of()).decode() == "写了别人的事"
    assert "写了别人的事".encode() not in body


def test_an_event_cannot_hold_free_text(place: Station) -> None:
    with pytest.raises(ValueError, match="detail"), place.archive.acting("test", place.worker) as unit:
        unit.log("file.open", "file:1", detail={"reason": "因为样例甲来了"})


@pytest.mark.parametrize("table", ["events", "seals", "seal_heads", "tombstones", "overrides", "merges"])
@pytest.mark.parametrize("event", ["UPDATE", "DELETE"])
def test_the_database_itself_keeps_its_past(place: Station, table: str, event: str) -> None:
    opened(place)
    with place.archive.looking(place.worker) as unit:
        words = unit.execute(
            text("SELECT sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = :t"), {"t": table}
        ).scalars()
        assert any(f"BEFORE {event}" in sql and "RAISE(ABORT" in sql for sql in words)


def test_one_person_cannot_hold_two_of_the_three_offices(place: Station) -> None:
    for role in EXCLUSIVE_ROLES:
        if role in place.records.roles:
            continue
        with (
            pytest.raises(Exception, match="UNIQUE"),
            place.archive.data.writing("test") as connection,
        ):
            connection.execute(
                text("INSERT INTO staff_roles (staff_id, role, given_at) VALUES (:s, :r, '2026')"),
                {"s": place.records.staff, "r": role},
            )


def test_a_wrong_master_key_opens_nothing(place: Station, tmp_path: Path) -> None:
    from archives.home import Settings, open_archive
    from tests.archives.making import StandingClock, seeded

    settings = Settings(place.archive.station, "../keys")
    other = open_archive(place.layout, settings, bytes(32), StandingClock(), seeded())
    with pytest.raises(StoreUnusable), other.looking(Actor(None, None, frozenset(), "test")):
        pass

"""Records: append-only, encrypted, numbered without gap; what was said stays readable with who and why."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from archives.clock.reference import NotByTime
from archives.disposal.gather import items
from archives.errors import ArchiveError, InputRefused, ItemUnreadable, NotFound, StateForbids, StoreUnusable
from archives.items.lists import (
    contents_in,
    count_of_form,
    facts_in,
    find_record,
    highest_fact,
    items_of,
    replace_earlier,
    set_event,
    with_fact,
)
from archives.items.records import (
    Content,
    add_record,
    events_of,
    facts_of,
    history,
    mark_signed,
    read_record,
    record_facts,
    revise,
    void,
)
from archives.people.files import accept
from archives.people.persons import PersonFacts, open_person
from archives.people.series import series_file
from archives.store.tables import records, revisions
from archives.store.tables_people import events, notes
from tests.archives.making import Station

SAID = "他说最近睡得好（样例）".encode()
LATER = "更正后的内容（样例）".encode()


@pytest.fixture
def one(both: Station) -> Station:
    """File 1, accepted."""
    with both.archive.acting("test.open", both.worker) as unit:
        accept(unit, open_person(unit, PersonFacts("样例甲")).file, unit.today)
    return both


def content(payload: bytes = SAID, state: str = "final", **more: object) -> Content:
    return Content("record_e", 1, "个案服务记录表（第1次）", payload, state, **more)  # type: ignore[arg-type]


def added(made: Station, what: Content | None = None, file: int = 1) -> int:
    with made.archive.acting("record.add", made.worker) as unit:
        return add_record(unit, file, what or content())


def read(made: Station, record: int, revision: int | None = None) -> bytes:
    with made.archive.acting("record.read", made.worker) as unit:
        return read_record(unit, record, revision=revision)[2]


def test_what_is_entered_is_read_back_and_lies_encrypted(one: Station) -> None:
    record = added(
        one, content(facts={"session_no": "1", "risk_level": "3"}, document_date=date(2026, 11, 1))
    )
    assert read(one, record) == SAID
    with one.archive.looking(one.worker) as unit:
        facts = record_facts(unit, record)
        assert (facts.ref_code, facts.state, facts.revision) == ("PZ01-FW·GA-2026-Y-0001-001", "final", 1)
        assert facts_of(unit, record) == {"session_no": "1", "risk_level": "3"}
        stored = unit.execute(select(revisions.c.payload)).scalar_one()
    assert SAID not in bytes(stored)


def test_a_correction_appends_and_both_revisions_stay_readable(one: Station) -> None:
    record = added(one, content(facts={"old": "1"}))
    with one.archive.acting("record.revise", one.worker2) as unit:
        assert revise(unit, record, content(LATER, facts={"new": "1"}), "日期写错（样例）") == 2
    assert (read(one, record, 1), read(one, record, 2), read(one, record)) == (SAID, LATER, LATER)
    with one.archive.looking(one.worker) as unit:
        assert [(step[0], step[2], step[4]) for step in history(unit, record)] == [
            (1, 1, None), (2, 2, "日期写错（样例）"),
        ]  # fmt: skip
        assert facts_of(unit, record) == {"new": "1"}
        assert "日期写错".encode() not in bytes(unit.execute(select(revisions.c.reason)).all()[1].reason)


def test_a_signed_record_that_is_corrected_must_be_signed_again(one: Station) -> None:
    record = added(one)
    with one.archive.acting("test", one.worker) as unit:
        mark_signed(unit, record)
    with one.archive.acting("test", one.worker) as unit:
        revise(unit, record, content(LATER), "更正")
        assert record_facts(unit, record).state == "final"


def test_a_draft_has_no_number_until_it_is_final(one: Station) -> None:
    draft, final = added(one, content(state="draft")), added(one)
    with one.archive.acting("test", one.worker) as unit:
        assert [item.ref_code for item in items_of(unit, 1)] == [None, "PZ01-FW·GA-2026-Y-0001-001"]
        revise(unit, draft, content())
        assert record_facts(unit, draft).ref_code == "PZ01-FW·GA-2026-Y-0001-002"
    assert final == 2


def test_a_void_record_keeps_its_number_its_content_and_the_reason(one: Station) -> None:
    record = added(one)
    with one.archive.acting("record.void", one.worker) as unit:
        void(unit, record, "归错了人（样例）")
    assert read(one, record) == SAID
    assert added(one) == 2
    with one.archive.looking(one.worker) as unit:
        assert [item.item_no for item in items_of(unit, 1)] == [1, 2]
        assert count_of_form(unit, 1, "record_e") == 1
        event = unit.execute(select(events).where(events.c.action == "record.void")).one()
        body = unit.execute(select(notes.c.body)).scalar_one()
    assert event.note_sha256 is not None and "归错".encode() not in bytes(body)


@pytest.mark.parametrize("state", ["archived", "void"])
def test_what_is_over_is_not_changed(one: Station, state: str) -> None:
    record = added(one)
    with one.archive.acting("test", one.worker) as unit:
        if state == "void":
            void(unit, record, "样例")
        else:
            mark_signed(unit, record)
            unit.execute(records.update().values(state="archived"))
    for change in (
        lambda unit: revise(unit, record, content(LATER), "更正"),
        lambda unit: void(unit, record, "样例"),
        lambda unit: mark_signed(unit, record),
    ):
        with pytest.raises(StateForbids), one.archive.acting("test", one.worker) as unit:
            change(unit)


@pytest.mark.parametrize(
    ("reason", "what", "error"),
    [
        (None, content(LATER), InputRefused),
        ("样例", content(LATER, "draft"), StateForbids),
        ("样例", Content("plan_d", 1, "计划", LATER), InputRefused),
        ("样例", Content("record_e", 1, " ", LATER), InputRefused),
    ],
)
def test_a_correction_that_may_not_be_leaves_the_record_alone(
    made: Station, reason: str | None, what: Content, error: type[ArchiveError]
) -> None:
    with made.archive.acting("test", made.worker) as unit:
        open_person(unit, PersonFacts("样例甲"))
    record = added(made)
    with pytest.raises(error), made.archive.acting("test", made.worker) as unit:
        revise(unit, record, what, reason)
    assert read(made, record) == SAID


def test_item_numbers_of_many_writers_are_without_gap(one: Station) -> None:
    with ThreadPoolExecutor(10) as pool:
        list(pool.map(lambda _: added(one), range(30)))
    with one.archive.looking(one.worker) as unit:
        assert sorted(item.item_no or 0 for item in items_of(unit, 1)) == list(range(1, 31))


@pytest.mark.parametrize(
    "number", ["#1", " #1 ", "＃1", "PZ01-FW·GA-2026-Y-0001-001", "pz01-fw_ga-2026-y-0001-001"]
)
def test_a_record_is_named_by_its_number(one: Station, number: str) -> None:
    added(one)
    with one.archive.looking(one.worker) as unit:
        assert find_record(unit, number).id == 1


@pytest.mark.parametrize(
    "number", ["", "1", "#", "#9", "#-1", "#1 OR 1=1", "#99999999999999999999", "PZ01", "#²"]
)
def test_other_numbers_name_no_record(one: Station, number: str) -> None:
    added(one)
    with one.archive.looking(one.worker) as unit, pytest.raises(NotFound):
        find_record(unit, number)


def test_reading_is_on_the_log_before_the_answer_also_when_it_cannot_be_opened(one: Station) -> None:
    record = added(one)
    read(one, record)
    one.archive.keys.destroy([name for name, _ in one.archive.keys.names()], NotByTime.FILED)
    with pytest.raises(ItemUnreadable):
        read(one, record)
    with one.archive.looking(one.auditor) as unit:
        found = unit.execute(select(events.c.subject).where(events.c.action == "record.read"))
        assert found.scalars().all() == [f"record:{record}"]


def test_swapped_contents_are_noticed(one: Station) -> None:
    added(one), added(one, content(LATER))
    with pytest.raises((DBAPIError, StoreUnusable)), one.archive.data.writing("test.sql") as connection:
        connection.execute(text("UPDATE revisions SET payload = (SELECT max(payload) FROM revisions)"))


def test_revisions_are_append_only_in_the_database_itself(one: Station) -> None:
    added(one)
    for attack in ("UPDATE revisions SET state = 'void'", "DELETE FROM revisions", "DELETE FROM records"):
        with pytest.raises((DBAPIError, StoreUnusable)), one.archive.data.writing("test.sql") as connection:
            connection.execute(text(attack))
    assert read(one, 1) == SAID


# --- lists, facts, events ---------------------------------------------------------------------------------


def test_facts_count_in_the_running_volume_and_void_ones_do_not(one: Station) -> None:
    for session in ("1", "2", "10"):
        added(one, content(facts={"session_no": session}))
    with one.archive.acting("test", one.worker) as unit:
        void(unit, 3, "样例")
        assert highest_fact(unit, 1, "record_e", "session_no") == 2
        assert with_fact(unit, 1, "record_e", "session_no", "2") == [2]
        assert with_fact(unit, 1, "record_e", "session_no", "10") == []
        assert set(facts_in(unit, 1)) == {1, 2, 3}


def test_contents_for_filling_in_are_those_of_finished_records_in_order(one: Station) -> None:
    for payload, state in ((b"one", "final"), (b"draft", "draft"), (b"two", "final")):
        added(one, content(payload, state))
    with one.archive.looking(one.worker) as unit:
        assert contents_in(unit, 1, {"record_e"}) == [("record_e", b"one"), ("record_e", b"two")]
        assert contents_in(unit, 1, set()) == []


def test_a_noted_day_stays_through_corrections_and_reaches_retention(one: Station) -> None:
    record = added(one, content(events={"expired": "2026-01-31"}))
    with one.archive.acting("test", one.records) as unit:
        set_event(unit, record, "staff_left", date(2026, 10, 31))
    with one.archive.acting("test", one.worker) as unit:
        revise(unit, record, content(LATER, events={"expired": "2026-02-28"}), "更正")
        raw = unit.execute(select(records.c.events)).scalar_one()
        retained = next(items(unit))
    assert events_of(raw) == {"expired": date(2026, 2, 28), "staff_left": date(2026, 10, 31)}
    assert retained.events["staff_left"] == date(2026, 10, 31)


@pytest.mark.parametrize("event", ["case_closed", "decision", "x"])
def test_days_of_the_case_are_not_noted_on_a_record(one: Station, event: str) -> None:
    record = added(one)
    with pytest.raises(InputRefused), one.archive.acting("test", one.records) as unit:
        set_event(unit, record, event, date(2026, 1, 1))


def test_a_new_edition_replaces_the_earlier_ones_once(both: Station) -> None:
    with both.archive.acting("test", both.worker) as unit:
        file = series_file(unit, "YW", 2026).id
        for number in range(3):
            add_record(unit, file, Content("site_registry", 1, f"第{number}版", b"{}"))
    with both.archive.acting("test", both.worker) as unit:
        assert replace_earlier(unit, [file], "site_registry", 2, date(2026, 5, 1)) == [1, 3]
        assert replace_earlier(unit, [file], "site_registry", 3, date(2026, 6, 1)) == [2]
        found = unit.execute(select(records.c.events).order_by(records.c.id)).scalars().all()
    assert found == ['{"replaced":"2026-05-01"}', '{"replaced":"2026-06-01"}', '{"replaced":"2026-05-01"}']

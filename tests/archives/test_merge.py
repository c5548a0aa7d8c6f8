"""Two files of one person become one: nothing is lost, both logs say so, numbers stay where they were."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from functools import partial

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from archives.archive import Unit
from archives.duties.loans import Terms, lend
from archives.duties.rights import register
from archives.errors import AlreadyThere, ArchiveError, InputRefused, StateForbids, StoreUnusable
from archives.items.documents import DocumentEntry, add_document, content_of, document_facts, store
from archives.items.holds import open_holds, place_hold
from archives.items.lists import items_of
from archives.items.records import Content, add_record, read_record
from archives.keys.bindings import HOLD_NOTE
from archives.log.purposes import Purpose
from archives.people.files import (
    accept,
    close_case,
    current_volume,
    end_application,
    file_away,
    file_facts,
    restrict,
)
from archives.people.merge import kept_number, merge_files
from archives.people.persons import PersonFacts, open_person, read_identity
from archives.people.reopening import reopen
from archives.people.search import search
from archives.store.tables import files, holds, merges, persons, records, volumes
from archives.store.tables_people import assignments, events
from tests.archives.making import Station

ONE = PersonFacts("样例甲", "男", "1990-05-17", None, None, {"ethnicity": "汉族", "diagnosis": "甲"})
OTHER = PersonFacts("样例佳", None, None, "13900000002", "11010519491231002X",
                    {"diagnosis": "乙", "live_address": "样例路"})  # fmt: skip


@pytest.fixture
def two(both: Station) -> Station:
    """Files 1 and 2, each an application under way with one record and one scan."""
    for facts in (ONE, OTHER):
        stored = store(both.archive, f"扫描{facts.name}".encode())
        with both.archive.acting("test.open", both.worker) as unit:
            file = open_person(unit, facts, another=True).file
            record = add_record(unit, file, Content("application_b", 1, "个案申请表", facts.name.encode()))
            add_document(unit, file, stored, DocumentEntry("scan", "application/pdf", 2, record))
    return both


def act(made: Station, what: Callable[[Unit], object], who: str = "records") -> None:
    with made.archive.acting("test.act", getattr(made, who)) as unit:
        what(unit)


def _accept(unit: Unit, file: int) -> None:
    accept(unit, file, unit.today)


def _close(unit: Unit, file: int) -> None:
    close_case(unit, file, unit.today)


def _refuse_and_file(unit: Unit, file: int) -> None:
    end_application(unit, file, unit.today, "rejected")
    file_away(unit, file)


def merged(made: Station, kept: int = 1, other: int = 2) -> None:
    act(made, lambda unit: merge_files(unit, kept, other, "身份证复印件核对为同一人"))


def test_everything_of_both_is_in_one_file_and_readable(two: Station) -> None:
    merged(two)
    with two.archive.acting("test.read", two.worker) as unit:
        assert [(item.item_no, item.title) for item in items_of(unit, 1)] == [
            (1, "个案申请表"), (2, "个案申请表"),
        ]  # fmt: skip
        assert items_of(unit, 2) == []
        assert [read_record(unit, number)[2].decode() for number in (1, 2)] == ["样例甲", "样例佳"]
        moved = document_facts(unit, 2)
        assert moved.file == 1
    assert content_of(two.archive, moved).decode() == "扫描样例佳"


def test_the_person_keeps_what_either_file_knew(two: Station) -> None:
    merged(two)
    with two.archive.looking(two.worker) as unit:
        assert read_identity(unit, 1) == {
            "name": "样例甲", "sex": "男", "birth_date": "1990-05-17", "phone": "13900000002",
            "id_number": "11010519491231002X", "ethnicity": "汉族", "diagnosis": "甲",
            "live_address": "样例路",
        }  # fmt: skip


def test_the_id_number_now_belongs_to_the_kept_file(two: Station) -> None:
    merged(two)
    with pytest.raises(AlreadyThere, match="SQ-2026-0001"):
        act(two, lambda unit: open_person(unit, OTHER), "worker")


def test_both_names_find_the_kept_file_and_the_other_says_where_it_went(two: Station) -> None:
    merged(two)
    with two.archive.acting("test.search", two.worker) as unit:
        assert {
            hit.number for typed in ("样例甲", "样例佳", "SQ-2026-0002") for hit in search(unit, typed)
        } == {"SQ-2026-0001"}
        assert file_facts(unit, 2).state == "merged"
        assert kept_number(unit, 2) == "SQ-2026-0001"
        assert kept_number(unit, 1) is None


def test_both_chains_tell_of_it_and_the_reason_is_kept_encrypted(two: Station) -> None:
    merged(two)
    with two.archive.looking(two.auditor) as unit:
        rows = unit.execute(
            select(events.c.chain, events.c.detail)
            .where(events.c.action == "file.merge")
            .order_by(events.c.id)
        )
        told = [(row.chain, json.loads(row.detail)) for row in rows]
        assert [(chain, {**detail, "digests": ...}) for chain, detail in told] == [
            (1, {"file": 2, "kind": "kept", "digests": ...}),
            (2, {"file": 1, "kind": "merged", "digests": ...}),
        ]
        row = unit.execute(select(merges)).one()
        assert (row.kept, row.merged, row.by) == (1, 2, 5)
        assert "身份证".encode() not in bytes(row.reason)


def test_a_case_keeps_running_when_an_application_joins_it(two: Station) -> None:
    act(two, lambda unit: accept(unit, 1, unit.today, "GA-2026-0001"), "worker")
    merged(two)
    with two.archive.looking(two.worker) as unit:
        running = current_volume(unit, 1)
        assert (running.case_no, running.number) == ("GA-2026-0001", 1)
        assert {item.volume for item in items_of(unit, 1)} == {1}
        assert [item.ref_code for item in items_of(unit, 1)] == [
            "PZ01-FW·GA-2026-Y-0001-001", "PZ01-FW·GA-2026-Y-0001-002",
        ]  # fmt: skip


def test_ended_volumes_move_behind_and_the_running_one_stays_current(two: Station) -> None:
    act(two, lambda unit: accept(unit, 1, unit.today, "GA-2026-0001"), "worker")
    act(two, lambda unit: end_application(unit, 2, unit.today, "rejected"), "worker")
    merged(two)
    with two.archive.looking(two.worker) as unit:
        told = unit.execute(select(volumes.c.number, volumes.c.outcome).where(volumes.c.file_id == 1))
        assert sorted(tuple(row) for row in told) == [(1, None), (2, "rejected")]
        assert current_volume(unit, 1).number == 1
    act(two, lambda unit: close_case(unit, 1, unit.today), "worker")


def test_items_with_a_number_of_their_own_keep_it(two: Station) -> None:
    for file in (1, 2):
        act(two, partial(_accept, file=file), "worker")
        act(two, partial(_close, file=file), "worker")
    merged(two)
    with two.archive.looking(two.worker) as unit:
        assert [(item.ref_code, item.item_no, item.volume) for item in items_of(unit, 1)] == [
            ("PZ01-FW·GA-2026-Y-0001-001", 1, 1), ("PZ01-FW·GA-2026-Y-0002-001", None, 2),
        ]  # fmt: skip


def test_two_filed_files_stay_filed(two: Station) -> None:
    for file in (1, 2):
        act(two, partial(_refuse_and_file, file=file))
    merged(two)
    with two.archive.looking(two.worker) as unit:
        assert file_facts(unit, 1).state == "filed"
        assert unit.execute(select(records.c.file_id)).scalars().all() == [1, 1]


def test_open_holds_go_on_with_their_notes_and_the_worker_keeps_no_second_case(two: Station) -> None:
    act(two, lambda unit: place_hold(unit, 2, "litigation", record=2, note="样例法院来函"))
    merged(two)
    with two.archive.looking(two.records) as unit:
        held = open_holds(unit)
        assert [(one.file, one.record, one.reason) for one in held] == [(1, 2, "litigation")]
        row = unit.execute(select(holds).where(holds.c.id == held[0].id)).one()
        key = unit.execute(select(files.c.note_key).where(files.c.id == 1)).scalar_one()
        assert two.archive.decrypt(key, row.note, HOLD_NOTE.of_row(row)).decode() == "样例法院来函"
        left = unit.execute(select(assignments.c.file_id).where(assignments.c.to_on.is_(None)))
        assert left.scalars().all() == [1]


def _running_cases(unit: Unit) -> None:
    accept(unit, 1, unit.today)
    accept(unit, 2, unit.today)


@pytest.mark.parametrize(
    ("before", "kept", "other", "sentence"),
    [
        (lambda unit: None, 1, 1, "只能合并两个不同服务对象的档案。"),
        (_running_cases, 1, 2, "两份档案都有进行中的个案。"),
        (lambda unit: accept(unit, 2, unit.today), 1, 2, "还没有档号"),
        (lambda unit: restrict(unit, 2, "rights:1"), 1, 2, "状态不允许合并"),
        (lambda unit: register(unit, 2, "delete", "样例", date(2026, 12, 1)), 1, 2, "权利请求正在办理"),
    ],
)
def test_what_may_not_be_merged_stays_as_it_is(
    two: Station, before: Callable[[Unit], object], kept: int, other: int, sentence: str
) -> None:
    act(two, before, "worker")
    with pytest.raises(ArchiveError, match=sentence):
        merged(two, kept, other)
    with two.archive.looking(two.worker) as unit:
        assert unit.execute(select(records.c.file_id).order_by(records.c.id)).scalars().all() == [1, 2]
        assert unit.execute(select(persons.c.state)).scalars().all() == ["present", "present"]


def test_lent_originals_come_home_first(two: Station) -> None:
    act(two, lambda unit: lend(unit, 2, 1, 4, Terms(Purpose.QUALITY, 2)))
    with pytest.raises(StateForbids, match="借出未还"):
        merged(two)


def test_two_id_numbers_are_two_persons(both: Station) -> None:
    for number in ("11010519491231002X", "510402198503120014"):
        with both.archive.acting("test.open", both.worker) as unit:
            open_person(unit, PersonFacts("样例甲", id_number=number))
    with pytest.raises(AlreadyThere, match="不是同一个人"):
        merged(both)


def test_the_running_application_goes_into_the_case_never_the_other_way(two: Station) -> None:
    act(two, lambda unit: accept(unit, 1, unit.today), "worker")
    act(two, lambda unit: close_case(unit, 1, unit.today), "worker")
    act(two, lambda unit: reopen(unit, 1, "再次来站"), "worker")
    act(two, lambda unit: accept(unit, 2, unit.today), "worker")
    with pytest.raises(StateForbids, match="还在申请中"):
        merged(two)


def test_a_merger_needs_its_reason(two: Station) -> None:
    with pytest.raises(InputRefused, match="合并原因不能为空"):
        act(two, lambda unit: merge_files(unit, 1, 2, "  "))


def test_only_a_merger_moves_records(two: Station) -> None:
    with pytest.raises((DBAPIError, StoreUnusable)), two.archive.data.writing("test.sql") as connection:
        connection.execute(text("UPDATE records SET file_id = 1, item_no = NULL WHERE file_id = 2"))


def test_three_files_become_one_and_the_first_lost_number_still_says_where(two: Station) -> None:
    merged(two, 1, 2)
    act(two, lambda unit: open_person(unit, PersonFacts("样例家"), another=True), "worker")
    merged(two, 3, 1)
    with two.archive.looking(two.worker) as unit:
        assert kept_number(unit, 2) == kept_number(unit, 1) == "SQ-2026-0003"
        assert len(items_of(unit, 3)) == 2

"""Prepared statements do what SQLAlchemy's own would do."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
from sqlalchemy import bindparam, insert, select, text
from sqlalchemy.exc import IntegrityError

from archives.errors import InputRefused, StoreUnusable
from archives.store.prepared import Prepared
from archives.store.tables import RULE_FACTS, facts, sequences
from archives.store.tables_people import staff
from tests.archives.making import Station, station

NEWEST = Prepared(
    select(staff.c.id, staff.c.name)
    .where(staff.c.id > bindparam("after"))
    .order_by(staff.c.id.desc())
    .limit(2)
)
ADD = Prepared(insert(sequences), *sequences.c.keys())
ADD_STAFF = Prepared(insert(staff).returning(staff.c.id), "name", "id_hash", "outside", "added_at")
ADD_FACT = Prepared(insert(facts), *facts.c.keys())


@pytest.fixture
def place(tmp_path: Path) -> Station:
    return station(tmp_path)


def test_rows_have_the_names_of_their_columns(place: Station) -> None:
    with place.archive.looking(place.worker) as unit:
        rows = unit.prepared(NEWEST, {"after": 3})
        assert [(row.id, row.name) for row in rows] == [(9, "监销人二（样例）"), (8, "监销人一（样例）")]
        assert unit.prepared(NEWEST, {"after": 99}) == []


def test_an_insert_is_part_of_the_act(place: Station) -> None:
    with suppress(IntegrityError), place.archive.acting("test", place.worker) as unit:
        unit.prepared(ADD, {"name": "样例", "next": 5})
        unit.prepared(ADD, {"name": "样例甲", "next": 0})
    entry = {"name": "样例", "id_hash": "f" * 64, "outside": 0, "added_at": "2026-11-22"}
    with place.archive.acting("test", place.worker) as unit:
        unit.prepared(ADD, {"name": "样例", "next": 7})
        (added,) = unit.prepared(ADD_STAFF, entry)
    with place.archive.looking(place.worker) as unit:
        assert unit.execute(select(sequences.c.next)).scalars().all() == [7]
        assert unit.execute(select(staff.c.id).where(staff.c.id_hash == "f" * 64)).scalar() == added.id


def test_a_broken_constraint_is_told_without_the_values(place: Station) -> None:
    with pytest.raises(IntegrityError) as refused, place.archive.acting("test", place.worker) as unit:
        unit.prepared(ADD, {"name": "样例机密", "next": 0})
    assert "样例机密" not in str(refused.value)
    assert "ck_sequences_next" in str(refused.value)


def test_bytes_that_are_no_characters_are_a_sentence(place: Station) -> None:
    with pytest.raises(InputRefused), place.archive.acting("test", place.worker) as unit:
        unit.prepared(ADD, {"name": "\ud800", "next": 1})


def test_a_forgotten_value_is_no_null(place: Station) -> None:
    with pytest.raises(KeyError), place.archive.acting("test", place.worker) as unit:
        unit.prepared(ADD_FACT, {"record_id": 1, "name": "date"})


def test_reading_still_cannot_write(place: Station) -> None:
    with place.archive.acting("test", place.worker) as unit:
        unit.prepared(ADD, {"name": "样例", "next": 5})
    for _ in range(2):
        with pytest.raises(StoreUnusable, match="只读"), place.archive.looking(place.worker) as unit:
            unit.prepared(ADD, {"name": "样例二", "next": 5})
        with place.archive.acting("test", place.worker) as unit:
            unit.execute(sequences.update().values(next=sequences.c.next + 1))


def test_the_facts_rules_ask_for_are_found_by_their_index(place: Station) -> None:
    with place.archive.looking(place.worker) as unit:
        asked = select(facts.c.record_id, facts.c.name, facts.c.value).where(RULE_FACTS)
        words = str(asked.compile(unit.connection.engine))
        told = unit.execute(text(f"EXPLAIN QUERY PLAN {words}")).all()
    assert any("ix_facts_of_rules" in row.detail for row in told)

"""Finding a file by whatever somebody remembers of it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from archives.people.files import accept
from archives.people.naming import fold, person_terms, phone_term, query_terms
from archives.people.persons import PersonFacts, open_person
from archives.people.search import MOST, search
from archives.store.tables_people import events
from tests.archives.making import Station, station

PEOPLE = (
    PersonFacts("欧阳静云", "女", "1980-03-05", "13812345678"),
    PersonFacts("单雄信", "男", "1975-06-01", "0812-3334444"),
    PersonFacts("阿依古丽·买买提", "女"),
    PersonFacts("Anna Müller", "女"),
    PersonFacts("王伟", "男"),
)
FOUND = {
    1: ("欧阳静云", "静云", "欧阳", "oyjy", "OYJ", "jingyun", "ouyangj", "5678", "345678", "欧 阳",
        "PZ01-FW·GA-2026-Y-0001", "pz01-fw_ga-2026-y-0001", "GA-2026-0042", "2026-0042", "0042",
        "ＧＡ-2026-0042"),
    2: ("shanxiongxin", "danxiongxin", "sxx", "4444", "SQ-2026-0002"),
    3: ("买买提", "古丽", "mmt"),
    4: ("anna", "müller"),
    5: ("ww", "王伟"),
}  # fmt: skip


def fill(station: Station) -> Station:
    with station.archive.acting("person.open", station.worker) as unit:
        for facts in PEOPLE:
            open_person(unit, facts, another=True)
        accept(unit, 1, unit.today, "GA-2026-0042")
    return station


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Station]:
    one = fill(station(tmp_path_factory.mktemp("station")))
    yield one
    one.archive.close()


def persons_found(station: Station, typed: str) -> list[int]:
    with station.archive.acting("person.search", station.worker) as unit:
        return [hit.person for hit in search(unit, typed)]


@pytest.mark.parametrize(
    ("typed", "person"), [(typed, person) for person, words in FOUND.items() for typed in words]
)
def test_found_as_it_is_typed(filled: Station, typed: str, person: int) -> None:
    assert persons_found(filled, typed) == [person]


def test_both_databases_find_the_same(both: Station) -> None:
    fill(both)
    told = {typed: persons_found(both, typed) for words in FOUND.values() for typed in words}
    assert told == {typed: [person] for person, words in FOUND.items() for typed in words}
    assert persons_found(both, "\u202e") == persons_found(both, "x" * 500) == []


@pytest.mark.parametrize(
    "typed",
    ["", "   ", "78", "李", "0001234", "%", "_", "'; DROP TABLE persons; --", "\u202e", "x" * 500, "😀"],
)
def test_what_is_not_there_is_not_found_and_breaks_nothing(filled: Station, typed: str) -> None:
    with filled.archive.acting("person.search", filled.worker) as unit:
        assert search(unit, typed) == []


def test_exact_matches_come_first_and_the_list_is_short(both: Station) -> None:
    with both.archive.acting("person.open", both.worker) as unit:
        for number in range(MOST + 10):
            open_person(unit, PersonFacts(f"王伟{'一二三四五六七八九十'[number % 10]}"), another=True)
        open_person(unit, PersonFacts("王伟"), another=True)
    with both.archive.acting("person.search", both.worker) as unit:
        hits = search(unit, "王伟")
    assert hits[0].name == "王伟"
    assert len(hits) == MOST


def test_a_search_is_on_the_log_before_its_answer_without_what_was_typed(filled: Station) -> None:
    with filled.archive.acting("person.search", filled.worker) as unit:
        search(unit, "欧阳静云")
    with filled.archive.looking(filled.auditor) as unit:
        found = select(events).where(events.c.action == "file.search").order_by(events.c.id.desc())
        row = unit.execute(found.limit(1)).one()
    assert (row.staff, row.chain, row.detail) == (1, 0, '{"count":4,"hits":1}')


@given(st.text(min_size=1, max_size=12), st.text("0123456789- ", max_size=14))
def test_whoever_has_a_name_is_found_by_every_part_of_it(name: str, phone: str) -> None:
    terms = set(person_terms(name, phone))
    folded = fold(name)
    for start in range(len(folded)):
        assert ("name", folded[start:]) in terms
    digits = phone_term(phone)
    if len(digits) >= 3:
        assert ("phone", digits[:3]) in set(query_terms(digits[:3][::-1]))

"""Sealed bytes and plain columns put in the place of others, by somebody who writes in the database.

Whatever is moved along with the bytes (the name of their key, their hash, their sheet), they do not open in
another row; and what a row repeats in plain is compared with what is sealed.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from archives.archive import Archive
from archives.errors import ItemUnreadable
from archives.items.documents import content_of, document_facts
from archives.items.lists import set_event
from archives.items.records import Content, read_record, revise
from archives.keeping.content import PARTS, batch
from archives.keeping.finding import KeepingFinding
from archives.keeping.sealed_rows import column_of, table_of
from archives.keys.bindings import IN_THE_STORE, Binding
from archives.people.persons import PersonFacts, open_person
from tests.keeping.lived_in import live
from tests.keeping.making import Whole, whole
from tests.keeping.test_check import forced

ALONG = {
    "persons": ("identity_key",),
    "documents": ("blob", "item_key", "sheet", "sha256", "size"),
    "scan_pages": ("blob", "item_key", "reading", "sha256", "size", "media_type"),
}
"""What names or describes the sealed bytes in the same row, and is moved along."""
BOUND_TO_FILES = ("holds", "access_requests", "loans", "rights_requests")


@pytest.fixture(scope="module")
def station(tmp_path_factory: pytest.TempPathFactory) -> Whole:
    made = whole(tmp_path_factory.mktemp("station"), records=3, documents=3)
    for record in made.records[1:]:
        with made.made.archive.acting("test.revise", made.made.worker) as unit:
            content = Content("record_e", 1, "个案服务记录表", b"{}", document_date=date(2026, 11, 1))
            revise(unit, record, content, f"样例：第 {record} 件更正")
    live(made)
    return made


def found(archive: Archive) -> list[KeepingFinding]:
    """What the check says of everything sealed."""
    told: list[KeepingFinding] = []
    for _, table, work in PARTS:
        after = 0
        while rows := batch(archive, table, after):
            told += work(archive, rows)
            after = rows[-1].id
    return told


def exchanged(
    station: Whole, table: str, key: str, one: object, other: object, columns: Sequence[str]
) -> None:
    """The values of these columns of two rows change places; unique columns by way of a third value."""
    with station.made.archive.data.reading() as connection:
        rows = {
            row[key]: row
            for row in connection.exec_driver_sql(f"SELECT rowid AS rowid, * FROM {table}").mappings()
        }
    for column in columns:
        if column == "blob":
            written(station, f"UPDATE {table} SET blob = lower(hex(randomblob(16))) WHERE {key} = ?", one)
        for to, of in ((other, one), (one, other)):
            written(station, f"UPDATE {table} SET {column} = ? WHERE {key} = ?", rows[of][column], to)


def written(station: Whole, statement: str, *values: Any) -> None:
    """SQL by somebody who has the key and switches the guards off."""
    with station.made.archive.data.writing("attack") as connection:
        guards = connection.exec_driver_sql(
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
        ).all()
        for name, _ in guards:
            connection.exec_driver_sql(f"DROP TRIGGER {name}")
        connection.exec_driver_sql(statement, values)
        for _, sql in guards:
            connection.exec_driver_sql(sql)


@contextmanager
def undone(station: Whole, exchange: Callable[[], None]) -> Iterator[None]:
    """Exchanged while the block runs; exchanged again, everything is as it was."""
    exchange()
    try:
        yield
    finally:
        exchange()


def scalar(station: Whole, query: str) -> Any:
    with station.made.archive.data.reading() as connection:
        return connection.exec_driver_sql(query).scalar()


def pair(station: Whole, binding: Binding) -> tuple[str, object, object]:
    """Key column and two rows that have such bytes, of one file where a file's key seals them."""
    table, column = table_of(binding), column_of(binding)
    with station.made.archive.data.reading() as connection:
        told = f"SELECT * FROM {table.name} ORDER BY id"
        rows = connection.exec_driver_sql(told).mappings().all()
    # The other row may have none of its own: then the bytes are moved.
    for one, other in sorted(itertools.permutations(rows, 2), key=lambda two: two[1][column.name] is None):
        same_owner = all(one[name] == other[name] for name in _owner(table.name))
        if same_owner and one[column.name] not in (None, other[column.name]):
            return "id", one["id"], other["id"]
    raise AssertionError(f"{binding.place}: the station has no two rows to exchange")


def _owner(table: str) -> tuple[str, ...]:
    if table in BOUND_TO_FILES:
        return ("file_id",)
    return {"amendments": ("person_id", "field"), "scan_questions": ("document_id",)}.get(table, ())


NOT_EXCHANGED = {
    "merges", "notes", "scan_parts", "revisions", "written_out", "document_titles", "separator_titles",
}  # fmt: skip
EXCHANGED = [one for one in IN_THE_STORE if table_of(one).name not in NOT_EXCHANGED]
"""Revisions have a test of their own; reasons of mergers lie under two persons' keys, notes are compared with
the log, pieces of a file are checked by the hash of the whole, and of the rest the station has one row: that
they are bound to it is asked in ``test_bindings``."""


def test_nothing_is_found_before_anything_is_changed(station: Whole) -> None:
    assert found(station.made.archive) == []


@pytest.mark.parametrize("binding", EXCHANGED, ids=lambda one: one.place)
def test_bytes_exchanged_with_their_keys_are_named(binding: Binding, station: Whole) -> None:
    table = table_of(binding).name
    key, one, other = pair(station, binding)
    columns = list(dict.fromkeys((column_of(binding).name, *ALONG.get(table, ()))))
    with undone(station, lambda: exchanged(station, table, key, one, other, columns)):
        assert found(station.made.archive), binding.place


def test_everything_sealed_of_two_records_exchanged_is_named_and_not_read(station: Whole) -> None:
    """Each is opened by its own key, at the same place in its own record."""
    first, second = station.records[1:3]

    def change() -> None:
        for number in (1, 2):
            where = "SELECT rowid FROM revisions WHERE record_id = {} AND number = {}"
            one, other = (scalar(station, where.format(record, number)) for record in (first, second))
            exchanged(station, "revisions", "rowid", one, other, ["payload", "reason"])
        exchanged(station, "records", "id", first, second, ["item_key"])

    with undone(station, change):
        told = found(station.made.archive)
        assert {one.kind for one in told} == {"revision_changed"} and len(told) == 4
        with (
            station.made.archive.acting("test.read", station.made.worker) as unit,
            pytest.raises(ItemUnreadable),
        ):
            read_record(unit, first)


@pytest.mark.parametrize("sheet", [True, False], ids=["with the sheet", "the sheet taken away"])
def test_a_document_in_the_place_of_another_is_not_read(station: Whole, sheet: bool) -> None:
    first, second = station.documents[1:3]
    columns = [name for name in ALONG["documents"] if name != "sheet" or sheet]
    sheets = {
        one: scalar(station, f"SELECT sheet FROM documents WHERE id = {one}") for one in (first, second)
    }
    with undone(station, lambda: exchanged(station, "documents", "id", first, second, columns)):
        if not sheet:
            forced(station, f"UPDATE documents SET sheet = NULL WHERE id IN ({first}, {second})")
        with station.made.archive.looking(station.made.worker) as unit:
            facts = document_facts(unit, first)
        with pytest.raises(ItemUnreadable):
            content_of(station.made.archive, facts)
        assert {one.place for one in found(station.made.archive)} == {f"#{first}", f"#{second}"}
        if not sheet:
            for one, value in sheets.items():
                forced(station, f"UPDATE documents SET sheet = x'{bytes(value).hex()}' WHERE id = {one}")


PLAIN = {
    "persons.name": "'样例他人'", "persons.sex": "'女'", "persons.birth_date": "'1991-01-01'",
    "persons.phone": "'13700000000'", "persons.id_hash": "lower(hex(randomblob(32)))",
    "records.title": "'别的题名'", "records.form_id": "'record_a'", "records.document_date": "'2020-01-01'",
    "records.events": """'{"expired":"2020-01-01"}'""",
    "revisions.form_version": "9", "revisions.state": "'draft'",
    "documents.kind": "'scan'", "documents.pages": "7", "documents.size": "7", "documents.sha256": "'00'",
    "documents.media_type": "'image/png'", "documents.revision": "9", "documents.form_version": "9",
    "documents.print_id": "'9999999999'",
}  # fmt: skip
"""Plain columns that repeat what is sealed, and what somebody writes there."""


@pytest.mark.parametrize("place", PLAIN)
def test_a_plain_column_that_says_something_else_is_named_without_its_value(
    place: str, station: Whole
) -> None:
    table, column = place.split(".")
    where = (
        f"record_id = {station.records[1]} AND number = 1"
        if table == "revisions"
        else (f"id = {station.file if table == 'persons' else getattr(station, table)[1]}")
    )
    was = scalar(station, f"SELECT {column} FROM {table} WHERE {where}")
    forced(station, f"UPDATE {table} SET {column} = {PLAIN[place]} WHERE {where}")
    wrote = scalar(station, f"SELECT {column} FROM {table} WHERE {where}")
    told = found(station.made.archive)
    written(station, f"UPDATE {table} SET {column} = ? WHERE {where}", was)
    assert told, place
    for one in told:
        assert len(str(wrote)) < 3 or str(wrote) not in one.sentence


def test_nothing_is_found_when_everything_is_back_in_its_place(station: Whole) -> None:
    assert found(station.made.archive) == []


@pytest.mark.parametrize(
    "change",
    [
        "INSERT INTO facts (record_id, name, value) VALUES (2, 'risk_level', '5')",
        "DELETE FROM search_terms WHERE person_id = 1 AND kind = 'name'",
        "INSERT INTO search_terms (person_id, kind, term) VALUES (1, 'name', '样例他人')",
        "UPDATE search_terms SET person_id = 2 WHERE person_id = 1 AND kind = 'ref'",
    ],
)
def test_facts_and_search_terms_that_were_changed_are_named(change: str, tmp_path: Path) -> None:
    made = whole(tmp_path)
    with made.made.archive.acting("test.second", made.made.worker) as unit:
        open_person(unit, PersonFacts("样例第二人"), another=True)
    assert found(made.made.archive) == []
    forced(made, change)
    assert {one.kind for one in found(made.made.archive)} <= {"record_differs", "terms_differ"} != set()


def test_what_was_noted_on_a_record_and_its_answers_agree(tmp_path: Path) -> None:
    """Dates that decide a period come from the answers, and from acts that note them."""
    made = whole(tmp_path)
    record = made.records[0]
    with made.made.archive.acting("test.note", made.made.worker) as unit:
        set_event(unit, record, "expired", date(2026, 11, 2))
        set_event(unit, record, "expired", date(2026, 11, 3))
        content = Content("record_e", 1, "个案服务记录表", b"{}", events={"staff_left": "2026-11-04"})
        revise(unit, record, content, "样例：更正")
        set_event(unit, record, "staff_left", date(2026, 11, 5))
    assert found(made.made.archive) == []

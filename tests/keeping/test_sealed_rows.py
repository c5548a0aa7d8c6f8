"""Every kind of sealed row a station can have is found sound, comes back from a backup, and is missed."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import LargeBinary, func, select, text

from archives.keeping.sealed_rows import column_of, table_of
from archives.keys.bindings import IN_THE_STORE, Binding
from archives.store.blobs import FolderBlobs
from archives.store.schema import METADATA
from tests.keeping.lived_in import live
from tests.keeping.making import Whole, whole
from tests.keeping.test_backup import backed_up, proved, restored
from tests.keeping.test_check import forced

UNSEALED = {
    "events.hash": "a hash of the access log",
    "seals.prev_seal_hash": "a hash",
    "seals.heads_root": "a hash",
    "seals.public_key": "a public key",
    "seals.signature": "a signature",
    "seal_heads.hash": "a hash",
    "transfers.receiver_note": "another office and its people, no client",
}
"""Bytes in the database that are not sealed, and why."""


@pytest.fixture(scope="module")
def station(tmp_path_factory: pytest.TempPathFactory) -> Whole:
    made = whole(tmp_path_factory.mktemp("station"))
    live(made)
    return made


def test_the_table_names_every_column_that_may_be_sealed() -> None:
    columns = {
        f"{table.name}.{column.name}"
        for table in METADATA.tables.values()
        for column in table.columns
        if isinstance(column.type, LargeBinary) or column.name == "blob"
    }
    assert {one.place for one in IN_THE_STORE} == columns - set(UNSEALED)
    assert set(UNSEALED) <= columns


@pytest.mark.parametrize("binding", IN_THE_STORE, ids=lambda one: one.place)
def test_the_station_has_a_row_of_every_kind(binding: Binding, station: Whole) -> None:
    column = column_of(binding)
    with station.made.archive.data.reading() as connection:
        assert connection.execute(select(func.count()).where(column.is_not(None))).scalar_one() > 0


def test_a_station_in_which_everything_happened_is_sound(station: Whole, tmp_path: Path) -> None:
    report = station.check()
    assert report.ok, [found.sentence for found in report.findings]
    source = backed_up(station, tmp_path)
    proof = proved(station, source, tmp_path)
    assert proof.ok, (proof.damaged, [found.sentence for found in proof.findings])
    back, _ = restored(station, source, tmp_path)
    again = back.check()
    assert again.ok, [found.sentence for found in again.findings]
    # A restore is an event; it marks the stores and binds the settings as its own.
    own = dict.fromkeys(("events", "store_marks", "station_settings"), 0)
    assert {**again.counts, **own} == {**report.counts, **own}
    later = back.check()
    assert later.ok, [found.sentence for found in later.findings]


@pytest.mark.parametrize("binding", IN_THE_STORE, ids=lambda one: one.place)
def test_each_kind_is_missed_when_its_bytes_change(binding: Binding, station: Whole) -> None:
    table, column = table_of(binding), column_of(binding)
    with station.made.archive.data.reading() as connection:
        row = connection.execute(select(table).where(column.is_not(None)).limit(1)).mappings().one()
    found = _while_changed(station, binding, row[column.name], _where(binding, row))
    assert found, binding.place


def _where(binding: Binding, row: object) -> str:
    keys = [column.name for column in table_of(binding).primary_key]
    return " AND ".join(f"{name} = {row[name]}" for name in keys)  # type: ignore[index]  # a mapping


def _while_changed(station: Whole, binding: Binding, was: bytes | str, where: str) -> tuple[object, ...]:
    if isinstance(was, str):
        blobs = station.made.archive.blobs
        assert isinstance(blobs, FolderBlobs)
        path = blobs.path(was)
        content = path.read_bytes()
        path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
        found = station.check().findings
        path.write_bytes(content)
        return found
    table, column = binding.place.split(".")
    changed = was[:-1] + bytes([was[-1] ^ 1])
    forced(station, f"UPDATE {table} SET {column} = x'{changed.hex()}' WHERE {where}")
    found = station.check().findings
    forced(station, f"UPDATE {table} SET {column} = x'{was.hex()}' WHERE {where}")
    return found


def test_words_of_one_kind_in_the_place_of_another_do_not_open(station: Whole) -> None:
    """All under the one note key of the file: only the binding tells them apart."""
    with station.made.archive.data.reading() as connection:
        row = connection.execute(
            text("SELECT id, basis, condition FROM loans WHERE condition IS NOT NULL")
        ).one()
    forced(station, f"UPDATE loans SET basis = condition, condition = basis WHERE id = {row.id}")
    found = station.check().findings
    kinds = ("words_changed", "row_changed")  # it does not open, and the log tells of other bytes
    assert {(one.kind, one.place) for one in found} == {(kind, f"借阅 #{row.id}") for kind in kinds}
    forced(station, f"UPDATE loans SET basis = condition, condition = basis WHERE id = {row.id}")
    assert station.check().ok

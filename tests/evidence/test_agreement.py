"""A station in which everything happened: nothing is found; each row changed past the log is named."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Integer, LargeBinary, text

from archives.archive import Archive
from archives.evidence.registry import ENTRIES, Entry
from archives.home import open_archive, read_settings
from archives.keeping import agreement as agreements
from archives.keeping.agreement import Agreed, agreement, place
from archives.settings import Layout
from tests.archives.making import StandingClock, seeded
from tests.keeping.lived_in import live
from tests.keeping.making import Whole, whole


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Whole:
    station = whole(tmp_path_factory.mktemp("lived"))
    live(station)
    station.made.archive.close()
    return station


@pytest.fixture
def archive(lived: Whole, tmp_path: Path) -> Iterator[Archive]:
    """The station, opened in a copy of one's own."""
    layout = Layout(tmp_path / "home", tmp_path / "keys")
    shutil.copytree(lived.layout.home, layout.home)
    shutil.copytree(lived.layout.keys, layout.keys)
    settings = replace(read_settings(layout.home), keys_folder=str(layout.keys))
    opened = open_archive(layout, settings, lived.master, StandingClock(), seeded(77))
    yield opened
    opened.close()


def found(archive: Archive) -> set[str]:
    return {f"{one.kind} {one.place}" for one in agreement(archive, Agreed())}


def test_after_a_whole_life_all_rows_agree(archive: Archive) -> None:
    agreed = Agreed()
    assert list(agreement(archive, agreed)) == []
    assert agreed.rows > 150
    assert agreed.since == "", "made by this version: all of it is noted"


def test_files_and_station_part_by_part_find_the_same(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(agreements, "ROWS_AT_ONCE", 7)
    monkeypatch.setattr(agreements, "FILES_AT_ONCE", 1)
    assert found(archive) == set()
    with _forced(archive) as driver:
        driver.execute("UPDATE scan_pages SET position = 9 WHERE id = 1")
        driver.execute("UPDATE volumes SET number = 9 WHERE id = 2")
    assert found(archive) == {"row_changed 扫描页 #1", "row_changed 分卷 #2"}


def test_every_changed_row_is_named(archive: Archive) -> None:
    """Each column of each table that stands in a digest, and each that stands in one as a keyed hash."""
    changed = 0
    with _forced(archive) as driver:
        for entry in ENTRIES.values():
            row = _row(driver, entry)
            for column in entry.columns if row is not None else ():
                if column not in entry.primary and column != entry.link:
                    assert row is not None
                    _set(driver, entry, row, column, _other(entry, column, row[column]))
                    told = _of(archive, entry, row)
                    _set(driver, entry, row, column, row[column])
                    assert told == {f"row_changed {place(entry.key(row))}"}, f"{entry.kind}.{column}"
                    changed += 1
    assert changed > 200


def _of(archive: Archive, entry: Entry, row: Any) -> set[str]:
    """What comparing this table alone finds."""
    with archive.data.reading() as connection:
        run = agreements._Run(connection, archive.id_key, Agreed())
        chains = (
            [0]
            if entry.via == "station"
            else list(connection.execute(text("SELECT id FROM files")).scalars())
        )
        key = entry.key(row)
        return {f"{one.kind} {one.place}" for one in run.compare(chains, [entry], lambda told: told == key)}


def test_every_removed_row_and_every_row_put_in_is_named(archive: Archive) -> None:
    expected = set()
    with _forced(archive) as driver:
        for entry in ENTRIES.values():
            row = _row(driver, entry)
            if row is None or entry.table.name in ("files", "records", "documents", "persons", "loans"):
                continue  # without them their rows have no file: below
            _delete(driver, entry, row)
            expected.add(f"row_missing {place(entry.key(row))}")
            for name in entry.primary[:1]:
                if isinstance(entry.table.c[name].type, Integer) and name != entry.link:
                    put_in = {**row, name: 900_000}
                    _insert(driver, entry, put_in)
                    expected.add(f"row_unknown {place(entry.key(put_in))}")
    assert expected <= found(archive)
    assert len(expected) > 45


@pytest.mark.parametrize("name", ["files", "records", "documents", "persons", "loans"])
def test_a_removed_row_that_others_belong_to_is_named(archive: Archive, name: str) -> None:
    entry = ENTRIES[name]
    with _forced(archive) as driver:
        row = _row(driver, entry)
        assert row is not None
        _delete(driver, entry, row)
    told = found(archive)
    assert f"row_missing {place(entry.key(row))}" in told


def _row(driver: Any, entry: Entry) -> dict[str, Any] | None:
    row = driver.execute(f"SELECT * FROM {entry.table.name} LIMIT 1").fetchone()
    return None if row is None else dict(zip(entry.table.c.keys(), row, strict=True))


def _where(entry: Entry, row: Any) -> tuple[str, list[Any]]:
    return " AND ".join(f'"{name}" = ?' for name in entry.primary), [row[name] for name in entry.primary]


def _set(driver: Any, entry: Entry, row: Any, column: str, value: Any) -> None:
    where, key = _where(entry, row)
    driver.execute(f'UPDATE {entry.table.name} SET "{column}" = ? WHERE {where}', [value, *key])


def _delete(driver: Any, entry: Entry, row: Any) -> None:
    where, key = _where(entry, row)
    driver.execute(f"DELETE FROM {entry.table.name} WHERE {where}", key)


def _insert(driver: Any, entry: Entry, row: Any) -> None:
    marks = ", ".join("?" * len(row))
    driver.execute(f"INSERT INTO {entry.table.name} VALUES ({marks})", list(row.values()))


def _other(entry: Entry, column: str, before: Any) -> Any:
    if isinstance(entry.table.c[column].type, LargeBinary):
        return (before or b"") + b"x"
    if isinstance(entry.table.c[column].type, Integer):
        return (before or 0) + 77
    return f"{before or ''}改"


class _forced:  # noqa: N801 - a context like ``writing``
    """A transaction in which nothing refuses: no guards, no references, no checks."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive

    def __enter__(self) -> Any:
        self._connection = self._archive.data.engine.raw_connection()
        driver: Any = self._connection.dbapi_connection
        for pragma in ("query_only = 0", "foreign_keys = OFF", "ignore_check_constraints = ON"):
            driver.execute(f"PRAGMA {pragma}")
        for (name,) in driver.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            driver.execute(f"DROP TRIGGER {name}")
        return driver

    def __exit__(self, *_error: object) -> None:
        self._connection.invalidate()  # its settings go with it

"""Two lives of a station after one backup: a list of what was destroyed in one means nothing of the other."""

from __future__ import annotations

import shutil
import zlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, text

from archives.home import open_archive
from archives.keeping.backup import back_up_data, back_up_keys
from archives.keeping.gaps import apply_list
from archives.keeping.rebuild import Source, source_of
from archives.keeping.register import keep_tombstones
from archives.keeping.reserved import MARGIN, reserved_tables
from archives.keeping.restore import Restored, restore
from archives.keeping.tombs import NAME, Stones, gathered, merged, read_stones, stones_of, write_stones
from archives.settings import Layout, read_settings
from tests.archives.disposing import destroyed as disposed
from tests.archives.disposing import refused, with_schedule
from tests.archives.making import seeded
from tests.keeping.making import Whole, fill, whole
from tests.keeping.media import media, there
from tests.keeping.test_backup import destroyed
from tests.keeping.test_gaps import state_of, unreserved


@pytest.fixture
def station(tmp_path: Path) -> Whole:
    return whole(tmp_path)


def set_aside(station: Whole, folder: Path) -> Source:
    """A backup in folders of its own."""
    folder.mkdir()
    layout, now, new = station.layout, station.made.clock(), media(new=True)
    settings = read_settings(layout.home)
    back_up_data(layout, settings, there(folder / "b-data"), now, "0", new)
    back_up_keys(layout, settings, there(folder / "b-keys"), folder / "b-data", now, "0", new)
    return source_of(folder / "b-data", folder / "b-keys")


def known_to(station: Whole) -> Stones:
    keep_tombstones(station.made.archive, station.layout)
    return read_stones(station.layout.keys / NAME)


def pairs(connection: Connection, query: str) -> dict[Any, Any]:
    return {row[0]: row[1] for row in connection.execute(text(query))}


def came_back(station: Whole, source: Source, folder: Path, further: Stones | None) -> tuple[Whole, Restored]:
    """Restored with this list, or without any; each life draws keys of its own."""
    folder.mkdir()
    target, seed = Layout(folder / "new", folder / "new-keys"), zlib.crc32(folder.name.encode())
    clock, known = station.made.clock, {} if further is None else further
    told = restore(
        source, target, station.master, known, clock, seeded(seed), "test",
        live=further is not None, without_newer_list=True,
    )  # fmt: skip
    archive = open_archive(target, read_settings(target.home), station.master, clock, seeded(seed + 1))
    made = replace(station.made, archive=archive, layout=target)
    made.confirm()
    return Whole(made, station.master, [*station.records], [*station.documents], station.file), told


def test_a_number_means_another_record_in_another_life(station: Whole, tmp_path: Path) -> None:
    first = set_aside(station, tmp_path / "first")
    fill(station, 1, 0)
    late = station.records[-1]
    second = set_aside(station, tmp_path / "second")
    destroyed(station, late)
    known = known_to(station)
    other, told = came_back(station, first, tmp_path / "other", known)
    assert (told.applied.records, told.applied.others) == (0, ()), "the record is not in that backup"
    unreserved(other)
    fill(other, 1, 0)
    assert other.records[-1] == late, "the same number"
    third = set_aside(other, tmp_path / "third")
    again, told = came_back(other, third, tmp_path / "again", known)
    assert (told.applied.records, told.applied.others) == (0, ("R-1",))
    assert state_of(again, late) == "final"
    assert again.check().ok
    back, told = came_back(station, second, tmp_path / "back", known)
    assert (told.applied.records, told.applied.others) == (1, ())
    assert state_of(back, late) == "destroyed"


def test_what_two_lives_destroyed_under_one_number_is_kept_apart(station: Whole, tmp_path: Path) -> None:
    first = set_aside(station, tmp_path / "first")
    fill(station, 1, 0)
    late = station.records[-1]
    second = set_aside(station, tmp_path / "second")
    destroyed(station, late)
    known = known_to(station)
    other, _ = came_back(station, first, tmp_path / "other", None)
    unreserved(other)
    fill(other, 1, 0)
    destroyed(other, late)
    both = merged(known_to(other), known)
    assert sum(one.get("record_id") == late for one in both.values()) == 2
    assert merged(known, known_to(other)) == both, "in whatever order"
    write_stones(tmp_path / "list", both)
    assert read_stones(tmp_path / "list") == both == gathered(both.values())
    back, told = came_back(station, second, tmp_path / "back", both)
    assert told.applied.records == 1
    assert state_of(back, late) == "destroyed"
    mine = next(one for key, one in stones_of(back.made.archive).items() if key == f"record:{late}")
    assert mine["item_keys"] == known[f"record:{late}"]["item_keys"]


def test_a_person_of_another_life_is_not_forgotten(station: Whole, tmp_path: Path) -> None:
    with_schedule(station.made)
    first = set_aside(station, tmp_path / "first")
    gone = refused(station.made, "赵样例")
    station.made.clock.pass_days(365 * 5)
    disposed(station.made, gone.records)
    known = known_to(station)
    other, _ = came_back(station, first, tmp_path / "other", None)
    unreserved(other)
    newcomer = refused(other.made, "钱样例")
    assert (newcomer.person, newcomer.records) == (gone.person, gone.records), "the same numbers"
    found, done = apply_list(other.made.archive, other.made.records, other.layout, known)
    assert (done.records, done.persons, found.others, len(done.others)) == (0, 0, 3, 3)
    with other.made.archive.data.reading() as connection:
        query = text("SELECT state, name FROM persons WHERE id = :id")
        assert tuple(connection.execute(query, {"id": newcomer.person}).one()) == ("present", "钱样例")
    report = other.check()
    assert report.ok, [one.sentence for one in report.findings]


@pytest.mark.parametrize("reserved", [True, False], ids=["numbers reserved", "numbers given again"])
def test_a_list_of_another_life_is_another_list(station: Whole, tmp_path: Path, reserved: bool) -> None:
    with_schedule(station.made)
    one, two = refused(station.made, "赵样例"), refused(station.made, "钱样例")
    first = set_aside(station, tmp_path / "first")
    station.made.clock.pass_days(365 * 5)
    number, _ = disposed(station.made, one.records)
    known = known_to(station)
    other, _ = came_back(station, first, tmp_path / "other", None)
    if not reserved:
        unreserved(other)
    again, _ = disposed(other.made, two.records)
    assert (again == number) is not reserved
    _, done = apply_list(other.made.archive, other.made.records, other.layout, known)
    assert (done.records, done.persons, done.others) == (2, 1, ())
    with other.made.archive.data.reading() as connection:
        lists = pairs(connection, "SELECT id, ref_code FROM disposal_lists")
        stones = pairs(connection, "SELECT record_id, list_id FROM tombstones")
    put_back = next(iter(lists.keys() - {again}))
    assert lists[put_back] == f"{lists[again]}（恢复前 {put_back}）"
    assert stones == dict.fromkeys(two.records, again) | dict.fromkeys(one.records, put_back)
    report = other.check()
    assert report.ok, [found.sentence for found in report.findings]
    assert len(known_to(other)) == len(merged(known_to(other), known)), "nothing of it is told twice"


def test_a_restored_station_gives_no_number_a_lost_life_may_have_given(
    station: Whole, tmp_path: Path
) -> None:
    source = set_aside(station, tmp_path / "first")
    fill(station, 5, 5)
    lost = station.records[-1]
    back, _ = came_back(station, source, tmp_path / "back", {})
    fill(back, 1, 1)
    assert back.records[-1] > lost + MARGIN - 10
    assert back.documents[-1] > station.documents[-2] + MARGIN - 10
    with back.made.archive.data.reading() as connection:
        given = pairs(connection, "SELECT name, seq FROM sqlite_sequence")
    assert sorted(given) == reserved_tables()
    assert min(given.values()) >= MARGIN
    assert back.check().ok
    shutil.rmtree(tmp_path / "first")
    further = set_aside(back, tmp_path / "second")
    fill(back, 1, 0)
    third, _ = came_back(back, further, tmp_path / "third", {})
    fill(third, 1, 0)
    assert third.records[-1] > back.records[-2] + MARGIN - 10


def test_nothing_named_by_number_goes_unreserved() -> None:
    """A table with numbers of its own is reserved, or only ever read in its order."""
    from archives.store.schema import METADATA

    numbered = {name for name, table in METADATA.tables.items() if "id" in table.primary_key.columns}
    assert numbered - set(reserved_tables()) == {
        "events", "clock_readings", "clock_wrongs", "restore_gaps", "station_settings",
    }  # fmt: skip

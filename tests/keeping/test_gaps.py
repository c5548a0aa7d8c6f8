"""A restore without a newer list of what was destroyed is said aloud until it is answered for."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import insert, text
from sqlalchemy.exc import IntegrityError

from archives.errors import BackupInvalid, SeparationBroken, StateForbids
from archives.home import open_archive
from archives.items.holds import place_hold
from archives.keeping.gaps import applicable, apply_list, has_newer, open_gaps, sign_gaps, tell_outside
from archives.keeping.rebuild import Source, source_of
from archives.keeping.register import keep_tombstones
from archives.keeping.reserved import reserved_tables
from archives.keeping.restore import restore, unlock
from archives.keeping.state import read_keeping
from archives.keeping.tombs import NAME, Stones, read_stones
from archives.settings import Layout, read_settings
from archives.store.tables_restored import restore_gap_ends
from desk.station.disposal import _restored as on_the_list
from desk.station.doctor import _stones as doctor_of_stones
from tests.archives.making import seeded
from tests.keeping.making import PASSWORD, Whole, fill, whole
from tests.keeping.test_backup import backed_up, destroyed

SAID = "本站由 2026-11-22 的备份恢复，没有补用此后的销毁登记：2026-11-22 以后销毁的档案可能又出现在站中。"


@pytest.fixture
def station(tmp_path: Path) -> Whole:
    return whole(tmp_path)


def came_back(station: Whole, tmp_path: Path) -> tuple[Whole, Stones]:
    """A station restored from before a destruction without a newer list, and the list that knows of it."""
    source = _old(station, tmp_path)
    destroyed(station, station.records[0])
    keep_tombstones(station.made.archive, station.layout)
    known = read_stones(station.layout.keys / NAME)
    return _restored(station, source, tmp_path), known


def _old(station: Whole, tmp_path: Path) -> Source:
    backed_up(station, tmp_path)
    hidden = shutil.copytree(tmp_path / "b-data", tmp_path / "hidden" / "b-data")
    shutil.copytree(tmp_path / "b-keys", tmp_path / "hidden" / "b-keys")
    return source_of(hidden, tmp_path / "hidden" / "b-keys")


def _restored(station: Whole, source: Source, tmp_path: Path) -> Whole:
    target = Layout(tmp_path / "new", tmp_path / "new-keys")
    master = unlock(source, "user1", PASSWORD)
    told = restore(source, target, master, {}, station.made.clock, seeded(9), "test", without_newer_list=True)
    assert told.gap
    archive = open_archive(target, read_settings(target.home), master, station.made.clock, seeded(10))
    made = replace(station.made, archive=archive, layout=target)
    return Whole(made, master, station.records, station.documents, station.file)


def unreserved(back: Whole) -> None:
    """As a restore left it that reserved no numbers."""
    with back.made.archive.data.writing("test") as connection:
        for name in reserved_tables():
            last = f"(SELECT coalesce(max(id), 0) FROM {name})"
            connection.execute(text(f"UPDATE sqlite_sequence SET seq = {last} WHERE name = '{name}'"))


def state_of(back: Whole, record: int) -> str:
    with back.made.archive.data.reading() as connection:
        query = text("SELECT state FROM records WHERE id = :id")
        return str(connection.execute(query, {"id": record}).scalar())


def said(back: Whole) -> tuple[list[str], list[str], dict[str, str]]:
    """What the check, the doctor (without a password) and the printed list say of it."""
    found = [one.sentence for one in back.check().findings]
    probes = [probe.detail for probe in doctor_of_stones(back.layout) if probe.state == "bad"]
    with back.made.archive.looking(back.made.records) as unit:
        return found, probes, {name: str(value) for name, value in on_the_list(unit).items()}


def test_without_a_newer_list_a_restore_is_refused_and_makes_nothing(station: Whole, tmp_path: Path) -> None:
    source = _old(station, tmp_path)
    target = Layout(tmp_path / "new", tmp_path / "new-keys")
    master = unlock(source, "user1", PASSWORD)
    with pytest.raises(BackupInvalid, match="2026-11-22 以后销毁的档案会重新出现") as told:
        restore(source, target, master, {}, station.made.clock, seeded(9), "test")
    assert "--without-newer-list" in told.value.hint
    assert not target.home.exists()


def test_the_gap_is_said_everywhere_until_the_director_signs(station: Whole, tmp_path: Path) -> None:
    back, _ = came_back(station, tmp_path)
    assert state_of(back, station.records[0]) != "destroyed", "it is back: that is what has to be said"
    assert said(back) == ([SAID], [SAID], {"restore_note": SAID})
    with (
        pytest.raises(SeparationBroken),
        back.made.archive.acting("test.sign", back.made.records) as unit,
    ):
        sign_gaps(unit)
    assert said(back)[0] == [SAID]
    with back.made.archive.acting("test.sign", back.made.director) as unit:
        assert [gap.sentence for gap in sign_gaps(unit)] == [SAID]
    tell_outside(back.made.archive, back.layout)
    assert said(back) == ([], [], {})
    with pytest.raises(StateForbids), back.made.archive.acting("test.sign", back.made.director) as unit:
        sign_gaps(unit)


def test_nobody_else_ends_it_by_sql(station: Whole, tmp_path: Path) -> None:
    back, _ = came_back(station, tmp_path)
    row = {"gap_id": 1, "kind": "signed", "staff": back.made.records.staff, "at": "2026-11-22"}
    with (
        pytest.raises(IntegrityError, match="signed by"),
        back.made.archive.data.writing("attack") as connection,
    ):
        connection.execute(insert(restore_gap_ends), row)
    for words in ("DELETE FROM restore_gaps", "UPDATE restore_gaps SET backup_at = '2030-01-01'"):
        with (
            pytest.raises(IntegrityError, match="append only"),
            back.made.archive.data.writing("attack") as connection,
        ):
            connection.execute(text(words))


def test_a_newer_list_destroys_again_and_ends_the_gap(station: Whole, tmp_path: Path) -> None:
    back, known = came_back(station, tmp_path)
    found, done = apply_list(back.made.archive, back.made.records, back.layout, known)
    assert (found.records, done.records) == (("R-1",), 1)
    assert state_of(back, station.records[0]) == "destroyed"
    assert said(back) == ([], [], {})
    with pytest.raises(StateForbids):
        apply_list(back.made.archive, back.made.records, back.layout, known)


def test_a_number_given_to_something_else_since_is_not_destroyed(station: Whole, tmp_path: Path) -> None:
    """Where numbers of rows were given again after an older backup, an item is known by its key."""
    source = _old(station, tmp_path)
    fill(station, 1, 0)
    late = station.records[-1]
    destroyed(station, late)
    keep_tombstones(station.made.archive, station.layout)
    known = read_stones(station.layout.keys / NAME)
    back = _restored(station, source, tmp_path)
    unreserved(back)
    fill(back, 1, 0)
    assert back.records[-1] == late, "the same number"
    with back.made.archive.looking(back.made.records) as unit:
        found = applicable(unit, known)
    assert (found.records, found.others) == ((), 1)
    apply_list(back.made.archive, back.made.records, back.layout, known)
    assert state_of(back, late) == "final"
    assert back.check().ok
    assert read_stones(back.layout.keys / NAME).keys() >= known.keys(), "it is kept for the next restore"


def test_what_is_held_stays_and_so_does_the_gap(station: Whole, tmp_path: Path) -> None:
    back, known = came_back(station, tmp_path)
    with back.made.archive.acting("test.hold", back.made.director) as unit:
        place_hold(unit, back.file, "litigation")
    found, done = apply_list(back.made.archive, back.made.records, back.layout, known)
    assert (found.records, found.held, done.records) == ((), ("R-1",), 0)
    assert state_of(back, station.records[0]) != "destroyed"
    assert said(back)[0] == [SAID]


def test_a_list_that_knows_nothing_newer_ends_nothing(station: Whole, tmp_path: Path) -> None:
    back, _ = came_back(station, tmp_path)
    with pytest.raises(BackupInvalid, match="看不出比备份新"):
        apply_list(back.made.archive, back.made.records, back.layout, {})
    with back.made.archive.data.reading() as connection:
        assert len(open_gaps(connection)) == 1


def test_what_the_home_lost_is_told_again_at_the_next_opening(station: Whole, tmp_path: Path) -> None:
    back, _ = came_back(station, tmp_path)
    (back.layout.home / "keeping.json").unlink()
    assert said(back)[1] == []
    tell_outside(back.made.archive, back.layout)
    assert read_keeping(back.layout.home).gap_since
    assert said(back)[1] == [SAID]


def test_what_counts_as_newer(station: Whole, tmp_path: Path) -> None:
    keep_tombstones(station.made.archive, station.layout)
    source = _old(station, tmp_path)
    assert not has_newer(source, {}, live=False), "sets of one day are one backup"
    assert not has_newer(source, source.stones(), live=False)
    assert has_newer(source, {}, live=True), "the station itself is there"
    name, own = next(iter(source.stones().items()))
    further = {**own, "next": own["next"] + 1}
    assert has_newer(source, {name: further}, live=False)
    station.made.clock.pass_days(1)
    later = backed_up(station, tmp_path)
    assert has_newer(replace(source, keys=later.keys), {}, live=False), "keys of a later day"

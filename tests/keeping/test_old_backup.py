"""A whole disposal after a backup, then the old backup comes back: what was destroyed stays destroyed."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from sqlalchemy import text

from archives.keeping.rebuild import source_of
from archives.keeping.register import keep_tombstones, keys_outlive
from archives.keeping.tombs import NAME, read_stones
from archives.settings import read_settings
from archives.store.blobs import FolderBlobs
from tests.archives.disposing import destroyed, refused, with_schedule
from tests.keeping.making import Whole, whole
from tests.keeping.media import media
from tests.keeping.test_backup import backed_up, proved, restored


@pytest.fixture
def station(tmp_path: Path) -> Whole:
    made = whole(tmp_path)
    with_schedule(made.made)
    return made


def test_an_old_backup_brings_nothing_back(station: Whole, tmp_path: Path) -> None:
    applicant = refused(station.made, "赵样例", id_number="110101198001011234")
    backed_up(station, tmp_path)
    old_keys = shutil.copytree(tmp_path / "b-keys", tmp_path / "hidden" / "b-keys")
    station.made.clock.pass_days(365 * 5)
    _, progress = destroyed(station.made, applicant.records)
    assert len(progress.destroyed) == 2
    keep_tombstones(station.made.archive, station.layout)
    assert keys_outlive(station.layout), "the keys on the old backup are told of"
    station.made.clock.pass_days(1)
    known = read_stones(station.layout.keys / NAME)
    back, told = restored(station, source_of(tmp_path / "b-data", old_keys), tmp_path, known)
    assert (told.applied.records, told.applied.persons) == (2, 1)
    archive = back.made.archive
    keys = {name for stone in known.values() for name in stone.get("item_keys", ())}
    assert len(keys) >= 5
    assert archive.keys.has(keys) == set()
    assert isinstance(archive.blobs, FolderBlobs)
    assert not any(archive.blobs.has(name) for stone in known.values() for name in stone.get("blobs", ()))
    with archive.data.reading() as connection:
        person = connection.execute(
            text("SELECT state, name, id_hash, phone FROM persons WHERE id = :id"), {"id": applicant.person}
        ).one()
        assert tuple(person) == ("gone", None, None, None)
        terms = "SELECT count(*) FROM search_terms WHERE person_id = :id"
        assert connection.execute(text(terms), {"id": applicant.person}).scalar() == 0
        assert connection.execute(text("SELECT count(*) FROM tombstones")).scalar() == 2
    report = back.check()
    assert report.ok, [found.sentence for found in report.findings]
    # The next backup of keys replaces the one that still had them.
    backed_up_again(station, tmp_path)
    assert not keys_outlive(station.layout)


def backed_up_again(station: Whole, folder: Path) -> None:
    from archives.keeping.backup import back_up_keys

    settings = read_settings(station.layout.home)
    back_up_keys(station.layout, settings, folder / "b-keys", None, station.made.clock(), "0", media())


def test_an_old_backup_with_newer_keys_is_proved_all_the_same(station: Whole, tmp_path: Path) -> None:
    applicant = refused(station.made)
    backed_up(station, tmp_path)
    station.made.clock.pass_days(365 * 5)
    destroyed(station.made, applicant.records)
    backed_up_again(station, tmp_path)
    proof = proved(station, source_of(tmp_path / "b-data", tmp_path / "b-keys"), tmp_path)
    assert proof.ok, (proof.damaged, [found.sentence for found in proof.findings])


def test_the_backup_folders_learn_of_what_was_destroyed(station: Whole, tmp_path: Path) -> None:
    """The computer is lost, and only the list in the backup folder knows: nothing comes back."""
    applicant = refused(station.made)
    backed_up(station, tmp_path)
    shutil.copytree(tmp_path / "b-data/sets", tmp_path / "old-sets")
    old_keys = shutil.copytree(tmp_path / "b-keys/sets", tmp_path / "old-keys")
    station.made.clock.pass_days(365 * 5)
    destroyed(station.made, applicant.records)
    keep_tombstones(station.made.archive, station.layout)
    backed_up(station, tmp_path)
    for name, sets in (("b-data", tmp_path / "old-sets"), ("b-keys", old_keys)):
        shutil.rmtree(tmp_path / name / "sets")
        shutil.copytree(sets, tmp_path / name / "sets")
    back, told = restored(station, source_of(tmp_path / "b-data", tmp_path / "b-keys"), tmp_path)
    assert (told.applied.records, told.applied.persons) == (2, 1)
    assert back.check().ok

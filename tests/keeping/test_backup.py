"""Backups bring everything back, notice every change, and never what was destroyed."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from archives.clock.reference import NotByTime, Reference
from archives.errors import BackupInvalid, HomeUnusable, StoreUnusable
from archives.home import open_archive
from archives.items.slips import parted
from archives.keeping.backup import back_up_data, back_up_keys
from archives.keeping.manifest import read_manifest
from archives.keeping.rebuild import Source, damages, source_of
from archives.keeping.register import keep_tombstones, take_notes
from archives.keeping.restore import Restored, restore, unlock
from archives.keeping.shelf import expire, sets_of
from archives.keeping.state import read_keeping
from archives.keeping.tombs import Stones, read_stones
from archives.keeping.verify import Proof, prove_backup
from archives.keys import attempts_file
from archives.keys.bindings import REVISION
from archives.keys.suite import decrypt
from archives.settings import Layout, read_settings
from tests.archives.making import seeded
from tests.keeping.making import ANSWER, PASSWORD, Whole, fill, whole
from tests.keeping.media import media, there


@pytest.fixture
def station(tmp_path: Path) -> Whole:
    return whole(tmp_path)


def backed_up(station: Whole, folder: Path) -> Source:
    layout, now = station.layout, station.made.clock()
    settings = read_settings(layout.home)
    back_up_data(layout, settings, there(folder / "b-data"), now, "0", media())
    back_up_keys(layout, settings, there(folder / "b-keys"), folder / "b-data", now, "0", media())
    return source_of(folder / "b-data", folder / "b-keys")


def restored(
    station: Whole, source: Source, folder: Path, further: Stones | None = None
) -> tuple[Whole, Restored]:
    target = Layout(folder / "new", folder / "new-keys")
    master = unlock(source, "user1", PASSWORD)
    told = restore(source, target, master, further or {}, station.made.clock, seeded(9), "test", live=True)
    archive = open_archive(target, read_settings(target.home), master, station.made.clock, seeded(10))
    made = replace(station.made, archive=archive, layout=target)
    return Whole(made, master, station.records, station.documents, station.file), told


def proved(station: Whole, source: Source, folder: Path) -> Proof:
    made = station.made
    return prove_backup(
        made.archive,
        station.layout,
        made.admin,
        station.master,
        source,
        Layout(folder / "scratch", folder / "scratch-keys"),
    )


def test_everything_comes_back(station: Whole, tmp_path: Path) -> None:
    source = backed_up(station, tmp_path)
    before = station.check().counts
    back, told = restored(station, source, tmp_path)
    assert told.made_at == "2026-11-22T09:00:00+08:00"
    for table in ("records", "revisions", "documents", "persons", "files", "numbers"):
        assert told.counts[table] == before[table]
    report = back.check()
    assert report.ok, [found.sentence for found in report.findings]
    assert station.check().ok
    for folder in (back.layout.home, back.layout.data, back.layout.keys):
        assert folder.stat().st_mode & 0o077 == 0


def test_a_backup_is_made_while_the_station_is_open(station: Whole, tmp_path: Path) -> None:
    fill(station, 3, 1)  # the journal holds what the file does not
    assert station.layout.database.with_name("kangdang.db-wal").stat().st_size > 0
    back, _ = restored(station, backed_up(station, tmp_path), tmp_path)
    assert back.check().counts["records"] == 5


def test_a_proof_is_dated_and_changes_nothing(station: Whole, tmp_path: Path) -> None:
    source = backed_up(station, tmp_path)
    was = {path: path.read_bytes() for path in tmp_path.glob("b-*/**/*") if path.is_file()}
    proof = proved(station, source, tmp_path)
    assert proof.ok, (proof.damaged, [found.sentence for found in proof.findings])
    assert read_keeping(station.layout.home).verified.startswith("2026-11-22")
    assert {path: path.read_bytes() for path in tmp_path.glob("b-*/**/*") if path.is_file()} == was
    assert list(tmp_path.glob("scratch*")) == []
    with station.made.archive.data.reading() as connection:
        result = connection.execute(text("SELECT result FROM events WHERE action = 'backup.verify'")).scalar()
    assert result == "ok"


def test_every_file_cut_or_changed_is_noticed(station: Whole, tmp_path: Path) -> None:
    source = backed_up(station, tmp_path)
    looked_at = [path for folder in (source.data, source.keys) for path in sorted(folder.rglob("*"))]
    looked_at += sorted((source.root / "blobs").rglob("*"))
    tried = 0
    for path in looked_at:
        if not path.is_file():
            continue
        raw = path.read_bytes()
        half = len(raw) // 2
        for bad in (raw[:-1], raw[:half] + bytes([raw[half] ^ 1]) + raw[half + 1 :], b""):
            path.write_bytes(bad)
            with pytest.raises(BackupInvalid):  # noqa: PT012 - either the manifest or a file is named
                again = source_of(tmp_path / "b-data", tmp_path / "b-keys")
                assert damages(again)
                raise BackupInvalid("damage found")
            tried += 1
        path.unlink()
        with pytest.raises(BackupInvalid):  # noqa: PT012
            again = source_of(tmp_path / "b-data", tmp_path / "b-keys")
            assert damages(again)
            raise BackupInvalid("loss found")
        path.write_bytes(raw)
    assert tried >= 3 * 11
    assert damages(source) == []


def test_a_damaged_backup_is_not_restored(station: Whole, tmp_path: Path) -> None:
    source = backed_up(station, tmp_path)
    os.truncate(source.data / "kangdang.db", 100)
    with pytest.raises(BackupInvalid) as told:
        restored(station, source, tmp_path)
    assert told.value.message == "备份不完整或被改动：kangdang.db。"
    assert not (tmp_path / "new").exists()
    assert not (tmp_path / "new-keys").exists()
    assert proved(station, source, tmp_path).damaged == ("kangdang.db",)
    assert read_keeping(station.layout.home).verified == ""


def test_a_forged_manifest_does_not_help(station: Whole, tmp_path: Path) -> None:
    """Who changes a blob and writes a fitting manifest is found by the keys."""
    from archives.keeping.backup import read_blob_list
    from archives.keeping.manifest import NAME, FileEntry
    from archives.keeping.snapshot import hash_of
    from archives.store.blobs import FolderBlobs

    source = backed_up(station, tmp_path)
    blobs = FolderBlobs(source.root / "blobs", bytes)
    first, second = read_blob_list(source.data / "blobs.tsv")
    one, other = blobs.path(first.name), blobs.path(second.name)
    content = one.read_bytes()
    one.write_bytes(other.read_bytes())
    other.write_bytes(content)
    (source.data / "blobs.tsv").write_text(
        f"{first.name}\t{second.size}\t{second.sha256}\n{second.name}\t{first.size}\t{first.sha256}\n"
    )
    files = tuple(
        hash_of(source.data / entry.name) if entry.name == "blobs.tsv" else entry
        for entry in source.data_manifest.files
    )
    (source.data / NAME).write_bytes(replace(source.data_manifest, files=files).to_json())
    assert isinstance(files[0], FileEntry)
    forged = source_of(tmp_path / "b-data", tmp_path / "b-keys")
    assert damages(forged) == []
    assert [found.kind for found in proved(station, forged, tmp_path).findings] == ["blob_changed"] * 2


def test_documents_are_copied_once(station: Whole, tmp_path: Path) -> None:
    settings = read_settings(station.layout.home)
    made = [back_up_data(station.layout, settings, there(tmp_path / "b"), station.made.clock(), "0", media())]
    fill(station, 0, 1)
    made.append(
        back_up_data(station.layout, settings, there(tmp_path / "b"), station.made.clock(), "0", media())
    )
    assert [one.copied for one in made] == [2, 1]
    assert [one.manifest.blobs for one in made] == [2, 3]
    assert made[0].folder != made[1].folder


def test_of_keys_only_the_newest_set_stays(station: Whole, tmp_path: Path) -> None:
    settings = read_settings(station.layout.home)
    for _ in range(3):
        back_up_keys(
            station.layout, settings, there(tmp_path / "k"), None, station.made.clock(), "0", media()
        )
        station.made.clock.pass_days(1)
    assert len(sets_of(tmp_path / "k")) == 1


LOST = {
    "keys gone": (lambda one: one.key_store.unlink(), "keys.db"),
    "keys emptied": (lambda one: one.key_store.write_bytes(b""), "keys.db"),
    "another's keys": (lambda one: one.key_store.write_bytes(bytes(4096)), "keys.db"),
    "seal gone": (lambda one: one.seal_key.unlink(), "seal.key"),
    "seal emptied": (lambda one: one.seal_key.write_bytes(b""), "seal.key"),
    "page code gone": (lambda one: one.page_code_key.unlink(), "page-code.key"),
    "failed logins changed": (lambda one: attempts_file.second(one.attempts).write_bytes(b""), "attempts"),
    "page code changed": (lambda one: one.page_code_key.write_text("5b" * 32), "page-code.key"),
}


@pytest.mark.parametrize(("lose", "name"), LOST.values(), ids=LOST.keys())
def test_damaged_keys_do_not_take_the_place_of_their_backup(
    station: Whole, tmp_path: Path, lose: Callable[[Layout], object], name: str
) -> None:
    """A backup every night must not destroy the only cure of what broke in the day."""
    layout, settings = station.layout, read_settings(station.layout.home)
    layout.page_code_key.write_text("5a" * 32)
    attempts_file.create(layout.attempts, seeded(3))
    now, folder = station.made.clock, there(tmp_path / "k")
    back_up_keys(layout, settings, folder, None, now(), "0", media())
    before = {one: one.read_bytes() for one in folder.rglob("*") if one.is_file()}
    if name == "attempts":
        layout.attempts.unlink()
    lose(layout)
    now.pass_days(1)
    with pytest.raises(StoreUnusable, match=name):
        back_up_keys(layout, settings, folder, None, now(), "0", media())
    assert {one: one.read_bytes() for one in folder.rglob("*") if one.is_file()} == before


@pytest.mark.parametrize("raw", [b"", b"null", b"3", b'"x"', b"[]", b"{}", b"NaN", b"\xff", b"[" * 9999])
def test_a_damaged_manifest_is_a_set_that_cannot_be_read(tmp_path: Path, raw: bytes) -> None:
    (tmp_path / "manifest.json").write_bytes(raw)
    with pytest.raises(BackupInvalid):
        read_manifest(tmp_path)


def test_keys_of_another_station_are_not_backed_up(station: Whole, tmp_path: Path) -> None:
    settings = read_settings(station.layout.home)
    other = replace(settings, station=replace(settings.station, station_id="S2"))
    with pytest.raises(HomeUnusable, match="不是一套"):
        back_up_keys(station.layout, other, there(tmp_path / "k"), None, station.made.clock(), "0", media())


def test_old_data_goes_and_the_newest_stays(station: Whole, tmp_path: Path) -> None:
    settings, layout = read_settings(station.layout.home), station.layout
    for _ in range(2):
        back_up_data(layout, settings, there(tmp_path / "b"), station.made.clock(), "0", media())
        station.made.clock.pass_days(100)
    take_notes(station.made.archive, layout, station.made.admin)
    gone = expire(layout, tmp_path / "b", Reference(station.made.clock()))
    assert [path.name for path in gone] == ["20261122T090000"]
    assert len(sets_of(tmp_path / "b")) == 1
    take_notes(station.made.archive, layout, station.made.admin)
    with station.made.archive.data.reading() as connection:
        rows = connection.execute(text("SELECT kind, gone_on FROM outside_copies ORDER BY id")).all()
    assert [(row.kind, row.gone_on is None) for row in rows] == [("backup", False), ("backup", True)]
    assert read_keeping(layout.home).waiting == ()


def test_places_that_are_refused(station: Whole, tmp_path: Path) -> None:
    layout, now = station.layout, station.made.clock()
    settings = read_settings(layout.home)
    for place in (layout.home / "b", layout.keys, layout.keys / "b", tmp_path):
        with pytest.raises(HomeUnusable, match="重叠"):
            back_up_data(layout, settings, place, now, "0", media())
    back_up_data(layout, settings, there(tmp_path / "b"), now, "0", media())
    for place in (tmp_path / "b", tmp_path / "b" / "keys"):
        with pytest.raises(HomeUnusable, match="拿到全部"):
            back_up_keys(layout, settings, place, tmp_path / "b", now, "0", media())
    with pytest.raises(HomeUnusable, match="另一种备份"):
        back_up_keys(layout, settings, tmp_path / "b", None, now, "0", media())
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "photo.jpg").write_bytes(b"x")
    with pytest.raises(HomeUnusable, match="其他文件"):
        back_up_data(layout, settings, tmp_path / "full", now, "0", media())


def test_an_existing_home_is_never_written_over(station: Whole, tmp_path: Path) -> None:
    source = backed_up(station, tmp_path)
    (tmp_path / "new").mkdir()
    with pytest.raises(HomeUnusable, match="不会覆盖"):
        restored(station, source, tmp_path)


def test_what_was_destroyed_after_the_backup_stays_destroyed(station: Whole, tmp_path: Path) -> None:
    source = backed_up(station, tmp_path)
    old_keys = shutil.copytree(tmp_path / "b-keys", tmp_path / "hidden" / "b-keys")
    key, body = destroyed(station, station.records[0])
    keep_tombstones(station.made.archive, station.layout)
    known = read_stones(station.layout.keys / "tombstones.jsonl")
    assert f"record:{station.records[0]}" in known
    # The worst case: the old data and the old keys, which still hold the item's key.
    source = source_of(tmp_path / "b-data", old_keys)
    back, told = restored(station, source, tmp_path, known)
    assert told.applied.records == 1
    assert back.made.archive.keys.has([key]) == set()
    with back.made.archive.data.reading() as connection:
        state = connection.execute(
            text("SELECT state FROM records WHERE id = :id"), {"id": station.records[0]}
        ).scalar()
        assert connection.execute(text("SELECT count(*) FROM revisions")).scalar() == 1
    assert state == "destroyed"
    report = back.check()
    assert report.ok, [found.sentence for found in report.findings]
    with (
        pytest.raises(Exception, match="append only"),
        back.made.archive.data.writing("t") as c,
    ):
        c.execute(text("DELETE FROM events"))  # the guards are back
    assert body


def destroyed(station: Whole, record: int) -> tuple[str, bytes]:
    """What a disposal leaves behind (its own tests are elsewhere): key gone, content gone, tombstone."""
    archive = station.made.archive
    with archive.data.reading() as connection:
        row = connection.execute(text("SELECT * FROM records WHERE id = :id"), {"id": record}).one()
        body = connection.execute(
            text("SELECT payload FROM revisions WHERE record_id = :id"), {"id": record}
        ).scalar()
    bound = REVISION.of(record_id=record, number=1)
    assert parted(decrypt(archive.keys.get(row.item_key), bytes(body), bound))[1] == ANSWER.encode()
    from tests.keeping.test_check import forced

    archive.keys.destroy([row.item_key], NotByTime.FILED)
    forced(
        station,
        "INSERT INTO schedules (version, body, sha256, proposed_by, proposed_at)"
        " VALUES ('v9', '{}', 'x', 1, '2026-11-22')",
        "INSERT INTO sequences (name, next) VALUES ('AR7:2026', 8)",
        *(
            "INSERT INTO numbers (sequence, number, used_for, at)"
            f" VALUES ('AR7:2026', {number}, 'x', '2026-11-22')"
            for number in range(1, 8)
        ),
        "INSERT INTO disposal_lists (id, ref_code, state, schedule_version, made_by, made_at, list_sha256,"
        " not_before) VALUES (7, 'XH-2026-007', 'done', 'v9', 5, '2026-11-22', 'x', '2026-11-22')",
        "INSERT INTO tombstones (record_id, ref_code, form_id, title, content_sha256, list_id, destroyed_at,"
        f" item_keys, blobs) VALUES ({record}, 'R-1', 'record_e', '个案服务记录表', '{'0' * 64}', 7,"
        f" '2026-12-01', '[\"{row.item_key}\"]', '[]')",
        f"DELETE FROM revisions WHERE record_id = {record}",
        f"UPDATE records SET state = 'destroyed', item_key = NULL WHERE id = {record}",
    )
    return row.item_key, bytes(body)


def test_a_list_that_claims_any_number_of_numbers_is_refused(station: Whole, tmp_path: Path) -> None:
    source = backed_up(station, tmp_path)
    with station.made.archive.data.reading() as connection:
        name = connection.execute(text("SELECT name FROM sequences")).scalars().first()
    claimed = {f"numbers:{name}": {"kind": "numbers", "sequence": name, "next": 10**15}}
    with pytest.raises(BackupInvalid, match="不可信"):
        restored(station, source, tmp_path, claimed)


def test_numbers_given_after_the_backup_are_not_given_again(station: Whole, tmp_path: Path) -> None:
    from archives.people.persons import PersonFacts, open_person

    source = backed_up(station, tmp_path)
    with station.made.archive.acting("test.person", station.made.worker) as unit:
        later = open_person(unit, PersonFacts("另一样例"), another=True)
    keep_tombstones(station.made.archive, station.layout)
    known = read_stones(station.layout.keys / "tombstones.jsonl")
    back, told = restored(station, source, tmp_path, known)
    assert told.applied.numbers == 1
    assert back.check().ok
    with back.made.archive.acting("test.person", station.made.worker) as unit:
        fresh = open_person(unit, PersonFacts("再一样例"), another=True)
    assert fresh.application_no > later.application_no

"""The check finds what is missing, changed, swapped or left over, and says so until the end."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from sqlalchemy import text

from archives.clock.reference import NotByTime
from archives.items.documents import store
from archives.keeping.state import read_keeping
from archives.store.blobs import FolderBlobs
from tests.keeping.making import Whole, whole


@pytest.fixture
def station(tmp_path: Path) -> Whole:
    return whole(tmp_path)


def blob(station: Whole, document: int) -> Path:
    blobs = station.made.archive.blobs
    assert isinstance(blobs, FolderBlobs)
    with station.made.archive.data.reading() as connection:
        name = connection.execute(
            text("SELECT blob FROM documents WHERE id = :id"), {"id": document}
        ).scalar()
    return blobs.path(str(name))


def forced(station: Whole, *statements: str) -> None:
    """SQL by somebody who has the key and switches the guards off."""
    with station.made.archive.data.writing("attack") as connection:
        guards = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")).all()
        for name, _ in guards:
            connection.exec_driver_sql(f"DROP TRIGGER {name}")
        for statement in statements:
            connection.exec_driver_sql(statement)
        for _, sql in guards:
            connection.exec_driver_sql(sql)


def test_a_sound_station_has_no_findings(station: Whole) -> None:
    report = station.check()
    assert report.ok, [found.sentence for found in report.findings]
    rows = report.checked.pop("日志与内容")
    assert rows > 30
    assert report.checked == {"服务对象": 1, "案卷": 1, "文书": 2, "文件": 2}
    assert report.counts["records"] == 2
    kept = read_keeping(station.layout.home).check
    assert kept.finished
    assert kept.findings == 0
    with station.made.archive.data.reading() as connection:
        event = connection.execute(text("SELECT * FROM events WHERE action = 'check.run'")).one()
    assert event.result == "ok"


def test_a_blob_that_is_gone(station: Whole) -> None:
    blob(station, station.documents[0]).unlink()
    assert station.kinds() == ["blob_missing"]
    assert read_keeping(station.layout.home).check.findings == 1


@pytest.mark.parametrize("at", [0, 1, 14, -1])
def test_a_byte_that_changed(station: Whole, at: int) -> None:
    path = blob(station, station.documents[1])
    raw = bytearray(path.read_bytes())
    raw[at] ^= 1
    path.write_bytes(raw)
    assert station.kinds() == ["blob_changed"]


@pytest.mark.parametrize("size", [0, 5, 200])
def test_a_blob_cut_short(station: Whole, size: int) -> None:
    os.truncate(blob(station, station.documents[0]), size)
    assert station.kinds() == ["blob_changed"]


def test_two_blobs_swapped(station: Whole) -> None:
    one, other = (blob(station, number) for number in station.documents)
    content = one.read_bytes()
    one.write_bytes(other.read_bytes())
    other.write_bytes(content)
    assert [found.kind for found in station.check().findings] == ["blob_changed", "blob_changed"]


def test_rows_pointing_at_each_others_blob(station: Whole) -> None:
    a, b = station.documents
    forced(
        station,
        f"UPDATE documents SET blob = blob || 'x' WHERE id = {a}",
        f"UPDATE documents SET blob = (SELECT substr(blob, 1, 32) FROM documents WHERE id = {a}),"
        f" item_key = (SELECT item_key FROM documents WHERE id = {a}) WHERE id = {b}",
    )
    assert station.kinds() == ["blob_changed", "blob_missing", "row_changed", "sheet_changed"]


def test_keys_that_are_gone(station: Whole) -> None:
    with station.made.archive.data.reading() as connection:
        names = connection.execute(
            text("SELECT item_key FROM records UNION SELECT item_key FROM documents")
        ).scalars().all()  # fmt: skip
    station.made.archive.keys.destroy(names, NotByTime.FILED)
    report = station.check()
    assert [found.kind for found in report.findings] == ["record_key_missing"] * 2 + [
        "document_key_missing"
    ] * 2


def test_contents_changed_in_the_database(station: Whole) -> None:
    forced(station, "UPDATE revisions SET payload = randomblob(80) WHERE record_id = 1")
    assert station.kinds() == ["revision_changed", "row_changed"]
    forced(station, "UPDATE persons SET identity = randomblob(80)")
    assert station.kinds() == ["identity_changed", "revision_changed", "row_changed"]
    forced(station, "DELETE FROM revisions WHERE record_id = 2")
    assert station.kinds() == [
        "identity_changed", "record_empty", "revision_changed", "row_changed", "row_missing",
    ]  # fmt: skip


def test_one_records_answers_put_into_another(station: Whole) -> None:
    forced(
        station,
        "UPDATE revisions SET payload = (SELECT payload FROM revisions WHERE record_id = 1)"
        " WHERE record_id = 2",
    )
    assert station.kinds() == ["revision_changed", "row_changed"]


def test_a_number_that_vanished(station: Whole) -> None:
    forced(station, "DELETE FROM numbers")
    assert "number_gap" in station.kinds()


def test_a_guard_that_was_taken_away_or_weakened(station: Whole) -> None:
    with station.made.archive.data.writing("attack") as connection:
        connection.exec_driver_sql("DROP TRIGGER guard_events_no_delete")
        connection.exec_driver_sql("DROP TRIGGER guard_events_no_update")
        connection.exec_driver_sql(
            "CREATE TRIGGER guard_events_no_update BEFORE UPDATE ON events WHEN 1 = 0 BEGIN SELECT 1; END"
        )
    places = [found.place for found in station.check().findings if found.kind == "guard"]
    assert places == ["events_no_update", "events_no_delete"]


def test_events_that_were_changed(station: Whole) -> None:
    forced(station, "UPDATE events SET at = '2020-01-01T00:00:00.000+08:00' WHERE id = 2")
    report = station.check()
    assert {found.kind for found in report.findings} == {"log"}


def test_database_pages_that_were_changed(station: Whole) -> None:
    archive = station.made.archive
    archive.keys.database.truncate_journal()
    archive.keys.close()
    path = station.layout.key_store
    raw = bytearray(path.read_bytes())
    raw[-100] ^= 1
    path.write_bytes(raw)
    report = station.check()
    assert "pages_changed" in {found.kind for found in report.findings}
    assert not report.ok


def test_a_folder_others_can_read(station: Whole) -> None:
    station.layout.data.chmod(0o755)
    assert station.kinds() == ["open_to_others"]


def test_a_vault_that_was_changed(station: Whole) -> None:
    path = station.layout.vault
    path.write_text(path.read_text().replace("user1", "user9"))
    assert station.kinds() == ["vault_fallback"]


def test_orphans_are_told_after_a_day_and_only_they_are_swept(station: Whole) -> None:
    made = station.made
    store(made.archive, b"never filed")
    half = made.layout.blobs / "ab" / "abcd.tmp"
    half.parent.mkdir(parents=True, exist_ok=True)
    half.write_bytes(b"half")
    assert len(station.check().orphans.blobs) == 0
    made.clock.pass_days(16)
    for path in made.layout.blobs.rglob("*"):
        moment = made.clock().timestamp() - 16 * 86_400
        os.utime(path, (moment, moment))
    report = station.check()
    assert report.ok
    assert len(report.orphans.blobs) == 1
    assert len(report.orphans.half_written) == 1
    assert len(report.orphans.keys) > 0
    swept = station.check(sweeping=True)
    assert swept.swept == len(report.orphans)
    after = station.check()
    assert after.ok
    assert len(after.orphans) == 0
    assert not half.exists()


def test_a_check_with_a_limit_goes_on_and_keeps_what_it_found(station: Whole) -> None:
    station.made.archive.keys.destroy([], NotByTime.FILED)
    forced(station, "UPDATE persons SET identity = randomblob(80)")
    first = station.check(limit=1)
    assert not first.finished
    assert first.checked.keys() == {"日志与内容", "服务对象"}
    assert read_keeping(station.layout.home).check.finished == ""
    last = station.check()
    assert last.finished
    assert "服务对象" not in last.checked
    assert [found.kind for found in last.findings] == ["row_changed", "identity_changed"]
    again = station.check()
    assert again.checked["服务对象"] == 1


def test_a_check_that_cannot_read_the_store_is_no_pass(station: Whole) -> None:
    shutil.rmtree(station.layout.blobs)
    station.layout.blobs.write_text("not a folder")
    report = station.check()
    assert not report.ok


def test_every_orphan_rule_knows_every_key_column() -> None:
    from archives.keeping.sweep import key_columns
    from archives.store.schema import METADATA

    named = {f"{column.table.name}.{column.name}" for column in key_columns()}
    assert {"records.item_key", "documents.item_key", "persons.identity_key", "files.note_key"} <= named
    texts = {
        f"{table.name}.{column.name}"
        for table in METADATA.sorted_tables
        for column in table.columns
        if "key" in column.name and column.name not in ("item_keys", "public_key")
    }
    assert texts == named, "a column that names an item key must end in _key"

"""The execution of a list: what is destroyed and forgotten, what remains for ever, what interrupts it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select, text, update

from archives.disposal.completion import recover
from archives.disposal.execution import Witness, execute, resume, stop
from archives.disposal.forgetting import forget_emptied
from archives.disposal.lists import entries, list_facts
from archives.disposal.proof import copies_beyond
from archives.disposal.proposal import eligible_records
from archives.duties.copies import copy_gone, register_copy
from archives.errors import (
    AccessDenied,
    NotFound,
    SeparationBroken,
    StateForbids,
)
from archives.items.documents import DocumentEntry, add_document, document_facts, store
from archives.items.ending import keys_of
from archives.items.holds import place_hold, release_hold
from archives.items.records import Content, add_record, read_record, revise, void
from archives.people.files import accept
from archives.people.merge import merge_files
from archives.people.persons import PersonFacts, amend, open_person
from archives.people.search import search
from archives.ports import system
from archives.store.tables import files, holds, persons, records
from archives.store.tables_duties import forgotten, tombstones
from archives.store.tables_people import notes
from tests.archives.disposing import (
    SECRET,
    YEARS,
    begun,
    destroyed,
    due,
    proposed,
    refused,
    states,
    with_schedule,
)
from tests.archives.making import Station, station

ID = "11010519491231002X"


@pytest.fixture
def made(tmp_path: Path) -> Station:
    return with_schedule(station(tmp_path))


def bytes_of(made: Station) -> bytes:
    """Every byte of the decrypted database, the blobs and the key store."""
    whole = b""
    for database in (made.archive.data, made.archive.keys.database):
        with database.reading() as connection:
            for (name,) in connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'table'")):
                whole += repr(connection.execute(text(f'SELECT * FROM "{name}"')).fetchall()).encode()
    for path in made.layout.blobs.rglob("*"):
        whole += path.read_bytes() if path.is_file() else b""
    return whole


def test_after_a_disposal_nothing_of_the_applicant_can_be_read(made: Station) -> None:
    """Content, facts, blobs, keys, search entries, ID hash and notes are gone; the proof is there."""
    file, ids = due(made, id_number=ID)
    with made.archive.looking(made.records) as unit:
        names = [name for record in ids for name in keys_of(unit, record)]
        blobs = list(made.archive.blobs.names())
    number, progress = destroyed(made, ids)
    assert progress.destroyed == ["PZ01-FW·SQ-2026-D3-0001-001", "PZ01-FW·SQ-2026-D3-0001-002"]
    assert not progress.stayed
    assert not progress.unfinished
    assert names and not made.archive.keys.has(names)
    assert blobs and not any(made.archive.blobs.has(name) for name in blobs)
    whole = bytes_of(made)
    for word in (SECRET, "赵样例", ID, "13800001234"):
        assert word.encode() not in whole
        assert repr(word)[1:-1].encode() not in whole
    with made.archive.looking(made.records) as unit:
        stones = unit.execute(select(tombstones)).all()
        assert [row.ref_code for row in stones] == progress.destroyed
        assert sorted(name for row in stones for name in __import__("json").loads(row.item_keys)) == sorted(
            names
        )
        assert unit.execute(select(forgotten.c.file_id)).scalars().all() == [file]
        assert list_facts(unit, number).state == "done"


def test_the_journals_hold_nothing_old_when_an_item_is_called_destroyed(made: Station) -> None:
    """The write-ahead logs are emptied between the deletion and the word `destroyed`."""
    _, ids = due(made, items=1)
    number = begun(made, ids)
    emptied: list[str] = []
    kept = type(made.archive.data).truncate_journal

    def watching(database: object) -> None:
        kept(database)  # type: ignore[arg-type]
        path = Path(str(database.path) + "-wal")  # type: ignore[attr-defined]
        assert not path.exists() or path.stat().st_size == 0
        emptied.append(f"{path.name} {states(made, number)}")

    patch = pytest.MonkeyPatch()
    patch.setattr(type(made.archive.data), "truncate_journal", watching)
    execute(made.archive, made.records, number)
    patch.undo()
    assert emptied[:2] == ["kangdang.db-wal ['destroying']", "keys.db-wal ['destroying']"]


def test_a_reader_that_keeps_the_journal_leaves_the_item_destroying_and_the_run_resumes(
    made: Station, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, ids = due(made, items=1)
    number = begun(made, ids)
    monkeypatch.setattr("archives.store.database.BUSY_MS", 1)
    made.archive.data.engine.dispose()
    with made.archive.data.reading() as reader:
        reader.execute(select(records.c.id)).all()
        progress = execute(made.archive, made.records, number)
        assert progress.unfinished[0][1] == "日志文件正被读取，暂时无法清空。"
        assert states(made, number) == ["destroying"]
    with pytest.raises(NotFound, match="已销毁"), made.archive.acting("test.read", made.records) as unit:
        read_record(unit, ids[0])
    assert recover(made.archive, system("test")).destroyed == ["PZ01-FW·SQ-2026-D3-0001-001"]
    assert states(made, number) == ["destroyed"]


def test_a_blob_that_cannot_be_removed_is_never_called_destroyed(
    made: Station, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, ids = due(made)
    number = begun(made, ids)
    monkeypatch.setattr(type(made.archive.blobs), "remove", lambda *_: None)
    progress = execute(made.archive, made.records, number)
    assert states(made, number) == ["destroying", "destroyed"]
    assert progress.unfinished[0][1] == (
        "PZ01-FW·SQ-2026-D3-0001-001 销毁后复核时仍能读到存储文件，不能登记为已销毁。"
    )
    monkeypatch.undo()
    recover(made.archive, system("test"))
    assert states(made, number) == ["destroyed", "destroyed"]


def test_who_was_held_back_is_forgotten_once_the_hold_ends_and_the_rest_is_gone(made: Station) -> None:
    """A hold on the file keeps the person though the last item was destroyed before it."""
    file, ids = due(made, items=1, id_number=ID)
    number = begun(made, ids)
    kept = forget_emptied
    patch = pytest.MonkeyPatch()
    patch.setattr("archives.disposal.completion.forget_emptied", lambda *_: [])
    execute(made.archive, made.records, number)
    patch.undo()
    with made.archive.acting("hold.place", made.director) as unit:
        hold = place_hold(unit, file, "litigation")
    assert kept(made.archive, system("test")) == []
    with made.archive.acting("hold.release", made.director) as unit:
        release_hold(unit, hold)
    recover(made.archive, system("test"))
    with made.archive.looking(made.records) as unit:
        assert unit.execute(select(persons.c.state, persons.c.id_hash)).one() == ("gone", None)


def test_the_sheet_about_many_goes_and_the_extract_stays(made: Station) -> None:
    with made.archive.acting("test.series", made.worker) as unit:
        series = unit.execute(
            files.insert(),
            {"kind": "series", "series": "YW", "year": 2026, "state": "open", "opened_at": unit.at,
             "ref_code": "PZ01-FW·YW-2026-D3"},
        ).inserted_primary_key[0]  # fmt: skip
        sheet = add_record(
            unit, series, Content("activity_record", 1, "活动记录", b"{}", document_date=date(2026, 11, 1))
        )
        opened = open_person(unit, PersonFacts("孙样例"), another=True)
        accept(unit, opened.file, unit.today, "GA-2026-0001")
        body = Content("activity_record", 1, "活动记录摘录", b'{"x":1}', document_date=date(2026, 11, 1))
        extract = add_record(unit, opened.file, body, source_record=sheet)
    made.clock.pass_days(YEARS)
    _, progress = destroyed(made, [sheet])
    assert len(progress.destroyed) == 1
    with made.archive.acting("test.read", made.worker) as unit:
        assert read_record(unit, extract)[2] == b'{"x":1}'


def test_drafts_and_mistakes_of_a_refused_applicant_go_too(made: Station) -> None:
    one = refused(made, items=1, id_number=ID)
    with made.archive.acting("record.add", made.worker) as unit:
        draft = add_record(unit, one.file, Content("application_b", 1, "草稿", b"{}", state="draft"))
        wrong = add_record(unit, one.file, Content("application_b", 1, "误录", b"{}"))
        void(unit, wrong, f"{SECRET}写错了人")
    made.clock.pass_days(YEARS)
    with made.archive.looking(made.records) as unit:
        assert eligible_records(unit, unit.today) == [one.records[0], draft, wrong]
    _, progress = destroyed(made, [*one.records, draft, wrong])
    assert len(progress.destroyed) == 3
    with made.archive.looking(made.records) as unit:
        assert unit.execute(select(persons.c.state)).scalar() == "gone"
        assert unit.execute(select(notes)).all() == []


def test_what_was_written_about_one_item_goes_with_it_while_the_file_stays(made: Station) -> None:
    """Reasons of a void record and of a hold on it lie under the file's key: they go with the item."""
    one = refused(made, items=2)
    with made.archive.acting("record.void", made.worker) as unit:
        void(unit, one.records[0], "写错了人")
        hold = place_hold(unit, one.file, "audit", record=one.records[0], note="审计抽查")
        place_hold(unit, one.file, "audit", record=one.records[1], note="留着")
        release_hold(unit, hold)
    made.clock.pass_days(YEARS)
    destroyed(made, [one.records[0]])
    with made.archive.looking(made.records) as unit:
        assert unit.execute(select(notes)).all() == []
        told = unit.execute(select(holds.c.note.is_(None)).order_by(holds.c.id)).scalars().all()
        assert [bool(each) for each in told] == [True, False]


def test_documents_of_no_item_go_with_the_last_one(made: Station) -> None:
    one = refused(made, items=1)
    stored = store(made.archive, f"{SECRET}附件".encode())
    with made.archive.acting("document.add", made.worker) as unit:
        loose = add_document(unit, one.file, stored, DocumentEntry("attachment", "application/pdf", 3))
    made.clock.pass_days(YEARS)
    number, _ = destroyed(made, one.records)
    with made.archive.looking(made.records) as unit:
        assert document_facts(unit, loose).state == "destroyed"
        assert entries(unit, number)[0].pages == 5
        assert unit.execute(select(persons.c.state)).scalar() == "gone"
    assert not made.archive.blobs.has(stored.blob)


def test_a_person_found_twice_is_forgotten_whole(made: Station) -> None:
    """Names, search entries and keys of the file merged into the other go as well."""
    one, other = refused(made, items=1, id_number=ID), refused(made, "赵小样例", items=1)
    with made.archive.acting("person.amend", made.worker) as unit:
        amend(unit, one.person, "phone", "13911112222", "原号码停用")
    with made.archive.acting("person.merge", made.records) as unit:
        merge_files(unit, one.file, other.file, "同一人")
    with made.archive.acting("file.end", made.worker) as unit:
        unit.execute(update(files).where(files.c.id == one.file).values(state="open"))
    made.clock.pass_days(YEARS)
    destroyed(made, [*one.records, *other.records])
    whole = bytes_of(made).decode(errors="replace")
    for word in ("赵样例", "赵小样例", "13800001234", "13911112222", ID):
        assert word not in whole
    with made.archive.acting("person.search", made.worker) as unit:
        assert search(unit, "赵") == search(unit, "13911112222") == []
    with made.archive.looking(made.records) as unit:
        assert unit.execute(select(files.c.state, files.c.note_key)).all() == [("destroyed", None)] * 2


def test_what_is_being_destroyed_cannot_grow(made: Station) -> None:
    file, ids = due(made)
    begun(made, ids)
    stored = store(made.archive, b"late")
    body = Content("application_b", 1, "个案申请表（第1次）", b"{}")
    with (
        pytest.raises(StateForbids, match="不能再添加"),
        made.archive.acting("test.add", made.worker) as unit,
    ):
        add_document(unit, file, stored, DocumentEntry("scan", "application/pdf", 1, record=ids[0]))
    with (
        pytest.raises(StateForbids, match="不能再添加"),
        made.archive.acting("test.add", made.worker) as unit,
    ):
        revise(unit, ids[1], body, "补充")


def test_only_who_began_goes_on_and_only_with_the_same_witnesses(made: Station) -> None:
    _, ids = due(made)
    number = begun(made, ids)
    with pytest.raises(AccessDenied, match="只能由开始执行的人继续"):
        execute(made.archive, made.director, number)
    with made.archive.looking(made.records) as unit:
        sha256 = str(list_facts(unit, number).list_sha256)
    with pytest.raises(SeparationBroken, match="原来的两名监销人"), \
            made.archive.acting("disposal.resume", made.records) as unit:  # fmt: skip
        resume(unit, number, sha256, (Witness(8, "password"), Witness(2, "password")))
    with made.archive.acting("disposal.resume", made.records) as unit:
        resume(unit, number, sha256, (Witness(9, "password"), Witness(8, "password")))


def test_an_execution_that_cannot_go_on_is_stopped_and_the_rest_is_free(made: Station) -> None:
    _, ids = due(made)
    number = begun(made, ids)
    progress = stop(made.archive, made.director, number)
    assert [one.because for one in progress.stayed] == ["stopped", "stopped"]
    with made.archive.looking(made.records) as unit:
        assert list_facts(unit, number).state == "done"
    assert proposed(made, ids) == number + 1


def test_copies_out_of_reach_are_told_as_they_were_on_the_day(made: Station) -> None:
    """Made after the item, not gone on the day; one gone later still stands in the list."""
    with made.archive.acting("copy.made", made.admin) as unit:
        register_copy(unit, "backup", "before", "0" * 64, date(2027, 1, 1))
    made.clock.pass_days(1)
    file, ids = due(made)
    with made.archive.acting("copy.made", made.admin) as unit:
        first = register_copy(unit, "backup", "b1", "0" * 64, date(2031, 3, 1))
        register_copy(unit, "export", "e1", "0" * 64, date(2031, 5, 1), file=file)
        gone = register_copy(unit, "export", "e2", "0" * 64, date(2031, 9, 1), file=file)
        copy_gone(unit, gone)
    number, _ = destroyed(made, ids)
    made.clock.pass_days(100)
    with made.archive.acting("copy.gone", made.admin) as unit:
        copy_gone(unit, first)
        register_copy(unit, "backup", "after", "0" * 64, date(2031, 12, 1))
    with made.archive.looking(made.records) as unit:
        rows, done = entries(unit, number), list_facts(unit, number).done_at
        told = copies_beyond(unit, rows, done)[ids[0]]
    assert (told.backups, told.exports, told.gone_by) == (1, 1, date(2031, 5, 1))


def test_a_hold_past_the_program_is_told_and_opens_the_station_all_the_same(made: Station) -> None:
    """Keys gone, row still listed, and a hold by plain SQL: recovery says so and stops nobody."""
    file, ids = due(made, items=1)
    number = begun(made, ids)
    with made.archive.looking(made.records) as unit:
        made.archive.keys.destroy(keys_of(unit, ids[0]), unit.reference())
    with made.archive.data.writing("test.attack") as connection:
        connection.execute(
            holds.insert(),
            {"file_id": file, "reason": "other", "owner": 4, "placed_at": "2030-12-01T09:00:00.000+08:00"},
        )
    told = recover(made.archive, system("test"))
    assert told.unfinished == [
        (
            "PZ01-FW·SQ-2026-D3-0001-001",
            "密钥已删除，但数据库不接受登记销毁；请运行 kangdang check 查明原因。",
        )
    ]
    assert states(made, number) == ["listed"]


def test_one_lost_key_is_no_destruction(made: Station) -> None:
    """A key that is missing for another reason does not make recovery destroy the item."""
    _, ids = due(made, items=1)
    number = begun(made, ids)
    with made.archive.looking(made.records) as unit:
        made.archive.keys.destroy(keys_of(unit, ids[0])[1:], unit.reference())
    recover(made.archive, system("test"))
    assert states(made, number) == ["listed"]


def test_an_item_that_lost_its_keys_is_settled_before_a_hold_or_a_merger(made: Station) -> None:
    file, ids = due(made, items=2)
    number = begun(made, ids)
    with made.archive.looking(made.records) as unit:
        made.archive.keys.destroy(keys_of(unit, ids[0]), unit.reference())
    with made.archive.acting("hold.place", made.director) as unit:
        place_hold(unit, file, "complaint")
    assert states(made, number) == ["destroying", "listed"]
    told = recover(made.archive, system("test"))
    assert len(told.destroyed) == 1 and not told.unfinished
    assert [one.because for one in execute(made.archive, made.records, number).stayed] == ["held"]


def test_two_processes_that_execute_at_once_destroy_each_item_once(made: Station) -> None:
    """The second one comes in between the items of the first."""
    _, ids = due(made, items=3)
    number = begun(made, ids)
    acting = type(made.archive).acting
    seen: list[str] = []

    def between(archive: object, name: str, actor: object) -> object:
        seen.append(name)
        if seen.count("disposal.item") == 2 and name == "disposal.item" and "inner" not in seen:
            seen.append("inner")
            execute(made.archive, made.records, number)
        return acting(archive, name, actor)  # type: ignore[arg-type]

    patch = pytest.MonkeyPatch()
    patch.setattr(type(made.archive), "acting", between)
    progress = execute(made.archive, made.records, number)
    patch.undo()
    assert not progress.unfinished
    assert states(made, number) == ["destroyed"] * 3
    with made.archive.looking(made.records) as unit:
        assert len(unit.execute(select(tombstones)).all()) == 3

"""Checks, backups, disposals and old backups of a station with scans on their way."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from archives.errors import StateForbids, StoreUnusable
from archives.items.records import record_facts
from archives.keeping.rebuild import source_of
from archives.keeping.register import keep_tombstones
from archives.keeping.tombs import NAME, read_stones
from archives.people.files import end_application
from archives.people.persons import PersonFacts, open_person
from archives.scans.pages import stream_of
from archives.scans.quarantine import clear_scans, due
from archives.scans.separators import Separator, register_separator
from archives.store import points
from archives.store.blobs import FolderBlobs
from archives.store.item_keys import AHEAD
from desk.station.scanning import receiving
from desk.station.scanning.incoming import clear_batch
from desk.station.scanning.queue import decide, overview
from desk.station.scanning.receiving import receive
from generator.identity.print_id import PrintKind, new_print_id
from generator.resources import data_dir
from tests.archives.disposing import destroyed, with_schedule
from tests.archives.making import seeded
from tests.keeping.test_backup import backed_up, proved, restored
from tests.keys.crashing import Crash
from tests.reading.files import scanned_pdf
from tests.scans.forged import coded, torn_off
from tests.scans.house import Paper, empty, issue, jpegs, signed
from tests.scans.killed import foreign
from tests.scans.sound import (
    KEY_FILE,
    House,
    batches_and_pages,
    build,
    desk_of,
    findings,
    ledgers_wrong,
    readable_bytes,
)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = build(tmp_path)
    yield made
    made.close()


def file_of(house: House, name: str, *stack: Paper, seed: int = 1) -> tuple[Path, list[bytes]]:
    pictures = jpegs(stack, seed=seed)
    return scanned_pdf(house.office.folder / name, pictures, dpi=150), pictures


def interrupted(house: House, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every page is stored, and then the disk is full: the batch stays `receiving`."""

    def full(*_: object) -> None:
        raise StoreUnusable("磁盘已满，这一次没有保存。")

    with monkeypatch.context() as patch:
        patch.setattr(receiving, "complete", full)
        with pytest.raises(StoreUnusable):
            receive(house.as_role(), path)


def kinds(house: House) -> list[str]:
    return house.whole.kinds()


# --- check and backup -------------------------------------------------------------------------------------


def test_a_backup_holds_open_and_interrupted_batches(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = issue(house.office, "record_e")
    path, pictures = file_of(house, "1.pdf", first, first, foreign(first))
    receive(house.as_role(), path)
    again, more = file_of(house, "2.pdf", signed(second), empty(second), seed=50)
    interrupted(house, again, monkeypatch)
    assert [batch.state for batch, _ in batches_and_pages(house.whole.made)] == ["open", "receiving"]
    assert kinds(house) == []
    source = backed_up(house.whole, tmp_path)
    assert proved(house.whole, source, tmp_path).ok
    back, _ = restored(house.whole, source, tmp_path)
    assert back.kinds() == []
    held = {hashlib.sha256(one).hexdigest() for one in (*pictures, *more)}
    rows = [row for _, rows in batches_and_pages(back.made) for row in rows]
    assert {hashlib.sha256(stream_of(back.made.archive, row)).hexdigest() for row in rows} == held
    (back.layout.keys / KEY_FILE).write_text("5a" * 32, encoding="ascii")
    told = receive(desk_of(back.made, back.master), again)
    assert told.resumed
    assert [filed.pages for filed in told.filed] == [2]
    assert ledgers_wrong(back.made) == []
    back.made.archive.close()


@pytest.mark.parametrize(("damage", "kind"), [("page", "scan_page"), ("part", "scan_copy")])
def test_damage_to_what_waits_is_found(house: House, tmp_path: Path, damage: str, kind: str) -> None:
    from sqlalchemy import text

    first, second = issue(house.office, "record_e")
    receive(house.as_role(), file_of(house, "1.pdf", first, foreign(second))[0])
    with house.archive.data.reading() as connection:
        query = (
            "SELECT blob FROM scan_pages WHERE number = 1"
            if damage == "page"
            else "SELECT blob FROM scan_parts"
        )
        name = connection.execute(text(query)).scalar_one()
    blobs = house.archive.blobs
    assert isinstance(blobs, FolderBlobs)
    raw = bytearray(blobs.path(name).read_bytes())
    raw[40] ^= 1
    blobs.path(name).write_bytes(raw)
    assert kinds(house) == [kind]
    source = backed_up(house.whole, tmp_path)
    assert not proved(house.whole, source, tmp_path).ok


def test_a_damaged_page_keeps_no_other_page_waiting(house: House) -> None:
    """What cannot be put together waits with its reason; the next stack is filed all the same."""
    first, second = [signed(one) for one in issue(house.office, "record_e")]
    receive(house.as_role(), file_of(house, "1.pdf", first)[0])
    ((_, (row,)),) = batches_and_pages(house.whole.made)
    blobs = house.archive.blobs
    assert isinstance(blobs, FolderBlobs)
    blobs.path(row.blob or "").write_bytes(b"rotten")
    others = [signed(one) for one in issue(house.office, "record_e", file=house.office.other.file)]
    told = receive(house.as_role(), file_of(house, "2.pdf", second, *others, seed=9)[0])
    assert [filed.file for filed in told.filed] == [house.office.other.file]
    (_, (row,)), (_, rows) = batches_and_pages(house.whole.made)
    assert [row.reason, rows[0].reason] == ["not_bound", "not_bound"]
    decide(house.as_role(), [row.id], "rejected", "unreadable")
    assert receive(house.as_role(), file_of(house, "3.pdf", first, seed=20)[0]).ledger.waiting == 1
    from desk.station.scanning.queue import accept

    assert accept(house.as_role(), rows[0].id).pages == 2


def test_pages_that_would_make_too_large_a_document_wait(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages = [signed(one) for one in issue(house.office, "record_e")]
    monkeypatch.setattr("archives.items.documents.MAX_SIZE", 10_000)
    told = receive(house.as_role(), file_of(house, "1.pdf", *pages)[0])
    assert told.filed == ()
    assert [row.reason for row in batches_and_pages(house.whole.made)[0][1]] == ["not_bound"] * 2


def test_a_key_made_ahead_long_ago_is_not_used(house: House) -> None:
    """A window left open for days: the check has swept what it had made ahead; nothing is lost by that."""
    made = house.whole.made
    made.archive.keys.new()
    made.clock.pass_days(16)
    swept = house.whole.check(sweeping=True).swept
    assert 0 < swept <= AHEAD
    first, _ = issue(house.office, "record_e")
    receive(house.as_role(), file_of(house, "1.pdf", first, foreign(first))[0])
    ((_, rows),) = batches_and_pages(made)
    assert all(made.archive.keys.has([row.item_key or ""]) for row in rows)
    assert kinds(house) == []


# --- clearing ---------------------------------------------------------------------------------------------


def test_a_page_taken_back_to_waiting_is_not_cleared_away(house: House) -> None:
    first, second = [signed(one) for one in issue(house.office, "record_e")]
    path, pictures = file_of(house, "1.pdf", first, second, empty(first))
    receive(house.as_role(), path)
    made, records = house.whole.made, house.as_role()
    ((batch, rows),) = batches_and_pages(made)
    assert batch.state == "balanced"
    decide(records, [rows[2].id], "waiting")
    made.clock.pass_days(40)
    with made.archive.looking(made.records) as unit:
        assert due(unit, unit.reference()) == []
    clear_scans(made.archive, made.records)
    with pytest.raises(StateForbids, match="待处理"):
        clear_batch(records, batch.id)
    ((batch, rows),) = batches_and_pages(made)
    assert batch.state == "balanced"
    assert stream_of(made.archive, rows[2]) == pictures[2]
    decide(records, [rows[2].id], "blank")
    clear_scans(made.archive, made.records)
    ((batch, rows),) = batches_and_pages(made)
    assert batch.state == "cleared"
    with pytest.raises(StateForbids, match="到期清除"):
        decide(records, [rows[2].id], "waiting")
    assert kinds(house) == []


def test_a_clearing_that_was_cut_off_is_ended_at_the_next_opening(house: House) -> None:
    """Somebody cleared before the time; the keys are gone and the program stopped there."""
    first, second = [signed(one) for one in issue(house.office, "record_e")]
    receive(house.as_role(), file_of(house, "1.pdf", first, second, empty(first))[0])
    decide(house.as_role(), [3], "blank")
    made = house.whole.made
    reached = points_of(lambda: clear_batch(house.as_role(), 1), "keys.destroy:committed")
    assert "scan.clearing:begun" in reached
    ((batch, rows),) = batches_and_pages(made)
    assert (batch.state, rows[2].blob is None) == ("balanced", False)
    assert kinds(house) == []
    with pytest.raises(StateForbids, match="到期清除"):
        decide(house.as_role(), [rows[2].id], "waiting")
    clear_scans(made.archive, made.records)
    ((batch, rows),) = batches_and_pages(made)
    assert batch.state == "cleared"
    assert kinds(house) == []


def points_of(act: Callable[[], object], last: str) -> list[str]:
    """Crash at a named point; the points reached."""
    seen: list[str] = []

    def watch(point: str) -> None:
        seen.append(point)
        if point == last:
            raise Crash(point)

    points.observe(watch)
    try:
        with pytest.raises(Crash):
            act()
    finally:
        points.observe(None)
    return seen


# --- disposal ---------------------------------------------------------------------------------------------


def applicant(house: House) -> tuple[int, int, list[Paper]]:
    """Somebody who applies: (file, record, papers)."""
    made = house.whole.made
    with_schedule(made)
    with made.archive.acting("test.open", made.worker) as unit:
        who = PersonFacts("赵样例", "男", "1980-01-01", "13800001234", None)
        file = open_person(unit, who, another=True).file
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tests.scans.house.example", wordy)
        papers = issue(house.office, "application_b", file=file)
    with made.archive.looking(made.records) as unit:
        from archives.items.documents import document_facts

        record = document_facts(unit, papers[0].document).record
    assert record is not None
    return file, record, [one for one in papers if one.print_id == papers[0].print_id]


def wordy(form_id: str) -> bytes:
    """A sound filled form with so much to say that it takes two pages."""
    answers = json.loads((data_dir("schemas") / "examples" / form_id / "valid-full.json").read_bytes())
    return json.dumps(answers | {"client_needs": answers["client_needs"] * 6}, ensure_ascii=False).encode()


def refuse(house: House, file: int) -> None:
    made = house.whole.made
    with made.archive.acting("test.end", made.worker) as unit:
        end_application(unit, file, unit.today, "rejected")
    made.clock.pass_days(365 * 5)


def test_a_destroyed_record_takes_its_waiting_pages_and_their_file_with_it(house: House) -> None:
    file, record, papers = applicant(house)
    theirs = signed(issue(house.office, "record_e", file=house.office.other.file)[0])
    print_id = new_print_id(seeded(5), PrintKind.SERVICE)
    made = house.whole.made
    with made.archive.acting("test.separator", made.worker) as unit:
        register_separator(unit, Separator(print_id, file, record, 3))
    sheet = coded(empty(theirs), theirs, print_id, 1, 1)
    attached = torn_off(papers[-1])
    path, pictures = file_of(house, "1.pdf", papers[0], papers[0], theirs, sheet, attached)
    receive(house.as_role(), path)
    ((_, rows),) = batches_and_pages(made)
    assert [row.reason for row in rows] == ["incomplete", "twice", "incomplete", None, "attachment_short"]
    gone = [pictures[0], pictures[1], pictures[4]]
    before = readable_bytes(made)
    assert all(any(one in content for content in before) for one in pictures)
    refuse(house, file)
    _, progress = destroyed(made, [record])
    assert len(progress.destroyed) == 1
    after = readable_bytes(made)
    assert not any(one in content for content in after for one in gone)
    assert any(pictures[2] in content for content in after), "the other person's page has a copy of its own"
    ((batch, rows),) = batches_and_pages(made)
    assert [(row.state, row.reason) for row in rows] == [
        ("rejected", "destroyed"), ("rejected", "destroyed"), ("waiting", "incomplete"), ("service", None),
        ("rejected", "destroyed"),
    ]  # fmt: skip
    assert batch.item_key is None
    assert ledgers_wrong(made) == []
    assert findings(made, house.whole.master) == []
    assert [one.print_id for _, one in overview(house.as_role()).missing] == [theirs.print_id]
    told = receive(house.as_role(), file_of(house, "2.pdf", papers[0], seed=77)[0])
    assert [(row.state, row.reason) for row in batches_and_pages(made)[1][1]] == [("waiting", "destroyed")]
    assert told.filed == ()


def test_a_file_given_again_after_its_record_was_destroyed(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Interrupted, then one of its records is destroyed: its copy is gone, its other pages still come in."""
    file, record, papers = applicant(house)
    theirs = [signed(one) for one in issue(house.office, "record_e", file=house.office.other.file)]
    path, pictures = file_of(house, "1.pdf", papers[0], *theirs)
    interrupted(house, path, monkeypatch)
    refuse(house, file)
    destroyed(house.whole.made, [record])
    told = receive(house.as_role(), path)
    assert told.resumed
    assert [filed.file for filed in told.filed] == [house.office.other.file]
    assert not any(pictures[0] in content for content in readable_bytes(house.whole.made))
    assert kinds(house) == []


@pytest.mark.parametrize("filed_since", [False, True], ids=["still waiting", "filed since"])
def test_an_old_backup_brings_no_page_of_a_destroyed_record_back(
    house: House, tmp_path: Path, filed_since: bool
) -> None:
    import shutil

    file, record, papers = applicant(house)
    made = house.whole.made
    path, pictures = file_of(house, "1.pdf", papers[0], foreign(papers[0]))
    receive(house.as_role(), path)
    backed_up(house.whole, tmp_path)
    for name in ("b-data", "b-keys"):
        shutil.copytree(tmp_path / name, tmp_path / "old" / name)
    if filed_since:
        told = receive(house.as_role(), file_of(house, "2.pdf", *papers[1:], seed=30)[0])
        assert [filed.file for filed in told.filed] == [file]
    refuse(house, file)
    destroyed(made, [record])
    keep_tombstones(made.archive, house.whole.layout)
    known = read_stones(house.whole.layout.keys / NAME)
    old = source_of(tmp_path / "old/b-data", tmp_path / "old/b-keys")
    back, told_back = restored(replace(house.whole), old, tmp_path, known)
    assert told_back.applied.records == 1
    assert not any(pictures[0] in content for content in readable_bytes(back.made))
    ((batch, rows),) = batches_and_pages(back.made)
    assert [row.state for row in rows] == ["rejected", "waiting"]
    assert batch.item_key is None
    with back.made.archive.looking(back.made.records) as unit:
        assert record_facts(unit, record).state == "destroyed"
    assert back.kinds() == []
    back.made.archive.close()

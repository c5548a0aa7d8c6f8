"""Blank pages: one sheet, one key for all; what nobody looked at is named at login and never destroyed."""

from __future__ import annotations

import json
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import select

from archives.clock.reference import NotByTime
from archives.errors import StateForbids
from archives.ports import system
from archives.scans.batches import batch_facts
from archives.scans.blanks import batches_with_unseen, mark_seen, number_runs, unseen_blanks
from archives.scans.pages import pages_in
from archives.scans.quarantine import clear, clear_scans
from archives.store.tables_people import events
from archives.store.tables_scans import scan_blank_looks
from desk.cli import scan_blank_cmds
from desk.station.scanning import blanks
from desk.station.scanning.contact_sheet import small_picture
from tests.archives.making import Station, station
from tests.reading.files import scanned_pdf
from tests.scans.house import Paper, house, jpegs, rows
from tests.scans.test_ledger import batch_of
from tests.station.office import Ended, Office, open_and_record

A4_AT_150 = (1754, 1240)


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Office:
    return house(tmp_path, monkeypatch, capsys)


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Station]:
    made = station(tmp_path)
    open_and_record(made)
    yield made
    made.archive.close()


def scan(desk: Office, *arguments: str, role: str = "records") -> Ended:
    return desk.run(role, "scan", *arguments)


def came_in(desk: Office, blank: int = 3, name: str = "背面.pdf", seed: int = 1) -> None:
    """A batch of empty sheets, nothing else."""
    sheet = Paper(0, "", 0, 0, np.full((2 * A4_AT_150[0], 2 * A4_AT_150[1]), 255, np.uint8), ())
    scanned_pdf(desk.folder / name, jpegs([sheet] * blank, seed=seed), dpi=150)
    assert scan(desk, "add", name).code == 0


def state(desk: Office, batch: int = 1) -> str:
    told = json.loads(scan(desk, "status", str(batch), "--json").out)["batches"][0]
    return str(told["state"])


def a_month_later(desk: Office) -> None:
    desk.station.clock.pass_days(31)  # type: ignore[attr-defined]  # it stands
    clear_scans(desk.station.archive, system("test"))


@pytest.fixture
def screen(desk: Office, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """A terminal and a viewer; what the viewer was given."""
    opened: list[Path] = []

    def launch(name: str) -> int:
        path = Path(name)
        assert path.read_bytes().startswith(b"%PDF")
        if sys.platform != "win32":
            assert stat.S_IMODE(path.stat().st_mode) == 0o600
            assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
        opened.append(path)
        return 0

    monkeypatch.setattr(scan_blank_cmds, "at_terminal", lambda: True)
    monkeypatch.setattr("click.launch", launch)
    return opened


def press(monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    monkeypatch.setattr("click.getchar", lambda: key)


def test_one_key_says_that_all_are_blank_and_the_batch_is_cleared_by_itself(
    desk: Office, screen: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    came_in(desk)
    press(monkeypatch, "y")
    ended = scan(desk, "blanks", "1")
    assert ended.lines[0] == "第 1 批有 3 页空白还没有人看过：页号 1-3。"
    assert ended.lines[-1] == "第 1 批 3 页已看过，都是空白。"
    assert not screen[0].parent.exists(), "the picture goes when the look is over"
    with desk.station.archive.looking(desk.station.auditor) as unit:
        event = unit.execute(select(events).where(events.c.action == "scan.blanks")).one()
    assert json.loads(event.detail) == {"count": 3, "numbers": "1-3"}
    assert (event.subject, event.staff) == ("scan:1", 5)
    assert scan(desk, "blanks", "1").lines == ["第 1 批没有还没看过的空白页。"]
    a_month_later(desk)
    assert state(desk) == "cleared"


def test_what_nobody_looked_at_stays_however_long_it_takes(desk: Office) -> None:
    came_in(desk)
    a_month_later(desk)
    a_month_later(desk)
    assert state(desk) == "balanced"
    ended = scan(desk, "clear", "1", "--execute")
    assert (ended.code, ended.lines[0]) == (67, "错误：第 1 批有 3 页空白还没有人看过，不能清除。")
    assert scan(desk, "show", "2", "-o", "二.jpg").code == 0, "it can still be looked at"


def test_another_key_says_nothing_and_a_page_taken_back_leaves_the_others(
    desk: Office, screen: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    came_in(desk)
    press(monkeypatch, "\r")
    assert scan(desk, "blanks", "1").lines[-1].startswith("没有登记。")
    assert scan(desk, "back", "2").code == 0
    press(monkeypatch, "Y")
    assert scan(desk, "blanks", "1").lines[-1] == "第 1 批 2 页已看过，都是空白。"
    assert [row.state for row in rows(desk, 1)] == ["blank", "waiting", "blank"]
    assert len(screen) == 2
    assert scan(desk, "blank", "2").code == 0, "by hand counts as seen"
    a_month_later(desk)
    assert state(desk) == "cleared"


def test_without_a_terminal_a_sheet_is_written_and_its_check_value_confirms_it(desk: Office) -> None:
    came_in(desk)
    came_in(desk, 1, "二.pdf", seed=9)
    assert scan(desk, "blanks", "1").code == 2
    assert scan(desk, "blanks", "1", "--json").code == 2
    told = json.loads(scan(desk, "blanks", "1", "-o", "看.pdf", "--json").out)
    assert (told["batch"], told["pages"], told["unreadable"]) == (1, [1, 2, 3], [])
    assert (desk.folder / "看.pdf").read_bytes().startswith(b"%PDF")
    other = json.loads(scan(desk, "blanks", "2", "-o", "另.pdf", "--json").out)
    assert scan(desk, "blanks", "1", "--sha256", other["sha256"]).code == 73
    assert scan(desk, "blanks", "1", "--sha256", "").code == 73
    assert scan(desk, "blanks", "1", "--sha256", told["sha256"][:7]).code == 73
    said = json.loads(scan(desk, "blanks", "1", "--sha256", told["sha256"][:8], "--json").out)
    assert said == {"batch": 1, "seen": 3}
    assert scan(desk, "blanks", "1", "--sha256", told["sha256"]).code == 73, "nothing is left to confirm"
    ended = scan(desk, "blanks", "2", "-o", "另.pdf")
    assert f"--sha256 {other['sha256'][:8]}" in ended.out


def test_only_the_records_manager_looks_and_no_batch_is_made_up(desk: Office) -> None:
    came_in(desk, 1)
    assert scan(desk, "blanks", "1", "-o", "看.pdf", role="worker").code == 63
    assert scan(desk, "blanks", "1", "--sha256", "0" * 8, role="worker").code == 63
    assert scan(desk, "blanks", "9", "-o", "看.pdf").code == 62


def test_a_page_nobody_can_see_is_not_confirmed(desk: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    came_in(desk)
    real = blanks.image_of

    def damaged(station: object, page: object) -> object:
        if page.id == 2:  # type: ignore[attr-defined]  # PageFacts
            raise blanks.ItemUnreadable("样例")
        return real(station, page)  # type: ignore[arg-type]  # handed on

    monkeypatch.setattr(blanks, "image_of", damaged)
    told = json.loads(scan(desk, "blanks", "1", "-o", "看.pdf", "--json").out)
    assert (told["pages"], told["unreadable"]) == ([1, 3], [2])
    assert json.loads(scan(desk, "blanks", "1", "--sha256", told["sha256"], "--json").out)["seen"] == 2
    a_month_later(desk)
    assert state(desk) == "balanced"
    assert scan(desk, "reject", "2", "--reason", "读不出来").code == 0
    a_month_later(desk)
    assert state(desk) == "cleared"


def test_a_clearing_begun_before_is_ended_and_says_that_nobody_saw_the_page(made: Station) -> None:
    batch = batch_of(made, "blank", "service")
    clear_scans(made.archive, system("test"))
    with made.archive.looking(made.records) as unit:
        facts, pages = batch_facts(unit, batch), pages_in(unit, batch)
    names = [facts.item_key or "", *(page.item_key or "" for page in pages)]
    made.archive.keys.destroy(names, NotByTime.FILED)
    clear_scans(made.archive, system("test"))
    with made.archive.looking(made.records) as unit:
        assert batch_facts(unit, batch).state == "cleared"
        told = [(page.state, page.reason) for page in pages_in(unit, batch)]
    assert told[0] == ("rejected", "gone_unseen")


def test_no_key_goes_before_the_database_agrees(made: Station) -> None:
    batch = batch_of(made, "blank")
    clear_scans(made.archive, system("test"))
    with made.archive.looking(made.records) as unit:
        facts, (page,) = batch_facts(unit, batch), pages_in(unit, batch)
    with pytest.raises(StateForbids, match="没有人看过"):
        clear(made.archive, made.records, facts)
    assert made.archive.keys.has([page.item_key or "", facts.item_key or ""]) == {
        page.item_key, facts.item_key,
    }  # fmt: skip
    with made.archive.looking(made.records) as unit:
        assert [(one.batch, one.pages) for one in batches_with_unseen(unit)] == [(batch, 1)]
        assert unit.execute(select(scan_blank_looks)).all() == []


def test_many_pages_are_named_in_as_many_events_as_it_takes(made: Station) -> None:
    states = ["blank", "service"] * 30
    batch = batch_of(made, *states)
    with made.archive.acting("test.look", made.records) as unit:
        mark_seen(unit, batch, unseen_blanks(unit, batch))
        told = unit.execute(select(events.c.detail).where(events.c.action == "scan.blanks")).scalars().all()
    details = [json.loads(one) for one in told]
    assert sum(one["count"] for one in details) == 30
    named = [int(number) for one in details for number in one["numbers"].split()]
    assert named == list(range(1, 61, 2))


def test_numbers_in_short() -> None:
    assert number_runs([9, 2, 3, 4, 7]) == "2-4 7 9"
    assert number_runs([]) == ""


@pytest.mark.parametrize("paper", [255, 235, 200])
def test_what_is_faint_is_seen_on_the_sheet(paper: int) -> None:
    page = np.full(A4_AT_150, paper, np.uint8)
    page[700:703, 300:900] = paper - 20
    small = small_picture(page)
    assert small.min() < np.median(small) - 60
    assert small_picture(np.full(A4_AT_150, paper, np.uint8)).min() >= 250


def test_a_black_page_is_not_shown_white() -> None:
    assert small_picture(np.full(A4_AT_150, 12, np.uint8)).max() < 150

"""A station of the version before opens whole and its papers come home; a crash loses nothing."""

from __future__ import annotations

import shutil
import tarfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from archives.home import layout_of, open_archive, read_settings
from archives.items.documents import content_of, document_facts
from archives.items.records import read_record
from archives.keeping.check import check
from archives.keeping.migrate import FOLDER, bring_up_to_date
from archives.keeping.stores import bind_if_new, require_stores
from archives.keys import vault as vaults
from archives.ports import system
from archives.scans.pages import pages_in
from archives.store.tables import documents, files, records
from archives.store.tables_clock import clock_readings
from archives.store.tables_people import events
from desk.station.entrance import enter
from desk.station.issuing import Look, issue_record
from desk.station.opening import OpenStation, opened
from desk.station.scanning.receiving import receive
from generator.render import PrintOptions
from generator.typeset.fonts import bundled_fonts
from tests.archives.making import StandingClock, seeded
from tests.kept.make import STILL_OUT, TODAY
from tests.keys.crashing import Crash, crash_at, points_of
from tests.station.founding import PASSWORDS

KEPT = Path(__file__).parent / "station-0005.tar.xz"
"""The station of the version before."""
OLDEST = Path(__file__).parent / "station-0001.tar.xz"
"""A station that knew no confirmed time yet."""
WHEN = TODAY + timedelta(days=2)


def unpacked(archive: Path, folder: Path) -> Path:
    with tarfile.open(archive) as packed:
        packed.extractall(folder, filter="data")
    for path in (folder / "kept").rglob("*"):
        path.chmod(0o700 if path.is_dir() else 0o600)  # as a station is on the disk, whatever was unpacked
    return folder / "kept"


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The station as the program before left it; copied, never opened itself."""
    return unpacked(KEPT, tmp_path_factory.mktemp("kept"))


@pytest.fixture(scope="module")
def oldest(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same, of the first program."""
    return unpacked(OLDEST, tmp_path_factory.mktemp("oldest"))


@pytest.fixture
def copy(kept: Path, tmp_path: Path) -> Path:
    """A station of one's own."""
    return Path(shutil.copytree(kept, tmp_path / "站"))


@pytest.fixture
def old_copy(oldest: Path, tmp_path: Path) -> Path:
    """The first program's station of one's own."""
    return Path(shutil.copytree(oldest, tmp_path / "旧站"))


@contextmanager
def as_(folder: Path, login: str, seed: int = 21, when: datetime = WHEN) -> Iterator[OpenStation]:
    home = folder / "站点"
    settings = read_settings(home)
    layout, clock, random = layout_of(home, settings), StandingClock(when), seeded(seed)
    enter(layout, settings, login, PASSWORDS[login], clock, random)
    with opened(home, clock, random) as station:
        yield station


def findings(station: OpenStation) -> list[str]:
    report = check(station.archive, station.layout, station.actor, station.master)
    assert report.finished
    return [str(found) for found in report.findings]


def test_windows_that_open_it_at_once_take_turns(copy: Path) -> None:
    """A second copy of the data, or a second mark of the key store, would not fit the first."""
    home = copy / "站点"
    settings = read_settings(home)
    layout = layout_of(home, settings)
    master = vaults.unlock(vaults.load(layout.vault), "dang", PASSWORDS["dang"])

    def first_opening(seed: int) -> bool:
        archive = open_archive(layout, settings, master, StandingClock(WHEN), seeded(seed))
        try:
            done = bring_up_to_date(archive, layout, system("test"))
            bind_if_new(archive, layout, master)
            require_stores(archive, layout, master, counting=True)
        finally:
            archive.close()
        return done

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(first_opening, range(31, 35))) == [False, False, False, True]
    assert len(list((home / FOLDER).iterdir())) == 1
    with as_(copy, "dang") as station:
        assert findings(station) == []


def test_it_opens_whole(copy: Path) -> None:
    with as_(copy, "dang") as station:
        assert findings(station) == []
        copies = list((station.layout.home / FOLDER).iterdir())
        assert len(copies) == 1
    with as_(copy, "dang", 22) as station:
        assert list((station.layout.home / FOLDER).iterdir()) == copies, "upgraded once"


def baselines(station: OpenStation) -> list[int]:
    query = select(events.c.chain).where(events.c.action == "rows.baseline").order_by(events.c.chain)
    with station.archive.looking(station.actor) as unit:
        return list(unit.execute(query).scalars())


def test_what_it_held_before_is_noted_once(copy: Path) -> None:
    """An event for the station and one for each file; from then on a change past the log is named."""
    with as_(copy, "dang") as station:
        with station.archive.looking(station.actor) as unit:
            numbers = list(unit.execute(select(files.c.id)).scalars())
        assert set(baselines(station)) == {0, *numbers}
        report = check(station.archive, station.layout, station.actor, station.master)
        assert any(told.startswith("此前的内容自升级之日") for told in report.remarks)
        noted = baselines(station)
    with as_(copy, "dang", 22) as station:
        assert baselines(station) == noted
        with station.archive.data.writing("attack") as connection:
            connection.execute(update(records).where(records.c.id == 1).values(title="样例假题名"))
        assert [found.split("'")[1] for found in findings(station)] == ["row_changed"]


def readings(station: OpenStation) -> list[str]:
    with station.archive.looking(station.actor) as unit:
        return list(unit.execute(select(clock_readings.c.kind).order_by(clock_readings.c.id)).scalars())


def test_its_newest_event_is_the_first_confirmed_time(old_copy: Path) -> None:
    with as_(old_copy, "dang") as station, station.archive.looking(station.actor) as unit:
        first = unit.execute(select(clock_readings).order_by(clock_readings.c.id).limit(1)).one()
        newest = unit.execute(select(events.c.at).where(events.c.id == first.last_event)).scalar_one()
        assert first.seconds == int(datetime.fromisoformat(newest).timestamp())
        assert unit.confirmed
        assert unit.reference().day == WHEN.date()
    with as_(old_copy, "dang", 22) as station:
        assert "doubted" not in readings(station)


@pytest.mark.parametrize("days", [400, -365])
def test_upgraded_under_a_wrong_clock_it_asks(old_copy: Path, days: int) -> None:
    with as_(old_copy, "dang", when=WHEN + timedelta(days=days)) as station:
        assert readings(station) == ["kept", "doubted"]
    with as_(old_copy, "dang", 22) as station:
        assert readings(station) == ["kept", "doubted", "kept"], "right again, without anybody"
        assert findings(station) == []
        assert len(list((station.layout.home / FOLDER).iterdir())) == 1, "the copy made before stays"


def test_its_records_and_prints_open_and_print(copy: Path) -> None:
    with as_(copy, "she") as station:
        with station.archive.looking(station.actor) as unit:
            live = unit.execute(select(records.c.id).where(records.c.state == "final")).scalars().all()
            sheets = (
                unit.execute(select(documents.c.id).where(documents.c.state == "present")).scalars().all()
            )
        assert len(live) >= 3
        assert len(sheets) >= 4
        for record in live:
            with station.acting("test.read") as unit:
                assert read_record(unit, record)[1]
        for document in sheets:
            with station.archive.looking(station.actor) as unit:
                facts = document_facts(unit, document)
            assert content_of(station.archive, facts)
        again = issue_record(
            station, f"#{live[0]}", Look(PrintOptions(), bundled_fonts()), copy / "again.pdf"
        )
        assert again.copies, again.report


def test_papers_printed_before_come_home(copy: Path) -> None:
    with as_(copy, "dang") as station:
        received = receive(station, copy / STILL_OUT)
        with station.archive.looking(station.actor) as unit:
            states = [(page.state, page.reason) for page in pages_in(unit, received.batch.id)]
        assert {state for state, _ in states} == {"filed"}, states
        assert findings(station) == []


def test_a_crash_at_any_point_of_the_upgrade_is_made_good(kept: Path, tmp_path: Path) -> None:
    def upgraded(folder: Path) -> Callable[[], None]:
        def run() -> None:
            with as_(folder, "dang"):
                pass

        return run

    first = Path(shutil.copytree(kept, tmp_path / "first"))
    points = points_of(upgraded(first))
    upgrade_points = [at for at, point in enumerate(points) if point.startswith("migrate.")]
    assert upgrade_points
    for number in upgrade_points:
        folder = Path(shutil.copytree(kept, tmp_path / "kill"))
        with pytest.raises(Crash), crash_at(number):
            upgraded(folder)()
        with as_(folder, "dang", 23) as station:
            assert findings(station) == [], points[number]
        shutil.rmtree(folder)

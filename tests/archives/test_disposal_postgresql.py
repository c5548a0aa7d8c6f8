"""Disposal on a real PostgreSQL: no gate there, row locks must do."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import select

from archives.disposal.execution import execute
from archives.items.ending import keys_of
from archives.items.holds import open_holds, place_hold
from archives.store import points
from archives.store.tables import persons
from tests.archives.disposing import begun, destroyed, refused, states, with_schedule
from tests.archives.making import Station, founded


@pytest.fixture(scope="module")
def made(databases: Callable[..., str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Station]:
    one = with_schedule(founded(tmp_path_factory.mktemp("server"), data_url=databases("disposal")))
    yield one
    one.archive.close()


def due(made: Station, name: str) -> tuple[int, tuple[int, ...]]:
    one = refused(made, name)
    made.clock.pass_days(4 * 366)
    return one.file, one.records


def test_a_disposal_from_end_to_end(made: Station) -> None:
    _, ids = due(made, "样例一")
    with made.archive.looking(made.records) as unit:
        names = [name for record in ids for name in keys_of(unit, record)]
    number, progress = destroyed(made, ids)
    assert len(progress.destroyed) == 2 and not progress.unfinished
    assert states(made, number) == ["destroyed", "destroyed"]
    assert not made.archive.keys.has(names)
    with made.archive.looking(made.records) as unit:
        assert unit.execute(select(persons.c.name).order_by(persons.c.id)).scalars().first() is None


def test_a_hold_that_comes_during_the_act_waits_for_it(made: Station) -> None:
    """It starts when the keys are gone and the row is not committed: the item is destroyed, the rest held."""
    file, ids = due(made, "样例二")
    number = begun(made, ids)
    trouble: list[BaseException] = []
    threads: list[threading.Thread] = []

    def hold() -> None:
        try:
            with made.archive.acting("hold.place", made.director) as unit:
                place_hold(unit, file, "complaint")
        except BaseException as error:
            trouble.append(error)

    def watch(point: str) -> None:
        if point == "keys.destroy:committed" and not threads:
            threads.append(threading.Thread(target=hold))
            threads[0].start()

    points.observe(watch)
    try:
        progress = execute(made.archive, made.records, number)
    finally:
        points.observe(None)
    threads[0].join(30)
    assert not trouble and not progress.unfinished
    # The second item may have been faster than the hold, which waited only for the first.
    assert states(made, number)[0] == "destroyed"
    with made.archive.looking(made.records) as unit:
        assert [one.file for one in open_holds(unit, file=file)] == [file]


def test_an_act_that_comes_during_a_hold_waits_for_it(made: Station) -> None:
    file, ids = due(made, "样例三")
    number = begun(made, ids)
    stayed: list[str] = []
    with made.archive.acting("hold.place", made.director) as unit:
        place_hold(unit, file, "litigation")
        thread = threading.Thread(
            target=lambda: stayed.extend(
                one.because for one in execute(made.archive, made.records, number).stayed
            )
        )
        thread.start()
        thread.join(0.5)  # long enough to reach the lock; when it is not, nothing else comes out
    thread.join(30)
    assert stayed == ["held", "held"]


def test_two_processes_execute_one_list_at_once(made: Station) -> None:
    _, ids = due(made, "样例四")
    number = begun(made, ids)
    trouble: list[BaseException] = []

    def run() -> None:
        try:
            assert not execute(made.archive, made.records, number).unfinished
        except BaseException as error:
            trouble.append(error)

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert states(made, number) == ["destroyed", "destroyed"]
    assert all(str(error).startswith("清册 XH-") for error in trouble), trouble  # it was done already

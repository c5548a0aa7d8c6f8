"""While the date is unconfirmed nothing is destroyed, from whichever side it is asked."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from archives.disposal.approval import approve_list
from archives.disposal.credentials import use_credential
from archives.disposal.execution import execute
from archives.disposal.proposal import propose_list
from archives.disposal.rehearsal import rehearse
from archives.errors import DateUnconfirmed, NotYet
from archives.store.tables_duties import disposal_executions
from tests.archives.disposing import appraised, approved, begun, due, open_execution, states, with_schedule
from tests.archives.making import Station, station

AHEAD = timedelta(days=400)


@pytest.fixture
def made(tmp_path: Path) -> Station:
    return with_schedule(station(tmp_path))


def test_a_waiting_period_does_not_end_by_an_unconfirmed_date(made: Station) -> None:
    _, ids = due(made)
    number, sha256 = appraised(made, ids)
    with made.archive.acting("test.approve", made.director) as unit:
        approve_list(unit, number, sha256)
    made.clock.jump(AHEAD)
    with pytest.raises(DateUnconfirmed):
        open_execution(made, number, sha256)
    with made.archive.looking(made.records) as unit:
        assert rehearse(unit, number).obstacles[0].startswith("今天的日期没有确认：")
    made.clock.jump(-AHEAD)
    with pytest.raises(NotYet):
        open_execution(made, number, sha256)
    made.clock.pass_days(8)
    open_execution(made, number, sha256)


def test_an_execution_under_way_waits_too(made: Station) -> None:
    _, ids = due(made)
    number = begun(made, ids)
    made.clock.jump(-AHEAD)
    with pytest.raises(DateUnconfirmed):
        execute(made.archive, made.records, number)
    assert states(made, number) == ["listed", "listed"]
    made.clock.jump(AHEAD)
    execute(made.archive, made.records, number)
    assert states(made, number) == ["destroyed", "destroyed"]


def _as_director(made: Station, act: Callable[..., object]) -> None:
    with made.archive.acting("test.begins", made.director) as unit:
        act(unit)


def test_nothing_of_a_disposal_begins_by_an_unconfirmed_date(made: Station) -> None:
    _, ids = due(made)
    made.clock.jump(AHEAD)
    with pytest.raises(DateUnconfirmed), made.archive.acting("test.list", made.records) as unit:
        propose_list(unit, ids)
    made.clock.jump(-AHEAD)
    number, sha256 = appraised(made, ids)
    made.clock.jump(AHEAD)
    with pytest.raises(DateUnconfirmed):
        _as_director(made, lambda unit: approve_list(unit, number, sha256))
    with pytest.raises(DateUnconfirmed):
        use_credential(made.archive, made.records, number, 8, "AAAAA-AAAAA")


def test_the_database_refuses_an_execution_while_a_doubt_is_open(made: Station) -> None:
    _, ids = due(made)
    number, sha256 = approved(made, ids)
    made.clock.jump(AHEAD)
    with (
        pytest.raises(IntegrityError, match="the date is unconfirmed"),
        made.archive.acting("test.attack", made.records) as unit,
    ):
        unit.execute(
            insert(disposal_executions),
            {
                "list_id": number, "approver": 4, "executor": 5, "list_sha256": sha256, "paper_items": 0,
                "paper_pages": 0, "at": unit.at,
            },
        )  # fmt: skip


def test_an_approval_of_a_wrong_confirmed_time_waits_from_when_it_was_found(made: Station) -> None:
    """Somebody confirms a year back, a list is approved then; on the right day the week is still ahead."""
    _, ids = due(made)
    number, sha256 = appraised(made, ids)
    made.clock.jump(-timedelta(days=365))
    made.confirm()
    with made.archive.acting("test.approve", made.director) as unit:
        approve_list(unit, number, sha256)
    made.clock.jump(timedelta(days=366))
    made.confirm()
    with pytest.raises(NotYet):
        open_execution(made, number, sha256)
    made.clock.pass_days(8)
    open_execution(made, number, sha256)


def test_days_that_pass_in_steps_are_confirmed_by_somebody(made: Station) -> None:
    """The clock of the tests is a station where people log in: only a clock that jumps is not believed."""
    for _ in range(5):
        made.clock.pass_days(8)
    with made.archive.looking(made.records) as unit:
        assert unit.confirmed
        assert unit.settled == made.clock().date()
    made.clock.jump(AHEAD)
    with made.archive.looking(made.records) as unit:
        assert not unit.confirmed

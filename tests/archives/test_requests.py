"""Requests to see a closed file: asked by one, decided by another, good until a day."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from archives.duties.requests import LONGEST, ask, decide_request, has_grant, waiting
from archives.errors import InputRefused, NotFound, SeparationBroken, StateForbids
from archives.log.purposes import Purpose
from archives.people.persons import PersonFacts, open_person
from tests.archives.making import Station, station

WORKER2, DIRECTOR = 2, 4


@pytest.fixture
def desk(tmp_path: Path) -> Station:
    made = station(tmp_path)
    with made.archive.acting("test.open", made.worker) as unit:
        open_person(unit, PersonFacts("样例甲"))
    return made


def asked(desk: Station) -> int:
    with desk.archive.acting("test.ask", desk.worker2) as unit:
        return ask(unit, 1, Purpose.QUALITY, "样例说明")


def decided(desk: Station, request: int, *, granted: bool, days: int = 7) -> date | None:
    with desk.archive.acting("test.decide", desk.director) as unit:
        return decide_request(unit, request, granted=granted, days=days)


def may(desk: Station, staff: int = WORKER2) -> bool:
    with desk.archive.looking(desk.worker2) as unit:
        return has_grant(unit, 1, staff)


def test_a_grant_lasts_through_its_last_day_and_for_one_person(desk: Station) -> None:
    request = asked(desk)
    assert not may(desk)
    assert decided(desk, request, granted=True, days=3) == date(2026, 11, 24)
    seen = []
    for _ in range(4):
        seen.append(may(desk))
        desk.clock.pass_days(1)
    assert seen == [True, True, True, False]
    assert not may(desk, staff=1)


def test_a_refusal_gives_nothing_and_ends_the_waiting(desk: Station) -> None:
    request = asked(desk)
    assert decided(desk, request, granted=False) is None
    assert not may(desk)
    with desk.archive.looking(desk.director) as unit:
        assert not waiting(unit)
    with pytest.raises(StateForbids, match="已经办理"):
        decided(desk, request, granted=True)


def test_nobody_decides_what_he_asked(desk: Station) -> None:
    with desk.archive.acting("test.ask", desk.director) as unit:
        request = ask(unit, 1, Purpose.QUALITY)
    with pytest.raises(SeparationBroken):
        decided(desk, request, granted=True)


def test_the_database_itself_refuses_one_person_for_both(desk: Station) -> None:
    asked(desk)
    with pytest.raises(IntegrityError):  # noqa: SIM117 - the act fails as a whole
        with desk.archive.acting("attack", desk.worker2) as unit:
            unit.execute(
                text("UPDATE access_requests SET decided_by = requester, granted = 1, until = '2030-01-01'")
            )


def test_one_waiting_request_of_a_person_is_enough(desk: Station) -> None:
    asked(desk)
    with pytest.raises(StateForbids, match="还在等待批准"):
        asked(desk)
    with desk.archive.acting("test.ask", desk.supervisor) as unit:
        ask(unit, 1, Purpose.SUPERVISION)
    with desk.archive.looking(desk.director) as unit:
        assert [one.requester for one in waiting(unit)] == [WORKER2, 3]


@pytest.mark.parametrize("days", [0, LONGEST + 1])
def test_a_grant_has_an_end(desk: Station, days: int) -> None:
    with pytest.raises(InputRefused):
        decided(desk, asked(desk), granted=True, days=days)


def test_what_is_not_there(desk: Station) -> None:
    with pytest.raises(NotFound):
        decided(desk, 99, granted=True)
    with pytest.raises(NotFound), desk.archive.acting("test.ask", desk.worker2) as unit:
        ask(unit, 99, Purpose.QUALITY)

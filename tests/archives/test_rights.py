"""Requests of persons about their information: held meanwhile, decided by another, sealed if so decided."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import get_args

import pytest
from sqlalchemy import select

from archives.calendar.working_days import WorkingDays
from archives.duties.rights import (
    DECISIONS,
    KINDS,
    WORKING_DAYS,
    Answer,
    Decision,
    RightsKind,
    decide,
    find_request,
    lift,
    register,
    request_facts,
    requests_of,
    words_of,
)
from archives.errors import InputRefused, NotFound, SeparationBroken, StateForbids
from archives.items.holds import open_holds, place_hold
from archives.people.files import file_facts
from archives.people.persons import PersonFacts, open_person
from archives.ports import Actor
from archives.store.tables_duties import rights_requests
from tests.archives.making import Station, station

DUE = date(2026, 12, 11)


@pytest.fixture
def desk(tmp_path: Path) -> Station:
    made = station(tmp_path)
    with made.archive.acting("test.open", made.worker) as unit:
        open_person(unit, PersonFacts("样例甲"))
    return made


def taken(desk: Station, kind: RightsKind = "copy") -> int:
    with desk.archive.acting("test.register", desk.records) as unit:
        return register(unit, 1, kind, "样例请求", DUE, more={"applicant": "样例甲"})


def decided(desk: Station, request: int, answer: Answer) -> None:
    with desk.archive.acting("test.decide", desk.director) as unit:
        decide(unit, request, answer)


def state(desk: Station) -> tuple[str, int]:
    """State of the file, number of its open holds."""
    with desk.archive.looking(desk.director) as unit:
        return file_facts(unit, 1).state, len(open_holds(unit, file=1))


def test_words_and_codes_are_the_same_lists() -> None:
    assert set(KINDS) == set(get_args(RightsKind))
    assert set(DECISIONS) == set(get_args(Decision))


def test_fifteen_working_days_with_the_stations_own_calendar() -> None:
    plain, own = WorkingDays(), WorkingDays.from_csv("日期,类别,来源\n2026-11-25,休息日,样例\n".encode())
    start = date(2026, 11, 22)
    assert plain.add_workdays(start, WORKING_DAYS).on == date(2026, 12, 11)
    assert own.add_workdays(start, WORKING_DAYS).on == date(2026, 12, 14)


def test_while_it_is_open_the_file_is_held(desk: Station) -> None:
    request = taken(desk)
    assert state(desk) == ("open", 1)
    decided(desk, request, Answer("granted", "样例理由"))
    assert state(desk) == ("open", 0)


def test_the_hold_stays_until_the_last_request_is_decided_and_other_holds_stay(desk: Station) -> None:
    with desk.archive.acting("test.hold", desk.director) as unit:
        place_hold(unit, 1, "litigation")
    first, second = taken(desk), taken(desk, "consult")
    decided(desk, first, Answer("refused", "样例理由"))
    assert state(desk) == ("open", 3)
    decided(desk, second, Answer("granted", "样例理由"))
    assert state(desk) == ("open", 1)


def test_sealing_and_its_end(desk: Station) -> None:
    request = taken(desk, "delete")
    decided(desk, request, Answer("restricted", "保存期限未满", "不宜删除"))
    assert state(desk) == ("restricted", 1)
    with desk.archive.acting("test.lift", desk.director) as unit:
        lift(unit, request)
    assert state(desk) == ("open", 0)
    with pytest.raises(StateForbids, match="没有封存"), desk.archive.acting("test", desk.director) as unit:
        lift(unit, request)


@pytest.mark.parametrize("kind", ["delete", "withdraw_consent"])
@pytest.mark.parametrize("decision", list(DECISIONS))
def test_deletion_is_never_decided_without_a_legal_opinion(
    desk: Station, kind: RightsKind, decision: Decision
) -> None:
    request = taken(desk, kind)
    with pytest.raises(InputRefused, match="法律意见"):
        decided(desk, request, Answer(decision, "样例理由"))
    assert state(desk) == ("open", 1)


def test_who_took_it_in_does_not_decide(desk: Station) -> None:
    both = Actor(4, 4, frozenset({"director", "worker"}), "test")
    with desk.archive.acting("test.register", both) as unit:
        request = register(unit, 1, "copy", "样例请求", DUE)
    with pytest.raises(SeparationBroken):
        decided(desk, request, Answer("granted", "样例理由"))


def test_a_request_is_decided_once(desk: Station) -> None:
    request = taken(desk)
    decided(desk, request, Answer("granted", "样例理由"))
    with pytest.raises(StateForbids, match="已经办理"):
        decided(desk, request, Answer("refused", "样例理由"))


def test_lateness_ends_with_the_decision(desk: Station) -> None:
    request = taken(desk)
    late: Callable[[], int] = lambda: _facts(desk, request).days_late  # noqa: E731
    assert late() == 0
    desk.clock.pass_days(20)
    assert late() == 1
    decided(desk, request, Answer("granted", "样例理由"))
    assert late() == 0


def _facts(desk: Station, request: int):  # type: ignore[no-untyped-def]
    with desk.archive.looking(desk.records) as unit:
        return request_facts(unit, request)


def test_words_are_encrypted_and_read_back(desk: Station) -> None:
    request = taken(desk)
    decided(desk, request, Answer("partly", "样例理由", more={"measures": ["提供复制件"]}))
    with desk.archive.looking(desk.records) as unit:
        assert words_of(unit, request) == (
            {"applicant": "样例甲", "scope": "样例请求"},
            {"measures": ["提供复制件"], "reason": "样例理由"},
        )
        row = unit.execute(select(rights_requests)).one()
    for sealed in (row.content, row.decision_reason):
        assert "样例".encode() not in sealed


def test_numbers(desk: Station) -> None:
    first, second = taken(desk), taken(desk)
    with desk.archive.looking(desk.records) as unit:
        assert [one.ref_code for one in requests_of(unit)] == ["QL-2026-0001", "QL-2026-0002"]
        assert find_request(unit, "ql-2026-0002") == second
        with pytest.raises(NotFound):
            find_request(unit, "QL-2026-0003")
    decided(desk, first, Answer("granted", "样例理由"))
    with desk.archive.looking(desk.records) as unit:
        assert [one.id for one in requests_of(unit, open_only=True)] == [second]

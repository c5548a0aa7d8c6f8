"""Loans: who may, for how long, reminded when due, counted when back."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from archives.duties.loans import (
    Terms,
    find_loan,
    lend,
    loan,
    loans_between,
    loans_out,
    remind,
    take_back,
    words_of,
)
from archives.errors import ArchiveError, InputRefused, NotFound, SeparationBroken, StateForbids
from archives.items.records import Content, add_record
from archives.log.purposes import Purpose
from archives.people.files import restrict
from archives.people.persons import PersonFacts, open_person
from archives.ports import Actor
from archives.store.tables_duties import loans
from archives.store.tables_people import events, staff
from tests.archives.making import Station, station

TERMS = Terms(Purpose.CASE_SERVICE, 12)
BORROWER, DIRECTOR = 1, 4


@pytest.fixture
def desk(tmp_path: Path) -> Station:
    made = station(tmp_path)
    with made.archive.acting("test.open", made.worker) as unit:
        opened = open_person(unit, PersonFacts("样例甲"))
        for number in (1, 2):
            add_record(unit, opened.file, Content("record_e", 1, f"第{number}次", b"{}"))
    return made


def lent(desk: Station, terms: Terms = TERMS, borrower: int = BORROWER, approver: int = DIRECTOR) -> int:
    with desk.archive.acting("test.lend", desk.records) as unit:
        return lend(unit, 1, borrower, approver, terms)


def test_due_dates_are_calendar_days_and_late_is_counted_from_the_day_after(desk: Station) -> None:
    lent(desk)
    late = []
    for _ in range(10):
        with desk.archive.looking(desk.records) as unit:
            (one,) = loans_out(unit)
            late.append((unit.today, one.days_late))
            assert [found.id for found in loans_out(unit, overdue_only=True)] == [1] * bool(one.days_late)
        desk.clock.pass_days(1)
    assert one.due_on == date(2026, 11, 29)
    assert [days for _, days in late] == [0] * 8 + [1, 2]


def test_the_longest_overdue_stands_first(desk: Station) -> None:
    lent(desk, Terms(Purpose.CASE_SERVICE, 1, record=1, days=5))
    lent(desk, Terms(Purpose.CASE_SERVICE, 1, record=2, days=2))
    with desk.archive.looking(desk.records) as unit:
        assert [one.ref_code for one in loans_out(unit)] == ["JY-2026-0002", "JY-2026-0001"]


@pytest.mark.parametrize(
    ("borrower", "approver", "error"),
    [
        (DIRECTOR, DIRECTOR, SeparationBroken),
        (5, DIRECTOR, SeparationBroken),  # the records officer lends to nobody but others
        (1, 3, InputRefused),  # a supervisor does not approve loans
        (99, DIRECTOR, InputRefused),
        (1, 99, InputRefused),
    ],
)
def test_three_people_take_part(
    desk: Station, borrower: int, approver: int, error: type[ArchiveError]
) -> None:
    with pytest.raises(error):
        lent(desk, borrower=borrower, approver=approver)
    with desk.archive.looking(desk.records) as unit:
        assert not loans_out(unit)


def test_the_database_itself_refuses_one_person_as_borrower_and_approver(desk: Station) -> None:
    row = {
        "ref_code": "JY-2026-0099", "file_id": 1, "borrower": 4, "purpose": "other", "approver": 4,
        "lender": 5, "lent_on": "2026-11-22", "due_on": "2026-11-29", "pages": 1,
    }  # fmt: skip
    with pytest.raises(IntegrityError):  # noqa: SIM117 - the act fails as a whole
        with desk.archive.acting("attack", desk.records) as unit:
            unit.execute(insert(loans), row)


def test_who_has_left_borrows_nothing(desk: Station) -> None:
    with desk.archive.acting("test.leave", desk.admin) as unit:
        unit.execute(update(staff).where(staff.c.id == BORROWER).values(left_on="2026-11-01"))
    with pytest.raises(InputRefused, match="不是本站在岗人员"):
        lent(desk)


@pytest.mark.parametrize("days", [0, 8, -1])
def test_the_period_is_the_stations(desk: Station, days: int) -> None:
    with pytest.raises(InputRefused, match="1 至 7 天"):
        lent(desk, Terms(Purpose.CASE_SERVICE, 1, days=days))


def test_what_is_out_cannot_be_lent_again_until_it_is_back(desk: Station) -> None:
    first = lent(desk, Terms(Purpose.CASE_SERVICE, 1, record=1))
    lent(desk, Terms(Purpose.CASE_SERVICE, 1, record=2))
    for record in (1, None):
        with pytest.raises(StateForbids, match="已借出"):
            lent(desk, Terms(Purpose.CASE_SERVICE, 1, record=record))
    with desk.archive.acting("test.return", desk.records) as unit:
        take_back(unit, first, 1)
    lent(desk, Terms(Purpose.CASE_SERVICE, 1, record=1))


def test_a_sealed_file_is_not_lent(desk: Station) -> None:
    with desk.archive.acting("test.restrict", desk.director) as unit:
        restrict(unit, 1, "rights:1")
    with pytest.raises(StateForbids, match="不能借出"):
        lent(desk)


def test_reminders_from_the_due_day_on_each_on_the_log(desk: Station) -> None:
    found = lent(desk)
    with pytest.raises(StateForbids, match="还没有到期"), desk.archive.acting("test", desk.records) as unit:
        remind(unit, found)
    desk.clock.pass_days(7)
    for number in (1, 2):
        with desk.archive.acting("test.remind", desk.records) as unit:
            assert remind(unit, found) == number
            assert loan(unit, found).reminders == number
    with desk.archive.data.reading() as connection:
        told = connection.execute(select(events.c.subject).where(events.c.action == "loan.remind")).scalars()
        assert list(told) == [f"loan:{found}"] * 2


def test_pages_are_counted_on_return(desk: Station) -> None:
    found = lent(desk)
    with pytest.raises(InputRefused, match="借出 12 页，归还 11 页"):  # noqa: SIM117
        with desk.archive.acting("test.return", desk.records) as unit:
            take_back(unit, found, 11)
    with desk.archive.acting("test.return", desk.records) as unit:
        take_back(unit, found, 11, "缺第 12 页")
        one = loan(unit, found)
        assert words_of(unit, found)[1] == {"condition": "缺第 12 页"}
    assert (one.returned_on, one.pages_returned) == (date(2026, 11, 22), 11)
    with pytest.raises(StateForbids, match="已归还"):  # noqa: SIM117
        with desk.archive.acting("test.return", desk.records) as unit:
            take_back(unit, found, 12)


def test_nobody_counts_his_own_return(desk: Station) -> None:
    found = lent(desk)
    both = Actor(1, BORROWER, frozenset({"records"}), "test")
    with pytest.raises(SeparationBroken), desk.archive.acting("test.return", both) as unit:
        take_back(unit, found, 12)


def test_words_of_a_loan_are_not_in_the_database_in_clear(desk: Station) -> None:
    found = lent(desk, Terms(Purpose.JUDICIAL, 1, "letter", "样例介绍信 1 号"))
    with desk.archive.data.reading() as connection:
        raw = connection.execute(select(loans.c.basis)).scalar_one()
    assert "介绍信".encode() not in raw
    with desk.archive.looking(desk.records) as unit:
        assert words_of(unit, found)[0] == {"kind": "letter", "note": "样例介绍信 1 号"}


def test_numbers_are_found_as_typed_and_others_are_not(desk: Station) -> None:
    found = lent(desk)
    with desk.archive.looking(desk.records) as unit:
        assert find_loan(unit, " jy-2026-0001 ") == found
        assert [one.id for one in loans_between(unit, date(2026, 11, 22), date(2026, 11, 22))] == [found]
        assert not loans_between(unit, date(2026, 11, 23), date(2026, 11, 30))
        for wrong in ("JY-2026-0002", "", "1", "'; DROP TABLE loans"):
            with pytest.raises(NotFound):
                find_loan(unit, wrong)

"""One natural person behind two accounts is still one: no duty that needs another person can be done alone.

Each test acts with a second account of the same person, which has another login, user number and computer.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from archives.archive import Archive
from archives.disposal.approval import approve_list
from archives.disposal.execution import Witness
from archives.disposal.schedules import approve_schedule, propose_schedule
from archives.duties import loans, rights, transfers
from archives.duties.requests import ask, decide_request
from archives.errors import AlreadyThere, ArchiveError, SeparationBroken, StateForbids
from archives.log.purposes import Purpose
from archives.people.persons import PersonFacts, open_person
from archives.ports import EXCLUSIVE_ROLES, Actor, Role
from archives.staff.accounts import open_account
from archives.staff.members import add_member
from archives.staff.roles import give_role
from archives.store.tables_people import events, staff_roles, users
from generator.resources import data_dir
from tests.archives.disposing import appraised, approved, open_execution, refused, with_schedule
from tests.archives.making import Station, station

CARD = "11010519491231002X"


@pytest.fixture
def place(tmp_path: Path) -> Station:
    return station(tmp_path)


def second_account(place: Station, actor: Actor, *roles: Role) -> Actor:
    """The same person again: another login, another computer, and whatever roles he claims."""
    with place.archive.acting("user.add", place.admin) as unit:
        values = {"staff_id": actor.staff, "login": f"second{actor.staff}", "state": "active"}
        made = unit.execute(insert(users), {**values, "added_at": unit.at}).inserted_primary_key
    user = int(made[0]) if made else 0
    assert user != actor.user
    return replace(actor, user=user, roles=frozenset(roles) or actor.roles, client="cli@another-computer")


def file_of(archive: Archive, actor: Actor) -> int:
    with archive.acting("person.open", actor) as unit:
        return open_person(unit, PersonFacts("样例甲", "男"), another=True).file


def test_two_id_cards_make_two_people_one_makes_one(place: Station) -> None:
    with place.archive.acting("staff.add", place.admin) as unit:
        first = add_member(unit, "样例同事", CARD)
        again = add_member(unit, "样例同事", " 11010519491231002x ")
        assert (again.id, again.known) == (first.id, True)
        one, two = open_account(unit, first.id, "yangli1"), open_account(unit, again.id, "yangli2")
        assert one.staff == two.staff
        assert one.id != two.id
    with pytest.raises(AlreadyThere), place.archive.acting("staff.add", place.admin) as unit:
        add_member(unit, "另一姓名样例", CARD)


@pytest.mark.parametrize("first", EXCLUSIVE_ROLES)
@pytest.mark.parametrize("second", EXCLUSIVE_ROLES)
def test_the_three_offices_are_three_people(first: Role, second: Role, place: Station) -> None:
    if first == second:
        return
    with place.archive.acting("staff.add", place.admin) as unit:
        who = add_member(unit, "样例同事", CARD).id
        open_account(unit, who, "yangli1")
        open_account(unit, who, "yangli2")
        give_role(unit, who, first)
    with pytest.raises(SeparationBroken) as told, place.archive.acting("staff.role", place.admin) as unit:
        give_role(unit, who, second)
    assert "换账号也不行" in told.value.message
    # Nor with the key of the database and plain SQL.
    with pytest.raises(IntegrityError), place.archive.acting("test.sql", place.admin) as unit:
        unit.execute(insert(staff_roles), {"staff_id": who, "role": second, "given_at": unit.at})


def test_nobody_approves_the_list_he_will_execute(place: Station) -> None:
    with_schedule(place)
    items = refused(place).records
    place.clock.pass_days(5 * 366)
    number, sha256 = appraised(place, items)
    other_self = second_account(place, place.records, "director")
    with (
        pytest.raises(SeparationBroken),
        place.archive.acting("disposal.approve", other_self) as unit,
    ):
        approve_list(unit, number, sha256)


def test_nobody_executes_the_list_he_approved(place: Station) -> None:
    with_schedule(place)
    items = refused(place).records
    place.clock.pass_days(5 * 366)
    number, sha256 = approved(place, items)
    other_self = second_account(place, place.director, "records")
    with pytest.raises(SeparationBroken):
        open_execution(place, number, sha256, other_self)


@pytest.mark.parametrize(
    "witnesses",
    [(8, 8), (5, 8), (8, 5), (4, 8), (8, 4)],
    ids=["twice_the_same", "executor_first", "executor_second", "approver_first", "approver_second"],
)
def test_four_people_stand_at_a_destruction(witnesses: tuple[int, int], place: Station) -> None:
    with_schedule(place)
    items = refused(place).records
    place.clock.pass_days(5 * 366)
    number, sha256 = approved(place, items)
    with pytest.raises(SeparationBroken):
        open_execution(place, number, sha256, witnesses=tuple(Witness(who, "password") for who in witnesses))
    with place.archive.looking(place.auditor) as unit:
        assert unit.execute(select(events).where(events.c.action == "disposal.destroyed")).all() == []


def test_an_appraisal_group_is_counted_in_people(place: Station) -> None:
    with_schedule(place)
    items = refused(place).records
    place.clock.pass_days(5 * 366)
    other_self = second_account(place, place.worker)
    place.actors["director"], kept = (
        other_self,
        place.director,
    )  # the third signature is the second one's again
    with pytest.raises(ArchiveError) as told:
        appraised(place, items)
    place.actors["director"] = kept
    assert isinstance(told.value, StateForbids | SeparationBroken | AlreadyThere)


def test_nobody_approves_the_schedule_he_proposed(place: Station) -> None:
    raw = (data_dir("schemas") / "retention.json").read_bytes()
    with place.archive.acting("schedule.propose", place.records) as unit:
        schedule = propose_schedule(unit, raw)
    other_self = second_account(place, place.records, "director")
    with pytest.raises(SeparationBroken), place.archive.acting("schedule.approve", other_self) as unit:
        approve_schedule(unit, schedule.version, schedule.sha256)


def test_nobody_grants_his_own_request(place: Station) -> None:
    file = file_of(place.archive, place.worker)
    with place.archive.acting("file.request", place.worker) as unit:
        request = ask(unit, file, Purpose.CASE_SERVICE)
    other_self = second_account(place, place.worker, "director")
    with pytest.raises(SeparationBroken), place.archive.acting("file.grant", other_self) as unit:
        decide_request(unit, request, granted=True)


def test_nobody_lends_to_himself_or_approves_his_own_loan(place: Station) -> None:
    file = file_of(place.archive, place.worker)
    terms = loans.Terms(Purpose.CASE_SERVICE, 3)
    desk, borrower, leader = place.records.staff or 0, place.worker.staff or 0, place.director.staff or 0
    other_self = second_account(place, place.records)
    with pytest.raises(SeparationBroken), place.archive.acting("loan.lend", other_self) as unit:
        loans.lend(unit, file, desk, leader, terms)
    with pytest.raises(SeparationBroken), place.archive.acting("loan.lend", place.records) as unit:
        loans.lend(unit, file, leader, leader, terms)
    with place.archive.acting("loan.lend", place.records) as unit:
        loan = loans.lend(unit, file, borrower, leader, terms)
    with (
        pytest.raises(SeparationBroken),
        place.archive.acting("loan.return", second_account(place, place.worker, "records")) as unit,
    ):
        loans.take_back(unit, loan, 3)


def test_nobody_decides_the_request_he_took_in(place: Station) -> None:
    file = file_of(place.archive, place.worker)
    with place.archive.acting("rights.register", place.worker) as unit:
        request = rights.register(unit, file, "correct", "更正电话", place.clock().date())
    other_self = second_account(place, place.worker, "director")
    with pytest.raises(SeparationBroken), place.archive.acting("rights.decide", other_self) as unit:
        rights.decide(unit, request, rights.Answer("granted", "核实无误"))


def test_nobody_hands_over_to_himself(place: Station) -> None:
    file = file_of(place.archive, place.worker)
    other_self = second_account(place, place.records)
    with pytest.raises(SeparationBroken), place.archive.acting("transfer.make", other_self) as unit:
        transfers.make_transfer(unit, "filing", [file], transfers.Receiver(staff=place.records.staff))

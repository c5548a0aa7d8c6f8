"""People, roles and accounts: one natural person is one whatever is typed; tables and vault stay together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from archives.errors import (
    AccessDenied,
    AlreadyThere,
    ArchiveError,
    InputRefused,
    LoginRefused,
    NotFound,
    PasswordRefused,
    SeparationBroken,
    StateForbids,
)
from archives.keys import vault as vaults
from archives.people.files import assign
from archives.people.persons import PersonFacts, open_person
from archives.ports import EXCLUSIVE_ROLES, ROLES, Role
from archives.staff.accounts import open_account
from archives.staff.members import Member, add_member, leave, member, members, own_id, set_supervisor
from archives.staff.roles import give_role, role_of, take_role
from archives.staff.size import missing_for_disposal
from archives.store.tables_people import events, staff_roles
from desk.station import people as desk
from desk.station.newcomers import Newcomer
from tests.archives.making import Station, station
from tests.keys.crashing import Crash, crash_at
from tests.station.founding import CHEAP, GUAN, NEW, SHE, House, id_number

OTHER = "别的 名字 全都 不一样 吧 9"


@pytest.fixture
def made(tmp_path: Path) -> Station:
    return station(tmp_path)


# The natural person.


SPELLINGS = (
    "11010519491231002X", "11010519491231002x", " 110105 19491231 002X ", "110105491231002",
    "１１０１０５１９４９１２３１００２Ｘ",
)  # fmt: skip


@pytest.mark.parametrize("typed", SPELLINGS)
def test_the_same_id_number_is_the_same_person_however_typed(made: Station, typed: str) -> None:
    with made.archive.acting("test.add", made.admin) as unit:
        first = add_member(unit, "样例", "11010519491231002X")
        again = add_member(unit, "样例", typed)
    assert again.id == first.id
    assert (first.known, again.known) == (False, True)


def test_the_same_number_under_another_name_is_refused(made: Station) -> None:
    with made.archive.acting("test.add", made.admin) as unit:
        first = add_member(unit, "样例", id_number(1)).id
        with pytest.raises(AlreadyThere) as caught:
            add_member(unit, "样例别名", id_number(1))
    assert f"#{first}" in caught.value.message
    assert "样例" not in str(caught.value)


@given(st.integers(1, 999), st.integers(0, 17), st.integers(1, 9))
def test_every_single_wrong_digit_is_found(serial: int, place: int, shift: int) -> None:
    right = id_number(serial)
    digits = "0123456789X" if place == 17 else "0123456789"
    wrong = right[:place] + digits[(digits.index(right[place]) + shift) % len(digits)] + right[place + 1 :]
    assert own_id(right) == right
    with pytest.raises(InputRefused) as caught:
        own_id(wrong)
    assert wrong not in str(caught.value)


@pytest.mark.parametrize("paper", ["P1234567", "H01234567", "ABC123456789012"])
def test_other_papers_are_taken(paper: str) -> None:
    assert own_id(paper) == paper


@pytest.mark.parametrize(
    "paper", ["1234", "张三李四王五", "110105 1949", "A" * 21, "", "'; DROP TABLE staff;--"]
)
def test_what_is_no_paper_is_refused(paper: str) -> None:
    if paper == "110105 1949":
        assert own_id(paper) == "1101051949"  # some passports are ten digits
        return
    with pytest.raises(InputRefused):
        own_id(paper)


# Roles.


@pytest.mark.parametrize(("one", "other"), list(combinations(EXCLUSIVE_ROLES, 2)))
@pytest.mark.parametrize("turned", [False, True])
def test_no_two_of_the_three_duties_fall_to_one_person(
    made: Station, one: Role, other: Role, turned: bool
) -> None:
    first, second = (other, one) if turned else (one, other)
    with made.archive.acting("test.roles", made.admin) as unit:
        number = add_member(unit, "样例", id_number(1)).id
        open_account(unit, number, "甲")
        open_account(unit, number, "乙")  # another account is not another person
        give_role(unit, number, first)
        with pytest.raises(SeparationBroken, match="不能是同一个人"):
            give_role(unit, add_member(unit, "样例", id_number(1)).id, second)
        assert member(unit, number).roles == {first}


@pytest.mark.parametrize(("one", "other"), list(combinations(EXCLUSIVE_ROLES, 2)))
def test_the_database_itself_refuses_it(made: Station, one: Role, other: Role) -> None:
    with made.archive.acting("test.roles", made.admin) as unit:
        number = add_member(unit, "样例", id_number(1)).id
        give_role(unit, number, one)
    values = {"staff_id": number, "role": other, "given_at": "2026-11-22T09:00:00.000+08:00"}
    with made.archive.acting("test.roles", made.admin) as unit, pytest.raises(IntegrityError):
        unit.execute(insert(staff_roles), values)


@pytest.mark.parametrize("role", [role for role in ROLES if role not in EXCLUSIVE_ROLES])
@pytest.mark.parametrize("exclusive", EXCLUSIVE_ROLES)
def test_other_roles_go_with_any(made: Station, role: Role, exclusive: Role) -> None:
    with made.archive.acting("test.roles", made.admin) as unit:
        number = add_member(unit, "样例", id_number(1)).id
        give_role(unit, number, exclusive)
        give_role(unit, number, role)
        assert member(unit, number).roles == {role, exclusive}


def test_a_role_is_handed_over_only_when_it_is_given_up(made: Station) -> None:
    with made.archive.acting("test.roles", made.admin) as unit:
        take_role(unit, made.records.staff or 0, "records")
        give_role(unit, made.records.staff or 0, "auditor")
        with pytest.raises(AlreadyThere):
            give_role(unit, made.records.staff or 0, "auditor")
        with pytest.raises(NotFound):
            take_role(unit, made.records.staff or 0, "records")


def test_roles_are_known_by_code_and_by_name() -> None:
    assert [role_of(word) for word in ("admin", "系统管理员", " 社工 ")] == ["admin", "admin", "worker"]
    with pytest.raises(InputRefused, match="没有这个角色"):
        role_of("root")


def test_outside_people_have_neither_roles_nor_accounts(made: Station) -> None:
    with made.archive.acting("test.outside", made.admin) as unit:
        number = add_member(unit, "样例", "P1234567", outside=True).id
        with pytest.raises(StateForbids, match="站外人员"):
            give_role(unit, number, "worker")
        with pytest.raises(StateForbids, match="站外人员"):
            open_account(unit, number, "wai")
        add_member(unit, "样例内", id_number(8))
        with pytest.raises(StateForbids, match="本站人员"):
            add_member(unit, "样例内", id_number(8), outside=True)


def test_the_supervisor_is_one(made: Station) -> None:
    worker, boss = made.worker.staff or 0, made.supervisor.staff or 0
    with made.archive.acting("test.supervisor", made.admin) as unit:
        set_supervisor(unit, worker, boss)
        assert member(unit, worker).supervisor == boss
        with pytest.raises(InputRefused, match="不能督导自己"):
            set_supervisor(unit, boss, boss)
        with pytest.raises(StateForbids, match="不是在岗的督导"):
            set_supervisor(unit, boss, worker)
        leave(unit, boss)
        assert member(unit, worker).supervisor is None


# Leaving.


def test_who_leaves_loses_roles_and_accounts_and_may_come_back_as_the_same_person(made: Station) -> None:
    with made.archive.acting("test.leave", made.admin) as unit:
        number = add_member(unit, "样例", id_number(1)).id
        open_account(unit, number, "li")
        give_role(unit, number, "worker")
        assert leave(unit, number) == ("li",)
        gone = member(unit, number)
        assert (gone.roles, gone.logins, gone.left_on) == (frozenset(), (), "2026-11-22")
        with pytest.raises(StateForbids, match="已经离岗"):
            give_role(unit, number, "worker")
        with pytest.raises(StateForbids, match="已经离岗"):
            leave(unit, number)
        back = add_member(unit, "样例", id_number(1))
        assert (back.id, back.known) == (number, True)
        assert member(unit, number).roles == frozenset()
        open_account(unit, number, "li")  # one's own closed login
        with pytest.raises(AlreadyThere, match="属于另一个人"):
            open_account(unit, made.worker.staff or 0, "li")


def test_who_has_cases_does_not_leave(made: Station) -> None:
    with made.archive.acting("test.case", made.worker) as unit:
        opened = open_person(unit, PersonFacts("样例", "男", "1990-01-01", None, None))
    with made.archive.acting("test.leave", made.admin) as unit:
        with pytest.raises(StateForbids, match="还负责 1 个个案"):
            leave(unit, made.worker.staff or 0)
        assign(unit, opened.file, made.worker2.staff or 0)
        leave(unit, made.worker.staff or 0)


def test_the_last_administrator_stays(made: Station) -> None:
    admin = made.admin.staff or 0
    with made.archive.acting("test.admin", made.admin) as unit:
        for act in (lambda: leave(unit, admin), lambda: take_role(unit, admin, "admin")):
            with pytest.raises(StateForbids, match="最后一位能登录的系统管理员"):
                act()
    with made.archive.acting("test.admin", made.admin) as unit:
        number = add_member(unit, "样例", id_number(1)).id
        give_role(unit, number, "admin")
        with pytest.raises(StateForbids):  # without an account nobody can log in as the other one
            take_role(unit, admin, "admin")
        open_account(unit, number, "guan2")
        take_role(unit, admin, "admin")


# Large enough for a disposal?


def someone(number: int, *roles: Role, outside: bool = False, logins: tuple[str, ...] = ("x",)) -> Member:
    return Member(number, "样例", outside, None, None, frozenset(roles), () if outside else logins)


SMALL = (someone(1, "director"), someone(2, "records"), someone(3, "worker"), someone(4, outside=True))


def test_the_smallest_station_that_can_dispose() -> None:
    assert missing_for_disposal(SMALL) == []


@pytest.mark.parametrize("gone", range(4))
def test_without_any_one_of_them_it_cannot(gone: int) -> None:
    assert missing_for_disposal([one for one in SMALL if one.id != gone + 1])


def test_who_left_and_who_cannot_log_in_do_not_count() -> None:
    left = replace(SMALL[2], left_on="2026-01-01")
    assert missing_for_disposal([SMALL[0], SMALL[1], left, SMALL[3]])
    assert missing_for_disposal([SMALL[0], replace(SMALL[1], logins=()), *SMALL[2:]])


def test_one_person_cannot_approve_and_execute() -> None:
    both = someone(1, "director", "records")
    told = missing_for_disposal([both, *(someone(number, "worker") for number in range(2, 6))])
    assert told == ["机构负责人和档案员是同一个人，审批人和执行人必须是两个人。"]
    assert missing_for_disposal([both, someone(2, "records"), someone(3, "worker"), someone(4)]) == []


# Tables and vault.


def _newcomer(login: str = "xin", **more: object) -> Newcomer:
    return Newcomer("样例新人", id_number(50), ("worker",), login, NEW, **more)  # type: ignore[arg-type]


def states(home: House) -> tuple[set[str], set[str]]:
    """(logins with an active account, logins the vault lets in)."""
    with home.station("guan") as station:
        told = desk.roll(station)
        known = {one.login for one in told.accounts if one.state == "active"}
        assert {one.login for one in told.mismatches} == known ^ _vault(home)
    return known, _vault(home)


def _vault(home: House) -> set[str]:
    return {wrap.login for wrap in vaults.load(home.layout.vault).users}


def test_a_new_user_can_log_in_and_a_closed_one_cannot(home: House) -> None:
    with home.station("guan") as station:
        done = desk.register(station, _newcomer(), cost=CHEAP)
        assert not done.known
    home.login("xin", NEW)
    with home.station("guan") as station:
        desk.close(station, "xin")
    with pytest.raises(LoginRefused):
        home.login("xin", NEW)
    assert "xin" not in _vault(home)


def test_the_same_user_twice_is_refused(home: House) -> None:
    with home.station("guan") as station:
        with pytest.raises(AlreadyThere, match="用户名已经有了"):
            desk.register(station, _newcomer("guan"), cost=CHEAP)
        with pytest.raises(PasswordRefused):
            desk.register(station, replace(_newcomer(), password="1234567890"), cost=CHEAP)
    assert len(_vault(home)) == 5


@pytest.mark.parametrize("number", range(15))
def test_a_crash_while_adding_leaves_nobody_half_in(home: House, number: int) -> None:
    with home.station("guan") as station:
        try:
            with crash_at(number) as seen:
                desk.register(station, _newcomer(), cost=CHEAP)
        except Crash:
            pass
        else:
            assert number >= len(seen), "every point was reached"
    known, vault = states(home)
    assert vault <= known  # never a password without an account
    with home.station("guan") as station:
        try:
            desk.register(station, _newcomer(), cost=CHEAP)
        except AlreadyThere:
            assert "xin" in vault
    home.login("xin", NEW)


@pytest.mark.parametrize("number", range(15))
def test_a_crash_while_closing_lets_nobody_in_and_is_finished_by_the_next_login(
    home: House, number: int
) -> None:
    with home.station("guan") as station:
        try:
            with crash_at(number):
                desk.close(station, "she")
        except Crash:
            pass
    with home.station() as station, station.archive.looking(station.actor) as unit:
        closed = "she" not in {login for one in members(unit) for login in one.logins}
    if closed:
        with pytest.raises(LoginRefused):
            home.login("she")
        home.login("guan")
        assert "she" not in _vault(home)
    else:
        home.login("she")


def test_a_reset_password_is_told_to_its_owner(home: House) -> None:
    with home.station("she"):
        pass
    with home.station("guan") as station:
        desk.reset_password(station, "she", NEW, cost=CHEAP)
    with pytest.raises(LoginRefused):
        home.login("she", SHE)
    told = home.run("login", "she", "--password-file", home.file("p.txt", NEW))
    assert told.code == 0
    assert "由人员 #1重设过" in told.out
    assert "此后失败 1 次" in told.out
    again = home.run("login", "she", "--password-file", home.file("p.txt", NEW))
    assert "重设过" not in again.out


def test_ones_own_password_needs_the_old_one_and_ends_the_session(home: House) -> None:
    with home.station("she") as station:
        with pytest.raises(LoginRefused):
            desk.own_password(station, OTHER, NEW, cost=CHEAP)
        desk.own_password(station, SHE, NEW, cost=CHEAP)
    assert home.run("user", "list").code == 59
    home.login("she", NEW)


@pytest.mark.parametrize("login", ["fu", "dang", "shen", "she"])
def test_only_the_administrator_manages_users_and_denials_are_logged(home: House, login: str) -> None:
    acts: list[Callable[[desk.OpenStation], object]] = [
        lambda s: desk.register(s, _newcomer()), desk.roll, lambda s: desk.close(s, "guan"),
        lambda s: desk.change_role(s, login, give="admin", take=None), lambda s: desk.depart(s, "guan"),
        lambda s: desk.supervise(s, login, None), lambda s: desk.reset_password(s, "guan", NEW),
        lambda s: desk.unlock(s, "guan"), lambda s: desk.renew_sheet(s, bytes(20)),
    ]  # fmt: skip
    with home.station(login) as station:
        for act in acts:
            with pytest.raises(AccessDenied):
                act(station)
        with station.archive.looking(station.actor) as unit:
            denied = unit.execute(
                select(events.c.staff).where(events.c.action == "access.denied", events.c.result == "denied")
            ).scalars()
            assert list(denied) == [station.actor.staff] * len(acts)
    home.login("guan", GUAN)


def test_the_sheet_gives_a_new_password_and_another_sheet_does_not(home: House) -> None:
    sheet, password = home.file("单.txt", home.sheet), home.file("p.txt", NEW)
    wrong = home.sheet.splitlines()
    wrong[0], wrong[1] = wrong[1], wrong[0]
    mixed = home.file("错.txt", "\n".join(wrong))
    swapped = home.run(
        "user", "recover", "guan", "--sheet-file", mixed, "--password-file", password
    )  # fmt: skip
    assert (swapped.code, "第1行有误" in swapped.err) == (68, True)
    assert home.run("user", "recover", "没有", "--sheet-file", sheet, "--password-file", password).code == 62
    done = home.run("user", "recover", "guan", "--sheet-file", sheet, "--password-file", password)
    assert done.code == 0
    with pytest.raises(LoginRefused):
        home.login("guan", GUAN)
    told = home.run("login", "guan", "--password-file", password)
    assert "由恢复单重设过" in told.out
    with home.station() as station, station.archive.looking(station.actor) as unit:
        row = unit.execute(select(events).where(events.c.action == "user.recover")).one()
        assert (row.subject, row.user) == ("user:1", None)


def test_a_renewed_sheet_ends_the_one_before(home: House) -> None:
    home.login("guan")
    done = home.run("user", "sheet", "-o", "新单.pdf")
    assert done.code == 0
    assert (home.folder / "新单.pdf").read_bytes().startswith(b"%PDF")
    refused = home.run(
        "user", "recover", "guan", "--sheet-file", home.file("单.txt", home.sheet),
        "--password-file", home.file("p.txt", NEW),
    )  # fmt: skip
    assert (refused.code, "不是本站现行的恢复单" in refused.err) == (57, True)
    assert home.run("user", "sheet", "-o", "新单.pdf").code == 65
    assert home.run("user", "sheet", "-o", "站点/新单.pdf").code == 60


def test_messages_name_nobody(home: House) -> None:
    with home.station("guan") as station:
        for act in (
            lambda: desk.register(station, replace(_newcomer(), name="样例别名", id_number=id_number(5))),
            lambda: desk.change_role(station, "she", give="worker", take=None),
            lambda: desk.depart(station, "guan"),
            lambda: desk.close(station, "guan"),
        ):
            with pytest.raises(ArchiveError) as caught:
                act()
            assert "样例" not in str(caught.value)
            assert id_number(5) not in str(caught.value)

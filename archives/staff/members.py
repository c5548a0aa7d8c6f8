"""Natural persons who act (人员): one row for one ID number, however many accounts that person has.

Owns who is known, who supervises whom, and leaving.  The ID number itself is kept nowhere: only its keyed
hash, which tells that two entries are one person.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

from sqlalchemy import func, insert, select, update

from archives.archive import Unit
from archives.errors import AlreadyThere, InputRefused, NotFound, StateForbids
from archives.keys.derive import id_hash, normal_id
from archives.people.naming import clean
from archives.ports import ROLES, Role
from archives.store.tables_duties import loans
from archives.store.tables_people import assignments, staff, staff_roles, users

_CITIZEN: Final = re.compile(r"[0-9]{17}[0-9X]", re.ASCII)
_OTHER: Final = re.compile(r"(?=(?:.*[0-9]){4})[A-Z0-9]{5,20}", re.ASCII)
_WEIGHTS: Final = tuple(2 ** (17 - place) % 11 for place in range(17))


@dataclass(frozen=True, slots=True)
class Member:
    """A natural person as the station knows them.  ``left_on``: last day here; None while they work here."""

    id: int
    name: str
    outside: bool
    supervisor: int | None
    left_on: str | None
    roles: frozenset[Role]
    logins: tuple[str, ...]
    """Active accounts."""


@dataclass(frozen=True, slots=True)
class Added:
    """The person's number, and whether the same ID number was known before."""

    id: int
    known: bool


def own_id(id_number: str) -> str:
    """The ID number in its one spelling, checked against slips of the hand.

    An 18-character one must carry its right check character (GB 11643-1999); passports and other papers are
    5 to 20 letters and digits, four digits at least.  Raises InputRefused, which never repeats the number.
    """
    text = normal_id(id_number)
    if _CITIZEN.fullmatch(text):
        total = sum(int(digit) * weight for digit, weight in zip(text, _WEIGHTS, strict=False))
        if "10X98765432"[total % 11] != text[17]:
            raise InputRefused("证件号码的校验位不对，其中至少一位有误。", hint="请对照身份证原件逐位核对。")
        return text
    if len(text) > 12 and sum(char.isdigit() for char in text) >= len(text) - 1:
        raise InputRefused(
            f"身份证号码应为 18 位，末位是数字或 X；读到 {len(text)} 位。",
            hint="请对照身份证原件核对，不要漏位或多位。",
        )
    if not _OTHER.fullmatch(text):
        raise InputRefused(
            "证件号码应由 5 至 20 个字母和数字组成，其中至少 4 个数字。",
            hint="请照证件填写，不要写姓名或说明。",
        )
    return text


def add_member(unit: Unit, name: str, id_number: str, *, outside: bool = False) -> Added:
    """Register a natural person; the same ID number is the same person, also one who had left.

    Raises InputRefused; AlreadyThere when the number is known under another name.
    """
    told = clean(name, "姓名", most=50)
    hashed = id_hash(unit.archive.id_key, own_id(id_number))
    row = unit.execute(select(staff).where(staff.c.id_hash == hashed)).first()
    if row is None:
        values = {"name": told, "id_hash": hashed, "outside": int(outside), "added_at": unit.at}
        made = unit.execute(insert(staff), values).inserted_primary_key
        number = int(made[0]) if made else 0
        unit.log("staff.add", f"staff:{number}", detail={"outside": outside})
        return Added(number, known=False)
    if row.name != told:
        raise AlreadyThere(
            f"这个证件号码已登记为人员 #{row.id}，姓名不同。",
            hint="请核对姓名和证件号码；同一个人用 kangdang user list 中的姓名。",
        )
    if row.left_on is not None or bool(row.outside) != outside:
        _welcome(unit, row, outside=outside)
    return Added(int(row.id), known=True)


def _welcome(unit: Unit, row: Any, *, outside: bool) -> None:
    """Somebody who had left is back, or somebody from outside starts to work here."""
    if outside and row.left_on is None:
        raise StateForbids(f"人员 #{row.id} 是本站人员，不能再登记为站外人员。")
    unit.execute(update(staff).where(staff.c.id == row.id).values(left_on=None, outside=int(outside)))
    unit.log("staff.return", f"staff:{row.id}", detail={"state": "present", "outside": outside})


def member(unit: Unit, number: int) -> Member:
    """The person of that number.  Raises NotFound."""
    found = _members(unit, [number])
    if not found:
        raise NotFound(f"没有人员 #{number}。", hint="用 kangdang user list 查看人员编号和用户名。")
    return found[0]


def members(unit: Unit) -> list[Member]:
    """Everybody, in the order of their numbers."""
    return _members(unit, None)


def find_member(unit: Unit, named: str) -> Member:
    """Who is meant by a login or by ``#number``.  Raises NotFound."""
    from archives.keys.password import spelled

    if named.startswith("#") and named[1:].isascii() and named[1:].isdigit() and len(named) < 12:
        return member(unit, int(named[1:]))
    number = unit.execute(select(users.c.staff_id).where(users.c.login == spelled(named))).scalar()
    if number is None:
        raise NotFound("没有这个用户名。", hint="用 kangdang user list 查看人员编号和用户名。")
    return member(unit, int(number))


def _members(unit: Unit, numbers: Sequence[int] | None) -> list[Member]:
    query = select(staff).order_by(staff.c.id)
    if numbers is not None:
        query = query.where(staff.c.id.in_(numbers))
    rows = unit.execute(query).all()
    roles: dict[int, set[Role]] = {}
    for row in unit.execute(select(staff_roles.c.staff_id, staff_roles.c.role)):
        roles.setdefault(row.staff_id, set()).add(cast("Role", row.role))
    logins: dict[int, list[str]] = {}
    active = select(users.c.staff_id, users.c.login).where(users.c.state == "active").order_by(users.c.id)
    for row in unit.execute(active):
        logins.setdefault(row.staff_id, []).append(row.login)
    return [
        Member(
            int(row.id), row.name, bool(row.outside), row.supervisor, row.left_on,
            frozenset(roles.get(row.id, ())), tuple(logins.get(row.id, ())),
        )
        for row in rows
    ]  # fmt: skip


def set_supervisor(unit: Unit, number: int, boss: int | None) -> None:
    """Who supervises a person's cases from here on.  Raises NotFound, InputRefused, StateForbids."""
    member(unit, number)
    if boss is not None:
        if boss == number:
            raise InputRefused("不能督导自己。", hint="请指定另一位督导。")
        above = member(unit, boss)
        if "supervisor" not in above.roles or above.left_on is not None:
            raise StateForbids(
                f"人员 #{boss} 不是在岗的督导。", hint="请先用 kangdang user role 给予“督导”角色。"
            )
    unit.execute(update(staff).where(staff.c.id == number).values(supervisor=boss))
    unit.log("staff.supervisor", f"staff:{number}", detail={"staff": boss})


def leave(unit: Unit, number: int) -> tuple[str, ...]:
    """A person stops working here today; returns the logins closed with it.

    Roles and supervision end.  Who still has cases or originals on loan stays (StateForbids), and so does the
    last administrator.  Raises NotFound.
    """
    from archives.staff.accounts import close_account
    from archives.staff.roles import take_role

    who = member(unit, number)
    if who.left_on is not None:
        raise StateForbids(f"人员 #{number} 已经离岗。", hint="不需要再办一次。")
    _nothing_open(unit, number)
    for role in sorted(who.roles, key=ROLES.index):
        take_role(unit, number, role)
    for login in who.logins:
        close_account(unit, login)
    unit.execute(update(staff).where(staff.c.supervisor == number).values(supervisor=None))
    today = unit.today.isoformat()
    unit.execute(update(staff).where(staff.c.id == number).values(left_on=today, supervisor=None))
    unit.log("staff.leave", f"staff:{number}", detail={"state": "left", "on": today})
    return who.logins


def _nothing_open(unit: Unit, number: int) -> None:
    cases = unit.execute(
        select(func.count())
        .select_from(assignments)
        .where(assignments.c.staff_id == number, assignments.c.to_on.is_(None))
    ).scalar_one()
    if cases:
        raise StateForbids(
            f"人员 #{number} 还负责 {cases} 个个案。", hint="请先用 kangdang file assign 改派，再办理离岗。"
        )
    out = unit.execute(
        select(func.count())
        .select_from(loans)
        .where(loans.c.borrower == number, loans.c.returned_on.is_(None))
    ).scalar_one()
    if out:
        raise StateForbids(
            f"人员 #{number} 还有 {out} 份借出的原件没有归还。",
            hint="请先用 kangdang loan return 办理归还，再办理离岗。",
        )


def present(everybody: Iterable[Member]) -> list[Member]:
    """Those who work here or witness from outside today."""
    return [who for who in everybody if who.left_on is None]

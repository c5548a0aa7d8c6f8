"""Roles of natural persons, and 三员分立: 档案员, 审计员 and 系统管理员 are three people (spec E3.6)."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from sqlalchemy import delete, insert, select
from sqlalchemy.exc import IntegrityError

from archives.archive import Unit
from archives.errors import AlreadyThere, InputRefused, NotFound, SeparationBroken, StateForbids
from archives.ports import EXCLUSIVE_ROLES, ROLE_NAMES, ROLES, Role
from archives.staff.members import member
from archives.store.tables_people import staff, staff_roles, users

_BY_NAME: Final[dict[str, Role]] = {name: role for role, name in ROLE_NAMES.items()}


def role_of(word: str) -> Role:
    """The role of a code or its Chinese name.  Raises InputRefused."""
    text = word.strip()
    for role in ROLES:
        if text == role:
            return role
    if text in _BY_NAME:
        return _BY_NAME[text]
    raise InputRefused(
        "没有这个角色。", hint=f"可用的角色：{'、'.join(f'{ROLE_NAMES[role]}（{role}）' for role in ROLES)}。"
    )


def require_separate(roles: Collection[Role]) -> None:
    """One natural person holds at most one of the three.  Raises SeparationBroken."""
    both = [ROLE_NAMES[role] for role in EXCLUSIVE_ROLES if role in roles]
    if len(both) > 1:
        raise SeparationBroken(
            f"{'和'.join(both)}不能是同一个人（按证件号码认人，换账号也不行）。",
            hint="档案员、审计员、系统管理员须由三个人分别担任。",
        )


def give_role(unit: Unit, number: int, role: Role) -> None:
    """Let a person act in a role.

    Raises NotFound, StateForbids (left, from outside), AlreadyThere, SeparationBroken.
    """
    who = member(unit, number)
    if who.left_on is not None:
        raise StateForbids(f"人员 #{number} 已经离岗。", hint="回岗时请先用 kangdang user add 重新登记。")
    if who.outside:
        raise StateForbids(
            f"人员 #{number} 是站外人员，不能有本站角色。",
            hint="已调入本站的，请先用 kangdang user add 登记为本站人员。",
        )
    if role in who.roles:
        raise AlreadyThere(f"人员 #{number} 已经是{ROLE_NAMES[role]}。", hint="不需要再给一次。")
    require_separate({*who.roles, role})
    try:
        unit.execute(
            insert(staff_roles),
            {"staff_id": number, "role": role, "given_at": unit.at, "given_by": unit.actor.staff},
        )
    except IntegrityError as error:  # two acts at once
        raise SeparationBroken("同一个人的角色刚被另一处改动。", hint="请查看后再试。") from error
    unit.log("staff.role", f"staff:{number}", detail={"role_after": role})


def take_role(unit: Unit, number: int, role: Role) -> None:
    """End a person's role.  The last administrator stays (StateForbids).  Raises NotFound."""
    who = member(unit, number)
    if role not in who.roles:
        raise NotFound(
            f"人员 #{number} 没有{ROLE_NAMES[role]}角色。", hint="用 kangdang user list 查看角色。"
        )
    if role == "admin":
        require_another_admin(unit, number)
    unit.execute(delete(staff_roles).where(staff_roles.c.staff_id == number, staff_roles.c.role == role))
    unit.log("staff.role", f"staff:{number}", detail={"role_before": role})


def require_another_admin(unit: Unit, number: int, *, beside: str = "") -> None:
    """Somebody can still manage the users without this person (or without this login of theirs).

    Raises StateForbids.
    """
    rows = unit.execute(
        select(users.c.staff_id, users.c.login)
        .join(staff_roles, staff_roles.c.staff_id == users.c.staff_id)
        .join(staff, staff.c.id == users.c.staff_id)
        .where(staff_roles.c.role == "admin", users.c.state == "active", staff.c.left_on.is_(None))
    )
    if not any(row.login != beside if beside else row.staff_id != number for row in rows):
        raise StateForbids(
            "这是最后一位能登录的系统管理员，不能停用或撤去角色。", hint="请先让另一个人担任系统管理员。"
        )

"""Who is who for the duties of the archive: people by their login, and their names for registers."""

from __future__ import annotations

from sqlalchemy import select

from archives.archive import Unit
from archives.errors import InputRefused, NotFound
from archives.keys.password import spelled
from archives.ports import ROLE_NAMES, ROLES
from archives.store.rows import Known
from archives.store.tables_people import staff, staff_roles, users


def staff_of_login(unit: Unit, login: str) -> int:
    """The natural person behind an account that is in use.  Raises NotFound."""
    found = unit.execute(
        select(users.c.staff_id)
        .join(staff, staff.c.id == users.c.staff_id)
        .where(users.c.login == spelled(login), users.c.state == "active", staff.c.left_on.is_(None))
    ).scalar()
    if found is None:
        raise NotFound("没有这个在用的账号。", hint="请用 kangdang user list 查看账号。")
    return int(found)


def require_present(unit: Unit, staff_id: int, duty: str) -> None:
    """The person works here today; ``duty`` names what for.  Raises InputRefused."""
    row = unit.execute(select(staff.c.left_on).where(staff.c.id == staff_id)).first()
    if row is None or row.left_on is not None:
        raise InputRefused(f"{duty}不是本站在岗人员。")


def roles_of(unit: Unit, staff_id: int) -> frozenset[str]:
    """The roles a person has today."""
    return frozenset(
        unit.execute(select(staff_roles.c.role).where(staff_roles.c.staff_id == staff_id)).scalars()
    )


def names_of(unit: Unit) -> dict[int, str]:
    """Everybody's name by number, those who left too: for registers that are printed for the station.

    A number nobody is registered under raises RowMissing when it is asked for.
    """
    told = {row.id: row.name for row in unit.execute(select(staff.c.id, staff.c.name))}
    return Known("人员登记", told)


def posts_of(unit: Unit) -> dict[int, str]:
    """Everybody's 单位、职务 as registers print it: the station's name and the roles."""
    held: dict[int, set[str]] = {}
    for row in unit.execute(select(staff_roles.c.staff_id, staff_roles.c.role)):
        held.setdefault(row.staff_id, set()).add(row.role)
    place = unit.archive.station.name
    posts = {}
    for row in unit.execute(select(staff.c.id, staff.c.outside)):
        words = "、".join(ROLE_NAMES[role] for role in ROLES if role in held.get(row.id, ()))
        posts[row.id] = "外单位" if row.outside else f"{place} {words}".strip()
    return Known("人员登记", posts)

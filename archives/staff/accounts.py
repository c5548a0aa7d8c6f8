"""Accounts: the logins by which natural persons act.

The table says who has an account; whether its password opens the vault is the vault's matter.  Callers write
here first and into the vault after it, so that a crash between leaves an account that opens nothing, never
a password without an account; ``states`` tells what such a crash left.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import insert, select, update

from archives.archive import Unit
from archives.errors import AlreadyThere, NotFound, StateForbids
from archives.keys.password import normal_login, spelled
from archives.staff.members import member
from archives.staff.roles import require_another_admin
from archives.store.tables_people import staff_roles, users


@dataclass(frozen=True, slots=True)
class Account:
    """One login.  ``state`` is ``active`` or ``closed``."""

    id: int
    staff: int
    login: str
    state: str


@dataclass(frozen=True, slots=True)
class Mismatch:
    """Where accounts and vault differ.

    ``no_password``: an account whose adding was not finished; ``left_over``: closed, but its password still
    opens the vault; ``unknown``: a password of no account.
    """

    login: str
    kind: Literal["no_password", "left_over", "unknown"]


def open_account(unit: Unit, number: int, login: str) -> Account:
    """Give a person a login; one that was closed, or whose adding was not finished, is theirs again.

    Raises InputRefused, NotFound, AlreadyThere (another person's login), StateForbids.
    """
    who = member(unit, number)
    if who.outside:
        raise StateForbids(
            f"人员 #{number} 是站外人员，不设账号。",
            hint="站外监销人凭一次性凭证到场。",
        )
    name = normal_login(login)
    row = unit.execute(select(users).where(users.c.login == name)).first()
    if row is None:
        values = {"staff_id": number, "login": name, "state": "active", "added_at": unit.at}
        made = unit.execute(insert(users), values).inserted_primary_key
        account = Account(int(made[0]) if made else 0, number, name, "active")
        unit.log("user.add", f"user:{account.id}", detail={"staff": number})
        return account
    if row.staff_id != number:
        raise AlreadyThere("这个用户名属于另一个人。", hint="请换一个用户名；停用的用户名也不能给别人用。")
    if row.state == "closed":
        unit.execute(update(users).where(users.c.id == row.id).values(state="active"))
        unit.log("user.enable", f"user:{row.id}", detail={"state_before": "closed", "state_after": "active"})
    return Account(int(row.id), number, name, "active")


def close_account(unit: Unit, login: str) -> Account:
    """End an account; the name stays taken.  Raises NotFound, StateForbids (the last administrator)."""
    account = find_account(unit, login)
    if account.state == "closed":
        raise StateForbids("这个账号已经停用。", hint="不需要再停用一次。")
    admin = select(staff_roles.c.staff_id).where(
        staff_roles.c.staff_id == account.staff, staff_roles.c.role == "admin"
    )
    if unit.execute(admin).first() is not None:
        require_another_admin(unit, account.staff, beside=account.login)
    unit.execute(update(users).where(users.c.id == account.id).values(state="closed"))
    unit.log("user.disable", f"user:{account.id}", detail={"staff": account.staff})
    return account


def find_account(unit: Unit, login: str) -> Account:
    """The account of a login.  Raises NotFound."""
    row = unit.execute(select(users).where(users.c.login == spelled(login))).first()
    if row is None:
        raise NotFound("没有这个用户名。", hint="用 kangdang user list 查看人员编号和用户名。")
    return Account(int(row.id), int(row.staff_id), row.login, row.state)


def accounts(unit: Unit) -> list[Account]:
    """All accounts, closed ones too."""
    rows = unit.execute(select(users).order_by(users.c.id))
    return [Account(int(row.id), int(row.staff_id), row.login, row.state) for row in rows]


def mismatches(known: Collection[Account], in_vault: Collection[str]) -> list[Mismatch]:
    """Where the accounts and the logins of the vault differ."""
    active = {account.login for account in known if account.state == "active"}
    closed = {account.login for account in known if account.state == "closed"}
    vault = set(in_vault)
    return [
        *(Mismatch(login, "no_password") for login in sorted(active - vault)),
        *(Mismatch(login, "left_over") for login in sorted(vault & closed)),
        *(Mismatch(login, "unknown") for login in sorted(vault - active - closed)),
    ]

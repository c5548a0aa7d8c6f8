"""Accounts and passwords together: the tables say who may come in, the vault lets them in.

The tables are written first and the vault follows.  A crash between leaves an account without a password
(the same ``user add`` again finishes it) or a closed one whose password still unwraps the master key; such
an account opens nothing, and ``follow`` takes it out of the vault when somebody next logs in.
"""

from __future__ import annotations

from dataclasses import dataclass

from archives.archive import Archive
from archives.errors import AlreadyThere, LoginRefused, StateForbids
from archives.home import Layout, Settings, open_archive
from archives.keeping.migrate import bring_up_to_date
from archives.keeping.stores import bind_if_new, require_stores
from archives.keys import recovery
from archives.keys import vault as vaults
from archives.keys.attempts import Attempts
from archives.keys.password import PasswordOwner, check_password, normal_login, spelled
from archives.keys.vault import Vault
from archives.keys.wrapping import STANDARD, Cost
from archives.ports import Clock, RandomBytes, Role, system, uptime_of
from archives.staff import accounts as tables
from archives.staff.accounts import Account, Mismatch, find_account, mismatches
from archives.staff.members import Member, add_member, find_member, leave, member, members, set_supervisor
from archives.staff.roles import give_role, take_role
from desk.station.newcomers import Newcomer, check_newcomer
from desk.station.opening import OpenStation, client_name

RECOVERY_TRIES = "恢复单"
"""Under this name failed tries with a recovery sheet are counted; no login can be so called by mistake."""


@dataclass(frozen=True, slots=True)
class Registered:
    """A person registered: their number, whether they were known before, their account."""

    staff: int
    known: bool
    account: Account | None


@dataclass(frozen=True, slots=True)
class Roll:
    """Everybody, all accounts, and where accounts and vault differ."""

    members: tuple[Member, ...]
    accounts: tuple[Account, ...]
    mismatches: tuple[Mismatch, ...]


def register(station: OpenStation, who: Newcomer, *, cost: Cost = STANDARD) -> Registered:
    """Register a person; with a login also an account.  The same again finishes what a crash cut short.

    Raises AccessDenied, InputRefused, PasswordRefused, AlreadyThere, SeparationBroken, StateForbids.
    """
    station.allow("user.manage")
    check_newcomer(who, station.settings.station.name)
    login = None if who.login is None else normal_login(who.login)
    if login is not None and vaults.load(station.layout.vault).find(login) is not None:
        raise AlreadyThere("这个用户名已经有了。", hint="请换一个用户名；改密码用 kangdang user password。")
    with station.acting("user.add") as unit:
        added = add_member(unit, who.name, who.id_number, outside=who.outside)
        held = member(unit, added.id).roles
        for role in who.roles:
            if role not in held:
                give_role(unit, added.id, role)
        if who.supervisor is not None:
            set_supervisor(unit, added.id, find_member(unit, who.supervisor).id)
        account = None if login is None else tables.open_account(unit, added.id, login)
    if account is not None and who.password is not None:
        vaults.add_user(
            station.layout.vault, station.master, account.login, who.password,
            station_name=station.settings.station.name, random=station.archive.random, cost=cost,
        )  # fmt: skip
    return Registered(added.id, added.known, account)


def roll(station: OpenStation) -> Roll:
    """Who is known here.  Raises AccessDenied."""
    station.allow("user.manage")
    with station.archive.looking(station.actor) as unit:
        everybody, known = members(unit), tables.accounts(unit)
    return Roll(tuple(everybody), tuple(known), tuple(mismatches(known, _logins(station.layout))))


def change_role(station: OpenStation, named: str, *, give: Role | None, take: Role | None) -> Member:
    """Take one role and give another in one act.

    Raises AccessDenied, NotFound, AlreadyThere, SeparationBroken, StateForbids.
    """
    station.allow("user.manage")
    with station.acting("user.role") as unit:
        number = find_member(unit, named).id
        if take is not None:
            take_role(unit, number, take)
        if give is not None:
            give_role(unit, number, give)
        return member(unit, number)


def supervise(station: OpenStation, named: str, boss: str | None) -> None:
    """Who supervises somebody's cases; None ends it.  Raises AccessDenied, NotFound, StateForbids."""
    station.allow("user.manage")
    with station.acting("user.supervisor") as unit:
        above = None if boss is None else find_member(unit, boss).id
        set_supervisor(unit, find_member(unit, named).id, above)


def own_password(station: OpenStation, old: str, new: str, *, cost: Cost = STANDARD) -> None:
    """Change one's own password; the session under the old one ends.

    Raises LoginLocked, LoginRefused (the old one), PasswordRefused (the new one).
    """
    layout, archive, name = station.layout, station.archive, station.settings.station.name
    check_password(new, PasswordOwner(station.login, name))
    attempts = Attempts(layout.attempts, archive.random)
    try:
        attempts.log_in(
            vaults.load(layout.vault), station.login, old, client_name(), archive.clock(),
            uptime_of(archive.clock),
        )  # fmt: skip
    except LoginRefused:
        raise LoginRefused("原密码不正确。", hint="请重新输入；忘记时请系统管理员重设。") from None
    with station.acting("user.password") as unit:
        unit.log("user.password", f"user:{station.actor.user}")
    vaults.change_password(
        layout.vault, station.login, old, new, station_name=name, random=archive.random, cost=cost
    )


def reset_password(station: OpenStation, login: str, new: str, *, cost: Cost = STANDARD) -> None:
    """The administrator gives an active account another password; its user is told at the next login.

    Also finishes an account that was left without a password.
    Raises AccessDenied, NotFound, StateForbids, PasswordRefused.
    """
    station.allow("user.manage")
    name = station.settings.station.name
    check_password(new, PasswordOwner(spelled(login), name))
    with station.acting("user.password") as unit:
        account = _active(find_account(unit, login))
        unit.log("user.reset", f"user:{account.id}", detail={"staff": account.staff})
    _put_password(station.layout, station.master, account.login, new, name, station.archive.random, cost)


def _active(account: Account) -> Account:
    if account.state != "active":
        raise StateForbids(
            "这个账号已经停用。", hint="确需恢复时，请系统管理员用 kangdang user add 重新开通。"
        )
    return account


def _put_password(
    layout: Layout, master: bytes, login: str, new: str, station_name: str, random: RandomBytes, cost: Cost
) -> None:
    known = vaults.load(layout.vault).find(login) is not None
    put = vaults.set_password if known else vaults.add_user
    put(layout.vault, master, login, new, station_name=station_name, random=random, cost=cost)


def close(station: OpenStation, login: str) -> None:
    """End an account; its sessions end and its password opens nothing.

    Raises AccessDenied, NotFound, StateForbids (the last administrator).
    """
    station.allow("user.manage")
    with station.acting("user.close") as unit:
        account = tables.close_account(unit, login)
    _out_of_the_vault(station, account.login)


def depart(station: OpenStation, named: str) -> tuple[str, ...]:
    """A person stops working here; returns the logins closed.

    Raises AccessDenied, NotFound, StateForbids (cases, loans, the last administrator).
    """
    station.allow("user.manage")
    with station.acting("user.leave") as unit:
        logins = leave(unit, find_member(unit, named).id)
    for login in logins:
        _out_of_the_vault(station, login)
    return logins


def _out_of_the_vault(station: OpenStation, login: str) -> None:
    if vaults.load(station.layout.vault).find(login) is not None:
        vaults.remove_user(station.layout.vault, station.master, login)


def unlock(station: OpenStation, login: str) -> None:
    """Let a locked login try again at once.  Raises AccessDenied, NotFound, StoreUnusable."""
    station.allow("user.manage")
    with station.acting("user.unlock") as unit:
        account = find_account(unit, login)
        unit.log("user.unlock", f"user:{account.id}", detail={"staff": account.staff})
    Attempts(station.layout.attempts, station.archive.random).pardon(account.login)


def follow(station: OpenStation) -> tuple[Mismatch, ...]:
    """Take closed accounts out of the vault; returns the other differences, which a person must settle."""
    with station.archive.looking(station.actor) as unit:
        known = tables.accounts(unit)
    left = []
    for one in mismatches(known, _logins(station.layout)):
        if one.kind == "left_over":
            vaults.remove_user(station.layout.vault, station.master, one.login)
        else:
            left.append(one)
    return tuple(left)


def _logins(layout: Layout) -> list[str]:
    return [wrap.login for wrap in vaults.load(layout.vault).users]


def recover(
    layout: Layout, settings: Settings, typed: str, login: str, new: str, clock: Clock, random: RandomBytes,
    *, cost: Cost = STANDARD,
) -> None:  # fmt: skip
    """Give an active account a new password by the recovery sheet, without anybody logged in.

    Raises InputRefused (a line mistyped), LoginLocked, LoginRefused (another sheet), NotFound, StateForbids,
    PasswordRefused.
    """
    vault = vaults.load(layout.vault)
    check_password(new, PasswordOwner(spelled(login), settings.station.name))
    master = _master_by_sheet(layout, vault, recovery.read(typed), clock, random)
    archive = open_archive(layout, settings, master, clock, random)
    try:
        bring_up_to_date(archive, layout, system(client_name()))
        bind_if_new(archive, layout, master)
        require_stores(archive, layout, master, counting=True)
        account = _log_recovery(archive, login)
    finally:
        archive.close()
    _put_password(layout, master, account.login, new, settings.station.name, random, cost)
    Attempts(layout.attempts, random).pardon(account.login)


def _master_by_sheet(layout: Layout, vault: Vault, secret: bytes, clock: Clock, random: RandomBytes) -> bytes:
    attempts, client, now, up = Attempts(layout.attempts, random), client_name(), clock(), uptime_of(clock)
    if attempts.lost():
        master = vaults.unlock_with_recovery(vault, secret)  # nobody guesses 160 bits, counted or not
        attempts.start_again()
        return master
    number = attempts.begin(vault, RECOVERY_TRIES, client, now, up)
    master = vaults.unlock_with_recovery(vault, secret)
    attempts.succeeded(number, RECOVERY_TRIES, client, now, up)
    return master


def _log_recovery(archive: Archive, login: str) -> Account:
    with archive.acting("user.recover", system(client_name())) as unit:
        account = _active(find_account(unit, login))
        unit.log("user.recover", f"user:{account.id}", detail={"staff": account.staff})
    return account


def renew_sheet(station: OpenStation, secret: bytes) -> None:
    """Put another recovery sheet in force, which is printed already; the one before opens nothing any more.

    Raises AccessDenied, StoreUnusable.
    """
    station.allow("user.manage")
    with station.acting("user.sheet") as unit:
        unit.log("station.sheet", "station:1")
    vaults.renew_recovery(
        station.layout.vault, station.master, secret, station.archive.now().date(), station.archive.random
    )

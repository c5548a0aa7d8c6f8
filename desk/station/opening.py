"""A station open for one command: who is logged in, what was left unfinished, what may be done.

Opening resumes the session, finishes destructions a crash interrupted, brings failed logins onto the log and
seals the day before; then every act is asked for by ``allow``.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import platform
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

from sqlalchemy import select

from archives.archive import Archive, Unit
from archives.disposal.completion import recover
from archives.errors import HomeUnusable, LoginRefused, StoreUnusable
from archives.home import Layout, Settings, layout_of, open_archive, read_settings
from archives.keeping.accepted import changed_files, differing, in_force
from archives.keeping.gaps import tell_outside
from archives.keeping.migrate import bring_up_to_date
from archives.keeping.register import keep_tombstones, note_confirmed, take_notes
from archives.keeping.state import change_keeping, read_keeping
from archives.keeping.stores import bind_if_new, renew_newest, require_stores
from archives.keys import vault as vaults
from archives.keys.attempts import Attempts
from archives.keys.session import Session, Sessions
from archives.log.purposes import Purpose
from archives.people.files import file_facts
from archives.ports import Actor, Clock, RandomBytes, Role, system, uptime_of
from archives.scans.quarantine import clear_scans
from archives.sealing import last_seal, read_seal_key, seal_log
from archives.store.tables_people import staff, staff_roles, users
from desk.station.access import refusal
from desk.station.disputed import disputed
from desk.station.standing import WHOLE, Part, standing_of


def client_name() -> str:
    """What the log writes as the computer."""
    name = "".join(char for char in platform.node() if char.isprintable())[:40] or "unknown"
    return f"cli@{name}"


@dataclass(frozen=True, slots=True)
class OpenStation:
    """An open archive and who is acting."""

    archive: Archive
    actor: Actor
    layout: Layout
    settings: Settings
    login: str
    master: bytes
    unsettled: tuple[str, ...] = ()
    """Members of station.json that differ from the settings in force."""
    changed_files: tuple[str, ...] = ()
    """Files people edit that differ from those accepted."""

    def allow(
        self, act: str, *, file: int | None = None, purpose: Purpose | None = None, part: Part = WHOLE
    ) -> None:
        """Go on only if the act is allowed; a denial is on the log before it is told.

        ``part`` is what of the file the act is about; who does not say it asks for all volumes of it.
        Raises AccessDenied, PurposeNeeded, StateForbids, NotFound.
        """
        standing = None
        if file is not None:
            with self.archive.looking(self.actor) as unit:
                standing = standing_of(unit, file_facts(unit, file), part)
        error = refusal(act, self.actor.roles, standing, purpose) or disputed(act, self.unsettled)
        if error is not None:
            subject = f"file:{file}" if file is not None else "station:1"
            raise self.archive.refuse(self.actor, error, act, subject, file or 0)

    def may(self, act: str, unit: Unit, file: int, purpose: Purpose | None = None) -> bool:
        """Whether the act on a file would be allowed; for what is left out where it is not."""
        return (
            refusal(act, self.actor.roles, standing_of(unit, file_facts(unit, file), WHOLE), purpose) is None
        )

    @contextmanager
    def acting(self, name: str) -> Iterator[Unit]:
        """One act of the person who is logged in."""
        with self.archive.acting(name, self.actor) as unit:
            yield unit


def home_of(home: Path | None) -> tuple[Layout, Settings]:
    """The station's folders and settings.  Raises HomeUnusable."""
    if home is None:
        raise HomeUnusable("没有指定站点文件夹。", hint="请用 --home 指定，或设置环境变量 KANGDANG_HOME。")
    settings = read_settings(home)
    return layout_of(home, settings), settings


def sessions_of(layout: Layout, random: RandomBytes) -> Sessions:
    """Where this system user's session of this station is kept."""
    name = hashlib.sha256(str(layout.home.resolve()).encode()).hexdigest()[:16]
    return Sessions(_state_folder() / name, runtime_folder() / name, random)


def _state_folder() -> Path:
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", str(Path.home()))) / "Kangdang"
    return Path(os.environ.get("XDG_STATE_HOME", str(Path.home() / ".local/state"))) / "kangdang"


def runtime_folder() -> Path:
    """Where files lie that need not outlive the login: in memory where the system has such a place."""
    if sys.platform == "win32":
        return Path(os.environ.get("TEMP", str(Path.home()))) / "Kangdang"
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    return Path(runtime) / "kangdang" if runtime else _state_folder() / "run"


def actor_of(archive: Archive, login: str, client: str) -> Actor:
    """The natural person behind a login and that person's roles.  Raises LoginRefused."""
    with archive.data.reading() as connection:
        row = connection.execute(
            select(users.c.id, users.c.staff_id, staff.c.left_on)
            .join(staff, staff.c.id == users.c.staff_id)
            .where(users.c.login == login, users.c.state == "active")
        ).first()
        if row is None or row.left_on is not None:
            raise LoginRefused("这个账号已停用。", hint="请联系系统管理员。")
        roles = connection.execute(
            select(staff_roles.c.role).where(staff_roles.c.staff_id == row.staff_id)
        ).scalars()
        return Actor(row.id, row.staff_id, frozenset(cast("Sequence[Role]", list(roles))), client)


@contextmanager
def opened(home: Path | None, clock: Clock, random: RandomBytes) -> Iterator[OpenStation]:
    """The station for the person who is logged in.

    Raises HomeUnusable, SessionEnded, LoginRefused, StoreUnusable.
    """
    layout, settings = home_of(home)
    vault = vaults.load(layout.vault)
    session = sessions_of(layout, random).resume(vault, clock(), uptime_of(clock))
    with opened_with(layout, settings, session, clock, random) as station:
        yield station


def require_own_settings(layout: Layout, settings: Settings) -> None:
    """The settings are those of the station the vault was made for.  Raises HomeUnusable, VaultDamaged."""
    if vaults.load(layout.vault).station != settings.station.station_id:
        raise HomeUnusable(
            f"{layout.settings.name} 中的站点编号与密钥文件夹不是一套。",
            hint="请从备份恢复这个文件，不要手工修改。",
        )


@contextmanager
def opened_with(
    layout: Layout, settings: Settings, session: Session, clock: Clock, random: RandomBytes, *,
    counting: bool = False,
) -> Iterator[OpenStation]:  # fmt: skip
    """The station with a session that is known to be good; ``counting``: every key is counted (a login).

    Nothing is done before its stores are known to be its own and whole: what a destruction left unfinished
    is told by keys that are gone, and without them everything would look so.
    """
    require_own_settings(layout, settings)
    archive = open_archive(layout, settings, session.master, clock, random)
    try:
        bring_up_to_date(archive, layout, system(client_name()))
        bind_if_new(archive, layout, session.master)
        require_stores(archive, layout, session.master, counting=counting)
        actor = actor_of(archive, session.login, client_name())
        station = _under_accepted(
            OpenStation(archive, actor, layout, settings, session.login, session.master)
        )
        _catch_up(station)
        yield station
        with contextlib.suppress(StoreUnusable):  # what was done is durable; the next opening catches up
            keep_tombstones(archive, layout)
            note_confirmed(archive, layout)
    finally:
        archive.close()


def _under_accepted(station: OpenStation) -> OpenStation:
    """The station under the settings that were accepted, whatever station.json says meanwhile."""
    force = in_force(station.archive)
    if force is None:
        return station
    given = station.settings.station
    days = force.station.backup_days
    if read_keeping(station.layout.home).backup_days != days:  # for backups, which open no database
        change_keeping(station.layout.home, lambda was: replace(was, backup_days=days))
    return replace(
        station,
        archive=replace(station.archive, station=force.station),
        settings=replace(station.settings, station=force.station),
        unsettled=differing(given, force.station),
        changed_files=changed_files(station.layout, force),
    )


def _catch_up(station: OpenStation) -> None:
    """What waited for somebody to open the station."""
    program = system(station.actor.client)
    renew_newest(station.archive, program)
    keep_tombstones(station.archive, station.layout, program)
    recover(station.archive, program)
    clear_scans(station.archive, program)
    take_notes(station.archive, station.layout, program)
    tell_outside(station.archive, station.layout)
    _log_failed_logins(station, program)
    with station.archive.looking(program) as unit:
        newest = last_seal(unit)
        day = unit.at[:10]
    if newest is None or newest.day != day:  # another day, not only a later one: the clock may have run ahead
        seal_log(station.archive, program, read_seal_key(station.layout, station.master))


def _log_failed_logins(station: OpenStation, program: Actor) -> None:
    attempts = Attempts(station.layout.attempts, station.archive.random)
    with attempts.take_unlogged() as waiting:
        if not waiting.failures and not waiting.dropped:
            return
        with station.archive.acting("login.failures", program) as unit:
            known = {row.login: row.id for row in unit.execute(select(users.c.login, users.c.id))}
            for failure in waiting.failures:
                user = known.get(failure.login) if failure.login else None
                unit.log(
                    "login.locked" if failure.kind == "locked" else "login.failed",
                    f"user:{user}" if user else "station:1", result="failed",
                    detail={
                        "number": failure.number, "kind": failure.kind,
                        "started": failure.at.isoformat()[:19],
                    },
                )  # fmt: skip
            if waiting.dropped:  # more than are kept one by one
                unit.log("login.failed", "station:1", result="failed", detail={"failures": waiting.dropped})

"""Coming in and going out: login, log-out, what is told to who comes in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from archives.clock.reference import sentence
from archives.duties.rights import waiting_for_look
from archives.errors import LoginRefused
from archives.home import Layout, Settings
from archives.keys import vault as vaults
from archives.keys.attempts import Attempts
from archives.keys.password import spelled
from archives.keys.session import Session, Spans
from archives.ports import Clock, RandomBytes, uptime_of
from archives.scans.blanks import UnseenBlanks, batches_with_unseen
from archives.staff.entries import Since, since_last_login
from archives.staff.members import Member, member
from desk.station.init import UNFINISHED
from desk.station.opening import OpenStation, client_name, opened_with, sessions_of
from desk.station.people import follow


@dataclass(frozen=True, slots=True)
class Entered:
    """Somebody is logged in: who, until when without another command, what happened since the last time."""

    member: Member
    idle_until: datetime
    since: Since
    unseen: tuple[UnseenBlanks, ...] = ()
    """For a 档案员: batches with blank pages nobody looked at."""
    to_look_at: tuple[str, ...] = ()
    """For a 档案员: requests of persons, registered for others' files, that wait for a look today."""
    unsettled: tuple[str, ...] = ()
    """Members of station.json that nobody accepted."""
    unconfirmed: str = ""
    """That today's date is unconfirmed, in a sentence."""


def enter(
    layout: Layout, settings: Settings, login: str, password: str, clock: Clock, random: RandomBytes
) -> Entered:
    """Log in; a session before it on this computer ends.

    The event is durable before the session is.
    Raises LoginRefused, LoginLocked, VaultDamaged, StoreUnusable.
    """
    vault = vaults.load(layout.vault)
    now, up = clock(), uptime_of(clock)
    attempts = Attempts(layout.attempts, random)
    master = attempts.log_in(vault, login, password, client_name(), now, up)
    session = Session(spelled(login), master, now, now + Spans().idle)
    try:
        entered = _entered(layout, settings, session, clock, random)
    except LoginRefused:
        attempts.begin(vault, login, client_name(), now, up)  # a closed account: the log hears of it
        raise
    (layout.keys / UNFINISHED).unlink(missing_ok=True)  # the station is whole: somebody came in
    return entered


def _entered(
    layout: Layout, settings: Settings, session: Session, clock: Clock, random: RandomBytes
) -> Entered:
    with opened_with(layout, settings, session, clock, random, counting=True) as station:
        follow(station)
        with station.acting("login.enter") as unit:
            who = member(unit, unit.staff())
            since = since_last_login(unit, station.actor.user or 0)
            unseen = tuple(batches_with_unseen(unit)) if "records" in station.actor.roles else ()
            looks = waiting_for_look(unit) if "records" in station.actor.roles else []
            unit.log("login", f"user:{station.actor.user}")
            told = "" if unit.confirmed else sentence(unit.reckoned)
        vault = vaults.load(layout.vault)
        sessions = sessions_of(layout, random)
        kept = sessions.open_session(
            vault, session.login, session.master, session.opened_at, uptime_of(clock)
        )
    return Entered(
        who, kept.ends_at, since, unseen, tuple(one.ref_code for one in looks), station.unsettled, told
    )


def go_out(layout: Layout, settings: Settings, clock: Clock, random: RandomBytes) -> str:
    """Log out; returns the login.  The session's files are destroyed whatever happens.

    Raises SessionEnded when nobody is logged in any more.
    """
    sessions = sessions_of(layout, random)
    try:
        session = sessions.resume(vaults.load(layout.vault), clock(), uptime_of(clock))
        with opened_with(layout, settings, session, clock, random) as station:
            _log_out(station)
        return session.login
    finally:
        sessions.close()


def _log_out(station: OpenStation) -> None:
    with station.acting("login.leave") as unit:
        unit.log("logout", f"user:{station.actor.user}")

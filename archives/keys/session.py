"""The session of a person at the command line: ``kangdang login`` opens it, the next commands resume it.

Two files, each worthless alone, both 0600: the session file (the master key sealed under a random token) in
a folder of the system user, and the token in the system user's runtime folder (memory, emptied at log-out,
where the system has one).  A session ends after 15 idle minutes, after 12 hours, when the login's password
changes or the login goes, and when the computer is started anew; its files are destroyed then.

Minutes are counted by the time since the computer started, which nobody can set.  Where starts have no name,
the stricter of that and the clock counts, and a clock that is put back ends the session.
"""

from __future__ import annotations

import json
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

from archives.clock.steady import Stamp, most, same_run
from archives.errors import ItemUnreadable, SessionEnded
from archives.keys.bindings import SESSION, Bound
from archives.keys.durable import destroy, private_folder, read_private, write_private
from archives.keys.password import spelled
from archives.keys.suite import decrypt, encrypt
from archives.keys.vault import Vault, stamp
from archives.ports import RandomBytes, Uptime
from archives.store.gate import Gate

SESSION_FILE = "session.json"
TOKEN_FILE = "session.token"  # noqa: S105 - the name of a file
TOKEN_BYTES = 32
_BACKWARDS = timedelta(minutes=2)
"""A clock corrected by less than this is not put back."""


@dataclass(frozen=True, slots=True)
class Spans:
    """How long a session lasts."""

    idle: timedelta = timedelta(minutes=15)
    longest: timedelta = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Session:
    """A person who is logged in."""

    login: str
    master: bytes = field(repr=False)
    opened_at: datetime
    ends_at: datetime
    """When it ends at the latest if nothing is done: idle time or the longest time."""


@dataclass(frozen=True, slots=True)
class _Written:
    station: str
    login: str
    stamp: str
    opened_at: str
    used_at: str
    boot: str = ""
    opened_up: str = ""
    """Seconds since the computer started; empty where they are not known."""
    used_up: str = ""

    def opened(self) -> Stamp:
        """When it was opened."""
        return _stamp(self.opened_at, self.boot, self.opened_up)

    def used(self) -> Stamp:
        """When it was last used."""
        return _stamp(self.used_at, self.boot, self.used_up)

    def bound(self) -> Bound:
        return SESSION.of_row(self)


_NAMES = ("station", "login", "stamp", "opened_at", "used_at", "boot", "opened_up", "used_up")


def _stamp(at: str, boot: str, seconds: str) -> Stamp:
    return Stamp(datetime.fromisoformat(at), Uptime(boot, float(seconds)) if seconds else None)


def _seconds(up: Uptime | None) -> str:
    return "" if up is None else repr(up.seconds)


class Sessions:
    """The session of one system user on this computer: at most one.

    ``folder`` and ``runtime`` belong to the system user alone and are made when missing; the two should be on
    different disks or, better, ``runtime`` in memory.
    """

    def __init__(self, folder: Path, runtime: Path, random: RandomBytes, spans: Spans = Spans()) -> None:
        self._session = folder / SESSION_FILE
        self._token = runtime / TOKEN_FILE
        self._random = random
        self._spans = spans

    def open_session(
        self, vault: Vault, login: str, master: bytes, now: datetime, up: Uptime | None = None
    ) -> Session:
        """Keep an unlocked master key for the next commands; a session before it ends.

        ``up`` is the time since the computer started.
        Raises SessionEnded when the login is not in the vault, StoreUnusable.
        """
        bound_to = stamp(vault, login)
        if bound_to is None:
            raise _ended("ended")
        for folder in (self._session.parent, self._token.parent):
            private_folder(folder)
        at, seconds = now.isoformat(), _seconds(up)
        boot = "" if up is None else up.boot
        written = _Written(vault.station, spelled(login), bound_to, at, at, boot, seconds, seconds)
        with self._gate():
            self._destroy()
            token = self._random(TOKEN_BYTES)
            write_private(self._token, token, "session.token")
            self._write(written, master, token)
        return self._session_of(written, master, Stamp(now, up))

    def resume(self, vault: Vault, now: datetime, up: Uptime | None = None) -> Session:
        """The session under way; its idle time starts again.

        Raises SessionEnded (the files are destroyed then), StoreUnusable.
        """
        if not self._session.parent.is_dir():
            raise _ended("none")
        with self._gate():
            try:
                return self._resumed(vault, Stamp(now, up))
            except SessionEnded:
                self._destroy()
                raise

    def close(self) -> None:
        """Log out; without a session nothing happens.  Raises StoreUnusable."""
        if self._session.parent.is_dir():
            with self._gate():
                self._destroy()

    def _resumed(self, vault: Vault, now: Stamp) -> Session:
        raw, token = read_private(self._session), read_private(self._token)
        if raw is None and token is None:
            raise _ended("none")
        if raw is None or token is None or len(token) != TOKEN_BYTES:
            raise _ended("ended")
        written, sealed = _parse(raw)
        try:
            master = decrypt(token, sealed, written.bound())
        except ItemUnreadable:
            raise _ended("ended") from None
        if written.stamp != stamp(vault, written.login):  # covers the station and the vault too
            raise _ended("ended")
        idle, age = most(written.used(), now), most(written.opened(), now)
        if idle is None or age is None or idle < -_BACKWARDS:
            raise _ended("ended")
        if idle >= self._spans.idle or age >= self._spans.longest:
            raise _ended("timed out")
        known_run = same_run(written.used(), now)
        used = now.at if known_run else max(now.at, written.used().at)
        fresh = replace(written, used_at=used.isoformat(), used_up=_seconds(now.up))
        self._write(fresh, master, token)
        return self._session_of(fresh, master, Stamp(used, now.up))

    def _write(self, written: _Written, master: bytes, token: bytes) -> None:
        sealed = encrypt(token, master, written.bound(), self._random(12))
        facts = {**{name: getattr(written, name) for name in _NAMES}, "sealed": sealed.hex()}
        write_private(self._session, json.dumps(facts, ensure_ascii=False).encode() + b"\n", "session")

    def _destroy(self) -> None:
        # The token first: without it the other file is noise.
        destroy(self._token, "session.token")
        destroy(self._session, "session")

    def _session_of(self, written: _Written, master: bytes, now: Stamp) -> Session:
        age = most(written.opened(), now) or timedelta()
        ends = now.at + min(self._spans.idle, self._spans.longest - age)
        return Session(written.login, master, datetime.fromisoformat(written.opened_at), ends)

    def _gate(self) -> AbstractContextManager[None]:
        return Gate(self._session.with_suffix(".lock")).hold()


def _parse(raw: bytes) -> tuple[_Written, bytes]:
    try:
        facts = json.loads(raw)
        written = _Written(*(str(facts[name]) for name in _NAMES))
        written.opened(), written.used()
        return written, bytes.fromhex(facts["sealed"])
    except (ValueError, KeyError, TypeError, RecursionError):
        raise _ended("ended") from None


def _ended(why: Literal["none", "ended", "timed out"]) -> SessionEnded:
    sentences = {
        "none": "尚未登录。",
        "ended": "登录已失效，请重新运行 kangdang login。",
        "timed out": "登录已超时，请重新运行 kangdang login。",
    }
    return SessionEnded(sentences[why], hint=None if why == "none" else "")

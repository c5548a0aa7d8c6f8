"""Failed logins: counted before the password is looked at, durable, kept until they are on the access log.

After 5 failures of a login (20 from one computer) it is locked for 15 minutes, after 5 more for 30, doubling
up to 24 hours; after 24 quiet hours all is forgotten.  Hours are counted by the time since the computer
started; over a new start by what surely passed, so that setting the clock opens no lock.  An unknown login
is treated as a known one.  Tallies name no login, because people type passwords into that field; only logins
that exist are named for the access log.

It guards the front door.  Somebody who can copy the keys folder guesses elsewhere; there Argon2id is the bar.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from archives.clock.steady import Stamp
from archives.errors import ArchiveError, LoginLocked, LoginRefused
from archives.keys import attempts_file
from archives.keys.attempts_file import Failure, Ledger, Tally
from archives.keys.durable import private_folder
from archives.keys.password import spelled
from archives.keys.vault import Vault, unlock
from archives.ports import RandomBytes, Uptime
from archives.store.gate import Gate


@dataclass(frozen=True, slots=True)
class Limits:
    """When a login or a computer is locked, and for how long."""

    login_failures: int = 5
    client_failures: int = 20
    """More than for a login: colleagues share a computer, and one who forgot must not lock out the rest."""
    first_lock: timedelta = timedelta(minutes=15)
    longest_lock: timedelta = timedelta(hours=24)
    forget_after: timedelta = timedelta(hours=24)
    """Quiet time after the last failure and its lock."""


class Attempts:
    """The ledger of failed logins at ``path``, in the keys folder."""

    def __init__(self, path: Path, random: RandomBytes, limits: Limits = Limits()) -> None:
        self._path = path
        self._random = random
        self._limits = limits

    def log_in(
        self, vault: Vault, login: str, password: str, client: str, now: datetime, up: Uptime | None = None
    ) -> bytes:
        """The master key: the one way in by password.

        ``up`` is the time since the computer started.
        Raises LoginLocked without looking at the password, LoginRefused, VaultDamaged, StoreUnusable.
        """
        number = self.begin(vault, login, client, now, up)
        try:
            master = unlock(vault, login, password)
        except LoginRefused:
            raise
        except ArchiveError:
            self.withdraw(number, login, client, now, up)  # nobody's fault: the vault or the memory
            raise
        self.succeeded(number, login, client, now, up)
        return master

    def begin(self, vault: Vault, login: str, client: str, now: datetime, up: Uptime | None = None) -> int:
        """Count a try as failed before it is made, so that ending the program does not make it free.

        Returns its number for ``succeeded``.  Raises LoginLocked.
        """
        known = spelled(login) if vault.find(spelled(login)) is not None else None
        with self._changing() as change:
            moment = Stamp(now, up)
            ledger = _settled(change.ledger, moment, self._limits)
            keys = _keys(ledger, login, client)
            left = max((ledger.tally(key).locked_for(moment) for key in keys), default=timedelta())
            ledger, number = ledger.with_failure(now, client, known, "locked" if left else "wrong")
            if not left:
                for key, limit in zip(keys, self._allowed(), strict=True):
                    ledger = ledger.with_tally(key, _counted(ledger.tally(key), moment, limit, self._limits))
            change.ledger = ledger
        if left:
            raise LoginLocked(f"登录失败次数过多，请在 {_minute(now + left)} 之后再试。")
        return number

    def succeeded(
        self, number: int, login: str, client: str, now: datetime, up: Uptime | None = None
    ) -> None:
        """The try was right: the login's failures are forgotten, the computer's but for this one are not."""
        self._undo(number, login, client, Stamp(now, up), forget=True)

    def withdraw(self, number: int, login: str, client: str, now: datetime, up: Uptime | None = None) -> None:
        """The try was neither right nor wrong: as if it had not been."""
        self._undo(number, login, client, Stamp(now, up), forget=False)

    def _undo(self, number: int, login: str, client: str, now: Stamp, *, forget: bool) -> None:
        with self._changing() as change:
            ledger = change.ledger.without_failure(number)
            for_login, for_client = _keys(ledger, login, client)
            for key, limit in zip((for_login, for_client), self._allowed(), strict=True):
                tally = Tally() if forget and key == for_login else _one_less(ledger.tally(key), now, limit)
                ledger = ledger.with_tally(key, tally)
            change.ledger = ledger

    @contextmanager
    def take_unlogged(self) -> Iterator[Unlogged]:
        """The failures that are not on the access log yet; they go when the block ends without an error.

        A crash in between gives them again: ``Failure.number`` tells them apart.
        """
        with self._alone():
            ledger = self._read()
        yield Unlogged(ledger.failures, ledger.dropped)
        if ledger.failures:
            with self._changing() as change:
                change.ledger = change.ledger.without_logged(ledger.failures[-1].number, ledger.dropped)

    def lost(self) -> bool:
        """Whether the ledger is gone or damaged, both of its files."""
        return all(attempts_file.read(one) is None for one in (self._path, attempts_file.second(self._path)))

    def start_again(self) -> None:
        """Begin a new ledger in the place of a lost one, for who holds the recovery sheet.

        A ledger that is there stays.  Raises StoreUnusable.
        """
        with self._alone():
            if self.lost():
                attempts_file.create_anew(self._path, self._random)

    def pardon(self, login: str) -> None:
        """Let a locked login try again at once (the administrator, after asking who it was)."""
        with self._changing() as change:
            key, _ = _keys(change.ledger, login, "")
            change.ledger = change.ledger.with_tally(key, Tally())

    def _allowed(self) -> tuple[int, int]:
        return self._limits.login_failures, self._limits.client_failures

    def _alone(self) -> AbstractContextManager[None]:
        private_folder(self._path.parent)
        return Gate(self._path.with_suffix(".lock")).hold()

    def _read(self) -> Ledger:
        return attempts_file.load(self._path)

    @contextmanager
    def _changing(self) -> Iterator[_Change]:
        with self._alone():
            change = _Change(self._read())
            yield change
            attempts_file.save(self._path, change.ledger)


@dataclass(frozen=True, slots=True)
class Unlogged:
    """What waits for the access log: the failures, and how many more there were than are kept."""

    failures: tuple[Failure, ...]
    dropped: int


@dataclass(slots=True)
class _Change:
    ledger: Ledger


def _keys(ledger: Ledger, login: str, client: str) -> tuple[str, str]:
    """The names under which a login and a computer are counted."""

    def name(kind: str, text: str) -> str:
        return (
            kind
            + hashlib.sha256(ledger.salt + kind.encode() + text.encode("utf-8", "surrogatepass")).hexdigest()
        )

    return name("login:", spelled(login)), name("client:", client)


def _counted(tally: Tally, now: Stamp, allowed: int, limits: Limits) -> Tally:
    count = tally.count + 1
    if count % allowed:
        return Tally(count, now, tally.locked_at, tally.seconds)
    doubled = limits.first_lock * 2 ** min(count // allowed - 1, 16)
    return Tally(count, now, now, int(min(doubled, limits.longest_lock).total_seconds()))


def _one_less(tally: Tally, now: Stamp, allowed: int) -> Tally:
    """Without the try at ``now``; a lock that only that try brought goes with it."""
    if tally.count <= 1:
        return Tally()
    if tally.locked_at == now and tally.count % allowed == 0:
        return replace(tally, count=tally.count - 1, locked_at=None, seconds=0)
    return replace(tally, count=tally.count - 1)


def _settled(ledger: Ledger, now: Stamp, limits: Limits) -> Ledger:
    """Forget what is long past; a clock that was put back makes no lock longer."""
    kept = {}
    for key, tally in ledger.tallies.items():
        settled = tally.seen_from(now)
        if settled.quiet_for(now) < limits.forget_after:
            kept[key] = settled
    return ledger.with_tallies(kept)


def _minute(moment: datetime) -> str:
    """The moment in minutes, never too early."""
    return f"{moment + timedelta(seconds=59):%Y-%m-%d %H:%M}"

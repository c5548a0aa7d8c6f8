"""attempts.json: the tallies of failed logins and the failures that wait for the access log.

Both names, ``attempts.json`` and ``attempts.json.1``, hold the same: losing one loses nothing.  Losing both
locks the door, for a fresh ledger would forget every lock; who holds the recovery sheet opens it again, and
the first failure after that says so (``record_lost``).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from archives.clock.steady import Stamp, least, same_run
from archives.errors import StoreUnusable
from archives.keys.durable import private_folder, told, write_private
from archives.ports import RandomBytes, Uptime

VERSION = 1
MOST_TALLIES = 1000
MOST_FAILURES = 1000
LARGEST = 4 << 20
_MEMBERS = {"format", "version", "salt", "lost", "next_number", "dropped", "uptimes", "tallies", "failures"}
KINDS = ("wrong", "locked", "record_lost")


@dataclass(frozen=True, slots=True)
class Failure:
    """A failed login that is not on the access log yet."""

    number: int
    """Running; with the ledger's salt it never comes twice."""
    at: datetime
    client: str
    login: str | None
    """The login when it exists; an unknown one is not kept."""
    kind: str
    """``wrong``, ``locked`` (refused unseen), ``record_lost`` (the ledger was missing or damaged)."""


@dataclass(frozen=True, slots=True)
class Tally:
    """Failures of one login or computer."""

    count: int = 0
    last: Stamp | None = None
    locked_at: Stamp | None = None
    seconds: int = 0

    def locked_for(self, now: Stamp) -> timedelta:
        """How long the lock lasts from ``now`` on; nothing when there is none."""
        if self.locked_at is None:
            return timedelta()
        return max(timedelta(seconds=self.seconds) - least(self.locked_at, now), timedelta())

    def quiet_for(self, now: Stamp) -> timedelta:
        """Since the last failure or the end of the lock, the later of both; negative while locked."""
        since = timedelta.max if self.last is None else least(self.last, now)
        if self.locked_at is None:
            return since
        return min(since, least(self.locked_at, now) - timedelta(seconds=self.seconds))

    def written_at(self) -> datetime:
        """The last failure or lock by the clock: which tally is the older."""
        return max((one.at for one in (self.last, self.locked_at) if one), default=_NEVER)

    def seen_from(self, now: Stamp) -> Tally:
        """With no moment after ``now`` by the clock: when that was put back, a lock runs from now."""
        return replace(self, last=_not_after(self.last, now), locked_at=_not_after(self.locked_at, now))


_NEVER = datetime.min.replace(tzinfo=UTC)


def _not_after(stamp: Stamp | None, now: Stamp) -> Stamp | None:
    if stamp is None or stamp.at <= now.at or same_run(stamp, now):
        return stamp
    return now


@dataclass(frozen=True, slots=True)
class Ledger:
    """All that the file says."""

    salt: bytes
    next_number: int = 1
    dropped: int = 0
    """Failures beyond the longest list; only counted."""
    tallies: Mapping[str, Tally] = field(default_factory=dict)
    failures: tuple[Failure, ...] = ()
    lost: bool = False

    def tally(self, key: str) -> Tally:
        """The tally of a key; an empty one when there is none."""
        return self.tallies.get(key, Tally())

    def with_tally(self, key: str, tally: Tally) -> Ledger:
        """With one tally changed; an empty one goes."""
        rest = {name: value for name, value in self.tallies.items() if name != key}
        if tally.count:
            rest[key] = tally
        return self.with_tallies(rest)

    def with_tallies(self, tallies: Mapping[str, Tally]) -> Ledger:
        """With these tallies; of too many, those longest quiet go."""
        if len(tallies) > MOST_TALLIES:
            newest = sorted(tallies, key=lambda key: tallies[key].written_at())[-MOST_TALLIES:]
            tallies = {key: tallies[key] for key in newest}
        return replace(self, tallies=tallies)

    def with_failure(self, at: datetime, client: str, login: str | None, kind: str) -> tuple[Ledger, int]:
        """With one more failure; returns its number too."""
        ledger = self
        if ledger.lost:
            ledger, _ = replace(ledger, lost=False).with_failure(at, client, None, "record_lost")
        number = ledger.next_number
        failures = (*ledger.failures, Failure(number, at, client, login, kind))
        over = max(0, len(failures) - MOST_FAILURES)
        return (
            replace(ledger, next_number=number + 1, failures=failures[over:], dropped=ledger.dropped + over),
            number,
        )

    def without_failure(self, number: int) -> Ledger:
        """Without the failure of that number."""
        return replace(self, failures=tuple(f for f in self.failures if f.number != number))

    def without_logged(self, number: int, dropped: int) -> Ledger:
        """Without those up to and including that number, and without the count of dropped ones."""
        left = tuple(f for f in self.failures if f.number > number)
        return replace(self, failures=left, dropped=max(0, self.dropped - dropped))


def create(path: Path, random: RandomBytes) -> None:
    """Start the ledger of a station.  Raises StoreUnusable."""
    save(path, Ledger(random(16)))


def create_anew(path: Path, random: RandomBytes) -> None:
    """Start the ledger again after it was lost; its first failure will say so.  Raises StoreUnusable."""
    save(path, Ledger(random(16), lost=True))


def second(path: Path) -> Path:
    """Where the same ledger lies once more."""
    return path.with_name(path.name + ".1")


def load(path: Path) -> Ledger:
    """The ledger.  Raises StoreUnusable when neither file can be read."""
    for one in (path, second(path)):
        ledger = read(one)
        if ledger is not None:
            return ledger
    raise StoreUnusable(
        f"登录失败的记录 {path.name} 不见了或已损坏，不能登录。",
        hint="请从密钥备份恢复这个文件；没有备份时，用恢复单重新开始：kangdang user recover。",
    )


def read(path: Path) -> Ledger | None:
    """The ledger in one of the two files; None when it cannot be read.  Raises StoreUnusable."""
    try:
        with told(path.parent):
            raw = path.read_bytes() if path.is_file() and path.stat().st_size <= LARGEST else b""
        return _parse(json.loads(raw))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, OverflowError):
        return None


def save(path: Path, ledger: Ledger) -> None:
    """Write the ledger.  Raises StoreUnusable: then the login does not go on either."""
    private_folder(path.parent)
    facts = {
        "format": "kangdang-attempts",
        "version": VERSION,
        "salt": ledger.salt.hex(),
        "lost": ledger.lost,
        "next_number": ledger.next_number,
        "dropped": ledger.dropped,
        "tallies": {
            key: [t.count, _at(t.last), _at(t.locked_at), t.seconds] for key, t in ledger.tallies.items()
        },
        "uptimes": {key: [_up(t.last), _up(t.locked_at)] for key, t in ledger.tallies.items()},
        "failures": [[f.number, f.at.isoformat(), f.client, f.login, f.kind] for f in ledger.failures],
    }
    facts["sha256"] = _hash(facts)
    content = json.dumps(facts, ensure_ascii=False).encode("utf-8", "backslashreplace") + b"\n"
    for one in (second(path), path):
        write_private(one, content, "attempts")


def _hash(facts: Mapping[str, Any]) -> str:
    plain = json.dumps(facts, ensure_ascii=True, sort_keys=True)
    return hashlib.sha256(plain.encode()).hexdigest()


def _parse(facts: dict[str, Any]) -> Ledger:
    stated = facts.pop("sha256", None)
    if facts.keys() - _MEMBERS or (stated is None) != ("lost" not in facts):  # the first version had neither
        raise ValueError("other members")
    if stated is not None and stated != _hash(facts):
        raise ValueError("changed")
    if facts["version"] != VERSION:
        raise ValueError("another version")
    tallies = {}
    uptimes = facts.get("uptimes", {})
    for key, (count, last, locked_at, seconds) in facts["tallies"].items():
        by_last, by_lock = uptimes.get(key, (None, None))
        tallies[str(key)] = Tally(int(count), _stamp(last, by_last), _stamp(locked_at, by_lock), int(seconds))
    failures = []
    for number, at, client, login, kind in facts["failures"]:
        moment = _moment(at)
        if moment is None or kind not in KINDS:
            raise ValueError("not a failure")
        failures.append(Failure(int(number), moment, str(client), login, kind))
    return Ledger(
        bytes.fromhex(facts["salt"]),
        int(facts["next_number"]),
        int(facts["dropped"]),
        tallies,
        tuple(failures),
        facts.get("lost", False) is True,
    )


def _at(stamp: Stamp | None) -> str | None:
    return None if stamp is None else stamp.at.isoformat()


def _up(stamp: Stamp | None) -> list[str | float] | None:
    return None if stamp is None or stamp.up is None else [stamp.up.boot, stamp.up.seconds]


def _stamp(text: str | None, up: list[str | float] | None) -> Stamp | None:
    moment = _moment(text)
    if moment is None:
        return None
    return Stamp(moment, None if up is None else Uptime(str(up[0]), float(up[1])))


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a moment without its time zone")
    return moment

"""keeping.json of a home: when the station was last checked and backed up, and what waits for a login.

Holds dates, counts, hashes and places; readable without anybody's password, so that ``doctor`` can tell.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

from archives.keys.durable import read_private, told, write_private
from archives.store.gate import Gate
from archives.store.points import reached

NAME: Final = "keeping.json"
LARGEST: Final = 16 << 20


@dataclass(frozen=True, slots=True)
class Waiting:
    """A copy made or expired without a login; the next opening puts it on the register."""

    act: str
    """``made`` or ``gone``."""
    name: str
    sha256: str
    at: str
    gone_by: str = ""


@dataclass(frozen=True, slots=True)
class Medium:
    """A medium of backups by the id in its mark; ``kind``: ``data`` or ``keys``."""

    id: str
    kind: str


@dataclass(frozen=True, slots=True)
class CheckState:
    """The last check, and how far one that stopped has come."""

    started: str = ""
    finished: str = ""
    """Empty while one is under way, and after a crash."""
    findings: int = 0
    at: dict[str, int] = field(default_factory=dict)
    """Table → last id looked at by a check that stopped at its limit."""
    found: tuple[tuple[str, str], ...] = ()
    """(kind, place) found so far by a check that stopped at its limit."""


@dataclass(frozen=True, slots=True)
class Keeping:
    """What keeping.json says.  Times are ISO 8601; empty: never."""

    check: CheckState = field(default_factory=CheckState)
    data_backup: str = ""
    keys_backup: str = ""
    verified: str = ""
    """When a backup was last restored into scratch and compared."""
    confirmed: str = ""
    """The last confirmed time, for what is done without anybody's password."""
    waiting: tuple[Waiting, ...] = ()
    media: tuple[Medium, ...] = ()
    """Media backups were made to."""
    keys_backup_knows: int | None = None
    """How many destructions the tombstones told when keys were last backed up: a count cannot run ahead."""
    backup_days: int = 0
    """How long copies are kept by the settings in force, for who makes a backup without opening the data."""
    gap_since: str = ""
    """Day of the oldest backup restored without a newer list of what was destroyed, while that is open."""
    damaged: bool = False
    """The file is there and cannot be read: nothing of it is known.  Not written."""


def read_keeping(home: Path) -> Keeping:
    """The state; a missing file counts as never, one that is not exactly as it is written as ``damaged``."""
    path = home / NAME
    raw = read_private(path)
    if raw is None:
        return Keeping(damaged=path.exists())
    try:
        return _parse(json.loads(raw)) if len(raw) <= LARGEST else Keeping(damaged=True)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return Keeping(damaged=True)


def _parse(facts: dict[str, Any]) -> Keeping:
    """Raises ValueError, TypeError, KeyError, AttributeError for everything else."""
    stated = facts.pop("sha256", None)  # the first version had none
    if stated is not None and stated != _hash(facts):
        raise ValueError("changed")
    check = facts.pop("check", {})
    found = tuple((_text(kind), _text(place)) for kind, place in check.pop("found", ()))
    at = {_text(table): _number(last) for table, last in check.pop("at", {}).items()}
    findings = _number(check.pop("findings", 0))
    times = {name: _moment(value) for name, value in check.items()}
    waiting = tuple(_waiting(one) for one in facts.pop("waiting", ()))
    media = tuple(Medium(_text(one["id"]), _text(one["kind"])) for one in facts.pop("media", ()))
    days = _number(facts.pop("backup_days", 0))
    told = facts.pop("keys_backup_knows", None)
    knows = None if told is None else _number(told)
    rest = {name: _moment(value) for name, value in facts.items()}
    state = CheckState(**times, findings=findings, at=at, found=found)
    return Keeping(state, **rest, waiting=waiting, media=media, keys_backup_knows=knows, backup_days=days)  # type: ignore[arg-type]  # as above


def _waiting(told: dict[str, Any]) -> Waiting:
    one = Waiting(**{name: _text(value) for name, value in told.items()})
    if one.act not in ("made", "gone"):
        raise ValueError("act")
    _moment(one.at)
    if one.gone_by:
        date.fromisoformat(one.gone_by)
    return one


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("no text")
    return value


def _number(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise TypeError("no number")
    return value


def _moment(value: object) -> str:
    """A moment with its zone, or nothing."""
    text = _text(value)
    if text and datetime.fromisoformat(text).tzinfo is None:
        raise ValueError("no zone")
    return text


def _hash(told: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def change_keeping(home: Path, change: Callable[[Keeping], Keeping]) -> Keeping:
    """Change the state, durably; programs take turns.  Raises StoreUnusable."""
    with Gate(home / "keeping.lock").hold():
        before = read_keeping(home)
        if before.damaged:  # kept for whoever finds out why; what it knew is told again by time
            with told(home):
                (home / NAME).replace(home / f"{NAME}.damaged")
                reached("keeping.damaged:renamed")
        after = change(replace(before, damaged=False))
        body = {name: value for name, value in asdict(after).items() if name != "damaged"}
        body["sha256"] = _hash(body)
        write_private(home / NAME, json.dumps(body, ensure_ascii=False).encode() + b"\n", "keeping")
        return after


def add_waiting(home: Path, waiting: Waiting, **more: str | int) -> None:
    """Note a copy for the register, and what else of the state it changes.  Raises StoreUnusable."""
    change_keeping(home, lambda was: replace(was, waiting=(*was.waiting, waiting), **more))  # type: ignore[arg-type]  # by name

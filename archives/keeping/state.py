"""keeping.json of a home: when the station was last checked and backed up, and what waits for a login.

Holds dates, counts, hashes and places; readable without anybody's password, so that ``doctor`` can tell.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from archives.keys.durable import read_private, write_private
from archives.store.gate import Gate

NAME = "keeping.json"


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
    waiting: tuple[Waiting, ...] = ()


def read_keeping(home: Path) -> Keeping:
    """The state; a missing or damaged file counts as never."""
    raw = read_private(home / NAME)
    try:
        told: dict[str, Any] = json.loads(raw or b"{}")
        check = told.get("check", {})
        found = tuple((str(kind), str(place)) for kind, place in check.get("found", ()))
        return Keeping(
            CheckState(**{**check, "found": found}),
            waiting=tuple(Waiting(**one) for one in told.get("waiting", ())),
            **{one.name: str(told.get(one.name, "")) for one in fields(Keeping) if one.type == "str"},
        )
    except (ValueError, TypeError, AttributeError, RecursionError):
        return Keeping()


def change_keeping(home: Path, change: Callable[[Keeping], Keeping]) -> Keeping:
    """Change the state, durably; programs take turns.  Raises StoreUnusable."""
    with Gate(home / "keeping.lock").hold():
        after = change(read_keeping(home))
        write_private(home / NAME, json.dumps(asdict(after), ensure_ascii=False).encode() + b"\n", "keeping")
        return after


def add_waiting(home: Path, waiting: Waiting, **times: str) -> None:
    """Note a copy for the register, and the times that go with it.  Raises StoreUnusable."""
    change_keeping(home, lambda was: replace(was, waiting=(*was.waiting, waiting), **times))  # type: ignore[arg-type]  # times are text

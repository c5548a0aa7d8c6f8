"""What the archive is given from outside: the clock, the random source, and who is acting."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol, get_args

Clock = Callable[[], datetime]
"""The moment with its time zone as the computer shows it; what that is worth says ``archives.clock``."""


@dataclass(frozen=True, slots=True)
class Uptime:
    """Seconds since the computer started, and which start; ``boot`` is empty where starts have no name."""

    boot: str
    seconds: float


class SteadyClock(Protocol):
    """A clock that also tells the time since the computer started, which nobody can set."""

    def steady(self) -> Uptime:
        """The time since the start."""


def uptime_of(clock: Clock) -> Uptime | None:
    """The time since the start, of a clock that tells it."""
    # Asked for by name: each act asks, and ``isinstance`` of a protocol takes ten times as long.
    steady: Callable[[], Uptime] | None = getattr(clock, "steady", None)
    return None if steady is None else steady()


RandomBytes = Callable[[int], bytes]
"""n unpredictable bytes (``secrets.token_bytes``)."""

Role = Literal["worker", "supervisor", "director", "records", "auditor", "admin"]
ROLES: tuple[Role, ...] = get_args(Role)
ROLE_NAMES: dict[Role, str] = {
    "worker": "社工",
    "supervisor": "督导",
    "director": "机构负责人",
    "records": "档案员",
    "auditor": "审计员",
    "admin": "系统管理员",
}
EXCLUSIVE_ROLES: tuple[Role, ...] = ("records", "auditor", "admin")
"""三员分立: one natural person holds at most one of these (spec E3.6)."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: the account, the natural person behind it, that person's roles, from which computer."""

    user: int | None
    staff: int | None
    roles: frozenset[Role]
    client: str

    @property
    def role(self) -> str:
        """The roles as the access log writes them, in the order of ROLES; ``system`` for none."""
        return "+".join(role for role in ROLES if role in self.roles) or "system"


def system(client: str) -> Actor:
    """The program itself: nightly seals, recovery after a crash."""
    return Actor(None, None, frozenset(), client)

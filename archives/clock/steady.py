"""How long ago something was, by the time since the computer started and by its clock.

The clock can be set, the time since the start cannot; but it begins anew with each start.  Both are written
down.  In one run of the computer the time since its start alone decides.  Where the run may be another, the
stricter of both does: ``most`` for what ends (a session), ``least`` for what keeps out (a lock).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from archives.ports import Uptime


@dataclass(frozen=True, slots=True)
class Stamp:
    """A moment as both tell it; ``up`` is None where the time since the start is not known."""

    at: datetime
    up: Uptime | None = None


def same_run(then: Stamp, now: Stamp) -> bool | None:
    """Whether the computer ran on from then to now; None when that cannot be known."""
    if then.up is None or now.up is None:
        return None
    if now.up.seconds < then.up.seconds or then.up.boot != now.up.boot:
        return False
    return True if then.up.boot else None


def most(then: Stamp, now: Stamp) -> timedelta | None:
    """How long ago at most; None: another run of the computer, or a clock that was put back."""
    run = same_run(then, now)
    if run is False:
        return None
    by_clock = now.at - then.at
    if then.up is None or now.up is None:
        return by_clock
    by_start = timedelta(seconds=now.up.seconds - then.up.seconds)
    return by_start if run else max(by_start, by_clock)


def least(then: Stamp, now: Stamp) -> timedelta:
    """How long ago at least, never less than nothing."""
    by_clock = max(now.at - then.at, timedelta())
    if then.up is None or now.up is None:
        return by_clock
    by_start = timedelta(seconds=now.up.seconds - then.up.seconds)
    match same_run(then, now):
        case True:
            return by_start
        case None:
            return min(by_start, by_clock)
    return min(timedelta(seconds=now.up.seconds), by_clock)

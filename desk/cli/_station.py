"""The station as commands open it: the clock of Shanghai, the system's randomness."""

from __future__ import annotations

import secrets
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from archives.ports import Uptime
from desk.cli._clock import shanghai_now

if TYPE_CHECKING:
    from desk.station.opening import OpenStation


@cache
def _boot() -> str:
    """The name of the computer's start, which no process outlives; each act asks."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return ""


class StationClock:
    """The station's clock: what the computer shows, and the time since it started."""

    def __call__(self) -> datetime:
        """The moment in Shanghai."""
        return shanghai_now()

    def steady(self) -> Uptime:
        """Seconds since the start, sleep included.  Windows names no starts."""
        if sys.platform != "linux":
            return Uptime("", time.monotonic())
        return Uptime(_boot(), time.clock_gettime(time.CLOCK_BOOTTIME))


station_now = StationClock()


def disk_of(folder: Path) -> str:
    """What tells the disk of a folder from every other."""
    from archives.keeping.medium import disk_of as really

    return really(folder)


@contextmanager
def open_station(home: Path | None) -> Iterator[OpenStation]:
    """The station for the person who is logged in; errors of the archive pass through."""
    from desk.station.opening import opened

    with opened(home, station_now, secrets.token_bytes) as station:
        yield station

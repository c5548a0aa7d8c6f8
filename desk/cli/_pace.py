"""How the command line waits: the only place that reads the monotonic clock and sleeps."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from desk.station.scanning.turn import Turn


@dataclass(frozen=True, slots=True)
class Pace:
    """``clock``: seconds that only go forward, whatever the date of the computer; ``pause`` waits so many."""

    clock: Callable[[], float]
    pause: Callable[[float], None]


PACE = Pace(time.monotonic, time.sleep)


def queueing() -> Turn:
    """Waiting while another window receives; says so on standard error."""
    from desk.station.scanning.turn import Turn

    return Turn(lambda sentence: click.echo(sentence, err=True), PACE.pause, PACE.clock)

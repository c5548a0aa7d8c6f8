"""Ends a write at one of its named points, as a crash would: nothing after the point happens."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from archives.store import points


class Crash(BaseException):
    """The computer stopped here.  No except clause of the product catches it."""


@contextmanager
def crash_at(number: int) -> Iterator[list[str]]:
    """Crash at the point of that number (from 0) as it is reached; gives the points reached."""
    seen: list[str] = []

    def watch(point: str) -> None:
        seen.append(point)
        if len(seen) == number + 1:
            raise Crash(point)

    points.observe(watch)
    try:
        yield seen
    finally:
        points.observe(None)


def points_of(act: Callable[[], object]) -> list[str]:
    """All points an act reaches."""
    with crash_at(-1) as seen:
        act()
    return seen

"""An attempt at an act that cannot be taken back leaves a line on the log also when it is refused."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextlib import contextmanager

from archives.errors import ArchiveError, StoreUnusable
from archives.log.event import SITE_CHAIN
from desk.station.opening import OpenStation


@contextmanager
def attempting(station: OpenStation, action: str, subject: str, *, chain: int = SITE_CHAIN) -> Iterator[None]:
    """Put ``action`` on the log as denied (failed, when the stores failed) before its error is told.

    For what happens after ``OpenStation.allow``, which puts its own denials on the log.  The reason stands
    there as the class of the error, which says no more than its sentence.
    """
    try:
        yield
    except ArchiveError as error:
        result = "failed" if isinstance(error, StoreUnusable) else "denied"
        # A store that cannot be written takes no line either; the person is told what is wrong with it.
        with contextlib.suppress(StoreUnusable), station.acting("log.denied") as unit:
            unit.log(action, subject, chain=chain, result=result, detail={"error": type(error).__name__})
        raise

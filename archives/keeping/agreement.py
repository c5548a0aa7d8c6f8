"""Whether the rows agree with the log: the newest event about a row tells what the row holds now.

Goes through the files in batches, and through the rows of the station in parts, so it needs the same memory
for any size.  All of it is one moment of the data.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, select

from archives.archive import Archive
from archives.evidence.digest import GONE
from archives.evidence.registry import BY_KIND, Entry
from archives.evidence.stored import OF_FILES, OF_STATION, batches, groups, rows_of, station_rows
from archives.keeping.baseline import ACTION as BASELINE
from archives.keeping.finding import KeepingFinding
from archives.log.event import SITE_CHAIN
from archives.store.tables_people import events

FILES_AT_ONCE: Final = 50
ROWS_AT_ONCE: Final = 50_000
"""Of the station, whose digests are held in memory."""
_MARK: Final = '"digests":'


@dataclass(slots=True)
class Agreed:
    """What was compared; ``since``: the time of the upgrade before which nothing was noted, else empty."""

    rows: int = 0
    since: str = ""


def agreement(
    archive: Archive, agreed: Agreed, progress: Callable[[int], None] = lambda _count: None
) -> Iterator[KeepingFinding]:
    """Compare all rows with the log; what differs."""
    with archive.data.reading() as connection:
        run = _Run(connection, archive.id_key, agreed)
        parts = station_rows(connection) // ROWS_AT_ONCE + 1
        for part in range(parts):
            yield from run.compare((SITE_CHAIN,), OF_STATION, lambda key, at=part: _part(key, parts) == at)  # type: ignore[misc]  # bound now
            progress(agreed.rows)
        for together in batches(groups(connection), FILES_AT_ONCE):
            yield from run.compare(together, OF_FILES)
            progress(agreed.rows)


def _part(key: str, parts: int) -> int:
    return zlib.crc32(key.encode()) % parts


def _all(_key: str) -> bool:
    return True


@dataclass(slots=True)
class _Run:
    connection: Connection
    secret: bytes
    agreed: Agreed

    def compare(
        self, chains: Sequence[int], entries: Sequence[Entry], chosen: Callable[[str], bool] = _all
    ) -> Iterator[KeepingFinding]:
        """The rows of these tables against the newest events of these chains about them."""
        told = self._told(self.connection, chains, chosen)
        for entry in entries:
            for held in rows_of(self.connection, entry, chains, self.secret):
                if not chosen(held.key):
                    continue
                self.agreed.rows += 1
                known = told.pop(held.key, None)
                if known is None or known[1] == GONE:
                    yield KeepingFinding("row_unknown", place(held.key))
                elif known[1] != held.digest:
                    yield KeepingFinding("row_changed", place(held.key))
        for key, (_, last) in sorted(told.items()):
            if last != GONE:
                yield KeepingFinding("row_missing", place(key))

    def _told(
        self, connection: Connection, chains: Sequence[int], chosen: Callable[[str], bool]
    ) -> dict[str, tuple[int, str]]:
        """Key of a row → (number of the newest event about it, what it says).

        Within a chain the place decides, which its hashes cover; only between chains the number.
        """
        query = (
            select(events.c.id, events.c.chain, events.c.at, events.c.action, events.c.detail)
            .where(events.c.chain.in_(chains), events.c.detail.contains(_MARK))
            .order_by(events.c.chain, events.c.seq)
        )
        told: dict[str, tuple[int, str]] = {}
        here, chain = set[str](), None
        for row in connection.execute(query, execution_options={"yield_per": 200}):
            if row.chain != chain:
                here, chain = set(), row.chain
            if row.action == BASELINE and not self.agreed.since:
                self.agreed.since = row.at
            for key, digest in _digests(row.detail).items():
                if chosen(key) and (key in here or key not in told or row.id > told[key][0]):
                    told[key] = row.id, digest
                    here.add(key)
        return told


def _digests(detail: str) -> dict[str, Any]:
    try:
        found = json.loads(detail)["digests"]
    except (ValueError, KeyError, TypeError, RecursionError):  # changed by hand: the chain of the log says so
        return {}
    return found if isinstance(found, dict) else {}


def place(key: str) -> str:
    """A row as a reader is told of it: what it is, and its numbers."""
    kind, _, numbers = key.partition(":")
    entry = BY_KIND.get(kind)
    return f"{entry.title if entry else kind} #{numbers}"

"""Orphans: keys and blobs that belong to nothing, left by an act that failed; and sweeping them.

Names in the stores and names in the rows are two sorted streams laid side by side: any size, little memory.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Column, Connection, Select, Text, select, union_all

from archives.archive import Archive
from archives.clock.reckoning import AHEAD
from archives.clock.reference import Reference
from archives.store.blobs import FolderBlobs
from archives.store.schema import METADATA

GRACE: Final = AHEAD + timedelta(days=1)
"""What is younger may belong to an act under way; longer than a clock leaps without anybody being asked."""
MOST: Final = 10_000
"""Orphans looked at in one run."""


@dataclass(frozen=True, slots=True)
class Orphans:
    """Names that nothing refers to."""

    keys: tuple[str, ...]
    blobs: tuple[str, ...]
    half_written: tuple[str, ...]
    """Paths of blobs a crash cut short."""

    def __len__(self) -> int:
        return len(self.keys) + len(self.blobs) + len(self.half_written)


def key_columns() -> list[Column[str]]:
    """Every column that names an item key: by their name, so that none is forgotten."""
    return [
        column
        for table in METADATA.sorted_tables
        for column in table.columns
        if column.name.endswith("_key") and isinstance(column.type, Text)
    ]


def blob_columns() -> list[Column[str]]:
    """Every column that names a blob."""
    return [table.c.blob for table in METADATA.sorted_tables if "blob" in table.c]


def _used(columns: list[Column[str]]) -> Select[tuple[str]]:
    parts = [select(column.label("name")).where(column.is_not(None)) for column in columns]
    named = union_all(*parts).subquery()
    return select(named.c.name).order_by(named.c.name)


@contextmanager
def used_keys(archive: Archive) -> Iterator[Iterator[str]]:
    """Names of the item keys that rows need, in order; each as often as it is named."""
    with _streaming(archive, _used(key_columns())) as used:
        yield used


def used_blobs() -> Select[tuple[str]]:
    """Names of the blobs that rows need, in order."""
    return _used(blob_columns())


def find_orphans(archive: Archive, reference: Reference) -> Orphans:
    """What nothing refers to and is older than GRACE, at most MOST of each."""
    now = reference.at
    with _streaming(archive, _used(key_columns())) as used:
        old = (name for name, made_at in archive.keys.names() if _aged(made_at, reference))
        keys = tuple(_first(_unused(old, used)))
    with _streaming(archive, _used(blob_columns())) as used:
        blobs = tuple(_first(_old_blobs(archive, _unused(archive.blobs.names(), used), now)))
    halves: tuple[str, ...] = ()
    if isinstance(archive.blobs, FolderBlobs):
        halves = tuple(
            str(path) for path in archive.blobs.leftovers() if _age_passed(path.stat().st_mtime, now)
        )
    return Orphans(keys, blobs, halves)


def _aged(made_at: str, reference: Reference) -> bool:
    return reference.at - reference.began(datetime.fromisoformat(made_at)) > GRACE


def _first(names: Iterator[str]) -> Iterator[str]:
    for count, name in enumerate(names):
        if count == MOST:
            return
        yield name


def _unused(there: Iterator[str], used: Iterator[str]) -> Iterator[str]:
    wanted = next(used, None)
    for name in there:
        # Ends: each round takes a name.
        while wanted is not None and wanted < name:
            wanted = next(used, None)
        if wanted != name:
            yield name


def _old_blobs(archive: Archive, names: Iterator[str], now: datetime) -> Iterator[str]:
    for name in names:
        store = archive.blobs
        if not isinstance(store, FolderBlobs):
            yield name
            continue
        try:
            written = store.path(name).stat().st_mtime
        except FileNotFoundError:
            continue
        if _age_passed(written, now):
            yield name


def _age_passed(written: float, now: datetime) -> bool:
    return now.timestamp() - written > GRACE.total_seconds()


@contextmanager
def _streaming(archive: Archive, query: Select[tuple[str]]) -> Iterator[Iterator[str]]:
    with archive.data.reading() as connection:
        rows = connection.execution_options(yield_per=5000).execute(query)
        yield (str(row[0]) for row in rows)


def sweep(archive: Archive, orphans: Orphans, reference: Reference) -> int:
    """Remove true orphans: each is looked for again while nobody else can write.  Returns how many.

    Raises StoreUnusable.
    """
    with archive.data.writing("check.sweep") as connection:
        keys = [name for name in orphans.keys if not _refers(connection, key_columns(), name)]
        blobs = [name for name in orphans.blobs if not _refers(connection, blob_columns(), name)]
        archive.keys.destroy(keys, reference)
        for name in blobs:
            archive.blobs.remove(name)
        if isinstance(archive.blobs, FolderBlobs):
            archive.blobs.remove_leftovers(orphans.half_written)
    return len(keys) + len(blobs) + len(orphans.half_written)


def _refers(connection: Connection, columns: list[Column[str]], name: str) -> bool:
    return any(
        connection.execute(select(column).where(column == name).limit(1)).first() is not None
        for column in columns
    )

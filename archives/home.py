"""Opening the stores of a station with its master key.

The data folder alone is unreadable, the keys folder alone too without somebody's password.  Nothing is made
here but for who makes a station: a store that is missing is a sentence.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from archives.archive import Archive, StationFacts
from archives.keys.derive import Purpose, derive
from archives.ports import Clock, RandomBytes
from archives.settings import SETTINGS, Layout, Settings, layout_of, read_settings
from archives.store import item_keys
from archives.store.blobs import FolderBlobs
from archives.store.database import Database, embedded, server
from archives.store.item_keys import KeyStore
from archives.store.newest import NAME as NEWEST
from archives.store.newest import Newest
from archives.store.trouble import DATA, KEYS, Store

__all__ = [
    "SETTINGS", "Layout", "Settings", "StationFacts", "create_stores", "layout_of", "open_archive",
    "read_settings",
]  # fmt: skip


def open_archive(
    layout: Layout, settings: Settings, master: bytes, clock: Clock, random: RandomBytes, *,
    make: bool = False,
) -> Archive:  # fmt: skip
    """Open all stores with the master key; with ``make`` those that are not there are made.

    Raises StoreUnusable, HomeUnusable; without ``make`` a missing file is told at its first use.
    """
    data = _database(settings.data_url, layout.database, derive(master, Purpose.DATA), DATA, make=make)
    keys = _database(settings.keys_url, layout.key_store, derive(master, Purpose.KEYS), KEYS, make=make)
    return Archive(
        data, KeyStore(keys, random, clock), FolderBlobs(layout.blobs, random), clock, random,
        settings.station, derive(master, Purpose.ID_HASH),
        Newest(layout.keys / NEWEST) if data.embedded else None,
    )  # fmt: skip


def _database(url: str, path: Path, key: bytes, store: Store, *, make: bool) -> Database:
    return server(url, store) if url else embedded(path, key, make=make, store=store)


def create_stores(archive: Archive, migrate: Callable[[Archive], None]) -> None:
    """Make the tables of an empty archive."""
    with archive.keys.database.writing("home.keys") as connection:
        item_keys.METADATA.create_all(connection)
    migrate(archive)

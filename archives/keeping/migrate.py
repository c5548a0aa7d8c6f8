"""Bringing a station's stores to the version of this program, with a copy of the data made before."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection

from archives.archive import Archive
from archives.clock.reference import Reference
from archives.keeping.baseline import baseline
from archives.keeping.manifest import FileEntry
from archives.keeping.snapshot import copy_database, make_private
from archives.keeping.state import Waiting, add_waiting
from archives.keys.durable import told
from archives.ports import Actor, system
from archives.settings import Layout
from archives.store.gate import Gate
from archives.store.migrations import HEAD
from archives.store.migrations.runner import require_known, upgrade, upgrade_keys, version_of
from archives.store.points import reached
from archives.store.sync import sync_folder

FOLDER: Final = "before-upgrade"
"""In the home: copies of the data as it was before an upgrade, until the day in their names."""


NOTED_SINCE: Final = "0006"
"""The version from which every row's digest is on the log."""


def migrate(archive: Archive) -> None:
    """Make or upgrade all tables and guards of both stores; repeating it changes nothing.

    Raises StoreUnusable when a newer program wrote them.
    """
    upgrade_keys(archive.keys.database)

    def then(connection: Connection, before: str | None) -> None:
        if before is not None and before < NOTED_SINCE:
            baseline(archive.within(connection, system("upgrade")))

    upgrade(archive.data, then)


def bring_up_to_date(archive: Archive, layout: Layout, actor: Actor) -> bool:
    """Upgrade an older station, after a copy of its data; True if there was something to do.

    Copies whose day has passed go.  Raises StoreUnusable, also for data of a newer program.
    """
    with archive.data.reading() as connection:
        before = version_of(connection)
    if before == HEAD:
        _drop_due(archive, layout, actor)
        return False
    with upgrading(layout):
        with archive.data.reading() as connection:
            before = version_of(connection)
        if before == HEAD:
            return False  # another window did it meanwhile
        _upgrade(archive, layout, before, actor)
    return True


@contextmanager
def upgrading(layout: Layout) -> Iterator[None]:
    """Windows that open an older station take turns.  Raises StoreUnusable."""
    with Gate(layout.home / "upgrade.lock").hold():
        yield


def _upgrade(archive: Archive, layout: Layout, before: str | None, actor: Actor) -> None:
    require_known(before)
    if archive.data.embedded and before is not None:
        _copy_before(archive, layout, before)
    migrate(archive)
    with archive.acting("migrate.log", actor) as unit:
        unit.log("station.migrate", "station:1", detail={"state_before": before, "state_after": HEAD})


def _drop_due(archive: Archive, layout: Layout, actor: Actor) -> None:
    if not (layout.home / FOLDER).is_dir():
        return
    archive.settle_clock(actor)
    with archive.looking(actor) as unit:
        reference = unit.reference() if unit.confirmed else None
    if reference is not None:
        drop_expired(layout, reference)


def _copy_before(archive: Archive, layout: Layout, version: str) -> None:
    now = archive.now()
    until = (now + timedelta(days=archive.station.backup_days)).date()
    folder, number = layout.home / FOLDER / f"{version}-{now:%Y%m%dT%H%M%S}-{until:%Y%m%d}", 1
    # Ends: no folder has every number.
    while folder.exists():  # a crash after it was made: the upgrade begins again
        number += 1
        folder = folder.with_name(f"{version}-{now:%Y%m%dT%H%M%S}.{number}-{until:%Y%m%d}")
    staged = folder.with_name("unfinished")
    with told(layout.home):
        shutil.rmtree(staged, ignore_errors=True)
        make_private(staged, "migrate.folder")
        entries: list[FileEntry] = copy_database(layout.database, staged, "migrate.copy")
        staged.replace(folder)
        reached("migrate.copy:renamed")
        sync_folder(folder.parent)
    name = f"{FOLDER}/{folder.name}"
    waiting = Waiting("made", name, entries[0].sha256, now.isoformat(timespec="seconds"), until.isoformat())
    add_waiting(layout.home, waiting)


def drop_expired(layout: Layout, reference: Reference) -> None:
    """Remove copies whose day has passed, counted from a time not found wrong.  Raises StoreUnusable."""
    place = layout.home / FOLDER
    if not place.is_dir():
        return
    with told(place):
        for folder in place.iterdir():
            span = _span(folder.name, reference)
            if span is not None and reference.waited(*span):
                shutil.rmtree(folder)


def _span(name: str, reference: Reference) -> tuple[datetime, int] | None:
    """When a copy was made and how many days it stays at least, by its name ``<version>-<made>-<until>``."""
    try:
        _, made, until = name.rsplit("-", 2)
        began = datetime.strptime(made.partition(".")[0], "%Y%m%dT%H%M%S").replace(tzinfo=reference.at.tzinfo)
        last = datetime.strptime(until, "%Y%m%d").replace(tzinfo=reference.at.tzinfo)
    except ValueError:
        return None
    return began, (last.date() - began.date()).days + 1

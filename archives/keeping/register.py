"""What each opening and closing of a station brings up to date.

Copies made without a login come onto the register; the list of what was destroyed grows.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

from sqlalchemy import select

from archives.archive import Archive, Unit
from archives.duties.copies import copy_gone, register_copy
from archives.errors import BackupInvalid
from archives.keeping.state import Waiting, change_keeping, read_keeping
from archives.keeping.tombs import NAME, keep_stones, last_destroyed, read_stones, stones_of
from archives.ports import Actor
from archives.settings import Layout
from archives.store.points import reached
from archives.store.tables_duties import outside_copies


def take_notes(archive: Archive, layout: Layout, actor: Actor) -> None:
    """Register what waits; a crash in between leaves it waiting, and it is registered once.

    Raises StoreUnusable.
    """
    waiting = read_keeping(layout.home).waiting
    if not waiting:
        return
    with archive.acting("backup.register", actor) as unit:
        for one in waiting:
            _register(unit, one)
    change_keeping(
        layout.home,
        lambda was: replace(was, waiting=tuple(one for one in was.waiting if one not in waiting)),
    )


def _register(unit: Unit, waiting: Waiting) -> None:
    row = unit.execute(select(outside_copies).where(outside_copies.c.sha256 == waiting.sha256)).first()
    if waiting.act == "made" and row is None:
        register_copy(unit, "backup", waiting.name, waiting.sha256, date.fromisoformat(waiting.gone_by))
        unit.log("backup.make", "backup:1", detail={"sha256": waiting.sha256, "until": waiting.gone_by})
    elif waiting.act == "gone" and row is not None and row.gone_on is None:
        copy_gone(unit, row.id)


def keep_tombstones(archive: Archive, layout: Layout) -> None:
    """Bring the list in the keys folder up to date; a damaged one is made anew.  Raises StoreUnusable."""
    path = layout.keys / NAME
    try:
        keep_stones(path, stones_of(archive))
    except BackupInvalid:
        path.replace(path.with_name(NAME + ".damaged"))
        reached("tombstones.damaged:renamed")
        keep_stones(path, stones_of(archive))


def keys_outlive(layout: Layout) -> bool:
    """Whether the last backup of keys is older than the last disposal: it still holds destroyed items' keys.

    The next backup of keys replaces it.  Raises BackupInvalid.
    """
    made, last = (
        read_keeping(layout.home).keys_backup,
        last_destroyed(read_stones(layout.keys / NAME).values()),
    )
    return bool(made and last) and datetime.fromisoformat(made) < datetime.fromisoformat(last)

"""What each opening and closing of a station brings up to date.

Copies made without a login come onto the register; the list of what was destroyed grows.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

from sqlalchemy import select

from archives.archive import Archive, Unit
from archives.duties.copies import copy_gone, register_copy
from archives.errors import BackupInvalid, StoreUnusable
from archives.keeping.state import Waiting, change_keeping, read_keeping
from archives.keeping.tombs import (
    CURE,
    NAME,
    Stones,
    count_destroyed,
    last_destroyed,
    merged,
    named,
    read_stones,
    stones_of,
    write_stones,
)
from archives.ports import Actor, system
from archives.settings import Layout
from archives.store.marks import Expected, expect, expected
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


def keep_tombstones(archive: Archive, layout: Layout, actor: Actor | None = None) -> None:
    """Bring the list in the keys folder up to date, and what the database expects of it.

    A lost or damaged list is made anew only when the database knows by itself all that it named: that is
    certain; ``actor`` puts it on the log.  Else it stays as it is and raises StoreUnusable.
    """
    path = layout.keys / NAME
    known = stones_of(archive)
    with archive.data.reading() as connection:
        noted = expected(connection).get("tombstones")
    before, trouble = _listed(path)
    whole = merged(known, before or {})
    lack = tombstones_lack(whole, noted, trouble)
    if lack is not None:
        raise lack
    if before is None and path.exists():
        path.replace(path.with_name(NAME + ".damaged"))
        reached("tombstones.damaged:renamed")
    write_stones(path, whole)
    if noted is None:
        return
    count, digest = named(whole)
    if (count, digest) != (noted.number, noted.value) or (trouble is not None and actor is not None):
        with archive.acting("tombstones.note", actor or system("tombstones")) as unit:
            expect(unit.connection, "tombstones", digest, count)
            if trouble is not None:
                unit.log("station.renew", "station:1", detail={"kind": "tombstones", "items": count})


def _listed(path: Path) -> tuple[Stones | None, BackupInvalid | None]:
    try:
        return read_stones(path, missing_ok=False), None
    except BackupInvalid as error:
        return None, error


def tombstones_lack(
    whole: Stones, noted: Expected | None, trouble: BackupInvalid | None
) -> StoreUnusable | None:
    """What is wrong with all that is known to be destroyed, against what the database expects; or None.

    ``whole``: what the list and the database name together; ``trouble``: why the list could not be read.
    A list that names more than was noted is the work of a crash and right.
    """
    if noted is None:
        return None
    count, digest = named(whole)
    if count > noted.number or (count, digest) == (noted.number, noted.value):
        return None
    told = f"{trouble.message}其中至少有 {noted.number - count} 条别处没有。" if trouble is not None else (
        f"销毁登记 {NAME} 应有 {noted.number} 条，现有 {count} 条，或换成了别的：不是本站最新的一份。"
    )  # fmt: skip
    return StoreUnusable(told, hint=f"在补齐之前不能继续工作：{CURE}")


def list_lack(archive: Archive, layout: Layout) -> StoreUnusable | None:
    """What is wrong with the list in the keys folder as it lies there; changes nothing."""
    before, trouble = _listed(layout.keys / NAME)
    known = stones_of(archive)
    with archive.data.reading() as connection:
        noted = expected(connection).get("tombstones")
    lack = tombstones_lack(merged(known, before or {}), noted, trouble)
    if noted is not None and lack is None and trouble is not None:
        cure = "内容在数据库中齐全：登录一次即按数据库重写，并记入日志。"
        return StoreUnusable(trouble.message, hint=cure)
    lacking = merged(known, before or {}).keys() - (before or {}).keys()
    if noted is not None and lack is None and lacking:
        cure = "内容在数据库中齐全：登录一次即补齐。"
        return StoreUnusable(f"销毁登记 {NAME} 缺少 {len(lacking)} 条。", hint=cure)
    return lack


def note_confirmed(archive: Archive, layout: Layout) -> None:
    """Note the confirmed time in the home when it has moved.  Raises StoreUnusable."""
    known = archive.times.known
    if known is None or known.seconds is None:
        return
    moment = datetime.fromtimestamp(known.seconds, UTC).isoformat()
    if read_keeping(layout.home).confirmed != moment:
        change_keeping(layout.home, lambda was: replace(was, confirmed=moment))


def keys_outlive(layout: Layout) -> bool:
    """Whether the last backup of keys is older than the last disposal: it still holds destroyed items' keys.

    The next backup of keys replaces it.  Raises BackupInvalid.
    """
    kept, stones = read_keeping(layout.home), read_stones(layout.keys / NAME)
    if kept.keys_backup_knows is not None:
        return count_destroyed(stones) > kept.keys_backup_knows
    made, last = kept.keys_backup, last_destroyed(stones.values())
    return bool(made and last) and datetime.fromisoformat(made) < datetime.fromisoformat(last)

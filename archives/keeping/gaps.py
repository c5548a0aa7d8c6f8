"""Restores without a list of what was destroyed after their backup: what was gone then may be back.

A backup brings its own list, which ends with it.  Whoever restores without a newer one says so, and the
station goes on saying it until a newer list is applied or the 负责人 signs that there is none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from typing import Any, Final

from sqlalchemy import Connection, insert, select

from archives.archive import Archive, Unit
from archives.errors import BackupInvalid, SeparationBroken, StateForbids
from archives.keeping.apply import Applied, apply_stones
from archives.keeping.manifest import read_manifest, whole_sets
from archives.keeping.meant import is_gone, is_meant, named_by, standing
from archives.keeping.rebuild import Source
from archives.keeping.register import keep_tombstones
from archives.keeping.state import change_keeping, read_keeping
from archives.keeping.tombs import NAME as STONES
from archives.keeping.tombs import Stones, keep_stones, last_destroyed, merged
from archives.ports import Actor
from archives.settings import Layout
from archives.store.tables import holds
from archives.store.tables_restored import restore_gap_ends, restore_gaps

CHINA: Final = timezone(timedelta(hours=8))
CURE: Final = (
    "有比备份新的销毁登记（密钥备份盘、原站点密钥文件夹中的 tombstones.jsonl）时，由档案员补用："
    "kangdang backup tombstones；确实没有的，由机构负责人核对销毁清册后签认：kangdang backup settle。"
)


@dataclass(frozen=True, slots=True)
class Gap:
    """A restore nothing is known about after ``backup_at`` (ISO 8601)."""

    id: int
    backup_at: str

    @property
    def sentence(self) -> str:
        """What has to be said of it everywhere."""
        day = self.backup_at[:10]
        return f"本站由 {day} 的备份恢复，没有补用此后的销毁登记：{day} 以后销毁的档案可能又出现在站中。"


def open_gaps(connection: Connection) -> list[Gap]:
    """Gaps nobody has ended, oldest first."""
    ended = select(restore_gap_ends.c.gap_id)
    query = select(restore_gaps).where(restore_gaps.c.id.not_in(ended)).order_by(restore_gaps.c.id)
    return [Gap(row.id, row.backup_at) for row in connection.execute(query)]


def has_newer(source: Source, further: Stones, *, live: bool) -> bool:
    """Whether any list given is newer than the backup of the data.

    ``live``: the list of the station itself is among ``further``.  A list says no date.  It is newer when it
    names a destruction after the backup, or anything the lists beside the backup do not know, or when a set
    of a later day lies in the same folders: each set brings the list of its day with it.  Sets of one day
    are one backup.
    """
    made, own = source.data_manifest.made_at, source.stones()
    return (
        live
        or _destroyed_after(own, made)
        or _unknown(further, own)
        or any(_moment(one).date() > _moment(made).date() for one in _sets_made(source))
    )


def _sets_made(source: Source) -> Iterable[str]:
    for folder in (source.data.parent, source.keys.parent):
        for path in whole_sets(folder.parent):
            yield read_manifest(path).made_at


def _unknown(further: Stones, own: Mapping[str, dict[str, Any]]) -> bool:
    return merged(own, further) != merged(own)


def _destroyed_after(stones: Stones, when: str) -> bool:
    """Whether the list names a destruction after this moment."""
    last = max((_moment(at) for stone in stones.values() if (at := last_destroyed([stone]))), default=None)
    return last is not None and last > _moment(when)


def _moment(text: str) -> datetime:
    """A moment of a list or a manifest; one without a zone is the station's own."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise BackupInvalid("销毁登记中的时间无法识别：被改动或损坏。") from error
    return found if found.tzinfo else found.replace(tzinfo=CHINA)


def require_newer(source: Source, further: Stones, *, live: bool, without: bool) -> bool:
    """Whether the restore leaves a gap, which somebody must have said.  Raises BackupInvalid."""
    if has_newer(source, further, live=live):
        return False
    if not without:
        day = source.data_manifest.made_at[:10]
        raise BackupInvalid(
            f"没有给出比备份新的销毁登记：{day} 以后销毁的档案会重新出现。",
            hint="请用 --tombstones 给出密钥备份盘或原站点密钥文件夹中最新的 tombstones.jsonl；"
            "确实没有的，加 --without-newer-list，恢复后由机构负责人签认。",
        )
    return True


def note_gap(archive: Archive, actor: Actor, layout: Layout, backup_at: str) -> None:
    """Write a gap down in a restored station.  Raises StoreUnusable."""
    with archive.acting("restore.gap", actor) as unit:
        unit.execute(insert(restore_gaps), {"backup_at": backup_at, "at": unit.at})
        unit.log("restore.doubt", "backup:1", detail={"on": backup_at[:10]})
    tell_outside(archive, layout)


def tell_outside(archive: Archive, layout: Layout) -> None:
    """Keep in the home what ``doctor`` says without anybody's password.  Raises StoreUnusable."""
    with archive.data.reading() as connection:
        found = open_gaps(connection)
    since = min((gap.backup_at for gap in found), default="")
    if read_keeping(layout.home).gap_since != since:
        change_keeping(layout.home, lambda was: replace(was, gap_since=since))


def sign_gaps(unit: Unit) -> list[Gap]:
    """The 负责人 answers for what may be back; the gaps that are ended by it.  Raises StateForbids."""
    found = _require_open(unit)
    if "director" not in unit.actor.roles:
        raise SeparationBroken("恢复后的销毁缺口由机构负责人签认。")
    for gap in found:
        _end(unit, gap, "signed")
        unit.log("restore.settle", "backup:1", detail={"on": gap.backup_at[:10]})
    return found


def _require_open(unit: Unit) -> list[Gap]:
    found = open_gaps(unit.connection)
    if not found:
        raise StateForbids("没有需要处理的恢复缺口。", hint="恢复时已有较新的销毁登记，或已经处理过。")
    return found


def _end(unit: Unit, gap: Gap, kind: str) -> None:
    row = {"gap_id": gap.id, "kind": kind, "staff": unit.staff(), "at": unit.at}
    unit.execute(insert(restore_gap_ends), row)


@dataclass(frozen=True, slots=True)
class Applicable:
    """What a list would do in this station.

    ``stones``: what is to be done; ``records``: 档号 that came back and would go again; ``persons``: how
    many people; ``held``: 档号 that came back and are held: they stay; ``others``: how many lines name by
    number what is something else here: that stays, and the lines are kept.
    """

    gaps: tuple[Gap, ...]
    stones: Stones
    records: tuple[str, ...]
    persons: int
    held: tuple[str, ...]
    others: int


def applicable(unit: Unit, stones: Stones) -> Applicable:
    """Compare a list with a station that has gone on since its restore.

    Raises StateForbids (no gap), BackupInvalid (nothing in the list is newer).
    """
    gaps = _require_open(unit)
    since = min(gap.backup_at for gap in gaps)
    if not _destroyed_after(stones, since):
        raise BackupInvalid(
            "这份销毁登记中没有备份之后的销毁，看不出比备份新。",
            hint="请用更新的一份；确实没有的，由机构负责人签认。",
        )
    chosen, again, held, people, others = {}, [], [], 0, 0
    for key, stone in stones.items():
        kind = stone["kind"]
        found = standing(unit, stone) if kind != "numbers" else None
        if is_gone(found):
            chosen[key] = stone
        elif not is_meant(found, stone):
            chosen[key] = stone
            others += 1
        elif _held(unit, found):
            held.append(named_by(stone))
        else:
            chosen[key] = stone
            again += [stone["ref_code"]] if kind == "record" else []
            people += kind == "person"
    return Applicable(tuple(gaps), chosen, tuple(sorted(again)), people, tuple(sorted(held)), others)


def _held(unit: Unit, found: Any) -> bool:
    whole = holds.c.record_id.is_(None)
    record = getattr(found, "record", None)
    this = whole if record is None else whole | (holds.c.record_id == record)
    query = select(holds.c.id).where(holds.c.file_id == found.file, holds.c.released_at.is_(None), this)
    return unit.execute(query.limit(1)).first() is not None


def apply_list(archive: Archive, actor: Actor, layout: Layout, stones: Stones) -> tuple[Applicable, Applied]:
    """Destroy again what a newer list names; the gap ends unless something held had to stay.

    Repeating it changes nothing.  Raises StateForbids, BackupInvalid, StoreUnusable.
    """
    with archive.acting("restore.compare", actor) as unit:
        unit.reference()
        found = applicable(unit, stones)
    done = apply_stones(archive, actor, found.stones, action="restore.list")
    if not found.held:
        with archive.acting("restore.ended", actor) as unit:
            for gap in _require_open(unit):
                _end(unit, gap, "list")
            unit.log("restore.end", "backup:1", detail={"records": done.records})
    keep_stones(layout.keys / STONES, found.stones)
    keep_tombstones(archive, layout, actor)
    tell_outside(archive, layout)
    return found, done

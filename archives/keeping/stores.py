"""The station's stores counted against what its database expects of them.

A store that is missing, another station's, an older copy or short of something is a sentence with its cure,
and nobody works on.  What is expected is written when a station is made, restored or first opened by this
version (``bind_stores``), and moved on by every act that relies on a new key.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from sqlalchemy import Connection, func, select

from archives.archive import Archive
from archives.errors import ArchiveError, SealInvalid, StoreUnusable
from archives.keeping.accepted import bind_settings
from archives.keeping.migrate import upgrading
from archives.keeping.register import list_lack
from archives.keeping.sweep import used_blobs, used_keys
from archives.keeping.tombs import NAME as STONES
from archives.keeping.tombs import merged, named, read_stones, stones_of, write_stones
from archives.keys import attempts_file
from archives.keys.durable import write_private
from archives.keys.suite import OVERHEAD
from archives.log.event import SITE_CHAIN
from archives.ports import Actor, system
from archives.sealing import public_key_of, read_seal_key
from archives.settings import Layout
from archives.store.blobs import FolderBlobs
from archives.store.database import PAGE_BYTES, Database
from archives.store.marks import Expected, expect, expected
from archives.store.newest import NAME as NEWEST
from archives.store.newest import line
from archives.store.tables import documents
from archives.store.tables_duties import disposal_lists
from archives.store.tables_people import events
from archives.store.tables_scans import scan_batches
from archives.store.tables_station import station_settings
from archives.store.trouble import DATA, KEYS

_PAGE_CODE: Final = b"kangdang/1/page-code\n"


def require_stores(archive: Archive, layout: Layout, master: bytes, *, counting: bool) -> None:
    """Let a station pass whose stores are all there; ``counting`` reads every page of the key store too.

    Raises StoreUnusable with the first lack.
    """
    for lack in lacks(archive, layout, master, counting=counting, lists=False):
        raise StoreUnusable(lack.message, hint=lack.hint)


def lacks(
    archive: Archive, layout: Layout, master: bytes, *, counting: bool, lists: bool = True
) -> Iterator[ArchiveError]:
    """Everything that is not as the database expects it, each as a sentence with its cure; changes nothing.

    ``lists``: also what an opening mends by itself where that is certain: the list of what was destroyed, a
    lost number of the newest event.
    """
    with archive.data.reading() as connection:
        wanted = expected(connection)
        if not wanted and was_bound(connection):
            yield marks_lost()
            return
    looks: tuple[Callable[[], ArchiveError | None], ...] = (
        lambda: _length(archive.data),
        lambda: _length(archive.keys.database),
        lambda: _newest(archive, wanted) if lists or _there(archive) else None,
        lambda: _keys(archive, wanted.get("keys"), counting=counting),
        lambda: _seal(layout, master, wanted.get("seal")),
        lambda: _page_code(layout, wanted.get("page_code")),
        lambda: _attempts(layout, wanted),
        *((lambda: list_lack(archive, layout),) if lists else ()),
    )
    for look in looks:
        try:
            lack = look()
        except ArchiveError as error:
            lack = error
        if lack is not None:
            yield lack


def _there(archive: Archive) -> bool:
    return archive.newest is not None and archive.newest.read() is not None


def _length(database: Database) -> StoreUnusable | None:
    """A file cut short at the end of a page opens, and fails only where the missing pages are asked for."""
    if database.path is None:
        return None
    journal = database.path.with_name(database.path.name + "-wal")
    with database.reading() as connection:
        pages = int(connection.exec_driver_sql("PRAGMA page_count").scalar_one())
        size = database.path.stat().st_size
        waiting = journal.stat().st_size if journal.exists() else 0
    if waiting or size == pages * PAGE_BYTES:  # with a journal the newest pages are there
        return None
    store = database.store
    return StoreUnusable(f"{store.name} {database.path.name} 的长度不对：被截断或改动。", hint=store.cure)


def _newest(archive: Archive, wanted: Mapping[str, Expected]) -> StoreUnusable | None:
    if archive.newest is None or not wanted:
        return None
    known = archive.newest.read()
    if known is None:
        return StoreUnusable(
            f"{NEWEST} 不见了或已损坏：认不出数据库是不是最新的一份。", hint="登录一次即重写，并记入日志。"
        )
    with archive.data.reading() as connection:
        newest = connection.execute(select(func.max(events.c.id))).scalar() or 0
    if newest >= known:
        return None
    return StoreUnusable(
        f"数据库是较旧的一份：最近的 {known - newest} 条日志及其内容不在其中。",
        hint="日志文件 kangdang.db-wal 可能被删除或损坏，或放回了旧文件。" + DATA.cure,
    )


def renew_newest(archive: Archive, actor: Actor) -> None:
    """Write the number of the newest event anew when its file is lost, and put that on the log.

    It is a check, no store: what the database holds is not touched by its loss.  Raises StoreUnusable.
    """
    if archive.newest is None or archive.newest.read() is not None:
        return
    with archive.data.reading() as connection:
        if not expected(connection):
            return
    _write_newest(archive)
    with archive.acting("newest.renew", actor) as unit:
        unit.log("station.renew", "station:1", detail={"kind": "newest_mark"})


def _write_newest(archive: Archive) -> None:
    if archive.newest is None:
        return
    with archive.data.reading() as connection:
        newest = connection.execute(select(func.max(events.c.id))).scalar() or 0
    archive.newest.close()
    write_private(archive.newest.path, line(newest), "newest")


def _keys(archive: Archive, wanted: Expected | None, *, counting: bool) -> StoreUnusable | None:
    mark, there = archive.keys.counted() if counting else (archive.keys.mark(), None)
    if wanted is None:
        return None
    if mark is None or mark.mark != wanted.value:
        return StoreUnusable(
            "密钥库 keys.db 与数据库不是一套：是空的、另一个站点的，或恢复之前的。", hint=KEYS.cure
        )
    if mark.counter < wanted.number:
        return StoreUnusable("密钥库 keys.db 是较旧的一份：最近保存的内容的密钥不在其中。", hint=KEYS.cure)
    if there is not None and there != mark.kept:
        return StoreUnusable(
            f"密钥库 keys.db 应有 {mark.kept} 个密钥，实有 {there} 个：有密钥不见了。", hint=KEYS.cure
        )
    return None


def _seal(layout: Layout, master: bytes, wanted: Expected | None) -> SealInvalid | None:
    public = _hash(public_key_of(read_seal_key(layout, master)))
    if wanted is None or public == wanted.value:
        return None
    return SealInvalid("封签密钥 seal.key 不是本站的那一把。", hint="请从密钥备份中恢复 seal.key。")


def _page_code(layout: Layout, wanted: Expected | None) -> StoreUnusable | None:
    if wanted is None or page_code_hash(layout) == wanted.value:
        return None
    what = "不见了" if not layout.page_code_key.exists() else "不是本站的那一把，或已损坏"
    return StoreUnusable(f"页码密钥 page-code.key {what}。", hint="请从密钥备份中恢复 page-code.key。")


def _attempts(layout: Layout, wanted: Mapping[str, Expected]) -> None:
    if wanted:
        attempts_file.load(layout.attempts)


def page_code_hash(layout: Layout) -> str:
    """The hash by which the key of the page codes is known; empty when it cannot be read."""
    try:
        key = bytes.fromhex(layout.page_code_key.read_text(encoding="ascii").strip())
    except (OSError, ValueError):
        return ""
    return _hash(_PAGE_CODE + key)


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def was_bound(connection: Connection) -> bool:
    """Whether a station was bound before, whatever its marks say: each binding puts settings in force.

    Those are told on the log with their digest, so a station of this version that was ever opened knows it.
    """
    told = events.c.detail.contains('"settings:')
    settings = select(station_settings.c.id).limit(1)
    query = select(events.c.id).where(events.c.chain == SITE_CHAIN, told).limit(1)
    return connection.execute(settings).first() is not None or connection.execute(query).first() is not None


def marks_lost() -> StoreUnusable:
    """What is said of a station that was bound and has no marks."""
    return StoreUnusable(
        "数据库中各库的标记不见了：认不出密钥库、封签密钥和页码密钥是不是本站的。",
        hint="标记在康档之外被删除。" + DATA.cure,
    )


def bind_if_new(archive: Archive, layout: Layout, master: bytes) -> None:
    """Bind the stores of a station this version opens for the first time.

    Raises StoreUnusable when keys are missing, or it was bound before and its marks are gone; SealInvalid:
    then nothing is written down as right.
    """
    with archive.data.reading() as connection:
        if expected(connection):
            return
    with upgrading(layout):
        with archive.data.reading() as connection:
            if expected(connection):
                return  # another window did it meanwhile; a second mark would not fit the database
            if was_bound(connection):
                raise marks_lost()
        _bind_first(archive, layout, master)


def _bind_first(archive: Archive, layout: Layout, master: bytes) -> None:
    missing, total = missing_keys(archive)
    if missing > (total // 2 if _under_way(archive) else 0):
        raise StoreUnusable(
            f"密钥库 keys.db 缺少 {missing} 个密钥（共需 {total} 个），没有升级。", hint=KEYS.cure
        )
    if not page_code_hash(layout):
        raise StoreUnusable(
            "页码密钥 page-code.key 不见了，或已损坏。", hint="请从密钥备份中恢复 page-code.key。"
        )
    bind_stores(archive, layout, master)


def _under_way(archive: Archive) -> bool:
    """Whether a destruction may have taken keys and not come to its end."""
    with archive.data.reading() as connection:
        lists = select(func.count()).select_from(disposal_lists).where(disposal_lists.c.state == "executing")
        batches = select(func.count()).select_from(scan_batches).where(scan_batches.c.state == "balanced")
        return any(connection.execute(query).scalar_one() for query in (lists, batches))


def missing_keys(archive: Archive) -> tuple[int, int]:
    """(how many item keys that rows name are not in the store, how many they name)."""
    missing = total = 0
    with used_keys(archive) as wanted:
        there = (name for name, _ in archive.keys.names())
        here = next(there, None)
        for name in wanted:
            total += 1
            # Ends: each round takes a name.
            while here is not None and here < name:
                here = next(there, None)
            missing += here != name
    return missing, total


def bind_stores(archive: Archive, layout: Layout, master: bytes) -> None:
    """Give the key store a new mark and expect all stores as they are now.

    For who makes, restores or upgrades a station.  Raises StoreUnusable, SealInvalid, BackupInvalid.
    """
    stones = merged(stones_of(archive), read_stones(layout.keys / STONES))
    write_stones(layout.keys / STONES, stones)
    public = public_key_of(read_seal_key(layout, master))
    bound = archive.keys.bind(archive.random(16).hex())
    with archive.data.writing("stores.bind") as connection:
        expect(connection, "keys", bound.mark, bound.counter)
        expect(connection, "seal", _hash(public), 0)
        expect(connection, "page_code", page_code_hash(layout), 0)
        count, digest = named(stones)
        expect(connection, "tombstones", digest, count)
        bind_settings(connection, layout, archive.station, archive.now().isoformat(timespec="seconds"))
        archive.within(connection, system("bind")).put_down()
    archive.keys.noted = bound.counter
    _write_newest(archive)


def blobs_lost(archive: Archive) -> tuple[str, ...]:
    """Names of blobs that are not there, or not as long as their documents; contents are for the check."""
    if not isinstance(archive.blobs, FolderBlobs):
        return ()
    there = archive.blobs.sizes()
    with archive.data.reading() as connection:
        wanted = connection.execution_options(yield_per=5000).execute(used_blobs())
        lost = [row.name for row in wanted if row.name not in there]
        query = select(documents.c.blob, documents.c.size).where(documents.c.blob.is_not(None))
        rows = connection.execution_options(yield_per=5000).execute(query)
        lost += [name for name, size in rows if there.get(name, size + OVERHEAD) != size + OVERHEAD]
    return tuple(lost)

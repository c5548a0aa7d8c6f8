"""Sealing and verifying the stored access log: heads of all chains that grew, signed once a day."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from sqlalchemy import and_, func, insert, select, text

from archives.archive import Archive, Unit
from archives.errors import ItemUnreadable, SealInvalid
from archives.home import Layout
from archives.keys.bindings import SEAL_KEY
from archives.keys.derive import Purpose, derive
from archives.keys.durable import read_private, write_private
from archives.keys.suite import decrypt, encrypt
from archives.log.anchor import Anchor
from archives.log.chain import Head
from archives.log.event import ROW_FIELDS
from archives.log.seal import Seal, make_seal
from archives.log.verify import Report, SealHead, verify
from archives.ports import Actor, RandomBytes
from archives.store.rows import the_value
from archives.store.tables_people import events, seal_heads, seals

LATE = 10_000
"""On a server an event may become visible after events with higher ids: so many ids are looked at again."""
_SEALING = 0x4B44_0001
"""PostgreSQL's advisory lock of those who seal."""
_EVENT_COLUMNS = [events.c[name] for name in ROW_FIELDS]


def create_seal_key(layout: Layout, master: bytes, random: RandomBytes) -> None:
    """Draw the key that signs seals; it lies in the keys folder, encrypted.  Raises StoreUnusable."""
    sealed = encrypt(derive(master, Purpose.SEAL), random(32), SEAL_KEY.of(), random(12))
    write_private(layout.seal_key, sealed, "seal.key")


def read_seal_key(layout: Layout, master: bytes) -> bytes:
    """The private key (32 bytes).  Raises SealInvalid."""
    raw = read_private(layout.seal_key)
    if raw is None:
        raise SealInvalid("密钥文件夹中没有封签密钥。", hint="请从密钥备份中恢复 seal.key。")
    try:
        return decrypt(derive(master, Purpose.SEAL), raw, SEAL_KEY.of())
    except ItemUnreadable as error:
        raise SealInvalid("封签密钥文件已损坏。", hint="请从密钥备份中恢复 seal.key。") from error


def seal_log(archive: Archive, actor: Actor, private_key: bytes) -> Seal | None:
    """Seal what has grown since the last seal; None when nothing has.  Raises SealInvalid, StoreUnusable.

    Seals whose rows are gone keep their numbers: a verification tells of them, and sealing goes on.
    """
    with archive.acting("log.seal", actor) as unit:
        _one_sealer(unit)
        last = last_seal(unit)
        lost = _lost(unit, last)
        since = 0 if last is None else _last_event(unit, last.number)
        heads, before = _to_seal(unit, since)
        if not heads:
            return None
        if not unit.confirmed:  # this seal's day is no measure of what comes after it
            before_it = lost[0] if lost else last.number if last else 0
            unit.log("log.seal", f"seal:{before_it + 1}")
            heads, before = _to_seal(unit, since)
        newest = unit.execute(select(func.max(events.c.id))).scalar() or 0
        seal = make_seal(
            last, heads, before,
            day=unit.at[:10], made_at=unit.at, private_key=private_key, lost=lost,
        )  # fmt: skip
        _keep(unit, seal, newest, heads)
    return seal


def _to_seal(unit: Unit, since: int) -> tuple[list[Head], dict[int, int]]:
    """Heads of the chains that grew since an event, and what seals have of these chains."""
    seen = list(_grown(unit, since - _late(unit.archive)))
    before = _sealed_before(unit, [head.chain for head in seen])
    return [head for head in seen if head.seq > before.get(head.chain, 0)], before


def _late(archive: Archive) -> int:
    """How many ids before the newest sealed one may have become visible since."""
    return 0 if archive.data.embedded else LATE


def _one_sealer(unit: Unit) -> None:
    """Two who seal at once take their turn; the embedded store has one writer anyway."""
    if not unit.archive.data.embedded:
        unit.execute(text("SELECT pg_advisory_xact_lock(:space)"), {"space": _SEALING})


def public_key_of(private_key: bytes) -> bytes:
    """The public key (32 bytes) of a seal key."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return Ed25519PrivateKey.from_private_bytes(private_key).public_key().public_bytes_raw()


def _grown(unit: Unit, since: int) -> Iterator[Head]:
    last = (
        select(events.c.chain, func.max(events.c.seq).label("seq"))
        .where(events.c.id > since)
        .group_by(events.c.chain)
        .subquery()
    )
    query = select(events.c.chain, events.c.seq, events.c.hash).join(
        last, and_(last.c.chain == events.c.chain, last.c.seq == events.c.seq)
    )
    for row in unit.execute(query.order_by(events.c.chain)):
        yield Head(row.chain, row.seq, bytes(row.hash))


def _sealed_before(unit: Unit, chains: Sequence[int]) -> dict[int, int]:
    found: dict[int, int] = {}
    for start in range(0, len(chains), 500):
        query = (
            select(seal_heads.c.chain, func.max(seal_heads.c.seq).label("seq"))
            .where(seal_heads.c.chain.in_(chains[start : start + 500]))
            .group_by(seal_heads.c.chain)
        )
        found |= {row.chain: row.seq for row in unit.execute(query)}
    return found


def _keep(unit: Unit, seal: Seal, newest: int, heads: Sequence[Head]) -> None:
    unit.execute(
        insert(seals),
        {
            "number": seal.number, "day": seal.day, "made_at": seal.made_at, "last_event": newest,
            "count_events": seal.count_events, "prev_seal_hash": seal.prev_seal_hash,
            "heads_root": seal.heads_root, "public_key": seal.public_key, "signature": seal.signature,
        },
    )  # fmt: skip
    rows = [{"seal": seal.number, "chain": head.chain, "seq": head.seq, "hash": head.hash} for head in heads]
    unit.execute(insert(seal_heads), rows)


def _lost(unit: Unit, last: Seal | None) -> tuple[int, int] | None:
    """(number, count of events) of the newest seal where only its heads are there; None as it should be."""
    number = unit.execute(select(func.max(seal_heads.c.seal))).scalar() or 0
    if number <= (last.number if last else 0):
        return None
    heads = select(func.max(seal_heads.c.seq).label("seq")).group_by(seal_heads.c.chain).subquery()
    return number, int(unit.execute(select(func.sum(heads.c.seq))).scalar() or 0)


def _last_event(unit: Unit, number: int) -> int:
    query = select(seals.c.last_event).where(seals.c.number == number)
    return int(the_value(unit.execute(query), f"第 {number} 号封签"))


def last_seal(unit: Unit) -> Seal | None:
    """The newest seal, if there is one."""
    row = unit.execute(select(seals).order_by(seals.c.number.desc()).limit(1)).first()
    return None if row is None else _seal(row)


def _seal(row: Any) -> Seal:
    return Seal(
        row.number, row.day, row.made_at, bytes(row.prev_seal_hash), bytes(row.heads_root), row.count_events,
        bytes(row.public_key), bytes(row.signature),
    )  # fmt: skip


def stored_events(unit: Unit) -> Iterator[Sequence[Any]]:
    """Rows of the whole log with their hashes last, ordered by chain and number."""
    query = select(*_EVENT_COLUMNS, events.c.hash).order_by(events.c.chain, events.c.seq)
    if unit.waits:
        unit.put_down()
    yield from unit.connection.execution_options(yield_per=5000).execute(query)


def stored_seals(unit: Unit) -> list[Seal]:
    """All seals in order."""
    return [_seal(row) for row in unit.execute(select(seals).order_by(seals.c.number))]


def stored_seal_heads(unit: Unit) -> Iterator[SealHead]:
    """The heads of all seals in order."""
    for row in unit.execute(select(seal_heads).order_by(seal_heads.c.seal, seal_heads.c.chain)):
        yield SealHead(row.seal, row.chain, row.seq, bytes(row.hash))


def verify_log(
    archive: Archive, actor: Actor, anchors: Sequence[Anchor] = (), public_keys: Collection[bytes] = ()
) -> Report:
    """Check the whole stored log against its seals and against anchors kept outside.

    ``public_keys``: the station's own seal key, so that a log rewritten under another key is found.
    """
    with archive.looking(actor) as unit:
        report = verify(
            stored_events(unit), stored_seals(unit), stored_seal_heads(unit), anchors, public_keys
        )
    with archive.acting("log.verify", actor) as unit:
        unit.log(
            "log.verify", "log:1",
            detail={"events": report.events, "seals": report.seals, "findings": len(report.findings)},
        )  # fmt: skip
    return report

"""Proving a backup: restored into scratch, opened with the station's keys, everything compared.

A backup that was never restored is a hope.  Documents are read where they lie in the backup; nothing in the
backup is changed.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace

from sqlalchemy import and_, func, select

from archives.archive import Archive
from archives.errors import ArchiveError, VaultDamaged
from archives.keeping import structure
from archives.keeping.agreement import Agreed, agreement
from archives.keeping.apply import apply_stones
from archives.keeping.baseline import ACTION as BASELINE
from archives.keeping.content import PARTS, batch
from archives.keeping.finding import KeepingFinding
from archives.keeping.foreign import foreign
from archives.keeping.manifest import BLOBS
from archives.keeping.rebuild import Source, damages, lay_out, open_rebuilt
from archives.keeping.reckoned import events_in_order
from archives.keeping.restore import require_station
from archives.keeping.state import change_keeping
from archives.keeping.tombs import merged, stones_of
from archives.keys import vault as vaults
from archives.keys.durable import destroy, told
from archives.ports import Actor
from archives.sealing import public_key_of, read_seal_key, verify_log
from archives.settings import Layout
from archives.store.blobs import FolderBlobs
from archives.store.tables_people import events


@dataclass(frozen=True, slots=True)
class Proof:
    """What proving saw; ``damaged`` are names of files of the backup."""

    made_at: str
    damaged: tuple[str, ...]
    findings: tuple[KeepingFinding, ...]
    counts: dict[str, int]
    documents: int

    @property
    def ok(self) -> bool:
        """Whether the backup would bring everything back."""
        return not self.damaged and not self.findings


def prove_backup(
    archive: Archive, layout: Layout, actor: Actor, master: bytes, source: Source, scratch: Layout
) -> Proof:
    """Restore into two ``scratch`` folders, compare, remove them; the result is dated and on the log.

    Raises BackupInvalid for another station's backup, StoreUnusable.
    """
    require_station(source, archive.station.station_id)
    bad = damages(source)
    findings: list[KeepingFinding] = []
    rows: dict[str, int] = {}
    if not bad:
        _remove(scratch)  # left by a crash
        try:
            findings, rows = _compared(archive, actor, master, source, scratch)
        except ArchiveError as error:
            findings = [KeepingFinding("store_failed", error.message)]
        finally:
            _remove(scratch)
    proof = Proof(source.data_manifest.made_at, tuple(bad), tuple(findings), rows, source.data_manifest.blobs)
    _result(archive, layout, actor, source, proof)
    return proof


def _remove(scratch: Layout) -> None:
    for folder in (scratch.keys, scratch.home):
        with told(folder.parent):
            if folder.is_dir():
                if folder == scratch.keys:
                    for path in folder.iterdir():
                        destroy(path, "verify.keys")
                shutil.rmtree(folder)


def _compared(
    archive: Archive, actor: Actor, master: bytes, source: Source, scratch: Layout
) -> tuple[list[KeepingFinding], dict[str, int]]:
    settings = lay_out(source, scratch, str(scratch.keys), with_blobs=False)
    opened = open_rebuilt(scratch, settings, master, archive.clock, archive.random)
    copy = replace(opened, blobs=FolderBlobs(source.root / BLOBS, archive.random))
    try:
        rows = structure.counts(copy)
        findings = [*_whole_log(archive, copy), *_keys(scratch, master)]
        apply_stones(copy, actor, merged(source.stones(), stones_of(archive)), remove_blobs=False)
        for part in (structure.pages, structure.schema, foreign, structure.number_gaps, events_in_order):
            findings += part(copy)
        known = [public_key_of(read_seal_key(scratch, master))]
        findings += [
            KeepingFinding("log", one.sentence) for one in verify_log(copy, actor, (), known).findings
        ]
        findings += agreement(copy, Agreed())
        findings += _content(copy)
        return findings, rows
    finally:
        opened.close()


def _keys(scratch: Layout, master: bytes) -> Iterator[KeepingFinding]:
    try:
        vaults.require_genuine(vaults.load(scratch.vault), master)
    except VaultDamaged as error:
        yield KeepingFinding("vault", error.message)


def _content(copy: Archive) -> Iterator[KeepingFinding]:
    for _name, table, work in PARTS:
        last = 0
        # Ends: each round goes on behind the last id.
        while rows := batch(copy, table, last):
            yield from work(copy, rows)
            last = rows[-1].id


def _whole_log(archive: Archive, copy: Archive) -> Iterator[KeepingFinding]:
    """The log of the backup is the beginning of the station's: each chain's last event is there the same.

    What the copy's own upgrade noted is no part of the backup.
    """
    newest = (
        select(events.c.chain, func.max(events.c.seq).label("seq"))
        .where(events.c.action != BASELINE)
        .group_by(events.c.chain)
        .subquery()
    )
    query = select(events.c.chain, events.c.seq, events.c.hash).join(
        newest, and_(newest.c.chain == events.c.chain, newest.c.seq == events.c.seq)
    )
    with copy.data.reading() as theirs, archive.data.reading() as ours:
        for row in theirs.execution_options(yield_per=2000).execute(query):
            same = ours.execute(
                select(events.c.hash).where(events.c.chain == row.chain, events.c.seq == row.seq)
            ).scalar()
            if same is None or bytes(same) != bytes(row.hash):
                yield KeepingFinding("log", f"备份中日志链 {row.chain} 与本站的日志不是同一份。")


def _result(archive: Archive, layout: Layout, actor: Actor, source: Source, proof: Proof) -> None:
    with archive.acting("backup.proved", actor) as unit:
        unit.log(
            "backup.verify", "backup:1", result="ok" if proof.ok else "failed",
            detail={
                "sha256": source.data_manifest.sha256, "documents": proof.documents,
                "findings": len(proof.damaged) + len(proof.findings),
            },
        )  # fmt: skip
        at = unit.at
    if proof.ok:
        change_keeping(layout.home, lambda was: replace(was, verified=at))

"""A small log of four sealed days and an unsealed one, and the means to tamper with it."""

from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from archives.log.anchor import Anchor, anchor_file, read_anchors
from archives.log.chain import Head, append
from archives.log.event import NO_HASH, ROW_FIELDS, ROW_LENGTH, AccessEvent, digest_row
from archives.log.export import Header, write_export
from archives.log.seal import Seal, heads_root, make_seal, seal_hash, sign
from archives.log.verify import SealHead, verify
from tools import verify_log

KEY = bytes(range(32))
OTHER_KEY = bytes(range(32, 64))
AT, SEQ = ROW_FIELDS.index("at"), ROW_FIELDS.index("seq")
ACTION, DETAIL = ROW_FIELDS.index("action"), ROW_FIELDS.index("detail")
HASH = ROW_LENGTH
# (day, how many events each chain gets on it); the last day is not sealed.
DAYS = (
    ("2026-11-16", {0: 3, 7: 4}),
    ("2026-11-17", {0: 2, 7: 2, 12: 3}),
    ("2026-11-18", {0: 2, 7: 3}),
    ("2026-11-19", {0: 1, 12: 2}),
    ("2026-11-20", {0: 2, 7: 1, 30: 1}),
)


def event(chain: int, day: str, number: int) -> AccessEvent:
    return AccessEvent(
        chain=chain, seq=0, at=f"{day}T09:{number:02d}:00.000+08:00", user=3, staff=5, role="worker",
        action="record.read" if chain else "login", subject=f"record:{chain}" if chain else "user:3",
        client="样例电脑", purpose="case_service" if chain else None, detail={"pages": number},
    )  # fmt: skip


@dataclass
class Station:
    """Everything that lies in the database, as lists to be tampered with."""

    rows: list[list[Any]] = field(default_factory=list)
    seals: list[Seal] = field(default_factory=list)
    heads: list[SealHead] = field(default_factory=list)

    def chain(self, chain: int) -> list[list[Any]]:
        return [row for row in self.rows if row[0] == chain]

    def row(self, chain: int, seq: int) -> list[Any]:
        return next(row for row in self.rows if row[0] == chain and row[SEQ] == seq)

    def drop(self, chain: int, seqs: Iterable[int]) -> None:
        gone = set(seqs)
        self.rows = [row for row in self.rows if row[0] != chain or row[SEQ] not in gone]

    def renumber(self, chain: int) -> None:
        """Number and hash a chain anew, as whoever changed it would."""
        prev = NO_HASH
        for seq, row in enumerate(self.chain(chain), 1):
            row[SEQ] = seq
            row[HASH] = prev = digest_row(row, prev)

    def reseal(self, key: bytes) -> None:
        """Make every seal anew over the rows as they are: what the thief of a seal key does."""
        seals, self.seals = self.seals, []
        heads, self.heads = self.heads, []
        before: dict[int, int] = {}
        for seal in seals:
            grown = []
            for head in heads:
                if head.seal == seal.number:
                    seq = min(head.seq, len(self.chain(head.chain)))
                    if seq > before.get(head.chain, 0):
                        grown.append(Head(head.chain, seq, self.row(head.chain, seq)[HASH]))
            previous = self.seals[-1] if self.seals else None
            made = make_seal(previous, grown, before, day=seal.day, made_at=seal.made_at, private_key=key)
            self.add_seal(made, grown)
            before |= {head.chain: head.seq for head in grown}

    def add_seal(self, seal: Seal, heads: list[Head]) -> None:
        self.seals.append(seal)
        self.heads += [SealHead(seal.number, *head) for head in heads]

    def replace_seal(self, number: int, **changes: Any) -> None:
        self.seals[number - 1] = replace(self.seals[number - 1], **changes)

    def resign(self, number: int, key: bytes, **changes: Any) -> None:
        """Change one seal and sign it."""
        self.replace_seal(number, **changes)
        self.seals[number - 1] = sign(self.seals[number - 1], key)

    def relist(self, number: int) -> bytes:
        """Root of the heads a seal has."""
        return heads_root(Head(*head[1:]) for head in self.heads if head.seal == number)

    def relink(self, number: int, key: bytes) -> None:
        """Link and sign the seals behind ``number`` anew."""
        for later in range(number + 1, len(self.seals) + 1):
            self.resign(later, key, prev_seal_hash=seal_hash(self.seals[later - 2]))


def build(days: Iterable[tuple[str, dict[int, int]]] = DAYS, sealed: int = 4) -> Station:
    station = Station()
    heads: dict[int, Head] = {}
    before: dict[int, int] = {}
    for number, (day, counts) in enumerate(days, 1):
        for chain, count in counts.items():
            for minute in range(count):
                linked = append(heads.get(chain, Head(chain)), event(chain, day, minute))
                heads[chain] = linked.head
                station.rows.append([*linked.event.row(), linked.hash])
        if number <= sealed:
            grown = [head for head in heads.values() if head.seq > before.get(head.chain, 0)]
            previous = station.seals[-1] if station.seals else None
            made_at = f"{day}T23:30:00.000+08:00"
            seal = make_seal(previous, grown, before, day=day, made_at=made_at, private_key=KEY)
            station.add_seal(seal, grown)
            before = {head.chain: head.seq for head in heads.values()}
    station.rows.sort(key=lambda row: (row[0], row[SEQ]))
    return station


def anchor_of(station: Station, number: int) -> bytes:
    """The anchor file of a seal."""
    return anchor_file(station.seals[number - 1])


def by_library(
    station: Station, anchors: list[bytes], keys: list[bytes], folder: Path
) -> tuple[int, list[str]]:
    """(exit code, sentences) of archives.log.verify."""
    read: list[Anchor] = [anchor for raw in anchors for anchor in read_anchors(raw)]
    report = verify(station.rows, station.seals, station.heads, read, keys)
    return (0 if report.ok else 1), report.sentences


def export_of(station: Station) -> bytes:
    out = io.BytesIO()
    write_export(
        out, Header("PZ01", "2026-11-20T18:00:00.000+08:00"), station.seals, station.heads, station.rows
    )
    return out.getvalue()


def arguments(station: Station, anchors: list[bytes], keys: list[bytes], folder: Path) -> list[str]:
    """The command line of the tool for this log, its files written into the folder."""
    path = folder / "log.jsonl"
    path.write_bytes(export_of(station))
    line = [str(path)]
    for number, raw in enumerate(anchors):
        anchor = folder / f"anchor{number}.json"
        anchor.write_bytes(raw)
        line += ["--anchor", str(anchor)]
    for key in keys:
        line += ["--public-key", key.hex()]
    return line


def by_tool(station: Station, anchors: list[bytes], keys: list[bytes], folder: Path) -> tuple[int, list[str]]:
    """(exit code, sentences) of tools/verify_log.py, in a process without site packages or checkout."""
    program = Path(verify_log.__file__)
    run = subprocess.run(
        [sys.executable, "-I", "-S", "-W", "error", str(program), *arguments(station, anchors, keys, folder)],
        capture_output=True, timeout=300, cwd=folder, check=False,
    )  # fmt: skip
    assert not run.stderr, run.stderr.decode()
    return run.returncode, run.stdout.decode().splitlines()

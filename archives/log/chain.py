"""The hash chain of one file (or of the station): appending to it and walking it.

Every event carries SHA-256 over itself and the hash of the event before.  A chain alone shows a careless
change; only a seal (``seal``) shows one whose author computed the later hashes anew.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, NamedTuple

from archives.log.doubts import Doubts, unconfirmed
from archives.log.event import (
    HASH_PREFIX,
    NO_HASH,
    ROW_LENGTH,
    SITE_CHAIN,
    AccessEvent,
    canonical_text,
    check,
    digest,
)
from archives.log.finding import Finding, add

WIDTH: Final = ROW_LENGTH + 1
"""A stored row: the values of ROW_FIELDS and the hash (32 bytes)."""


class Head(NamedTuple):
    """The last event of a chain: its number and hash; number 0 and NO_HASH for an empty chain."""

    chain: int
    seq: int = 0
    hash: bytes = NO_HASH


class Linked(NamedTuple):
    """An event in its place, the hash to store with it, and the head the next one is appended to."""

    event: AccessEvent
    hash: bytes
    head: Head


class SealedHead(NamedTuple):
    """What a seal says of a chain: its event ``seq`` has this hash.

    ``floor`` is the day of the seal before (empty without one), ``floor_seal`` its number: events up to
    ``seq`` that no earlier head covers were written after it.
    """

    seal: int
    seq: int
    hash: bytes
    floor: str = ""
    floor_seal: int = 0


@dataclass(slots=True)
class Walked:
    """What reading one chain gave."""

    chain: Any
    events: int = 0
    first_at: str = ""
    findings: list[Finding] = field(default_factory=list)
    notes: list[Finding] = field(default_factory=list)


def append(head: Head, event: AccessEvent) -> Linked:
    """Put an event (its ``seq`` is ignored) behind the head of its chain.

    Raises ValueError for an event that must not be written or of another chain.
    """
    if event.chain != head.chain:
        raise ValueError("access event: chain is not that of the head")
    placed = replace(event, seq=head.seq + 1)
    check(placed)
    hash_ = digest(placed, head.hash)
    return Linked(placed, hash_, Head(head.chain, placed.seq, hash_))


def verify_chain(rows: Iterable[Sequence[Any]], sealed: Sequence[SealedHead] = ()) -> list[Finding]:
    """Findings of one chain's rows (WIDTH values each) in their order; none if it is whole and unchanged."""
    rows = list(rows)
    chain = rows[0][0] if rows else None
    return walk(chain, rows, sealed).findings


def walk(
    chain: Any,
    rows: Iterable[Sequence[Any]],
    sealed: Sequence[SealedHead] = (),
    floor: str = "",
    floor_seal: int = 0,
    doubts: Doubts | None = None,
) -> Walked:
    """Read the rows of one chain once, against their hashes and against what seals say of the chain.

    ``sealed`` ascends in ``seq``; ``floor`` and ``floor_seal`` are the last seal's, for what no seal has.
    ``doubts`` hears the site chain, which is walked first, and knows the seals no time is compared with.
    Rows may hold anything the database holds.
    """
    found = Walked(chain)
    heads = _Heads(found, [*sealed, SealedHead(0, 0, b"", floor, floor_seal)], doubts)
    sha256, prefix = hashlib.sha256, HASH_PREFIX
    last, prev = 0, NO_HASH
    for row in rows:
        found.events += 1
        seq = row[1]
        follows = type(seq) is int and seq == last + 1
        if not follows and not _skips(found, seq, last):
            continue
        stored = row[ROW_LENGTH]
        try:
            same = sha256(prefix + prev + canonical_text(row).encode()).digest() == stored
        except (TypeError, ValueError):  # values no event has: bytes, NaN, lone surrogates
            same = False
        if follows and not same:
            add(found.findings, Finding("changed", chain, seq, seq))
        if not last:
            found.first_at = str(row[2])
        last, prev = seq, stored if type(stored) is bytes else NO_HASH
        if seq > heads.seq:
            heads.skip(seq)
        if doubts is not None and chain == SITE_CHAIN and doubts.hear(row):
            heads.look_again()
        if heads.floor and str(row[2]) < heads.floor and not unconfirmed(row):
            add(found.notes, Finding("backdated", chain, seq, seq, heads.floor_seal))
        if seq == heads.seq:
            heads.reach(seq, stored)
    heads.end(last)
    return found


def _skips(found: Walked, seq: Any, last: int) -> bool:
    """Say why ``seq`` does not follow ``last``; true if the row stands behind a gap and is read on."""
    if type(seq) is not int:
        add(found.findings, Finding("unreadable", found.chain, last, last))
    elif seq > last:
        add(found.findings, Finding("gap" if last else "start_missing", found.chain, last + 1, seq - 1))
        return True
    else:
        add(found.findings, Finding("duplicated" if seq == last else "reordered", found.chain, seq, seq))
    return False


class _Heads:
    """The sealed heads of a chain, passed one after the other."""

    __slots__ = ("_at", "_covered", "_doubts", "_found", "_heads", "_rewritten", "floor", "floor_seal", "seq")

    def __init__(self, found: Walked, heads: Sequence[SealedHead], doubts: Doubts | None) -> None:
        self._found, self._heads, self._doubts = found, heads, doubts
        self._at, self._covered, self._rewritten = -1, 0, False
        self._next()

    def _next(self) -> None:
        self._at += 1
        self.look_again()
        self.seq: float = self._heads[self._at].seq or math.inf

    def look_again(self) -> None:
        """Find the seal that the next events were surely written after."""
        head = self._heads[self._at]
        # In a rewritten chain a number says nothing about when its event was written.
        if self._rewritten or not head.floor:
            self.floor, self.floor_seal = "", 0
        elif self._doubts is None:
            self.floor, self.floor_seal = head.floor, head.floor_seal
        else:
            self.floor, self.floor_seal = self._doubts.floor(head.floor_seal)

    def skip(self, seq: int) -> None:
        """Pass the heads before row ``seq``; their rows are missing."""
        # Ends: each round goes on by a head; behind the last comes infinity.
        while self.seq < seq:
            self._next()

    def reach(self, seq: int, stored: Any) -> None:
        """Compare row ``seq``, which a seal names, with what the seal says."""
        head = self._heads[self._at]
        if stored == head.hash:
            self._covered = seq
        elif not self._rewritten:  # the heads after it differ as a matter of course
            self._rewritten = True
            first = self._covered + 1
            self._found.findings.append(Finding("head_differs", self._found.chain, first, seq, head.seal))
        self._next()

    def end(self, last: int) -> None:
        """The chain ended at ``last``: seals may know of more."""
        head = self._heads[-2] if len(self._heads) > 1 else self._heads[-1]
        if head.seq > last:
            kind = "tail_cut" if last else "chain_missing"
            self._found.findings.append(Finding(kind, self._found.chain, last + 1, head.seq, head.seal))

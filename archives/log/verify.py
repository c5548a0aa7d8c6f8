"""Verification of a whole log: events against their chains, chains against seals, seals against anchors.

``verify`` reads rows once, in the order (chain, seq), and says what is wrong, up to where an anchor kept
outside proves the rest right, and since when nothing does.  What it cannot see is in docs/access-log.md.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

from archives.errors import SealInvalid
from archives.log.anchor import Anchor
from archives.log.chain import Head, SealedHead, walk
from archives.log.doubts import Doubts
from archives.log.event import NO_HASH
from archives.log.finding import Finding, add
from archives.log.seal import Seal, heads_root, readable, seal_hash, signature_ok


class SealHead(NamedTuple):
    """A row of the list that belongs to a seal: the head a chain had then."""

    seal: int
    chain: int
    seq: int
    hash: bytes


@dataclass(frozen=True, slots=True)
class Covered:
    """The newest seal that an anchor proves."""

    number: int
    day: str
    made_at: str
    events: int


@dataclass(frozen=True, slots=True)
class Report:
    """What verification saw; ``findings`` empty means nothing was changed as far as can be known."""

    events: int
    chains: int
    seals: int
    findings: tuple[Finding, ...]
    notes: tuple[Finding, ...]
    """Events that call for a question but prove no change."""
    covered_until: Covered | None
    unanchored_since: str | None
    """Time since which nothing outside vouches for the log; None if all of it is anchored or it is empty."""
    unsealed: int
    """Events behind the newest seal."""

    @property
    def ok(self) -> bool:
        """Whether nothing was found."""
        return not self.findings

    @property
    def sentences(self) -> list[str]:
        """What a user reads, one sentence a line: count, findings, notes, what is anchored and what not."""
        lines = [f"共核对 {self.chains} 条日志、{self.events} 个事件、{self.seals} 个封签。"]
        lines += [finding.sentence for finding in self.findings]
        lines += ["提示：" + note.sentence for note in self.notes]
        lines.append(f"发现 {len(self.findings)} 处问题。" if self.findings else "没有发现改动。")
        if self.covered_until is not None:
            until = self.covered_until
            lines.append(
                f"至第 {until.number} 号封签（{until.day}，共 {until.events} 个事件）为止有外存凭证。"
            )
        if self.unanchored_since is not None:
            rest = max(0, self.events - (self.covered_until.events if self.covered_until else 0))
            lines.append(
                f"自 {self.unanchored_since} 起尚未锚定：{rest} 个事件，其中 {self.unsealed} 个尚未封签。"
            )
        return lines


@dataclass(slots=True)
class _Seals:
    """What is known from the seals before the first event is read."""

    findings: list[Finding] = field(default_factory=list)
    sealed: dict[int, list[SealedHead]] = field(default_factory=dict)
    hashes: dict[int, bytes] = field(default_factory=dict)
    by_number: dict[int, Seal] = field(default_factory=dict)
    last: Seal | None = None
    made_first: str = ""
    whole: bool = True
    """No seal so far is missing or has lost its heads: counts and days of later ones can be compared."""

    def floor(self) -> tuple[str, int]:
        """Day and number of the newest seal: what no seal has yet was written after it."""
        return (self.last.day, self.last.number) if self.last and self.whole else ("", 0)

    read: int = 0


def verify(
    events: Iterable[Sequence[Any]],
    seals: Iterable[Seal],
    seal_heads: Iterable[Sequence[Any]],
    anchors: Iterable[Anchor] = (),
    public_keys: Collection[bytes] = (),
) -> Report:
    """Check a log.

    ``events``: rows of WIDTH values ordered by (chain, seq); read once, never held.  ``seals`` ordered by
    number.  ``seal_heads``: (seal, chain, seq, hash) in any order.  ``anchors``: kept outside.
    ``public_keys``: the only keys seals may be signed with; when empty, a change of key is a finding
    unless an anchored seal covers it.
    """
    anchors = list(anchors)
    known = _read_seals(seals, seal_heads, anchors, public_keys)
    covered = _anchored(known, anchors)
    findings, notes = known.findings, list[Finding]()
    total, done, first_at = 0, set[Any](), ""
    doubts = Doubts({number: seal.day for number, seal in known.by_number.items()})
    for chain, rows in groupby(events, key=itemgetter(0)):
        if chain in done:
            add(findings, Finding("split", chain))
            total += sum(1 for _ in rows)
            continue
        done.add(chain)
        walked = walk(chain, rows, known.sealed.pop(chain, ()), *known.floor(), doubts)
        findings += walked.findings
        notes += walked.notes
        total += walked.events
        first_at = min(filter(None, (first_at, walked.first_at)), default="")
    for chain in sorted(known.sealed):
        findings += walk(chain, (), known.sealed[chain]).findings
    unsealed = max(0, total - (known.last.count_events if known.last else 0))
    since: str | None = covered.made_at if covered else first_at or known.made_first
    if unsealed == 0 and (known.last is None or (covered and covered.number == known.last.number)):
        since = None
    return Report(total, len(done), known.read, tuple(findings), tuple(notes), covered, since, unsealed)


def _read_seals(
    seals: Iterable[Seal],
    seal_heads: Iterable[Sequence[Any]],
    anchors: list[Anchor],
    public_keys: Collection[bytes],
) -> _Seals:
    known = _Seals()
    heads: dict[int, list[SealHead]] = {}
    for row in seal_heads:
        heads.setdefault(row[0], []).append(SealHead(*row))
    sealed_to: dict[int, int] = {}
    anchored_to = max((anchor.number for anchor in anchors), default=0)
    for seal in seals:
        known.read += 1
        if not readable(seal):
            known.findings.append(Finding("seal_unreadable", seal=known.read))
            known.whole = False
            continue
        if not _in_order(known, seal):
            continue
        _check_seal(known, seal, public_keys, anchored=seal.number <= anchored_to)
        _check_heads(known, seal, heads.pop(seal.number, []), sealed_to)
        known.by_number[seal.number], known.hashes[seal.number], known.last = seal, seal_hash(seal), seal
        known.made_first = known.made_first or seal.made_at
    newest = known.last.number if known.last else 0
    for number in sorted(left for left in heads if type(left) is int and left > newest):
        add(known.findings, Finding("seal_missing", first=number, last=number))
    return known


def _in_order(known: _Seals, seal: Seal) -> bool:
    """Report missing numbers before this seal; false if it stands where another should."""
    last = known.last.number if known.last else 0
    if seal.number <= last:
        known.findings.append(Finding("seal_order", seal=seal.number))
        return False
    if seal.number > last + 1:
        known.findings.append(Finding("seal_missing", first=last + 1, last=seal.number - 1))
        known.whole = False
    return True


def _check_seal(known: _Seals, seal: Seal, public_keys: Collection[bytes], *, anchored: bool) -> None:
    last = known.last
    if seal.number == (last.number if last else 0) + 1:
        prev = known.hashes[last.number] if last else NO_HASH
        if seal.prev_seal_hash != prev:
            known.findings.append(Finding("seal_link", seal=seal.number))
    if not signature_ok(seal):
        known.findings.append(Finding("seal_signature", seal=seal.number))
    elif (
        seal.public_key not in public_keys
        if public_keys
        else last is not None and not anchored and seal.public_key != last.public_key
    ):
        known.findings.append(Finding("seal_key", seal=seal.number))


def _check_heads(known: _Seals, seal: Seal, heads: list[SealHead], sealed_to: dict[int, int]) -> None:
    """Compare the list of a seal with its root and count; keep what it says of each chain."""
    try:
        root = heads_root(Head(chain, seq, hash_) for _, chain, seq, hash_ in heads)
    except (SealInvalid, TypeError, AttributeError, OverflowError):
        root = b""
    if root != seal.heads_root:
        known.findings.append(Finding("seal_heads", seal=seal.number))
        known.whole = False
        return
    before = known.last.count_events if known.last else 0
    grown = 0
    for _, chain, seq, hash_ in sorted(heads):
        if seq <= sealed_to.get(chain, 0):
            known.findings.append(Finding("head_back", chain, seal=seal.number))
            known.whole = False
            continue
        grown += seq - sealed_to.get(chain, 0)
        sealed_to[chain] = seq
        known.sealed.setdefault(chain, []).append(SealedHead(seal.number, seq, hash_, *known.floor()))
    if known.whole and before + grown != seal.count_events:
        known.findings.append(Finding("seal_count", seal=seal.number))


def _anchored(known: _Seals, anchors: list[Anchor]) -> Covered | None:
    covered: Seal | None = None
    for number, outside in sorted({(anchor.number, anchor.hash) for anchor in anchors}):
        inside = known.hashes.get(number)
        if inside is None:
            known.findings.append(Finding("anchor_missing", seal=number))
        elif inside != outside:
            known.findings.append(Finding("anchor_differs", seal=number))
        else:
            covered = known.by_number[number]
    if covered is None:
        return None
    return Covered(covered.number, covered.day, covered.made_at, covered.count_events)

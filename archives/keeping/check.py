"""The check of a whole station: everything is there, opens, and is what was registered.

A check either comes to its end or says that it did not; nothing is repaired.  With a limit it stops after so
many items and goes on from there the next time, keeping what it found.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Final

from archives.archive import Archive
from archives.clock.reference import Reference
from archives.errors import ArchiveError, DateUnconfirmed, SealInvalid, VaultDamaged
from archives.keeping import structure
from archives.keeping.agreement import Agreed, agreement
from archives.keeping.baseline import SINCE
from archives.keeping.content import PARTS, batch
from archives.keeping.finding import KeepingFinding
from archives.keeping.foreign import foreign
from archives.keeping.gaps import open_gaps
from archives.keeping.reckoned import events_in_order, numbers_known, times_told
from archives.keeping.state import CheckState, change_keeping, read_keeping
from archives.keeping.stores import lacks
from archives.keeping.sweep import Orphans, find_orphans, sweep
from archives.keys import vault as vaults
from archives.log.anchor import Anchor
from archives.ports import Actor
from archives.sealing import public_key_of, read_seal_key, verify_log
from archives.settings import Layout

Progress = Callable[[str, int], None]
"""(what is looked at, how many so far)."""
MOST_FINDINGS = 1000
UNSEALED: Final = "尚未封签的事件有 {count} 个：其间的改动若由持有密钥的人连同日志一起改写，核对不出。"


@dataclass(frozen=True, slots=True)
class CheckReport:
    """What a check saw; ``finished`` False means that it is no proof of anything."""

    started: str
    finished: bool
    findings: tuple[KeepingFinding, ...]
    checked: dict[str, int]
    """Items looked at in this run, by name of part."""
    counts: dict[str, int]
    """Rows of every table."""
    orphans: Orphans
    swept: int
    remarks: tuple[str, ...] = ()
    """What the check cannot see, in sentences."""
    unconfirmed: str = ""
    """That the date is unconfirmed, in a sentence: then no orphans were looked for."""

    @property
    def ok(self) -> bool:
        """Whether it came to its end and found nothing."""
        return self.finished and not self.findings


@dataclass
class _Run:
    archive: Archive
    progress: Progress
    left: int | None
    at: dict[str, int]
    findings: list[KeepingFinding] = field(default_factory=list)
    checked: dict[str, int] = field(default_factory=dict)
    broken: bool = False
    agreed: Agreed = field(default_factory=Agreed)
    remarks: list[str] = field(default_factory=list)

    def part(self, work: Callable[[], Iterator[KeepingFinding]]) -> None:
        """Run one part; trouble in it is a finding and leaves the check unfinished."""
        try:
            for found in work():
                self.add(found)
        except ArchiveError as error:
            self.add(KeepingFinding("store_failed", error.message))
            self.broken = True

    def add(self, found: KeepingFinding) -> None:
        if found not in self.findings and len(self.findings) < MOST_FINDINGS:
            self.findings.append(found)


def check(
    archive: Archive,
    layout: Layout,
    actor: Actor,
    master: bytes,
    *,
    anchors: Sequence[Anchor] = (),
    limit: int | None = None,
    sweeping: bool = False,
    progress: Progress = lambda _what, _count: None,
) -> CheckReport:
    """Check a station; the result is kept with its date and on the log.

    ``limit``: items of content in this run; ``anchors``: seals kept outside; ``sweeping``: remove orphans.
    Raises StoreUnusable when the result cannot be kept.
    """
    before = read_keeping(layout.home).check
    resumed = bool(before.at)
    started = before.started if resumed else archive.now().isoformat(timespec="seconds")
    run = _Run(archive, progress, limit, dict(before.at))
    run.findings = [KeepingFinding(kind, place) for kind, place in before.found] if resumed else []
    _keep(layout, CheckState(started, "", 0, dict(before.at), before.found if resumed else ()))
    for name, work in _parts(run, archive, layout, actor, master, anchors):
        progress(name, 0)
        run.part(work)
    complete = _content(run)
    reference, unconfirmed = _reference(archive, actor)
    orphans, swept = _orphans(run, reference, sweeping=sweeping)
    report = CheckReport(
        started,
        complete and not run.broken,
        tuple(run.findings),
        run.checked,
        _counts(run),
        orphans,
        swept,
        tuple(run.remarks),
        unconfirmed,
    )
    _result(archive, layout, actor, report, {} if complete else run.at)
    return report


def _parts(
    run: _Run, archive: Archive, layout: Layout, actor: Actor, master: bytes, anchors: Sequence[Anchor]
) -> Iterator[tuple[str, Callable[[], Iterator[KeepingFinding]]]]:
    yield "文件夹与密钥", lambda: folders(layout, master)
    yield "各库", lambda: _stores(archive, layout, master)
    yield "数据库", lambda: structure.pages(archive)
    yield "防护规则", lambda: chain(structure.schema(archive), foreign(archive))
    yield "编号", lambda: structure.number_gaps(archive)
    yield "编号与时间", lambda: chain(numbers_known(archive), times_told(archive), events_in_order(archive))
    yield "销毁登记", lambda: structure.what_is_gone(archive)
    yield "恢复", lambda: _gaps(archive)
    yield "日志", lambda: _log(run, layout, actor, master, anchors)
    yield "日志与内容", lambda: _agreement(run)
    yield "销毁清册", lambda: structure.lists_agree(archive)


def _stores(archive: Archive, layout: Layout, master: bytes) -> Iterator[KeepingFinding]:
    for lack in lacks(archive, layout, master, counting=True):
        yield KeepingFinding("store_lacks", lack.message)


def _gaps(archive: Archive) -> Iterator[KeepingFinding]:
    with archive.data.reading() as connection:
        found = open_gaps(connection)
    for gap in found:
        yield KeepingFinding("restore_gap", gap.sentence)


def _log(
    run: _Run, layout: Layout, actor: Actor, master: bytes, anchors: Sequence[Anchor]
) -> Iterator[KeepingFinding]:
    try:
        known = [public_key_of(read_seal_key(layout, master))]
    except SealInvalid as error:
        yield KeepingFinding("seal_key", error.message)
        known = []
    report = verify_log(run.archive, actor, anchors, known)
    if report.unsealed:
        run.remarks.append(UNSEALED.format(count=report.unsealed))
    for found in report.findings:
        yield KeepingFinding("log", found.sentence)


def _agreement(run: _Run) -> Iterator[KeepingFinding]:
    yield from agreement(run.archive, run.agreed, lambda count: run.progress("日志与内容", count))
    run.checked["日志与内容"] = run.agreed.rows
    if run.agreed.since:
        run.remarks.append(SINCE.format(day=run.agreed.since[:10]))


def folders(layout: Layout, master: bytes) -> Iterator[KeepingFinding]:
    """The vault can be used, and nobody else can enter the station's folders."""
    try:
        vault = vaults.load(layout.vault)
        if vault.fallback:
            yield KeepingFinding("vault_fallback", layout.vault.name)
        vaults.require_genuine(vault, master)
    except VaultDamaged as error:
        yield KeepingFinding("vault", error.message)
    if sys.platform != "win32":
        for folder in (layout.home, layout.data, layout.keys):
            if folder.is_dir() and folder.stat().st_mode & 0o077:
                yield KeepingFinding("open_to_others", str(folder))


def _content(run: _Run) -> bool:
    """Go through all content from where the last run stopped; False when the limit came first."""
    for name, table, work in PARTS:
        # Ends: each round goes on behind the last id.
        while rows := batch(run.archive, table, run.at.get(table.name, 0)):
            if run.left is not None and run.left <= 0:
                return False
            run.part(lambda work=work, rows=rows: work(run.archive, rows))  # type: ignore[misc]  # bound now
            run.at[table.name] = rows[-1].id
            run.checked[name] = run.checked.get(name, 0) + len(rows)
            run.left = None if run.left is None else run.left - len(rows)
            run.progress(name, run.checked[name])
    return True


def _reference(archive: Archive, actor: Actor) -> tuple[Reference | None, str]:
    """The confirmed day, or the sentence that there is none."""
    with archive.looking(actor) as unit:
        try:
            return unit.reference(), ""
        except DateUnconfirmed as error:
            return None, error.message


def _orphans(run: _Run, reference: Reference | None, *, sweeping: bool) -> tuple[Orphans, int]:
    found, swept = Orphans((), (), ()), 0
    if reference is None:  # how old something is shows only with a date
        return found, swept

    def work() -> Iterator[KeepingFinding]:
        nonlocal found, swept
        found = find_orphans(run.archive, reference)
        swept = sweep(run.archive, found, reference) if sweeping and len(found) else 0
        yield from ()

    run.progress("无主的密钥与文件", 0)
    run.part(work)
    return found, swept


def _counts(run: _Run) -> dict[str, int]:
    told: dict[str, int] = {}

    def work() -> Iterator[KeepingFinding]:
        told.update(structure.counts(run.archive))
        yield from ()

    run.part(work)
    return told


def _result(
    archive: Archive, layout: Layout, actor: Actor, report: CheckReport, stopped_at: dict[str, int]
) -> None:
    with archive.acting("check.result", actor) as unit:
        unit.log(
            "check.run", "station:1", result="ok" if report.finished else "failed",
            detail={
                "findings": len(report.findings), "full": report.finished,
                "documents": report.checked.get("文件", 0), "records": report.checked.get("文书", 0),
                "other": report.swept,
            },
        )  # fmt: skip
    finished = archive.now().isoformat(timespec="seconds") if report.finished else ""
    state = CheckState(report.started, finished, len(report.findings), stopped_at)
    if stopped_at:
        state = replace(state, found=tuple((one.kind, one.place) for one in report.findings))
    _keep(layout, state)


def _keep(layout: Layout, state: CheckState) -> None:
    change_keeping(layout.home, lambda was: replace(was, check=state))

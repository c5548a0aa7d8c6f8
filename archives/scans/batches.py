"""Batches: one incoming file each, from its first stored piece until nothing of it is left but its account.

receiving ─► open ─► balanced ─► cleared.  A file is known by its hash: the same one comes in once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final, Literal

from sqlalchemy import func, insert, select, update

from archives.archive import Unit
from archives.errors import AlreadyThere, NotFound
from archives.store.tables_scans import PAGE_STATES, scan_batches, scan_pages

BatchState = Literal["receiving", "open", "balanced", "cleared"]
BATCH_NAMES: Final[Mapping[str, str]] = {
    "receiving": "接收未完",
    "open": "待处理",
    "balanced": "已结清",
    "cleared": "已清除",
}
STATE_NAMES: Final[Mapping[str, str]] = {
    "filed": "已归档",
    "waiting": "待处理",
    "duplicate": "重复",
    "blank": "空白",
    "service": "分隔页等",
    "rejected": "退回",
}
QUARANTINE_DAYS: Final = 30
"""How long the copy of the incoming file may stay after its batch is balanced."""


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch as its row says."""

    id: int
    state: BatchState
    sha256: str
    size: int
    pages_in: int | None
    item_key: str | None
    received_at: str
    by: int
    balanced_at: str | None

    @property
    def gone_by(self) -> date | None:
        """The day by which the copy in quarantine has to be destroyed."""
        if self.balanced_at is None:
            return None
        return datetime.fromisoformat(self.balanced_at).date() + timedelta(days=QUARANTINE_DAYS)


@dataclass(frozen=True, slots=True)
class Ledger:
    """What became of the pages of a batch; ``pages_in`` is what the file held, None while it comes in."""

    pages_in: int | None
    filed: int = 0
    waiting: int = 0
    duplicate: int = 0
    blank: int = 0
    service: int = 0
    rejected: int = 0

    @property
    def accounted(self) -> int:
        """Pages that have a row."""
        return self.filed + self.waiting + self.duplicate + self.blank + self.service + self.rejected

    @property
    def adds_up(self) -> bool:
        """Whether every page of the file is accounted for."""
        return self.pages_in == self.accounted

    def line(self) -> str:
        """The account on one line."""
        parts = [f"{name} {getattr(self, state)}" for state, name in STATE_NAMES.items()]
        coming = "接收中" if self.pages_in is None else f"共 {self.pages_in} 页"
        return f"{coming} ＝ {' ＋ '.join(parts)}"


def begin(unit: Unit, sha256: str, size: int, item_key: str) -> Batch:
    """Take in a file, or go on with one that a crash interrupted (its own key is kept then).

    Raises AlreadyThere: this very file came in before.
    """
    row = unit.execute(select(scan_batches).where(scan_batches.c.sha256 == sha256)).first()
    if row is not None:
        if row.state != "receiving":
            again = "；退回的页要归档的，请把纸件重新扫描成新的文件" if row.state == "cleared" else ""
            raise AlreadyThere(
                f"这个文件已在第 {row.id} 批接收过，没有再接收。",
                hint=f"查看结果：kangdang scan status {row.id}{again}。",
            )
        return _batch(row)
    result = unit.execute(
        insert(scan_batches),
        {
            "state": "receiving", "sha256": sha256, "size": size, "item_key": item_key,
            "received_at": unit.at, "by": unit.staff(),
        },
    )  # fmt: skip
    return batch_facts(unit, int(result.inserted_primary_key[0]))  # type: ignore[index]  # one row


def complete(unit: Unit, batch: int) -> Ledger:
    """Every page of the file is stored: the batch is open for filing.  The database counts along."""
    count = unit.execute(
        select(func.count()).select_from(scan_pages).where(scan_pages.c.batch_id == batch)
    ).scalar_one()
    unit.execute(
        update(scan_batches).where(scan_batches.c.id == batch).values(state="open", pages_in=int(count))
    )
    facts = batch_facts(unit, batch)
    unit.log(
        "scan.receive", f"scan:{batch}",
        detail={"pages": count, "bytes": facts.size, "sha256": facts.sha256},
    )  # fmt: skip
    return ledger(unit, batch)


def balance(unit: Unit, batch: int) -> bool:
    """Close the account when no page waits; returns whether it is closed.

    While the date is unconfirmed it stays open: the days until its copy goes count from a confirmed one.
    """
    facts = batch_facts(unit, batch)
    if facts.state != "open":
        return facts.state in ("balanced", "cleared")
    if not unit.confirmed or ledger(unit, batch).waiting:
        return False
    unit.execute(
        update(scan_batches).where(scan_batches.c.id == batch).values(state="balanced", balanced_at=unit.at)
    )
    return True


def batch_facts(unit: Unit, batch: int) -> Batch:
    """The batch.  Raises NotFound."""
    row = unit.execute(select(scan_batches).where(scan_batches.c.id == batch)).first()
    if row is None:
        raise NotFound(f"没有第 {batch} 批扫描件。", hint="用 kangdang scan status 查看各批。")
    return _batch(row)


def batches(unit: Unit, *states: BatchState) -> list[Batch]:
    """All batches in these states (all when none is named), the latest first."""
    query = select(scan_batches).order_by(scan_batches.c.id.desc())
    if states:
        query = query.where(scan_batches.c.state.in_(states))
    return [_batch(row) for row in unit.execute(query)]


def ledger(unit: Unit, batch: int) -> Ledger:
    """The account of a batch."""
    counts = unit.execute(
        select(scan_pages.c.state, func.count().label("pages"))
        .where(scan_pages.c.batch_id == batch)
        .group_by(scan_pages.c.state)
    )
    told = {row.state: int(row.pages) for row in counts}
    return Ledger(batch_facts(unit, batch).pages_in, **{state: told.get(state, 0) for state in PAGE_STATES})


def _batch(row: Any) -> Batch:
    return Batch(
        row.id, row.state, row.sha256, row.size, row.pages_in, row.item_key, row.received_at, row.by,
        row.balanced_at,
    )  # fmt: skip

"""What came in, as it came in: the copy in quarantine taken out, or destroyed before its time."""

from __future__ import annotations

from collections.abc import Iterator

from archives.errors import StateForbids
from archives.scans.batches import Batch, batch_facts
from archives.scans.blanks import require_seen
from archives.scans.quarantine import clear, original
from desk.station.attempting import attempting
from desk.station.opening import OpenStation


def take_original(station: OpenStation, batch_id: int) -> Iterator[bytes]:
    """The incoming file out of quarantine, piece by piece; on the log first.

    Raises AccessDenied, NotFound, ItemUnreadable.
    """
    station.allow("scan.queue")
    with station.acting("scan.export") as unit:
        batch = batch_facts(unit, batch_id)
        unit.log("scan.export", f"scan:{batch_id}", detail={"sha256": batch.sha256})
    with station.archive.looking(station.actor) as unit:
        yield from original(station.archive, unit, batch)


def clearable(station: OpenStation, batch_id: int) -> Batch:
    """A batch of which nothing waits and every blank page was seen.

    Raises StateForbids, AccessDenied, NotFound.
    """
    station.allow("scan.queue")
    with station.archive.looking(station.actor) as unit:
        batch = batch_facts(unit, batch_id)
    if batch.state == "cleared":
        raise StateForbids(f"第 {batch_id} 批已经清除过。", hint=f"账目见 kangdang scan status {batch_id}。")
    if batch.state != "balanced":
        raise StateForbids(
            f"第 {batch_id} 批{'还有页待处理' if batch.state == 'open' else '还没有接收完'}，不能清除。",
            hint="全部页处理完以后才能清除：kangdang scan queue。",
        )
    with station.archive.looking(station.actor) as unit:
        require_seen(unit, batch_id)
    return batch


def clear_batch(station: OpenStation, batch_id: int) -> None:
    """Destroy what is left of a balanced batch before its time.

    Raises StateForbids, AccessDenied, NotFound, StoreUnusable.
    """
    station.allow("scan.queue")
    with attempting(station, "scan.clear", f"scan:{batch_id}"):
        clear(station.archive, station.actor, clearable(station, batch_id))

"""Pages of incoming files: each its own bytes, hash and key, in exactly one state.

A page is stored (key, blob, read back), then its row says what it is; without row it is an orphan that the
check sweeps.  What a page shows is told only after the looking is on the log.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from sqlalchemy import insert, select, update

from archives.archive import Archive, Unit
from archives.errors import AlreadyThere, ItemUnreadable, NotFound, StateForbids
from archives.keys.bindings import PAGE, READING
from archives.scans.batches import STATE_NAMES
from archives.store.tables import documents
from archives.store.tables_scans import scan_batches, scan_pages

PageState = Literal["waiting", "filed", "duplicate", "blank", "service", "rejected"]
OPEN_STATES = ("waiting", "duplicate", "blank", "service")
"""States a person may change."""


@dataclass(frozen=True, slots=True)
class StoredPage:
    """Bytes of one page on the disk that no row tells of yet."""

    blob: str
    item_key: str
    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class Judged:
    """What a page was found to be."""

    state: PageState
    reason: str | None
    print_id: str | None = None
    page: int | None = None
    pages: int | None = None
    print_document: int | None = None
    reading: bytes | None = field(repr=False, default=None)
    """What was read on it, as JSON."""


@dataclass(frozen=True, slots=True)
class PageFacts:
    """A page as its row says."""

    id: int
    batch: int
    number: int
    state: PageState
    reason: str | None
    sha256: str | None
    size: int
    media_type: str | None
    blob: str | None
    item_key: str | None
    print_id: str | None
    page: int | None
    pages: int | None
    print_document: int | None
    filed_as: int | None
    position: int | None
    reading: bytes | None = field(repr=False, default=None)


def store_page(archive: Archive, batch: int, number: int, stream: bytes) -> StoredPage:
    """Make the stream of page ``number`` of a batch durable: key, then blob, read back.

    Raises StoreUnusable.
    """
    name, key = archive.keys.new()
    blob = archive.blobs.put(archive.encrypt(key, stream, PAGE.of(batch_id=batch, number=number)))
    return StoredPage(blob, name, hashlib.sha256(stream).hexdigest(), len(stream))


def add_page(
    unit: Unit, batch: int, number: int, judged: Judged, stored: StoredPage | None, media_type: str | None
) -> int:
    """Put a page on the account of its batch; ``stored`` is None where no stream could be had."""
    reading = None
    if judged.reading is not None and stored is not None:
        key = unit.archive.keys.get(stored.item_key)
        reading = unit.archive.encrypt(key, judged.reading, READING.of(batch_id=batch, number=number))
    result = unit.execute(
        insert(scan_pages),
        {
            "batch_id": batch, "number": number, "state": judged.state, "reason": judged.reason,
            "sha256": stored.sha256 if stored else None, "size": stored.size if stored else 0,
            "media_type": media_type, "blob": stored.blob if stored else None,
            "item_key": stored.item_key if stored else None, "print_id": judged.print_id,
            "page": judged.page, "pages": judged.pages, "print_document": judged.print_document,
            "reading": reading,
        },
    )  # fmt: skip
    return int(result.inserted_primary_key[0])  # type: ignore[index]  # one row was inserted


def page_facts(unit: Unit, page: int) -> PageFacts:
    """The page.  Raises NotFound."""
    row = unit.execute(select(scan_pages).where(scan_pages.c.id == page)).first()
    if row is None:
        raise NotFound(f"没有第 {page} 号扫描页。", hint="用 kangdang scan queue 查看待处理的页。")
    return _facts(row)


def pages_in(unit: Unit, batch: int) -> list[PageFacts]:
    """The pages of a batch in the order of the file."""
    query = select(scan_pages).where(scan_pages.c.batch_id == batch).order_by(scan_pages.c.number)
    return [_facts(row) for row in unit.execute(query)]


def pages_waiting(unit: Unit, *, batch: int | None = None) -> list[PageFacts]:
    """Pages that wait, by batch and number."""
    query = select(scan_pages).where(scan_pages.c.state == "waiting")
    if batch is not None:
        query = query.where(scan_pages.c.batch_id == batch)
    return [_facts(row) for row in unit.execute(query.order_by(scan_pages.c.batch_id, scan_pages.c.number))]


def pages_of_print(unit: Unit, print_id: str) -> list[PageFacts]:
    """All pages with this print id that ever came in, oldest first."""
    query = select(scan_pages).where(scan_pages.c.print_id == print_id).order_by(scan_pages.c.id)
    return [_facts(row) for row in unit.execute(query)]


def stream_of(archive: Archive, page: PageFacts) -> bytes:
    """The stream as it lay in the incoming file.  Raises ItemUnreadable."""
    if page.blob is None or page.item_key is None:
        raise ItemUnreadable(
            f"第 {page.id} 号扫描页的图像不在暂存区。", hint="已归档的页请查看所归入的文件。"
        )
    bound = PAGE.of(batch_id=page.batch, number=page.number)
    stream = archive.decrypt(page.item_key, archive.blobs.get(page.blob), bound)
    if hashlib.sha256(stream).hexdigest() != page.sha256:
        raise ItemUnreadable(f"第 {page.id} 号扫描页的内容与登记的校验值不符。")
    return stream


def reading_of(archive: Archive, page: PageFacts) -> bytes | None:
    """What was read on the page, as JSON; None when nothing was.  Raises ItemUnreadable."""
    if page.reading is None or page.item_key is None:
        return None
    return archive.decrypt(page.item_key, page.reading, READING.of(batch_id=page.batch, number=page.number))


def require_open(page: PageFacts) -> PageFacts:
    """A page nobody filed or rejected.  Raises StateForbids."""
    if page.state not in OPEN_STATES:
        raise StateForbids(f"第 {page.id} 号扫描页的状态是“{STATE_NAMES[page.state]}”，不能再处理。")
    return page


def settle(unit: Unit, page_id: int, state: PageState, reason: str | None) -> None:
    """A person says what a page is; who and when stays with it.  Raises StateForbids, NotFound."""
    page = require_open(page_facts(unit, page_id))
    if state == "waiting" and page.state != "waiting":
        _require_there(unit, page)
    unit.execute(
        update(scan_pages)
        .where(scan_pages.c.id == page_id)
        .values(state=state, reason=reason, settled_at=unit.at, settled_by=unit.staff())
    )
    unit.log(
        "scan.reject" if state == "rejected" else "scan.settle", f"page:{page_id}",
        detail={
            "scan": page.batch, "number": page.number, "state_before": page.state, "state_after": state,
            **({"reason": reason} if reason else {}),
        },
    )  # fmt: skip


def _require_there(unit: Unit, page: PageFacts) -> None:
    """Its picture still exists, so that it can wait for somebody to look at it.  Raises StateForbids."""
    # Locked with its batch: a batch that is being cleared is not looked into (``quarantine.clear``).
    unit.execute(select(scan_batches.c.id).where(scan_batches.c.id == page.batch).with_for_update())
    if page.item_key is None or not unit.archive.keys.has([page.item_key]):
        raise StateForbids(f"第 {page.id} 号扫描页的图像已到期清除，不能再处理。")


def point_to(unit: Unit, page_id: int, print_id: str, page: int, pages: int, print_document: int) -> None:
    """A person says which page of which print a page without a code is; it waits for the others then.

    Raises AlreadyThere (that page came in), StateForbids, NotFound.
    """
    facts = require_open(page_facts(unit, page_id))
    present = select(documents.c.id).where(documents.c.state == "present")
    query = select(scan_pages.c.id).where(
        scan_pages.c.print_document == print_document, scan_pages.c.page == page,
        scan_pages.c.id != page_id,
        (scan_pages.c.state == "waiting") | scan_pages.c.filed_as.in_(present),
    )  # fmt: skip
    if unit.execute(query.limit(1)).first() is not None:
        raise AlreadyThere("这份打印件的这一页已经有了。", hint="请核对页次；多扫的页请退回。")
    if facts.state != "waiting":
        _require_there(unit, facts)
    unit.execute(
        update(scan_pages)
        .where(scan_pages.c.id == page_id)
        .values(
            state="waiting", reason="incomplete", print_id=print_id, page=page, pages=pages,
            print_document=print_document, settled_at=unit.at, settled_by=unit.staff(),
        )
    )  # fmt: skip
    unit.log(
        "scan.point", f"page:{page_id}",
        detail={
            "scan": facts.batch, "number": facts.number, "state_before": facts.state,
            "state_after": "waiting", "document": print_document, "page": page,
        },
    )  # fmt: skip


def positions_in(unit: Unit, document: int) -> dict[int, int]:
    """Page of the print → page of the document it was filed in; both from 1."""
    query = select(scan_pages.c.page, scan_pages.c.position).where(scan_pages.c.filed_as == document)
    return {row.page: row.position for row in unit.execute(query) if row.page is not None}


def give_reason(unit: Unit, pages: Iterable[int], reason: str) -> None:
    """Say anew why pages wait."""
    unit.execute(
        update(scan_pages)
        .where(scan_pages.c.id.in_(list(pages)), scan_pages.c.state == "waiting")
        .values(reason=reason)
    )


def mark_filed(unit: Unit, pages: Sequence[int], document: int) -> None:
    """Pages are those of a document, in this order.  The guards of the database agree or refuse."""
    for position, page in enumerate(pages, start=1):
        unit.execute(
            update(scan_pages)
            .where(scan_pages.c.id == page)
            .values(state="filed", reason=None, filed_as=document, position=position)
        )


def _facts(row: Any) -> PageFacts:
    return PageFacts(
        row.id, row.batch_id, row.number, row.state, row.reason, row.sha256, row.size, row.media_type,
        row.blob, row.item_key, row.print_id, row.page, row.pages, row.print_document, row.filed_as,
        row.position, row.reading,
    )  # fmt: skip

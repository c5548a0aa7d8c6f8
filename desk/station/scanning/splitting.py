"""Taking a wrongly filed scan apart: the document is void, its pages wait again, as they were scanned.

    document ─► quarantine copy ─► each page: read, judge, store, row ─► count ─► file what is whole

The way of a received file, but in memory: what was encrypted is never written in plain.  The document is void
in the very act that begins the batch, so a crash leaves a batch to go on with: the same command again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

from archives.errors import StateForbids
from archives.items.documents import (
    DocumentFacts,
    content_of,
    document_facts,
    open_document,
    void_document,
)
from archives.scans.batches import Batch, batch_facts, begin, complete, ledger
from archives.scans.pages import pages_in
from archives.scans.quarantine import PART_BYTES, add_part, parts_there, store_part
from desk.station.opening import OpenStation
from desk.station.scanning.prints import Prints
from desk.station.scanning.receiving import Reader, Received, alone, put_in, settle
from desk.station.standing import part_of_document
from generator.errors import ScanUnusable
from generator.reading.binding import streams_of
from generator.reading.container import SourcePage
from generator.reading.page_image import measured

if TYPE_CHECKING:
    from desk.station.scanning.turn import Turn
    from generator.reading.pdf_pictures import PageStream

_KINDS = ("attachment", "scan")


def split(station: OpenStation, document_id: int, reason: str, *, turn: Turn | None = None) -> Received:
    """Void a scan or attachment that was bound of scanned pages; its pages are a batch of their own.

    A page whose code says whose it is goes there, all else waits.  A document that is void already gives its
    pages back too.  Raises StateForbids (no scan, destroyed, not bound here), AlreadyThere (done before),
    StoreUnusable, AccessDenied, NotFound.
    """
    station.allow("scan.queue")
    with station.archive.looking(station.actor) as unit:
        facts = document_facts(unit, document_id)
        part = part_of_document(unit, facts)
    station.allow("document.file", file=facts.file, part=part)
    if facts.kind not in _KINDS or facts.state not in ("present", "void"):
        raise StateForbids(
            "这不是归入的扫描件或附件，或已销毁，不能拆开。", hint="用 kangdang document list 查看文件编号。"
        )
    with alone(station, turn):
        with station.acting("scan.open") as unit:
            open_document(unit, document_id)
        content = content_of(station.archive, facts)
        streams = _streams(content)
        batch, resumed = _begun(station, facts, _incoming(content, document_id), reason)
        _keep_copy(station, batch, _incoming(content, document_id))
        _take_in(station, batch, streams)
        with station.acting("scan.complete") as unit:
            complete(unit, batch.id)
        filed = settle(station)
    with station.archive.looking(station.actor) as unit:
        return Received(batch_facts(unit, batch.id), ledger(unit, batch.id), filed, resumed)


def _streams(content: bytes) -> Sequence[PageStream]:
    try:
        return streams_of(content)
    except ScanUnusable as error:
        raise StateForbids(
            "这个文件不是由扫描页合成的，不能拆开。",
            hint="归错的请用 kangdang document void 作废，再用 kangdang document add 归到对的地方。",
        ) from error


def _incoming(content: bytes, document_id: int) -> bytes:
    """The document as an incoming file: the same pages bound twice are two files."""
    return content + f"% {document_id}\n".encode()


def _begun(station: OpenStation, facts: DocumentFacts, incoming: bytes, reason: str) -> tuple[Batch, bool]:
    name, _ = station.archive.keys.new()
    with station.acting("scan.split") as unit:
        batch = begin(unit, hashlib.sha256(incoming).hexdigest(), len(incoming), name)
        if document_facts(unit, facts.id).state == "present":
            void_document(unit, facts.id, reason)
    return batch, batch.item_key != name


def _keep_copy(station: OpenStation, batch: Batch, incoming: bytes) -> None:
    if batch.item_key is None:  # it went with a record that was destroyed meanwhile
        return
    with station.archive.looking(station.actor) as unit:
        there = parts_there(unit, batch.id)
    for number, at in enumerate(range(0, len(incoming), PART_BYTES), start=1):
        if number > there:
            piece = incoming[at : at + PART_BYTES]
            blob = store_part(station.archive, batch.id, batch.item_key, number, piece)
            with station.acting("scan.part") as unit:
                add_part(unit, batch.id, number, blob)


def _take_in(station: OpenStation, batch: Batch, streams: Sequence[PageStream]) -> None:
    with station.archive.looking(station.actor) as unit:
        there = {page.number for page in pages_in(unit, batch.id)}
    reader = Reader(station, Prints(station.archive, station.actor))
    for number, (media_type, stream) in enumerate(streams, start=1):
        if number not in there:
            width, height, _, dpi, turn = measured(stream)
            page = SourcePage(number, stream, media_type, width, height, dpi, turn)
            put_in(station, batch, number, reader.judged(page), page)

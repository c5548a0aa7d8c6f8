"""What was written by hand into a print that came home: proposals for a person, never an answer by itself.

Only fields the record had no answer for are told, where the paper holds ink.  The scan lies straight in its
document, so its drawing at 300 dpi is registered by construction.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy import select

from archives.archive import Unit
from archives.errors import StateForbids
from archives.items.documents import DocumentFacts, content_of, document_facts, open_document
from archives.store.tables import documents
from desk.station.opening import OpenStation
from desk.station.paper import allow_paper
from desk.station.scanning.comparing import place_of, value_at
from desk.station.scanning.prints import Print, Prints

if TYPE_CHECKING:
    from archives.log.purposes import Purpose
    from generator.reading.page_image import PageImage
    from generator.reading.words import TextEngine

_DPI = 300
_MM = 25.4


@dataclass(frozen=True, slots=True)
class Written:
    """One room with writing in it; ``text`` is a guess, ``picture`` the PNG to judge it by."""

    page: int
    pointer: str
    label: str
    text: str = field(repr=False)
    confidence: float
    picture: bytes = field(repr=False)


def written_on(
    station: OpenStation, document_id: int, engine: TextEngine | None = None, purpose: Purpose | None = None
) -> tuple[Written, ...]:
    """The proposals of a filed scan; the reading of the scan is on the log.

    Raises TextEngineMissing, AccessDenied, PurposeNeeded, StateForbids (no scan of a print), NotFound.
    """
    from generator.reading.rapid_text import open_engine

    allow_paper(station, document_id, purpose)
    with station.acting("scan.written") as unit:
        facts = open_document(unit, document_id, purpose=purpose)
        issued = _print_of(unit, facts)
    prints = Prints(station.archive, station.actor)
    found = _proposals(
        prints.get(issued), prints, content_of(station.archive, facts), engine or open_engine()
    )
    return tuple(found)


def _print_of(unit: Unit, scan: DocumentFacts) -> DocumentFacts:
    query = select(documents.c.of_document).where(documents.c.id == scan.id)
    issued = unit.execute(query).scalar()
    if scan.kind != "scan" or issued is None:
        raise StateForbids("这不是打印件的签字扫描件，没有可读的空格。")
    return document_facts(unit, issued)


def _proposals(printed: Print, prints: Prints, pdf: bytes, engine: TextEngine) -> Iterator[Written]:
    from generator.reading.registration import Registration
    from generator.reading.writing import propose_texts

    dots = _DPI / _MM
    straight = Registration(((dots, 0.0, 0.0), (0.0, dots, 0.0)), "both codes", 0.0)
    for number, image in enumerate(_pages(pdf), start=1):
        expected = prints.picture(printed.document, number)
        entries = [entry for entry in printed.page_map.entries if entry.page == number]
        if expected is None or not entries:
            continue
        for one in propose_texts(image, straight, entries, engine, expected=expected):
            if value_at(printed.answers, place_of(one.entry)) not in (None, "", []):
                continue  # it was printed, not written
            spec = printed.form.fields.get(one.entry.pointer)
            label = spec.label if spec is not None else one.entry.pointer
            yield Written(number, place_of(one.entry), label, one.text, one.confidence, one.picture)


def _pages(pdf: bytes) -> Iterator[PageImage]:
    import cv2
    import numpy as np
    import pypdfium2

    from generator.reading.page_image import PageImage

    document = pypdfium2.PdfDocument(pdf)
    try:
        for page in document:
            drawn = np.array(page.render(scale=_DPI / 72, grayscale=True).to_numpy(), np.uint8).squeeze()
            stream = cv2.imencode(".png", drawn)[1].tobytes()
            yield PageImage(stream, drawn.shape[1], drawn.shape[0], (float(_DPI), float(_DPI)))
    finally:
        document.close()

"""The page that is filed already, beside the same page come once more: for a person who compares the two."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from archives.archive import Unit
from archives.items.documents import DocumentFacts, document_facts
from archives.scans.filing import scan_of_print
from archives.scans.pages import PageFacts
from archives.store.tables_scans import scan_pages

if TYPE_CHECKING:
    from generator.reading.page_image import Grey

_DPI = 150
_QUALITY = 80
_GAP = 12
"""Dots of grey between the two."""


def filed_twin(unit: Unit, page: PageFacts) -> tuple[DocumentFacts, int] | None:
    """The scan in which this page of its print is filed, and where in it (from 1); None where it is not."""
    if page.state not in ("duplicate", "waiting") or page.print_document is None:
        return None
    return filed_page(unit, page.print_document, page.page or 1)


def filed_page(unit: Unit, print_document: int, page: int) -> tuple[DocumentFacts, int] | None:
    """The scan in which page ``page`` of a print is filed, and where in it (from 1); None where it is not."""
    scan = scan_of_print(unit, print_document)
    if scan is None:
        return None
    query = select(scan_pages.c.page, scan_pages.c.position).where(scan_pages.c.filed_as == scan)
    positions = {row.page: row.position for row in unit.execute(query)}
    facts = document_facts(unit, scan)
    # One that came in without the queue has its pages in the order of the print.
    position = positions.get(page) if positions else page
    return (facts, int(position)) if position is not None and position <= facts.pages else None


def page_picture(pdf: bytes, number: int) -> bytes:
    """Page ``number`` (from 1) of a filed scan, a grey JPEG at 150 dpi."""
    import numpy as np
    import pypdfium2

    document = pypdfium2.PdfDocument(pdf)
    try:
        drawn = document[number - 1].render(scale=_DPI / 72, grayscale=True).to_numpy()
        return _packed(np.array(drawn, np.uint8).squeeze())
    finally:
        document.close()


def side_by_side(left: bytes, right: bytes) -> bytes:
    """Two pictures in one, as high as the higher of them."""
    import cv2
    import numpy as np

    pictures = [
        np.asarray(cv2.imdecode(np.frombuffer(packed, np.uint8), cv2.IMREAD_GRAYSCALE))
        for packed in (left, right)
    ]
    high = max(picture.shape[0] for picture in pictures)
    raised = [np.pad(picture, ((0, high - picture.shape[0]), (0, 0)), constant_values=255)
              for picture in pictures]  # fmt: skip
    gap = np.full((high, _GAP), 128, np.uint8)
    return _packed(np.hstack([raised[0], gap, raised[1]]))


def _packed(grey: Grey) -> bytes:
    import cv2

    _, packed = cv2.imencode(".jpg", grey, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    return packed.tobytes()

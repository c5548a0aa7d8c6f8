"""Reading one scanned page from end to end, in two steps with the print register between them.

    SourcePage ─ read_page ─► PageReport(codes, blank) ─ who asks the register ─► page map
    PageReport + page map ─ read_fields ─► FieldReport(ticks, signatures)

``read_page`` needs the station's keys only; ``read_fields`` needs the page map of the very print.
"""

from __future__ import annotations

import weakref
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from generator.errors import ScanTooLarge, ScanUnusable
from generator.identity.page_map import PageMap
from generator.reading.blank import BlankReading, read_blank
from generator.reading.codes import PageReading, read_codes
from generator.reading.container import BadPage, SourcePage
from generator.reading.ink import InkReading, read_ink
from generator.reading.page_image import PageImage, ends_with_its_data
from generator.reading.registration import A4, Registration, Unregistered, register
from generator.reading.ticks import TickReading, read_ticks

if TYPE_CHECKING:
    from generator.reading.page_image import Grey

Outcome = Literal["identified", "blank", "waiting", "bad"]


@dataclass(frozen=True, slots=True)
class PageReport:
    """What one page of a file is, before anybody asks whose.

    *identified*: an id that holds its check · *blank*: an empty side · *waiting*: a person must look,
    ``reason`` says why · *bad*: the stream cannot be decoded, ``reason`` says why.
    """

    number: int
    outcome: Outcome
    reason: str | None
    reading: PageReading | None
    blank: BlankReading | None
    image: PageImage | None = field(repr=False, default=None)


@dataclass(frozen=True, slots=True)
class FieldReport:
    """What stands in the fields of one identified page.

    Without a registration nothing was looked at and ``reason`` says why; everything is then for a person.
    """

    registration: Registration | None
    reason: str | None
    ticks: tuple[TickReading, ...] = ()
    signatures: tuple[InkReading, ...] = ()
    page: int | None = None
    """Which page of its print was looked at, from 1."""

    @property
    def unsure(self) -> int:
        """Places a person has to look at."""
        return sum(not tick.sure for tick in self.ticks) + sum(not room.sure for room in self.signatures)


def read_page(
    page: SourcePage | BadPage, keys: Sequence[bytes], *, fields_follow: bool = False
) -> PageReport:
    """Read the codes of one page and tell blank sides; never raises for what is on the page.

    ``fields_follow`` decodes the picture once at full size instead of at half now and at full size later.
    Raises KeyInvalid when no key is usable.
    """
    if isinstance(page, BadPage):
        return PageReport(page.number, "bad", page.reason, None, None)
    try:
        image = page.image
        if fields_follow:
            image.decode()
        reading = read_codes(image, keys, thorough=False)
        blank = read_blank(image) if reading.found == "none" and not reading.refused else None
        if reading.found != "both" and not (blank is not None and blank.blank and not reading.foreign):
            reading = read_codes(image, keys)
    except (ScanUnusable, ScanTooLarge) as error:
        return PageReport(page.number, "bad", error.message, None, None)
    if reading.identity is not None:
        return PageReport(page.number, "identified", None, reading, None, image)
    if blank is not None and blank.blank and reading.trouble in ("no code", "seen through"):
        return _blank(page, reading, blank, image)
    return PageReport(page.number, "waiting", reading.reason, reading, blank, image)


def _blank(page: SourcePage, reading: PageReading, blank: BlankReading, image: PageImage) -> PageReport:
    """An empty side is called so only when nothing says that more was on it."""
    if not ends_with_its_data(page.stream):
        return PageReport(page.number, "bad", "该页图像已损坏（有数据丢失或被改动）。", None, None)
    if page.doubt is not None:
        return PageReport(page.number, "waiting", page.doubt, reading, blank, image)
    return PageReport(page.number, "blank", None, reading, blank, image)


def read_fields(
    report: PageReport,
    page_map: PageMap,
    *,
    expected: Grey | None = None,
    page_mm: tuple[float, float] = A4,
) -> FieldReport:
    """Read the boxes and rooms of an identified page, by the page map of its print.

    ``expected`` is the page as it was printed (``PrintedPages``): without it marks beside a box, on its words
    and other ink in a room are not told from print, and a page that lost a code may not be placed.
    """
    if report.image is None or report.reading is None or report.reading.identity is None:
        return FieldReport(None, report.reason or "没有可用的页码，不能定位。")
    page = report.reading.identity.page
    entries = [entry for entry in page_map.entries if entry.page == page]
    found = register(report.image, report.reading, entries, expected=expected, page_mm=page_mm)
    if isinstance(found, Unregistered):
        return FieldReport(None, found.reason)
    ticks = read_ticks(report.image, found, entries, expected=expected)
    if _does_not_fit(ticks):
        return FieldReport(None, "页面上的方格不在页面位置表所说的地方：可能不是同一版式，请人工核对。")
    return FieldReport(found, None, ticks, read_ink(report.image, found, entries, expected=expected), page)


def _does_not_fit(ticks: Iterable[TickReading]) -> bool:
    """Most boxes of a page not found: the map is of another print, whatever the codes say."""
    seen = [tick.outlined for tick in ticks]
    return len(seen) >= 3 and sum(seen) < len(seen) / 2


class PrintedPages:
    """A print as issued, drawn page by page; kept open: its fonts take longer to read than a page to draw."""

    def __init__(self, pdf: bytes) -> None:
        import pypdfium2

        self._document = pypdfium2.PdfDocument(pdf)
        # Whoever forgets to close it, also at the end of the program: pdfium would complain to the person.
        self._let_go = weakref.finalize(self, self._document.close)

    def page(self, number: int) -> Grey:
        """Page ``number`` (from 1) at 150 dpi: what ``expected`` asks for."""
        import numpy as np

        drawn = self._document[number - 1].render(scale=150 / 72, grayscale=True).to_numpy()
        return np.array(drawn, np.uint8).squeeze()

    def close(self) -> None:
        """Let go of it."""
        self._let_go()

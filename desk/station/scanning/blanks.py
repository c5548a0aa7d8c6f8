"""Blank pages of a batch on one contact sheet, and a person's word that they are blank."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from archives.errors import ItemUnreadable, ListChanged, StateForbids
from archives.scans.batches import batch_facts
from archives.scans.blanks import mark_seen, number_runs, pages_digest, unseen_blanks
from archives.scans.pages import PageFacts
from desk.station.opening import OpenStation
from desk.station.scanning.contact_sheet import contact_sheets, small_picture
from desk.station.scanning.queue import image_of
from generator.errors import GeneratorError

if TYPE_CHECKING:
    from generator.reading.page_image import Grey


@dataclass(frozen=True, slots=True)
class BlankSheet:
    """Blank pages of a batch nobody looked at, as they are shown; empty when there are none."""

    batch: int
    pages: tuple[int, ...]
    """Numbers of the pages that can be seen on it."""
    unreadable: tuple[int, ...]
    """Numbers of pages of which no picture can be had: nobody can say that they are blank."""
    sha256: str
    """Stands for exactly these pages."""
    pdf: bytes = field(repr=False, default=b"")


def blank_sheet(station: OpenStation, batch: int) -> BlankSheet:
    """The contact sheet of a batch; the looking is on the log before it is shown.

    Raises AccessDenied, NotFound, StateForbids (still coming in).
    """
    station.allow("scan.queue")
    with station.archive.looking(station.actor) as unit:
        if batch_facts(unit, batch).state == "receiving":
            raise StateForbids(
                f"第 {batch} 批还没有接收完。",
                hint="请先用 kangdang scan add 把这个文件接收完，再看它的空白页。",
            )
        left = unseen_blanks(unit, batch)
    if not left:
        return BlankSheet(batch, (), (), pages_digest(()))
    with station.acting("scan.read") as unit:
        unit.log("scan.read", f"scan:{batch}", detail={"scan": batch, "count": len(left)})
    dark: list[int] = []
    pdf = contact_sheets(_shown(station, left, dark))
    seen = [page for page in left if page.id not in dark]
    return BlankSheet(batch, tuple(page.id for page in seen), tuple(dark), pages_digest(seen), pdf)


def _shown(
    station: OpenStation, pages: list[PageFacts], dark: list[int]
) -> Iterator[tuple[int, Grey | None]]:
    for page in pages:
        try:
            yield page.id, small_picture(image_of(station, page).half)
        except (ItemUnreadable, GeneratorError):
            dark.append(page.id)
            yield page.id, None


def all_blank(station: OpenStation, batch: int, sha256: str) -> int:
    """A person says that what the sheet showed is blank; returns how many pages.

    ``sha256``: of the sheet, its first letters (8 or more).
    Raises ListChanged (there are others now), AccessDenied, NotFound, StateForbids.
    """
    station.allow("scan.queue")
    with station.archive.looking(station.actor) as unit:
        batch_facts(unit, batch)
        left = [page for page in unseen_blanks(unit, batch) if _has_picture(station, page)]
    if not left or len(sha256) < 8 or not pages_digest(left).startswith(sha256.strip().lower()):
        raise ListChanged(
            "校验值与这一批现在没有看过的空白页不符，没有登记。",
            hint=f"请重新查看：kangdang scan blanks {batch}。",
        )
    with station.acting("scan.blanks") as unit:
        mark_seen(unit, batch, left)
    return len(left)


def _has_picture(station: OpenStation, page: PageFacts) -> bool:
    try:
        _ = image_of(station, page).half
    except (ItemUnreadable, GeneratorError):
        return False
    return True


def numbers(pages: tuple[int, ...]) -> str:
    """Page numbers as people read them."""
    return number_runs(pages).replace(" ", "、")

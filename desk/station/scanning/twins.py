"""The same page come again: told as a duplicate only when it surely shows no more than the one that is kept.

    the page, read ─┐
                    ├─ both upright, boxes and rooms read ─► shows no more │ may show more
    its twins ──────┘

A duplicate is destroyed with its batch; a page that may hold a signature the kept one has not is asked about.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from archives.errors import ArchiveError, StoreUnusable
from archives.items.documents import DocumentFacts, content_of
from archives.scans.pages import PageFacts, pages_of_print, stream_of
from desk.station.scanning.beside import filed_page, page_picture
from desk.station.scanning.reading import fields_of
from generator.errors import GeneratorError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from archives.archive import Archive
    from archives.ports import Actor
    from desk.station.scanning.prints import Prints
    from generator.reading.page_image import Grey
    from generator.reading.report import FieldReport, PageReport

_MOST: Final = 8
"""Twins a page is held against, the latest first; what is more than none of these is asked about."""
_LEAST_MARK_MM2: Final = 1.5
"""Marks below are grain, dust and the softness of strokes; a short tick beside its box has more."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A page of a known print as it was read."""

    upright: Grey = field(repr=False)
    fields: FieldReport = field(repr=False)


class Twins:
    """Fetches the pages that came before, and compares."""

    def __init__(self, archive: Archive, actor: Actor, keys: Sequence[bytes], prints: Prints) -> None:
        self._archive = archive
        self._actor = actor
        self._keys = keys
        self._prints = prints
        self._content = lru_cache(2)(self._filed_content)

    def show_no_less(
        self, printed: DocumentFacts, page: int, stream: bytes, report: PageReport, fields: FieldReport | None
    ) -> bool:
        """Whether a page filed or waiting surely shows all that this scan of it shows.

        Raises StoreUnusable.
        """
        later = seen(report, fields)
        for earlier in self._streams(printed, page):
            if earlier == stream:
                return True
            if later is None:
                continue
            before = self._read(earlier, printed, page)
            if before is not None and no_more(later, before):
                return True
        return False

    def _streams(self, printed: DocumentFacts, page: int) -> Iterator[bytes]:
        """The filed page, then those that wait, the latest first; what cannot be had is left out."""
        with self._archive.looking(self._actor) as unit:
            filed = filed_page(unit, printed.id, page)
            waiting = [
                one
                for one in reversed(pages_of_print(unit, printed.print_id or ""))
                if one.page == page and one.state == "waiting" and one.blob is not None
            ]
        if filed is not None and (stream := self._filed_stream(*filed)) is not None:
            yield stream
        for one in waiting[:_MOST]:
            if (stream := self._waiting_stream(one)) is not None:
                yield stream

    def _filed_stream(self, document: DocumentFacts, position: int) -> bytes | None:
        from generator.reading.binding import streams_of

        try:
            content = self._content(document)
            if document.media_type != "application/pdf":
                return content
            try:
                return streams_of(content)[position - 1][1]
            except GeneratorError:  # it was not bound here, so it is drawn
                return page_picture(content, position)
        except StoreUnusable:
            raise
        except (ArchiveError, GeneratorError, IndexError):
            return None

    def _filed_content(self, document: DocumentFacts) -> bytes:
        return content_of(self._archive, document)

    def _waiting_stream(self, page: PageFacts) -> bytes | None:
        try:
            return stream_of(self._archive, page)
        except StoreUnusable:
            raise
        except ArchiveError:
            return None

    def _read(self, stream: bytes, printed: DocumentFacts, page: int) -> Seen | None:
        from generator.reading.container import SourcePage
        from generator.reading.page_image import measured
        from generator.reading.report import read_page

        try:
            width, height, media_type, dpi, turn = measured(stream)
            source = SourcePage(page, stream, media_type, width, height, dpi, turn)
            report = read_page(source, self._keys, fields_follow=True)
            code = report.reading.identity if report.reading is not None else None
            if code is None or (code.print_id, code.page) != (printed.print_id, page):
                return None
            return seen(report, fields_of(report, printed, self._prints))
        except StoreUnusable:
            raise
        except (ArchiveError, GeneratorError):
            return None


def seen(report: PageReport, fields: FieldReport | None) -> Seen | None:
    """The page laid upright; None for a page that could not be registered."""
    from generator.reading.likeness import view

    if fields is None or fields.registration is None or report.image is None:
        return None
    return Seen(view(report.image, fields.registration), fields)


def no_more(later: Seen, earlier: Seen) -> bool:
    """Whether everything on the later scan of a page is on the earlier one too."""
    from generator.reading.likeness import marks_beyond

    ticks, rooms = (later.fields.ticks, earlier.fields.ticks), (
        later.fields.signatures, earlier.fields.signatures,
    )  # fmt: skip
    if any(len(new) != len(old) for new, old in (ticks, rooms)):
        return False
    if any(new.state not in ("empty", old.state) for new, old in zip(*ticks, strict=True)):
        return False
    if any(new.ink and not old.ink for new, old in zip(*rooms, strict=True)):
        return False
    return marks_beyond(later.upright, earlier.upright) < _LEAST_MARK_MM2

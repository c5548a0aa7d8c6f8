"""Single pages for tests: one print, scanned as a test wants it."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

import cv2
import numpy as np
from PIL import Image

from generator.identity.page_map import PageMapEntry
from generator.reading.binding import BoundPage
from generator.reading.codes import PageReading, read_codes
from generator.reading.container import SourcePage
from generator.reading.page_image import PageImage, measured
from tests.simulator import pen, scanner
from tests.simulator.pen import Grey
from tests.simulator.stack import KEY, PrintedPage, place, printed

PLAIN = scanner.Device(noise=2.0)


@lru_cache(maxsize=8)
def print_of(form_id: str, page: int = 1, *, filled: bool = False, seed: int = 1) -> PrintedPage:
    """One page of a print of its own."""
    return printed(form_id, filled, np.random.default_rng(seed))[page - 1]


def image_of(sheet: Grey, device: scanner.Device = PLAIN, seed: int = 1) -> PageImage:
    """A sheet, scanned."""
    made = scanner.scan(sheet, device, np.random.default_rng(seed))
    return PageImage(made.data, made.width, made.height, made.dpi)


def source_of(sheet: Grey, device: scanner.Device = PLAIN, seed: int = 1) -> SourcePage:
    """A sheet, scanned, as a page of a file."""
    made = scanner.scan(sheet, device, np.random.default_rng(seed))
    return SourcePage(1, made.data, made.media_type, made.width, made.height, made.dpi, 0)


def read(sheet: Grey, device: scanner.Device = PLAIN, keys: Sequence[bytes] = (KEY,)) -> PageReading:
    """The codes of a sheet, scanned."""
    return read_codes(image_of(sheet, device), keys)


def without(sheet: Grey, *corners: scanner.Corner) -> Grey:
    """A copy with codes covered by white paper."""
    bare = sheet.copy()
    for corner in corners:
        if corner == "upper right":
            bare[: round(27 * pen.MM), round(168 * pen.MM) :] = 255
        else:
            bare[round(270 * pen.MM) :, : round(50 * pen.MM)] = 255
    return bare


def drawn(page: PrintedPage, index: int, draw: Callable[..., None], ink: pen.Ink, seed: int = 1) -> Grey:
    """A copy with one thing drawn at one place."""
    sheet = page.picture.copy()
    draw(sheet, place(page.entries[index]), np.random.default_rng(seed), ink)
    return sheet


def indexes(page: PrintedPage, kind: str) -> list[int]:
    """The places of one kind."""
    return [index for index, entry in enumerate(page.entries) if entry.kind == kind]


def entry_at(page: PrintedPage, kind: str, number: int = 0) -> PageMapEntry:
    """One place of a kind."""
    return page.entries[indexes(page, kind)[number]]


def qr(text: str, side: int) -> Grey:
    """Somebody else's symbol."""
    import segno

    rows = (
        np.array([[not bit for bit in row] for row in segno.make(text, micro=False).matrix], np.uint8) * 255
    )
    return np.asarray(cv2.resize(rows, (side, side), interpolation=cv2.INTER_NEAREST), np.uint8)


def bound(stream: bytes, **about: Any) -> BoundPage:
    """A stream as a page to bind, as its own head describes it."""
    width, height, media_type, dpi, _ = measured(stream)
    return replace(BoundPage(stream, media_type, width, height, dpi), **about)


def packed(image: Image.Image, kind: str, **options: Any) -> bytes:
    """A picture as a file."""
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()

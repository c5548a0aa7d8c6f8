"""PDF pages that show something else than the picture in them, and damaged ones, made for tests."""

from __future__ import annotations

import io
import zlib

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from generator.reading.pdf_pictures import picture_of
from tests.reading.files import raw_pdf, stream

Grey = NDArray[np.uint8]
WIDE, HIGH = 1240, 1754
"""A4 at 150 dpi."""
_FULL = b"q 595 0 0 842 0 0 cm /A Do Q"


def written() -> Grey:
    """A page with some lines of dark ink."""
    page = np.full((HIGH, WIDE), 245, np.uint8)
    for row in range(300, 800, 60):
        page[row : row + 8, 200:700] = 40
        page[row - 20 : row, 200:210] = 40
    return page


def empty() -> Grey:
    """A page with nothing on it."""
    return np.full((HIGH, WIDE), 245, np.uint8)


def packed(picture: Image.Image, kind: str, **options: object) -> bytes:
    """A picture as a file of that kind, at 150 dpi."""
    out = io.BytesIO()
    picture.save(out, kind, dpi=(150, 150), **options)  # type: ignore[arg-type]
    return out.getvalue()


def jpeg(page: Grey, mode: str = "L", **options: object) -> bytes:
    """The page as a JPEG."""
    out = io.BytesIO()
    Image.fromarray(page).convert(mode).save(out, "JPEG", quality=85, **options)  # type: ignore[arg-type]
    return out.getvalue()


def pdf(
    pictures: list[bytes],
    content: bytes = _FULL,
    *,
    page: bytes = b"",
    box: bytes = b"[0 0 595 842]",
    more: bytes = b"",
    more_resources: bytes = b"",
    others: tuple[bytes, ...] = (),
) -> bytes:
    """One page; pictures are objects 5, 6 ... named /A, /B ..., ``others`` come behind them."""
    names = b" ".join(b"/%c %d 0 R" % (65 + at, 5 + at) for at in range(len(pictures)))
    return raw_pdf(
        [
            b"<< /Type /Catalog /Pages 2 0 R %s >>" % more,
            b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            b"<< /Type /Page /Parent 2 0 R /MediaBox %s /Contents 4 0 R /Resources << /XObject << %s >>"
            b" /Font << /F << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> %s >> %s >>"
            % (box, names, more_resources, page),
            stream(b"", content),
            *pictures,
            *others,
        ]
    )


def image(about: bytes, data: bytes, *, wide: int = WIDE, high: int = HIGH) -> bytes:
    """A picture object."""
    return stream(b"/Type /XObject /Subtype /Image /Width %d /Height %d %s" % (wide, high, about), data)


def jpeg_image(page: Grey, more: bytes = b"") -> bytes:
    """A grey JPEG."""
    return image(b"/ColorSpace /DeviceGray /BitsPerComponent 8 /Filter /DCTDecode " + more, jpeg(page))


def flate_image(page: Grey, more: bytes = b"", *, data: bytes | None = None) -> bytes:
    """A grey picture packed by Flate, or one that says so of ``data``."""
    packed = zlib.compress(page.tobytes(), 1) if data is None else data
    return image(b"/ColorSpace /DeviceGray /BitsPerComponent 8 /Filter /FlateDecode " + more, packed)


def soft_masked(page: Grey) -> bytes:
    """A page whose ink is in the mask of an all black picture."""
    mask = flate_image(255 - page)
    return pdf([jpeg_image(np.zeros_like(page), b"/SMask 6 0 R"), mask])


def fax(page: Grey) -> tuple[bytes, bytes]:
    """Group 4 data of a page and their dictionary."""
    out = io.BytesIO()
    Image.fromarray(page > 127).save(out, "TIFF", compression="group4", tiffinfo={278: HIGH})
    made = picture_of(out.getvalue())
    return made.data, made.head.encode()


def bits(page: Grey, more: bytes) -> bytes:
    """One bit a dot, 1 where the page is light, in Flate."""
    return image(b"/BitsPerComponent 1 /Filter /FlateDecode " + more,
                 zlib.compress(np.packbits(page > 127, axis=1).tobytes()))  # fmt: skip


def mmr_jbig2(page: Grey) -> bytes:
    """A JBIG2 stream of one generic region in MMR, as embedded in a PDF."""
    data, _ = fax(255 - page)  # here a black dot is a one

    def segment(number: int, kind: int, body: bytes) -> bytes:
        return number.to_bytes(4) + bytes([kind, 0, 1]) + len(body).to_bytes(4) + body

    size = WIDE.to_bytes(4) + HIGH.to_bytes(4)
    about = segment(0, 48, size + bytes(8) + bytes([0, 0, 0]))
    return about + segment(1, 38, size + bytes(8) + bytes([0]) + bytes([1]) + data)

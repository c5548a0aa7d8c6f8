"""Sound scans of a page with ink, and what becomes of them when bytes are changed, emptied or lost."""

from __future__ import annotations

import io
from collections.abc import Iterator

import numpy as np
from PIL import Image

from tests.reading import odd_pdfs


def sound() -> dict[str, bytes]:
    """The same page in every kind of file."""
    page = odd_pdfs.written()[::2, ::2].copy()
    noise = np.random.default_rng(1).normal(0, 3, page.shape)
    grain = np.clip(page + noise, 0, 255).astype(np.uint8)

    def saved(image: Image.Image, kind: str, **options: object) -> bytes:
        out = io.BytesIO()
        image.save(out, kind, **options)
        return out.getvalue()

    def as_pdf(about: bytes, data: bytes) -> bytes:
        high, wide = page.shape
        return odd_pdfs.pdf([odd_pdfs.image(about, data, wide=wide, high=high)])

    import zlib

    picture = Image.fromarray(grain)
    grey = b"/ColorSpace /DeviceGray /BitsPerComponent 8 "
    return {
        "jpeg": saved(picture, "JPEG", quality=80, dpi=(75, 75)),
        "progressive jpeg": saved(picture.convert("RGB"), "JPEG", quality=70, progressive=True),
        "png": saved(picture, "PNG"),
        "group 4 tiff": saved(Image.fromarray(page > 127), "TIFF", compression="group4"),
        "lzw tiff": saved(picture, "TIFF", compression="tiff_lzw"),
        "jpeg pdf": as_pdf(grey + b"/Filter /DCTDecode", saved(picture, "JPEG", quality=80)),
        "flate pdf": as_pdf(grey + b"/Filter /FlateDecode", zlib.compress(grain.tobytes())),
        "fax pdf": odd_pdfs.pdf([odd_pdfs.image(*odd_pdfs.fax(odd_pdfs.written())[::-1])]),
        "jbig2 pdf": odd_pdfs.pdf(
            [
                odd_pdfs.image(
                    b"/ColorSpace /DeviceGray /BitsPerComponent 1 /Filter /JBIG2Decode",
                    odd_pdfs.mmr_jbig2(odd_pdfs.written()),
                )
            ]
        ),
        "soft mask pdf": odd_pdfs.soft_masked(odd_pdfs.written()),
    }


def damaged(data: bytes, seed: int) -> bytes:
    """A file with a bit or some bytes changed, a stretch of zeros, a piece or its end lost."""
    random = np.random.default_rng(seed)
    raw, at = bytearray(data), int(random.integers(len(data)))
    length = int(random.choice([1, 3, 40, 400, 4000]))
    how = int(random.integers(5))
    if how == 0:
        raw[at] ^= 1 << int(random.integers(8))
    elif how == 1:
        raw[at : at + length] = random.bytes(len(raw[at : at + length]))
    elif how == 2:
        raw[at : at + length] = bytes(len(raw[at : at + length]))
    elif how == 3:
        del raw[at : at + length]
    else:
        del raw[at:]
    return bytes(raw)


def many(per_kind: int, first: int = 0) -> Iterator[tuple[str, bytes]]:
    """So many damaged files of every kind, with the name of each."""
    for kind, data in sound().items():
        for seed in range(first, first + per_kind):
            yield f"{kind} {seed}", damaged(data, seed)

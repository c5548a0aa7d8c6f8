"""Every kind of picture becomes the same grey page, and a broken one a sentence."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from PIL import Image

from generator.errors import ScanTooLarge, ScanUnusable
from generator.reading.page_image import PageImage
from tests.reading import files

PAGE = files.picture()
GREY = np.asarray(PAGE)


def stream(image: Image.Image, kind: str, **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def transparent() -> Image.Image:
    """Black ink on nothing, as a phone's scanning program writes it."""
    layer = np.zeros((*GREY.shape, 4), np.uint8)
    layer[..., 3] = 255 - GREY
    return Image.fromarray(layer)


KINDS = {
    "jpeg": stream(PAGE, "JPEG", quality=95),
    "colour jpeg": stream(PAGE.convert("RGB"), "JPEG", quality=95),
    "cmyk jpeg": stream(PAGE.convert("RGB").convert("CMYK"), "JPEG", quality=95),
    "jpeg with padding": stream(PAGE, "JPEG", quality=95) + bytes(9),
    "png": stream(PAGE, "PNG"),
    "transparent png": stream(transparent(), "PNG"),
    "palette png": stream(PAGE.convert("P"), "PNG"),
    "sixteen-bit png": stream(Image.fromarray(GREY.astype(np.uint16) * 257), "PNG"),
    "tiff": stream(PAGE, "TIFF"),
    "lzw tiff": stream(PAGE.convert("RGB"), "TIFF", compression="tiff_lzw"),
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_picture_shows_the_same_page(kind: str) -> None:
    image = PageImage(KINDS[kind], PAGE.width, PAGE.height)
    assert image.full.shape == GREY.shape
    assert np.abs(image.full.astype(int) - GREY).mean() < 3
    assert image.half.shape[0] in (GREY.shape[0] // 2, (GREY.shape[0] + 1) // 2)
    assert np.abs(image.half[:438, :310].astype(int) - GREY[:876:2, :620:2]).mean() < 12


def test_half_is_the_same_before_and_after_the_whole_was_decoded() -> None:
    first, second = (PageImage(KINDS["jpeg"], PAGE.width, PAGE.height) for _ in range(2))
    second.decode()
    height, width = second.half.shape
    assert np.abs(first.half[:height, :width].astype(int) - second.half).mean() < 2


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("damage", ["cut", "garbled head"])
def test_broken_pictures_get_a_sentence(kind: str, damage: str) -> None:
    data = KINDS[kind]
    broken = data[: len(data) // 2] if damage == "cut" else data[:12] + bytes(200) + data[212:]
    with pytest.raises(ScanUnusable) as caught:
        _ = PageImage(broken, PAGE.width, PAGE.height).full
    assert caught.value.message.startswith("该页图像")


def test_a_picture_beyond_the_limit_is_not_decoded() -> None:
    with pytest.raises(ScanTooLarge, match="20000 × 20000"):
        PageImage(b"", 20_000, 20_000)

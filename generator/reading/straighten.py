"""The page as people want to see it: upright, straight, cut to the sheet.  The original is kept beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.identity.page_map import PageMapEntry
from generator.reading.codes import PageReading
from generator.reading.page_image import PageImage
from generator.reading.registration import A4, Registration

if TYPE_CHECKING:
    from generator.reading.page_image import Grey

VIEW_DPI = 150
_VIEW_QUALITY = 80
_CUT_DPI = 200
_CUT_EDGE_MM = 3.0


def straightened(
    image: PageImage,
    reading: PageReading | None,
    registration: Registration | None,
    *,
    page_mm: tuple[float, float] = A4,
    rotation: int = 0,
) -> bytes:
    """A grey JPEG at 150 dpi: by the registration, else turned by the codes, else as the file asks.

    ``rotation`` is the file's clockwise turn, used where no code says how the sheet lies.
    Raises ScanUnusable for a stream that cannot be decoded.
    """
    if registration is not None:
        return _jpeg(registration.cut(image, (0.0, 0.0, *page_mm), VIEW_DPI / 25.4))
    angle = reading.angle if reading is not None and reading.angle is not None else -float(rotation)
    return _jpeg(_turned(image, angle))


def cut_out(image: PageImage, registration: Registration, entry: PageMapEntry) -> bytes:
    """One place of the page map with its surroundings as a PNG, for a person to judge."""
    import cv2

    edge = _CUT_EDGE_MM
    box = (entry.x_mm - edge, entry.y_mm - edge, entry.w_mm + 2 * edge, entry.h_mm + 2 * edge)
    _, packed = cv2.imencode(".png", registration.cut(image, box, _CUT_DPI / 25.4))
    return packed.tobytes()


def _turned(image: PageImage, angle: float) -> Grey:
    """The whole picture turned back by ``angle`` degrees clockwise, nothing cut off, white around."""
    import cv2
    import numpy as np

    half = image.half
    scale = 1.0
    if image.dots_per_mm is not None:
        scale = min(1.0, VIEW_DPI / 25.4 / (image.dots_per_mm / 2))
    height, width = half.shape
    # OpenCV's positive angles are counter-clockwise: the turn that undoes a clockwise one.
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), angle, scale)
    cos, sin = abs(matrix[0, 0]), abs(matrix[0, 1])
    size = (max(1, round(width * cos + height * sin)), max(1, round(width * sin + height * cos)))
    matrix[:, 2] += (size[0] / 2 - width / 2, size[1] / 2 - height / 2)
    turned = cv2.warpAffine(half, matrix, size, flags=cv2.INTER_AREA, borderValue=(255.0,))
    return np.asarray(turned, np.uint8)


def _jpeg(grey: Grey) -> bytes:
    import cv2

    _, packed = cv2.imencode(".jpg", grey, [cv2.IMWRITE_JPEG_QUALITY, _VIEW_QUALITY])
    return packed.tobytes()

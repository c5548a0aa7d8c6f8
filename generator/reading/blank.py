"""Whether a scanned side is empty paper: white backs, with what scanners add to them.

The back side showing through, punch holes, the shadow of the lid and specks are no writing.  When in doubt
a side is not blank: a page called blank is not looked at again by many.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from generator.reading.page_image import PageImage

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from generator.reading.page_image import Grey

    Mask = NDArray[np.uint8]

_DOTS_PER_MM = 4.0
_CONTRAST = 42.0
"""Grey levels below the paper around: less is the back side, the paper's own tone, a shadow."""
_EDGE_MM = 6.0
_HOLE_BAND_MM = 22.0
_HOLE_MM = (4.0, 8.5)
_SPECK_MM2 = 0.25
_BLANK_MM2 = 1.2
_USUAL_MM = 210.0
"""Breadth taken for a page whose file does not say how fine its dots are."""


@dataclass(frozen=True, slots=True)
class BlankReading:
    """One side; ``ink_mm2`` is what is left after holes, edges, shadows and specks."""

    blank: bool
    confidence: float
    ink_mm2: float


def read_blank(image: PageImage) -> BlankReading:
    """Judge one side.  Raises ScanUnusable for a stream that cannot be decoded."""
    import cv2
    import numpy as np

    small = _small(image)
    mask = _dark(small)
    edge = round(_EDGE_MM * _DOTS_PER_MM)
    mask[:edge] = mask[-edge:] = 0
    mask[:, :edge] = mask[:, -edge:] = 0
    count, _, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    left = [row for row in stats[1:count] if not _is_hole(row, mask.shape)]
    areas = np.array([row[cv2.CC_STAT_AREA] for row in left], float) / _DOTS_PER_MM**2
    ink = float(areas[areas >= _SPECK_MM2].sum())
    specks = float(areas[areas < _SPECK_MM2].sum())
    blank = ink < _BLANK_MM2
    doubt = ink / _BLANK_MM2 if blank else _BLANK_MM2 / ink
    confidence = 1 - 0.4 * doubt - (0.2 if blank and specks > 30 else 0.0)
    return BlankReading(blank, round(max(confidence, 0.0), 3), round(ink, 2))


def _small(image: PageImage) -> Grey:
    """The page at four dots a millimetre: handwriting stays, grain goes."""
    import cv2
    import numpy as np

    half = image.half
    fineness = (image.dots_per_mm or min(image.width, image.height) / _USUAL_MM) / 2
    scale = min(1.0, _DOTS_PER_MM / fineness)
    size = (max(1, round(half.shape[1] * scale)), max(1, round(half.shape[0] * scale)))
    return np.asarray(cv2.resize(half, size, interpolation=cv2.INTER_AREA), np.uint8)


def _dark(small: Grey) -> Mask:
    import cv2
    import numpy as np

    tone = small.astype(np.float32)
    paper = cv2.GaussianBlur(cv2.morphologyEx(tone, cv2.MORPH_CLOSE, np.ones((21, 21), np.uint8)), (0, 0), 8)
    return (paper - tone > _CONTRAST).astype(np.uint8)


def _is_hole(row: NDArray[np.int32], shape: tuple[int, ...]) -> bool:
    """A round spot of a punch's size near an edge, filled or only its rim."""
    left, top, width, height, _ = (value / _DOTS_PER_MM for value in row[:5].tolist())
    least, most = _HOLE_MM
    round_ = least <= width <= most and least <= height <= most and abs(width - height) < 1.2
    high, wide = (size / _DOTS_PER_MM for size in shape[:2])
    beside = min(left, top, wide - left - width, high - top - height)
    return bool(round_ and beside < _HOLE_BAND_MM)

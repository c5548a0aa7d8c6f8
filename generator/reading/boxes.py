"""The printed outline of a tick box: where exactly it is, near the place the map names.

A sheet bends and a feeder slips, so each box is looked for by itself within 0.9 mm; the boxes of a page also
say whether the map as a whole holds.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from generator.identity.page_map import PageMapEntry
from generator.reading.page_image import PageImage
from generator.reading.registration import Registration

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from generator.reading.page_image import Grey

    Darkness = NDArray[np.float32]
    """0 paper to 1 print."""

FINENESS = 10.0
"""Dots a millimetre of every cut-out here."""
SEARCH_MM = 0.9
_STROKE_MM = 0.25
_LEAST_CONTRAST = 50.0
"""Grey levels between paper and the darkest dots; less is paper with nothing on it."""


@dataclass(frozen=True, slots=True)
class FoundBox:
    """One outline; ``dx_mm``, ``dy_mm`` is how far it lies from where the map puts it."""

    dx_mm: float
    dy_mm: float
    score: float
    """0 no outline to 1 all four sides as dark as print."""
    around: Darkness = field(repr=False)
    """The cut-out it was found in."""
    left: int
    top: int
    """Of the box in ``around``, in dots."""
    side: int


def find_box(
    image: PageImage,
    registration: Registration,
    entry: PageMapEntry,
    *,
    search_mm: float = SEARCH_MM,
    margin_mm: float = 1.6,
    moved: tuple[float, float] = (0.0, 0.0),
) -> FoundBox:
    """Look for the outline of one box; ``around`` shows ``margin_mm`` on every side besides.

    ``moved``: millimetres by which the print around it lies away from the map; distances count from there.
    """
    import cv2

    frame = search_mm + margin_mm
    x_mm, y_mm = entry.x_mm + moved[0], entry.y_mm + moved[1]
    box = (x_mm - frame, y_mm - frame, entry.w_mm + 2 * frame, entry.h_mm + 2 * frame)
    around = darkness(registration.cut(image, box, FINENESS))
    side = round(entry.w_mm * FINENESS)
    kernel, pad = _ring(side)
    inset = round(margin_mm * FINENESS) - pad
    span = side + 2 * pad + round(2 * search_mm * FINENESS)
    field_ = around[inset : inset + span, inset : inset + span]
    fits = cv2.matchTemplate(field_, kernel, cv2.TM_CCORR)
    _, _, _, (x, y) = cv2.minMaxLoc(fits)
    left, top = inset + pad + x, inset + pad + y
    centre = frame * FINENESS
    score = outline(around, left, top, side)
    return FoundBox((left - centre) / FINENESS, (top - centre) / FINENESS, score, around, left, top, side)


def darkness(cut: Grey) -> Darkness:
    """Grey to darkness, by the paper and the print of the cut-out itself."""
    import numpy as np

    levels, last = cut.ravel(), cut.size - 1
    low, high = round(0.02 * last), round(0.85 * last)
    parted = np.partition(levels, (low, high))  # a tenth of the time of percentiles
    white = float(parted[high])
    black = min(float(parted[low]), white - _LEAST_CONTRAST)
    return np.asarray(np.clip((white - cut.astype(np.float32)) / (white - black), 0, 1), np.float32)


def outline(around: Darkness, left: int, top: int, side: int) -> float:
    """Mean darkness of the three darkest sides of a square: one side may be torn, faded or under a rule."""
    stroke = max(2, round(_STROKE_MM * FINENESS))
    square = around[top : top + side, left : left + side]
    if square.shape != (side, side):
        return 0.0
    sides = (
        square[:stroke].max(axis=0).mean(),
        square[-stroke:].max(axis=0).mean(),
        square[:, :stroke].max(axis=1).mean(),
        square[:, -stroke:].max(axis=1).mean(),
    )
    return float(sum(sorted(sides)[1:]) / 3)


@lru_cache(maxsize=16)
def _ring(side: int) -> tuple[NDArray[np.float32], int]:
    """A kernel that is greatest on an outline of this side with light on both its sides; and its padding."""
    import numpy as np

    stroke, pad = max(2, round(_STROKE_MM * FINENESS)), 4
    whole = side + 2 * pad
    rows, cols = np.mgrid[0:whole, 0:whole]
    inward = np.minimum.reduce([rows - pad, cols - pad, pad + side - 1 - rows, pad + side - 1 - cols])
    kernel = np.zeros((whole, whole), np.float32)
    for where, weight in (
        ((inward >= 0) & (inward < stroke), 1.0),
        ((inward < -1) & (inward >= -pad), -0.4),
        ((inward > stroke) & (inward <= stroke + 3), -0.3),
    ):
        kernel[where] = weight / where.sum()
    return kernel, pad

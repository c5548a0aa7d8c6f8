"""Ways to help a code that is stamped over, speckled or coarse: one picture in, prepared pictures out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from generator.reading.page_image import Grey

_BAND = 110
"""A line of dots along the edge that is on average darker is no paper."""
_FINE = 900
"""A part with fewer dots on its longer side is coarse enough to be worth doubling."""


def binarized() -> tuple[Any, ...]:
    """The reader's other ways to tell dark from light."""
    import zxingcpp

    return (zxingcpp.Binarizer.GlobalHistogram,)


def without_dark_edges(grey: Grey) -> Grey:
    """A copy in which dark bands along the edges of the picture are white, as a symbol beside them needs."""
    import numpy as np

    light = grey.copy()
    for side in (light, light[::-1], light.T, light.T[::-1]):
        lines = side[: max(1, len(side) // 20)].mean(axis=1) < _BAND
        end = int(np.argmin(lines)) if not lines.all() else len(lines)
        if end:
            side[: end + 2] = 255
    return light


def prepared(part: Grey) -> Iterator[tuple[Grey, float]]:
    """The part as it is, then repaired; with each picture the scale it has against the part.

    Thresholds between toner and stamp ink come early: the ink of an office seal is a middle grey over black.
    """
    import cv2
    import numpy as np

    plain = np.ascontiguousarray(part)
    yield plain, 1.0
    doubled = cv2.resize(plain, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)
    if max(plain.shape) < _FINE:
        yield np.asarray(doubled, np.uint8), 2.0
    dark, light = (int(level) for level in np.percentile(plain, (0.5, 90)))
    for share in (0.2, 0.35, 0.5, 0.65):
        level = dark + (light - dark) * share
        yield np.where(plain > level, 255, 0).astype(np.uint8), 1.0
    yield np.asarray(cv2.medianBlur(plain, 3), np.uint8), 1.0
    soft = cv2.GaussianBlur(doubled, (0, 0), 2.0)
    for share in (0.3, 0.5, 0.65):
        level = dark + (light - dark) * share
        yield np.where(soft > level, 255, 0).astype(np.uint8), 2.0
    closed = cv2.morphologyEx(plain, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    yield np.asarray(closed, np.uint8), 1.0

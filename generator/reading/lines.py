"""Lines across a whole sheet that nobody drew: folds, seams, dirt on the glass of the feeder.

Taken out of a mask of dark dots before marks are told apart: a line would join all it crosses into one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Mask = NDArray[np.uint8]
    Places = NDArray[np.intp]
    Tone = NDArray[np.float32]

_LEAN = 0.06
"""Tangent of the angle by which a fold may lie off the side of the sheet."""
_LEANS = 49
_SAMPLE = 20_000
_MOST = 8
"""Lines in one direction."""
_NEAR_MM, _SEEN_MM, _ERASED_MM = 1.2, 0.3, 1.1
"""Dots that belong to a line; where it must be seen; what is taken out on each side of it."""
_DARKER, _DARKER_LEVELS = 1.5, 6.0
"""What is darker than a line usually is, so many times and so many levels, crosses it."""
_SOLID_MM = 2.4
_ASIDE_MM, _ALONE = 1.6, 1.8
_COVERED, _OVER_CHANCE, _SURELY = 0.35, 2.5, 0.8
"""Part of its way across the sheet on which a line is seen: more than any other line would be, and enough."""


class Line(NamedTuple):
    """Across ``= slope × along + offset``, in dots."""

    slope: float
    offset: float


def without_lines(mask: Mask, depth: Tone, per_mm: float) -> tuple[Mask, Mask]:
    """The mask without its level lines and those from head to foot; and the bands they ran in.

    ``depth`` is how dark each dot is: what is much darker than the line is no part of it.
    """
    import numpy as np

    left, bands = mask.copy(), np.zeros_like(mask)
    solid = _solid(mask, per_mm)
    # The second of each is the first seen from its side: what is erased there is erased here.
    for picture, band, dark in ((left, bands, depth), (left.T, bands.T, depth.T)):
        for _ in range(_MOST):
            line = _longest(picture, per_mm)
            if line is None:
                break
            _erase(picture, band, dark, line, per_mm)
    return left | solid, bands


def _solid(mask: Mask, per_mm: float) -> Mask:
    """What is broader than any line: holes, blots."""
    import cv2
    import numpy as np

    side = max(3, round(_SOLID_MM * per_mm / 2))
    small = cv2.resize(mask, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_NEAREST)
    kept = cv2.morphologyEx(small, cv2.MORPH_OPEN, np.ones((side, side), np.uint8))
    kept = cv2.dilate(kept, np.ones((5, 5), np.uint8))
    size = (mask.shape[1], mask.shape[0])
    back = np.asarray(cv2.resize(kept, size, interpolation=cv2.INTER_NEAREST), np.uint8)
    return np.asarray(back & mask, np.uint8)


def _longest(mask: Mask, per_mm: float) -> Line | None:
    """The line that most dots lie on, when it goes across most of the sheet."""
    import numpy as np

    wide = mask.shape[1]
    dots = np.flatnonzero(mask)
    if len(dots) < _COVERED * wide / 2:
        return None
    every = max(1, len(dots) // _SAMPLE)
    y, x = np.divmod(dots[::every], wide)
    middle = wide // 2
    step = max(1.0, per_mm / 3)
    best = (0, 0.0, 0.0)
    for slope in np.linspace(-_LEAN, _LEAN, _LEANS):
        bins = ((y - slope * (x - middle)) / step + wide).astype(np.intp)
        counts = np.bincount(bins)
        peak = int(counts.argmax())
        if counts[peak] > best[0]:
            best = (int(counts[peak]), float(slope), (peak + 0.5 - wide) * step)
    line = _fitted(x, y, Line(best[1], best[2] - best[1] * middle), per_mm)
    chance = min(float(mask.mean()) * (2 * _SEEN_MM * per_mm + 1), 1.0)
    enough = min(max(_COVERED, _OVER_CHANCE * chance), _SURELY)
    seen = _coverage(mask, line, per_mm)
    aside = [Line(line.slope, line.offset + side * _ASIDE_MM * per_mm) for side in (-1, 1)]
    row = max(
        _coverage(mask, other, per_mm) for other in aside
    )  # a row of print is seen beside its line, too
    return line if seen >= enough and (seen >= _SURELY or seen >= _ALONE * row) else None


def _fitted(x: Places, y: Places, line: Line, per_mm: float) -> Line:
    """The line through the dots near it, twice."""
    import numpy as np

    for reach in (_NEAR_MM * per_mm, _NEAR_MM * per_mm / 2):
        near = np.abs(y - (line.slope * x + line.offset)) <= reach
        if np.count_nonzero(near) < 8 or np.ptp(x[near]) < 8:
            return line
        slope, offset = np.polyfit(x[near], y[near], 1)
        line = Line(float(slope), float(offset))
    return line


def _coverage(mask: Mask, line: Line, per_mm: float) -> float:
    """On which part of its way across the sheet a line is seen, the edges left out."""
    import numpy as np

    high, wide = mask.shape
    edge = min(round(8 * per_mm), wide // 4)
    x = np.arange(edge, wide - edge)
    y = np.round(line.slope * x + line.offset).astype(np.intp)
    seen = np.zeros(len(x), bool)
    reach = max(1, round(_SEEN_MM * per_mm))
    for off in range(-reach, reach + 1):
        seen |= mask[np.clip(y + off, 0, high - 1), x] > 0
    return float(seen.mean())


def _erase(mask: Mask, band: Mask, depth: Tone, line: Line, per_mm: float) -> None:
    """Take the line out, but neither where it runs through something broad nor what is much darker."""
    import numpy as np

    high, wide = mask.shape
    x = np.arange(wide)
    y = np.round(line.slope * x + line.offset).astype(np.intp)
    reach = max(1, round(_ERASED_MM * per_mm))
    thin = np.zeros(wide, bool)
    for off in range(-reach - 1, reach + 2):
        thin |= mask[np.clip(y + off, 0, high - 1), x] == 0
    near = np.stack([depth[np.clip(y + off, 0, high - 1), x] for off in (-1, 0, 1)]).max(axis=0)
    most = _DARKER * float(np.median(near)) + _DARKER_LEVELS
    for off in range(-reach, reach + 1):
        within = (y + off >= 0) & (y + off < high)
        rows, cols = y[within] + off, x[within]
        band[rows, cols] = 1
        own = thin[within] & (depth[rows, cols] <= most)
        mask[rows[own], cols[own]] = 0

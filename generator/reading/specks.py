"""Specks of dust among the dark marks of a side: small, round, and alone.

Strokes are longer, and dots that somebody writes lie near other ink.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from generator.reading.marks import Marks

_MOST_MM, _OBLONG, _FILLED = 1.0, 1.6, 0.45
"""Longer side of a speck, how much longer it may be than the other, and the part of its box that is dark."""
_ALONE_MM = 3.0
"""From its box to the next dark mark."""
_MOST_SOUGHT = 1000
"""More dark marks than that are no dust."""


def specks(marks: Marks, dark: NDArray[np.bool_], per_mm: float) -> NDArray[np.bool_]:
    """True for each dark mark that is dust; ``per_mm`` are dots of the picture of the boxes."""
    import numpy as np

    found = np.zeros(len(dark), bool)
    rows = np.flatnonzero(dark)
    if len(rows) > _MOST_SOUGHT:
        return found
    left, top, right, bottom = marks.box[rows].T
    wide, high = right - left + 1, bottom - top + 1
    longer, shorter = np.maximum(wide, high), np.minimum(wide, high)
    round_ = (
        (longer < _MOST_MM * per_mm)
        # A dot more or less makes much of so small a mark.
        & (longer <= _OBLONG * shorter + 1)
        & (marks.area_mm2[rows] * per_mm**2 >= _FILLED * wide * high)
    )
    for at in np.flatnonzero(round_):
        across = np.maximum(left - right[at], left[at] - right)
        down = np.maximum(top - bottom[at], top[at] - bottom)
        near = np.maximum(across, down) < _ALONE_MM * per_mm
        found[rows[at]] = np.count_nonzero(near) == 1  # itself
    return found

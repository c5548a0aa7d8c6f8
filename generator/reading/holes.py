"""Holes of a punch among the marks of a side."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from generator.reading.marks import Marks, Surface

_HOLE_MM = (4.0, 8.5)
_BAND_MM = 22.0
"""A hole is no farther from the edge of the sheet."""
_ROUND = 1.12
"""Farthest dot of a filled hole, as a part of its radius."""
_RIM, _RIM_SPREAD = 0.75, 0.16
"""Mean distance of the dots of an open hole from its middle, and their spread: no written O is so round."""


def holes(surface: Surface, marks: Marks) -> NDArray[np.bool_]:
    """True for each mark that is a hole."""
    import numpy as np

    return np.array([_is_hole(surface, marks, row) for row in range(len(marks.label))], bool)


def _is_hole(surface: Surface, marks: Marks, row: int) -> bool:
    """A round spot of a punch's size near an edge, filled or only its rim."""
    import numpy as np

    per_mm = surface.pictures.per_mm
    left, top, right, bottom = marks.box[row].tolist()
    wide, high = (right - left + 1) / per_mm, (bottom - top + 1) / per_mm
    least, most = _HOLE_MM
    if not (least <= wide <= most and least <= high <= most and abs(wide - high) < 1.0):
        return False
    rows, cols = surface.labels.shape
    if min(left, top, cols - right, rows - bottom) / per_mm > _BAND_MM:
        return False
    inside = surface.depth[top : bottom + 1, left : right + 1] >= marks.contrast[row] / 2
    y, x = np.nonzero(inside)
    away = np.hypot(x - (right - left) / 2, y - (bottom - top) / 2) / (per_mm * (wide + high) / 4)
    filled = float(inside.mean())
    if filled > 0.6:
        return bool((away <= _ROUND).mean() > 0.97 and filled < 0.9)
    return bool(away.std() < _RIM_SPREAD and away.mean() > _RIM)

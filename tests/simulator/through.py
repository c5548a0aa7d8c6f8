"""Show-through: the print of a sheet's other side, mirrored, soft and faint, as thin paper lets it be seen.

front ─┐ flip ─ spread in the paper ─ faint ─┐
       └──────────────────────────► × ───────┴─► front as scanned
"""

from __future__ import annotations

from typing import Final, Literal

import cv2
import numpy as np

from tests.simulator.pen import MM, Grey

Flip = Literal["long", "short"]
"""The edge a sheet is turned over: books turn over the long one, calendars the short one."""
FULL: Final = 200.0
"""Grey levels between paper and toner on a usual scan (``scanner.Device``: 240 − 40)."""


def through(front: Grey, other: Grey, levels: float, *, flip: Flip = "long", spread_mm: float = 0.25) -> Grey:
    """A side of paper with its own print and ``other``, printed on the back, ``levels`` under the paper.

    Light goes through paper and is scattered on its way: the ghost is softer than print, and print on this
    side stays as dark as it is.
    """
    mirrored = cv2.flip(other, 1) if flip == "long" else cv2.flip(other, 0)
    soft = cv2.GaussianBlur(mirrored, (0, 0), spread_mm * MM)
    light = 1 - (255 - np.arange(256, dtype=np.float32)) / 255 * (levels / FULL)
    seen = cv2.LUT(soft, light)
    seen *= front
    return np.asarray(np.clip(seen, 0, 255, out=seen), np.uint8)


def back_of(front: Grey, levels: float, *, flip: Flip = "long", spread_mm: float = 0.25) -> Grey:
    """The empty back of a printed sheet."""
    return through(np.full_like(front, 255), front, levels, flip=flip, spread_mm=spread_mm)

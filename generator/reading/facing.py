"""Which way a symbol faces: printed on this side of the sheet, or seen through from the other.

Readers of QR codes take mirrored symbols as they take others, and give their corners in the same order.  But
every module of a page code is known from its text, so the picture is held against the drawing and against the
drawing mirrored along the diagonal, which is what a mirrored symbol is between corners in that order.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from generator.errors import PageCodeRefused
from generator.identity.symbol import SIZE, symbol

if TYPE_CHECKING:
    from generator.reading.page_image import Grey

MODULE = 4
"""Dots of a module in the pictures that are compared."""
Facing = Literal["this side", "other side", "unclear"]
_REACH = MODULE
"""Dots by which a reader's corners may be off."""
_LEAD = 0.15
"""By how much the better of the two must win: genuine symbols, however stained, win by 0.3 and more."""


def facing(grey: Grey, corners: Sequence[tuple[float, float]], text: str) -> Facing:
    """Say how the symbol of ``text`` between four corners of the picture ``grey`` faces.

    ``corners`` are upper left, upper right, lower right, lower left in dots, as a reader gives them: always
    clockwise.  *unclear*: the text is none of ours, or the picture is like neither.
    """
    import cv2

    try:
        drawing = drawn(text, 0)
    except PageCodeRefused:
        return "unclear"
    field = cv2.equalizeHist(_cut(grey, corners))  # else one dark stroke outweighs a faint symbol
    printed = float(abs(cv2.matchTemplate(field, drawing, cv2.TM_CCOEFF_NORMED)).max())
    mirrored = float(abs(cv2.matchTemplate(field, drawing.T.copy(), cv2.TM_CCOEFF_NORMED)).max())
    if abs(printed - mirrored) < _LEAD:
        return "unclear"
    return "this side" if printed > mirrored else "other side"


def _cut(grey: Grey, corners: Sequence[tuple[float, float]]) -> Grey:
    """The symbol upright, ``MODULE`` dots a module, with ``_REACH`` dots around it."""
    import cv2
    import numpy as np

    near, far = _REACH - 0.5, _REACH + SIZE * MODULE - 0.5
    there = np.array([(near, near), (far, near), (far, far), (near, far)], np.float32)
    matrix = cv2.getPerspectiveTransform(np.array(corners, np.float32), there)
    side = SIZE * MODULE + 2 * _REACH
    return np.asarray(cv2.warpPerspective(grey, matrix, (side, side), borderValue=(255.0,)), np.uint8)


@lru_cache(maxsize=64)
def drawn(text: str, border: int) -> Grey:
    """The symbol drawn with ``MODULE`` dots a module and ``border`` white modules, as soft as a scan.

    Raises PageCodeRefused for a text no symbol of ours holds.
    """
    import cv2
    import numpy as np

    light = np.where(np.array(symbol(text)), 0, 255).astype(np.uint8)
    framed = np.pad(light, border, constant_values=255)
    large = np.kron(framed, np.ones((MODULE, MODULE), np.uint8))
    return np.asarray(cv2.GaussianBlur(large, (0, 0), 1.2), np.uint8)

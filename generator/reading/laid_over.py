"""A page laid over its print, place by place: where a place lies, and how dark print may come out there.

A feeder slips and paper bends, so each place of the print is sought about where the map puts it, to a part of
a dot.  What is darker than ``toner_of`` lets print be is new; whose it is, others say.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from generator.reading.boxes import darkness
from generator.reading.page_image import PageImage

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from generator.reading.page_image import Grey

    Darkness = NDArray[np.float32]

FINENESS: Final = 150 / 25.4
"""Dots a millimetre of the print as drawn, and of everything laid over it."""
REACH_MM: Final = 2.2
"""How far a place of the print is sought from where the map puts it."""
_TONER, _TONER_TWO = 1.3, 1.6
"""How much darker than drawn print may come out; in black-and-white hair lines are black, too."""
_HELD: Final = 0.45
"""Likeness from which a place of the print is found."""
_SOFT, _CALM = 0.7, 0.5
"""Blur of the print, which is sharper than a page, and of the page, for its grain."""


class Shift(NamedTuple):
    """How far a place of the print lies from where the map puts it, and how alike the two are (−1 to 1)."""

    dx_mm: float
    dy_mm: float
    likeness: float

    @property
    def held(self) -> bool:
        """Whether the place was found."""
        return self.likeness >= _HELD


def found_in(window: Grey, template: Grey, at: tuple[int, int]) -> Shift:
    """Where a piece of the print lies in a window of the page; ``at``: where the map puts it there."""
    import cv2

    fits = cv2.matchTemplate(window, template, cv2.TM_CCOEFF_NORMED)
    _, likeness, _, (x, y) = cv2.minMaxLoc(fits)
    dx, dy = x + _between(fits[y], x) - at[0], y + _between(fits[:, x], y) - at[1]
    return Shift(round(dx / FINENESS, 3), round(dy / FINENESS, 3), round(float(likeness), 3))


def _between(fits: NDArray[Any], at: int) -> float:
    """How far beside the best of a row the top of the parabola through it and its neighbours lies."""
    if not 0 < at < len(fits) - 1:
        return 0.0
    before, best, behind = (float(value) for value in fits[at - 1 : at + 2])
    bend = before - 2 * best + behind
    return max(-0.5, min(0.5, (before - behind) / (2 * bend))) if bend < 0 else 0.0


def shown_at(
    page: Grey, left_top: tuple[int, int], size: tuple[int, int], moved: tuple[float, float]
) -> Darkness:
    """A place of the print as it is on the page: (wide, high) dots, ``moved`` by so many from its place."""
    import cv2
    import numpy as np

    middle = (left_top[0] + moved[0] + (size[0] - 1) / 2, left_top[1] + moved[1] + (size[1] - 1) / 2)
    seen = np.asarray(cv2.getRectSubPix(page, size, middle), np.uint8)
    return np.asarray(cv2.GaussianBlur(darkness(seen), (0, 0), _CALM), np.float32)


def grown(printed: Grey, dots: int) -> Grey:
    """How dark the print is within so many dots about each dot (a square, odd)."""
    import cv2
    import numpy as np

    soft = cv2.GaussianBlur(255 - printed, (0, 0), _SOFT)
    return np.asarray(cv2.dilate(soft, np.ones((dots, dots), np.uint8)), np.uint8)


def beyond(shown: Darkness, print_: Grey, toner: float) -> Darkness:
    """How much darker a place is than its print may come out."""
    import numpy as np

    return np.asarray(shown - print_ * np.float32(toner / 255), np.float32)


def toner_of(image: PageImage) -> float:
    """How much darker than drawn print may come out on this page."""
    return _TONER_TWO if image.two_tone else _TONER

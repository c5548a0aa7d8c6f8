"""The printed symbol of a known code, found to a fraction of a dot.

Every module of the symbol is known, so it is fitted as a picture: that is finer than a reader's corners and
still works where a stamp or a fold has spoilt the symbol for reading.
"""

from __future__ import annotations

from generator.identity.placement import POINTS_PER_MM, reserved
from generator.identity.symbol import QUIET, SIZE
from generator.reading.codes import Corner, SeenCode
from generator.reading.facing import MODULE, drawn
from generator.reading.page_image import PageImage
from generator.reading.registration import Landmark, Matrix, Registration, fit

_BORDER = 2
"""White modules around it there."""
_REACH_MM = 5.0
_LEAST_SCORE = 0.4
_LEAST_LEAD = 0.12
"""By how much the best place must beat the best one elsewhere."""
_FINE_SIGMA, _COARSE_SIGMA = 0.04, 0.15
Place = tuple[float, float, float]
"""Left, top and side of a symbol in millimetres of the sheet."""


def places(page_mm: tuple[float, float]) -> dict[Corner, Place]:
    """Where the two symbols stand on a sheet."""
    zones = reserved((page_mm[0] * POINTS_PER_MM, page_mm[1] * POINTS_PER_MM))
    found: list[Place] = []
    for zone in zones:
        side = zone.width * SIZE / (SIZE + 2 * QUIET)
        quiet = (zone.width - side) / 2
        found.append(
            ((zone.x + quiet) / POINTS_PER_MM, (zone.y + quiet) / POINTS_PER_MM, side / POINTS_PER_MM)
        )
    return {"upper right": found[0], "lower left": found[1]}


def marks_of(image: PageImage, seen: SeenCode, page_mm: tuple[float, float]) -> list[Landmark]:
    """The four corners of a symbol that was read, refined where the fit succeeds."""
    place = places(page_mm)[seen.corner]
    coarse = [
        Landmark(mm, dots, seen.corner, _COARSE_SIGMA)
        for mm, dots in zip(_corners(place), seen.corners, strict=True)
    ]
    return _refined(image, seen.text, seen.corner, place, coarse) or coarse


def locate(image: PageImage, seen: SeenCode, guess: Matrix, page_mm: tuple[float, float]) -> list[Landmark]:
    """The other symbol of the sheet ``seen`` is on, which could not be read; empty when it is not there.

    ``guess`` is the map by the one symbol.
    """
    import cv2
    import numpy as np

    corner: Corner = "lower left" if seen.corner == "upper right" else "upper right"
    place = places(page_mm)[corner]
    left, top, side = place
    fineness = MODULE * SIZE / side
    around = (left - _REACH_MM, top - _REACH_MM, side + 2 * _REACH_MM, side + 2 * _REACH_MM)
    field = Registration(guess, "both codes", 0.0).cut(image, around, fineness)
    score = cv2.matchTemplate(field, drawn(seen.text, 0), cv2.TM_CCOEFF_NORMED)
    _, best, _, (x, y) = cv2.minMaxLoc(score)
    apart = score.copy()
    near = 2 * MODULE
    apart[max(0, y - near) : y + near + 1, max(0, x - near) : x + near + 1] = -1
    if best < _LEAST_SCORE or best - float(np.max(apart)) < _LEAST_LEAD:
        return []
    shift = (x / fineness - _REACH_MM, y / fineness - _REACH_MM)
    (a, b, e), (c, d, f) = guess
    coarse = [
        Landmark(
            mm,
            (
                a * (mm[0] + shift[0]) + b * (mm[1] + shift[1]) + e,
                c * (mm[0] + shift[0]) + d * (mm[1] + shift[1]) + f,
            ),
            corner,
            _COARSE_SIGMA,
        )
        for mm in _corners(place)
    ]
    return _refined(image, seen.text, corner, place, coarse) or coarse


def _refined(
    image: PageImage, text: str, corner: Corner, place: Place, coarse: list[Landmark]
) -> list[Landmark]:
    """Fit the whole symbol as a picture, starting from its four coarse corners; empty when that fails."""
    import cv2
    import numpy as np

    left, top, side = place
    fineness = MODULE * SIZE / side
    border = _BORDER * MODULE
    template = drawn(text, _BORDER)
    margin = (_BORDER + 2) * MODULE
    start = fit(coarse, image.square_dpi)
    extra = margin / fineness
    around = (left - extra, top - extra, side + 2 * extra, side + 2 * extra)
    field = Registration(start, "both codes", 0.0).cut(image, around, fineness)
    warp = np.array([[1, 0, margin - border], [0, 1, margin - border]], np.float32)
    criteria = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, 40, 1e-4)
    try:
        score, fitted = cv2.findTransformECC(template, field, warp, cv2.MOTION_AFFINE, criteria)
    except cv2.error:
        return []
    if score < _LEAST_SCORE:
        return []
    found = []
    for x_mm, y_mm in _corners(place):
        # Template dots → field dots → millimetres by the start map → dots of the full picture.
        u = (x_mm - left) * fineness + border - 0.5
        v = (y_mm - top) * fineness + border - 0.5
        p, q = np.asarray(fitted) @ (u, v, 1.0)
        mm = ((p + 0.5) / fineness + around[0], (q + 0.5) / fineness + around[1])
        if abs(mm[0] - x_mm) + abs(mm[1] - y_mm) > 1.5:
            return []
        (a, b, e), (c, d, f) = start
        dots = (a * mm[0] + b * mm[1] + e, c * mm[0] + d * mm[1] + f)
        found.append(Landmark((x_mm, y_mm), dots, corner, _FINE_SIGMA))
    return found


def _corners(place: Place) -> list[tuple[float, float]]:
    """Upper left, upper right, lower right, lower left, as readers give them."""
    left, top, side = place
    return [(left, top), (left + side, top), (left + side, top + side), (left, top + side)]

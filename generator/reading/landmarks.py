"""Landmarks of the print itself, for sheets that have lost a code: tick boxes, or the page as it was printed.

Both start from the map by the one code and work outwards from it, because its error grows with the distance.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from generator.identity.page_map import PageMapEntry
from generator.reading.boxes import find_box
from generator.reading.page_image import PageImage
from generator.reading.registration import Landmark, Registration, fit, residual

if TYPE_CHECKING:
    from generator.reading.page_image import Grey

_LEAST = 6
_SPREAD_MM = 120.0
"""Landmarks nearer to the code than this leave the far corner as uncertain as before."""
_PATCH_MM = 9.0
_PRINT_DOTS = 150 / 25.4
_GROWTH = 0.016
"""Millimetres of error for each millimetre away from the nearest known point."""
_SIGMA = 0.12


def on_boxes(image: PageImage, marks: Sequence[Landmark], entries: Sequence[PageMapEntry]) -> list[Landmark]:
    """Outlines of tick boxes, from the nearest to the code outwards; empty when there are too few."""
    boxes = [entry for entry in entries if entry.kind == "tick"]
    found: list[Landmark] = []
    home = marks[0].mm
    for entry in sorted(boxes, key=lambda item: math.dist((item.x_mm, item.y_mm), home)):
        known = [*marks, *found]
        here = Registration(fit(known, image.square_dpi), "one code and print", 0.0)
        away = min(math.dist((entry.x_mm, entry.y_mm), mark.mm) for mark in known)
        reach = min(2.4, 0.5 + _GROWTH * away)
        box = find_box(image, here, entry, search_mm=reach)
        if box.score > 0.6:
            mm = (entry.x_mm, entry.y_mm)
            dots = here.dots(entry.x_mm + box.dx_mm, entry.y_mm + box.dy_mm)
            found.append(Landmark(mm, dots, None, _SIGMA))
    return _agreeing(image, marks, found)


def on_print(image: PageImage, marks: Sequence[Landmark], expected: Grey) -> list[Landmark]:
    """Pieces of the printed page (150 dpi, upright) found again on the scan; empty when there are too few."""
    import cv2

    found: list[Landmark] = []
    home = marks[0].mm
    reach_mm = 3.0
    for x, y in sorted(_rich_places(expected), key=lambda place: math.dist(place, home)):
        known = [*marks, *found]
        here = Registration(fit(known, image.square_dpi), "one code and print", 0.0)
        away = min(math.dist((x, y), mark.mm) for mark in known)
        reach = min(reach_mm, 0.6 + _GROWTH * away)
        half = _PATCH_MM / 2
        field = here.cut(
            image,
            (x - half - reach, y - half - reach, _PATCH_MM + 2 * reach, _PATCH_MM + 2 * reach),
            _PRINT_DOTS,
        )
        left, top = round((x - half) * _PRINT_DOTS), round((y - half) * _PRINT_DOTS)
        size = round(_PATCH_MM * _PRINT_DOTS)
        patch = cv2.GaussianBlur(expected[top : top + size, left : left + size], (0, 0), 0.8)
        score = cv2.matchTemplate(field, patch, cv2.TM_CCOEFF_NORMED)
        _, best, _, (u, v) = cv2.minMaxLoc(score)
        if best > 0.6:
            # The patch starts at a whole dot of the print; the field where it should be found, ``reach`` off.
            shift_x = u / _PRINT_DOTS - reach + (x - half) - left / _PRINT_DOTS
            shift_y = v / _PRINT_DOTS - reach + (y - half) - top / _PRINT_DOTS
            found.append(Landmark((x, y), here.dots(x + shift_x, y + shift_y), None, _SIGMA))
    return _agreeing(image, marks, found)


def _rich_places(expected: Grey) -> Iterator[tuple[float, float]]:
    """Middles of patches with edges in both directions, over the whole page, in millimetres."""
    import cv2

    dark = expected < 128
    step, size = round(14 * _PRINT_DOTS), round(_PATCH_MM * _PRINT_DOTS)
    across, down = cv2.Sobel(expected, cv2.CV_32F, 1, 0), cv2.Sobel(expected, cv2.CV_32F, 0, 1)
    for top in range(step, expected.shape[0] - step - size, step):
        for left in range(step, expected.shape[1] - step - size, step):
            part = slice(top, top + size), slice(left, left + size)
            edges = min(abs(across[part]).mean(), abs(down[part]).mean())
            if 0.02 < dark[part].mean() < 0.6 and edges > 8:
                yield (left + size / 2) / _PRINT_DOTS, (top + size / 2) / _PRINT_DOTS


def _agreeing(image: PageImage, marks: Sequence[Landmark], found: Sequence[Landmark]) -> list[Landmark]:
    """The landmarks that agree on one map with the code; none when too few or too near do."""
    kept = list(found)
    # Ends: each round takes the worst away.
    while len(kept) >= _LEAST:
        matrix = fit([*marks, *kept], image.square_dpi)
        worst = max(kept, key=lambda mark: residual(matrix, mark))
        if residual(matrix, worst) < 0.35:
            break
        kept.remove(worst)
    far = max((math.dist(mark.mm, marks[0].mm) for mark in kept), default=0.0)
    if len(kept) < _LEAST or len(kept) < 0.6 * len(found) or far < _SPREAD_MM:
        return []
    return kept

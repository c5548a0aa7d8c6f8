"""How a scanned page stands against another picture of the same page: its print, or an earlier scan of it.

All pictures are upright views of the sheet as designed (``view``), so they lie one over the other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.identity.placement import POINTS_PER_MM, reserved
from generator.reading.page_image import PageImage
from generator.reading.registration import A4, Registration

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from generator.reading.page_image import Grey

    Mask = NDArray[np.uint8]

DOTS_PER_MM: Final = 5.0
_PRINT_CONTRAST = 60
"""Grey levels under the paper: toner is far beyond, a ghost of the other side seldom."""
_THIN_CONTRAST = 42
"""The same for thin strokes, which a scan makes lighter."""
_LIGHT_SHARE = 0.01
"""Share of dark dots under which a page may have no print; the lightest sheets of ours have more."""
_CELL_MM = 4.0
_MARK = 16
"""Grey levels under the paper around it: a mark that was not there before."""
_THERE = 10
"""The same in the earlier scan: enough to say that something was there."""
_SLACK_MM = 0.8
"""How far two registered scans of one sheet may lie apart, with the softness of a stroke."""
_EDGE_MM = 7.0
_SPECK_MM2 = 0.35
_HOLE_MM = (4.0, 8.5)
_HOLE_BAND_MM = 22.0


def nearly_white(image: PageImage) -> bool:
    """Whether so little on a page is as dark as print that its print may be missing."""
    import cv2
    import numpy as np

    counts = cv2.calcHist([image.half], [0], None, [256], [0, 256]).ravel()
    total = float(counts.sum())
    paper = int(np.searchsorted(counts.cumsum(), 0.8 * total))
    return bool(counts[: max(0, paper - _PRINT_CONTRAST)].sum() < _LIGHT_SHARE * total)


def view(image: PageImage, registration: Registration, page_mm: tuple[float, float] = A4) -> Grey:
    """The whole sheet as designed, upright, at ``DOTS_PER_MM``."""
    return registration.cut(image, (0.0, 0.0, *page_mm), DOTS_PER_MM)


def print_found(seen: Grey, expected: Grey) -> float:
    """Share of the printed places of a page that hold print on its scan, 0 to 1; the codes are not asked.

    ``seen`` is a ``view``, ``expected`` the page as it was printed, upright, of any size.
    """
    import cv2
    import numpy as np

    height, width = seen.shape
    printed = _deep(np.asarray(cv2.resize(expected, (width, height), interpolation=cv2.INTER_AREA), np.uint8))
    there = _deep(seen)
    for zone in reserved((width / DOTS_PER_MM * POINTS_PER_MM, height / DOTS_PER_MM * POINTS_PER_MM)):
        left, top, side = (
            round(value / POINTS_PER_MM * DOTS_PER_MM) for value in (zone.x, zone.y, zone.width)
        )
        printed[top : top + side, left : left + side] = 0
    cell = round(_CELL_MM * DOTS_PER_MM)
    size = (width // cell, height // cell)
    asked = cv2.resize(printed.astype(np.float32), size, interpolation=cv2.INTER_AREA)
    found = cv2.resize(there.astype(np.float32), size, interpolation=cv2.INTER_AREA)
    places = asked > 0.02
    if not places.any():
        return 1.0
    return float((found[places] > 0.25 * asked[places]).mean())


def marks_beyond(later: Grey, earlier: Grey) -> float:
    """Square millimetres of marks in one ``view`` of a sheet where an earlier one has nothing.

    Specks, the edges of the sheet and punch holes are no marks.
    """
    import cv2
    import numpy as np

    reach = 2 * round(_SLACK_MM * DOTS_PER_MM) + 1
    around = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach))
    before = cv2.dilate((_depth(earlier) > _THERE).astype(np.uint8), around)
    mask = ((_depth(later) > _MARK) & (before == 0)).astype(np.uint8)
    edge = round(_EDGE_MM * DOTS_PER_MM)
    mask[:edge] = mask[-edge:] = 0
    mask[:, :edge] = mask[:, -edge:] = 0
    count, _, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    areas = [
        row[cv2.CC_STAT_AREA] / DOTS_PER_MM**2 for row in stats[1:count] if not _is_hole(row, mask.shape)
    ]
    return round(float(sum(area for area in areas if area >= _SPECK_MM2)), 2)


def _deep(grey: Grey) -> Mask:
    import numpy as np

    return (_depth(grey) > _THIN_CONTRAST).astype(np.uint8)


def _depth(grey: Grey) -> NDArray[np.float32]:
    """Grey levels under the paper around each dot, a little smoothed against grain."""
    import cv2
    import numpy as np

    tone = cv2.GaussianBlur(grey, (0, 0), 0.9)
    small = cv2.resize(tone, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    closed = cv2.morphologyEx(small, cv2.MORPH_CLOSE, np.ones((25, 25), np.uint8))
    paper = cv2.resize(cv2.GaussianBlur(closed, (0, 0), 4), (grey.shape[1], grey.shape[0]))
    return paper.astype(np.float32) - tone


def _is_hole(row: NDArray[np.int32], shape: tuple[int, ...]) -> bool:
    """A round spot of a punch's size near an edge, filled or only its rim."""
    left, top, width, height, _ = (value / DOTS_PER_MM for value in row[:5].tolist())
    least, most = _HOLE_MM
    round_ = least <= width <= most and least <= height <= most and abs(width - height) < 1.2
    high, wide = (size / DOTS_PER_MM for size in shape[:2])
    beside = min(left, top, wide - left - width, high - top - height)
    return bool(round_ and beside < _HOLE_BAND_MM)

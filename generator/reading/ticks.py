"""Tick boxes: empty, marked or crossed out, with how sure that is.

Owns what a mark is.  Ticks, crosses and fills mark a box; a long level stroke through box and label takes it
back, and a person looks at each of those.  A stroke that only passes over a corner marks nothing.  Between
empty and marked there is a stretch where a person looks, too.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from generator.identity.page_map import PageMapEntry
from generator.reading.boxes import FINENESS, FoundBox, find_box
from generator.reading.new_ink import Around, new_ink
from generator.reading.page_image import PageImage
from generator.reading.registration import Registration

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from generator.reading.page_image import Grey

State = Literal["empty", "marked", "crossed out"]

SURE = 0.9
"""Confidence from which a reading may be compared with the record without a person."""

_LOOK_MM = 1.02
"""Radius of the round middle that is looked at: strokes over a corner stay outside, outlines too."""
_EMPTY, _MARKED = 0.03, 0.1
"""Share of the middle that is ink: below the one surely empty, above the other surely marked."""
_FAINT, _FAINT_SHARE = 0.13, 0.12
"""Darkness that is less than ink, and the share of the middle that may have it: a pen too light to scan."""
_LEAST_OUTLINE = 0.45
_BESIDE_MM = 1.4
"""How far a stroke must go on beyond both sides of a box to strike it out."""
_CORRECTED = 0.8
"""A correction is never sure: strokes and the ring of a seal look alike, and it changes an answer."""
_SLOPE = 0.2
_STROKE = 0.45
_DARK = 0.45
_PLAIN = 0.25
"""Share of ink that is a mark even though it leaves the box."""
_ASTRAY_MM = 0.6
"""Farther from where the print around it says, an outline is another line."""
_BESIDE_MM2, _BESIDE_SPAN_MM = 0.3, 1.0
"""New ink beside an empty box that a person looks at."""
_BLACK = 0.93
"""Share of ink of a box that is black all over: filled, or a mark taken back; a person looks."""
_WHOLE = 0.92
"""A mark that leaves its box where no tick does, yet ends near it, is no line that passes through."""
_UNDER_MM = 0.65
"""Breadth of ink on the lower half of the words: an X over the option, a line under it; never a tick."""


@dataclass(frozen=True, slots=True)
class TickReading:
    """One box as read."""

    entry: PageMapEntry
    state: State
    confidence: float
    """0 to 1; a person looks below SURE."""
    ink: float
    """Share of the middle of the box that is ink."""
    outlined: bool
    """Whether the printed box was found where the map says."""

    @property
    def sure(self) -> bool:
        """Whether no person needs to look."""
        return self.confidence >= SURE


def read_ticks(
    image: PageImage,
    registration: Registration,
    entries: Sequence[PageMapEntry],
    *,
    expected: Grey | None = None,
) -> tuple[TickReading, ...]:
    """Read every ``tick`` among the entries of one page; entries of other kinds are left out.

    ``expected`` is the page as it was printed, at 150 dpi, upright: what is new beside a box is seen by it.
    """
    return tuple(_readings(image, registration, entries, expected))


def _readings(
    image: PageImage, registration: Registration, entries: Sequence[PageMapEntry], expected: Grey | None
) -> Iterator[TickReading]:
    boxes = [entry for entry in entries if entry.kind == "tick"]
    new = new_ink(image, registration, entries, expected) if boxes and expected is not None else None
    for entry in boxes:
        if new is None:
            yield judged(entry, find_box(image, registration, entry, margin_mm=1.8))
            continue
        around = new.around(entry)
        moved = (around.shift.dx_mm, around.shift.dy_mm) if around.shift.held else (0.0, 0.0)
        box = find_box(image, registration, entry, margin_mm=1.8, moved=moved)
        yield weighed(judged(entry, box), box, around)


def weighed(reading: TickReading, box: FoundBox, around: Around) -> TickReading:
    """What the surroundings say to a reading of the box alone."""
    if not around.shift.held or max(abs(box.dx_mm), abs(box.dy_mm)) > _ASTRAY_MM:
        return replace(reading, confidence=min(reading.confidence, 0.5))
    if reading.state == "empty":
        if around.beside_mm2 >= _BESIDE_MM2 and around.span_mm >= _BESIDE_SPAN_MM:
            return replace(reading, state="marked", confidence=0.5)
        return reading
    if reading.state == "marked" and (reading.ink >= _BLACK or around.under_mm >= _UNDER_MM):
        return replace(reading, state="crossed out", confidence=min(_CORRECTED, reading.confidence))
    if reading.state == "marked" and reading.ink >= _MARKED and around.ends and reading.outlined:
        return replace(reading, confidence=max(reading.confidence, _WHOLE))
    return reading


def judged(entry: PageMapEntry, box: FoundBox) -> TickReading:
    """What one found box shows."""
    ink = ink_inside(box)
    if ink < _MARKED:
        state, confidence = _hardly_inked(box, ink)
    else:
        state, confidence = _inked(box, ink)
    outlined = box.score >= _LEAST_OUTLINE
    if not outlined:
        confidence = min(confidence, 0.5)
    return TickReading(entry, state, round(confidence, 3), round(ink, 4), outlined)


def _hardly_inked(box: FoundBox, ink: float) -> tuple[State, float]:
    if ink >= _EMPTY:
        return ("empty" if ink < (_EMPTY + _MARKED) / 2 else "marked"), 0.5
    if faint_inside(box) > _FAINT_SHARE:
        return "marked", 0.5
    return "empty", 1 - 0.1 * ink / _EMPTY


def _inked(box: FoundBox, ink: float) -> tuple[State, float]:
    if struck_through(box):
        return "crossed out", _CORRECTED
    outside, strange = leaves(box)
    if strange or (outside and ink < _PLAIN):
        return "marked", 0.6
    return "marked", min(1.0, 0.9 + (ink - _MARKED))


def ink_inside(box: FoundBox) -> float:
    """Share of the round middle that is ink, specks left out."""
    import cv2
    import numpy as np

    square = box.around[box.top : box.top + box.side, box.left : box.left + box.side]
    inside = _middle(box.side) & (cv2.GaussianBlur(square, (0, 0), 0.7) > _DARK)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(inside.astype(np.uint8), connectivity=8)
    large = [index for index in range(1, count) if stats[index, cv2.CC_STAT_AREA] >= 6]
    return float(np.isin(labels, large).sum() / _middle(box.side).sum())


def faint_inside(box: FoundBox) -> float:
    """Share of the middle that is not as light as paper once fine grain is smoothed away."""
    import cv2

    square = box.around[box.top : box.top + box.side, box.left : box.left + box.side]
    middle = _middle(box.side)
    smooth = cv2.GaussianBlur(square, (0, 0), 1.5)
    return float(((smooth > _FAINT) & middle).sum() / middle.sum())


@lru_cache(maxsize=16)
def _middle(side: int) -> NDArray[np.bool_]:
    import numpy as np

    rows, cols = np.mgrid[0:side, 0:side]
    centre = (side - 1) / 2
    return np.asarray(np.hypot(rows - centre, cols - centre) <= _LOOK_MM * FINENESS, np.bool_)


def leaves(box: FoundBox) -> tuple[bool, bool]:
    """Whether the ink inside leaves the cut-out at all, and whether where no tick does.

    A tick sweeps out to the upper right, maybe over its label.  What leaves to the left, below or to the
    upper left is a line of somebody's writing or the ring of a seal passing through.
    """
    import cv2
    import numpy as np

    mask = cv2.GaussianBlur(box.around, (0, 0), 0.7) > _DARK
    count, labels = cv2.connectedComponents(mask.astype(np.uint8), connectivity=8)
    square = labels[box.top : box.top + box.side, box.left : box.left + box.side]
    own = np.bincount(square[_middle(box.side)], minlength=count) >= 6
    own[0] = False
    ink = own[labels]
    strange = ink[:, :2].any() or ink[-2:].any() or ink[:2, : max(box.left - 5, 1)].any()
    return bool(strange or ink[:2].any() or ink[:, -2:].any()), bool(strange)


def struck_through(box: FoundBox) -> bool:
    """Whether a straight, nearly level stroke runs through the box and on beyond both its sides."""
    import cv2
    import numpy as np

    beside = round(_BESIDE_MM * FINENESS)
    inset = round(0.3 * FINENESS)
    rows = slice(box.top + inset, box.top + box.side - inset)
    around = box.around[rows, max(box.left - beside, 0) : box.left + box.side + beside]
    # A hand shakes: a stroke may leave the straight line by two dots.
    band = np.asarray(cv2.dilate(around, np.ones((5, 1), np.uint8)))
    if min(band[:, :beside].max(axis=0).mean(), band[:, -beside:].max(axis=0).mean()) < _STROKE:
        return False
    height, width = band.shape
    first, last = (grid.ravel() for grid in np.mgrid[0:height, 0:height])
    level = np.abs(first - last) <= _SLOPE * width
    first, last = first[level], last[level]
    along = np.arange(width)
    at = np.rint(first[:, None] + (last - first)[:, None] * along / (width - 1)).astype(int)
    dark = band[at, along]
    full = (
        (dark.mean(axis=1) > _STROKE)
        & (dark[:, :beside].mean(axis=1) > _STROKE)
        & (dark[:, -beside:].mean(axis=1) > _STROKE)
        & ((dark < 0.3).sum(axis=1) <= 0.4 * FINENESS)
    )
    return bool(full.any())

"""Rooms to sign in: ink or empty.  A signature, a seal and a fingerprint are all ink.

Owns what counts as ink in a room that has printed things of its own: its line, and labels and rules that
reach in at the edges.  Whose hand it is, nobody here asks.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from generator.identity.page_map import PageMapEntry
from generator.reading.page_image import PageImage
from generator.reading.registration import Registration
from generator.reading.room_ink import RoomInk, room_ink

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from generator.reading.page_image import Grey

    Mask = NDArray[np.uint8]

SURE = 0.9

_FINENESS = 8.0
_INSET_MM = 0.8
_CLEAR_CONTRAST, _FAINT_CONTRAST = 40.0, 25.0
"""Grey levels below the paper around: a pen, and a worn stamp or the back side showing through."""
_RULE_MM = 6.0
"""A level run this long is a printed line, not handwriting."""
_SPECK_MM2, _SPECKS_MM2 = 0.08, 1.5
"""What is smaller is a speck; so many specks may be a fingerprint that black-and-white has eaten."""
_EMPTY_MM2, _SIGNED_MM2, _FAINT_MM2 = 0.2, 3.0, 4.0
_EMPTY_MM, _SIGNED_MM = 1.5, 3.5
"""Ink that spans less than the one is dirt, more than the other somebody's hand."""
_OTHER_MM2 = 1.0
"""Ink in a room of what goes on beyond it, which a signature beside it does not excuse."""
_HAND_MM2 = 1.5
"""New ink of a hand's work beyond the print of the room."""
_BESIDE_MM2 = 1.5
"""New ink of a hand's work right of an empty room or below it."""
_LINED = 0.91
"""A room through which dirt on the glass draws lines is empty when nothing else is in it."""


@dataclass(frozen=True, slots=True)
class InkReading:
    """One room as read."""

    entry: PageMapEntry
    ink: bool
    confidence: float
    """0 to 1; a person looks below SURE."""
    area_mm2: float
    span_mm: float
    """Diagonal of the ink."""

    @property
    def sure(self) -> bool:
        """Whether no person needs to look."""
        return self.confidence >= SURE


def read_ink(
    image: PageImage,
    registration: Registration,
    entries: Sequence[PageMapEntry],
    *,
    expected: Grey | None = None,
) -> tuple[InkReading, ...]:
    """Read every ``signature`` among the entries of one page; entries of other kinds are left out.

    ``expected`` is the page as it was printed, at 150 dpi, upright: what is printed there is no ink.
    """
    return tuple(
        _weighed(reading, room_ink(image, registration, reading.entry, entries, expected))
        if expected is not None
        else reading
        for reading in _readings(image, registration, entries, expected)
    )


def _readings(
    image: PageImage, registration: Registration, entries: Sequence[PageMapEntry], expected: Grey | None
) -> Iterator[InkReading]:
    for entry in entries:
        if entry.kind == "signature":
            clear = _measured(image, registration, entry, _CLEAR_CONTRAST, expected)
            yield _judged(entry, clear, _measured(image, registration, entry, _FAINT_CONTRAST, expected)[0])


def _weighed(reading: InkReading, found: RoomInk) -> InkReading:
    """What lies around the room says whose its ink is."""
    doubtful = replace(reading, confidence=min(reading.confidence, 0.5))
    if found.enclosed or found.other_mm2 >= max(_OTHER_MM2, 0.15 * found.own_mm2):
        return doubtful
    own = found.own_mm2 >= _HAND_MM2 and found.own_span_mm >= _SIGNED_MM
    if reading.ink and reading.sure and own:
        return reading
    if found.other_mm2 >= _EMPTY_MM2:
        return doubtful
    if found.lines and found.own_mm2 < _EMPTY_MM2:
        return _nothing(reading, found)
    if not reading.ink and found.beside_mm2 >= _BESIDE_MM2:
        return doubtful
    return doubtful if reading.ink else reading


def _nothing(reading: InkReading, found: RoomInk) -> InkReading:
    """Only lines ran through the room; what a hand put beside it a person sees."""
    confidence = 0.5 if found.beside_mm2 >= _BESIDE_MM2 else _LINED
    return replace(
        reading,
        ink=False,
        confidence=confidence,
        area_mm2=round(found.own_mm2, 2),
        span_mm=round(found.own_span_mm, 2),
    )


def _judged(entry: PageMapEntry, clear: tuple[float, float, float], faint: float) -> InkReading:
    """Area in mm² and span in mm of the clear ink must agree for it to be sure; faint ink makes it unsure."""
    area, span, specks = clear
    ink = area >= (_EMPTY_MM2 + _SIGNED_MM2) / 2 and span >= (_EMPTY_MM + _SIGNED_MM) / 2
    if area > _SIGNED_MM2 and span > _SIGNED_MM:
        confidence = min(1.0, 0.9 + 0.01 * (area - _SIGNED_MM2))
    elif area < _EMPTY_MM2 and span < _EMPTY_MM and faint < _FAINT_MM2 and specks < _SPECKS_MM2:
        confidence = 1 - 0.1 * max(area / _EMPTY_MM2, span / _EMPTY_MM, faint / _FAINT_MM2)
    else:
        ink, confidence = ink or faint >= _FAINT_MM2 or specks >= _SPECKS_MM2, 0.5
    return InkReading(entry, ink, round(confidence, 3), round(area, 2), round(span, 2))


def _measured(
    image: PageImage,
    registration: Registration,
    entry: PageMapEntry,
    contrast: float,
    expected: Grey | None,
) -> tuple[float, float, float]:
    """Area (mm²) and diagonal (mm) of what is ``contrast`` levels darker than the paper; area of specks."""
    import numpy as np

    inset = _INSET_MM
    box = (entry.x_mm + inset, entry.y_mm + inset, entry.w_mm - 2 * inset, entry.h_mm - 2 * inset)
    mask = _without_rules(_dark(registration.cut(image, box, _FINENESS), contrast))
    if expected is not None:
        mask[_printed(expected, box, mask.shape) > 0] = 0
    kept = _without_specks(mask)
    rows, cols = np.nonzero(kept)
    specks = float(np.count_nonzero(mask) - len(rows)) / _FINENESS**2
    if not len(rows):
        return 0.0, 0.0, specks
    span = float(np.hypot(np.ptp(rows) + 1, np.ptp(cols) + 1)) / _FINENESS
    return float(len(rows)) / _FINENESS**2, span, specks


def _dark(cut: Grey, contrast: float) -> Mask:
    """Dots clearly darker than the paper around them; a shadow of the lid is paper, too."""
    import cv2
    import numpy as np

    soft = cv2.GaussianBlur(cut, (0, 0), 0.8).astype(np.float32)
    paper = cv2.morphologyEx(soft, cv2.MORPH_CLOSE, np.ones((25, 25), np.uint8))
    paper = cv2.GaussianBlur(paper, (0, 0), 6)
    return (paper - soft > contrast).astype(np.uint8)


def _without_rules(mask: Mask) -> Mask:
    """Printed level lines taken out, what crosses them left standing."""
    import cv2
    import numpy as np

    length = round(_RULE_MM * _FINENESS)
    thick = cv2.dilate(mask, np.ones((3, 1), np.uint8))
    rules = cv2.morphologyEx(thick, cv2.MORPH_OPEN, np.ones((1, length), np.uint8))
    return np.asarray(np.where(cv2.dilate(rules, np.ones((3, 5), np.uint8)) > 0, 0, mask), np.uint8)


def _without_specks(mask: Mask) -> Mask:
    import cv2
    import numpy as np

    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    least = _SPECK_MM2 * _FINENESS**2
    large = [index for index in range(1, count) if stats[index, cv2.CC_STAT_AREA] >= least]
    return np.isin(labels, large).astype(np.uint8)


def _printed(expected: Grey, box: tuple[float, float, float, float], shape: tuple[int, ...]) -> Mask:
    """Where the page has print of its own, half a millimetre more on every side."""
    import cv2
    import numpy as np

    unit = 150 / 25.4
    left, top = round(box[0] * unit), round(box[1] * unit)
    part = expected[top : top + round(box[3] * unit), left : left + round(box[2] * unit)]
    dark = cv2.resize((part < 160).astype(np.uint8), (shape[1], shape[0]), interpolation=cv2.INTER_NEAREST)
    grow = 2 * round(0.5 * _FINENESS) + 1
    return np.asarray(cv2.dilate(dark, np.ones((grow, grow), np.uint8)), np.uint8)

"""Whose the ink in a room to sign in is: of who signs here, or of dirt, a seal, a neighbour's hand.

Page and print are laid over each other around the room.  A line that runs through it from end to end is dirt
on the glass; a piece that lies mostly elsewhere is other ink; a hand's work just below or right of an empty
room may be meant for it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from generator.identity.page_map import PageMapEntry
from generator.reading.laid_over import (
    FINENESS,
    REACH_MM,
    beyond,
    found_in,
    grown,
    shown_at,
    toner_of,
)
from generator.reading.page_image import PageImage
from generator.reading.registration import Registration

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from generator.reading.page_image import Grey

    Mask = NDArray[np.uint8]

_AROUND_MM, _RIGHT_MM = 9.0, 15.0
"""Looked at around a room; to the right hands run on."""
_INSET_MM: Final = 0.8
_PLAIN: Final = 8.0
"""Spread of grey levels below which surroundings hold no print to be found by."""
_HELD: Final = 0.4
"""Likeness from which they are found: there is less print than about a box."""
_NEW: Final = 0.22
"""Darkness of new ink; in a room there is little print that could be taken for it."""
_THROUGH: Final = 0.8
"""Share of the surroundings that a straight line runs through."""
_LINE_MM: Final = 1.2
_LEAN, _LEANS = 0.06, 17
"""Tangent of the angle by which a line on the glass may lean against the sheet, and how many are tried."""
_HUGGING: Final = 0.7
"""Share of a piece within two dots of print that makes it a sliver of it."""
_SIDE_MM2: Final = 1.2
"""New ink above a room and below it, thicker than a sliver beside print, is a stamp that lies over both."""
_FINGER_MM: Final = 17.0
"""Breadth of a fingerprint, which lies over both as well."""
_STRAIGHT_MM, _STRAIGHTS = 9.0, 2
"""So many straight strokes of this length are the frame of a stamp."""
_JOIN: Final = 7
"""Dots; strokes of one hand or seal lie so near each other."""
_OWN: Final = 0.5
"""Share of a piece that lies in the room it belongs to."""
_LEAST_MM: Final = 3.5
"""Of a hand's work beside a room."""


class RoomInk(NamedTuple):
    """New ink in and about one room, in mm² and mm."""

    own_mm2: float
    own_span_mm: float
    other_mm2: float
    """In the room, of pieces that lie mostly elsewhere."""
    enclosed: bool
    """Whether one of those goes round what is in the room: the ring of a seal."""
    beside_mm2: float
    """Of a hand's work right of the room or below, in nobody else's room."""
    lines: bool
    """Whether straight lines ran through and were taken out."""


def room_ink(
    image: PageImage,
    registration: Registration,
    entry: PageMapEntry,
    entries: Sequence[PageMapEntry],
    expected: Grey,
) -> RoomInk:
    """What is new in a room and about it.  ``expected`` is the page as printed, at 150 dpi, upright."""
    import numpy as np

    left, top, right, bottom = _around(entry, expected)
    reach = round(REACH_MM * FINENESS)
    box = ((left - reach) / FINENESS, (top - reach) / FINENESS)
    size = ((right - left + 2 * reach) / FINENESS, (bottom - top + 2 * reach) / FINENESS)
    page = registration.cut(image, (*box, *size), FINENESS)
    printed = expected[top:bottom, left:right]
    soft = grown(printed, 3)
    size = (right - left, bottom - top)
    shown = shown_at(page, (reach, reach), size, _moved(printed, page, reach))
    new = (beyond(shown, soft, toner_of(image)) > _NEW).astype(np.uint8)
    mask, lines = _without_lines(_without_slivers(new, soft), soft)
    # Once more: a line of dirt joins what it crosses.
    return _told(_without_slivers(mask, soft), entry, entries, (left, top), lines=lines)


def _around(entry: PageMapEntry, expected: Grey) -> tuple[int, int, int, int]:
    high, wide = expected.shape
    return (
        max(round((entry.x_mm - _AROUND_MM) * FINENESS), 0),
        max(round((entry.y_mm - _AROUND_MM) * FINENESS), 0),
        min(round((entry.x_mm + entry.w_mm + _RIGHT_MM) * FINENESS), wide),
        min(round((entry.y_mm + entry.h_mm + _AROUND_MM) * FINENESS), high),
    )


def _moved(printed: Grey, page: Grey, reach: int) -> tuple[int, int]:
    """By how many dots the surroundings lie from where the map puts them in the cut-out.

    Whole dots: a picture moved by a part of a dot is blurred, and pale fingerprints fade.
    """
    if float(printed.std()) < _PLAIN:
        return 0, 0
    found = found_in(page, printed, (reach, reach))
    if found.likeness <= _HELD:
        return 0, 0
    return round(found.dx_mm * FINENESS), round(found.dy_mm * FINENESS)


def _without_slivers(mask: Mask, soft: Grey) -> Mask:
    """What hugs print taken out: the edge of a line or of words that lie a dot beside their place."""
    import cv2
    import numpy as np

    at = np.flatnonzero(mask)  # few dots are new
    if not len(at):
        return mask
    hugging = np.asarray(cv2.dilate((soft > 40).astype(np.uint8), np.ones((3, 3), np.uint8)))
    _, labels = cv2.connectedComponents(mask, connectivity=8)
    numbers = labels.ravel()[at]
    whole = np.bincount(numbers)
    near = np.bincount(numbers[hugging.ravel()[at] > 0], minlength=len(whole))
    gone = near >= _HUGGING * np.maximum(whole, 1)
    left = mask.copy()
    left.ravel()[at[gone[numbers]]] = 0
    return left


def _without_lines(mask: Mask, soft: Grey) -> tuple[Mask, bool]:
    """The mask without straight lines that run from end to end, and whether there were any."""
    seen = False
    bare = (soft < 60).astype(mask.dtype)
    # The second of each is the first seen from its side: what is erased there is erased here.
    for picture, paper in ((mask, bare), (mask.T, bare.T)):
        seen = _erase_lines(picture, paper) or seen
    return mask, seen


def _erase_lines(picture: Mask, paper: Mask) -> bool:
    """Erase what runs from head to foot: ink on nearly all of the way that no print hides."""
    import cv2
    import numpy as np

    high, wide = picture.shape
    if np.count_nonzero(picture) < _THROUGH * 0.4 * high:
        return False
    paper = np.ascontiguousarray(paper)
    broad = np.asarray(cv2.dilate(np.ascontiguousarray(picture), np.ones((1, 3), np.uint8)), np.uint8) & paper
    if not _may_run(broad, paper):
        return False
    half, erased = round(_LINE_MM * FINENESS / 2), False
    for lean in np.linspace(-_LEAN, _LEAN, _LEANS):
        upright = np.array([[1, lean, -lean * high / 2], [0, 1, 0]])
        how = cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP
        shown, free = (cv2.warpAffine(one, upright, (wide, high), flags=how) for one in (broad, paper))
        share = shown.sum(axis=0) / np.maximum(free.sum(axis=0), high * 0.4)
        for at in np.flatnonzero(share >= _THROUGH).tolist():
            erased = True
            for row in range(high):
                middle = at + round(lean * (row - high / 2))
                picture[row, max(middle - half, 0) : max(middle + half + 1, 0)] = 0
    return erased


def _may_run(broad: Mask, paper: Mask) -> bool:
    """Whether any column, with all a leaning line may reach, holds ink enough: most rooms hold none."""
    import cv2
    import numpy as np

    high = broad.shape[0]
    reach = np.ones((1, 2 * math.ceil(_LEAN * high / 2) + 3), np.uint8)
    inked = cv2.dilate(broad, reach).sum(axis=0)
    free = cv2.erode(paper, reach).sum(axis=0)
    return bool((inked >= _THROUGH * np.maximum(free, high * 0.4)).any())


def _told(
    mask: Mask, entry: PageMapEntry, entries: Sequence[PageMapEntry], origin: tuple[int, int], *, lines: bool
) -> RoomInk:
    import cv2
    import numpy as np

    count, labels, stats, _ = cv2.connectedComponentsWithStats(
        np.asarray(cv2.dilate(mask, np.ones((_JOIN, _JOIN), np.uint8)), np.uint8), connectivity=8
    )
    labels = np.where(mask > 0, labels, 0)
    room = _inside(mask.shape, entry, origin, -_INSET_MM)
    taken = np.zeros(mask.shape, bool)
    for one in entries:
        if one is not entry and one.kind in ("signature", "text", "tick"):
            taken |= _inside(mask.shape, one, origin, 0.5)
    whole, inside, elsewhere = (
        np.bincount(labels[where], minlength=count).astype(float) / FINENESS**2
        for where in (np.ones(mask.shape, bool), room, taken & ~room)
    )
    own, other, beside, enclosed = [], 0.0, 0.0, False
    for number in range(1, count):
        x, y, w, h, _ = stats[number].tolist()
        if whole[number] < 0.06:
            continue
        goes_on = x <= 1 or y <= 1 or x + w >= mask.shape[1] - 1 or y + h >= mask.shape[0] - 1
        if inside[number] >= _OWN * whole[number] and not goes_on:
            own.append(number)
        elif inside[number] >= 0.1:
            other += inside[number]
            enclosed = enclosed or (w > 1.3 * entry.h_mm * FINENESS and h > 1.1 * entry.h_mm * FINENESS)
        elif elsewhere[number] < 0.3 * whole[number] and _right_or_below(x, y, w, h, entry, origin):
            beside += whole[number] if max(w, h) >= _LEAST_MM * FINENESS / 2 else 0.0
    enclosed = enclosed or _over(mask, entry, origin, taken | room) or _framed(mask)
    rows, cols = np.nonzero(np.isin(labels, own) & room) if own else (np.zeros(0), np.zeros(0))
    span = float(np.hypot(np.ptp(rows) + 1, np.ptp(cols) + 1)) / FINENESS if len(rows) else 0.0
    return RoomInk(float(inside[own].sum()) if own else 0.0, span, other, enclosed, beside, lines)


def _over(mask: Mask, entry: PageMapEntry, origin: tuple[int, int], taken: NDArray[np.bool_]) -> bool:
    """Whether new ink lies above the room and below it, other rooms left out."""
    import cv2
    import numpy as np

    left, top = (
        round(value * FINENESS) - start for value, start in zip((entry.x_mm, entry.y_mm), origin, strict=True)
    )
    right, bottom = left + round(entry.w_mm * FINENESS), top + round(entry.h_mm * FINENESS)
    outside = (cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((2, 2), np.uint8)) > 0) & ~taken
    cols = slice(max(left, 0), right)
    parts = (outside[: max(top, 0), cols], outside[bottom:, cols])
    if any(int(np.count_nonzero(part)) < _SIDE_MM2 * FINENESS**2 for part in parts):
        return False
    inked = np.flatnonzero(parts[0].any(axis=0) | parts[1].any(axis=0))
    return float(np.ptp(inked)) > _FINGER_MM * FINENESS


def _framed(mask: Mask) -> bool:
    """Whether straight strokes in two directions are there, as the frame of a stamp has them."""
    import cv2
    import numpy as np

    length = round(_STRAIGHT_MM * FINENESS)
    blobs = cv2.dilate(
        cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((7, 7), np.uint8)), np.ones((3, 3), np.uint8)
    )
    found = cv2.HoughLinesP(
        np.where(blobs > 0, 0, mask).astype(np.uint8),
        1,
        np.pi / 180,
        round(0.8 * length),
        minLineLength=length,
        maxLineGap=3,
    )
    if found is None:
        return False
    places: list[tuple[float, float]] = []
    for x0, y0, x1, y1 in found.reshape(-1, 4).tolist():
        angle = float(np.degrees(np.arctan2(y1 - y0, x1 - x0))) % 180
        offset = x0 * np.sin(np.radians(angle)) - y0 * np.cos(np.radians(angle))
        if all(min(abs(angle - a), 180 - abs(angle - a)) > 8 or abs(offset - o) > 12 for a, o in places):
            places.append((angle, float(offset)))
    return len(places) >= _STRAIGHTS


def _right_or_below(x: int, y: int, w: int, h: int, entry: PageMapEntry, origin: tuple[int, int]) -> bool:
    middle_x, middle_y = (origin[0] + x + w / 2) / FINENESS, (origin[1] + y + h / 2) / FINENESS
    return middle_x > entry.x_mm + entry.w_mm or middle_y > entry.y_mm + entry.h_mm


def _inside(
    shape: tuple[int, ...], entry: PageMapEntry, origin: tuple[int, int], more_mm: float
) -> NDArray[np.bool_]:
    import numpy as np

    found = np.zeros(shape, bool)
    left = round((entry.x_mm - more_mm) * FINENESS) - origin[0]
    top = round((entry.y_mm - more_mm) * FINENESS) - origin[1]
    right = round((entry.x_mm + entry.w_mm + more_mm) * FINENESS) - origin[0]
    bottom = round((entry.y_mm + entry.h_mm + more_mm) * FINENESS) - origin[1]
    found[max(top, 0) : max(bottom, 0), max(left, 0) : max(right, 0)] = True
    return found

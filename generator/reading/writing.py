"""What is written by hand into the rooms of a printed page: proposals for a person to confirm, never answers.

Owns where a text field's room is (the white space around its place, up to the next print), and which rooms
hold ink.  Recognising the characters is the engine's; handwriting is hard, so each proposal has its picture.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from generator.identity.page_map import PageMapEntry
from generator.reading.ink import read_ink
from generator.reading.page_image import PageImage
from generator.reading.registration import Registration
from generator.reading.words import TextEngine, line_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from generator.reading.page_image import Grey

    Mask = NDArray[np.bool_]

EXPECTED_DPI = 150
_UNIT = EXPECTED_DPI / 25.4
_DARK = 160
_POINT_MM = 3.0
"""A place narrower than this is a point: nothing is printed in it, the room is the white space around."""
_LEAST_MM = 4.0
_OVER_MM = 0.8
"""How far writing on a printed blank reaches above and below it."""
_CLEAR_MM = 0.4
"""Kept from the lines around, which registration may misplace by as much."""
_RULED = 0.6
"""A row so dark is a printed line."""
_EDGES_MM = (12.0, 5.0, 5.0, 12.0)
"""Nobody is meant to write nearer to the left, top, right and bottom of the sheet."""
_FINENESS = 9.0
"""Dots a millimetre of what the engine sees; handwriting of 5 mm is then about 45 dots high."""
_ONE_LINE_MM = 9.5
_GAP = re.compile(r"(?<![A-Za-z])\s+|\s+(?![A-Za-z])")
"""White space that parts no words: Chinese and numbers have none, hands leave much."""


class Room(NamedTuple):
    """Where one field is written, in millimetres of the sheet."""

    x_mm: float
    y_mm: float
    w_mm: float
    h_mm: float


@dataclass(frozen=True, slots=True)
class TextProposal:
    """What may be written in one room.

    ``text`` is empty where ink was found and nothing recognised; print inside the room (年、月、日) is
    part of it.  ``picture`` is the room with its surroundings as a PNG.
    """

    entry: PageMapEntry
    room: Room
    text: str = field(repr=False)
    confidence: float
    """0 to 1, the engine's own word; of handwriting it is often too sure."""
    picture: bytes = field(repr=False)


def propose_texts(
    image: PageImage,
    registration: Registration,
    entries: Sequence[PageMapEntry],
    engine: TextEngine,
    *,
    expected: Grey,
) -> tuple[TextProposal, ...]:
    """Read every ``text`` room of one page that holds ink; empty rooms are silent.

    ``entries`` are all of the page's; ``expected`` is the page as it was printed, at 150 dpi, upright.
    """
    return tuple(_proposals(image, registration, entries, engine, expected))


def _proposals(
    image: PageImage,
    registration: Registration,
    entries: Sequence[PageMapEntry],
    engine: TextEngine,
    expected: Grey,
) -> Iterator[TextProposal]:
    from generator.reading.straighten import cut_out

    for entry, room in rooms_of(entries, expected):
        place = entry._replace(
            kind="signature", x_mm=room.x_mm, y_mm=room.y_mm, w_mm=room.w_mm, h_mm=room.h_mm
        )
        (ink,) = read_ink(image, registration, [place], expected=expected)
        if not ink.ink and ink.sure:
            continue
        text, confidence = _read(registration.cut(image, room, _FINENESS), room, engine)
        if text or ink.ink:
            yield TextProposal(entry, room, text, confidence, cut_out(image, registration, place))


def rooms_of(entries: Sequence[PageMapEntry], expected: Grey) -> list[tuple[PageMapEntry, Room]]:
    """The room of each ``text`` entry of one page; those with print all around them have none."""
    import numpy as np

    dark: Mask = np.asarray(expected) < _DARK
    found = []
    for entry in entries:
        if entry.kind == "text":
            room = _room(_with_others(dark, entry, entries), entry)
            if room is not None:
                found.append((entry, room))
    return found


def _with_others(dark: Mask, own: PageMapEntry, entries: Sequence[PageMapEntry]) -> Mask:
    """The print, and the left edges of other places: where they begin, this room ends."""
    walls = dark.copy()
    for other in entries:
        if other is not own and (other.x_mm, other.y_mm) != (own.x_mm, own.y_mm):
            top, left = round(other.y_mm * _UNIT), round(other.x_mm * _UNIT)
            walls[top : top + max(1, round(other.h_mm * _UNIT)), left : left + 1] = True
    return walls


def _room(walls: Mask, entry: PageMapEntry) -> Room | None:
    top, bottom = round((entry.y_mm + 1) * _UNIT), round((entry.y_mm + entry.h_mm - 1) * _UNIT)
    left, right = round(entry.x_mm * _UNIT), round((entry.x_mm + entry.w_mm) * _UNIT)
    high, wide = walls.shape
    if entry.w_mm < _POINT_MM:
        clear = _clear(walls[top:bottom], 0)
        left, right = _run(clear, left, round(_EDGES_MM[0] * _UNIT), wide - round(_EDGES_MM[2] * _UNIT))
        ends = (round(_EDGES_MM[1] * _UNIT), high - round(_EDGES_MM[3] * _UNIT))
        clear = _clear(walls[:, left + 2 : right - 2], 1)
        clear[top:bottom] = True
    else:
        # The field's own print (年、月、日) is in its way; only lines and what is as wide as one are ends.
        over = round((1 + _OVER_MM) * _UNIT)
        ends = (top - over, bottom + over)
        clear = _clear(walls[:, left:right], 1, _RULED)
    top, bottom = _run(clear, (top + bottom) // 2, *ends)
    edge = _CLEAR_MM if entry.w_mm < _POINT_MM else 0.0
    x, y, width, height = (value / _UNIT for value in (left, top, right - left, bottom - top))
    room = Room(*(round(v, 2) for v in (x + edge, y + edge, width - 2 * edge, height - 2 * edge)))
    return room if min(room.w_mm, room.h_mm) >= _LEAST_MM else None


def _clear(walls: Mask, axis: int, most: float = 0.0) -> Mask:
    """Columns (axis 0) or rows (axis 1) of which no more than this share is dark."""
    import numpy as np

    return np.asarray(walls.mean(axis=axis) <= most, np.bool_)


def _run(clear: Mask, start: int, first: int, last: int) -> tuple[int, int]:
    """The stretch of clear dots around ``start``, within ``first`` and ``last``."""
    import numpy as np

    before = np.flatnonzero(~clear[max(first, 0) : start])
    after = np.flatnonzero(~clear[start + 1 : last])
    return (
        max(first, 0) + int(before[-1]) + 1 if len(before) else max(first, 0),
        start + 1 + int(after[0]) if len(after) else last,
    )


def _read(cut: Grey, room: Room, engine: TextEngine) -> tuple[str, float]:
    """The lines of one room, joined; the least confidence of them."""
    import numpy as np

    clean = _without_rules(cut)
    around = np.pad(clean, round(1.5 * _FINENESS), constant_values=255)
    lines = sorted(engine.find(around), key=lambda corners: corners[0][1]) if room.h_mm > _ONE_LINE_MM else []
    read = [engine.read(line_of(around, corners)) for corners in lines]
    read = [one for one in read if one[0].strip()] or [engine.read(_inked(clean))]
    text = "".join(_GAP.sub("", one.strip()) for one, _ in read)
    return text, min(confidence for _, confidence in read) if text else 0.0


def _inked(cut: Grey) -> Grey:
    """The part that holds ink, with a little paper around it: engines read what fills the height."""
    import cv2
    import numpy as np

    soft = cv2.GaussianBlur(cut, (0, 0), 1.0)
    rows, cols = np.nonzero(soft < int(np.median(cut)) - 45)
    if not len(rows):
        return cut
    edge = round(0.7 * _FINENESS)
    top, left = max(0, int(rows.min()) - edge), max(0, int(cols.min()) - edge)
    return np.ascontiguousarray(cut[top : int(rows.max()) + edge, left : int(cols.max()) + edge])


def _without_rules(cut: Grey) -> Grey:
    """Printed level lines (blanks to write on) painted over with paper."""
    import cv2
    import numpy as np

    paper = int(np.median(cut))
    dark = (cut < paper - 40).astype(np.uint8)
    long = cv2.morphologyEx(dark, cv2.MORPH_OPEN, np.ones((1, round(7 * _FINENESS)), np.uint8))
    clean = cut.copy()
    clean[cv2.dilate(long, np.ones((3, 5), np.uint8)) > 0] = paper
    return clean

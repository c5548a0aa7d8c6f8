"""A hand on paper: ticks, crossed-out boxes, scribbled names.

Draws into a grey picture of a sheet at ``DPI``; places are millimetres from its top left corner.  What is
uneven comes from the generator that is given, so that the same seed draws the same sheet.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Grey: TypeAlias = NDArray[np.uint8]
    """Rows × columns, 0 black to 255 white."""

DPI = 300
DOTS = DPI / 25.4
"""Dots a millimetre."""
_FRACTION = 4
"""Bits after the point that OpenCV reads of a coordinate."""

Random: TypeAlias = np.random.Generator
Point: TypeAlias = tuple[float, float]


class Ink(NamedTuple):
    """A pen: grey of its line (0 black) and width in millimetres."""

    grey: int = 48
    width: float = 0.5


class Place(NamedTuple):
    """A rectangle in millimetres."""

    x: float
    y: float
    width: float
    height: float


def tick(sheet: Grey, box: Place, ink: Ink, random: Random) -> None:
    """A √ whose corner stands in the box and whose long stroke leaves it to the upper right."""
    side = box.width
    x, y = box.x + side * random.uniform(0.38, 0.5), box.y + side * random.uniform(0.75, 0.9)
    start = (x - side * 0.35, y - side * random.uniform(0.4, 0.5))
    end = (x + side * random.uniform(0.7, 1.0), y - side * random.uniform(0.9, 1.2))
    _stroke(sheet, [start, (x, y), end], ink)


def cross_out(sheet: Grey, box: Place, ink: Ink, random: Random) -> None:
    """Two level lines through the box and a little of what stands behind it: this does not count."""
    for part in (0.36, 0.66):
        y = box.y + box.height * part + random.uniform(-0.1, 0.1)
        _stroke(sheet, [(box.x - 2.0, y), (box.x + box.width + random.uniform(3.5, 5.0), y + 0.15)], ink)


def sign(sheet: Grey, room: Place, ink: Ink, random: Random) -> None:
    """A name nobody can read: two or three characters of loops and strokes in the room."""
    height = min(room.height * 0.75, 9.0)
    width = min(height * 0.85, room.width / 4)
    base = room.y + room.height / 2 + height / 2
    x = room.x + room.width * random.uniform(0.04, 0.12)
    for _ in range(int(random.integers(2, 4))):
        _stroke(sheet, _wave((x, base), width, height, random), ink)
        for _ in range(2):
            ends = [(x + random.uniform(0, width), base - random.uniform(0.1, 0.95) * height) for _ in "ab"]
            _stroke(sheet, ends, ink)
        x += width * 1.1


def _wave(start: Point, width: float, height: float, random: Random) -> list[Point]:
    """A wavy line from left to right, as tall as a character and leaning."""
    along = np.linspace(0, 1, 40)
    turns, phase = random.uniform(1.4, 2.6), random.uniform(0, 2 * np.pi)
    wave = 0.5 + 0.42 * np.sin(2 * np.pi * turns * along + phase)
    lean = random.uniform(0.05, 0.25)
    x = start[0] + width * (along * 0.85 + lean * wave)
    y = start[1] - height * wave
    return [(float(a), float(b)) for a, b in zip(x, y, strict=True)]


def _stroke(sheet: Grey, points: Sequence[Point], ink: Ink) -> None:
    """A line through the points; it only darkens."""
    path = np.array(points) * DOTS
    thick = max(1, round(ink.width * DOTS))
    left, top = np.floor(path.min(axis=0) - thick - 2).astype(int).clip(0)
    right, bottom = np.ceil(path.max(axis=0) + thick + 2).astype(int)
    part = sheet[top:bottom, left:right]
    if not part.size:
        return
    over = np.full(part.shape, 255, np.uint8)
    fixed = np.round((path - (left, top)) * 2**_FRACTION).astype(np.int32)
    cv2.polylines(over, [fixed], isClosed=False, color=(ink.grey,), thickness=thick, lineType=cv2.LINE_AA,
                  shift=_FRACTION)  # fmt: skip
    np.minimum(part, over, out=part)

"""What hands do beside, around and over a box, and how they take a mark back: each drawn by one function.

All take (sheet, box, label, random, ink): ``label`` is the printed words right of the box.  Test material.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import numpy as np

from tests.simulator import pen
from tests.simulator.pen import Box, Grey, Ink, Random

Draw = Callable[[Grey, Box, Box, Random, Ink], None]


def _oval(sheet: Grey, around: Box, random: Random, ink: Ink) -> None:
    """A ring drawn by hand, seldom closed where it began."""
    x, y = around.x + around.w / 2, around.y + around.h / 2
    start, turn = random.uniform(0, 2 * math.pi), 2 * math.pi * random.uniform(0.94, 1.1)
    wide, high = around.w / 2, around.h / 2
    drift = random.uniform(-0.12, 0.12)
    points = []
    for step in range(17):
        angle, grown = start + turn * step / 16, 1 + drift * step / 16
        points.append((x + wide * grown * math.cos(angle), y + high * grown * math.sin(angle)))
    pen.stroke(sheet, pen.curve(points, random, 0.08), ink)


def ring_box(sheet: Grey, box: Box, label: Box, random: Random, ink: Ink) -> None:
    """A ring round the box alone."""
    more = random.uniform(0.9, 1.8)
    _oval(sheet, Box(box.x - more, box.y - more, box.w + 2 * more, box.h + 2 * more), random, ink)


def ring_option(sheet: Grey, box: Box, label: Box, random: Random, ink: Ink) -> None:
    """A ring round box and words."""
    more = random.uniform(0.6, 1.4)
    wide = label.x + label.w - box.x
    _oval(sheet, Box(box.x - more * 1.4, box.y - more, wide + 2.8 * more, box.h + 2 * more), random, ink)


def ring_label(sheet: Grey, box: Box, label: Box, random: Random, ink: Ink) -> None:
    """A ring round the words."""
    more = random.uniform(0.5, 1.0)
    _oval(sheet, Box(label.x, label.y - more, label.w + more, label.h + 2 * more), random, ink)


def tick_left(sheet: Grey, box: Box, label: Box, random: Random, ink: Ink) -> None:
    """A tick that stands left of its box."""
    size = box.w * random.uniform(0.8, 1.2)
    gap = random.uniform(0.2, 1.0)
    right = box.x - gap
    low = box.y + box.h * random.uniform(0.7, 1.0)
    mid = (right - size * 0.6, low)
    points = [(mid[0] - size * 0.3, low - size * 0.35), mid, (right, low - size * random.uniform(0.7, 1.0))]
    pen.stroke(sheet, pen.curve(points, random, 0.06), ink)


def tick_on_label(sheet: Grey, box: Box, label: Box, random: Random, ink: Ink) -> None:
    """A tick over the words."""
    size = box.w * random.uniform(0.9, 1.5)
    x = label.x + min(label.w, 8.0) * random.uniform(0.35, 0.7)
    low = label.y + label.h * random.uniform(0.75, 1.0)
    points = [
        (x - size * 0.35, low - size * 0.4), (x, low),
        (x + size * random.uniform(0.5, 0.9), low - size * random.uniform(0.8, 1.1)),
    ]  # fmt: skip
    pen.stroke(sheet, pen.curve(points, random, 0.06), ink)


def underline(sheet: Grey, box: Box, label: Box, random: Random, ink: Ink) -> None:
    """A line under the words."""
    y = label.y + label.h + random.uniform(0.1, 0.6)
    ends = [(label.x - 0.3, y), (label.x + label.w / 2, y + 0.1), (label.x + label.w + 0.3, y - 0.1)]
    pen.stroke(sheet, pen.curve(ends, random, 0.06), ink)


def big_tick_over_corner(sheet: Grey, box: Box, label: Box, random: Random, ink: Ink) -> None:
    """A big tick whose point is at the lower edge and which leaves over the corner or the side."""
    size = box.w * random.uniform(1.3, 2.2)
    x, y = box.x + box.w * random.uniform(0.3, 0.8), box.y + box.h * random.uniform(0.85, 1.12)
    points = [
        (x - size * random.uniform(0.25, 0.5), y - size * random.uniform(0.2, 0.5)), (x, y),
        (x + size * random.uniform(0.7, 1.2), y - size * random.uniform(0.5, 1.0)),
    ]  # fmt: skip
    pen.stroke(sheet, pen.curve(points, random, 0.08), ink)


def blackened(sheet: Grey, box: Box, label: Box, random: Random, ink: Ink) -> None:
    """A tick taken back by blackening the box."""
    pen.tick(sheet, box, random, ink)
    wide = Ink(ink.grey, max(ink.width_mm, 0.5))
    path = []
    for step in range(13):
        y = box.y - 0.1 + (box.h + 0.2) * step / 12
        ends = (box.x - random.uniform(0, 0.4), box.x + box.w + random.uniform(0, 0.4))
        path += [(ends[step % 2], y), (ends[1 - step % 2], y)]
    pen.stroke(sheet, path, wide)


def crossed_option(sheet: Grey, box: Box, label: Box, random: Random, ink: Ink) -> None:
    """A tick taken back by a great X over box and words."""
    pen.tick(sheet, box, random, ink)
    left, right = box.x - random.uniform(0.3, 1.2), label.x + min(label.w, 18.0) + random.uniform(-0.5, 1.0)
    top, low = box.y - random.uniform(0.2, 1.0), box.y + box.h + random.uniform(0.2, 1.0)
    middle = ((left + right) / 2, (top + low) / 2)
    for points in ([(left, top), middle, (right, low)], [(left, low), middle, (right, top)]):
        pen.stroke(sheet, pen.curve(points, random, 0.1), ink)


def struck_option(sheet: Grey, box: Box, label: Box, random: Random, ink: Ink) -> None:
    """A tick taken back by one level line through box and words."""
    pen.tick(sheet, box, random, ink)
    pen.strike_out(sheet, box, random, ink, min(label.w, 10.0))


AROUND: Mapping[str, Draw] = {
    "ring round the box": ring_box, "ring round the option": ring_option, "ring round the words": ring_label,
    "tick left of the box": tick_left, "tick on the words": tick_on_label, "line under the words": underline,
    "big tick over the corner": big_tick_over_corner,
}  # fmt: skip
"""Marks that are not, or hardly, in the box."""
TAKEN_BACK: Mapping[str, Draw] = {
    "blackened": blackened, "crossed with its words": crossed_option, "struck with its words": struck_option,
}  # fmt: skip


def slipped(sheet: Grey, amplitude_mm: float, random: Random) -> Grey:
    """The sheet as a slipping feeder moves it: a slow wave along the feed, still at both ends."""
    import cv2

    high, wide = sheet.shape
    rows = np.arange(high, dtype=np.float32)
    waves = random.uniform(0.8, 2.2)
    wave = np.sin(2 * np.pi * waves * rows / high + random.uniform(0, 2 * np.pi))
    ends = np.sin(np.pi * rows / high)
    down = rows + np.float32(amplitude_mm * pen.MM) * wave * ends
    across = np.tile(np.arange(wide, dtype=np.float32), (high, 1))
    moved = np.tile(down[:, None].astype(np.float32), (1, wide))
    return np.asarray(cv2.remap(sheet, across, moved, cv2.INTER_LINEAR, borderValue=(255.0,)), np.uint8)


def streaks(sheet: Grey, random: Random) -> Grey:
    """Dirt on the glass of a feeder: thin lines the whole length of the sheet."""
    marked = sheet.copy()
    for _ in range(int(random.integers(1, 6))):
        x = int(random.integers(round(15 * pen.MM), sheet.shape[1] - round(15 * pen.MM)))
        wide = int(random.integers(2, 7))
        pen.lay(
            marked[:, x : x + wide],
            np.full((sheet.shape[0], wide), 255, np.uint8),
            int(random.integers(60, 170)),
        )
    return marked


def stain(sheet: Grey, centre: pen.Point, random: Random) -> None:
    """The ring of a cup."""
    import cv2

    radius = random.uniform(28, 45)
    size = round(2 * radius * pen.MM) + 60
    mask = np.zeros((size, size), np.uint8)
    cv2.circle(
        mask,
        (size // 2, size // 2),
        round(radius * pen.MM),
        255,
        round(random.uniform(1.5, 3.5) * pen.MM),
        cv2.LINE_AA,
    )
    patches = cv2.resize(
        random.random((14, 14)).astype(np.float32), (size, size), interpolation=cv2.INTER_CUBIC
    )
    worn = (cv2.GaussianBlur(mask, (0, 0), 4) * np.clip(patches * 1.5, 0.2, 1)).astype(np.uint8)
    pen.stamp_mask(sheet, worn, centre, int(random.integers(130, 190)))

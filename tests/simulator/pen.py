"""What people put on printed paper by hand: ticks, crosses, fills, strike-outs, signatures, fingerprints.

Draws into a grey picture of a sheet at DPI dots per inch.  Everything random comes from the generator given.
Test material only: what reads scans never imports this package.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Grey = NDArray[np.uint8]
Point = tuple[float, float]
Random = np.random.Generator

DPI = 300
MM = DPI / 25.4
_SHIFT = 4


@dataclass(frozen=True, slots=True)
class Ink:
    """A pen: grey value of its line (0 black) and width in millimetres."""

    grey: int
    width_mm: float


@dataclass(frozen=True, slots=True)
class Box:
    """A place in millimetres."""

    x: float
    y: float
    w: float
    h: float


def any_pen(random: Random) -> Ink:
    """A black gel pen, a blue ball pen, a marker, or a faint ball pen."""
    kind = random.choice(4, p=[0.5, 0.36, 0.06, 0.08])
    grey, width = [
        ((20, 60), (0.4, 0.6)),
        ((60, 110), (0.3, 0.5)),
        ((20, 50), (0.8, 1.2)),
        ((90, 140), (0.3, 0.4)),
    ][kind]
    return Ink(int(random.integers(*grey)), float(random.uniform(*width)))


def stroke(sheet: Grey, points: Sequence[Point], ink: Ink) -> None:
    """A line through points in millimetres, as dark as the ink where it is darker than what lies there."""
    path = np.array(points) * MM
    reach = ink.width_mm * MM + 3
    left, top = np.floor(path.min(axis=0) - reach).astype(int).clip(0)
    right, bottom = np.ceil(path.max(axis=0) + reach).astype(int)
    part = sheet[top:bottom, left:right]
    if not part.size:
        return
    mask = np.zeros(part.shape, np.uint8)
    fixed = np.round((path - (left, top)) * 2**_SHIFT).astype(np.int32)
    thickness = max(1, round(ink.width_mm * MM))
    cv2.polylines(
        mask, [fixed], isClosed=False, color=255, thickness=thickness, lineType=cv2.LINE_AA, shift=_SHIFT
    )
    lay(part, mask, ink.grey)


def lay(part: Grey, mask: Grey, grey: int) -> None:
    """Put ink of one grey where ``mask`` (0–255) says; ink only darkens."""
    inked = 255 - mask.astype(np.float32) * ((255 - grey) / 255)
    np.minimum(part, inked.astype(np.uint8), out=part)


def curve(points: Sequence[Point], random: Random, wobble: float) -> list[Point]:
    """The points as a hand would join them: smoothed, each shaken by ``wobble`` millimetres."""
    shaken = np.array(points) + random.normal(0, wobble, (len(points), 2))
    steps = np.linspace(0, len(points) - 1, 12 * len(points))
    low = np.clip(steps.astype(int), 0, len(points) - 2)
    part = (steps - low)[:, None]
    smooth = shaken[low] * (1 - part) + shaken[low + 1] * part
    kernel = np.ones(7) / 7
    padded = np.pad(smooth, ((3, 3), (0, 0)), mode="edge")
    ends = np.stack([np.convolve(padded[:, axis], kernel, mode="valid") for axis in (0, 1)], axis=1)
    return [(float(x), float(y)) for x, y in ends]


def tick(sheet: Grey, box: Box, random: Random, ink: Ink) -> None:
    """A √ through the box, small or sweeping out to the upper right."""
    size = box.w * random.uniform(0.8, 1.5)
    x, y = box.x + box.w * random.uniform(0.3, 0.55), box.y + box.h * random.uniform(0.65, 0.95)
    start = (x - size * random.uniform(0.2, 0.45), y - size * random.uniform(0.25, 0.5))
    end = (x + size * random.uniform(0.5, 1.0), y - size * random.uniform(0.7, 1.15))
    corner = [start, (x, y), end]
    stroke(
        sheet, curve([start, _between(start, (x, y)), (x, y), _between((x, y), end), end], random, 0.08), ink
    )
    if random.random() < 0.5:
        stroke(sheet, corner, ink)


def cross(sheet: Grey, box: Box, random: Random, ink: Ink) -> None:
    """Two strokes from corner to corner, about as large as the box."""
    reach = box.w * random.uniform(0.38, 0.68)
    x, y = box.x + box.w / 2 + random.normal(0, 0.25), box.y + box.h / 2 + random.normal(0, 0.25)
    turn = random.normal(0, 0.15)
    for angle in (math.pi / 4 + turn, 3 * math.pi / 4 + turn):
        dx, dy = reach * math.cos(angle), reach * math.sin(angle)
        stroke(sheet, curve([(x - dx, y - dy), (x, y), (x + dx, y + dy)], random, 0.1), ink)


def fill(sheet: Grey, box: Box, random: Random, ink: Ink) -> None:
    """The box hatched to and fro until most of it is dark."""
    lines = int(random.integers(5, 9))
    path: list[Point] = []
    for index in range(lines):
        y = box.y + box.h * (0.12 + 0.76 * index / (lines - 1))
        ends = (box.x + box.w * random.uniform(0.05, 0.2), box.x + box.w * random.uniform(0.8, 0.98))
        path += [(ends[index % 2], y), (ends[1 - index % 2], y + 0.1)]
    stroke(sheet, curve(path, random, 0.06), Ink(ink.grey, max(ink.width_mm, 0.45)))


def strike_out(sheet: Grey, box: Box, random: Random, ink: Ink, room_mm: float = 10.0) -> None:
    """Two long level lines through box and label, no longer than ``room_mm``: it does not count."""
    length = max(1.8, min(random.uniform(5.5, 10), room_mm))
    slope = random.normal(0, 0.03)
    for part in (random.uniform(0.3, 0.42), random.uniform(0.6, 0.72)):
        y = box.y + box.h * part
        left, right = box.x - random.uniform(1.8, 3.0), box.x + box.w + length
        stroke(sheet, curve([(left, y), (box.x, y), (right, y + slope * length)], random, 0.1), ink)


def graze(sheet: Grey, box: Box, random: Random, ink: Ink) -> None:
    """A stroke of somebody's handwriting that only touches a corner of the box on its way."""
    corner_x, side = [(box.x, -1), (box.x + box.w, 1)][int(random.integers(2))]
    corner_y, down = [(box.y, -1), (box.y + box.h, 1)][int(random.integers(2))]
    inside = random.uniform(0.0, 0.35)
    x, y = corner_x - side * inside, corner_y - down * inside
    reach = random.uniform(2, 6)
    ends = [(x - side * reach, y + down * reach), (x, y), (x + side * reach, y - down * reach)]
    stroke(sheet, curve(ends, random, 0.05), ink)


def signature(sheet: Grey, room: Box, random: Random, ink: Ink) -> None:
    """Two or three scribbled characters in the room above the line, of any usual size."""
    height = min(room.h * random.uniform(0.4, 0.85), 11)
    count = int(random.integers(2, 4))
    x = room.x + room.w * random.uniform(0.02, 0.3)
    base = room.y + room.h * random.uniform(0.75, 0.92)
    for _ in range(count):
        width = height * random.uniform(0.6, 0.95)
        for _ in range(int(random.integers(3, 6))):
            points = [
                (x + random.uniform(0, width), base - random.uniform(0, height))
                for _ in range(int(random.integers(2, 5)))
            ]
            stroke(sheet, curve(points, random, 0.2), ink)
        x += width * random.uniform(0.9, 1.15)


def fingerprint(sheet: Grey, room: Box, random: Random) -> None:
    """An inked finger: an oval of ridges, grey and patchy."""
    wide, high = random.uniform(11, 15) * MM, random.uniform(14, 19) * MM
    size = math.ceil(high) + 4
    rows, cols = np.mgrid[0:size, 0:size].astype(np.float32)
    centre = size / 2
    dx, dy = (cols - centre) / (wide / 2), (rows - centre) / (high / 2)
    inside = (dx**2 + dy**2) < 1
    swirl = np.hypot(cols - centre + 6 * np.sin(rows / 17), (rows - centre) * 0.8) + 5 * np.sin(cols / 23)
    ridges = (np.sin(swirl * 2 * np.pi / (0.5 * MM)) > -0.1) & inside
    patches = cv2.resize(
        random.random((9, 9)).astype(np.float32), (size, size), interpolation=cv2.INTER_CUBIC
    )
    mask = (ridges * np.clip(patches * 1.6, 0.25, 1) * 255).astype(np.uint8)
    x = room.x + room.w * random.uniform(0.3, 0.7)
    y = room.y + room.h * random.uniform(0.3, 0.6)
    stamp_mask(sheet, mask, (x, y), int(random.integers(70, 150)))


def seal(sheet: Grey, centre: Point, random: Random, radius_mm: float = 20.0) -> None:
    """A round red office seal: two rings, a star, characters as blocks; red is a middle grey."""
    size = round(2 * radius_mm * MM) + 8
    mask = np.zeros((size, size), np.uint8)
    middle = size // 2
    cv2.circle(mask, (middle, middle), round(radius_mm * MM) - 2, 255, round(1.0 * MM), cv2.LINE_AA)
    star = [
        (middle + length * math.sin(step * math.pi / 5), middle - length * math.cos(step * math.pi / 5))
        for step in range(10)
        for length in [radius_mm * MM * (0.3 if step % 2 == 0 else 0.12)]
    ]
    cv2.fillPoly(mask, [np.array(star).astype(np.int32)], 255, cv2.LINE_AA)
    for step in range(12):
        angle = math.pi * (0.9 + 1.2 * step / 11)
        x = middle + math.cos(angle) * radius_mm * MM * 0.72
        y = middle + math.sin(angle) * radius_mm * MM * 0.72
        for bar in range(3):
            half = round(1.5 * MM)
            level = round(y + (bar - 1) * 1.2 * MM)
            cv2.line(
                mask, (round(x) - half, level), (round(x) + half, level), 255, round(0.4 * MM), cv2.LINE_AA
            )
    patches = cv2.resize(
        random.random((12, 12)).astype(np.float32), (size, size), interpolation=cv2.INTER_CUBIC
    )
    worn = (mask * np.clip(patches * 1.8, 0.3, 1)).astype(np.uint8)
    turn = cv2.getRotationMatrix2D((middle, middle), float(random.uniform(-20, 20)), 1)
    stamp_mask(
        sheet,
        np.asarray(cv2.warpAffine(worn, turn, (size, size)), np.uint8),
        centre,
        int(random.integers(85, 150)),
    )


def date_stamp(sheet: Grey, centre: Point, random: Random) -> None:
    """A rectangular 收讫 stamp with a frame and a row of block characters."""
    width, height = round(34 * MM), round(13 * MM)
    mask = np.zeros((height + 60, width + 60), np.uint8)
    cv2.rectangle(mask, (30, 30), (30 + width, 30 + height), 255, round(0.7 * MM), cv2.LINE_AA)
    for index in range(6):
        x = 30 + round((3 + index * 5) * MM)
        for bar in range(4):
            y = 30 + round((3 + bar * 2.2) * MM)
            cv2.line(
                mask,
                (x, y),
                (x + round(3.4 * MM), y + int(random.integers(-12, 12))),
                255,
                round(0.5 * MM),
                cv2.LINE_AA,
            )
        cv2.line(
            mask,
            (x + 18, 30 + round(2.5 * MM)),
            (x + 18, 30 + round(10.5 * MM)),
            255,
            round(0.5 * MM),
            cv2.LINE_AA,
        )
    size = (mask.shape[1], mask.shape[0])
    turn = cv2.getRotationMatrix2D((size[0] / 2, size[1] / 2), float(random.uniform(-15, 15)), 1)
    stamp_mask(
        sheet, np.asarray(cv2.warpAffine(mask, turn, size), np.uint8), centre, int(random.integers(85, 140))
    )


def stamp_mask(sheet: Grey, mask: Grey, centre_mm: Point, grey: int) -> None:
    """Lay a mask with its middle at a place of the sheet, as far as it is on the sheet."""
    high, wide = mask.shape
    left, top = round(centre_mm[0] * MM - wide / 2), round(centre_mm[1] * MM - high / 2)
    x0, y0 = max(left, 0), max(top, 0)
    x1, y1 = min(left + wide, sheet.shape[1]), min(top + high, sheet.shape[0])
    if x1 > x0 and y1 > y0:
        lay(sheet[y0:y1, x0:x1], mask[y0 - top : y1 - top, x0 - left : x1 - left], grey)


def _between(a: Point, b: Point) -> Point:
    return (a[0] + b[0]) / 2, (a[1] + b[1]) / 2

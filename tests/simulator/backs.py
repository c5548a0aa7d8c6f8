"""Backs of sheets: pencil notes on some, nothing on others, with all that paper and scanners add.

Drawn at the fineness of the scan itself, so that a stroke of two dots is a stroke of two dots.  Every back is
made from its seed alone.  Test material only: what reads scans never imports this package.
"""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tests.simulator.pen import Grey, Point, Random, curve

Tone = NDArray[np.float32]
Mode = Literal["grey", "colour", "bw"]


@dataclass(frozen=True, slots=True)
class Back:
    """One scanned back and what is true of it."""

    data: bytes = field(repr=False)
    media_type: str
    width: int
    height: int
    dpi: int
    written: bool
    about: tuple[str, ...]
    """What was laid on it, in words, for the message of a test that fails."""


@dataclass(frozen=True, slots=True)
class Scanner:
    """How one back goes through the glass."""

    dpi: int
    mode: Mode
    quality: int
    noise: float
    blur: float
    """Standard deviation of the optics in dots."""
    paper: tuple[int, int, int]


def pencil_back(seed: int) -> Back:
    """A back with something written in pencil, at least 20 levels under the paper, 2 dots broad."""
    random = np.random.default_rng(900_000 + seed)
    scanner = _scanner(random, ("grey", "colour"))
    sheet, about = _sheet(scanner, random)
    if random.random() < 0.3:
        about.append(_ghost(sheet, scanner, random, most=18.0))
    if random.random() < 0.15:
        about.append(_holes(sheet, scanner, random))
    if random.random() < 0.15:
        about.append(_dust(sheet, scanner, random))
    about.append(_note(sheet, scanner, random))
    return _scanned(sheet, scanner, random, about, written=True)


def blank_back(seed: int) -> Back:
    """A back with nothing written: ghosts of the front, holes, dust, folds, lines of the feeder."""
    random = np.random.default_rng(800_000 + seed)
    scanner = _scanner(random, ("grey", "colour", "bw"))
    sheet, about = _sheet(scanner, random)
    things = [(0.55, _ghost), (0.3, _holes), (0.35, _dust), (0.25, _fold), (0.2, _feeder), (0.12, _shadow)]
    for chance, thing in things:
        if random.random() < chance:
            about.append(thing(sheet, scanner, random))
    return _scanned(sheet, scanner, random, about, written=False)


def _scanner(random: Random, modes: Sequence[Mode]) -> Scanner:
    mode = modes[int(random.choice(len(modes), p=[0.6, 0.4] if len(modes) == 2 else [0.5, 0.35, 0.15]))]
    dpi = int(random.choice([150, 200, 200, 300, 300, 300, 400]))
    white = int(random.integers(205, 252))
    cast = random.integers(0, 14, 3)
    if mode == "colour" and random.random() < 0.35:  # yellow, pink, green, blue office paper
        cast = np.array([(0, 10, 60), (0, 45, 30), (35, 0, 40), (45, 15, 0)][int(random.integers(4))])
    paper = tuple(int(max(140, white - part)) for part in cast)
    return Scanner(
        dpi, mode, int(random.integers(40, 96)), float(random.uniform(0.5, 6.0)),
        float(random.uniform(0.4, 0.9)), paper,  # type: ignore[arg-type]
    )  # fmt: skip


def _sheet(scanner: Scanner, random: Random) -> tuple[Tone, list[str]]:
    """Levels under the paper: an empty sheet with its grain, its clouds and uneven light."""
    high, wide = round(297 / 25.4 * scanner.dpi), round(210 / 25.4 * scanner.dpi)
    sheet = np.zeros((high, wide), np.float32)
    clouds = random.normal(0, 1, (high // 40 + 1, wide // 40 + 1)).astype(np.float32)
    sheet += cv2.resize(clouds, (wide, high), interpolation=cv2.INTER_CUBIC) * random.uniform(0, 1.2)
    light = random.uniform(0, 8, (3, 3)).astype(np.float32)
    sheet += cv2.resize(light, (wide, high), interpolation=cv2.INTER_LINEAR)
    about = [f"{scanner.mode} {scanner.dpi} dpi, quality {scanner.quality}, noise {scanner.noise:.1f}"]
    return sheet, about


def _mm(scanner: Scanner) -> float:
    return scanner.dpi / 25.4


# --- what is written --------------------------------------------------------------------------------------


def _note(sheet: Tone, scanner: Scanner, random: Random) -> str:
    """Some characters, a line of them, a list, a drawing or a single number."""
    mm = _mm(scanner)
    levels = float(random.uniform(20, 60) if random.random() < 0.6 else random.uniform(20, 26))
    breadth = int(random.choice([2, 2, 3, max(2, round(0.4 * mm)), max(2, round(0.6 * mm))]))
    high, wide = sheet.shape
    mask = np.zeros(sheet.shape, np.uint8)
    size = float(random.uniform(4, 9))
    lines, count = [(1, 2), (1, 6), (3, 8), (8, 14), (1, 1)][int(random.choice(5))]
    x0 = float(random.uniform(20, 190 - min(count * size, 140)))
    y0 = float(random.uniform(20, 270 - lines * size * 1.5))
    for line in range(lines):
        for place in range(count):
            at = (x0 + place * size * 1.1, y0 + line * size * 1.5)
            for stroke in _character(at, size, random):
                points = (np.array(stroke) * mm * 16).round().astype(np.int32)
                cv2.polylines(mask, [points], False, 255, breadth, cv2.LINE_AA, 4)
    depth = mask.astype(np.float32) * (levels / 255)
    if breadth > 3 and random.random() < 0.6:  # graphite lies on the hills of the paper
        grain = random.normal(0, 1, (high // 2 + 1, wide // 2 + 1)).astype(np.float32)
        depth *= 1 + 0.25 * np.abs(cv2.resize(grain, (wide, high)))
    sheet += depth
    return f"pencil {levels:.0f} levels, {breadth} dots, {lines} × {count} of {size:.0f} mm"


def _character(at: Point, size: float, random: Random) -> list[list[Point]]:
    """Two to six strokes in a square."""
    made = []
    for _ in range(int(random.integers(2, 7))):
        points = [
            (at[0] + float(random.uniform(0, size)), at[1] + float(random.uniform(0, size)))
            for _ in range(int(random.integers(2, 4)))
        ]
        made.append(curve(points, random, 0.08))
    return made


# --- what is not written ----------------------------------------------------------------------------------


def _ghost(sheet: Tone, scanner: Scanner, random: Random, most: float = 25.0) -> str:
    """Print of the front through the sheet: mirrored, spread by the fibres, up to ``most`` levels."""
    mm = _mm(scanner)
    print_ = np.zeros(sheet.shape, np.float32)
    size = float(random.uniform(3.2, 6.0))
    y = 20.0
    while y < 275:
        length = float(random.uniform(0.2, 1.0))
        x = 20.0
        while x < 20 + 165 * length:
            _glyph(print_, (x, y), size * 0.85, mm, random)
            x += size
        y += size * float(random.uniform(1.4, 2.2))
    for _ in range(int(random.integers(0, 8))):  # frames of a table
        level = round(random.uniform(20, 275) * mm)
        cv2.line(print_, (round(20 * mm), level), (round(190 * mm), level), 1.0, max(1, round(0.25 * mm)))
    if random.random() < 0.5:  # a code
        modules = random.integers(0, 2, (29, 29)).astype(np.float32)
        side = round(16 * mm)
        place = print_[round(10 * mm) : round(10 * mm) + side, round(178 * mm) : round(178 * mm) + side]
        place[...] = cv2.resize(modules, (side, side), interpolation=cv2.INTER_NEAREST)
    spread = float(random.uniform(0.16, 0.5))
    soft = cv2.GaussianBlur(cv2.flip(print_, 1), (0, 0), spread * mm)
    levels = float(random.uniform(5, most))
    sheet += soft * (levels / max(float(soft.max()), 0.01))
    return f"ghost {levels:.0f} levels, spread {spread:.2f} mm"


def _glyph(print_: Tone, at: Point, size: float, mm: float, random: Random) -> None:
    breadth = max(1, round(random.uniform(0.25, 0.5) * mm))
    for _ in range(int(random.integers(3, 7))):
        a = (at[0] + float(random.uniform(0, size)), at[1] + float(random.uniform(0, size)))
        along = float(random.uniform(0.3, 1)) * size
        b = (min(a[0] + along, at[0] + size), a[1]) if random.random() < 0.5 else (a[0], a[1] + along / 2)
        cv2.line(
            print_, (round(a[0] * mm), round(a[1] * mm)), (round(b[0] * mm), round(b[1] * mm)), 1.0, breadth
        )


def _holes(sheet: Tone, scanner: Scanner, random: Random) -> str:
    """Two or four holes of a punch, the lid dark or light behind them, with a shadow at the rim."""
    mm = _mm(scanner)
    x, depth = float(random.uniform(8, 14)), float(random.choice([15, 40, 120, 200]))
    if random.random() < 0.5:
        x = 210 - x
    count = int(random.choice([2, 2, 4]))
    for place in range(count):
        y = 297 / 2 + (place - (count - 1) / 2) * 80
        centre, radius = (round(x * mm), round(y * mm)), round(random.uniform(2.5, 3.2) * mm)
        cv2.circle(sheet, centre, radius, depth, -1, cv2.LINE_AA)
        if depth < 50:
            cv2.circle(sheet, centre, radius, 60.0, max(1, round(0.2 * mm)), cv2.LINE_AA)
    return f"{count} holes, {depth:.0f} levels"


def _dust(sheet: Tone, scanner: Scanner, random: Random) -> str:
    """Specks of any darkness, up to half a millimetre."""
    mm, count = _mm(scanner), int(random.integers(3, 60))
    high, wide = sheet.shape
    for _ in range(count):
        centre = (int(random.integers(0, wide)), int(random.integers(0, high)))
        radius = max(0, round(random.uniform(0.04, 0.25) * mm))
        cv2.circle(sheet, centre, radius, float(random.uniform(15, 130)), -1, cv2.LINE_AA)
    return f"{count} specks"


def _fold(sheet: Tone, scanner: Scanner, random: Random) -> str:
    """Folds across the sheet, nearly along its sides: a dark line, often with a light one beside it."""
    mm = _mm(scanner)
    high, wide = sheet.shape
    told = []
    for _ in range(int(random.integers(1, 3))):
        level = bool(random.random() < 0.7)
        part, lean = float(random.uniform(0.2, 0.8)), math.tan(math.radians(float(random.normal(0, 0.8))))
        length = wide if level else high
        offset = (high if level else wide) * part
        a, b = offset - lean * length / 2, offset + lean * length / 2
        line = np.zeros_like(sheet)
        ends = ((0, round(a)), (wide, round(b))) if level else ((round(a), 0), (round(b), high))
        cv2.line(line, *ends, 1.0, max(1, round(random.uniform(0.2, 0.8) * mm)), cv2.LINE_AA)
        line = cv2.GaussianBlur(line, (0, 0), float(random.uniform(0.05, 0.4)) * mm)
        depth = float(random.uniform(5, 30))
        sheet += line * (depth / max(float(line.max()), 0.01))
        if random.random() < 0.5:
            sheet -= np.roll(line, round(0.7 * mm), axis=0 if level else 1) * depth * 0.5
        told.append(f"fold {depth:.0f} levels")
    return ", ".join(told)


def _feeder(sheet: Tone, scanner: Scanner, random: Random) -> str:
    """Lines along the whole picture: dirt on the strip of glass the sheet is drawn over."""
    _, wide = sheet.shape
    count = int(random.integers(1, 4))
    for _ in range(count):
        x, breadth = int(random.integers(0, wide - 4)), int(random.integers(1, 4))
        sheet[:, x : x + breadth] += float(random.uniform(8, 90))
    return f"{count} lines of the feeder"


def _shadow(sheet: Tone, scanner: Scanner, random: Random) -> str:
    """A dark edge where the sheet did not lie on the glass."""
    band = np.linspace(float(random.uniform(20, 150)), 0, round(random.uniform(1, 5) * _mm(scanner)))
    sheet[:, : len(band)] += band.astype(np.float32)
    return "shadow at the edge"


# --- the glass --------------------------------------------------------------------------------------------


def _scanned(sheet: Tone, scanner: Scanner, random: Random, about: list[str], *, written: bool) -> Back:
    soft = cv2.GaussianBlur(sheet, (0, 0), scanner.blur)
    high, wide = soft.shape
    grain = random.standard_normal((high, wide), dtype=np.float32) * scanner.noise
    if random.random() < 0.5:
        grain = cv2.GaussianBlur(grain, (0, 0), 0.6) * 1.9
    if scanner.mode == "bw":
        level = min(scanner.paper) * float(random.uniform(0.5, 0.72))
        bits = min(scanner.paper) - soft + grain > level
        stream = io.BytesIO()
        Image.fromarray(bits).save(stream, "TIFF", compression="group4", dpi=(scanner.dpi, scanner.dpi))
        return Back(stream.getvalue(), "image/tiff", wide, high, scanner.dpi, written, tuple(about))
    if scanner.mode == "colour":
        blue, green, red = (part - soft * random.uniform(0.92, 1.0) + grain for part in scanner.paper[::-1])
        picture: Grey = np.clip(np.dstack([blue, green, red]), 0, 255).astype(np.uint8)
    else:
        picture = np.clip(scanner.paper[0] - soft + grain, 0, 255).astype(np.uint8)
    _, packed = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, scanner.quality])
    return Back(packed.tobytes(), "image/jpeg", wide, high, scanner.dpi, written, tuple(about))

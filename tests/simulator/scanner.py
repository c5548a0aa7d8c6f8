"""Printers, copiers, scanners and fax machines: a signed sheet goes in, the bytes of a scanned page come out.

Owns what happens to a sheet as a whole: printed at another scale, torn, punched, seen through, laid on the
glass crooked, sampled, made grey or black-and-white, compressed.  Lengths in millimetres.
"""

from __future__ import annotations

import io
import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Literal

import cv2
import numpy as np
from PIL import Image

from tests.simulator.pen import DPI, MM, Grey, Point, Random

Corner = Literal["upper right", "lower left"]
Mode = Literal["grey", "colour", "bw", "fax"]


@dataclass(frozen=True, slots=True)
class Device:
    """One passage through printer, glass and file."""

    mode: Mode = "grey"
    dpi: int = 300
    scale: float = 1.0
    """Of the print: 0.97 is “fit to page”."""
    stretch: float = 1.0
    """Of the transport, along the sheet only."""
    skew: float = 0.0
    """Degrees."""
    turn: int = 0
    """Quarter turns clockwise of the sheet on the glass."""
    shift: Point = (0.0, 0.0)
    blur_mm: float = 0.06
    black: int = 40
    white: int = 240
    noise: float = 4.0
    margin: float = 0.0
    """Glass seen around the sheet."""
    lid: int = 250
    """What the glass sees beside the sheet: a white lid or a dark one."""
    edge: float = 0.0
    """Width of dark bands, where the sheet did not reach ..."""
    edges: tuple[int, ...] = ()
    """... along these sides of the picture: 0 top, 1 bottom, 2 left, 3 right."""
    shadow: bool = False
    """A dark band along one edge of the picture."""
    quality: int = 70


@dataclass(frozen=True, slots=True)
class Scan:
    """A page as it lies in a file."""

    data: bytes
    media_type: str
    width: int
    height: int
    dpi: tuple[float, float]


def scan(sheet: Grey, device: Device, random: Random) -> Scan:
    """Print and scan one sheet."""
    dpi = (204.0, 196.0) if device.mode == "fax" else (float(device.dpi), float(device.dpi))
    grey = _through_glass(sheet, device, dpi)
    toned = _toned(grey, device, random)
    if device.mode in ("bw", "fax"):
        return _two_tone(toned, device, dpi, random)
    return _jpeg(toned, device, dpi, random)


def glass_matrix(device: Device, dpi: tuple[float, float], sheet_mm: Point = (210.0, 297.0)) -> np.ndarray:
    """2 × 3: millimetres on the sheet as designed → dots of the scan: the truth of registration."""
    wide, high = sheet_mm
    glass = glass_size(device, sheet_mm)
    angle = math.radians(device.skew + 90 * device.turn)
    spin = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    size = np.diag([device.scale, device.scale * device.stretch])
    linear = np.diag([dpi[0] / 25.4, dpi[1] / 25.4]) @ spin @ size
    middle = np.array([glass[0] / 2 + device.shift[0], glass[1] / 2 + device.shift[1]]) * np.array(dpi) / 25.4
    offset = middle - linear @ np.array([wide / 2, high / 2])
    return np.hstack([linear, offset[:, None]])


def glass_size(device: Device, sheet_mm: Point = (210.0, 297.0)) -> Point:
    """Width and height of what the glass sees."""
    wide, high = (sheet_mm[1], sheet_mm[0]) if device.turn % 2 else sheet_mm
    return wide + 2 * device.margin, high + 2 * device.margin


def _through_glass(sheet: Grey, device: Device, dpi: tuple[float, float]) -> np.ndarray:
    sheet_mm = (sheet.shape[1] / MM, sheet.shape[0] / MM)
    glass = glass_size(device, sheet_mm)
    size = (round(glass[0] * dpi[0] / 25.4), round(glass[1] * dpi[1] / 25.4))
    matrix = glass_matrix(device, dpi, sheet_mm)
    matrix[:, :2] /= MM
    spread = device.blur_mm * MM
    soft = cv2.GaussianBlur(sheet, (0, 0), max(spread, 0.3, 0.45 * DPI / min(dpi)))
    # The sheet itself is not smaller when the print on it is: beside the print there is paper, then the lid.
    lid = 0.0 if device.margin and device.lid < 120 else 255.0
    return cv2.warpAffine(soft, matrix, size, flags=cv2.INTER_LINEAR, borderValue=(lid,))


def _toned(grey: np.ndarray, device: Device, random: Random) -> np.ndarray:
    """Toner and paper tones, uneven light, grain, lid and shadow at the edges."""
    high, wide = grey.shape
    tone = device.black + np.arange(256, dtype=np.float32) * ((device.white - device.black) / 255)
    light = cv2.resize(1 + random.uniform(-0.02, 0.02, (3, 3)).astype(np.float32), (wide, high))
    out = cv2.LUT(grey, tone)
    out *= light
    grain = _grain(high, wide, random)
    grain *= device.noise
    out += grain
    if device.edge:
        edge = max(1, round(device.edge * device.dpi / 25.4))
        for side in device.edges:
            (out[:edge], out[-edge:], out[:, :edge], out[:, -edge:])[side][...] = device.lid
    if device.shadow:
        band = np.linspace(-90, 0, max(2, round(5 * device.dpi / 25.4)), dtype=np.float32)
        out[:, : len(band)] += band
    return np.clip(out, 0, 255, out=out).astype(np.uint8)


@cache
def _grains() -> np.ndarray:
    return np.random.default_rng(20261122).standard_normal((2600, 2600), dtype=np.float32)


def _grain(high: int, wide: int, random: Random) -> np.ndarray:
    """Noise from one large field, shifted anew for each scan: drawing it anew takes half a second."""
    y, x = (int(at) for at in random.integers(0, 2600, 2))
    field = np.empty((high, wide), np.float32)
    for top, rows in _runs(y, high):
        for left, cols in _runs(x, wide):
            part = _grains()[rows, cols]
            field[top : top + part.shape[0], left : left + part.shape[1]] = part
    return field


def _runs(start: int, length: int) -> Iterator[tuple[int, slice]]:
    """A line through the field, begun anew where it ends: each run and where it is put."""
    done = 0
    while done < length:
        at = (start + done) % 2600
        run = min(2600 - at, length - done)
        yield done, slice(at, at + run)
        done += run


def _jpeg(grey: np.ndarray, device: Device, dpi: tuple[float, float], random: Random) -> Scan:
    picture = grey
    if device.mode == "colour":
        cast = 1 - random.uniform(0, 0.04, 3).astype(np.float32)
        picture = np.stack([cv2.convertScaleAbs(grey, alpha=float(part)) for part in cast], axis=2)
    ok, packed = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, device.quality])
    assert ok
    return Scan(packed.tobytes(), "image/jpeg", grey.shape[1], grey.shape[0], dpi)


def _two_tone(grey: np.ndarray, device: Device, dpi: tuple[float, float], random: Random) -> Scan:
    level = device.black + (device.white - device.black) * random.uniform(0.58, 0.72)
    bits = grey > level
    if device.mode == "fax":
        bits = _on_the_line(bits, random)
    image = Image.fromarray(bits)
    stream = io.BytesIO()
    image.save(stream, "TIFF", compression="group4", dpi=dpi)
    return Scan(stream.getvalue(), "image/tiff", bits.shape[1], bits.shape[0], dpi)


def _on_the_line(bits: np.ndarray, random: Random) -> np.ndarray:
    """Fax noise: specks, and lines lost that are shown as the line before."""
    high, wide = bits.shape
    specks = _grain(high, wide, random)
    bits = np.where(specks > 3.0, ~bits, bits)
    for row in random.integers(1, high, int(random.integers(0, 6))):
        bits[row] = bits[row - 1]
    return bits


def torn(sheet: Grey, corner: Corner, random: Random) -> None:
    """Tear a corner off, far enough in to take the code with it."""
    high, wide = sheet.shape
    across, down = (random.uniform(55, 75) * MM for _ in range(2))
    jag = [(part, random.uniform(-2, 2) * MM) for part in np.linspace(0, 1, 9)]
    if corner == "upper right":
        edge = [(wide - across * (1 - part) + bend, down * part + bend) for part, bend in jag]
        points = [*edge, (wide, 0)]
    else:
        edge = [(across * part + bend, high - down * (1 - part) + bend) for part, bend in jag]
        points = [*edge, (0, high)]
    cv2.fillPoly(sheet, [np.array(points).astype(np.int32)], (255,))


def punched(sheet: Grey, random: Random, lid: int) -> None:
    """Two holes for the binder along the left edge, through which the lid is seen."""
    high = sheet.shape[0]
    x = round(random.uniform(10, 13) * MM)
    for offset in (-40, 40):
        cv2.circle(sheet, (x, round(high / 2 + offset * MM)), round(3 * MM), (lid,), -1, cv2.LINE_AA)


def seen_through(sheet: Grey, back: Grey, strength: float) -> Grey:
    """The print of the back side, mirrored and faint."""
    mirrored = cv2.GaussianBlur(cv2.flip(back, 1), (0, 0), 4)
    faint = 255 - (255 - mirrored.astype(np.float32)) * strength
    return np.minimum(sheet, faint[: sheet.shape[0], : sheet.shape[1]].astype(np.uint8))

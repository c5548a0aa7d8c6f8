"""A printer and a scanner made of arithmetic: a page goes in, what an office scanner would give comes out.

Test material only: the parameters are never imported by what reads scans, which must not know them.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Grey = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class PrintScan:
    """One passage through printer, glass and file; lengths in dots at the resolution of the picture."""

    scale: float = 0.97
    """Printers shrink a page to what they can reach."""
    degrees: float = 2.0
    shift: tuple[float, float] = (6.0, -9.0)
    blur: float = 1.6
    noise: float = 9.0
    black: int = 45
    white: int = 238
    jpeg_quality: int = 50

    def apply(self, page: Grey, seed: int = 1) -> Grey:
        """Print and scan one grey page; equal seeds give equal scans."""
        turned = _turned(page, self.scale, self.degrees, self.shift)
        inked = self.black + turned.astype(np.float32) * ((self.white - self.black) / 255)
        blurred = cv2.GaussianBlur(inked, (0, 0), self.blur) if self.blur else inked
        noise = np.random.default_rng(seed).normal(0, self.noise, blurred.shape)
        grey = np.clip(blurred + noise, 0, 255).astype(np.uint8)
        return _through_jpeg(grey, self.jpeg_quality)


def _turned(page: Grey, scale: float, degrees: float, shift: tuple[float, float]) -> Grey:
    height, width = page.shape
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, scale)
    matrix[:, 2] += np.array(shift)
    return np.asarray(
        cv2.warpAffine(page, matrix, (width, height), flags=cv2.INTER_AREA, borderValue=(255.0,)), np.uint8
    )


def _through_jpeg(grey: Grey, quality: int) -> Grey:
    _, packed = cv2.imencode(".jpg", grey, [cv2.IMWRITE_JPEG_QUALITY, quality])
    unpacked = cv2.imdecode(packed, cv2.IMREAD_GRAYSCALE)
    assert unpacked is not None
    return np.asarray(unpacked, np.uint8)


def at_half(grey: Grey) -> Grey:
    """Scale a 300 dpi picture to 150 dpi, as fast readers do."""
    height, width = grey.shape
    return np.asarray(cv2.resize(grey, (width // 2, height // 2), interpolation=cv2.INTER_AREA), np.uint8)

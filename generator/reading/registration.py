"""Where a place of the page map lies on a scan: millimetres of the sheet → dots of the picture.

Owns the map and how it is found: on both codes; on one code and the print when the other is lost.  One code
alone is off by one to three millimetres at the far corner, so alone it is never enough.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from generator.identity.page_map import PageMapEntry
from generator.reading.codes import Corner, PageReading, SeenCode
from generator.reading.page_image import PageImage

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from generator.reading.page_image import Grey

    Array = NDArray[np.float64]

Matrix = tuple[tuple[float, float, float], tuple[float, float, float]]
Basis = Literal["both codes", "one code and print"]
A4 = (210.0, 297.0)

MAX_RESIDUAL_MM = 0.5
"""Beyond, the sheet is bent, or what was taken for its marks is something else."""
_UNEVEN = 1.04
_EVEN = 0.002
"""How much length and breadth of a sheet usually come out apart; a prior, outweighed by clear marks."""


@dataclass(frozen=True, slots=True)
class Registration:
    """The map of one page; ``matrix`` is 2 × 3, (x mm, y mm, 1) of the sheet as designed → dots."""

    matrix: Matrix
    basis: Basis
    residual_mm: float
    """Greatest distance of a mark from where the map puts it."""

    @property
    def dots_per_mm(self) -> float:
        """Dots for one millimetre of the design, whatever the print was scaled by."""
        (a, b, _), (c, d, _) = self.matrix
        return math.sqrt(abs(a * d - b * c))

    def dots(self, x_mm: float, y_mm: float) -> tuple[float, float]:
        """The place in the full picture."""
        (a, b, e), (c, d, f) = self.matrix
        return a * x_mm + b * y_mm + e, c * x_mm + d * y_mm + f

    def cut(self, image: PageImage, box_mm: tuple[float, float, float, float], fineness: float) -> Grey:
        """The upright cut-out (x, y, width, height in millimetres) at ``fineness`` dots a millimetre.

        What lies beside the picture is white.
        """
        import cv2
        import numpy as np

        picture, shrink = image.full, 1.0
        if self.dots_per_mm > 1.6 * fineness:
            picture, shrink = image.half, 0.5
        x, y, width, height = box_mm
        matrix = np.array(self.matrix) * shrink
        linear = matrix[:, :2] / fineness
        # A dot's middle is half a dot from its edge, in both pictures.
        start = matrix @ (x, y, 1.0) + linear @ (0.5, 0.5) - 0.5
        size = (max(1, round(width * fineness)), max(1, round(height * fineness)))
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        whole = np.hstack([linear, start[:, None]])
        return np.asarray(cv2.warpAffine(picture, whole, size, flags=flags, borderValue=(255.0,)), np.uint8)


@dataclass(frozen=True, slots=True)
class Unregistered:
    """Why places cannot be looked at; a sentence for the person who looks instead."""

    reason: str


def register(
    image: PageImage,
    reading: PageReading,
    entries: Sequence[PageMapEntry] = (),
    *,
    expected: Grey | None = None,
    page_mm: tuple[float, float] = A4,
) -> Registration | Unregistered:
    """Find the map of a page with an identity.

    ``entries`` are the page's own from its page map; ``expected`` is the page as it was printed, at 150 dpi,
    upright: both only help where a code is lost, and then one of them must be there.
    """
    from generator.reading.landmarks import on_boxes, on_print
    from generator.reading.symbols import locate, marks_of

    if reading.identity is None:
        return Unregistered("没有可用的页码，不能定位。")
    if reading.identity.working_copy:
        return Unregistered("这是工作稿，没有页面位置表。")
    marks = [mark for seen in _one_each(reading.codes) for mark in marks_of(image, seen, page_mm)]
    other = []
    if reading.found == "one":
        other = locate(image, reading.codes[0], fit(marks, image.square_dpi), page_mm)
    if reading.found == "both" or other:
        found = _accepted([*marks, *other], image.square_dpi, "both codes")
        if isinstance(found, Registration) or reading.found == "both":
            return found
    more = on_print(image, marks, expected) if expected is not None else on_boxes(image, marks, entries)
    if not more:
        return Unregistered("只读到一个页码，又没有足够的印刷线条可以对准，不能定位。")
    return _accepted([*marks, *more], image.square_dpi, "one code and print")


@dataclass(frozen=True, slots=True)
class Landmark:
    """A point of the design (millimetres) seen at a place of the picture (dots)."""

    mm: tuple[float, float]
    dots: tuple[float, float]
    corner: Corner | None = None
    sigma_mm: float = 0.05


def fit(marks: Sequence[Landmark], dpi: tuple[float, float] | None) -> Matrix:
    """The affine map nearest to the marks that stretches a sheet no more than sheets are stretched.

    Needs two marks.  Works in glass millimetres (dots over ``dpi``), so fax dots may be longer than wide.
    """
    import numpy as np

    unit = np.array(dpi or (300.0, 300.0)) / 25.4
    rows, values = [], []
    for mark in marks:
        x, y = mark.mm
        u, v = np.array(mark.dots) / unit
        weight = 1 / mark.sigma_mm
        rows += [[x * weight, y * weight, weight, 0, 0, 0], [0, 0, 0, x * weight, y * weight, weight]]
        values += [u * weight, v * weight]
    stiff = 1 / _EVEN
    rows += [[stiff, 0, 0, 0, -stiff, 0], [0, stiff, 0, stiff, 0, 0]]
    # The prior has to weigh like marks over the breadth of a sheet, not like one point.
    values += [0.0, 0.0]
    found, *_ = np.linalg.lstsq(np.array(rows), np.array(values), rcond=None)
    matrix = found.reshape(2, 3) * unit[:, None]
    (a, b, e), (c, d, f) = matrix.tolist()
    return (a, b, e), (c, d, f)


def residual(matrix: Matrix, mark: Landmark) -> float:
    """Millimetres between where a mark is seen and where the map puts it."""
    (a, b, e), (c, d, f) = matrix
    x, y = mark.mm
    unit = math.sqrt(abs(a * d - b * c)) or 1.0
    return math.hypot(a * x + b * y + e - mark.dots[0], c * x + d * y + f - mark.dots[1]) / unit


def _accepted(
    marks: Sequence[Landmark], dpi: tuple[float, float] | None, basis: Basis
) -> Registration | Unregistered:
    matrix = fit(marks, dpi)
    worst = max(residual(matrix, mark) for mark in marks)
    if worst > MAX_RESIDUAL_MM or not _even(matrix, dpi):
        return Unregistered("页码和印刷线条的位置彼此不符（纸张弯折或两张重叠），不能定位。")
    return Registration(matrix, basis, round(worst, 3))


def _even(matrix: Matrix, dpi: tuple[float, float] | None) -> bool:
    """Whether length and breadth of the sheet came out nearly alike.

    Nothing is asked of the size itself: files lie about their resolution, and copiers enlarge.
    """
    import numpy as np

    linear = np.array(matrix)[:, :2] / np.array(dpi or (1.0, 1.0))[:, None]
    greatest, least = np.linalg.svd(linear, compute_uv=False)
    return bool(greatest < _UNEVEN * least)


def _one_each(codes: Sequence[SeenCode]) -> list[SeenCode]:
    return list({seen.corner: seen for seen in codes}.values())

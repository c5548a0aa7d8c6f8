"""What stands out of the paper of a scanned side, and how dark and how sharp it is.

Writing is sharp at its edges, however pale: pencil, a worn pen.  Print of the other side that shows through
is spread by the fibres of the paper: its edges are soft.  So every mark is measured for both.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from generator.reading.lines import without_lines
from generator.reading.page_image import PageImage

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from generator.reading.page_image import Grey

    Tone = NDArray[np.float32]
    Labels = NDArray[np.int32]

USUAL_MM = 210.0
"""Breadth taken for a page whose file does not say how fine its dots are."""
EDGE_MM = 6.0
"""Beside the sheet: shadows, the lid, the feeder."""
_FINE_PER_MM, _FINEST_PER_MM = 9.5, 19.0
"""From so many dots a millimetre on, marks are sought at half size; from the second, at a quarter."""
_SMOOTH, _SMOOTH_FINE = 0.7, 1.0
"""Standard deviations, in dots, of what takes the grain away."""
_LEAST_DEPTH, _LEAST_TOP = 5.0, 8.0
_DEPTH_NOISES, _TOP_NOISES = 2.5, 4.0
_LEAST_MM = 0.6
_REFINED, _LEAST_REFINED_MM = 300, 0.9
"""Marks measured again at full size, the sharpest and darkest first, and how long they are at least."""
PALE = 0.03
"""Dots of softness that a level of contrast outweighs: the darker, the softer a stroke may be."""
_REMNANT_MM = 1.6
_PAPER_MM = 4.0


class Pictures(NamedTuple):
    """A page at two sizes: ``coarse`` to seek in, ``fine``, ``scale`` times as large, to measure in."""

    coarse: Grey
    fine: Grey
    scale: int
    per_mm: float
    """Dots of the coarse picture in a millimetre."""


@dataclass(frozen=True, slots=True)
class Surface:
    """A side as levels under its paper."""

    pictures: Pictures
    paper: Tone
    """The paper's own level at each dot of the coarse picture."""
    depth: Tone
    """Levels under the paper, the grain smoothed."""
    labels: Labels
    """Number of the mark at each dot; 0 is paper."""
    bands: Grey
    """1 where lines across the sheet ran that were taken out."""


@dataclass(frozen=True, slots=True)
class Marks:
    """Marks of a side, one row each in every array."""

    label: Labels
    contrast: Tone
    """Levels under the paper where the mark is darkest."""
    softness: Tone
    """Standard deviation of its edges in dots: below about one and a half a line somebody drew."""
    length_mm: Tone
    """Longer side of its box, at half its darkness; of scattered dots as long as they would be in a row."""
    area_mm2: Tone
    """At half its darkness."""
    box: NDArray[np.int32]
    """Left, top, right, bottom in dots of the coarse picture, at half its darkness."""

    def where(self, keep: NDArray[np.bool_]) -> Marks:
        """The rows that are kept."""
        return Marks(
            self.label[keep], self.contrast[keep], self.softness[keep], self.length_mm[keep],
            self.area_mm2[keep], self.box[keep],
        )  # fmt: skip


def pictures_of(image: PageImage) -> Pictures:
    """The two sizes for a page.  Raises ScanUnusable for a stream that cannot be decoded."""
    import cv2
    import numpy as np

    full_per_mm = image.dots_per_mm or min(image.width, image.height) / USUAL_MM
    if full_per_mm < _FINE_PER_MM:
        return Pictures(image.full, image.full, 1, full_per_mm)
    if full_per_mm < _FINEST_PER_MM:
        return Pictures(image.half, image.full, 2, full_per_mm / 2)
    high, wide = (size // 2 for size in image.half.shape)
    quarter = cv2.resize(image.half[: 2 * high, : 2 * wide], (wide, high), interpolation=cv2.INTER_AREA)
    return Pictures(np.asarray(quarter, np.uint8), image.half, 2, full_per_mm / 4)


def find_marks(pictures: Pictures, above: float = _LEAST_DEPTH) -> tuple[Surface, Marks]:
    """Everything of more than half a millimetre that is darker than the paper around, the edges left out.

    ``above`` levels under the paper: a higher one takes a stroke out of the paler things it crosses.
    """
    import cv2
    import numpy as np

    grey, per_mm = pictures.coarse, pictures.per_mm
    soft = _smoothed(grey, _SMOOTH)
    paper = _paper(grey, per_mm)
    depth = paper - soft
    edge = min(round(EDGE_MM * per_mm), min(grey.shape) // 4)
    inner = (slice(edge, -edge or None, 3), slice(edge, -edge or None, 3))
    depth -= np.median(depth[inner])
    noise = 1.4826 * float(np.median(np.abs(depth[inner])))
    dark = np.asarray(depth > max(above, _DEPTH_NOISES * noise), np.uint8)
    mask, bands = without_lines(dark, np.asarray(depth, np.float32), per_mm)
    _, labels = cv2.connectedComponents(mask, connectivity=8)
    surface = Surface(pictures, paper, depth, np.asarray(labels, np.int32), bands)
    slope = _slope(soft)
    marks = _measured(surface, slope, float(np.median(slope[inner])) / 1.386, per_mm)
    marks = marks.where(
        (marks.contrast > max(_LEAST_TOP, _TOP_NOISES * noise))
        & (marks.length_mm > _LEAST_MM)
        & ~_beside_the_sheet(marks, grey.shape, edge)
        & ~in_bands(marks, bands, per_mm)
    )
    return surface, _refined(surface, marks) if pictures.scale > 1 else marks


def _beside_the_sheet(marks: Marks, shape: tuple[int, ...], edge: int) -> NDArray[np.bool_]:
    """Marks within the edge; one that touches the end of the picture may reach half as far again."""
    import numpy as np

    high, wide = shape
    left, top, right, bottom = marks.box.T
    beside = np.zeros(len(left), bool)
    for near, far in (
        (left, right),
        (top, bottom),
        (wide - 1 - right, wide - 1 - left),
        (high - 1 - bottom, high - 1 - top),
    ):
        beside = beside | (far < edge) | ((near <= 1) & (far < edge * 3 // 2))
    return beside


def in_bands(marks: Marks, bands: Grey, per_mm: float) -> NDArray[np.bool_]:
    """What is left of a line where something crosses it."""
    import numpy as np

    left, top, right, bottom = marks.box.T
    narrow = np.minimum(right - left, bottom - top) < _REMNANT_MM * per_mm
    within = [bands[y, x] > 0 for x in (left, right) for y in (top, bottom)]
    return np.asarray(narrow & np.logical_and.reduce(within), np.bool_)


def _smoothed(grey: Grey, spread: float) -> Tone:
    import cv2
    import numpy as np

    return np.asarray(cv2.GaussianBlur(grey.astype(np.float32), (0, 0), spread), np.float32)


def _paper(grey: Grey, per_mm: float) -> Tone:
    """The level of the paper: what most dots within some millimetres have."""
    import cv2
    import numpy as np

    step = max(1, round(per_mm / 2))
    high, wide = max(1, grey.shape[0] // step), max(1, grey.shape[1] // step)
    small = cv2.resize(grey, (wide, high), interpolation=cv2.INTER_AREA)
    reach = max(1, round(_PAPER_MM * per_mm / step))
    usual = cv2.medianBlur(small, 2 * reach + 1).astype(np.float32)
    level = cv2.GaussianBlur(usual, (0, 0), max(0.5, per_mm / step))
    size = (grey.shape[1], grey.shape[0])
    return np.asarray(cv2.resize(level, size, interpolation=cv2.INTER_LINEAR), np.float32)


def _slope(soft: Tone) -> Tone:
    """Levels a dot at each place, squared."""
    import cv2
    import numpy as np

    across = cv2.Scharr(soft, cv2.CV_32F, 1, 0, scale=1 / 32)
    down = cv2.Scharr(soft, cv2.CV_32F, 0, 1, scale=1 / 32)
    return np.asarray(across * across + down * down, np.float32)


def _measured(surface: Surface, slope: Tone, grain: float, per_mm: float) -> Marks:
    """Every mark; ``grain`` is the squared slope that noise alone gives in one direction."""
    import numpy as np

    flat = surface.labels.ravel()
    at = np.flatnonzero(flat)
    at = at[np.argsort(flat[at], kind="stable")]
    label = flat[at]
    starts = np.flatnonzero(np.r_[True, label[1:] != label[:-1]]) if len(at) else np.zeros(0, np.intp)
    if not len(starts):
        none = np.zeros(0, np.float32)
        return Marks(starts.astype(np.int32), none, none, none, none, np.zeros((0, 4), np.int32))
    counts = np.diff(np.r_[starts, len(at)])
    depth = surface.depth.ravel()[at]
    contrast = _contrast(depth, starts, counts)
    part = depth / np.repeat(contrast, counts)
    flank = ((part >= 0.35) & (part <= 0.75)).astype(np.float32)
    steep = np.add.reduceat(slope.ravel()[at] * flank, starts) / np.maximum(np.add.reduceat(flank, starts), 1)
    softness = 0.4 * contrast / np.sqrt(np.maximum(steep - 2 * grain, 0.02))
    box, area = _boxes(at, part >= 0.5, starts, surface.labels.shape[1])
    # Specks that a pale mark joins are no stroke: a stroke has a dot of ink on every dot of its way.
    length = np.minimum(np.maximum(box[:, 2] - box[:, 0], box[:, 3] - box[:, 1]) + 1, area)
    return Marks(
        label[starts], contrast, softness.astype(np.float32), (length / per_mm).astype(np.float32),
        (area / per_mm**2).astype(np.float32), box,
    )  # fmt: skip


def _contrast(depth: Tone, starts: NDArray[np.intp], counts: NDArray[np.intp]) -> Tone:
    """Of each mark the mean of its dark part."""
    import numpy as np

    top = np.repeat(np.maximum.reduceat(depth, starts), counts)
    dark = (depth >= 0.7 * top).astype(np.float32)
    return np.asarray(np.add.reduceat(depth * dark, starts) / np.add.reduceat(dark, starts), np.float32)


def _boxes(
    at: NDArray[np.intp], dark: NDArray[np.bool_], starts: NDArray[np.intp], wide: int
) -> tuple[NDArray[np.int32], Tone]:
    import numpy as np

    y, x = np.divmod(at, wide)
    far = 1 << 30
    low = [np.minimum.reduceat(np.where(dark, side, far), starts) for side in (x, y)]
    most = [np.maximum.reduceat(np.where(dark, side, -1), starts) for side in (x, y)]
    area = np.add.reduceat(dark.astype(np.float32), starts)
    return np.stack([*low, *most], axis=1).astype(np.int32), area


def _refined(surface: Surface, marks: Marks) -> Marks:
    """The same marks with the softness of the sharpest measured at full size."""
    import numpy as np

    softness = marks.softness * np.float32(surface.pictures.scale)
    grain = _grain(surface.pictures.fine)
    # Dark ones are measured for certain: among a thousand the pen may not be the sharpest.
    order = np.argsort(marks.softness - PALE * marks.contrast)
    for row in order[marks.length_mm[order] >= _LEAST_REFINED_MM][:_REFINED]:
        softness[row] = _soft_at_full(surface, marks, int(row), grain) or softness[row]
    return Marks(marks.label, marks.contrast, softness, marks.length_mm, marks.area_mm2, marks.box)


def _grain(fine: Grey) -> float:
    """Squared slope of the noise in one direction, from some squares of the page: most of a page is paper."""
    import numpy as np

    high, wide = fine.shape
    found = []
    for down in (0.2, 0.5, 0.8):
        for across in (0.25, 0.5, 0.75):
            top, left = int(high * down), int(wide * across)
            found.append(np.median(_slope(_smoothed(fine[top : top + 160, left : left + 160], _SMOOTH_FINE))))
    return float(np.median(found)) / 1.386


def _soft_at_full(surface: Surface, marks: Marks, row: int, grain: float) -> float | None:
    import cv2
    import numpy as np

    scale = surface.pictures.scale
    left, top, right, bottom = marks.box[row].tolist()
    margin = 4
    rows = slice(max(top - margin, 0), bottom + margin + 1)
    cols = slice(max(left - margin, 0), right + margin + 1)
    own = (surface.labels[rows, cols] == marks.label[row]).astype(np.uint8)
    size = (own.shape[1] * scale, own.shape[0] * scale)
    part = surface.pictures.fine[
        rows.start * scale : rows.start * scale + size[1], cols.start * scale : cols.start * scale + size[0]
    ]
    if part.shape != size[::-1]:
        return None
    soft = _smoothed(part, _SMOOTH_FINE)
    depth = cv2.resize(surface.paper[rows, cols], size, interpolation=cv2.INTER_LINEAR) - soft
    inside = cv2.resize(own, size, interpolation=cv2.INTER_NEAREST) > 0
    levels = depth[inside]
    contrast = float(levels[levels >= 0.7 * np.percentile(levels, 98)].mean())
    flank = inside & (depth >= 0.35 * contrast) & (depth <= 0.75 * contrast)
    if np.count_nonzero(flank) < 8:
        return None
    steep = float(_slope(soft)[flank].mean()) - 2 * grain
    return float(0.4 * contrast / max(steep, 0.02) ** 0.5)

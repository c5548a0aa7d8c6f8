"""Whether a scanned side is empty paper: white backs, with what scanners add to them.

Print of the other side showing through, punch holes, folds, lines of the feeder, the shadow of the lid and
specks are no writing.  A page called blank is not looked at again by many: in doubt a side is not blank.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from generator.reading.holes import holes
from generator.reading.marks import PALE, find_marks, in_bands, pictures_of
from generator.reading.page_image import PageImage
from generator.reading.specks import specks

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from generator.reading.marks import Marks, Surface
    from generator.reading.page_image import Grey

_INK, _PALE_INK = 42.0, 31.0
"""Levels under the paper: so dark a mark is ink; what shows through is paler than the second."""
_SPECK_MM2, _PALE_MM2, _BLANK_MM2 = 0.35, 0.8, 1.2
_LEAST_CONTRAST = {1: 12.0, 2: 10.0}
"""Paler marks are the paper's own; by how much larger the fine picture is than the one they are sought in."""
_SURE_STROKE, _FAINT_MM = {1: 16.5, 2: 10.0}, 2.0
"""Grain makes paler spots on coarse pictures: there a stroke has to be longer."""
_PALE_SOFT = 1.5
"""Softness, weighed as below, up to which pale ink is no print of the other side with something on it."""
_DRAWN_MM, _WRITTEN_MM, _WRITTEN_AMONG_MM = 1.0, 2.0, 3.0
"""Of one mark that counts as drawn, and of all together from which a side is written on: among many, more."""
_DRAWN = {1: 1.1, 2: 1.3}
"""Softness, so weighed, up to which a mark is drawn."""
_MANY = 40
"""So many marks tell among themselves what they are ..."""
_ALL_DRAWN, _ALL_CONTRAST = {1: 0.95, 2: 1.25}, 13.0
"""... all drawn, when half of them are so sharp and dark; else the other side showing through ..."""
_SHARPER, _WARY = 0.5, 0.2
"""... on which a stroke is sharper than the usual mark by the one, and than elsewhere by the other."""
_STROKE_ABOVE_MM = 1.5
_DRAWN_ALONE = {1: 1.4, 2: 1.4}
"""Softness up to which a mark is drawn on a side on which nothing else shows through."""
_ABOVE, _DRAWN_ABOVE, _DARK_ABOVE = 1.2, {1: 2.5, 2: 2.8}, 1.5
"""Where strokes that cross what shows through are sought, and how soft they may be: its tops have no edge."""
_SURE_CONTRAST = 19.0
"""Nothing that shows through has that contrast as a rule."""
_LEAST_DOTS = 400
"""A picture of fewer shows no writing, whatever was on the sheet."""
_LIGHT, _MOST_LIGHT, _PAPER = 100, 0.8, 120
"""Levels: so many dots of a side are at least so light, and half of them as light as paper."""


@dataclass(frozen=True, slots=True)
class BlankReading:
    """One side; ``ink_mm2`` and ``written_mm`` are what is left after holes, edges, lines and specks."""

    blank: bool
    confidence: float
    ink_mm2: float
    written_mm: float = 0.0
    """Length of the pale marks that are sharp."""
    light: bool = True
    """Whether the side is light as paper is; a dark one is never blank."""


def read_blank(image: PageImage) -> BlankReading:
    """Judge one side.  Raises ScanUnusable for a stream that cannot be decoded."""
    import numpy as np

    pictures = pictures_of(image)
    if min(image.width, image.height) < _LEAST_DOTS:
        return BlankReading(False, 0.5, 0.0)
    if not _light(pictures.coarse):
        return BlankReading(False, 1.0, 0.0, light=False)
    surface, found = find_marks(pictures)
    marks = found.where(~holes(surface, found))
    speck = np.where(marks.contrast > _INK, _SPECK_MM2, _PALE_MM2)
    sharp = marks.softness - PALE * marks.contrast <= _PALE_SOFT
    dark = (marks.contrast > _INK) | ((marks.contrast > _PALE_INK) & sharp)
    dust = specks(marks, dark, pictures.per_mm)
    ink = float(marks.area_mm2[dark & ~dust & (marks.area_mm2 >= speck)].sum())
    written = _written_mm(surface, marks)
    least = _WRITTEN_MM if len(marks.label) < _MANY else _WRITTEN_AMONG_MM
    doubt = max(ink / _BLANK_MM2, written / least)
    blank = doubt < 1
    confidence = 1 - 0.4 * (doubt if blank else 1 / doubt)
    return BlankReading(blank, round(confidence, 3), round(ink, 2), round(written, 1))


def _light(grey: Grey) -> bool:
    import numpy as np

    sample = grey[::4, ::4]
    return bool(np.median(sample) >= _PAPER and (sample >= _LIGHT).mean() >= _MOST_LIGHT)


def _written_mm(first: Surface, marks: Marks) -> float:
    """Length of what somebody drew; where much shows through, of what stands out of that, too."""
    pictures = first.pictures
    limit, usual = _limit(marks, pictures.scale)
    found = float(marks.length_mm[_drawn(marks, pictures.scale, limit)].sum())
    if not usual or found >= _WRITTEN_AMONG_MM:
        return found
    surface, above = find_marks(pictures, _ABOVE * usual)
    above = above.where(
        ~holes(surface, above)
        & ~in_bands(above, first.bands, pictures.per_mm)
        & (above.length_mm >= _STROKE_ABOVE_MM)
        & (above.contrast >= _DARK_ABOVE * usual)
    )
    return max(
        found, float(above.length_mm[_drawn(above, pictures.scale, _DRAWN_ABOVE[pictures.scale])].sum())
    )


def _limit(marks: Marks, scale: int) -> tuple[float, float]:
    """Softness up to which a mark is drawn, and the usual contrast of what shows through, or 0."""
    import numpy as np

    large = (marks.length_mm >= _DRAWN_MM) & (marks.contrast >= _LEAST_CONTRAST[scale])
    weighed = marks.softness - PALE * np.minimum(marks.contrast, 2 * _INK)
    limit = _DRAWN[scale]
    if np.count_nonzero(large) >= _MANY:
        usual, contrast = float(np.median(weighed[large])), float(np.median(marks.contrast[large]))
        all_drawn = usual <= _ALL_DRAWN[scale] and contrast >= _ALL_CONTRAST
        if not (all_drawn or (usual <= _PALE_SOFT and contrast >= _SURE_CONTRAST)):
            return min(limit - _WARY, _SHARPER * usual), contrast
    return _DRAWN_ALONE[scale], 0.0


def _drawn(marks: Marks, scale: int, limit: float) -> NDArray[np.bool_]:
    import numpy as np

    sure = marks.contrast >= _SURE_STROKE[scale]
    large = (marks.length_mm >= np.where(sure, _DRAWN_MM, _FAINT_MM)) & (
        marks.contrast >= _LEAST_CONTRAST[scale]
    )
    return large & (marks.softness - PALE * np.minimum(marks.contrast, 2 * _INK) <= limit)

"""What a viewer shows of a PDF page, small, and whether a picture taken out of it shows the same.

The picture a page refers to is not always what is seen: masks, negatives, clips, layers, notes and print laid
over it change it.  So the whole page is drawn, too, as small as will do, and both are compared.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from generator.reading.page_image import Grey

    Tone = NDArray[np.float32]

LONGEST = 820
"""Dots of the longer side: A4 at 70 dpi."""
_SPREAD = 1.2
"""Standard deviation, in dots, of what makes two ways of reducing a picture alike."""
_REACH = 5
"""Dots by which a line may lie elsewhere."""
_UNLIKE = 12.0
"""Levels beyond all that is near: fine print laid over a picture changes it by thirty."""
_FEW = 6
"""Dots that are unlike by chance."""
_TONE = 30.0
"""Levels by which all the paper may be lighter or darker: colour profiles."""


class Shown(NamedTuple):
    """A page as it is shown, upright as the file asks for, on white paper."""

    grey: Grey
    covered: float
    """Part of the page on which anything is drawn, white or not."""


def shown(page: Any, longest: int = LONGEST) -> Shown:
    """Draw a page small, with notes and form fields.  Raises PdfiumError, ValueError."""
    import cv2
    import numpy as np

    scale = longest / max(*page.get_size(), 1.0)
    dots = page.render(scale=scale, fill_color=(255, 255, 255, 0)).to_numpy()
    if int(dots[..., 3].min()) == 255:  # a picture over all of the page: nothing to lay on white
        return Shown(np.asarray(cv2.cvtColor(dots, cv2.COLOR_BGRA2GRAY), np.uint8), 1.0)
    opaque = dots[..., 3].astype(np.float32) / 255
    level = cv2.cvtColor(dots, cv2.COLOR_BGRA2GRAY)
    grey = np.clip(level * opaque + 255 * (1 - opaque), 0, 255).astype(np.uint8)
    return Shown(grey, float((opaque > 0.02).mean()))


def same(picture: Grey, rotation: int, page: Shown) -> bool:
    """Whether a picture, turned clockwise by ``rotation``, is what the page shows; tones may differ."""
    import cv2
    import numpy as np

    turned = np.rot90(picture, -rotation // 90)
    high, wide = page.grey.shape
    small = cv2.resize(np.ascontiguousarray(turned), (wide, high), interpolation=cv2.INTER_AREA)
    ours, theirs = _soft(small), _soft(page.grey)
    tone = float(np.median(theirs[::4, ::4]) - np.median(ours[::4, ::4]))
    if abs(tone) > _TONE:
        return False
    ours += tone
    near = np.ones((_REACH, _REACH), np.uint8)
    unlike = (theirs < cv2.erode(ours, near) - _UNLIKE) | (theirs > cv2.dilate(ours, near) + _UNLIKE)
    return int(np.count_nonzero(unlike)) <= _FEW


def _soft(grey: Any) -> Tone:
    import cv2
    import numpy as np

    return np.asarray(cv2.GaussianBlur(grey.astype(np.float32), (0, 0), _SPREAD), np.float32)

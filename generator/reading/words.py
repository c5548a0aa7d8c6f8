"""Words on a page by offline character recognition: the second-best way, for pages without a code.

Owns the order of the lines and which way up the page lies.  Finding and reading lines is an engine's; any
that can do the three things of ``TextEngine`` fits.  What was read is a guess: it suggests, it never decides.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeAlias

from generator.errors import ScanUnusable

if TYPE_CHECKING:
    from generator.reading.page_image import Grey

Corners: TypeAlias = tuple[tuple[float, float], tuple[float, float], tuple[float, float], tuple[float, float]]
"""Of one line of text: upper left, upper right, lower right, lower left, in dots."""
Parts: TypeAlias = Sequence[tuple[float, float]]
"""Bands of a page from … to …, as shares of its height."""

WHOLE: Parts = ((0.0, 1.0),)
HEAD_AND_FOOT: Parts = ((0.0, 0.22), (0.92, 1.0))
"""Where our pages say what they are: number, name and title above, page n of m below."""

_LONGISH = 2.0
"""A line this much longer than high says which way it runs; a single character does not."""
_VOTES = 9
_HEIGHT = 48
"""Dots; engines read lines of about this height."""


class Words(NamedTuple):
    """One line as read; ``box`` is x, y, width, height in dots of the upright picture."""

    text: str
    box: tuple[float, float, float, float]
    confidence: float
    """0 to 1, the engine's own word."""


class PageText(NamedTuple):
    """The lines from top to bottom, and how the picture was turned to read them."""

    words: tuple[Words, ...]
    turn: int
    """Quarter turns clockwise that set the given picture upright."""


class TextEngine(Protocol):
    """What recognises characters; offline, in one thread.  Pictures are grey, dark on light."""

    @property
    def name(self) -> str:
        """Name and version."""

    def find(self, picture: Grey) -> Sequence[Corners]:
        """Find the lines of a page."""

    def upside_down(self, line: Grey) -> bool:
        """Whether the picture of one line stands on its head."""

    def read(self, line: Grey) -> tuple[str, float]:
        """Read the picture of one upright line: text (empty where there is none) and confidence."""


def read_words(picture: Grey | bytes, engine: TextEngine | None = None, *, parts: Parts = WHOLE) -> PageText:
    """Read a page (grey picture or JPEG, 150 dpi is enough) that may lie at any quarter turn.

    ``parts`` leaves lines outside these bands of the upright page unread, which saves most of the time.
    Raises TextEngineMissing without an engine on this computer, ScanUnusable for bytes that are no picture.
    """
    from generator.reading.rapid_text import open_engine

    engine = engine or open_engine()
    grey = _decoded(picture) if isinstance(picture, bytes) else picture
    upright, found, turn = _upright(grey, engine)
    height = upright.shape[0]
    words = []
    for corners in found:
        x, y, width, high = _bounds(corners)
        middle = (y + high / 2) / height
        if any(top <= middle <= bottom for top, bottom in parts):
            text, confidence = engine.read(line_of(upright, corners))
            if text.strip():
                words.append(Words(text.strip(), (x, y, width, high), confidence))
    return PageText(tuple(_in_order(words)), turn)


def line_of(picture: Grey, corners: Corners) -> Grey:
    """The line cut out straight, at its own size."""
    import cv2
    import numpy as np

    points = np.array(corners, np.float32)
    width = max(1, round(float(np.linalg.norm(points[1] - points[0]))))
    height = max(1, round(float(np.linalg.norm(points[3] - points[0]))))
    scale = max(1.0, _HEIGHT / height)
    size = (round(width * scale), round(height * scale))
    target = np.array([(0, 0), (size[0], 0), size, (0, size[1])], np.float32)
    matrix = cv2.getPerspectiveTransform(points, target)
    cut = cv2.warpPerspective(picture, matrix, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(cut, np.uint8)


def _upright(grey: Grey, engine: TextEngine) -> tuple[Grey, Sequence[Corners], int]:
    """Turn the picture until its lines run level and stand on their feet."""
    found, turn = engine.find(grey), 0
    runs = [(corners, _bounds(corners)) for corners in found]
    level = sum(width > _LONGISH * height for _, (_, _, width, height) in runs)
    steep = sum(height > _LONGISH * width for _, (_, _, width, height) in runs)
    if steep > level:
        grey, turn = _turned(grey, 1), 1
        found = engine.find(grey)
    longest = sorted(found, key=lambda corners: _bounds(corners)[2], reverse=True)[:_VOTES]
    heads = sum(engine.upside_down(line_of(grey, corners)) for corners in longest)
    if 2 * heads > len(longest):
        grey, turn = _turned(grey, 2), turn + 2
        found = engine.find(grey)
    return grey, found, turn


def _turned(grey: Grey, quarters: int) -> Grey:
    """So many quarter turns clockwise."""
    import numpy as np

    return np.ascontiguousarray(np.rot90(grey, -quarters))


def _bounds(corners: Corners) -> tuple[float, float, float, float]:
    xs, ys = [x for x, _ in corners], [y for _, y in corners]
    return min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys)


def _in_order(words: Sequence[Words]) -> list[Words]:
    """Line by line from the top, in each from the left; parts of one printed line lie at about one height."""
    left = sorted(words, key=lambda one: one.box[1] + one.box[3] / 2)
    ordered: list[Words] = []
    # Ends: each round takes at least the first one.
    while left:
        first = left[0]
        limit = first.box[1] + first.box[3] / 2 + first.box[3] / 2
        line = [one for one in left if one.box[1] + one.box[3] / 2 < limit] or [first]
        ordered += sorted(line, key=lambda one: one.box[0])
        left = left[len(line) :]
    return ordered


def _decoded(stream: bytes) -> Grey:
    import cv2
    import numpy as np

    picture = cv2.imdecode(np.frombuffer(stream, np.uint8), cv2.IMREAD_GRAYSCALE)
    if picture is None:
        raise ScanUnusable("该页图像不能读取，不能识别文字。")
    return np.asarray(picture, np.uint8)

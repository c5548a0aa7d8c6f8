"""Finding page codes on a scanned page, in any direction, and what they say taken together.

A code counts only where it surely is print of this side: thin paper shows the codes of its back, mirrored,
and readers take those as they take others (``facing``).  The whole page is searched at half size, so that a
second sheet or a strange symbol never hides behind a code that was found first.  What is missing then is
looked for where the other code says it must be, at full size.  Reads only: whether the sheet was ever issued
is asked of the print register, elsewhere.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from generator.errors import PageCodeRefused
from generator.identity.code import DEMO_KEY, PageCode, decode
from generator.reading.facing import Facing, facing
from generator.reading.page_image import PageImage
from generator.reading.tries import binarized, prepared, without_dark_edges

if TYPE_CHECKING:
    from generator.reading.page_image import Grey

Point = tuple[float, float]
Corner = Literal["upper right", "lower left"]
Trouble = Literal["no code", "foreign", "refused", "sample", "double feed", "seen through"]

_SIDE_MM: dict[Corner, float] = {"upper right": 16.0, "lower left": 14.0}
_APART_MM = (-147.0, 265.0)
"""From the middle of the upper right symbol to that of the lower left one, on A4."""


@dataclass(frozen=True, slots=True)
class SeenCode:
    """One code of ours on the page."""

    text: str
    code: PageCode
    corner: Corner
    corners: tuple[Point, Point, Point, Point]
    """The symbol's own upper left, upper right, lower right, lower left, in dots of the full picture: they
    turn with the sheet."""


@dataclass(frozen=True, slots=True)
class PageReading:
    """What the codes of one page say.

    ``identity`` is None exactly when ``trouble`` is not; ``reason`` is the sentence for a person then.
    """

    codes: tuple[SeenCode, ...]
    identity: PageCode | None
    trouble: Trouble | None
    reason: str | None
    foreign: int
    """Codes of other makers, which are nothing of ours."""
    refused: int
    """Codes that look like ours and do not hold."""
    angle: float | None
    """Degrees clockwise by which the sheet lies turned in the picture, −180 to 180; None without a code."""
    mirrored: int = 0
    """Codes that are no print of this side: seen through from the other, or of a mirrored scan."""

    @property
    def found(self) -> Literal["both", "one", "none"]:
        """How many of the page's two places gave their code."""
        places = {seen.corner for seen in self.codes}
        return "both" if len(places) == 2 else "one" if places else "none"


@dataclass(frozen=True, slots=True)
class _Symbol:
    text: str
    corners: tuple[Point, Point, Point, Point]
    facing: Facing


def read_codes(image: PageImage, keys: Sequence[bytes], *, thorough: bool = True) -> PageReading:
    """Read the codes of a page made with one of ``keys``.

    ``thorough`` also tries full size, other thresholds and repairs where the quick look found no code or one;
    leave it out for pages known to be blank.  Raises ScanUnusable or ScanTooLarge for a stream that cannot be
    decoded, KeyInvalid without a usable key.
    """
    symbols = _merged(_search(image.half, 2.0, (0.0, 0.0)))
    reading = _judged(symbols, keys, image)
    if reading.found == "both" or reading.trouble == "double feed" or not thorough:
        return reading
    if reading.found == "none":
        symbols = _merged([*symbols, *_everywhere(image)])
        reading = _judged(symbols, keys, image)
    if reading.found == "one":
        missing = _search_missing(image, reading.codes[0])
        reading = _judged(_merged([*symbols, *missing]), keys, image)
    return reading


def _judged(symbols: Sequence[_Symbol], keys: Sequence[bytes], image: PageImage) -> PageReading:
    """Sort symbols into ours, foreign and refused, and say whose page it is."""
    seen, messages, foreign, samples, mirrored = [], [], 0, 0, 0
    for symbol in symbols:
        if not symbol.text.startswith("KD"):
            foreign += 1
            continue
        if symbol.facing == "other side":
            mirrored += 1
            continue
        try:
            code = decode(symbol.text, keys)
        except PageCodeRefused as error:
            messages.append(error.message)
            samples += _is_sample(symbol.text)
            continue
        if symbol.facing == "unclear":  # it holds, but nobody can say on which side it is printed
            mirrored += 1
            continue
        seen.append(SeenCode(symbol.text, code, _corner_of(symbol, image), symbol.corners))
    angle = _angle(seen[0].corners) if seen else None
    trouble, reason = _trouble(seen, messages, foreign, samples, mirrored)
    identity = seen[0].code if seen and trouble is None else None
    return PageReading(tuple(seen), identity, trouble, reason, foreign, len(messages), angle, mirrored)


def _trouble(
    seen: Sequence[SeenCode], messages: Sequence[str], foreign: int, samples: int, mirrored: int
) -> tuple[Trouble | None, str | None]:
    if len({code.text for code in seen}) > 1 or (seen and messages):
        return "double feed", "这一页上有两张不同纸的页码（可能两张一起进纸）：请分开后重新扫描。"
    if seen:
        return None, None
    if messages:
        return ("sample" if samples else "refused"), messages[0]
    if foreign:
        return "foreign", "页上的二维码不是康档的页码：可能是外来文件。"
    if mirrored:
        return "seen through", "页上只有反的页码（从纸背透过来，或按镜像扫描），不是这一页的。"
    return "no code", "没有读到页码：可能是外来文件、页角缺损或页码被遮住。"


def _is_sample(text: str) -> bool:
    try:
        return decode(text, [DEMO_KEY]).demo
    except PageCodeRefused:
        return False


def _search(grey: Grey, enlarge: float, offset: Point, **options: Any) -> Iterator[_Symbol]:
    """Symbols of one picture, in dots of the full one: ``enlarge`` dots for each, from ``offset``."""
    import zxingcpp

    formats = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
    for found in zxingcpp.read_barcodes(grey, formats, try_invert=False, **options):
        place = found.position
        points = (place.top_left, place.top_right, place.bottom_right, place.bottom_left)
        a, b, c, d = ((point.x + 0.5, point.y + 0.5) for point in points)
        side = facing(grey, (a, b, c, d), found.text)
        a, b, c, d = ((x * enlarge + offset[0], y * enlarge + offset[1]) for x, y in (a, b, c, d))
        yield _Symbol(found.text, (a, b, c, d), side)


def _merged(symbols: Iterable[_Symbol]) -> list[_Symbol]:
    """Each symbol once: the same text at the same place was found by two tries; the clearer one is kept."""
    kept: list[_Symbol] = []
    for symbol in symbols:
        same = [at for at, other in enumerate(kept) if _same(symbol, other)]
        if not same:
            kept.append(symbol)
        elif kept[same[0]].facing == "unclear":
            kept[same[0]] = symbol
    return kept


def _same(one: _Symbol, other: _Symbol) -> bool:
    apart = math.dist(_middle(one.corners), _middle(other.corners))
    return one.text == other.text and apart < _side(one.corners)


def _everywhere(image: PageImage) -> list[_Symbol]:
    """Other thresholds at half size, then full size, then each corner of the page repaired.

    A code of the other side ends no search: this side's own may be hard to read beside it.
    """
    found: list[_Symbol] = []
    for tried in _tries(image):
        found += tried
        if _on_this_side(tried):
            break
    return found


def _tries(image: PageImage) -> Iterator[list[_Symbol]]:
    for binary in binarized():
        yield list(_search(image.half, 2.0, (0.0, 0.0), binarizer=binary))
    yield list(_search(image.full, 1.0, (0.0, 0.0)))
    yield list(_search(without_dark_edges(image.half), 2.0, (0.0, 0.0)))
    height, width = image.full.shape
    wide, high = width * 2 // 5, height * 2 // 5
    for left, top in ((width - wide, 0), (0, height - high), (0, 0), (width - wide, height - high)):
        yield _in_part(image.full, (left, top, wide, high))


def _on_this_side(symbols: Iterable[_Symbol]) -> bool:
    return any(symbol.facing == "this side" or not symbol.text.startswith("KD") for symbol in symbols)


def _search_missing(image: PageImage, seen: SeenCode) -> list[_Symbol]:
    """Look for the other code of the sheet where this one says it is, with 12 mm to spare."""
    unit = _side(seen.corners) / _SIDE_MM[seen.corner]
    x, y = expected_other(seen)
    reach = 22 * unit
    box = (round(x - reach), round(y - reach), round(2 * reach), round(2 * reach))
    return _in_part(image.full, box)


def expected_other(seen: SeenCode) -> Point:
    """Where the middle of the sheet's other symbol should be: right to some millimetres."""
    unit = _side(seen.corners) / _SIDE_MM[seen.corner]
    dx, dy = _APART_MM if seen.corner == "upper right" else (-_APART_MM[0], -_APART_MM[1])
    angle = math.radians(_angle(seen.corners))
    middle = _middle(seen.corners)
    return (
        middle[0] + unit * (dx * math.cos(angle) - dy * math.sin(angle)),
        middle[1] + unit * (dx * math.sin(angle) + dy * math.cos(angle)),
    )


def _in_part(full: Grey, box: tuple[int, int, int, int]) -> list[_Symbol]:
    """Search one part (left, top, width, height) of the full picture, repaired in one way after another."""
    height, width = full.shape
    left, top = max(box[0], 0), max(box[1], 0)
    right, bottom = min(box[0] + box[2], width), min(box[1] + box[3], height)
    if right - left < 40 or bottom - top < 40:
        return []
    found: list[_Symbol] = []
    for picture, scale in prepared(full[top:bottom, left:right]):
        tried = list(_search(picture, 1 / scale, (float(left), float(top))))
        found += tried
        if _on_this_side(tried):
            break
    return found


def _corner_of(symbol: _Symbol, image: PageImage) -> Corner:
    """Which of the sheet's two places a symbol has, the sheet turned upright."""
    angle = math.radians(_angle(symbol.corners))
    x, y = _middle(symbol.corners)
    height, width = image.half.shape
    dx, dy = x - width, y - height  # the half picture's size is the full one's middle
    across, down = dx * math.cos(angle) + dy * math.sin(angle), dy * math.cos(angle) - dx * math.sin(angle)
    return "upper right" if across * 297 - down * 210 > 0 else "lower left"


def _angle(corners: Sequence[Point]) -> float:
    """Of the symbol's upper and lower edge, clockwise from level."""
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = corners
    return math.degrees(math.atan2(by - ay + cy - dy, bx - ax + cx - dx))


def _middle(corners: Sequence[Point]) -> Point:
    return sum(x for x, _ in corners) / 4, sum(y for _, y in corners) / 4


def _side(corners: Sequence[Point]) -> float:
    return sum(math.dist(corners[at], corners[at - 1]) for at in range(4)) / 4

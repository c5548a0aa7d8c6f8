"""What stands on a page that its print does not have: ink beside, around and on the words of a box.

Page and print are laid over each other place by place, for a feeder slips and paper bends; what is dark on
the page and far enough from everything printed is new.  Owns which ink belongs to which box.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from generator.identity.page_map import PageMapEntry
from generator.reading.laid_over import (
    FINENESS,
    REACH_MM,
    Shift,
    beyond,
    found_in,
    grown,
    shown_at,
    toner_of,
)
from generator.reading.page_image import PageImage
from generator.reading.registration import Registration

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from generator.reading.page_image import Grey

    Labels = NDArray[np.int32]
    Mask = NDArray[np.uint8]
    Darkness = NDArray[np.float32]

_LEFT_MM, _ABOVE_MM, _BELOW_MM = 5.0, 2.0, 2.0
"""Around a box; to the right its words."""
_LONGEST_MM: Final = 42.0
_GAP_MM: Final = 1.5
"""White that ends the words of a box."""
_NEW: Final = 0.3
"""Darkness of new ink."""
_SPECK_MM2: Final = 0.12
_RATHER: Final = 0.6
"""A piece of which less than this share of what lies near another box lies near this one is the other's."""
_CLEAR: Final = round(0.8 * FINENESS)
"""Right of a box, where ticks and crosses end that are a little too large."""
_EDGE: Final = 0.8
"""Share of a piece on the outline of a box."""
_RULE_MM: Final = 4.5
_OFF_MM: Final = 3.0
"""The middle of a mark lies no farther from the middle of its box."""
_SPREAD_DARK: Final = 0.35
_SPREAD: Final = 0.08
"""Share of the dots next to print that are inked where toner or black-and-white makes print broader."""


class Around(NamedTuple):
    """New ink about one box."""

    shift: Shift
    beside_mm2: float
    """Of ink that lies near the box or its words and belongs to no marked box, nor rather to another one."""
    span_mm: float
    """Longer side of the largest such piece within the surroundings."""
    under_mm: float
    """Breadth of the ink on the lower half of the words, where no tick sweeps."""
    ends: bool
    """Whether the box's own ink ends left of it and below, lies about it and in no other: no line passing."""


class _Part(NamedTuple):
    """A box with its surroundings, in dots of the print."""

    entry: PageMapEntry
    box: tuple[int, int, int, int]
    label_end: int
    left: int
    top: int
    right: int
    bottom: int
    shift: Shift


class _Piece(NamedTuple):
    """What of a piece of new ink lies in the surroundings of a box."""

    number: int
    mm2: float
    longer_mm: float


@dataclass(frozen=True, slots=True)
class NewInk:
    """New ink of one page near its boxes; ``labels`` numbers its pieces."""

    labels: Labels = field(repr=False)
    parts: Mapping[PageMapEntry, _Part] = field(repr=False)
    owners: Mapping[int, frozenset[PageMapEntry]] = field(repr=False)
    """Piece → boxes in whose middle it lies."""
    pieces: Mapping[PageMapEntry, Sequence[_Piece]] = field(repr=False)
    near: Mapping[int, Mapping[PageMapEntry, float]] = field(repr=False)
    """Piece → how much of it, in mm², lies near which box."""

    def around(self, entry: PageMapEntry) -> Around:
        """What lies about one box."""
        part = self.parts[entry]
        beside = span = 0.0
        for number, area, longer in self.pieces[entry]:
            if area >= _SPECK_MM2 and not self._of_another(number, entry, area):
                beside, span = beside + area, max(span, longer)
        own = [number for number, boxes in self.owners.items() if entry in boxes]
        ends = bool(own) and all(self.owners[number] == {entry} for number in own) and self._ends(part, own)
        return Around(part.shift, round(beside, 2), round(span, 2), round(self._under(part), 2), ends)

    def _of_another(self, number: int, entry: PageMapEntry, area: float) -> bool:
        """Whether a piece near this box is the mark of another one, or its own, or rather beside another."""
        near, boxes = self.near[number], self.owners.get(number, frozenset())
        if entry in boxes:
            return True
        return area < (max(near[box] for box in boxes) if boxes else _RATHER * max(near.values()))

    def _ends(self, part: _Part, own: Sequence[int]) -> bool:
        import numpy as np

        inked = np.isin(self.labels[part.top : part.bottom, part.left : part.right], own)
        if inked[:, 0].any() or inked[-1].any():
            return False
        rows, cols = np.nonzero(inked)
        left, top, right, bottom = part.box
        off = rows.mean() + part.top - (top + bottom) / 2, cols.mean() + part.left - (left + right) / 2
        return bool(np.hypot(*off) <= _OFF_MM * FINENESS)

    def _under(self, part: _Part) -> float:
        import numpy as np

        _, top, right, bottom = part.box
        end = min(part.label_end + round(0.8 * FINENESS), part.right)
        low = self.labels[(top + bottom) // 2 + 1 : part.bottom - round(0.8 * FINENESS), right + _CLEAR : end]
        if not low.size:
            return 0.0
        others = [number for number, boxes in self.owners.items() if part.entry not in boxes]
        inked = (low > 0) & ~np.isin(low, others)
        return float(inked.any(axis=0).sum()) / FINENESS


def _pieces(labels: Labels, part: _Part) -> Iterator[_Piece]:
    """What lies in the surroundings of a box: mostly nothing."""
    import numpy as np

    cut = labels[part.top : part.bottom, part.left : part.right]
    rows, cols = np.nonzero(cut)
    numbers = cut[rows, cols]
    for number in np.unique(numbers).tolist():
        own = numbers == number
        longer = max(np.ptp(rows[own]), np.ptp(cols[own])) + 1
        yield _Piece(number, np.count_nonzero(own) / FINENESS**2, float(longer) / FINENESS)


def new_ink(
    image: PageImage, registration: Registration, entries: Sequence[PageMapEntry], expected: Grey
) -> NewInk:
    """Seek it near every ``tick`` among the entries of one page.

    ``expected`` is the page as it was printed, at 150 dpi, upright.
    """
    import cv2
    import numpy as np

    boxes = [entry for entry in entries if entry.kind == "tick"]
    first, last = _band(boxes, expected.shape[0])
    printed = expected[first:last]
    high, wide = printed.shape
    page = registration.cut(image, (0.0, first / FINENESS, wide / FINENESS, high / FINENESS), FINENESS)
    page, printed = page[:high, :wide], printed[: page.shape[0], : page.shape[1]]
    new = np.zeros(printed.shape, np.uint8)
    near, far = (grown(printed, dots) for dots in (3, 5))
    parts = {entry: _part(entry, boxes, printed, page, first) for entry in boxes}
    toner = toner_of(image)
    seen = {part: _shifted(page, part) for part in parts.values()}
    edge = [
        float((shown > _SPREAD_DARK)[(_of(far, part) > 120) & (_of(near, part) < 60)].mean())
        for part, shown in seen.items()
    ]
    print_ = far if edge and np.median(edge) > _SPREAD else near
    for part, shown in seen.items():
        inked = beyond(shown, _of(print_, part), toner) > _NEW
        new[part.top : part.bottom, part.left : part.right] |= inked
    new[_rules(printed)] = 0
    new[_to_write_in(entries, parts.values(), new.shape, first)] = 0
    _, joined = cv2.connectedComponents(_joined(new), connectivity=8)
    joined[new == 0] = 0
    labels = _without_outlines(np.asarray(joined, np.int32), parts.values())
    pieces = {entry: tuple(_pieces(labels, part)) for entry, part in parts.items()}
    return NewInk(labels, parts, _owners(labels, parts.values()), pieces, _near(pieces))


def _rules(printed: Grey) -> NDArray[np.bool_]:
    """Long printed lines and what is next to them: a dot beside its place a line would be ink."""
    import cv2
    import numpy as np

    dark, length = (printed < 210).astype(np.uint8), round(_RULE_MM * FINENESS)
    found = np.zeros(printed.shape, np.uint8)
    for kernel in (np.ones((length, 1), np.uint8), np.ones((1, length), np.uint8)):
        found |= np.asarray(cv2.morphologyEx(dark, cv2.MORPH_OPEN, kernel), np.uint8)
    return np.asarray(cv2.dilate(found, np.ones((5, 5), np.uint8)), np.uint8) > 0


def _to_write_in(
    entries: Sequence[PageMapEntry], parts: Iterable[_Part], shape: tuple[int, ...], first: int
) -> NDArray[np.bool_]:
    """Rooms where writing is no mark; not what of them lies on a box and its words."""
    import numpy as np

    rooms = np.zeros(shape, bool)
    for entry in entries:
        if entry.kind in ("text", "signature"):
            left, top, right, bottom = _dots(entry, first)
            rooms[max(top, 0) : max(bottom, 0), left:right] = True
    for part in parts:
        left, top, right, bottom = part.box
        rooms[top:bottom, left : max(part.label_end, right)] = False
    return rooms


def _near(pieces: Mapping[PageMapEntry, Sequence[_Piece]]) -> dict[int, dict[PageMapEntry, float]]:
    found: dict[int, dict[PageMapEntry, float]] = {}
    for entry, near in pieces.items():
        for piece in near:
            found.setdefault(piece.number, {})[entry] = piece.mm2
    return found


def _without_outlines(labels: Labels, parts: Iterable[_Part]) -> Labels:
    """Pieces that are no more than an edge of a box taken out: print is drawn to whole dots."""
    import cv2
    import numpy as np

    edges = np.zeros(labels.shape, np.uint8)
    for part in parts:
        left, top, right, bottom = part.box
        cv2.rectangle(edges, (left, top), (right, bottom), 1, 5)
    at = np.flatnonzero(labels)  # few dots of a page are new
    numbers = labels.ravel()[at]
    whole = np.bincount(numbers)
    on_edges = np.bincount(numbers[edges.ravel()[at] > 0], minlength=len(whole))
    gone = on_edges >= _EDGE * np.maximum(whole, 1)
    labels.ravel()[at[gone[numbers]]] = 0
    return labels


def _joined(new: Mask) -> Mask:
    """Pieces of one stroke that print cut apart."""
    import cv2
    import numpy as np

    return np.asarray(cv2.dilate(new, np.ones((3, 3), np.uint8)), np.uint8)


def _owners(labels: Labels, parts: Iterable[_Part]) -> dict[int, frozenset[PageMapEntry]]:
    import numpy as np

    owners: dict[int, frozenset[PageMapEntry]] = {}
    for part in parts:
        left, top, right, bottom = part.box
        inset = max(2, round(0.75 * FINENESS))
        middle = labels[top + inset : bottom - inset, left + inset : right - inset]
        numbers, counts = np.unique(middle, return_counts=True)
        for number, dots in zip(numbers.tolist(), counts.tolist(), strict=True):
            if number and dots >= 0.15 * FINENESS**2:
                owners[number] = owners.get(number, frozenset()) | {part.entry}
    return owners


def _band(boxes: Sequence[PageMapEntry], high: int) -> tuple[int, int]:
    """Rows of the print that hold all boxes and what is looked at around them."""
    tops = [entry.y_mm - _ABOVE_MM - REACH_MM for entry in boxes]
    ends = [entry.y_mm + entry.h_mm + _BELOW_MM + REACH_MM for entry in boxes]
    return max(int(min(tops) * FINENESS) - 1, 0), min(int(max(ends) * FINENESS) + 2, high)


def _dots(entry: PageMapEntry, first: int) -> tuple[int, int, int, int]:
    return (
        round(entry.x_mm * FINENESS), round(entry.y_mm * FINENESS) - first,
        round((entry.x_mm + entry.w_mm) * FINENESS), round((entry.y_mm + entry.h_mm) * FINENESS) - first,
    )  # fmt: skip


def _part(entry: PageMapEntry, boxes: Sequence[PageMapEntry], printed: Grey, page: Grey, first: int) -> _Part:
    left, top, right, bottom = box = _dots(entry, first)
    high, wide = printed.shape
    row = [other for other in boxes if other is not entry and abs(other.y_mm - entry.y_mm) < 2.0]
    behind = min((_dots(other, first)[0] for other in row if other.x_mm > entry.x_mm), default=wide)
    most = min(behind - 2, right + round(_LONGEST_MM * FINENESS), wide - 1)
    end = _end_of_words(printed[top + 4 : bottom - 3, right + 2 : most]) + right + 2
    around = (
        max(left - round(_LEFT_MM * FINENESS), 0),
        max(top - round(_ABOVE_MM * FINENESS), 0),
        min(max(end + round(0.8 * FINENESS), right + round(1.5 * FINENESS)), wide),
        min(bottom + round(_BELOW_MM * FINENESS), high),
    )
    return _Part(entry, box, end, *around, _shift_of(printed, page, around))


def _end_of_words(band: Grey) -> int:
    """Columns up to the first white gap behind the words; 0 without words."""
    import numpy as np

    at = np.flatnonzero((band < 150).any(axis=0)) if band.size else np.zeros(0, int)
    if not len(at) or at[0] > 2 * _GAP_MM * FINENESS:
        return 0
    gaps = np.flatnonzero(np.diff(at) > _GAP_MM * FINENESS)
    return int(at[gaps[0]] if len(gaps) else at[-1]) + 1


def _shift_of(printed: Grey, page: Grey, around: tuple[int, int, int, int]) -> Shift:
    """Where the print of these surroundings lies on the page."""
    reach = round(REACH_MM * FINENESS)
    left, top, right, bottom = around
    high, wide = printed.shape
    x0, y0 = max(left - reach, 0), max(top - reach, 0)
    window = page[y0 : min(bottom + reach, high), x0 : min(right + reach, wide)]
    return found_in(window, printed[top:bottom, left:right], (left - x0, top - y0))


def _of(picture: NDArray[Any], part: _Part) -> NDArray[Any]:
    return picture[part.top : part.bottom, part.left : part.right]


def _shifted(page: Grey, part: _Part) -> Darkness:
    """The surroundings as they are on the page."""
    size = (part.right - part.left, part.bottom - part.top)
    dx, dy = (part.shift[axis] * FINENESS if part.shift.held else 0.0 for axis in (0, 1))
    return shown_at(page, (part.left, part.top), size, (dx, dy))

"""A contact sheet: small pictures of pages, the number under each and nothing else, as one PDF.

What is faint must still be seen: of the dots that become one the darkest counts, and what is darker than the
paper is darkened further.  The brightness of the paper itself stays, so that a black page is not shown white.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from generator.reading.page_image import Grey

_ACROSS: Final = 4
_DOWN: Final = 4
_ROOM: Final = (300, 425)
"""Dots across and down of one page, at 150 dpi."""
_CAPTION: Final = 36
_EDGE: Final = 6
_STRONGER: Final = 5
"""How many times as dark what differs from the paper is shown."""
_DARK_PAPER: Final = 160
_FRAME: Final = 170
_DPI: Final = 150
_QUALITY: Final = 85


def small_picture(page: Grey) -> Grey:
    """The page in the room of one, faint strokes kept."""
    import cv2
    import numpy as np

    across, down = _ROOM[0] - 2 * _EDGE, _ROOM[1] - 2 * _EDGE
    scale = min(across / page.shape[1], down / page.shape[0])
    size = (max(round(page.shape[1] * scale), 1), max(round(page.shape[0] * scale), 1))
    calm = cv2.GaussianBlur(page, (3, 3), 0)
    if (reach := round(1 / scale)) > 1:
        calm = cv2.erode(calm, np.ones((reach, reach), np.uint8))
    small = cv2.resize(calm, size, interpolation=cv2.INTER_AREA).astype(np.float32)
    paper = float(np.median(small))
    plain = small + (255 - max(paper, _DARK_PAPER))
    strong = 255 - _STRONGER * (paper - small)
    return np.asarray(np.clip(np.minimum(plain, strong), 0, 255), np.uint8)


def contact_sheets(pages: Iterable[tuple[int, Grey | None]]) -> bytes:
    """One PDF of (number, small picture); None: nothing can be shown, its room is crossed out."""
    from generator.reading.binding import BoundPage, bind

    bound = []
    for stream in _sheets(iter(pages)):
        width, height = _ROOM[0] * _ACROSS, (_ROOM[1] + _CAPTION) * _DOWN
        bound.append(BoundPage(stream, "image/jpeg", width, height, (_DPI, _DPI)))
    return bind(bound)


def _sheets(pages: Iterator[tuple[int, Grey | None]]) -> Iterator[bytes]:
    import cv2

    # Ends: the pages of a batch end.
    while part := list(islice(pages, _ACROSS * _DOWN)):
        yield cv2.imencode(".jpg", _sheet(part), [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])[1].tobytes()


def _sheet(part: Sequence[tuple[int, Grey | None]]) -> Grey:
    import cv2
    import numpy as np

    room_down = _ROOM[1] + _CAPTION
    sheet = np.full((room_down * _DOWN, _ROOM[0] * _ACROSS), 255, np.uint8)
    for place, (number, small) in enumerate(part):
        x, y = place % _ACROSS * _ROOM[0], place // _ACROSS * room_down
        corners = (x + _EDGE - 2, y + _EDGE - 2), (x + _ROOM[0] - _EDGE + 1, y + _ROOM[1] - _EDGE + 1)
        cv2.rectangle(sheet, *corners, _FRAME, 1)
        if small is None:
            cv2.line(sheet, *corners, _FRAME, 2)
        else:
            sheet[y + _EDGE : y + _EDGE + small.shape[0], x + _EDGE : x + _EDGE + small.shape[1]] = small
        at = (x + _EDGE, y + room_down - _EDGE)
        cv2.putText(sheet, str(number), at, cv2.FONT_HERSHEY_SIMPLEX, 0.9, 0, 2, cv2.LINE_AA)
    return sheet

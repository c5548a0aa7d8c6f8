"""Cut-outs of a filed scan: its pages lie straight in the document, so a place in millimetres is a place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from desk.station.scanning.comparing import Difference
    from generator.reading.page_image import Grey

_DPI = 200
_EDGE_MM = 6.0
_CAPTION_MM = 40.0
"""What is cut to the right of a box: its option is printed there."""
_MM = 25.4


def cut_places(
    pdf: bytes, places: Mapping[int, Difference], positions: Mapping[int, int]
) -> dict[int, bytes]:
    """Key → PNG of the place with its surroundings, drawn from the document as it is filed.

    ``positions``: page of the print → page of the document, which differ where a page is missing.
    """
    import cv2
    import numpy as np
    import pypdfium2

    document = pypdfium2.PdfDocument(pdf)
    told: dict[int, bytes] = {}
    try:
        for number in sorted({place.page for place in places.values()}):
            drawn = (
                document[positions.get(number, number) - 1].render(scale=_DPI / 72, grayscale=True).to_numpy()
            )
            picture = np.array(drawn, np.uint8).squeeze()
            for key, place in places.items():
                if place.page == number:
                    told[key] = cv2.imencode(".png", _part(picture, place))[1].tobytes()
    finally:
        document.close()
    return told


def _part(grey: Grey, place: Difference) -> Grey:
    entry, dots = place.entry, _DPI / _MM
    left, top = round((entry.x_mm - _EDGE_MM) * dots), round((entry.y_mm - _EDGE_MM) * dots)
    beside = _CAPTION_MM if place.kind != "signature" else _EDGE_MM
    right = round((entry.x_mm + entry.w_mm + beside) * dots)
    bottom = round((entry.y_mm + entry.h_mm + _EDGE_MM) * dots)
    return grey[max(top, 0) : max(bottom, top + 2), max(left, 0) : max(right, left + 2)]

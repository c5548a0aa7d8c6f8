"""Page streams → one PDF in which every page lies straight, upright and at 100 %; and the streams out again.

Owns where a picture lies on its page: by its registration, what was designed at (x mm, y mm) is drawn at
(x mm, y mm); without one it is turned as its codes or its file say.  The streams are not touched
(``pdf_pictures``): turning, straightening and cutting to the sheet are the matrix the page draws them with.

The file is written here, not by a library.  img2pdf (LGPL, with pikepdf 4 MB more to install) passes streams
through as well, but turns pages by quarters only, and pypdf holds a copy of every stream while it writes;
a file of pages, pictures and nothing else is thirty lines.  Equal pages give equal bytes: no time, no ids.
"""

from __future__ import annotations

import io
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from generator.errors import ScanUnusable
from generator.reading.page_image import PageImage
from generator.reading.pdf_pictures import PageStream, PdfPicture, picture_of, stream_of
from generator.reading.registration import A4

if TYPE_CHECKING:
    from generator.reading.registration import Matrix

_POINTS = 72 / 25.4
_MAX_SIDE_MM = 5_000.0
"""PDF knows no larger page (14,400 points)."""
_FLAT = 1e-9

_Placed = tuple["Matrix", float, float]
"""Unit square of the picture (y up) → points of the page (y up); width and height of the page in points."""

_AS_IS = b"/PrintScaling/None/PickTrayByPDFSize true"
"""What is printed again keeps its size; as prints say it (``typeset.as_is``)."""


@dataclass(frozen=True, slots=True)
class BoundPage:
    """One page to bind; the stream's own head decides what it is and how large, whatever is said beside it.

    ``matrix`` is ``Registration.matrix`` (millimetres of the sheet → dots of the full picture), ``angle`` how
    many degrees the sheet lies turned clockwise in the picture (``PageReading.angle``), ``rotation`` the
    clockwise turn the file asks viewers for.  The first of them that is there decides.
    """

    stream: bytes = field(repr=False)
    media_type: str
    width: int
    height: int
    dpi: tuple[float, float] | None = None
    matrix: Matrix | None = None
    angle: float | None = None
    rotation: int = 0
    page_mm: tuple[float, float] = A4


def bind(pages: Sequence[BoundPage]) -> bytes:
    """One PDF of all pages in their order; each stream is copied once, into the result.

    Raises ScanUnusable (no pages, a stream that is no sound picture) and ScanTooLarge.
    """
    if not pages:
        raise ScanUnusable("没有可以装订的页。")
    bodies: list[tuple[bytes, ...]] = [
        (b"<< /Type /Catalog /Pages 2 0 R /ViewerPreferences <<" + _AS_IS + b">> >>",),
        (),
    ]
    for page in pages:
        bodies += _objects(page, number=len(bodies) + 1)
    kids = " ".join(f"{number} 0 R" for number in range(3, len(bodies), 3))
    bodies[1] = (f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode(),)
    return _file(bodies)


def streams_of(pdf: bytes) -> list[PageStream]:
    """The page streams of a PDF that ``bind`` made, in order: JPEG byte for byte, others dot for dot.

    Raises ScanUnusable for any other PDF.
    """
    from pypdf import PdfReader
    from pypdf.errors import PyPdfError
    from pypdf.generic import ArrayObject, NameObject

    told = []
    try:
        for page in PdfReader(io.BytesIO(pdf)).pages:
            resources: Any = page["/Resources"]
            picture = resources["/XObject"]["/P"].get_object()
            head = dict(picture)
            # Without filters pypdf gives a stream as it lies in the file.
            picture[NameObject("/Filter")] = ArrayObject()
            told.append(stream_of(head, picture.get_data()))
    except (PyPdfError, KeyError, ValueError, TypeError, AttributeError, RecursionError) as error:
        raise ScanUnusable("该 PDF 不是归档的扫描件，不能取出原始图像。") from error
    return told


# --- where a picture lies ---------------------------------------------------------------------------------


def _placed(page: BoundPage, picture: PdfPicture) -> _Placed:
    if page.matrix is not None and abs(_determinant(page.matrix)) > _FLAT:
        return _registered(page, page.matrix, picture)
    return _turned(page, -page.angle if page.angle is not None else float(page.rotation), picture)


def _registered(page: BoundPage, matrix: Matrix, picture: PdfPicture) -> _Placed:
    """By the inverse of the registration, on a page as large as the sheet; the rest is beside the page."""
    wide, high = PageImage(b"", picture.width, picture.height, page.dpi).full_size(
        picture.width, picture.height
    )
    (a, b, e), (c, d, f) = matrix
    size = _determinant(matrix)

    def at(u: float, v: float) -> tuple[float, float]:
        x, y = u * wide - e, (1 - v) * high - f
        down = (a * y - c * x) / size
        return (d * x - b * y) / size * _POINTS, (page.page_mm[1] - down) * _POINTS

    width, height = (side * _POINTS for side in page.page_mm)
    return _through(at(0, 0), at(1, 0), at(0, 1)), width, height


def _turned(page: BoundPage, clockwise: float, picture: PdfPicture) -> _Placed:
    """Turned about its middle, on a page as large as the turned picture; as A4 holds it if nobody knows."""
    width, height = _size_mm(page, picture)
    cos, sin = math.cos(math.radians(clockwise)), math.sin(math.radians(clockwise))
    around = width * abs(cos) + height * abs(sin), width * abs(sin) + height * abs(cos)
    if _dpi(page) is None or max(around) > _MAX_SIDE_MM:
        fit = min(min(A4) / min(around), max(A4) / max(around))
        width, height, around = width * fit, height * fit, (around[0] * fit, around[1] * fit)

    def at(u: float, v: float) -> tuple[float, float]:
        x, y = (u - 0.5) * width, (v - 0.5) * height
        return (
            (around[0] / 2 + x * cos + y * sin) * _POINTS,
            (around[1] / 2 - x * sin + y * cos) * _POINTS,
        )

    return _through(at(0, 0), at(1, 0), at(0, 1)), around[0] * _POINTS, around[1] * _POINTS


def _size_mm(page: BoundPage, picture: PdfPicture) -> tuple[float, float]:
    across, down = _dpi(page) or (25.4, 25.4)
    return picture.width / across * 25.4, picture.height / down * 25.4


def _dpi(page: BoundPage) -> tuple[float, float] | None:
    """What the file says of its dots an inch, where a sheet of paper can be meant."""
    if page.dpi is None or not all(50 <= value <= 2500 for value in page.dpi):
        return None
    return page.dpi


def _determinant(matrix: Matrix) -> float:
    (a, b, _), (c, d, _) = matrix
    return a * d - b * c


def _through(origin: tuple[float, float], right: tuple[float, float], up: tuple[float, float]) -> Matrix:
    """The map of the unit square with these three corners."""
    (e, f), (x1, y1), (x2, y2) = origin, right, up
    return (x1 - e, x2 - e, e), (y1 - f, y2 - f, f)


# --- the file ---------------------------------------------------------------------------------------------


def _objects(page: BoundPage, number: int) -> Iterator[tuple[bytes, ...]]:
    """Page, page description and picture, as objects ``number`` and the two behind it."""
    picture = picture_of(page.stream)
    ((a, c, e), (b, d, f)), width, height = _placed(page, picture)
    drawn = f"q {' '.join(map(_number, (a, b, c, d, e, f)))} cm /P Do Q".encode()
    yield (
        f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {_number(width)} {_number(height)}] /Contents "
        f"{number + 1} 0 R /Resources << /XObject << /P {number + 2} 0 R >> >> >>".encode(),
    )
    yield _stream("", drawn)
    head = f"/Type /XObject /Subtype /Image /Width {picture.width} /Height {picture.height} {picture.head} "
    yield _stream(head, picture.data)


def _stream(head: str, data: bytes) -> tuple[bytes, ...]:
    return f"<< {head}/Length {len(data)} >>\nstream\n".encode(), data, b"\nendstream"


def _file(bodies: Sequence[tuple[bytes, ...]]) -> bytes:
    """Objects numbered from 1, and the table of where they lie."""
    parts: list[bytes] = [b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"]
    at, places = len(parts[0]), []
    for number, body in enumerate(bodies, start=1):
        places.append(at)
        whole = (f"{number} 0 obj\n".encode(), *body, b"\nendobj\n")
        parts += whole
        at += sum(map(len, whole))
    size = len(bodies) + 1
    parts.append(f"xref\n0 {size}\n0000000000 65535 f \n".encode())
    parts += [b"%010d 00000 n \n" % place for place in places]
    parts.append(f"trailer\n<< /Size {size} /Root 1 0 R >>\nstartxref\n{at}\n%%EOF\n".encode())
    return b"".join(parts)


def _number(value: float) -> str:
    """A number as PDF writes it: never with an exponent, to a hundred-thousandth of a point."""
    return f"{value:.5f}".rstrip("0").rstrip(".") if round(value, 5) else "0"

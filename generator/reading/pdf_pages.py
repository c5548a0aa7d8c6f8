"""The pages of a scanned PDF: the picture each page consists of, taken out as it is.

The page that is judged is the page a viewer shows: every page is drawn small as well, and where its picture
alone does not show the same (masks, notes, several pictures) the page is drawn at full size instead.
pdfium opens the file from disk and is asked for one page at a time; it is built without a script engine.
"""

from __future__ import annotations

import ctypes
import io
import math
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from PIL import ImageChops

from generator.errors import GeneratorError, ScanTooLarge, ScanUnusable
from generator.reading.container import MAX_PAGES, MAX_STREAM_BYTES, BadPage, SourcePage
from generator.reading.hearing import listened
from generator.reading.page_image import check_pixels, meant
from generator.reading.pdf_bare import BarePages
from generator.reading.pdf_pictures import jpeg_size
from generator.reading.pdf_referred import refers_to_pictures
from generator.reading.pdf_shown import LONGEST, Shown, same, shown
from generator.reading.pdf_sound import is_sound
from generator.reading.pdf_streams import check_streams

if TYPE_CHECKING:
    from generator.reading.page_image import Grey

DRAWN_DPI, FINEST_DPI, LEAST_DPI = 300, 600, 150
"""Fineness of a drawn page: usually, at most, and what small writing needs."""
_MOST_POINTS = 72 * 400
_MOST_DRAWN = 36_000_000
"""Dots of a drawn page: A0 at 150 dpi, A4 at 600."""
_DRAWN = "该页不是一张扫描图像，由几部分画成，不能断定是空白页。"
_LAID_OVER = "该页图像上另有文字、线条、批注或表单栏，不能断定是空白页。"
_COVERS = 0.9
"""A picture over less of the page is a part of it, not the scan."""
_EXACTLY = 0.005
"""Part of the page by which a picture may end before its edge or beyond and still fill it."""
_MAX_OBJECTS = 20_000
_DEEPEST = 4
"""Forms within forms that are looked into; what lies deeper is taken for drawn upon."""
_WHITE = (255, 255, 255, 255)
_AT_ONCE = 16
"""Pages before the file is opened anew: pdfium keeps the stream of every page it was asked for."""
_RAW = {"DCTDecode": "image/jpeg", "JPXDecode": "image/jp2"}


def pdf_pages(path: Path) -> Iterator[SourcePage | BadPage]:
    """Yield every page of a PDF; raises ScanUnusable and ScanTooLarge as ``container.pages_of``."""
    check_streams(path)
    with closing(_opened(path)) as document:
        count = len(document)
    if not count:
        raise ScanUnusable("该 PDF 里没有页。")
    if count > MAX_PAGES:
        raise ScanTooLarge(f"扫描件有 {count} 页，超过上限 {MAX_PAGES} 页。")
    with BarePages(path) as bare:
        for first in range(1, count + 1, _AT_ONCE):
            with closing(_opened(path)) as document:
                for number in range(first, min(first + _AT_ONCE, count + 1)):
                    yield _page(document, path, number, bare)


def _opened(path: Path) -> Any:
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(path)
        if document.get_formtype():
            document.init_forms()  # what was typed into fields is on the page a viewer shows
    except pypdfium2.PdfiumError as error:
        raise _unopened(error) from error
    return document


def _unopened(error: Exception) -> ScanUnusable:
    told = str(error).lower()
    if "password" in told or "security" in told:
        return ScanUnusable(
            "该 PDF 有密码，不能读取。", hint="请在扫描仪或 PDF 软件中取消密码后另存，再放入收件夹。"
        )
    return ScanUnusable("该 PDF 已损坏或不完整，不能打开。", hint="扫描可能中断了：请重新扫描或另存后再试。")


def _page(document: Any, path: Path, number: int, bare: BarePages) -> SourcePage | BadPage:
    import pypdfium2

    try:
        page = document[number - 1]
    except pypdfium2.PdfiumError:
        return BadPage(number, f"PDF 第 {number} 页已损坏，不能读取。")
    try:
        return _taken(page, path, number, bare)
    except GeneratorError as error:
        return BadPage(number, error.message)
    except (pypdfium2.PdfiumError, ValueError, OSError):
        return _damaged(number)
    finally:
        page.close()


def _damaged(number: int) -> BadPage:
    return BadPage(number, f"PDF 第 {number} 页的图像已损坏，不能读取。")


def _taken(page: Any, path: Path, number: int, bare: BarePages) -> SourcePage | BadPage:
    """The page's one picture, where a viewer shows just that; else the page drawn."""
    found = _look(page)
    for picture in found.pictures:
        check_pixels(*picture.get_px_size())
    wide, high = page.get_size()
    if wide <= 0 or high <= 0 or max(wide, high) > _MOST_POINTS:
        raise ScanTooLarge(_too_large(number, wide, high))
    plain = _of_bare_page(page, number, found, bare)
    if plain is not None:
        return plain
    finest = max((max(picture.get_px_size()) for picture in found.pictures), default=LONGEST)
    view, complaint = listened(lambda: shown(page, min(finest, LONGEST)))
    if not found.pictures and refers_to_pictures(path, number):
        return _damaged(number)
    alone = _only_picture(page, found)
    if alone is not None:
        taken = _as_it_is(alone, page, number, view)
        if isinstance(taken, SourcePage):
            return _doubted(taken, found)
        if taken is not None:
            return taken
    if complaint or not all(is_sound(picture, _bitmap(picture)) for picture in found.pictures):
        return _damaged(number)
    drawn = _drawn(page, number, found)
    hidden = alone is not None and _turn(alone) is not None  # it covers the page, and something else is seen
    whole = not hidden and _shows_all(page, found, view)
    return _doubted(drawn, found) if whole else replace(drawn, doubt=_DRAWN)


def _of_bare_page(page: Any, number: int, found: _Found, bare: BarePages) -> SourcePage | None:
    """The JPEG of a page that has nothing else and shows all of it; None where that is not certain."""
    if len(found.pictures) != 1 or found.laid_over or found.lines:
        return None
    picture = found.pictures[0]
    if picture.get_filters() != ["DCTDecode"] or not _fills(picture, page):
        return None
    said, turn = bare.picture(number), _turn(picture)
    if said is None or turn is None or (said.width, said.height) != picture.get_px_size():
        return None
    stream = bytes(picture.get_data(decode_simple=False))
    inside = jpeg_size(stream)
    if len(stream) != said.length or inside != (said.width, said.height, said.channels):
        return None
    dpi = _dpi(picture, said.width, said.height)
    rotation = (turn + page.get_rotation()) % 360
    return _raw(number, stream, "image/jpeg", said.width, said.height, dpi, rotation)


def _fills(picture: Any, page: Any) -> bool:
    """Whether a picture ends where the page does."""
    edges = zip(picture.get_bounds(), page.get_cropbox(), strict=True)
    slack = _EXACTLY * max(page.get_size())
    return all(abs(one - other) <= slack for one, other in edges)


def _shows_all(page: Any, found: _Found, view: Shown) -> bool:
    """Whether pictures cover the page and nothing of one is hidden: by a mask, by others, beyond the edge."""
    x0, y0, x1, y1 = page.get_cropbox()
    areas = 0.0
    slack = 0.03 * max(x1 - x0, y1 - y0)
    for picture in found.pictures:
        left, bottom, right, top = picture.get_bounds()
        if left < x0 - slack or bottom < y0 - slack or right > x1 + slack or top > y1 + slack:
            return False
        areas += (right - left) * (top - bottom)
    alone = not found.lines and areas <= 1.1 * (x1 - x0) * (y1 - y0)
    return alone and view.covered >= _COVERS and not any(map(_is_masked, found.pictures))


def _doubted(page: SourcePage, found: _Found) -> SourcePage:
    return replace(page, doubt=_LAID_OVER) if found.laid_over else page


class _Found(NamedTuple):
    """What a page consists of."""

    pictures: list[Any]
    laid_over: bool
    """Whether there is print somebody is meant to see, a line or area not white, a note or a form field."""
    lines: bool
    """Whether there are lines or areas of colour."""


def _look(page: Any) -> _Found:
    import pypdfium2.raw as pdfium

    if pdfium.FPDFPage_CountObjects(page.raw) > _MAX_OBJECTS:
        raise ScanTooLarge("该页的绘图内容太多，不像扫描件。")
    pictures, lines, laid_over = [], False, pdfium.FPDFPage_GetAnnotCount(page.raw) > 0
    for item in page.get_objects(max_depth=_DEEPEST):
        if item.type == pdfium.FPDF_PAGEOBJ_IMAGE:
            pictures.append(item)
        elif item.type == pdfium.FPDF_PAGEOBJ_TEXT:
            mode = pdfium.FPDFTextObj_GetTextRenderMode(item.raw)
            laid_over = laid_over or mode != pdfium.FPDF_TEXTRENDERMODE_INVISIBLE
        elif item.type != pdfium.FPDF_PAGEOBJ_FORM:
            lines = True
            laid_over = laid_over or not _is_white(item)
        elif item.level >= _DEEPEST - 1:
            lines = laid_over = True
    return _Found(pictures, laid_over, lines)


def _is_white(item: Any) -> bool:
    """Whether a line or an area shows nothing but white, or nothing: the ground some programs lay first."""
    import pypdfium2.raw as pdfium

    if item.type != pdfium.FPDF_PAGEOBJ_PATH:
        return False
    fill, stroke = ctypes.c_int(), ctypes.c_int()
    if not pdfium.FPDFPath_GetDrawMode(item.raw, fill, stroke):
        return False
    asked = ((fill, pdfium.FPDFPageObj_GetFillColor), (stroke, pdfium.FPDFPageObj_GetStrokeColor))
    return all(_colour(item, told) == _WHITE for painted, told in asked if painted.value)


def _colour(item: Any, told: Any) -> tuple[int, ...] | None:
    """Red, green, blue, alpha of a path; None when pdfium cannot tell: patterns."""
    parts = [ctypes.c_uint() for _ in range(4)]
    return tuple(part.value for part in parts) if told(item.raw, *parts) else None


def _only_picture(page: Any, found: _Found) -> Any:
    """The page's single picture, when it and what is seen of the page are nearly the same place."""
    if len(found.pictures) != 1:
        return None
    left, bottom, right, top = found.pictures[0].get_bounds()
    x0, y0, x1, y1 = page.get_cropbox()
    both = max(0.0, min(right, x1) - max(left, x0)) * max(0.0, min(top, y1) - max(bottom, y0))
    seen, whole = (x1 - x0) * (y1 - y0), (right - left) * (top - bottom)
    return found.pictures[0] if both >= _COVERS * max(seen, whole) else None


def _as_it_is(picture: Any, page: Any, number: int, view: Shown) -> SourcePage | BadPage | None:
    """The picture without touching its dots; None when a viewer shows something else."""
    turn = _turn(picture)
    if turn is None:
        return None
    width, height = picture.get_px_size()
    dpi = _dpi(picture, width, height)
    rotation = (turn + page.get_rotation()) % 360
    filters = picture.get_filters()
    if len(filters) == 1 and filters[0] in _RAW and _plain(picture):
        stream = bytes(picture.get_data(decode_simple=False))
        made = _raw(number, stream, _RAW[filters[0]], width, height, dpi, rotation)
        try:
            return made if same(made.image.reduced(max(view.grey.shape)), rotation, view) else None
        except ScanUnusable:
            return made  # kept as it came: whoever decodes it hears the complaint, too
    grey = _bitmap(picture)
    if grey is None or not is_sound(picture, grey):
        return _damaged(number)
    image = picture.get_bitmap(render=False).to_pil()
    if not same(grey, rotation, view):
        if image.mode not in ("L", "RGB") or not same(255 - grey, rotation, view):
            return None
        image = ImageChops.invert(image)  # a stencil or a negative, shown the other way round
    return SourcePage(number, _png(image, dpi), "image/png", width, height, dpi, rotation)


def _raw(
    number: int, stream: bytes, kind: str, width: int, height: int,
    dpi: tuple[float, float] | None, rotation: int,
) -> SourcePage:  # fmt: skip
    """A page of a stream as it lies in the file.  Raises ScanTooLarge."""
    if len(stream) > MAX_STREAM_BYTES:
        raise ScanTooLarge(f"第 {number} 页的图像超过上限 {MAX_STREAM_BYTES // 1_000_000} MB。")
    return SourcePage(number, stream, kind, width, height, dpi, rotation)


def _bitmap(picture: Any) -> Grey | None:
    """What pdfium decodes of a picture, grey, without mask or place; None when it cannot."""
    import numpy as np
    import pypdfium2

    try:
        return np.asarray(picture.get_bitmap(render=False).to_pil().convert("L"), np.uint8)
    except pypdfium2.PdfiumError:
        return None


def _is_masked(picture: Any) -> bool:
    """Whether parts of a picture are not drawn: what its mask hides is proved by nothing."""
    dots = picture.get_bitmap(render=True).to_numpy()
    return dots.ndim == 3 and dots.shape[2] == 4 and bool((dots[2:-2, 2:-2, 3] < 255).any())


def _plain(picture: Any) -> bool:
    """Whether the stream alone may show what the page shows: grey or RGB, no palette."""
    import pypdfium2.raw as pdfium

    known = (pdfium.FPDF_COLORSPACE_DEVICEGRAY, pdfium.FPDF_COLORSPACE_DEVICERGB,
             pdfium.FPDF_COLORSPACE_CALGRAY, pdfium.FPDF_COLORSPACE_CALRGB,
             pdfium.FPDF_COLORSPACE_ICCBASED)  # fmt: skip
    return picture.get_metadata().colorspace in known


def _turn(picture: Any) -> int | None:
    """Clockwise quarter turns of the picture on its page, in degrees; None when mirrored or crooked."""
    a, b, c, d, _, _ = picture.get_matrix().get()
    if a * d - b * c <= 0:
        return None
    if math.hypot(b, c) < 0.01 * math.hypot(a, d):
        return 0 if a > 0 else 180
    if math.hypot(a, d) < 0.01 * math.hypot(b, c):
        return 90 if b < 0 else 270
    return None


def _dpi(picture: Any, width: int, height: int) -> tuple[float, float] | None:
    a, b, c, d, _, _ = picture.get_matrix().get()
    across, down = math.hypot(a, b) / 72, math.hypot(c, d) / 72
    if across <= 0 or down <= 0:
        return None
    return meant((round(width / across, 2), round(height / down, 2)), width, height)


def _drawn(page: Any, number: int, found: _Found) -> SourcePage:
    """A page of several pictures, text or lines, as a picture as fine as the finest in it."""
    finest = max((max(_dpi(one, *one.get_px_size()) or (0.0,)) for one in found.pictures), default=0.0)
    width, height = page.get_size()
    room = (_MOST_DRAWN / max(width * height, 1.0)) ** 0.5 * 72
    fineness = int(min(max(float(DRAWN_DPI), min(finest, FINEST_DPI)), room))
    if fineness < LEAST_DPI:
        raise ScanTooLarge(_too_large(number, width, height))
    image = page.render(scale=fineness / 72).to_pil()
    dpi = (float(fineness), float(fineness))
    return SourcePage(number, _png(image, dpi), "image/png", image.width, image.height, dpi, 0)


def _too_large(number: int, width: float, height: float) -> str:
    size = f"{width / 72 * 25.4:.0f} × {height / 72 * 25.4:.0f} 毫米"
    return f"第 {number} 页的纸张太大（{size}），不能作为扫描页读取：请按 A3 或更小的纸扫描。"


def _png(image: Any, dpi: tuple[float, float] | None) -> bytes:
    """Lossless; black-and-white in one bit."""
    stream = io.BytesIO()
    if image.mode not in ("1", "L", "RGB"):
        image = image.convert("RGB")
    colours = image.getcolors(2) if image.mode == "L" else None
    if colours is not None and {value for _, value in colours} <= {0, 255}:
        image = image.convert("1", dither=0)
    image.save(stream, "PNG", compress_level=3, dpi=dpi or (DRAWN_DPI, DRAWN_DPI))
    return stream.getvalue()

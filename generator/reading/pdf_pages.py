"""The pages of a scanned PDF: the picture each page consists of, taken out as it is.

A page that is more than one picture (a searchable text layer does not count) is drawn instead, at 300 dpi.
pdfium opens the file from disk and is asked for one page at a time; it is built without a script engine.
"""

from __future__ import annotations

import io
import math
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from generator.errors import GeneratorError, ScanTooLarge, ScanUnusable
from generator.reading.container import MAX_PAGES, MAX_STREAM_BYTES, BadPage, SourcePage
from generator.reading.page_image import MAX_PIXELS, check_pixels
from generator.reading.pdf_streams import check_streams

DRAWN_DPI = 300
_COVERS = 0.9
"""A picture over less of the page is a part of it, not the scan."""
_MAX_OBJECTS = 20_000
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
    for first in range(1, count + 1, _AT_ONCE):
        with closing(_opened(path)) as document:
            for number in range(first, min(first + _AT_ONCE, count + 1)):
                yield _page(document, number)


def _opened(path: Path) -> Any:
    import pypdfium2

    try:
        return pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError as error:
        raise _unopened(error) from error


def _unopened(error: Exception) -> ScanUnusable:
    told = str(error).lower()
    if "password" in told or "security" in told:
        return ScanUnusable(
            "该 PDF 有密码，不能读取。", hint="请在扫描仪或 PDF 软件中取消密码后另存，再放入收件夹。"
        )
    return ScanUnusable("该 PDF 已损坏或不完整，不能打开。", hint="扫描可能中断了：请重新扫描或另存后再试。")


def _page(document: Any, number: int) -> SourcePage | BadPage:
    import pypdfium2

    try:
        page = document[number - 1]
    except pypdfium2.PdfiumError:
        return BadPage(number, f"PDF 第 {number} 页已损坏，不能读取。")
    try:
        return _embedded(page, number) or _drawn(page, number)
    except GeneratorError as error:
        return BadPage(number, error.message)
    except (pypdfium2.PdfiumError, ValueError, OSError):
        return BadPage(number, f"PDF 第 {number} 页的图像已损坏，不能读取。")
    finally:
        page.close()


def _embedded(page: Any, number: int) -> SourcePage | None:
    """The one picture that is the page; None when the page has to be drawn."""
    picture = _only_picture(page)
    if picture is None:
        return None
    turn = _turn(picture)
    if turn is None:
        return None
    width, height = picture.get_px_size()
    check_pixels(width, height)
    dpi = _dpi(picture, width, height)
    rotation = (turn + page.get_rotation()) % 360
    filters = picture.get_filters()
    if len(filters) == 1 and filters[0] in _RAW and _plain(picture):
        stream = bytes(picture.get_data(decode_simple=False))
        if len(stream) > MAX_STREAM_BYTES:
            raise ScanTooLarge(f"第 {number} 页的图像超过上限 {MAX_STREAM_BYTES // 1_000_000} MB。")
        return SourcePage(number, stream, _RAW[filters[0]], width, height, dpi, rotation)
    stream = _png(picture.get_bitmap(render=False).to_pil(), dpi)
    return SourcePage(number, stream, "image/png", width, height, dpi, rotation)


def _only_picture(page: Any) -> Any:
    """The page's single picture over (nearly) the whole page; text nobody sees may lie over it."""
    import pypdfium2.raw as pdfium

    if pdfium.FPDFPage_GetAnnotCount(page.raw):
        return None
    if pdfium.FPDFPage_CountObjects(page.raw) > _MAX_OBJECTS:
        raise ScanTooLarge("该页的绘图内容太多，不像扫描件。")
    pictures = []
    for item in page.get_objects(max_depth=4):
        if item.type == pdfium.FPDF_PAGEOBJ_IMAGE:
            pictures.append(item)
        elif item.type == pdfium.FPDF_PAGEOBJ_TEXT:
            if pdfium.FPDFTextObj_GetTextRenderMode(item.raw) != pdfium.FPDF_TEXTRENDERMODE_INVISIBLE:
                return None
        elif item.type != pdfium.FPDF_PAGEOBJ_FORM:
            return None
    if len(pictures) != 1:
        return None
    left, bottom, right, top = pictures[0].get_bounds()
    x0, y0, x1, y1 = page.get_mediabox()
    covered = max(0.0, min(right, x1) - max(left, x0)) * max(0.0, min(top, y1) - max(bottom, y0))
    return pictures[0] if covered >= _COVERS * (x1 - x0) * (y1 - y0) else None


def _plain(picture: Any) -> bool:
    """Whether the stream alone shows what the page shows: grey or RGB, no palette, no mask over it."""
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
    return round(width / across, 2), round(height / down, 2)


def _drawn(page: Any, number: int) -> SourcePage:
    """A page of several pictures, text or lines, as a picture."""
    width, height = page.get_size()
    scale = DRAWN_DPI / 72
    if width <= 0 or height <= 0 or width * height * scale * scale > MAX_PIXELS:
        raise ScanTooLarge(f"第 {number} 页的纸张太大，超过上限。")
    image = page.render(scale=scale, may_draw_forms=False).to_pil()
    dpi = (float(DRAWN_DPI), float(DRAWN_DPI))
    return SourcePage(number, _png(image, dpi), "image/png", image.width, image.height, dpi, 0)


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

"""Scans to bind into a packet: JPEG, PNG, TIFF pictures and PDFs become pages of pictures.

A foreign PDF is drawn at 300 dpi, so that the packet stays PDF/A; JPEG pictures pass through as they are.
Takes bytes, not files.  What is not a sound picture is refused with its name; nothing is stamped.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from generator.errors import ScanUnusable
from generator.packets.pen import MM
from generator.typeset.model import PageLayout, Picture, Rect

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageFile import ImageFile

DPI = 300
MAX_PAGES = 200
MAX_PIXELS = 60_000_000
"""A0 at 150 dpi, A2 at 300: beyond is a mistake or an attack on the memory."""
_QUALITY = 90
_SHORT, _LONG = 210 * MM, 297 * MM
_EDGE = 10 * MM
_A4 = 297 / 210


@dataclass(frozen=True, slots=True)
class BoundScan:
    """One file on its pages; ``name`` is what the contents call it."""

    name: str
    pages: Sequence[PageLayout] = field(repr=False)


def bind(name: str, content: bytes) -> BoundScan:
    """The pages of one scan.  Raises ScanUnusable naming the file."""
    pictures = _pdf_pictures(name, content) if content.startswith(b"%PDF") else _pictures(name, content)
    pages = [_page(data, media_type, size) for data, media_type, size in pictures]
    if not pages:
        raise ScanUnusable(f"扫描件 {name} 没有页。")
    return BoundScan(name, pages)


_Drawn = tuple[bytes, str, tuple[int, int]]
"""Bytes, media type, size in pixels."""


def _pdf_pictures(name: str, content: bytes) -> Iterator[_Drawn]:
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as error:
        raise ScanUnusable(f"扫描件 {name} 不能打开：不是完整的 PDF，或有密码。") from error
    try:
        if len(document) > MAX_PAGES:
            raise ScanUnusable(f"扫描件 {name} 有 {len(document)} 页，超过上限 {MAX_PAGES} 页。")
        for number in range(len(document)):
            page = document[number]
            width, height = page.get_size()
            if width * height * (DPI / 72) ** 2 > MAX_PIXELS:
                raise ScanUnusable(f"扫描件 {name} 第 {number + 1} 页的纸张太大。")
            image = page.render(scale=DPI / 72, may_draw_forms=True).to_pil()
            yield _jpeg(image)
    except pypdfium2.PdfiumError as error:
        raise ScanUnusable(f"扫描件 {name} 有损坏的页。") from error
    finally:
        document.close()


def _pictures(name: str, content: bytes) -> Iterator[_Drawn]:
    from PIL import Image

    try:
        with warnings.catch_warnings():
            # Pillow only warns of pictures that would fill the memory.
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content), formats=("JPEG", "PNG", "TIFF")) as image:
                yield from _frames(name, content, image)
    except ScanUnusable:
        raise
    except Exception as error:  # Pillow's readers raise whatever a broken file makes them raise
        raise ScanUnusable(f"扫描件 {name} 不能读取：不是完整的 JPEG、PNG、TIFF 图片或 PDF。") from error


def _frames(name: str, content: bytes, image: ImageFile) -> Iterator[_Drawn]:
    """Each picture of a file; a TIFF of a scanner has one for each page."""
    from PIL import ImageSequence

    if getattr(image, "n_frames", 1) > MAX_PAGES:
        raise ScanUnusable(f"扫描件 {name} 超过上限 {MAX_PAGES} 页。")
    for frame in ImageSequence.Iterator(image):
        if frame.width * frame.height > MAX_PIXELS:
            raise ScanUnusable(f"扫描件 {name} 的图片太大。")
        yield _drawn(content, image.format or "", frame)


def _drawn(content: bytes, kind: str, frame: Image) -> _Drawn:
    """The picture as PDF/A takes it: JPEG untouched if upright and not CMYK, else drawn anew."""
    from PIL import ImageOps

    turned: Any = frame.getexif().get(0x0112, 1) != 1
    if kind == "JPEG" and frame.mode in ("L", "RGB") and not turned:
        frame.load()
        return content, "image/jpeg", frame.size
    upright = ImageOps.exif_transpose(frame)
    if upright.mode in ("1", "L"):
        return _png(upright)
    if upright.mode in ("RGBA", "LA", "P", "PA"):
        upright = _on_white(upright)
    return _png(upright) if kind == "PNG" else _jpeg(upright)


def _on_white(image: Image) -> Image:
    from PIL import Image as Images

    layered = image.convert("RGBA")
    paper = Images.new("RGBA", layered.size, "white")
    return Images.alpha_composite(paper, layered)


def _png(image: Image) -> _Drawn:
    stream = io.BytesIO()
    (image if image.mode in ("1", "L") else image.convert("RGB")).save(stream, "PNG")
    return stream.getvalue(), "image/png", image.size


def _jpeg(image: Image) -> _Drawn:
    stream = io.BytesIO()
    plain = image if image.mode in ("L", "RGB") else image.convert("RGB")
    plain.save(stream, "JPEG", quality=_QUALITY, dpi=(DPI, DPI))
    return stream.getvalue(), "image/jpeg", image.size


def _page(data: bytes, media_type: str, size: tuple[int, int]) -> PageLayout:
    """An A4 page, upright or lying like the picture; a scanned sheet fills it, others keep an edge."""
    width, height = size
    across = width > height
    page = PageLayout(_LONG, _SHORT) if across else PageLayout(_SHORT, _LONG)
    ratio = max(size) / min(size)
    edge = 0.0 if abs(ratio / _A4 - 1) < 0.03 else _EDGE
    room_x, room_y = page.width - 2 * edge, page.height - 2 * edge
    scale = min(room_x / width, room_y / height)
    drawn_x, drawn_y = width * scale, height * scale
    place = Rect((page.width - drawn_x) / 2, (page.height - drawn_y) / 2, drawn_x, drawn_y)
    page.pictures.append(Picture(place, data, media_type))
    return page

"""Scanned files → their pages: PDF, TIFF of many pages, JPEG, PNG.

Owns what a file may be (judged by its content, never its name), its limits, and the promise that a page's
stream comes out as it went in: the JPEG inside a PDF is handed on byte for byte.  Pages come one at a time,
so memory does not grow with the file.  Nothing in a file is run: scripts, links and forms are not looked at.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from generator.errors import GeneratorError, ScanTooLarge, ScanUnusable
from generator.reading.page_image import (
    PageImage,
    check_pixels,
    holds_more,
    is_transparent,
    measured,
    resolution,
)

if TYPE_CHECKING:
    from PIL.Image import Image

MAX_PAGES = 10_000
MAX_FILE_BYTES = 4_000_000_000
MAX_STREAM_BYTES = 64_000_000
_KINDS = {
    b"\xff\xd8\xff": "jpeg",
    b"\x89PNG\r\n\x1a\n": "png",
    b"II*\x00": "tiff",
    b"MM\x00*": "tiff",
}
_TRANSPARENT = "该页图像有透明部分，不能断定是空白页。"
_MORE = "该文件里另有其他图片，不能断定是空白页。"
_PDF_HEAD = 1024
"""A PDF may begin with up to a kilobyte of something else."""


@dataclass(frozen=True, slots=True)
class SourcePage:
    """One page: the stream as it lay in the file and how to look at it.

    ``rotation`` is the clockwise turn (0, 90, 180, 270) the file asks viewers for; pictures are not turned.
    """

    number: int
    """From 1."""
    stream: bytes = field(repr=False)
    media_type: str
    width: int
    height: int
    dpi: tuple[float, float] | None
    rotation: int
    doubt: str | None = None
    """Why the page may not be called blank although it looks so: a sentence."""

    @property
    def image(self) -> PageImage:
        """The page as a picture, decoded when asked for."""
        return PageImage(self.stream, self.width, self.height, self.dpi)


@dataclass(frozen=True, slots=True)
class BadPage:
    """A page that cannot be taken out of its file; the others can."""

    number: int
    reason: str


def pages_of(path: Path) -> Iterator[SourcePage | BadPage]:
    """The pages of one file, in order.

    Raises ScanUnusable (empty, broken, encrypted, no scan at all), ScanTooLarge (bytes, pages), before the
    first page where that can be known.  A bad page does not end the file.
    """
    kind = _kind(path)
    if kind == "pdf":
        from generator.reading.pdf_pages import pdf_pages

        yield from pdf_pages(path)
    elif kind == "tiff":
        yield from _tiff_pages(path)
    else:
        yield _single(path.read_bytes())


def _kind(path: Path) -> str:
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            head = file.read(_PDF_HEAD)
    except OSError as error:
        raise ScanUnusable("扫描件不能打开。", hint="请检查文件是否还在、是否正被其他程序使用。") from error
    if not size:
        raise ScanUnusable("扫描件是空文件（0 字节）。", hint="扫描可能中断了：请重新扫描。")
    if size > MAX_FILE_BYTES:
        raise ScanTooLarge(f"扫描件有 {size // 1_000_000} MB，超过上限 {MAX_FILE_BYTES // 1_000_000} MB。")
    for start, kind in _KINDS.items():
        if head.startswith(start):
            if kind in ("jpeg", "png") and size > MAX_STREAM_BYTES:
                raise ScanTooLarge(f"图片超过上限 {MAX_STREAM_BYTES // 1_000_000} MB。")
            return kind
    if b"%PDF-" in head:
        return "pdf"
    raise ScanUnusable("这不是扫描件：文件内容不是 PDF、TIFF、JPEG 或 PNG（与扩展名无关）。")


def _single(stream: bytes) -> SourcePage:
    width, height, media_type, dpi, turn = measured(stream)
    doubt = _TRANSPARENT if is_transparent(stream) else _MORE if holds_more(stream) else None
    return SourcePage(1, stream, media_type, width, height, dpi, turn, doubt)


def _tiff_pages(path: Path) -> Iterator[SourcePage | BadPage]:
    """Each picture of a TIFF as a TIFF of its own; a file of one page is handed on as it is."""
    from PIL import Image

    try:
        count = _tiff_count(path)
        opened: Any = Image.open(path, formats=("TIFF",))
    except GeneratorError:
        raise
    except Image.DecompressionBombError as error:
        raise ScanTooLarge("该 TIFF 第 1 页的像素太多，超过上限。") from error
    except Exception as error:  # Pillow's readers raise whatever a broken file makes them raise
        raise ScanUnusable("该 TIFF 文件已损坏，不能读取。") from error
    with closing(opened) as image:
        for number in range(1, count + 1):
            try:
                image.seek(number - 1)
                check_pixels(image.width, image.height)
                stream = path.read_bytes() if count == 1 else _alone(image)
                turn = {3: 180, 6: 90, 8: 270}.get(image.tag_v2.get(0x0112, 1), 0)
                dpi = resolution(image)
                # Many viewers pay no heed to transparency in a TIFF, and show what it hides.
                doubt = _TRANSPARENT if image.has_transparency_data else None
                yield SourcePage(number, stream, "image/tiff", image.width, image.height, dpi, turn, doubt)
            except GeneratorError as error:
                yield BadPage(number, error.message)
            except Exception:  # as above
                yield BadPage(number, f"TIFF 第 {number} 页已损坏，不能读取。")


def _alone(image: Image) -> bytes:
    """One picture of a TIFF as a file, losslessly; black-and-white stays as small as it was."""
    import io

    stream = io.BytesIO()
    compression = "group4" if image.mode == "1" else "tiff_adobe_deflate"
    image.save(stream, "TIFF", compression=compression, dpi=resolution(image) or (0, 0))
    return stream.getvalue()


def _tiff_count(path: Path) -> int:
    """Pictures in a TIFF by following its chain of directories; a chain that bites its tail is broken."""
    with path.open("rb") as file:
        order = "little" if file.read(2) == b"II" else "big"

        def number(size: int) -> int:
            raw = file.read(size)
            if len(raw) < size:
                raise ScanUnusable("该 TIFF 文件不完整（在中途结束）。", hint="扫描可能中断了：请重新扫描。")
            return int.from_bytes(raw, order)  # type: ignore[arg-type]

        file.seek(4, os.SEEK_SET)
        seen: set[int] = set()
        at = number(4)
        # Ends: no place is visited twice, and MAX_PAGES.
        while at:
            if at in seen:
                raise ScanUnusable("该 TIFF 文件已损坏（页目录循环）。")
            seen.add(at)
            if len(seen) > MAX_PAGES:
                raise ScanTooLarge(f"扫描件超过上限 {MAX_PAGES} 页。")
            file.seek(at)
            file.seek(12 * number(2), os.SEEK_CUR)
            at = number(4)
    if not seen:
        raise ScanUnusable("该 TIFF 文件里没有页。")
    return len(seen)

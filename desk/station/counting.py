"""What a file brought in by hand is, judged by its content, and how many pages it has."""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass
from typing import Final

from archives.errors import InputRefused

MOST_PAGES: Final = 2_000
MOST_PIXELS: Final = 200_000_000
PDF: Final = "application/pdf"
_PICTURES: Final = {"JPEG": "image/jpeg", "PNG": "image/png", "TIFF": "image/tiff", "MPO": "image/jpeg"}
_KNOWN: Final = (b"%PDF-", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"II*\x00", b"MM\x00*")
EXTENSIONS: Final = {PDF: "pdf", "image/jpeg": "jpg", "image/png": "png", "image/tiff": "tif"}


@dataclass(frozen=True, slots=True)
class Counted:
    """A file whose every page could be opened."""

    media_type: str
    pages: int


def count_pages(content: bytes) -> Counted:
    """Media type and pages.  Raises InputRefused: another kind of file, broken, encrypted, too large."""
    if not content:
        raise InputRefused("文件是空的，没有归入。", hint="请检查是否选对了文件。")
    if not content.startswith(_KNOWN):
        raise InputRefused(
            "只能归入 PDF、JPEG、PNG、TIFF 文件。", hint="Word 文件请先打印成 PDF；照片请存成 JPEG。"
        )
    return _pdf(content) if content.startswith(b"%PDF-") else _picture(content)


def _pdf(content: bytes) -> Counted:
    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            reader = PdfReader(io.BytesIO(content), strict=False)
            if reader.is_encrypted:
                raise InputRefused("PDF 加了密码，没有归入。", hint="请去掉密码后再归入，档案自有加密。")
            pages = sum(1 for _ in reader.pages)
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, RecursionError, OSError) as error:
        raise _broken("PDF ") from error
    if pages == 0:
        raise _broken("PDF ")
    _require_few(pages)
    return Counted(PDF, pages)


def _picture(content: bytes) -> Counted:
    from PIL import Image, ImageSequence, UnidentifiedImageError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(content), formats=list(_PICTURES)) as image:
                kind = str(image.format)
                frames = getattr(image, "n_frames", 1) if kind == "TIFF" else 1
                _require_few(frames)
                for number, frame in enumerate(ImageSequence.Iterator(image), start=1):
                    if frame.width * frame.height > MOST_PIXELS:
                        raise InputRefused(
                            f"第 {number} 页超过 {MOST_PIXELS // 1_000_000} 百万像素，没有归入。",
                            hint="请用 300 dpi 重新扫描。",
                        )
                    # A file cut short opens well; only reading its pixels tells.
                    frame.load()
                    if number == frames:
                        break
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError) as error:
        raise _broken("图片") from error
    except Image.DecompressionBombError as error:
        raise InputRefused("图片展开后过大，没有归入。", hint="请用 300 dpi 重新扫描。") from error
    return Counted(_PICTURES[kind], frames)


def _require_few(pages: int) -> None:
    if pages > MOST_PAGES:
        raise InputRefused(f"文件有 {pages} 页，超过上限 {MOST_PAGES} 页。", hint="请拆分后分别归入。")


def _broken(kind: str) -> InputRefused:
    return InputRefused(f"{kind}文件已损坏或不完整，没有归入。", hint="请重新扫描或重新导出后再归入。")

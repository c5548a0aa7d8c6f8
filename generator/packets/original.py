"""Binding foreign PDFs as they are, behind a finished packet.

What is appended need not be PDF/A, so the mark of PDF/A is taken off the whole file: it never stands on what
does not conform.
"""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from generator.errors import ScanUnusable

if TYPE_CHECKING:
    from pypdf import PdfReader
    from pypdf.generic import StreamObject

_MARK = re.compile(rb"<pdfaid:(part|conformance|rev|amd|corr)>[^<]*</pdfaid:\1>\s*")


def append_originals(packet: bytes, originals: Sequence[tuple[str, bytes]]) -> bytes:
    """The packet followed by the PDFs, each under a bookmark with its name, without the mark of PDF/A.

    Raises ScanUnusable naming a file that is broken or locked.
    """
    from pypdf import PdfReader, PdfWriter

    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(packet)))
    for name, content in originals:
        reader = _reader(name, content)
        start = len(writer.pages)
        for page in reader.pages:
            writer.add_page(page)
        writer.add_outline_item(title=f"附件 {name}", page_number=start)
    metadata = cast("StreamObject", writer.root_object["/Metadata"].get_object())
    metadata.set_data(_MARK.sub(b"", metadata.get_data()))
    stream = io.BytesIO()
    writer.write(stream)
    return stream.getvalue()


def page_count(name: str, content: bytes) -> int:
    """How many pages a PDF to append has.  Raises ScanUnusable."""
    return len(_reader(name, content).pages)


def _reader(name: str, content: bytes) -> PdfReader:
    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    try:
        reader = PdfReader(io.BytesIO(content))
        usable = not reader.is_encrypted and len(reader.pages) > 0
    except (PyPdfError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise ScanUnusable(f"附件 {name} 不能打开：不是完整的 PDF。") from error
    if not usable:
        raise ScanUnusable(f"附件 {name} 有密码或没有页。")
    return reader

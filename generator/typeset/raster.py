"""Pictures of PDF pages, for people to look at."""

from __future__ import annotations

import io


def page_png(pdf: bytes, page: int = 0, *, dpi: int = 100) -> bytes:
    """Return page ``page`` (from 0) of ``pdf`` as PNG bytes."""
    import pypdfium2

    document = pypdfium2.PdfDocument(pdf)
    try:
        image = document[page].render(scale=dpi / 72).to_pil()
        stream = io.BytesIO()
        image.convert("RGB").save(stream, "PNG", optimize=False)
        return stream.getvalue()
    finally:
        document.close()

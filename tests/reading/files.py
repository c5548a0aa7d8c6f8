"""Files as copiers write them, good and bad, made for tests."""

from __future__ import annotations

import io
import zlib
from pathlib import Path

import numpy as np
import pypdfium2
from PIL import Image
from pypdf import PdfReader, PdfWriter
from pypdf.generic import DictionaryObject, NameObject, TextStringObject


def picture(width: int = 620, height: int = 877, seed: int = 1) -> Image.Image:
    """A grey page at 75 dpi that is not empty."""
    random = np.random.default_rng(seed)
    page = np.full((height, width), 245, np.uint8)
    for row in range(60, height - 60, 24):
        page[row : row + 8, 60 : 60 + int(random.integers(100, width - 120))] = 40
    return Image.fromarray(page)


def jpeg(image: Image.Image, **options: object) -> bytes:
    """The picture as a JPEG."""
    stream = io.BytesIO()
    image.save(stream, "JPEG", quality=80, **options)  # type: ignore[arg-type]
    return stream.getvalue()


def scanned_pdf(path: Path, jpegs: list[bytes], *, rotate: int = 0, dpi: float = 75) -> Path:
    """One JPEG a page, as a copier writes it."""
    document = pypdfium2.PdfDocument.new()
    for data in jpegs:
        image = pypdfium2.PdfImage.new(document)
        image.load_jpeg(io.BytesIO(data), inline=True)
        width, height = image.get_px_size()
        image.set_matrix(pypdfium2.PdfMatrix().scale(width * 72 / dpi, height * 72 / dpi))
        page = document.new_page(width * 72 / dpi, height * 72 / dpi)
        page.insert_obj(image)
        page.gen_content()
        page.set_rotation(rotate)
        page.close()
    document.save(path)
    document.close()
    return path


def raw_pdf(objects: list[bytes], pages: int = 1) -> bytes:
    """A PDF of given objects, numbered from 1; object 1 is the catalogue."""
    out = bytearray(b"%PDF-1.7\n")
    places = []
    for number, body in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n" % number + body + b"\nendobj\n"
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    return bytes(out)


def stream(dictionary: bytes, data: bytes) -> bytes:
    """A stream object."""
    return b"<< %s /Length %d >>\nstream\n" % (dictionary, len(data)) + data + b"\nendstream"


def many_pages(count: int) -> bytes:
    """A PDF that is one page, named many times over."""
    kids = b" ".join(b"3 0 R" for _ in range(count))
    return raw_pdf(
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Kids [%s] /Count %d >>" % (kids, count),
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>",
        ]
    )


def picture_bomb(side: int = 60_000) -> bytes:
    """A PDF of one page whose picture says it has ``side`` × ``side`` dots."""
    return raw_pdf(
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
            b" /Resources << /XObject << /A 5 0 R >> >> >>",
            stream(b"", b"q 595 0 0 842 0 0 cm /A Do Q"),
            stream(
                b"/Type /XObject /Subtype /Image /Width %d /Height %d /ColorSpace /DeviceGray"
                b" /BitsPerComponent 8 /Filter /FlateDecode" % (side, side),
                zlib.compress(bytes(1_000_000)),
            ),
        ]
    )


def content_bomb(megabytes: int = 400) -> bytes:
    """A PDF whose page description unpacks to hundreds of megabytes of strokes."""
    packer = zlib.compressobj(9)
    part = b"0 0 m 9 9 l S\n" * 75_000
    data = b"".join(packer.compress(part) for _ in range(megabytes)) + packer.flush()
    return raw_pdf(
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R >>",
            stream(b"/Filter /FlateDecode", data),
        ]
    )


def with_script(path: Path, data: bytes, touched: Path) -> Path:
    """A scan that would run a script and open a file when a viewer let it."""
    writer = PdfWriter(clone_from=PdfReader(scanned_pdf(path, [data])))
    script = f"app.launchURL('file://{touched}', true); this.exportDataObject('x');"
    action = {NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject(script)}
    writer.root_object[NameObject("/OpenAction")] = DictionaryObject(action)
    writer.write(path)
    return path

"""A page called bare shows its picture and nothing else; one more word, and it is drawn and compared."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pypdfium2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.reading.container import SourcePage, pages_of
from generator.reading.pdf_bare import BarePages
from generator.reading.pdf_shown import same, shown
from tests.reading.files import jpeg, picture, scanned_pdf
from tests.reading.odd_pdfs import flate_image, jpeg_image, pdf, written

W = written()
SMALL = jpeg_image(W[::3, ::3])
FULL = b"q 595 0 0 842 0 0 cm /A Do Q"
STATE = b"/ExtGState << /G << %s >> >>"


def bare(folder: Path, data: bytes) -> bool:
    path = folder / "a.pdf"
    path.write_bytes(data)
    with BarePages(path) as pages:
        return pages.picture(1) is not None


@pytest.mark.parametrize(
    ("content", "resources"),
    [
        (FULL, b""),
        (b"595 0 0 842 0 0 cm\n/A Do\n", b""),
        (b"q 1 0 0 1 0 0 cm q 595 0 0 842 0 0 cm /A Do Q Q", b"/ProcSet [/PDF /ImageB]"),
        (b"q 0 0 0 RG 1 w /G gs 595 0 0 842 0 0 cm /A Do Q", STATE % b"/CA 1 /ca 1 /BM /Normal"),
    ],
)
def test_what_copiers_write_is_bare(tmp_path: Path, content: bytes, resources: bytes) -> None:
    assert bare(tmp_path, pdf([jpeg_image(W)], content, more_resources=resources))


def test_every_page_of_a_long_scan_is_bare(tmp_path: Path) -> None:
    path = scanned_pdf(tmp_path / "a.pdf", [jpeg(picture(seed=seed)) for seed in range(20)])
    with BarePages(path) as pages:
        assert all(pages.picture(number) for number in range(1, 21))
        assert pages.picture(21) is None


@pytest.mark.parametrize(
    "data",
    [
        pdf([jpeg_image(W, b"/Decode [1 0]")]),
        pdf([jpeg_image(W, b"/SMask 6 0 R"), flate_image(W)]),
        pdf([jpeg_image(W, b"/Mask [0 9]")]),
        pdf([jpeg_image(W, b"/OC << /Type /OCG /Name (x) >>")]),
        pdf([jpeg_image(W, b"/ImageMask false")]),
        pdf([flate_image(W)]),
        pdf([jpeg_image(W), jpeg_image(W)], FULL + FULL.replace(b"/A", b" /B")),
        pdf([jpeg_image(W)], page=b"/Annots []"),
        pdf([jpeg_image(W)], page=b"/UserUnit 2"),
        pdf([jpeg_image(W)], page=b"/Group << /S /Transparency >>"),
        pdf([jpeg_image(W)], b"q 0 0 595 300 re W n 595 0 0 842 0 0 cm /A Do Q"),
        pdf([jpeg_image(W)], FULL + b" " + FULL),
        pdf([jpeg_image(W)], FULL.replace(b"/A", b"/B")),
        pdf([jpeg_image(W)], FULL + b" 1 g 0 0 595 842 re f"),
        pdf([jpeg_image(W)], FULL + b" BT /F 12 Tf (x) Tj ET"),
        pdf([jpeg_image(W)], b"/OC /M BDC " + FULL + b" EMC"),
        pdf([jpeg_image(W)], b"/G gs " + FULL, more_resources=STATE % b"/ca .5"),
        pdf([jpeg_image(W)], b"/G gs " + FULL, more_resources=STATE % b"/BM /Multiply"),
        pdf([jpeg_image(W)], b"/G gs " + FULL, more_resources=STATE % b"/SMask << /S /Alpha >>"),
        pdf([jpeg_image(W)], b""),
        pdf([b"null"]),
    ],
)  # fmt: skip
def test_one_more_word_and_it_is_not(tmp_path: Path, data: bytes) -> None:
    assert not bare(tmp_path, data)


SAID = st.sampled_from(
    [b"q", b"Q", b"1 0 0 1 0 0 cm", b"595 0 0 842 0 0 cm", b"595 0 0 -842 0 842 cm", b"300 0 0 842 0 0 cm",
     b"/A Do", b"/B Do", b"0 g", b"1 w", b"/G gs", b"0 0 300 842 re W n", b"9 9 400 400 re f", b"/A", b"7",
     b"% /A Do", b"BX", b"(/A Do) Tj"]
)  # fmt: skip


@settings(max_examples=50)
@given(st.lists(SAID, max_size=7), st.sampled_from([b"/CA 1", b"/ca .4", b"/BM /Multiply"]))
def test_whatever_a_page_says_a_picture_taken_from_it_is_what_it_shows(
    said: list[bytes], state: bytes
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.pdf"
        path.write_bytes(pdf([SMALL], b" ".join(said), more_resources=STATE % state))
        (page,) = pages_of(path)
        document = pypdfium2.PdfDocument(path)
        view = shown(document[0])
        document.close()
    if isinstance(page, SourcePage) and page.doubt is None and page.media_type == "image/jpeg":
        assert same(page.image.reduced(max(view.grey.shape)), page.rotation, view)

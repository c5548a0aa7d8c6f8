"""The page that is judged is the page a viewer shows, and a damaged picture is never a blank page."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from generator.reading.container import BadPage, SourcePage, pages_of
from generator.reading.report import PageReport, read_page
from tests.reading import damage, odd_pdfs
from tests.reading.files import stream
from tests.reading.odd_pdfs import bits, fax, flate_image, image, jpeg, jpeg_image, mmr_jbig2, pdf
from tests.reading.pages import KEY

W, E = odd_pdfs.written(), odd_pdfs.empty()
FULL = b"q 595 0 0 842 0 0 cm /A Do Q"
TEXT = FULL + b" BT /F 12 Tf 100 500 Td (call back 12.3) Tj ET"
HALF = b"/ColorSpace /DeviceGray /BitsPerComponent 8 /Filter /DCTDecode"
CMYK = b"/ColorSpace /DeviceCMYK /BitsPerComponent 8 /Filter /DCTDecode "
STRIPS = b"q 595 0 0 421 0 421 cm /A Do Q q 595 0 0 421 0 0 cm /B Do Q"
JBIG2 = b"/ColorSpace /DeviceGray /BitsPerComponent 1 /Filter /JBIG2Decode"
PALE = b" /G gs .85 G .5 w 200 400 m 230 440 l 210 430 l 250 390 l 300 410 l S"
HIGHER = b"q 595 0 0 790 0 52 cm /A Do Q"
FORM = b"/Type /XObject /Subtype /Form /BBox [0 0 595 842]"
NOTE = b"/Annots [<< /Type /Annot /Subtype /FreeText /Rect [9 9 90 90] /Contents (x) >>]"


def _form(within: int) -> bytes:
    """A form that shows the one of that number."""
    return stream(FORM + b" /Resources << /XObject << /N %d 0 R >> >>" % within, b"/N Do")


def strip(page: np.ndarray) -> bytes:
    return image(HALF, jpeg(page), high=page.shape[0])


def report_of(path: Path, data: bytes) -> tuple[SourcePage | BadPage, PageReport]:
    path.write_bytes(data)
    (page,) = pages_of(path)
    return page, read_page(page, [KEY])


INK: dict[str, Callable[[], bytes]] = {
    "ink in a soft mask": lambda: odd_pdfs.soft_masked(W),
    "stencil": lambda: pdf([bits(W, b"/ImageMask true")]),
    "negative in grey": lambda: pdf([flate_image(255 - W, b"/Decode [1 0]")]),
    "negative in black and white": lambda: pdf([bits(255 - W, b"/ColorSpace /DeviceGray /Decode [1 0]")]),
    "negative jpeg": lambda: pdf([jpeg_image(255 - W, b"/Decode [1 0]")]),
    "group 4": lambda: pdf([image(*fax(W)[::-1])]),
    "jbig2": lambda: pdf([image(JBIG2, mmr_jbig2(W))]),
    "strips": lambda: pdf([strip(W[:877]), strip(W[877:])], STRIPS),
    "turned": lambda: pdf([jpeg_image(W)], page=b"/Rotate 90"),
    "cmyk as adobe writes it": lambda: pdf([image(CMYK + b"/Decode [1 0 1 0 1 0 1 0]", jpeg(W, "CMYK"))]),
    "in tens of points": lambda: pdf(
        [jpeg_image(W)], b"q 59.5 0 0 84.2 0 0 cm /A Do Q", box=b"[0 0 59.5 84.2]", page=b"/UserUnit 10"
    ),
}


@pytest.mark.parametrize("kind", INK)
def test_ink_is_dark_on_light_paper_however_it_is_kept(tmp_path: Path, kind: str) -> None:
    page, report = report_of(tmp_path / "a.pdf", INK[kind]())
    assert isinstance(page, SourcePage)
    assert report.outcome == "waiting"
    assert np.median(page.image.full) > 200
    assert (page.image.full < 100).mean() == pytest.approx((W < 100).mean(), rel=0.1)


LAID_OVER: dict[str, Callable[[], bytes]] = {
    "print over an empty picture": lambda: pdf([jpeg_image(E)], TEXT),
    "white print": lambda: pdf([jpeg_image(E)], TEXT.replace(b"BT", b"1 g BT")),
    "a note": lambda: pdf([jpeg_image(E)], page=NOTE),
    "ink beyond the crop": lambda: pdf([jpeg_image(W)], page=b"/CropBox [0 0 595 300]"),
    "ink clipped off": lambda: pdf([jpeg_image(W)], b"q 0 0 595 300 re W n 595 0 0 842 0 0 cm /A Do Q"),
    "white laid over ink": lambda: pdf([jpeg_image(W)], FULL + b" 1 g 0 400 595 442 re f"),
    "pale lines drawn half through": lambda: pdf(
        [jpeg_image(E)], FULL + PALE, more_resources=b"/ExtGState << /G << /BM /Multiply /CA .5 >> >>"
    ),
    "lines beside the picture": lambda: pdf([jpeg_image(E)], HIGHER + b" .8 G .4 w 99 9 m 200 40 l S"),
    "a form too deep to look into": lambda: pdf(
        [jpeg_image(E), *(_form(7 + at) for at in range(4)), stream(FORM, b".9 G .4 w 99 400 m 130 440 l S")],
        FULL + b" /B Do",
    ),
    "hidden by its mask": lambda: pdf([jpeg_image(W, b"/SMask 6 0 R"), flate_image(np.zeros_like(W))]),
    "nothing at all": lambda: pdf([], b""),
}


@pytest.mark.parametrize("kind", LAID_OVER)
def test_what_is_not_one_whole_picture_is_never_blank(tmp_path: Path, kind: str) -> None:
    _, report = report_of(tmp_path / "a.pdf", LAID_OVER[kind]())
    assert report.outcome == "waiting"


EMPTY: dict[str, Callable[[], bytes]] = {
    "jpeg": lambda: pdf([jpeg_image(E)]),
    "flate": lambda: pdf([flate_image(E)]),
    "negative": lambda: pdf([flate_image(255 - E, b"/Decode [1 0]")]),
    "stencil": lambda: pdf([bits(E, b"/ImageMask true")]),
    "group 4": lambda: pdf([image(*fax(E)[::-1])]),
    "jbig2": lambda: pdf([image(JBIG2, mmr_jbig2(E))]),
    "strips": lambda: pdf([strip(E[:877]), strip(E[877:])], STRIPS),
    "turned": lambda: pdf([jpeg_image(E)], page=b"/Rotate 270"),
    "on a white ground": lambda: pdf([jpeg_image(E)], b"1 g 0 0 595 842 re f " + FULL),
    "clipped to the sheet": lambda: pdf([jpeg_image(E)], b"0 0 595 842 re W n " + FULL),
    "text nobody sees": lambda: pdf([jpeg_image(E)], TEXT.replace(b"Tf", b"Tf 3 Tr")),
}


@pytest.mark.parametrize("kind", EMPTY)
def test_an_empty_picture_is_blank_however_it_is_kept(tmp_path: Path, kind: str) -> None:
    _, report = report_of(tmp_path / "a.pdf", EMPTY[kind]())
    assert (report.outcome, report.reason) == ("blank", None)


DAMAGED: dict[str, Callable[[], bytes]] = {
    "picture object gone": lambda: pdf([b"null"]),
    "picture object gone, print beside it": lambda: pdf([b"null"], TEXT.replace(b"BT", b"1 g BT")),
    "no data, a note": lambda: pdf([flate_image(W, data=b"")], page=NOTE),
    "no data, print": lambda: pdf([image(HALF, b"")], TEXT),
    "no page description": lambda: pdf([jpeg_image(W)], b""),
    "flate begins with zeros": lambda: pdf([flate_image(E, data=bytes(100) + jpeg(W))]),
    "flate ends early": lambda: pdf([image(HALF.replace(b"DCT", b"Flate"), _packed(E)[:-40])]),
    "group 4 ends early": lambda: pdf([image(fax(W)[1], fax(W)[0][:60])]),
    "group 4 turns to zeros": lambda: pdf([image(fax(W)[1], fax(W)[0][:20] + bytes(900))]),
    "jbig2 turns to zeros": lambda: pdf([image(JBIG2, mmr_jbig2(W)[:60] + bytes(500))]),
    "jbig2 is none": lambda: pdf([image(JBIG2, bytes(range(256)) * 3)], page=NOTE),
    "jpeg loses its middle": lambda: pdf([image(HALF, jpeg(W)[:4000] + jpeg(W)[9000:])]),
    "jpeg ends early": lambda: pdf([image(HALF, jpeg(W)[:4000])]),
}


def _packed(page: np.ndarray) -> bytes:
    import zlib

    return zlib.compress(page.tobytes())


@pytest.mark.parametrize("kind", DAMAGED)
def test_a_damaged_picture_is_said_to_be_damaged(tmp_path: Path, kind: str) -> None:
    _, report = report_of(tmp_path / "a.pdf", DAMAGED[kind]())
    assert report.outcome == "bad"
    assert report.reason is not None
    assert "损坏" in report.reason or "不完整" in report.reason


def test_bytes_lost_from_a_jpeg_are_heard(tmp_path: Path) -> None:
    data = jpeg(W)
    (tmp_path / "a.jpg").write_bytes(data[: len(data) // 2] + data[len(data) // 2 + 200 :])
    (page,) = pages_of(tmp_path / "a.jpg")
    assert read_page(page, [KEY]).outcome == "bad"


def test_a_picture_of_a_phone_is_no_sheet_of_a_metre(tmp_path: Path) -> None:
    page = np.full((4032, 3024), 245, np.uint8)
    (tmp_path / "a.jpg").write_bytes(jpeg(page, dpi=(72, 72)))
    (taken,) = pages_of(tmp_path / "a.jpg")
    assert isinstance(taken, SourcePage)
    assert taken.dpi is None


def test_a_sheet_beyond_any_scanner_is_said_to_be_too_large(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(pdf([jpeg_image(W)], TEXT, box=b"[0 0 14000 14000]"))
    (page,) = pages_of(tmp_path / "a.pdf")
    assert isinstance(page, BadPage)
    assert "纸张太大" in page.reason


def test_an_a0_sheet_is_a_page(tmp_path: Path) -> None:
    content = TEXT.replace(b"595 0 0 842", b"2384 0 0 3370")
    (tmp_path / "a.pdf").write_bytes(pdf([jpeg_image(W)], content, box=b"[0 0 2384 3370]"))
    (page,) = pages_of(tmp_path / "a.pdf")
    assert isinstance(page, SourcePage)
    assert page.width * page.height < 40_000_000


def _blanks(path: Path, per_kind: int, first: int) -> list[str]:
    """Damaged files of a page with ink of which a page is called blank."""
    from generator.errors import GeneratorError

    found = []
    for name, data in damage.many(per_kind, first):
        path.write_bytes(data)
        try:
            if any(read_page(page, [KEY]).outcome == "blank" for page in pages_of(path)):
                found.append(name)
        except GeneratorError:
            continue  # refused as a whole, with a sentence
    return found


def test_no_damaged_page_with_ink_is_blank(tmp_path: Path) -> None:
    assert _blanks(tmp_path / "a", 10, 0) == []


@pytest.mark.slow
def test_of_two_thousand_damaged_pages_with_ink_none_is_blank(tmp_path: Path) -> None:
    assert _blanks(tmp_path / "a", 220, 1000) == []


def _pencil() -> Image.Image:
    page = odd_pdfs.empty()
    page[400:404, 200:900] = 185
    return Image.fromarray(page)


def _hidden(kind: str, mode: str) -> bytes:
    """A picture all of whose dots are transparent, with ink under them."""
    page = _pencil().convert(mode)
    page.putalpha(0)
    return odd_pdfs.packed(page, kind)


def _levels(white: int, ink: int) -> bytes:
    page = np.asarray(_pencil()) > 240
    return odd_pdfs.packed(Image.fromarray(np.where(page, white, ink).astype(np.float32)), "TIFF")


def _and_more(kind: str) -> bytes:
    first = Image.fromarray(E).convert("RGB")
    return odd_pdfs.packed(first, kind, save_all=True, append_images=[_pencil().convert("RGB")])


NOT_BLANK: dict[str, Callable[[], bytes]] = {
    "transparent tiff": lambda: _hidden("TIFF", "RGB"),
    "transparent png": lambda: _hidden("PNG", "L"),
    "levels beyond white": lambda: _levels(60_000, 20_000),
    "a moving png": lambda: _and_more("PNG"),
    "several pictures of a telephone": lambda: _and_more("MPO"),
}


@pytest.mark.parametrize("kind", NOT_BLANK)
def test_a_picture_of_which_viewers_show_different_things_is_never_blank(tmp_path: Path, kind: str) -> None:
    _, report = report_of(tmp_path / "a", NOT_BLANK[kind]())
    assert report.outcome in ("waiting", "bad")
    assert report.reason


def test_a_telephones_jpeg_with_further_pictures_is_a_page(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(_and_more("MPO"))
    (page,) = pages_of(tmp_path / "a.jpg")
    assert isinstance(page, SourcePage)
    assert page.media_type == "image/jpeg"

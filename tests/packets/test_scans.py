"""Scans bound into a packet: as they are, counted, not stamped, and never a mark on what does not conform."""

from __future__ import annotations

import io
import shutil
import subprocess
from pathlib import Path

import pytest
from PIL import Image, ImageDraw
from pypdf import PdfReader, PdfWriter

from generator.errors import ScanUnusable
from generator.packets.original import append_originals, page_count
from generator.packets.scans import bind
from generator.typeset.raster import page_png
from tests.packets.conftest import Make
from tests.simulator.codes import page_pictures, read_codes

A4_200 = (1654, 2339)


def sheet(size: tuple[int, int] = A4_200) -> Image.Image:
    """A white page with a black square in its upper left quarter."""
    image = Image.new("RGB", size, "white")
    ImageDraw.Draw(image).rectangle((size[0] // 8, size[1] // 8, size[0] // 4, size[1] // 4), fill="black")
    return image


def saved(image: Image.Image, kind: str, **how: object) -> bytes:
    stream = io.BytesIO()
    image.save(stream, kind, **how)
    return stream.getvalue()


def turned() -> bytes:
    """The sheet as a phone saves it: lying, with a note to turn it clockwise."""
    exif = Image.Exif()
    exif[0x0112] = 6
    return saved(sheet().rotate(90, expand=True), "JPEG", exif=exif)


def pdf(pages: int = 2) -> bytes:
    return saved(sheet(), "PDF", save_all=True, append_images=[sheet()] * (pages - 1), resolution=200)


KINDS = {
    "rgb.jpg": saved(sheet(), "JPEG"),
    "cmyk.jpg": saved(sheet().convert("CMYK"), "JPEG"),
    "turned.jpg": turned(),
    "grey.png": saved(sheet().convert("L"), "PNG"),
    "clear.png": saved(sheet().convert("RGBA"), "PNG"),
    "palette.png": saved(sheet().convert("P"), "PNG"),
    "bits.tiff": saved(sheet().convert("1"), "TIFF", compression="group4"),
    "two.tiff": saved(sheet(), "TIFF", save_all=True, append_images=[sheet()]),
    "two.pdf": pdf(),
}


@pytest.mark.parametrize("name", sorted(KINDS))
def test_every_kind_becomes_upright_pages_of_pdf_a(name: str, make: Make, tmp_path: Path) -> None:
    scan = bind(name, KINDS[name])
    packet = make("archive", blank_missing=True, scans=[scan])
    assert len(scan.pages) == (2 if "two" in name else 1)
    bound = packet.bound[0]
    assert b"<pdfaid:part>2</pdfaid:part>" in packet.content
    picture = Image.open(io.BytesIO(page_png(packet.content, bound.first_page - 1, dpi=50))).convert("L")
    width, height = picture.size
    assert width < height
    # The square lies where it lay on the paper.
    assert picture.getpixel((width * 3 // 16, height * 3 // 16)) < 60
    assert picture.getpixel((width * 13 // 16, height * 13 // 16)) > 200
    if shutil.which("qpdf"):
        (tmp_path / "p.pdf").write_bytes(packet.content)
        subprocess.run(["qpdf", "--check", str(tmp_path / "p.pdf")], check=True, capture_output=True)


def test_a_scan_is_counted_in_the_volume_but_not_stamped(make: Make) -> None:
    scan = bind("病历.pdf", pdf(3))
    packet = make("closing", scans=[scan], all_copies=False)
    bound = packet.bound[0]
    filed = sum(len(paper.laid.pages) for paper in packet.documents)
    assert (bound.pages, bound.volume_page) == (3, filed + 1)
    read = PdfReader(io.BytesIO(packet.content))
    for at in range(3):
        assert read.pages[bound.first_page - 1 + at].extract_text().strip() == ""
    pictures = page_pictures(packet.content, 100)
    assert not any(read_codes(picture) for picture in pictures[bound.first_page - 1 : bound.first_page + 2])
    contents = read.pages[packet.service_pages - 1].extract_text()
    assert "病历.pdf" in contents
    assert f"{filed + 1}—{filed + 3}" in contents


def test_a_jpeg_passes_through_unchanged(make: Make) -> None:
    jpeg = KINDS["rgb.jpg"]
    assert bind("a.jpg", jpeg).pages[0].pictures[0].data == jpeg
    assert jpeg in make("archive", blank_missing=True, scans=[bind("a.jpg", jpeg)]).content


def test_a_photo_keeps_an_edge_and_a_sheet_fills_the_page() -> None:
    photo = bind("a.png", saved(sheet((800, 600)), "PNG")).pages[0]
    page = bind("b.png", saved(sheet(), "PNG")).pages[0]
    assert photo.width > photo.height
    assert photo.pictures[0].rect.x > 20
    assert page.pictures[0].rect.width == pytest.approx(page.width, rel=0.01)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("空.pdf", b""),
        ("坏.pdf", b"%PDF-1.7\nnothing here"),
        ("断.jpg", KINDS["rgb.jpg"][:2000]),
        ("文.png", b"hello"),
        ("动.gif", saved(sheet((50, 50)), "GIF")),
        ("页.xml", b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
        ("大.png", saved(Image.new("1", (12000, 12000)), "PNG")),
    ],
)
def test_what_is_no_sound_scan_is_refused_by_name(name: str, content: bytes) -> None:
    with pytest.raises(ScanUnusable, match=name):
        bind(name, content)


def locked() -> bytes:
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf(1))))
    writer.encrypt("secret", algorithm="RC4-128")
    stream = io.BytesIO()
    writer.write(stream)
    return stream.getvalue()


def test_a_pdf_with_a_password_is_refused_by_name() -> None:
    with pytest.raises(ScanUnusable, match=r"密\.pdf"):
        bind("密.pdf", locked())
    with pytest.raises(ScanUnusable, match=r"密\.pdf"):
        page_count("密.pdf", locked())


def test_a_pdf_bound_as_it_is_takes_the_mark_off_the_whole_file(make: Make, tmp_path: Path) -> None:
    original = pdf(2)
    packet = make("closing", originals=[("原件.pdf", page_count("原件.pdf", original))])
    whole = append_originals(packet.content, [("原件.pdf", original)])
    assert b"pdfaid:part" not in whole
    assert b"pdfaid:conformance" not in whole
    read = PdfReader(io.BytesIO(whole))
    assert len(read.pages) == packet.pages
    assert packet.bound[0].first_page == packet.pages - 1
    assert read.get_destination_page_number(read.outline[-1]) == packet.bound[0].first_page - 1
    assert "原件.pdf" in read.pages[packet.service_pages - 1].extract_text()
    assert append_originals(packet.content, [("原件.pdf", original)]) == whole
    if shutil.which("qpdf"):
        (tmp_path / "p.pdf").write_bytes(whole)
        subprocess.run(["qpdf", "--check", str(tmp_path / "p.pdf")], check=True, capture_output=True)


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7\n", b"not a pdf"])
def test_an_original_that_is_no_pdf_is_refused_by_name(content: bytes) -> None:
    with pytest.raises(ScanUnusable, match=r"坏\.pdf"):
        page_count("坏.pdf", content)

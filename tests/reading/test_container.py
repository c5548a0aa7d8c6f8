"""Files in, pages out: streams unchanged, judged by content, limits with sentences, memory flat."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image
from pypdf import PdfReader, PdfWriter

from generator.errors import ScanTooLarge, ScanUnusable
from generator.reading.container import BadPage, SourcePage, pages_of
from tests.reading import files

ROOT = Path(__file__).parents[2]


def good(path: Path) -> list[SourcePage]:
    pages = list(pages_of(path))
    assert all(isinstance(page, SourcePage) for page in pages), pages
    return [page for page in pages if isinstance(page, SourcePage)]


def test_the_jpeg_of_a_pdf_page_comes_out_byte_for_byte(tmp_path: Path) -> None:
    jpegs = [files.jpeg(files.picture(seed=seed)) for seed in (1, 2, 3)]
    pages = good(files.scanned_pdf(tmp_path / "a.pdf", jpegs))
    assert [page.stream for page in pages] == jpegs
    assert [(page.number, page.media_type, page.width, page.height) for page in pages] == [
        (number, "image/jpeg", 620, 877) for number in (1, 2, 3)
    ]
    assert all(page.dpi == (75, 75) for page in pages)


@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
def test_the_turn_a_pdf_asks_for_is_told_and_not_done(tmp_path: Path, rotate: int) -> None:
    data = files.jpeg(files.picture())
    (page,) = good(files.scanned_pdf(tmp_path / "a.pdf", [data], rotate=rotate))
    assert (page.rotation, page.stream) == (rotate, data)


def test_a_jpeg_a_png_and_their_resolution(tmp_path: Path) -> None:
    data = files.jpeg(files.picture(), dpi=(200, 200))
    (tmp_path / "a.jpg").write_bytes(data)
    (page,) = good(tmp_path / "a.jpg")
    assert (page.stream, page.media_type, page.dpi) == (data, "image/jpeg", (200, 200))
    files.picture().save(tmp_path / "b.png")
    (page,) = good(tmp_path / "b.png")
    assert page.stream == (tmp_path / "b.png").read_bytes()
    assert (page.media_type, page.dpi, page.image.full.shape) == ("image/png", None, (877, 620))


def test_every_picture_of_a_tiff_is_a_page_without_loss(tmp_path: Path) -> None:
    pictures = [files.picture(seed=seed).convert("1") for seed in (1, 2, 3)]
    path = tmp_path / "fax.tif"
    pictures[0].save(path, save_all=True, append_images=pictures[1:], compression="group4", dpi=(204, 196))
    pages = good(path)
    assert [page.dpi for page in pages] == [(204, 196)] * 3
    for page, picture in zip(pages, pictures, strict=True):
        assert page.media_type == "image/tiff"
        assert (page.image.full == files.np.array(picture.convert("L"))).all()


def test_black_and_white_in_a_pdf_stays_exact_and_small(tmp_path: Path) -> None:
    picture = files.picture().convert("1")
    picture.save(tmp_path / "bw.pdf", resolution=75)
    (page,) = good(tmp_path / "bw.pdf")
    assert (page.image.full == files.np.array(picture.convert("L"))).all()
    assert len(page.stream) < 620 * 877 / 8


def test_a_page_of_text_and_lines_is_drawn(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(files.many_pages(1))
    (page,) = good(tmp_path / "a.pdf")
    assert (page.media_type, page.dpi) == ("image/png", (300, 300))
    assert abs(page.width - 595 * 300 / 72) < 2


@pytest.mark.parametrize("name", ["scan.txt", "scan.pdf", "scan", "扫描.tif"])
def test_the_name_of_a_file_says_nothing(tmp_path: Path, name: str) -> None:
    data = files.jpeg(files.picture())
    (tmp_path / name).write_bytes(data)
    (page,) = good(tmp_path / name)
    assert page.media_type == "image/jpeg"


def test_a_script_in_a_pdf_is_not_looked_at(tmp_path: Path) -> None:
    data = files.jpeg(files.picture())
    touched = tmp_path / "touched"
    (page,) = good(files.with_script(tmp_path / "a.pdf", data, touched))
    assert page.stream == data
    assert not touched.exists()


def encrypted(path: Path) -> Path:
    files.scanned_pdf(path, [files.jpeg(files.picture())])
    writer = PdfWriter(clone_from=PdfReader(path))
    writer.encrypt("secret", algorithm="AES-256")
    writer.write(path)
    return path


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "扫描件是空文件（0 字节）。"),
        (b"MZ\x90\x00 a program", "这不是扫描件：文件内容不是 PDF、TIFF、JPEG 或 PNG（与扩展名无关）。"),
        (b"%PDF-1.7 and then nothing", "该 PDF 已损坏或不完整，不能打开。"),
        (b"\xff\xd8\xff\xe0 torn", "该页图像不能读取：不是完整的 JPEG、PNG、TIFF 图片。"),
        (b"II*\x00\x08\x00\x00\x00", "该 TIFF 文件不完整（在中途结束）。"),
    ],
)
def test_what_is_no_scan_gets_a_sentence(tmp_path: Path, content: bytes, sentence: str) -> None:
    (tmp_path / "a.pdf").write_bytes(content)
    with pytest.raises(ScanUnusable) as caught:
        list(pages_of(tmp_path / "a.pdf"))
    assert caught.value.message == sentence
    assert caught.value.hint.endswith("。")


def test_a_pdf_with_a_password_says_so(tmp_path: Path) -> None:
    with pytest.raises(ScanUnusable, match="有密码"):
        list(pages_of(encrypted(tmp_path / "a.pdf")))


def test_a_file_that_is_gone_gets_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ScanUnusable, match="不能打开"):
        list(pages_of(tmp_path / "样例.pdf"))


def test_a_bad_page_does_not_end_the_file(tmp_path: Path) -> None:
    jpegs = [files.jpeg(files.picture(seed=seed)) for seed in (1, 2, 3)]
    path = files.scanned_pdf(tmp_path / "a.pdf", jpegs)
    raw = path.read_bytes()
    path.write_bytes(raw.replace(jpegs[1][20:-20], bytes(len(jpegs[1]) - 40)))
    pages = list(pages_of(path))
    assert [page.number for page in pages] == [1, 2, 3]
    assert isinstance(pages[0], SourcePage)
    assert isinstance(pages[2], SourcePage)
    assert pages[2].stream == jpegs[2]


def test_a_tiff_that_goes_round_in_a_circle_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    files.picture(64, 64).save(path)
    raw = bytearray(path.read_bytes())
    first = int.from_bytes(raw[4:8], "little")
    count = int.from_bytes(raw[first : first + 2], "little")
    raw[first + 2 + 12 * count : first + 6 + 12 * count] = raw[4:8]
    path.write_bytes(raw)
    with pytest.raises(ScanUnusable, match="页目录循环"):
        list(pages_of(path))


class TestBombs:
    def test_ten_thousand_pages_and_one(self, tmp_path: Path) -> None:
        (tmp_path / "a.pdf").write_bytes(files.many_pages(10_001))
        with pytest.raises(ScanTooLarge, match="10001 页，超过上限 10000 页"):
            list(pages_of(tmp_path / "a.pdf"))

    def test_a_picture_that_would_fill_the_memory(self, tmp_path: Path) -> None:
        (tmp_path / "a.pdf").write_bytes(files.picture_bomb())
        (page,) = pages_of(tmp_path / "a.pdf")
        assert page == BadPage(1, "该页图像有 60000 × 60000 个像素，超过上限。")

    def test_a_page_description_that_would_fill_the_memory(self, tmp_path: Path) -> None:
        (tmp_path / "a.pdf").write_bytes(files.content_bomb(40))
        with pytest.raises(ScanTooLarge, match="解压后的内容过大"):
            list(pages_of(tmp_path / "a.pdf"))

    def test_the_name_of_the_packing_written_in_disguise(self, tmp_path: Path) -> None:
        raw = files.content_bomb(40).replace(b"/FlateDecode", b"/Fl#61teDecode")
        (tmp_path / "a.pdf").write_bytes(raw)
        with pytest.raises(ScanTooLarge, match="解压后的内容过大"):
            list(pages_of(tmp_path / "a.pdf"))

    def test_a_large_png(self, tmp_path: Path) -> None:
        Image.new("1", (20_000, 20_000)).save(tmp_path / "a.png")
        with pytest.raises(ScanTooLarge, match="像素"):
            list(pages_of(tmp_path / "a.png"))


_MEMORY = """
import sys
from pathlib import Path
import psutil
from generator.reading.container import pages_of
for page in pages_of(Path(sys.argv[1])):
    page.image.half
    if page.number in (50, int(sys.argv[2])):
        print(psutil.Process().memory_info().rss // 2**20)
"""


@pytest.mark.parametrize("count", [150, pytest.param(500, marks=pytest.mark.slow)])
def test_memory_is_flat_over_many_pages(tmp_path: Path, count: int) -> None:
    data = files.jpeg(files.picture(1240, 1754))
    path = files.scanned_pdf(tmp_path / "long.pdf", [data + bytes([0] * (1 + n % 7)) for n in range(count)])
    told = subprocess.run(
        [sys.executable, "-c", _MEMORY, str(path), str(count)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    early, late = (int(value) for value in told)
    assert late - early < 15, f"{early} MB after 50 pages, {late} MB after {count}"

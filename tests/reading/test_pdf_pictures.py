"""Every kind of page stream comes out of a bound PDF as it went in, and readers show the same dots."""

from __future__ import annotations

import io
import shutil
import struct
import subprocess
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pypdfium2
import pytest
from PIL import Image

from generator.errors import ScanUnusable
from generator.reading.binding import BoundPage, bind, streams_of
from generator.reading.container import SourcePage, pages_of
from generator.reading.page_image import measured
from tests.reading import files
from tests.reading.pages import bound, packed


def grey(seed: int = 1) -> Image.Image:
    return files.picture(248, 351, seed)


def colour() -> Image.Image:
    return Image.merge("RGB", [grey(1), grey(2), grey(3)])


def opened(tmp_path: Path, pdf: bytes) -> list[SourcePage]:
    (tmp_path / "a.pdf").write_bytes(pdf)
    pages = list(pages_of(tmp_path / "a.pdf"))
    assert all(isinstance(page, SourcePage) for page in pages), pages
    return [page for page in pages if isinstance(page, SourcePage)]


JPEGS = {
    "grey": lambda: files.jpeg(grey()),
    "colour": lambda: files.jpeg(colour()),
    "progressive": lambda: files.jpeg(colour(), progressive=True),
    "no subsampling": lambda: files.jpeg(colour(), subsampling=0, dpi=(200, 200)),
    "padded": lambda: files.jpeg(grey()) + bytes(7),
}


@pytest.mark.parametrize("kind", JPEGS)
@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_a_jpeg_comes_out_byte_for_byte_also_for_a_reader_of_scans(
    tmp_path: Path, kind: str, rotation: int
) -> None:
    data = JPEGS[kind]()
    pdf = bind([bound(data, rotation=rotation)])
    assert [(told.media_type, told.data) for told in streams_of(pdf)] == [("image/jpeg", data)]
    (page,) = opened(tmp_path, pdf)
    assert (page.stream, page.media_type, page.rotation) == (data, "image/jpeg", rotation)


def test_pages_keep_their_order_and_equal_pages_give_equal_bytes() -> None:
    jpegs = [files.jpeg(grey(seed)) for seed in range(5)]
    made = [bind([bound(data, angle=3.0 * at) for at, data in enumerate(jpegs)]) for _ in range(2)]
    assert made[0] == made[1]
    assert [told.data for told in streams_of(made[0])] == jpegs


@pytest.mark.parametrize("adobe", [True, False])
def test_cmyk_is_shown_in_its_colours_and_comes_out_unchanged(adobe: bool) -> None:
    """Adobe's programs write full ink as 0, others as 255."""
    inks = Image.new("CMYK", (64, 64), (200, 0, 0, 0))
    data = packed(inks, "JPEG", quality=95)
    if not adobe:
        at = data.index(b"\xff\xee")
        size = int.from_bytes(data[at + 2 : at + 4])
        data = packed(Image.eval(inks, lambda ink: 255 - ink), "JPEG", quality=95)
        data = data[:at] + data[at + 2 + size :]
    pdf = bind([bound(data)])
    assert streams_of(pdf)[0].data == data
    shown = pypdfium2.PdfDocument(pdf)[0].render(scale=1).to_numpy()
    blue, green, red = (int(value) for value in shown[shown.shape[0] // 2, shown.shape[1] // 2, :3])
    assert red < 130 < green < 256
    assert blue > 150


def rgb_by_name() -> bytes:
    """A JPEG that keeps red, green and blue themselves, said by nothing but the names of its channels."""
    data = bytearray(files.jpeg(colour(), keep_rgb=True))
    at = data.find(b"\xff\xee")
    if at >= 0:
        del data[at : at + 2 + int.from_bytes(data[at + 2 : at + 4])]
    start = data.index(b"\xff\xc0")
    assert bytes(data[start + 10 : start + 19 : 3]) == b"RGB"
    return bytes(data)


def test_a_jpeg_of_red_green_and_blue_itself_keeps_its_colours() -> None:
    data = rgb_by_name()
    pdf = bind([bound(data)])
    assert streams_of(pdf)[0].data == data
    image = next(iter(pypdfium2.PdfDocument(pdf)[0].get_objects()))
    shown = np.asarray(image.get_bitmap(render=False).to_pil().convert("RGB"), int)
    assert np.abs(shown - np.asarray(colour(), int)).mean() < 6


def interlaced() -> bytes:
    """One dot: seven passes of which only the first holds something."""
    head = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 1)
    chunks = [(b"IHDR", head), (b"IDAT", zlib.compress(b"\x00\x7b")), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        for name, body in chunks
    )


def deep() -> Image.Image:
    return Image.fromarray(np.arange(248 * 351, dtype=np.uint16).reshape(351, 248))


def clear() -> Image.Image:
    made = colour().convert("RGBA")
    made.putalpha(grey(5))
    return made


LOSSLESS: dict[str, Callable[[], bytes]] = {
    "png black and white": lambda: packed(grey().convert("1"), "PNG"),
    "png grey": lambda: packed(grey(), "PNG"),
    "png colour": lambda: packed(colour(), "PNG"),
    "png palette": lambda: packed(colour().quantize(13), "PNG"),
    "png sixteen bits": lambda: packed(deep(), "PNG"),
    "png transparent": lambda: packed(clear(), "PNG"),
    "png palette with a transparent colour": lambda: packed(colour().quantize(13), "PNG", transparency=0),
    "png interlaced": interlaced,
    "tiff group 4 in one strip": lambda: packed(
        grey().convert("1"), "TIFF", compression="group4", tiffinfo={278: 351}
    ),
    "tiff group 4 in many strips": lambda: packed(
        grey().convert("1"), "TIFF", compression="group4", tiffinfo={278: 50}
    ),
    "tiff group 4, white is zero": lambda: packed(
        grey().convert("1"), "TIFF", compression="group4", tiffinfo={262: 0, 278: 351}
    ),
    "tiff group 3": lambda: packed(grey().convert("1"), "TIFF", compression="group3"),
    "tiff grey": lambda: packed(grey(), "TIFF", compression="tiff_adobe_deflate"),
    "tiff colour": lambda: packed(colour(), "TIFF", compression="tiff_lzw"),
    "tiff sixteen bits": lambda: packed(deep(), "TIFF"),
    "jpeg 2000 grey": lambda: packed(grey(), "JPEG2000"),
    "jpeg 2000 colour": lambda: packed(colour(), "JPEG2000"),
    "jpeg 2000 transparent": lambda: packed(clear(), "JPEG2000"),
}


def dots(stream: bytes) -> np.ndarray:
    """What a stream shows, on white paper."""
    with Image.open(io.BytesIO(stream)) as image:
        if image.mode.startswith("I"):
            return np.asarray(image)
        if image.has_transparency_data:
            layered = image.convert("RGBA")
            paper = Image.new("RGBA", image.size, "white")
            return np.asarray(Image.alpha_composite(paper, layered).convert("RGB"))
        return np.asarray(image.convert("RGB"))


@pytest.mark.parametrize("kind", LOSSLESS)
def test_other_pictures_are_kept_dot_for_dot(kind: str) -> None:
    stream = LOSSLESS[kind]()
    pdf = bind([bound(stream)])
    (told,) = streams_of(pdf)
    assert (dots(told.data) == dots(stream)).all()
    assert measured(told.data)[2] == told.media_type
    assert bind([bound(told.data, dpi=bound(stream).dpi)]) == pdf


@pytest.mark.parametrize("kind", [kind for kind in LOSSLESS if "sixteen" not in kind])
def test_viewers_show_the_same_dots(kind: str) -> None:
    stream = LOSSLESS[kind]()
    page = pypdfium2.PdfDocument(bind([bound(stream)]))[0]
    shown = np.asarray(next(iter(page.get_objects())).get_bitmap(render=False).to_pil().convert("RGB"), int)
    assert np.abs(shown - dots(stream)).max() <= (1 if "2000" in kind else 0)


def strip_of(stream: bytes) -> bytes:
    with Image.open(io.BytesIO(stream)) as image:
        tags: Any = image.tag_v2  # type: ignore[attr-defined]
        (start,), (size,) = tags[273], tags[279]
        return stream[start : start + size]


@pytest.mark.parametrize(
    ("kind", "piece"),
    [
        ("png grey", lambda stream: stream[stream.index(b"IDAT") + 4 : stream.index(b"IEND") - 8]),
        ("tiff group 4 in one strip", strip_of),
        ("tiff group 4, white is zero", strip_of),
        ("jpeg 2000 colour", lambda stream: stream),
    ],
)
def test_simple_streams_are_not_packed_again(kind: str, piece: Callable[[bytes], bytes]) -> None:
    stream = LOSSLESS[kind]()
    assert len(piece(stream)) > 200
    assert piece(stream) in bind([bound(stream)])


@pytest.mark.parametrize("stream", [files.jpeg(grey()), LOSSLESS["tiff group 4 in many strips"]()])
def test_what_was_said_about_a_page_may_be_missing(stream: bytes) -> None:
    bare = BoundPage(stream, "", 0, 0)
    width, height = pypdfium2.PdfDocument(bind([bare]))[0].get_size()
    assert height == pytest.approx(297 * 72 / 25.4, abs=1.5)
    assert width == pytest.approx(210 * 72 / 25.4, abs=1.5)


@pytest.mark.skipif(shutil.which("qpdf") is None, reason="qpdf is not installed")
def test_another_reader_finds_no_fault(tmp_path: Path) -> None:
    streams = [make() for make in (*JPEGS.values(), *LOSSLESS.values(), rgb_by_name)]
    pages = [bound(stream, angle=angle) for stream, angle in zip(streams, range(99), strict=False)]
    (tmp_path / "a.pdf").write_bytes(bind(pages))
    told = subprocess.run(
        ["qpdf", "--check", str(tmp_path / "a.pdf")], capture_output=True, text=True, check=False
    )
    assert told.returncode == 0, told.stdout + told.stderr


@pytest.mark.parametrize(
    "stream",
    [b"", b"%PDF-1.7", files.jpeg(grey())[:100], packed(grey(), "PNG")[:300], b"II*\x00\x08\x00\x00\x00"],
)
def test_what_is_no_sound_picture_is_refused_with_a_sentence(stream: bytes) -> None:
    with pytest.raises(ScanUnusable) as caught:
        bind([BoundPage(stream, "image/jpeg", 10, 10)])
    assert caught.value.message.endswith("。")


@pytest.mark.parametrize("pdf", [b"", b"%PDF-1.7", files.many_pages(1), files.picture_bomb()])
def test_streams_come_out_of_our_own_files_only(pdf: bytes) -> None:
    with pytest.raises(ScanUnusable, match="不是归档的扫描件"):
        streams_of(pdf)

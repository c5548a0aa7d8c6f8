"""The end of a scanned file: there when the writer is done, missing wherever it was cut off."""

from __future__ import annotations

import io
import re
import struct
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.reading.ending import ending_of
from tests.reading.files import jpeg, picture, scanned_pdf


def tiff(pages: int = 3, **options: object) -> bytes:
    pictures = [picture(60, 85, seed=seed) for seed in range(pages)]
    out = io.BytesIO()
    pictures[0].save(out, "TIFF", save_all=True, append_images=pictures[1:], **options)
    return out.getvalue()


def png() -> bytes:
    out = io.BytesIO()
    picture(60, 85).save(out, "PNG")
    return out.getvalue()


@cache
def whole(kind: str) -> bytes:
    makes: dict[str, Callable[[], bytes]] = {
        "jpeg": lambda: jpeg(picture(60, 85)),
        "png": png,
        "tiff": tiff,
        "tiff-lzw": lambda: tiff(compression="tiff_lzw"),
        "tiff-big": lambda: tiff(big_tiff=True),
    }
    return makes[kind]()


KINDS = ("jpeg", "png", "tiff", "tiff-lzw", "tiff-big")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("ending") / "file"


@pytest.mark.parametrize("kind", KINDS)
def test_a_whole_file_has_its_end(place: Path, kind: str) -> None:
    place.write_bytes(whole(kind))
    told = ending_of(place)
    assert (told.kind, told.whole) == (kind.split("-")[0], True)
    assert told.whole_after_each_page == kind.startswith("tiff")


@given(kind=st.sampled_from(KINDS), part=st.floats(0.01, 0.999))
def test_a_file_cut_off_anywhere_has_none(place: Path, kind: str, part: float) -> None:
    content = whole(kind)
    place.write_bytes(content[: min(max(int(len(content) * part), 12), len(content) - 16)])
    assert not ending_of(place).whole


def test_a_pdf_has_its_end_with_its_last_line(tmp_path: Path) -> None:
    path = scanned_pdf(tmp_path / "a.pdf", [jpeg(picture(60, 85))])
    content = path.read_bytes()
    assert ending_of(path).whole
    assert ending_of(path).whole_after_each_page
    for cut in (content[:-30], content[: len(content) // 2], b"%PDF-1.4\n", content + b"5 0 obj\n" * 900):
        path.write_bytes(cut)
        assert not ending_of(path).whole
    path.write_bytes(re.sub(rb"startxref\s+", b"startxref\n9999999", content))
    assert not ending_of(path).whole, "its table lies behind the end"


def test_nothing_and_anything(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"")
    assert (ending_of(path).kind, ending_of(path).whole) == ("empty", False)
    path.write_bytes(b"text")
    assert (ending_of(path).kind, ending_of(path).whole) == ("other", True)
    path.write_bytes(jpeg(picture(60, 85)) + bytes(2000))
    assert ending_of(path).whole, "devices fill up the last block"


def test_a_chain_that_comes_back_ends(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    path.write_bytes(b"II*\x00" + struct.pack("<IHI", 8, 0, 8) + bytes(64))
    assert not ending_of(path).whole


@given(st.binary(max_size=300), st.sampled_from([b"II*\x00", b"MM\x00*", b"II+\x00\x08\x00\x00\x00"]))
def test_any_bytes_behind_the_head_of_a_tiff_are_looked_at(place: Path, rest: bytes, head: bytes) -> None:
    place.write_bytes(head + rest)
    assert ending_of(place).kind == "tiff"


def test_the_tail_tells_one_end_from_another(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(bytes(9000))
    before = ending_of(path).tail
    path.write_bytes(bytes(8999) + b"x")
    assert ending_of(path).tail != before

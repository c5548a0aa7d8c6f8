"""The QR symbol against segno, and the picture and rectangles against the symbol."""

from __future__ import annotations

import io

import pytest
import segno
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from generator.errors import PageCodeRefused
from generator.identity import symbol
from generator.identity.check import QR_ALPHABET

TEXT = "KD1*0123456789*01*03*WSFJ"
texts = st.text(QR_ALPHABET, min_size=24, max_size=24).map(lambda rest: "K" + rest)


@settings(max_examples=200)
@given(texts)
def test_the_symbol_is_the_one_segno_makes(text: str) -> None:
    reference = segno.make_qr(text, version=2, error="q", mask=symbol.MASK, boost_error=False)
    assert symbol.symbol(text) == tuple(tuple(bool(module) for module in row) for row in reference.matrix)


@given(st.text("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ*-", min_size=1, max_size=29))
def test_texts_of_every_length_decode(text: str) -> None:
    picture = Image.open(io.BytesIO(symbol.symbol_png(text, quiet=4)))
    assert [code.text for code in zxingcpp.read_barcodes(picture)] == [text]


@pytest.mark.parametrize("bad", ["A" * 30, "kd1", "样例"])
def test_a_text_no_symbol_can_hold_is_refused(bad: str) -> None:
    with pytest.raises(PageCodeRefused):
        symbol.symbol(bad)


@pytest.mark.parametrize("quiet", [0, 4])
def test_the_picture_shows_the_symbol(quiet: int) -> None:
    picture = Image.open(io.BytesIO(symbol.symbol_png(TEXT, quiet=quiet)))
    side = (25 + 2 * quiet) * 8
    assert (picture.size, picture.mode) == ((side, side), "1")
    for row, modules in enumerate(symbol.symbol(TEXT)):
        for col, dark in enumerate(modules):
            for corner in (0, 7):
                at = ((col + quiet) * 8 + corner, (row + quiet) * 8 + corner)
                assert (picture.getpixel(at) == 0) is dark
    if quiet:
        assert all(picture.getpixel((x, y)) == 255 for x in range(side) for y in (0, 31, side - 32, side - 1))


def test_equal_texts_give_equal_pictures() -> None:
    assert symbol.symbol_png(TEXT) == symbol.symbol_png(TEXT)
    assert symbol.symbol_png(TEXT) != symbol.symbol_png(TEXT.replace("01*", "02*"))


def test_the_placeholder_is_white_and_as_large() -> None:
    white = Image.open(io.BytesIO(symbol.placeholder_png()))
    assert white.size == Image.open(io.BytesIO(symbol.symbol_png(TEXT))).size
    assert white.getextrema() == (255, 255)


@given(texts)
def test_the_rectangles_cover_the_dark_modules_once(text: str) -> None:
    painted = [[0] * 25 for _ in range(25)]
    for left, top, width, height in symbol.blocks(text):
        for row in range(top, top + height):
            for col in range(left, left + width):
                painted[row][col] += 1
    assert painted == [[int(dark) for dark in row] for row in symbol.symbol(text)]


def test_the_rectangles_are_few() -> None:
    dark = sum(module for row in symbol.symbol(TEXT) for module in row)
    assert len(symbol.blocks(TEXT)) < dark / 2

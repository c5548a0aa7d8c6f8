"""Codes seen through from the other side of the sheet: never a code of this page, whatever else is on it."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from itertools import product

import cv2
import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from generator.identity.code import PageCode, decode, encode
from generator.identity.print_id import new_print_id
from generator.identity.symbol import SIZE, symbol
from generator.reading.codes import PageReading, read_codes
from generator.reading.facing import facing
from tests.reading.pages import image_of, print_of, qr, read, without
from tests.reading.score import upper_bound
from tests.simulator import pen, scanner
from tests.simulator.pen import Grey
from tests.simulator.stack import KEY
from tests.simulator.through import Flip, back_of, through

PAGE = print_of("needs_survey", 2, filled=True)
OTHER = print_of("consent_a", 2, filled=True, seed=2)
LEVELS = (8, 12, 16, 25, 40, 60, 80, 150)
DPI = (150, 200, 300, 400)
CASES = [
    (LEVELS[at], turn, dpi, flip)
    for at, (turn, dpi, flip) in enumerate(
        zip((0, 1, 2, 3) * 2, DPI[::-1] + DPI, ("long", "short") * 4, strict=True)
    )
]


def device(turn: int, dpi: int, seed: int) -> scanner.Device:
    random = np.random.default_rng(seed)
    return scanner.Device(
        dpi=dpi, turn=turn, skew=float(random.normal(0, 2)), noise=float(random.uniform(1, 5))
    )


# --- one symbol -------------------------------------------------------------------------------------------


def drawn(text: str, module: float, angle: float, levels: float, *, mirrored: bool, dirty: int) -> Grey:
    """A symbol in the middle of a picture; its corners are those of ``corners_of``."""
    raw = np.where(np.array(symbol(text)), 0, 255).astype(np.uint8)
    fine = np.kron(raw[:, ::-1] if mirrored else raw, np.ones((16, 16), np.uint8))
    side = round(SIZE * module * 1.6)
    matrix = cv2.getRotationMatrix2D((fine.shape[1] / 2, fine.shape[0] / 2), -angle, module / 16)
    matrix[:, 2] += side / 2 - fine.shape[0] / 2
    picture = cv2.warpAffine(fine, matrix, (side, side), flags=cv2.INTER_AREA, borderValue=(255.0,))
    soft = cv2.GaussianBlur(picture, (0, 0), 0.35 * module).astype(np.float32)
    random = np.random.default_rng(dirty)
    grey = 240 - (255 - soft) / 255 * levels + random.normal(0, levels / 12, soft.shape)
    for _ in range(dirty % 4):  # ink of a seal or a pen across it
        start, end = random.uniform(0, side, (2, 2)).astype(int).tolist()
        cv2.line(grey, start, end, 90.0, max(1, round(module)))
    return np.asarray(np.clip(grey, 0, 255), np.uint8)


def corners_of(module: float, angle: float, *, mirrored: bool, off: int) -> list[tuple[float, float]]:
    """As a reader gives them: clockwise from the corner without an eye opposite; a little off."""
    half, side = SIZE * module / 2, round(SIZE * module * 1.6)
    square = [(-half, -half), (half, -half), (half, half), (-half, half)]
    if mirrored:  # its upper left is the design's, turned over the vertical axis
        square = square[1:] + square[:1]
    random = np.random.default_rng(off)
    sin, cos = math.sin(math.radians(angle)), math.cos(math.radians(angle))
    away = random.uniform(-0.4 * module, 0.4 * module, (4, 2))
    return [
        (side / 2 + x * cos - y * sin + float(dx), side / 2 + x * sin + y * cos + float(dy))
        for (x, y), (dx, dy) in zip(square, away, strict=True)
    ]


@given(
    st.binary(min_size=10, max_size=10),
    st.integers(1, 99),
    st.floats(1.6, 9.0),
    st.floats(0, 360),
    st.floats(8, 200),
    st.booleans(),
    st.booleans(),
    st.integers(0, 1000),
)
@example(bytes(10), 1, 1.65, 90.0, 8.0, True, False, 3)
def test_every_symbol_is_told_from_its_mirror_image(
    seed: bytes,
    page: int,
    module: float,
    angle: float,
    levels: float,
    mirrored: bool,
    negative: bool,
    off: int,
) -> None:
    text = encode(PageCode(new_print_id(lambda count: (seed * 9)[:count]), page, 99), KEY)
    picture = drawn(text, module, angle, levels, mirrored=mirrored, dirty=off)
    if negative:
        picture = 255 - picture
    told = facing(picture, corners_of(module, angle, mirrored=mirrored, off=off), text)
    assert told == ("other side" if mirrored else "this side")


def test_what_is_no_symbol_of_ours_is_unclear() -> None:
    random = np.random.default_rng(1)
    noise = random.integers(0, 255, (120, 120)).astype(np.uint8)
    corners = [(10.0, 10.0), (110.0, 10.0), (110.0, 110.0), (10.0, 110.0)]
    assert facing(noise, corners, PAGE.code) == "unclear"
    assert facing(noise, corners, "KD1*小") == "unclear"
    assert (
        facing(qr(PAGE.code, 100), [(0.0, 0.0), (100.0, 0.0), (100.0, 100.0), (0.0, 100.0)], "KD1")
        == "unclear"
    )


def test_a_genuine_text_in_a_symbol_drawn_by_others_is_no_code() -> None:
    """Ours are drawn in one way only; whether another drawing is mirrored cannot be said."""
    sheet = without(PAGE.picture, "upper right", "lower left")
    sheet[100:300, 2000:2200] = qr(PAGE.code + "*", 200)
    assert read(sheet).identity is None


# --- whole pages ------------------------------------------------------------------------------------------


def sides(levels: float, flip: Flip) -> Iterator[tuple[str, Grey]]:
    """Sides of sheets on which ``OTHER`` is seen through."""
    yield "back", back_of(OTHER.picture, levels, flip=flip)
    yield "front", through(PAGE.picture, OTHER.picture, levels, flip=flip)
    bare = without(PAGE.picture, "upper right", "lower left")
    yield "folded", through(bare, OTHER.picture, levels, flip=flip)


def wrong(kind: str, reading: PageReading) -> bool:
    own = decode(PAGE.code, [KEY]) if kind == "front" else None
    troubles = (None,) if kind == "front" else ("no code", "seen through")
    return (
        reading.identity != own
        or reading.trouble not in troubles
        or any(seen.text != PAGE.code for seen in reading.codes)
    )


@pytest.mark.parametrize(("levels", "turn", "dpi", "flip"), CASES)
def test_a_ghost_is_nobodys_page(levels: float, turn: int, dpi: int, flip: Flip) -> None:
    for kind, sheet in sides(levels, flip):
        reading = read_codes(image_of(sheet, device(turn, dpi, turn)), [KEY], thorough=kind == "front")
        assert not wrong(kind, reading), (kind, reading)


def test_the_ghosts_of_these_tests_are_read_by_readers() -> None:
    """Else nothing above could fail."""
    reading = read_codes(image_of(back_of(OTHER.picture, 16), device(0, 300, 1)), [KEY])
    assert reading.mirrored >= 1
    assert reading.trouble == "seen through"
    assert reading.reason == "页上只有反的页码（从纸背透过来，或按镜像扫描），不是这一页的。"


def test_a_ghost_of_strangers_is_none_either() -> None:
    sheet = back_of(OTHER.picture, 60)
    for keys in ([b"another station's key"], [KEY, b"another"]):
        reading = read(sheet, keys=keys)
        assert (reading.identity, reading.refused, reading.trouble) == (None, 0, "seen through")


def test_a_page_scanned_as_its_mirror_image_waits() -> None:
    reading = read(np.fliplr(PAGE.picture).copy())
    assert (reading.identity, reading.trouble, reading.mirrored) == (None, "seen through", 2)


def test_a_stained_code_is_found_beside_a_clear_ghost() -> None:
    sheet = without(PAGE.picture, "lower left")
    pen.seal(sheet, (184.0, 18.0), np.random.default_rng(4))
    reading = read(through(sheet, OTHER.picture, 60))
    assert (reading.identity, reading.trouble) == (decode(PAGE.code, [KEY]), None)


@pytest.mark.slow
def test_no_ghost_of_hundreds_is_anybodys_page(capfd: pytest.CaptureFixture[str]) -> None:
    count: Counter[str] = Counter()
    mistakes = []
    for number, (levels, turn, dpi, flip) in enumerate(product(LEVELS, range(4), DPI, ("long", "short"))):
        for kind, sheet in sides(levels, flip):  # type: ignore[arg-type]
            reading = read_codes(image_of(sheet, device(turn, dpi, number), number), [KEY])
            count[kind] += 1
            count["mirrored codes"] += reading.mirrored
            if wrong(kind, reading):
                mistakes.append((kind, levels, turn, dpi, flip, reading.trouble))
    pages = count["back"] + count["front"] + count["folded"]
    with capfd.disabled():
        print(
            f"\n{dict(count)}: {len(mistakes)} wrong, at most {upper_bound(pages, len(mistakes)):.3%} (95 %)"
        )
    assert count["mirrored codes"] > pages / 2, "readers do read ghosts"
    assert mistakes == []

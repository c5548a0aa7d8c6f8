"""Pages bound into one PDF lie straight and upright, every stream comes out as it went in, readers agree."""

from __future__ import annotations

import io
import shutil
import subprocess
import tracemalloc
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pypdfium2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from generator.errors import ScanUnusable
from generator.identity.page_map import PageMap
from generator.reading.binding import BoundPage, bind
from generator.reading.container import SourcePage
from generator.reading.registration import Registration
from generator.reading.report import read_fields, read_page
from tests.reading import files
from tests.reading.pages import bound, packed, print_of, source_of
from tests.simulator import scanner
from tests.simulator.codes import page_pictures
from tests.simulator.pen import Grey
from tests.simulator.stack import KEY

PAGE = print_of("needs_survey", 2, filled=True)
SMALL = files.jpeg(files.picture(200, 120))
CROOKED = scanner.Device(skew=4.3, turn=2, scale=0.95, margin=12, lid=30, shift=(2.0, -3.0))
DEVICES = {
    "straight": scanner.Device(),
    "crooked and upside down": CROOKED,
    "on its side, dark lid": scanner.Device(turn=1, skew=-9, scale=1.05, margin=20, lid=20),
    "on its other side, fax": scanner.Device(mode="fax", turn=3, skew=1.0),
    "black and white": scanner.Device(mode="bw", dpi=400, skew=-2.0, scale=0.9),
    "colour": scanner.Device(mode="colour", dpi=200, skew=2.0),
}


EVERY_TIME = ("straight", "crooked and upside down", "on its side, dark lid")
SOME = [pytest.param(name, marks=[] if name in EVERY_TIME else pytest.mark.slow) for name in DEVICES]


def grey(seed: int = 1) -> Image.Image:
    return files.picture(248, 351, seed)


# --- places -----------------------------------------------------------------------------------------------


@lru_cache(maxsize=8)
def at_home(device: scanner.Device) -> tuple[BoundPage, Grey]:
    """A print scanned, read and bound; the page as a viewer shows it at 300 dpi."""
    source = source_of(PAGE.picture, device)
    report = read_page(source, [KEY], fields_follow=True)
    fields = read_fields(report, PageMap(PAGE.entries))
    assert fields.registration is not None and report.reading is not None
    page = BoundPage(
        source.stream, source.media_type, source.width, source.height, source.dpi,
        fields.registration.matrix, report.reading.angle, source.rotation,
    )  # fmt: skip
    return page, page_pictures(bind([page]))[0]


def registered(picture: Grey) -> Registration:
    high, wide = picture.shape
    source = SourcePage(1, packed(Image.fromarray(picture), "PNG"), "image/png", wide, high, (300, 300), 0)
    fields = read_fields(read_page(source, [KEY], fields_follow=True), PageMap(PAGE.entries))
    assert fields.registration is not None, fields.reason
    return fields.registration


def off_by_mm(picture: Grey) -> float:
    """The farthest that a tick box or a code is drawn from where it was designed; a dot is 0.085 mm."""
    unit, reach = 300 / 25.4, 18
    shown, issued = (cv2.GaussianBlur(one, (0, 0), 2) for one in (picture, PAGE.picture))
    ticks = [entry for entry in PAGE.entries if entry.kind == "tick"]
    boxes = [(entry.x_mm - 4, entry.y_mm - 4, 12.0, 12.0) for entry in ticks]
    worst = 0.0
    for x, y, width, height in [*boxes, (168.0, 4.0, 24.0, 24.0), (24.0, 268.0, 24.0, 24.0)]:
        left, top, right, bottom = (round(at * unit) for at in (x, y, x + width, y + height))
        around = shown[top - reach : bottom + reach, left - reach : right + reach]
        alike = cv2.matchTemplate(around, issued[top:bottom, left:right], cv2.TM_CCOEFF_NORMED)
        _, best, _, at = cv2.minMaxLoc(alike)
        assert best > 0.9
        worst = max(worst, float(np.hypot(at[0] - reach, at[1] - reach)) / unit)
    return worst


def drawn_from(pdf: bytes) -> np.ndarray:
    """Unit square of the first page's picture (y up) → points of the page (y up)."""
    from pypdf import PdfReader

    contents: Any = PdfReader(io.BytesIO(pdf)).pages[0].get_contents()
    a, b, c, d, e, f = (float(value) for value in contents.get_data().split()[1:7])
    return np.array([[a, c, e], [b, d, f]])


@given(
    angle=st.floats(-3.2, 3.2), size=st.floats(5, 25), stretch=st.floats(0.98, 1.02),
    e=st.floats(-500, 500), f=st.floats(-500, 500), x=st.floats(0, 210), y=st.floats(0, 297),
)  # fmt: skip
@settings(max_examples=60)
def test_a_place_of_the_sheet_is_that_place_of_the_page(
    angle: float, size: float, stretch: float, e: float, f: float, x: float, y: float
) -> None:
    cos, sin = size * float(np.cos(angle)), size * float(np.sin(angle))
    found = Registration(((cos, -sin * stretch, e), (sin, cos * stretch, f)), "both codes", 0.0)
    placing = drawn_from(bind([bound(SMALL, matrix=found.matrix)]))
    dots = found.dots(x, y)
    right, down = (placing @ (dots[0] / 200, 1 - dots[1] / 120, 1)) * 25.4 / 72
    assert (right, 297 - down) == pytest.approx((x, y), abs=0.01)


@pytest.mark.skipif(shutil.which("pdftoppm") is None, reason="pdftoppm (poppler) is not installed")
@pytest.mark.parametrize("name", SOME)
def test_what_was_printed_at_a_place_is_drawn_there(tmp_path: Path, name: str) -> None:
    page, _ = at_home(DEVICES[name])
    (tmp_path / "a.pdf").write_bytes(bind([page]))
    command = ["pdftoppm", "-gray", "-r", "300", "-singlefile", "a.pdf", "a"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    picture = np.asarray(Image.open(tmp_path / "a.pgm").convert("L"), np.uint8)
    assert picture.shape == pytest.approx((3508, 2480), abs=1)
    assert off_by_mm(picture) < 0.3


@pytest.mark.parametrize("name", SOME)
def test_pdfium_draws_it_straight_and_nearly_there(name: str) -> None:
    """Its matrix of a turned picture has eight bits behind the point: half a millimetre over a sheet."""
    _, picture = at_home(DEVICES[name])
    assert picture.shape == pytest.approx((3508, 2480), abs=1)
    assert off_by_mm(picture) < 1.0
    found = registered(picture)
    (a, b, _), (c, d, _) = np.array(found.matrix) / (300 / 25.4)
    assert (a, b, c, d) == pytest.approx((1, 0, 0, 1), abs=0.005)


def test_dots_longer_than_wide_lie_right() -> None:
    """A fax at normal resolution has half as many dots down as across."""
    scan = scanner.scan(PAGE.picture, scanner.Device(skew=2, dpi=200), np.random.default_rng(1))
    full = cv2.imdecode(np.frombuffer(scan.data, np.uint8), cv2.IMREAD_GRAYSCALE)
    assert full is not None
    flat = Image.fromarray(full).resize((full.shape[1], full.shape[0] // 2), Image.Resampling.BOX)
    source = SourcePage(1, files.jpeg(flat), "image/jpeg", *flat.size, (200, 100), 0)
    fields = read_fields(read_page(source, [KEY]), PageMap(PAGE.entries))
    assert fields.registration is not None
    page = BoundPage(source.stream, source.media_type, *flat.size, (200, 100), fields.registration.matrix)
    assert off_by_mm(page_pictures(bind([page]))[0]) < 1.0


def test_without_a_registration_the_codes_say_how_the_sheet_lies() -> None:
    page, _ = at_home(CROOKED)
    assert page.angle == pytest.approx(-175.7, abs=0.3)
    picture = page_pictures(bind([replace(page, matrix=None)]))[0]
    found = registered(picture)
    (a, b, _), (c, d, _) = found.matrix
    assert abs(b / a) < 0.005 and abs(c / d) < 0.005 and a > 0 and d > 0
    assert picture.shape[0] > 3508 + 2 * 12 * 300 / 25.4


def test_a_map_that_maps_everything_to_a_line_is_no_map() -> None:
    data = files.jpeg(grey())
    assert bind([bound(data, matrix=((1, 2, 3), (2, 4, 6)), rotation=90)]) == bind([bound(data, rotation=90)])


@given(angle=st.floats(-180, 180), dpi=st.sampled_from([None, (75, 75), (1, 1), (204, 98)]))
@settings(max_examples=40)
def test_a_turned_picture_fits_its_page(angle: float, dpi: tuple[float, float] | None) -> None:
    page = pypdfium2.PdfDocument(bind([bound(SMALL, dpi=dpi, angle=angle)]))[0]
    width, height = page.get_size()
    left, bottom, right, top = next(iter(page.get_objects())).get_bounds()
    assert (left, bottom, right, top) == pytest.approx((0, 0, width, height), abs=0.1)
    if dpi in (None, (1, 1)):
        long, short = max(width, height), min(width, height)
        assert long < 842 and short < 595.4
        assert long > 841 or short > 595


@given(quarter=st.integers(0, 3))
def test_turning_back_by_an_angle_is_turning_by_the_rest(quarter: int) -> None:
    assert bind([bound(SMALL, angle=90.0 * quarter)]) == bind(
        [bound(SMALL, rotation=(360 - 90 * quarter) % 360)]
    )


# --- limits -----------------------------------------------------------------------------------------------


def test_ninety_nine_pages_are_held_once_more_and_no_oftener() -> None:
    data = files.jpeg(grey())
    pages = [bound(data + bytes(1_000_000 + number)) for number in range(99)]
    total = sum(len(page.stream) for page in pages)
    tracemalloc.start()
    try:
        made = bind(pages)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(made) > total
    assert most < 1.2 * total


def test_no_pages_are_no_document() -> None:
    with pytest.raises(ScanUnusable, match="没有可以装订的页"):
        bind([])

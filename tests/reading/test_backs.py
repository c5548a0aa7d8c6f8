"""Backs of sheets: nothing written is ever blank, and nearly every empty one is; counted in the soak."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from generator.reading.blank import read_blank
from generator.reading.page_image import PageImage
from generator.reading.report import read_page
from tests.reading.backs_counted import wrong
from tests.reading.pages import KEY, image_of, print_of, source_of
from tests.simulator import pen, scanner
from tests.simulator.backs import blank_back, pencil_back


def test_no_pencil_back_is_blank() -> None:
    assert wrong(pencil_back, range(8)) == []


def test_blank_backs_are_blank() -> None:
    assert wrong(blank_back, range(7)) == []


@pytest.mark.slow
def test_of_four_hundred_pencil_backs_none_is_blank() -> None:
    assert wrong(pencil_back, range(1000, 1400)) == []


@pytest.mark.slow
def test_of_four_hundred_blank_backs_few_wait() -> None:
    waiting = wrong(blank_back, range(1000, 1400))
    assert len(waiting) <= 8, waiting


def test_a_wholly_black_page_waits() -> None:
    page = np.full((1754, 1240), 8, np.uint8)
    report = read_page(source_of(page, scanner.Device(black=5, white=240)), [KEY])
    assert report.outcome == "waiting"
    assert report.blank is not None
    assert not report.blank.light


def test_print_of_twenty_levels_on_an_over_exposed_page_is_seen() -> None:
    sheet = print_of("consent_a").picture.copy()
    sheet[: round(27 * pen.MM)] = 255
    sheet[round(270 * pen.MM) :] = 255
    assert not read_blank(image_of(sheet, scanner.Device(black=232, white=253, noise=1.5))).blank


def _dotted(places: list[tuple[int, int]]) -> bool:
    """Whether a back at 150 dpi with round dark spots of 0.8 mm at those places (mm) is blank."""
    page = np.full((1754, 1240), 245, np.uint8)
    for across, down in places:
        cv2.circle(page, (round(across * 5.9), round(down * 5.9)), 2, 120, -1, cv2.LINE_AA)
    _, packed = cv2.imencode(".png", page)
    return read_blank(PageImage(packed.tobytes(), 1240, 1754, (150, 150))).blank


def test_dust_is_told_from_dots_of_writing_by_being_alone() -> None:
    assert _dotted([(20 + 25 * across, 20 + 30 * down) for across in range(7) for down in range(9)])
    assert not _dotted([(40 + 2 * across, 100) for across in range(12)])


def test_a_picture_too_small_to_show_writing_is_not_blank() -> None:
    assert not read_blank(PageImage(scanner_png(), 40, 60)).blank


def scanner_png() -> bytes:
    """An empty picture of forty by sixty dots."""
    import io

    from PIL import Image

    out = io.BytesIO()
    Image.new("L", (40, 60), 250).save(out, "PNG")
    return out.getvalue()


def test_the_reader_never_imports_the_simulator() -> None:
    import generator.reading.blank as blank
    import generator.reading.marks as marks

    assert all("simulator" not in (module.__file__ or "") and not hasattr(module, "pencil_back")
               for module in (blank, marks))  # fmt: skip

"""Blank backs: empty with all that scanners add; never blank with one word on it."""

from __future__ import annotations

import numpy as np
import pytest

from generator.reading.blank import read_blank
from generator.reading.report import read_page
from tests.reading.pages import KEY, image_of, print_of, source_of
from tests.simulator import pen, scanner
from tests.simulator.pen import Grey, Ink

SIZE = (3508, 2480)


def empty() -> Grey:
    return np.full(SIZE, 255, np.uint8)


def backs() -> dict[str, tuple[Grey, scanner.Device]]:
    random = np.random.default_rng(1)
    punched = empty()
    scanner.punched(punched, random, 20)
    through = scanner.seen_through(empty(), print_of("needs_survey", 2, filled=True).picture, 0.14)
    return {
        "white": (empty(), scanner.Device(noise=8)),
        "grey recycled paper": (empty(), scanner.Device(white=205, noise=10, quality=40)),
        "punched, dark lid": (punched, scanner.Device(lid=20, noise=4)),
        "shadow of the lid": (empty(), scanner.Device(shadow=True, noise=4)),
        "the front showing through": (through, scanner.Device(noise=4)),
        "black and white": (empty(), scanner.Device(mode="bw", noise=6)),
        "fax": (empty(), scanner.Device(mode="fax", dpi=200, noise=6)),
    }


@pytest.mark.parametrize("name", backs())
def test_an_empty_side_is_blank(name: str) -> None:
    sheet, device = backs()[name]
    report = read_page(source_of(sheet, device), [KEY])
    assert (report.outcome, report.reason) == ("blank", None)


@pytest.mark.parametrize("mode", ["grey", "bw"])
@pytest.mark.parametrize("ink", [Ink(30, 0.5), Ink(110, 0.35)], ids=["gel", "blue"])
def test_a_few_words_are_not_blank(mode: str, ink: Ink) -> None:
    sheet = empty()
    pen.signature(sheet, pen.Box(60, 120, 40, 12), np.random.default_rng(2), ink)
    device = scanner.Device(mode=mode, noise=6)  # type: ignore[arg-type]
    report = read_page(source_of(sheet, device), [KEY])
    assert report.outcome == "waiting"
    assert report.reason == "没有读到页码：可能是外来文件、页角缺损或页码被遮住。"


def test_a_printed_page_is_not_blank_without_its_codes() -> None:
    sheet = print_of("consent_a").picture.copy()
    sheet[: round(27 * pen.MM)] = 255
    sheet[round(270 * pen.MM) :] = 255
    assert not read_blank(image_of(sheet)).blank


def test_one_line_of_small_print_is_not_blank() -> None:
    sheet = empty()
    band = slice(round(271 * pen.MM), round(290 * pen.MM))
    sheet[band, round(80 * pen.MM) : round(140 * pen.MM)] = print_of("consent_a").picture[
        band, round(80 * pen.MM) : round(140 * pen.MM)
    ]
    assert not read_blank(image_of(sheet)).blank

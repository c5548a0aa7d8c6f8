"""The view for people: upright and straight from any scan; cut-outs that show the place."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from generator.reading.codes import read_codes
from generator.reading.registration import Registration, register
from generator.reading.straighten import cut_out, straightened
from tests.reading.pages import KEY, PLAIN, entry_at, image_of, print_of, without
from tests.simulator import scanner

PAGE = print_of("needs_survey", 2)
UPRIGHT = cv2.GaussianBlur(cv2.resize(PAGE.picture, (1240, 1754), interpolation=cv2.INTER_AREA), (0, 0), 3)


def opened(data: bytes) -> np.ndarray:
    picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_GRAYSCALE)
    assert picture is not None
    return np.asarray(picture)


def alike(view: np.ndarray) -> float:
    soft = cv2.GaussianBlur(cv2.resize(view, (1240, 1754)), (0, 0), 3)
    return float(np.corrcoef(soft.ravel(), UPRIGHT.ravel())[0, 1])


@pytest.mark.parametrize("turn", [0, 1, 2, 3])
def test_a_crooked_scan_is_seen_as_it_was_printed(turn: int) -> None:
    image = image_of(PAGE.picture, scanner.Device(turn=turn, skew=6, scale=0.93, margin=20))
    reading = read_codes(image, [KEY])
    found = register(image, reading)
    assert isinstance(found, Registration)
    view = opened(straightened(image, reading, found))
    assert view.shape == (1754, 1240)
    assert alike(view) > 0.9


@pytest.mark.parametrize("turn", [0, 1, 2, 3])
def test_a_page_with_one_code_is_at_least_upright(turn: int) -> None:
    image = image_of(without(PAGE.picture, "lower left"), scanner.Device(turn=turn, skew=3))
    view = opened(straightened(image, read_codes(image, [KEY]), None))
    assert view.shape[0] > view.shape[1]
    upper_half_has_the_code = view[:300, -400:].min(), view[-300:, :400].min()
    assert upper_half_has_the_code[0] < 120


@pytest.mark.parametrize("turn", [0, 1, 2, 3])
def test_a_foreign_page_is_turned_as_its_file_asks(turn: int) -> None:
    """A sheet that lies turned clockwise by so much is shown upright by the file's opposite turn."""
    bare = without(PAGE.picture, "lower left", "upper right")
    image = image_of(bare, scanner.Device(turn=turn))
    view = opened(straightened(image, None, None, rotation=(360 - 90 * turn) % 360))
    assert alike(view) > 0.5


def test_a_cut_out_shows_the_box_and_its_label() -> None:
    image = image_of(PAGE.picture, PLAIN)
    found = register(image, read_codes(image, [KEY]))
    assert isinstance(found, Registration)
    entry = entry_at(PAGE, "tick")
    cut = opened(cut_out(image, found, entry))
    assert abs(cut.shape[1] - (entry.w_mm + 6) * 200 / 25.4) < 2
    assert cut.min() < 100

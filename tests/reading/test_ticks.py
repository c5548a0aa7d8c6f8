"""What a box shows: empty, marked or crossed out; and what goes to a person."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from generator.reading.codes import read_codes
from generator.reading.registration import Registration, register
from generator.reading.ticks import TickReading, read_ticks
from tests.reading.pages import KEY, PLAIN, drawn, image_of, indexes, print_of
from tests.simulator import pen, scanner
from tests.simulator.pen import Grey, Ink
from tests.simulator.stack import PrintedPage

PAGE = print_of("needs_survey", 2)
FILLED = print_of("needs_survey", 2, filled=True)
BLUE = Ink(80, 0.4)
BOXES = indexes(PAGE, "tick")
CHOSEN = 7


def ticks(sheet: Grey, device: scanner.Device = PLAIN, page: PrintedPage = PAGE) -> tuple[TickReading, ...]:
    image = image_of(sheet, device)
    found = register(image, read_codes(image, [KEY]), page.entries)
    assert isinstance(found, Registration)
    return read_ticks(image, found, page.entries)


def with_mark(draw: Callable[..., None], ink: Ink = BLUE, seed: int = 1) -> tuple[TickReading, ...]:
    return ticks(drawn(PAGE, BOXES[CHOSEN], draw, ink, seed))


def test_a_blank_form_is_all_empty_and_sure() -> None:
    read = ticks(PAGE.picture)
    assert len(read) == len(BOXES)
    assert {(tick.state, tick.sure) for tick in read} == {("empty", True)}


def test_printed_ticks_are_marks() -> None:
    read = ticks(FILLED.picture, page=FILLED)
    printed = {number for number, index in enumerate(indexes(FILLED, "tick")) if index in FILLED.ticked}
    assert len(printed) > 4
    assert {index for index, tick in enumerate(read) if tick.state == "marked"} == printed
    assert all(tick.sure for tick in read)


@pytest.mark.parametrize("draw", [pen.tick, pen.cross, pen.fill])
@pytest.mark.parametrize(
    "ink", [BLUE, Ink(30, 0.5), Ink(30, 1.0), Ink(130, 0.35)], ids=["blue", "gel", "marker", "faint"]
)
@pytest.mark.parametrize("seed", [1, 2])
def test_ticks_crosses_and_fills_mark_one_box(draw: Callable[..., None], ink: Ink, seed: int) -> None:
    states = [tick.state for tick in with_mark(draw, ink, seed)]
    assert states == ["marked" if index == CHOSEN else "empty" for index in range(len(BOXES))]


@pytest.mark.parametrize("mode", ["bw", "fax", "grey"])
def test_through_bad_devices(mode: str) -> None:
    sheet = drawn(PAGE, BOXES[CHOSEN], pen.tick, Ink(30, 0.5))
    device = scanner.Device(mode=mode, dpi=200, noise=6, quality=40, skew=1)  # type: ignore[arg-type]
    read = ticks(sheet, device)
    assert [tick.state for tick in read].count("marked") == 1
    assert read[CHOSEN].state == "marked"


@pytest.mark.parametrize("draw", [pen.tick, pen.cross, pen.fill])
def test_two_strokes_through_take_a_mark_back_and_a_person_looks(draw: Callable[..., None]) -> None:
    sheet = drawn(PAGE, BOXES[CHOSEN], draw, BLUE)
    pen.strike_out(sheet, pen.Box(*box_of(CHOSEN)), np.random.default_rng(2), BLUE, 3.0)
    tick = ticks(sheet)[CHOSEN]
    assert (tick.state, tick.sure) == ("crossed out", False)


def box_of(number: int) -> tuple[float, float, float, float]:
    entry = PAGE.entries[BOXES[number]]
    return entry.x_mm, entry.y_mm, entry.w_mm, entry.h_mm


def test_one_stroke_through_is_a_correction_too() -> None:
    x, y, w, h = box_of(CHOSEN)
    sheet = PAGE.picture.copy()
    pen.stroke(sheet, [(x - 3, y + h / 2), (x + w + 3, y + h / 2 + 0.1)], BLUE)
    tick = ticks(sheet)[CHOSEN]
    assert (tick.state, tick.sure) == ("crossed out", False)


def test_a_line_over_a_corner_marks_nothing() -> None:
    for seed in range(4):
        assert with_mark(pen.graze, seed=seed)[CHOSEN].state == "empty"


def test_a_line_through_the_box_from_the_left_goes_to_a_person() -> None:
    x, y, w, h = box_of(CHOSEN)
    sheet = PAGE.picture.copy()
    pen.stroke(sheet, [(x - 6, y + h + 5), (x + w + 6, y - 5)], BLUE)
    assert not ticks(sheet)[CHOSEN].sure


def test_a_box_that_is_not_there_is_not_believed() -> None:
    x, y, w, h = box_of(CHOSEN)
    sheet = PAGE.picture.copy()
    sheet[
        round((y - 1) * pen.MM) : round((y + h + 1) * pen.MM),
        round((x - 1) * pen.MM) : round((x + w + 1) * pen.MM),
    ] = 255
    tick = ticks(sheet)[CHOSEN]
    assert not tick.sure
    assert not tick.outlined

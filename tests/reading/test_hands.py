"""What hands and scanners do around boxes and rooms: nothing that a person would see is lost unasked.

The samples say that each kind is seen; the long runs say how well, with n.
"""

from __future__ import annotations

import numpy as np
import pytest

from generator.reading.codes import read_codes
from generator.reading.ink import InkReading, read_ink
from generator.reading.registration import Registration, register
from generator.reading.ticks import TickReading, read_ticks
from tests.reading import hands_counted, rooms_counted
from tests.reading.hands_counted import INSIDE, label_of
from tests.reading.pages import KEY, PLAIN, image_of, indexes, print_of
from tests.simulator import hands, pen, scanner
from tests.simulator.hands import AROUND, TAKEN_BACK, Draw
from tests.simulator.pen import Box, Grey, Ink
from tests.simulator.stack import PrintedPage, place

PAGE = print_of("needs_survey", 2)
FILLED = print_of("needs_survey", 2, filled=True)
ROOMS = print_of("closure_g", filled=True)
BOXES = indexes(PAGE, "tick")
CHOSEN = (3, 10, 17, 24)
"""Boxes far enough from each other that what is done to one does not touch the next."""
BLUE = Ink(80, 0.4)


def ticks(sheet: Grey, page: PrintedPage = PAGE, device: scanner.Device = PLAIN) -> tuple[TickReading, ...]:
    image = image_of(sheet, device)
    found = register(image, read_codes(image, [KEY]), page.entries)
    assert isinstance(found, Registration)
    return read_ticks(image, found, page.entries, expected=page.issued)


def rooms(sheet: Grey, device: scanner.Device = PLAIN) -> tuple[InkReading, ...]:
    image = image_of(sheet, device)
    found = register(image, read_codes(image, [KEY]), ROOMS.entries)
    assert isinstance(found, Registration)
    return read_ink(image, found, ROOMS.entries, expected=ROOMS.issued)


def marked(draw: Draw, ink: Ink = BLUE) -> Grey:
    sheet = PAGE.picture.copy()
    for number in CHOSEN:
        index = BOXES[number]
        draw(sheet, place(PAGE.entries[index]), label_of(PAGE, index), np.random.default_rng(number), ink)
    return sheet


@pytest.mark.parametrize("kind", AROUND)
@pytest.mark.parametrize("ink", [BLUE, Ink(30, 0.5)], ids=["blue", "gel"])
def test_a_mark_beside_around_or_on_the_words_is_never_an_empty_box(kind: str, ink: Ink) -> None:
    read = ticks(marked(AROUND[kind], ink))
    assert [n for n in CHOSEN if read[n].state == "empty" and read[n].sure] == []


@pytest.mark.parametrize("kind", TAKEN_BACK)
def test_what_is_taken_back_is_never_a_sure_mark(kind: str) -> None:
    read = ticks(marked(TAKEN_BACK[kind]))
    assert [n for n in CHOSEN if read[n].state == "marked" and read[n].sure] == []


@pytest.mark.parametrize("kind", ["tick in the box", "cross in the box"])
def test_marks_in_the_box_stay_sure_and_touch_no_other_box(kind: str) -> None:
    read = ticks(marked(INSIDE[kind]))
    assert [n for n, tick in enumerate(read) if tick.state == "marked"] == list(CHOSEN)
    assert all(tick.sure for tick in read)


@pytest.mark.parametrize("seed", range(3))
def test_a_feeder_that_slips_makes_no_marks_and_loses_none(seed: int) -> None:
    random = np.random.default_rng(seed)
    read = ticks(hands.slipped(PAGE.picture, 1.2, random))
    assert [tick for tick in read if tick.state != "empty" and tick.sure] == []
    printed = ticks(hands.slipped(FILLED.picture, 1.2, random), FILLED)
    own = [number for number, index in enumerate(indexes(FILLED, "tick")) if index in FILLED.ticked]
    assert [n for n in own if printed[n].state == "empty" and printed[n].sure] == []
    assert [
        n for n, tick in enumerate(printed) if tick.sure and tick.state == "marked" and n not in own
    ] == []


@pytest.mark.parametrize("mode", ["grey", "bw", "fax"])
def test_a_blank_is_all_empty_and_sure_when_its_print_is_known(mode: str) -> None:
    device = scanner.Device(mode=mode, dpi=200, noise=5, skew=-1.2, scale=0.97)  # type: ignore[arg-type]
    assert {(tick.state, tick.sure) for tick in ticks(PAGE.picture, device=device)} == {("empty", True)}


@pytest.mark.parametrize("seed", range(4))
def test_dirt_on_the_glass_signs_nothing(seed: int) -> None:
    sheet = ROOMS.picture.copy()
    room = place(ROOMS.entries[indexes(ROOMS, "signature")[0]])
    for x in (room.x + 8, room.x + 15):  # through the room itself
        left = round(x * pen.MM)
        pen.lay(sheet[:, left : left + 4], np.full((sheet.shape[0], 4), 255, np.uint8), 90)
    read = rooms(hands.streaks(sheet, np.random.default_rng(seed)), scanner.Device(skew=0.4 * seed - 0.6))
    assert [(one.ink, one.sure) for one in read if one.ink and one.sure] == []
    assert (read[0].ink, read[0].sure) == (False, True)


def test_a_signature_under_dirt_is_still_one() -> None:
    sheet = ROOMS.picture.copy()
    pen.signature(sheet, place(ROOMS.entries[indexes(ROOMS, "signature")[0]]), np.random.default_rng(3), BLUE)
    assert rooms(hands.streaks(sheet, np.random.default_rng(1)))[0].ink


def test_the_seal_of_the_station_is_nobodys_signature() -> None:
    room = place(ROOMS.entries[indexes(ROOMS, "signature")[0]])
    for seed in range(3):
        sheet = ROOMS.picture.copy()
        pen.seal(sheet, (room.x + 10 + 4 * seed, room.y + 3 * seed), np.random.default_rng(seed))
        assert not rooms(sheet)[0].sure


def test_a_signature_below_or_right_of_its_room_goes_to_a_person() -> None:
    room = place(ROOMS.entries[indexes(ROOMS, "signature")[0]])
    for beside in (
        Box(room.x, room.y + room.h + 0.5, min(room.w, 30), 8),
        Box(room.x + room.w + 1.0, room.y, 22, min(room.h, 10)),
    ):
        sheet = ROOMS.picture.copy()
        pen.signature(sheet, beside, np.random.default_rng(4), BLUE)
        assert not rooms(sheet)[0].sure


SURE_MISS, TAKEN, FALSE_MARKS, TO_A_PERSON, IN_BOX_TO_A_PERSON = 0.005, 0.01, 0.0003, 0.04, 0.1


@pytest.mark.slow
def test_of_many_marks_of_every_kind_few_are_lost() -> None:
    found = hands_counted.count(11, 600)
    print(found.summary())
    for kind in (*INSIDE, "ring round the box", "ring round the option", "line under the words"):
        count, wrong, _ = found.of(kind)
        assert count >= 150
        assert wrong <= SURE_MISS * count, found.summary()
    for kind in TAKEN_BACK:
        count, wrong, _ = found.of(kind)
        assert count >= 150
        assert wrong <= TAKEN * count, found.summary()
    count, wrong, _ = found.of("empty")
    assert wrong <= FALSE_MARKS * count, found.summary()


@pytest.mark.slow
def test_of_many_slipped_pages_no_empty_box_is_surely_marked() -> None:
    found = hands_counted.count(12, 300, slip_mm=1.2, kinds=INSIDE)
    print(found.summary())
    count, wrong, person = found.of("empty")
    assert count > 4000
    assert wrong <= FALSE_MARKS * count, found.summary()
    assert person <= TO_A_PERSON * count, found.summary()
    for kind in ("tick in the box", "cross in the box"):
        count, wrong, person = found.of(kind)
        assert wrong <= SURE_MISS * count, found.summary()
        assert person <= IN_BOX_TO_A_PERSON * count, found.summary()


@pytest.mark.slow
def test_of_many_rooms_none_is_signed_by_dirt_and_no_signature_is_lost() -> None:
    found = rooms_counted.count(4, 400)
    print(found.summary())
    told = {kind: found.of(kind) for kind in ("signed", "finger", "empty", "station seal", "date stamp")}
    for count, wrong in told.values():
        assert wrong <= 0.003 * count + 0.5, found.summary()

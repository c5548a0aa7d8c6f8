"""Rooms to sign in: any hand, seal or finger is ink; line, label, fold and dust are not."""

from __future__ import annotations

import numpy as np
import pytest

from generator.reading.codes import read_codes
from generator.reading.ink import InkReading, read_ink
from generator.reading.registration import Registration, register
from tests.reading.pages import KEY, PLAIN, image_of, indexes, print_of
from tests.simulator import pen, scanner
from tests.simulator.pen import Grey, Ink
from tests.simulator.stack import place

PAGE = print_of("closure_g", filled=True)
ROOMS = indexes(PAGE, "signature")


def rooms(
    sheet: Grey, device: scanner.Device = PLAIN, expected: Grey | None = None
) -> tuple[InkReading, ...]:
    image = image_of(sheet, device)
    found = register(image, read_codes(image, [KEY]), PAGE.entries)
    assert isinstance(found, Registration)
    return read_ink(image, found, PAGE.entries, expected=expected)


@pytest.mark.parametrize("mode", ["grey", "colour", "bw", "fax"])
def test_unsigned_rooms_are_empty_and_sure(mode: str) -> None:
    device = scanner.Device(mode=mode, dpi=200, noise=5, skew=-1.5, scale=0.95)  # type: ignore[arg-type]
    assert [(room.ink, room.sure) for room in rooms(PAGE.picture, device)] == [(False, True)] * len(ROOMS)


@pytest.mark.parametrize("number", range(3))
@pytest.mark.parametrize("ink", [Ink(30, 0.5), Ink(120, 0.35)], ids=["gel", "faint"])
def test_a_signature_is_ink_in_its_own_room_only(number: int, ink: Ink) -> None:
    sheet = PAGE.picture.copy()
    pen.signature(sheet, place(PAGE.entries[ROOMS[number]]), np.random.default_rng(number), ink)
    read = rooms(sheet)
    assert [room.ink for room in read] == [index == number for index in range(len(ROOMS))]
    assert all(room.sure for room in read)


def test_a_finger_and_a_seal_are_ink() -> None:
    room = place(PAGE.entries[ROOMS[0]])
    finger, sealed = PAGE.picture.copy(), PAGE.picture.copy()
    pen.fingerprint(finger, room, np.random.default_rng(1))
    pen.seal(sealed, (room.x + 12, room.y + 6), np.random.default_rng(1), radius_mm=15)
    assert rooms(finger)[0].ink
    assert rooms(sealed)[0].ink


def test_a_dot_of_the_pen_goes_to_a_person_and_dust_does_not() -> None:
    room = place(PAGE.entries[ROOMS[1]])
    touched, dusty = PAGE.picture.copy(), PAGE.picture.copy()
    pen.stroke(touched, [(room.x + 8, room.y + 4), (room.x + 10.5, room.y + 5)], Ink(30, 0.5))
    pen.stroke(dusty, [(room.x + 8, room.y + 4), (room.x + 8.1, room.y + 4)], Ink(30, 0.2))
    assert not rooms(touched)[1].sure
    assert (rooms(dusty)[1].ink, rooms(dusty)[1].sure) == (False, True)


def test_what_is_printed_in_a_room_is_no_ink_when_the_print_is_known() -> None:
    room = place(PAGE.entries[ROOMS[0]])
    sheet = PAGE.picture.copy()
    for row in range(4):  # a template with a printed seal place
        pen.stroke(sheet, [(room.x + 5, room.y + 3 + row), (room.x + 9, room.y + 3.5 + row)], Ink(0, 0.5))
    expected = np.asarray(
        pen.cv2.resize(sheet, None, fx=0.5, fy=0.5, interpolation=pen.cv2.INTER_AREA), np.uint8
    )
    assert rooms(sheet)[0].ink
    assert [found.ink for found in rooms(sheet, expected=expected)] == [False] * len(ROOMS)
    signed = sheet.copy()
    pen.signature(signed, room, np.random.default_rng(3), Ink(40, 0.5))
    assert rooms(signed, expected=expected)[0].ink

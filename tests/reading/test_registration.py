"""The map from millimetres to dots, against the matrix the simulated scanner really used."""

from __future__ import annotations

from contextlib import closing

import numpy as np
import pytest

from generator.identity.placement import overlay
from generator.reading.codes import read_codes
from generator.reading.page_image import PageImage
from generator.reading.registration import Registration, Unregistered, register
from generator.reading.report import PrintedPages
from tests.reading.pages import KEY, PLAIN, image_of, print_of, without
from tests.simulator import pen, scanner
from tests.simulator.sample_pdf import sample_pdf

PAGE = print_of("needs_survey", 2)
BARE = print_of("service_agreement", 2, filled=True)
DEVICES = [
    scanner.Device(skew=2, scale=0.97),
    scanner.Device(skew=-9, scale=0.9, margin=25, turn=2),
    scanner.Device(skew=0.5, scale=1.05, turn=1, mode="bw"),
    scanner.Device(stretch=1.004, dpi=200, turn=3),
    scanner.Device(mode="fax", dpi=200, scale=0.95),
    scanner.Device(dpi=150, noise=9, quality=40),
    scanner.Device(dpi=600, skew=-1),
]
CORNERS = np.array([[x, y, 1.0] for x in (15, 195) for y in (15, 282)]).T


def farthest(found: Registration, device: scanner.Device, dpi: tuple[float, float]) -> float:
    """Millimetres by which the map is wrong in the worst corner of the sheet."""
    truth = scanner.glass_matrix(device, dpi) @ CORNERS
    off = np.linalg.norm(truth - np.array(found.matrix) @ CORNERS, axis=0)
    return float(off.max()) / found.dots_per_mm


def registered(image: PageImage, page: object = PAGE, **options: object) -> Registration | Unregistered:
    reading = read_codes(image, [KEY])
    return register(image, reading, page.entries, **options)  # type: ignore[attr-defined,arg-type]


@pytest.mark.parametrize(
    "device", DEVICES, ids=lambda d: f"{d.mode} {d.dpi} {d.skew}° ×{d.scale} turn {d.turn}"
)
def test_on_both_codes_no_corner_is_off_by_half_a_millimetre(device: scanner.Device) -> None:
    image = image_of(PAGE.picture, device)
    found = registered(image)
    assert isinstance(found, Registration)
    assert found.basis == "both codes"
    assert image.square_dpi is not None
    assert farthest(found, device, image.square_dpi) < 0.45


@pytest.mark.parametrize("lost", ["upper right", "lower left"])
@pytest.mark.parametrize("device", DEVICES[:3], ids=["slight", "crooked", "turned"])
def test_on_one_code_and_the_boxes(device: scanner.Device, lost: scanner.Corner) -> None:
    image = image_of(without(PAGE.picture, lost), device)
    found = registered(image)
    assert isinstance(found, Registration)
    assert found.basis == "one code and print"
    assert image.square_dpi is not None
    assert farthest(found, device, image.square_dpi) < 0.7


@pytest.mark.parametrize("lost", ["upper right", "lower left"])
def test_a_page_without_boxes_needs_the_print(lost: scanner.Corner) -> None:
    page = print_of("attendance_sheet")
    assert not [entry for entry in page.entries if entry.kind == "tick"]
    device = scanner.Device(skew=1.5, scale=0.96, stretch=1.003)
    image = image_of(without(page.picture, lost), device)
    without_print = registered(image, page)
    assert isinstance(without_print, Unregistered)
    assert without_print.reason == "只读到一个页码，又没有足够的印刷线条可以对准，不能定位。"
    expected = np.asarray(
        pen.cv2.resize(page.picture, None, fx=0.5, fy=0.5, interpolation=pen.cv2.INTER_AREA)
    )
    found = registered(image, page, expected=expected)
    assert isinstance(found, Registration)
    assert farthest(found, device, (300.0, 300.0)) < 0.7


def test_a_stamped_code_still_holds_the_map() -> None:
    """Too spoilt to be read, but every module of it is known."""
    sheet = PAGE.picture.copy()
    block = (slice(round(275 * pen.MM), round(283 * pen.MM)), slice(round(29 * pen.MM), round(37 * pen.MM)))
    sheet[block] = 0
    image = image_of(sheet, scanner.Device(skew=1))
    reading = read_codes(image, [KEY])
    assert reading.found == "one"
    found = registered(image)
    assert isinstance(found, Registration)
    assert found.basis == "both codes"
    assert farthest(found, scanner.Device(skew=1), (300.0, 300.0)) < 0.5


def test_a_bent_sheet_is_not_trusted() -> None:
    sheet = PAGE.picture.copy()
    lower = sheet[2600:].copy()
    sheet[2600:] = 255
    sheet[2600:, 40:] = lower[:, :-40]
    sheet[2660:, 40:] = lower[:-60, :-40]
    found = registered(image_of(sheet))
    assert isinstance(found, Registration | Unregistered)
    if isinstance(found, Registration):
        assert found.residual_mm > 0.1


def test_without_an_identity_there_is_no_map() -> None:
    found = registered(image_of(without(PAGE.picture, "upper right", "lower left")))
    assert found == Unregistered("没有可用的页码，不能定位。")


def test_cut_outs_are_upright_whatever_the_glass_saw() -> None:
    cuts = []
    for device in (PLAIN, scanner.Device(turn=2, skew=4, margin=20), scanner.Device(turn=1)):
        image = image_of(PAGE.picture, device)
        found = registered(image)
        assert isinstance(found, Registration)
        cuts.append(found.cut(image, (30, 60, 60, 40), 6).astype(float))
    for cut in cuts[1:]:
        assert np.corrcoef(cut.ravel(), cuts[0].ravel())[0, 1] > 0.85


def test_the_print_as_issued_is_drawn_at_150_dpi() -> None:
    with closing(PrintedPages(sample_pdf([overlay(PAGE.code, (595.28, 841.89))]))) as pages:
        drawn = pages.page(1)
    assert drawn.dtype == np.uint8
    assert abs(drawn.shape[0] - 1754) <= 1
    assert abs(drawn.shape[1] - 1240) <= 1

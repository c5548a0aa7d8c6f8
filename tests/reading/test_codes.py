"""Codes of a page: read in any direction, told apart from foreign ones, never mixed up."""

from __future__ import annotations

import itertools

import cv2
import numpy as np
import pytest

from generator.errors import KeyInvalid, ScanUnusable
from generator.identity.code import DEMO_KEY, PageCode, decode, encode
from generator.identity.placement import overlay
from generator.reading.codes import read_codes
from generator.reading.page_image import PageImage
from tests.reading.pages import PLAIN, image_of, print_of, qr, read, without
from tests.simulator import pen, scanner
from tests.simulator.codes import page_pictures
from tests.simulator.sample_pdf import sample_pdf
from tests.simulator.stack import KEY

A4 = (595.28, 841.89)
PAGE = print_of("needs_survey", 2)


def sheet_with(*texts: str, size: tuple[float, float] = A4) -> list[pen.Grey]:
    return page_pictures(sample_pdf([overlay(text, size) for text in texts], size))


@pytest.mark.parametrize("turn", [0, 1, 2, 3])
@pytest.mark.parametrize("skew", [-10.0, -3.0, 0.0, 10.0])
def test_in_any_direction(turn: int, skew: float) -> None:
    device = scanner.Device(turn=turn, skew=skew, margin=25, noise=3)
    reading = read(PAGE.picture, device)
    assert reading.found == "both"
    assert {seen.text for seen in reading.codes} == {PAGE.code}
    assert reading.angle is not None
    assert abs((reading.angle - 90 * turn - skew + 180) % 360 - 180) < 1


@pytest.mark.parametrize(
    ("mode", "dpi"),
    [
        *itertools.product(("grey", "bw", "colour"), (150, 200, 300)), ("grey", 400), ("bw", 600),
        *(pytest.param(*one, marks=pytest.mark.slow)
          for one in (("bw", 400), ("colour", 400), ("grey", 600), ("colour", 600))),
    ],
)  # fmt: skip
def test_at_any_usual_resolution(mode: str, dpi: int) -> None:
    reading = read(PAGE.picture, scanner.Device(mode=mode, dpi=dpi, skew=1.5, scale=0.95))  # type: ignore[arg-type]
    assert (reading.found, reading.identity) == ("both", decode(PAGE.code, [KEY]))


@pytest.mark.parametrize("scale", [0.9, 0.97, 1.0, 1.05])
def test_through_a_fax_at_any_usual_scale(scale: float) -> None:
    reading = read(PAGE.picture, scanner.Device(mode="fax", dpi=200, scale=scale, noise=6, skew=-1))
    assert reading.identity == decode(PAGE.code, [KEY])


def test_oblong_dots_of_a_coarse_fax_are_made_square() -> None:
    made = scanner.scan(PAGE.picture, PLAIN, np.random.default_rng(1))
    whole = PageImage(made.data, made.width, made.height, made.dpi).full
    coarse = cv2.resize(whole, (whole.shape[1], whole.shape[0] // 2), interpolation=cv2.INTER_AREA)
    _, packed = cv2.imencode(".png", coarse)
    image = PageImage(packed.tobytes(), coarse.shape[1], coarse.shape[0], (300.0, 150.0))
    assert image.full.shape == (2 * coarse.shape[0], coarse.shape[1])
    assert read_codes(image, [KEY]).identity == decode(PAGE.code, [KEY])


@pytest.mark.parametrize("lost", ["upper right", "lower left"])
def test_one_code_is_enough(lost: scanner.Corner) -> None:
    reading = read(without(PAGE.picture, lost))
    assert (reading.found, reading.trouble, reading.reason) == ("one", None, None)
    (seen,) = reading.codes
    assert seen.corner != lost
    assert reading.identity == decode(PAGE.code, [KEY])


def test_no_code_no_identity_and_a_sentence() -> None:
    reading = read(without(PAGE.picture, "upper right", "lower left"))
    assert (reading.found, reading.identity, reading.trouble) == ("none", None, "no code")
    assert reading.reason == "没有读到页码：可能是外来文件、页角缺损或页码被遮住。"


def test_a_seal_over_a_code_is_read_through() -> None:
    sheet = without(PAGE.picture, "lower left")
    pen.seal(sheet, (184.0, 18.0), np.random.default_rng(4))
    assert read(sheet).identity == decode(PAGE.code, [KEY])


def test_a_dark_edge_that_touches_a_code_is_looked_past() -> None:
    sheet = without(PAGE.picture, "lower left")
    device = scanner.Device(edge=8.0, edges=(0,), lid=20)
    assert read(sheet, device).identity == decode(PAGE.code, [KEY])


def test_foreign_codes_are_counted_and_never_taken() -> None:
    sheet = PAGE.picture.copy()
    sheet[1500:1800, 600:900] = qr("https://example.invalid/somebody-else", 300)
    reading = read(sheet)
    assert (reading.identity, reading.foreign) == (decode(PAGE.code, [KEY]), 1)
    bare = without(sheet, "upper right", "lower left")
    reading = read(bare)
    assert (reading.identity, reading.trouble, reading.foreign) == (None, "foreign", 1)


def test_two_sheets_in_one_picture_belong_to_nobody() -> None:
    other = print_of("needs_survey", 2, seed=2)
    sheet = PAGE.picture.copy()
    sheet[1750:] = other.picture[1750:]
    reading = read(sheet)
    assert (reading.identity, reading.trouble) == (None, "double feed")
    assert {seen.text for seen in reading.codes} == {PAGE.code, other.code}


def test_two_pages_of_one_document_in_one_picture_too() -> None:
    first = print_of("needs_survey", 1)
    assert decode(first.code, [KEY]).print_id == decode(PAGE.code, [KEY]).print_id
    sheet = PAGE.picture.copy()
    sheet[:1750] = first.picture[:1750]
    assert read(sheet).trouble == "double feed"


def test_a_second_sheet_that_shows_only_its_code_is_noticed() -> None:
    other = print_of("consent_a", seed=3)
    sheet = PAGE.picture.copy()
    sheet[900:1200, 2000:2400] = other.picture[40:340, 2000:2400]
    assert read(sheet).trouble == "double feed"


def test_another_stations_sheet_is_refused() -> None:
    reading = read(PAGE.picture, keys=[b"another station's key"])
    assert (reading.identity, reading.trouble, reading.refused) == (None, "refused", 2)
    assert reading.reason == "页码的校验位（最后 4 位）与前面的内容不符。"


def test_a_sample_is_refused_by_name() -> None:
    (sheet,) = sheet_with(encode(PageCode("0123456789", 1, 1), DEMO_KEY))
    reading = read(sheet)
    assert (reading.identity, reading.trouble) == (None, "sample")
    assert reading.reason is not None
    assert "样例" in reading.reason
    assert read(sheet, keys=[DEMO_KEY]).identity == PageCode("0123456789", 1, 1, demo=True)


def test_one_genuine_and_one_forged_code_go_to_a_person() -> None:
    genuine, forged = sheet_with(
        encode(PageCode("0123456789", 1, 1), KEY), encode(PageCode("0123456789", 1, 1), b"a forger's own key")
    )
    sheet = genuine.copy()
    sheet[1750:] = forged[1750:]
    assert read(sheet).trouble == "double feed"


def test_a_working_copy_is_known_as_one() -> None:
    (sheet,) = sheet_with(encode(PageCode("0123456789", 0, 0), KEY))
    identity = read(sheet).identity
    assert identity is not None
    assert identity.working_copy


def test_without_a_key_nothing_is_believed() -> None:
    with pytest.raises(KeyInvalid):
        read(PAGE.picture, keys=[])


@pytest.mark.parametrize("cut", [0.2, 0.6, 0.98])
def test_a_torn_file_is_no_page(cut: float) -> None:
    made = scanner.scan(PAGE.picture, PLAIN, np.random.default_rng(1))
    image = PageImage(made.data[: int(len(made.data) * cut)], made.width, made.height, made.dpi)
    with pytest.raises(ScanUnusable, match="不完整"):
        read_codes(image, [KEY])


def test_a_wrong_resolution_in_the_file_changes_nothing() -> None:
    right = image_of(PAGE.picture)
    for dpi in (None, (72.0, 72.0), (9.0, 9.0), (1200.0, 1200.0)):
        image = PageImage(right.stream, right.width, right.height, dpi)
        assert read_codes(image, [KEY]).found == "both"

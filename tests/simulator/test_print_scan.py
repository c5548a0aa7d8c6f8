"""Page codes survive printing and scanning; and a page that should not be readable is not read."""

from __future__ import annotations

import random

import pytest

from generator.identity.code import PageCode, decode, encode
from generator.identity.placement import overlay
from generator.identity.print_id import PrintKind, blank_print_id, new_print_id
from tests.simulator.codes import assert_codes_decode, page_pictures, read_codes
from tests.simulator.print_scan import PrintScan, at_half
from tests.simulator.sample_pdf import sample_pdf

KEY = b"a key of one station"
A4 = (595.28, 841.89)


def texts_of(count: int, seed: int) -> list[str]:
    """Codes of all kinds, each with its own id."""
    source = random.Random(seed)
    ids = [
        new_print_id(source.randbytes, source.choice([PrintKind.COPY, PrintKind.SERVICE]))
        for _ in range(count)
    ]
    ids[0] = blank_print_id("IN3R", 1)
    return [encode(PageCode(print_id, 1, source.randint(1, 99)), KEY) for print_id in ids]


def test_both_codes_of_every_page_decode_clean_and_scanned() -> None:
    texts = texts_of(4, seed=1)
    assert_codes_decode(sample_pdf([overlay(text, A4) for text in texts]), texts)


@pytest.mark.parametrize(
    "scan",
    [
        PrintScan(degrees=-2.0),
        PrintScan(degrees=2.0, scale=0.95),
        PrintScan(degrees=0.0, scale=1.03, shift=(0.0, 0.0)),
        PrintScan(blur=2.2),
        PrintScan(noise=18.0),
        PrintScan(black=110, white=200),
        PrintScan(jpeg_quality=30),
        PrintScan(degrees=180.0),
    ],
    ids=lambda scan: (
        f"{scan.degrees}° ×{scan.scale} blur {scan.blur} noise {scan.noise} {scan.black}–{scan.white}"
    ),
)
def test_worse_printers_and_scanners_are_survived(scan: PrintScan) -> None:
    texts = texts_of(2, seed=2)
    for number, picture in enumerate(page_pictures(sample_pdf([overlay(text, A4) for text in texts]))):
        found = read_codes(at_half(scan.apply(picture, seed=number)))
        assert list(found.values()) == [texts[number]] * 2


def test_a_sample_says_so_and_still_decodes() -> None:
    (text,) = texts_of(1, seed=3)
    assert_codes_decode(sample_pdf([overlay(text, A4, demo=True)]), [text])


def test_what_is_read_from_paper_is_what_was_printed() -> None:
    code = PageCode("0123456789", 2, 3)
    (picture,) = page_pictures(sample_pdf([overlay(encode(code, KEY), A4)]))
    for text in read_codes(at_half(PrintScan().apply(picture))).values():
        assert decode(text, [KEY]) == code


def test_the_harness_notices_a_missing_and_a_wrong_code() -> None:
    right, wrong = texts_of(2, seed=4)
    pdf = sample_pdf([overlay(right, A4)])
    with pytest.raises(AssertionError, match="clean"):
        assert_codes_decode(pdf, [wrong])
    with pytest.raises(AssertionError, match="each page"):
        assert_codes_decode(pdf, [right, right])
    with pytest.raises(AssertionError, match="scanned"):
        assert_codes_decode(pdf, [right], PrintScan(blur=12.0))


def test_equal_seeds_give_equal_scans() -> None:
    (picture,) = page_pictures(sample_pdf([overlay(texts_of(1, seed=5)[0], A4)]), dpi=72)
    assert (PrintScan().apply(picture, 7) == PrintScan().apply(picture, 7)).all()
    assert (PrintScan().apply(picture, 7) != PrintScan().apply(picture, 8)).any()


@pytest.mark.slow
def test_two_hundred_pages() -> None:
    """None of 200 pages loses a code: in this model fewer than 1.5 % do, at 95 % confidence."""
    texts = texts_of(200, seed=6)
    for start in range(0, 200, 20):
        part = texts[start : start + 20]
        assert_codes_decode(sample_pdf([overlay(text, A4) for text in part]), part)

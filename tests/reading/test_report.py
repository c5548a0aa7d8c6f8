"""The two steps of reading a page, and what a person is told when one of them cannot be done."""

from __future__ import annotations

import math
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.errors import KeyInvalid
from generator.identity.page_map import PageMap
from generator.reading.container import BadPage, SourcePage
from generator.reading.page_image import PageImage
from generator.reading.registration import Landmark, fit, residual
from generator.reading.report import read_fields, read_page
from tests.reading import files
from tests.reading.pages import KEY, print_of, source_of, without

PAGE = print_of("needs_survey", 2)
SOURCE = source_of(PAGE.picture)


@pytest.mark.parametrize("fields_follow", [False, True])
def test_a_good_page_is_identified_and_its_fields_read(fields_follow: bool) -> None:
    report = read_page(SOURCE, [KEY], fields_follow=fields_follow)
    assert (report.outcome, report.reason) == ("identified", None)
    fields = read_fields(report, PageMap(PAGE.entries))
    kinds = [entry.kind for entry in PAGE.entries]
    assert (len(fields.ticks), len(fields.signatures)) == (kinds.count("tick"), kinds.count("signature"))
    assert (fields.reason, fields.unsure) == (None, 0)


def test_only_the_entries_of_this_page_are_looked_at() -> None:
    first = print_of("needs_survey", 1)
    fields = read_fields(read_page(SOURCE, [KEY]), PageMap((*first.entries, *PAGE.entries)))
    assert {tick.entry.page for tick in fields.ticks} == {2}


def test_the_page_map_of_another_print_is_noticed() -> None:
    other = print_of("psychosocial_assessment", 2)
    fields = read_fields(read_page(SOURCE, [KEY]), PageMap(other.entries))
    assert (fields.registration, fields.ticks) == (None, ())
    assert fields.reason == "页面上的方格不在页面位置表所说的地方：可能不是同一版式，请人工核对。"


def test_a_bad_page_stays_a_page_of_the_batch() -> None:
    bad = read_page(BadPage(7, "PDF 第 7 页已损坏，不能读取。"), [KEY])
    assert (bad.number, bad.outcome, bad.reason) == (7, "bad", "PDF 第 7 页已损坏，不能读取。")
    torn = SourcePage(8, SOURCE.stream[:5000], "image/jpeg", SOURCE.width, SOURCE.height, None, 0)
    report = read_page(torn, [KEY])
    assert (report.number, report.outcome) == (8, "bad")
    assert report.reason == "该页图像不完整（文件在中途结束）。"
    assert read_fields(report, PageMap()).reason == report.reason


def test_a_page_that_waits_says_why() -> None:
    report = read_page(source_of(without(PAGE.picture, "upper right", "lower left")), [KEY])
    assert (report.outcome, report.reason) == (
        "waiting",
        "没有读到页码：可能是外来文件、页角缺损或页码被遮住。",
    )
    assert read_fields(report, PageMap(PAGE.entries)).registration is None


def test_without_a_key_nothing_is_read() -> None:
    with pytest.raises(KeyInvalid):
        read_page(SOURCE, [])


def test_no_message_tells_what_stands_on_the_page() -> None:
    for keys in ([KEY], [b"another station's key"]):
        report = read_page(SOURCE, keys)
        print_id = PAGE.code.split("*")[1]
        assert print_id not in str(report.reason)


@given(
    angle=st.floats(-180, 180),
    scale=st.floats(0.85, 1.1),
    uneven=st.floats(-0.002, 0.002),
    shift=st.tuples(st.floats(-50, 50), st.floats(-50, 50)),
)
def test_the_fit_finds_any_map_a_scanner_makes(
    angle: float, scale: float, uneven: float, shift: tuple[float, float]
) -> None:
    turn = math.radians(angle)
    spin = np.array([[math.cos(turn), -math.sin(turn)], [math.sin(turn), math.cos(turn)]])
    linear = spin @ np.diag([scale * (1 + uneven), scale * (1 - uneven)]) * 300 / 25.4
    places = [(174, 8), (190, 8), (190, 24), (174, 24), (28, 274), (42, 274), (42, 288), (28, 288)]
    dots = [linear @ place + shift for place in places]
    matrix = fit(
        [Landmark(place, (float(x), float(y))) for place, (x, y) in zip(places, dots, strict=True)],
        (300.0, 300.0),
    )
    for corner in ((0, 0), (210, 0), (210, 297), (0, 297)):
        x, y = linear @ corner + shift
        assert residual(matrix, Landmark(corner, (float(x), float(y)))) < 0.45


@given(st.binary(max_size=3000))
def test_any_bytes_give_a_picture_or_a_sentence(data: bytes) -> None:
    head = files.jpeg(files.picture(64, 64))[:200]
    source = SourcePage(1, head + data + b"\xff\xd9", "image/jpeg", 64, 64, None, 0)
    report = read_page(source, [KEY])
    assert report.outcome in ("bad", "blank", "waiting")
    assert isinstance(source.image, PageImage)


_LEFT_OPEN = """
import io, pypdfium2
from generator.reading.hearing import hears
from generator.reading.report import PrintedPages
document, made = pypdfium2.PdfDocument.new(), io.BytesIO()
document.new_page(595, 842)
document.save(made)
document.close()
kept = PrintedPages(made.getvalue())
kept.page(1)
print(hears())
"""


def test_what_libraries_say_among_themselves_reaches_no_log(tmp_path: Path) -> None:
    with (tmp_path / "log").open("wb") as log:
        ended = subprocess.run(
            [sys.executable, "-c", _LEFT_OPEN], stdout=subprocess.PIPE, stderr=log, check=True
        )
    assert ended.stdout.split() == [b"True"]
    assert (tmp_path / "log").read_bytes() == b""

"""Characters read offline: lines in their order, at any quarter turn; what hands wrote into blank rooms."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Sequence
from functools import lru_cache
from importlib.resources import files

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from generator.errors import ScanUnusable, TextEngineMissing
from generator.identity.page_map import PageMap
from generator.reading import rapid_text
from generator.reading.rapid_text import available, open_engine
from generator.reading.report import read_fields, read_page
from generator.reading.straighten import straightened
from generator.reading.words import HEAD_AND_FOOT, Corners, PageText, line_of, read_words
from generator.reading.writing import TextProposal, propose_texts, rooms_of
from tests.reading.pages import KEY, image_of, print_of, source_of, without
from tests.simulator import pen, scanner
from tests.simulator.pen import Grey
from tests.simulator.stack import PrintedPage

needs_engine = pytest.mark.skipif(not available(), reason="the extra ocr is not installed")
pytestmark = pytest.mark.long

BLANK = print_of("visit_record")


class Ruled:
    """An engine for pages of dark bars: a bar is a line, a thick left end its beginning."""

    name = "ruled"

    def find(self, picture: Grey) -> Sequence[Corners]:
        _, _, stats, _ = cv2.connectedComponentsWithStats((picture < 128).astype(np.uint8))
        return [((x, y), (x + w, y), (x + w, y + h), (x, y + h)) for x, y, w, h, _ in stats[1:].astype(float)]

    def upside_down(self, line: Grey) -> bool:
        half = line.shape[1] // 2
        return bool((line[:, :half] < 128).sum() < (line[:, half:] < 128).sum())

    def read(self, line: Grey) -> tuple[str, float]:
        return f"{round(line.shape[1] / line.shape[0])}", 0.9


def bars(*lengths: int) -> Grey:
    page = np.full((600, 400), 255, np.uint8)
    for number, length in enumerate(lengths):
        top = 40 + 60 * number
        page[top : top + 20, 30 : 30 + length] = 0
        page[top : top + 6, 30 + length // 2 : 30 + length] = 255
    return page


@pytest.mark.parametrize("quarters", range(4))
def test_lines_come_in_order_whichever_way_the_page_lies(quarters: int) -> None:
    turned = np.ascontiguousarray(np.rot90(bars(100, 200, 300, 140), quarters))
    read = read_words(turned, Ruled())
    assert [words.text for words in read.words] == ["5", "10", "15", "7"]
    assert (read.turn, read.words[0].box[:2]) == (quarters, (30.0, 40.0))


def test_lines_outside_the_wanted_bands_are_not_read() -> None:
    read = read_words(bars(100, 200, 300, 140), Ruled(), parts=((0.0, 0.15), (0.35, 1.0)))
    assert [words.text for words in read.words] == ["5", "7"]


def test_words_of_one_printed_line_are_read_from_the_left() -> None:
    page = np.full((300, 600), 255, np.uint8)
    for left, top, length in ((300, 42, 200), (30, 38, 100), (30, 100, 140)):
        page[top : top + 20, left : left + length] = 0
        page[top : top + 6, left + length // 2 : left + length] = 255
    assert [words.text for words in read_words(page, Ruled()).words] == ["5", "10", "7"]


def test_an_empty_page_says_nothing() -> None:
    assert read_words(np.full((300, 200), 255, np.uint8), Ruled()) == PageText((), 0)


def test_bytes_that_are_no_picture_are_refused() -> None:
    with pytest.raises(ScanUnusable, match="不能识别文字"):
        read_words(b"no picture", Ruled())


def test_without_the_extra_the_cure_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    open_engine.cache_clear()
    monkeypatch.setattr(rapid_text, "available", lambda: False)
    with pytest.raises(TextEngineMissing, match="没有安装文字识别组件") as caught:
        read_words(BLANK.picture)
    assert '".[ocr]"' in caught.value.hint


def test_nothing_heavy_is_imported_before_it_is_asked_for() -> None:
    code = (
        "import sys; import generator.reading.words, generator.reading.writing, generator.reading.rapid_text;"
        "sys.exit(any(name in sys.modules for name in ('rapidocr', 'onnxruntime', 'cv2', 'numpy')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@needs_engine
def test_the_models_lie_inside_the_package_and_one_thread_is_used() -> None:
    engine = open_engine()
    config = engine._engine.cfg  # type: ignore[attr-defined]  # its own settings say what it will do
    assert all("site-packages" in config[part].model_path for part in ("Det", "Cls", "Rec"))
    assert config.EngineConfig.onnxruntime.intra_op_num_threads == 1


@needs_engine
def test_a_package_without_its_models_is_named_and_nothing_is_fetched(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    open_engine.cache_clear()
    monkeypatch.setattr(rapid_text.Path, "glob", lambda _self, _pattern: iter(()))
    with pytest.raises(TextEngineMissing, match="缺少随附的识别模型"):
        open_engine()
    open_engine.cache_clear()


@needs_engine
@pytest.mark.parametrize("turn", [1, 2])
def test_a_turned_crooked_page_is_read(turn: int) -> None:
    page = print_of("application_b", filled=True)
    sheet = without(page.picture, "upper right", "lower left")
    view = straightened(image_of(sheet, scanner.Device(turn=turn, skew=3.0)), None, None)
    read = read_words(view, parts=HEAD_AND_FOOT)
    text = "\n".join(words.text for words in read.words)
    assert "个案申请表" in text
    assert "SQ-2025-0001" in text
    assert re.search("第1页.共1页", text)
    assert min(words.confidence for words in read.words if "申请表" in words.text) > 0.85
    assert (read.turn + turn) % 4 == 0


# What is written by hand.  A typeface stands in for a hand: the tests show that the right rooms are found and
# read, not how well handwriting is recognised.


@lru_cache(maxsize=4)
def _face(size: int) -> ImageFont.FreeTypeFont:

    return ImageFont.truetype(str(files("pylopdf_fonts_zh_cn") / "NotoSansSC-Regular.otf"), size)


def write(sheet: Grey, text: str, at_mm: tuple[float, float], size_mm: float = 4.5) -> None:
    """Slanted, uneven characters in pen grey."""
    random = np.random.default_rng(len(text))
    size = round(size_mm * pen.MM)
    x = at_mm[0] * pen.MM
    for character in text:
        tile = Image.new("L", (2 * size, 2 * size))
        ImageDraw.Draw(tile).text((size // 2, size // 3), character, 255, font=_face(size))
        lean = np.array([[1, -0.15 + random.normal(0, 0.03), 0.15 * size], [random.normal(0, 0.03), 1, 0]])
        mask = cv2.warpAffine(np.array(tile), lean, (2 * size, 2 * size))
        left, top = round(x - size / 2), round(at_mm[1] * pen.MM - size / 3 + random.normal(0, size * 0.03))
        pen.lay(sheet[top : top + 2 * size, left : left + 2 * size], np.asarray(mask, np.uint8), 50)
        x += _face(size).getlength(character) * 1.03


def issued(page: PrintedPage) -> Grey:
    height, width = page.picture.shape
    half = cv2.resize(page.picture, (width // 2, height // 2), interpolation=cv2.INTER_AREA)
    return np.asarray(half, np.uint8)


def proposals(page: PrintedPage, sheet: Grey, device: scanner.Device) -> dict[str, TextProposal]:
    report = read_page(source_of(sheet, device), [KEY], fields_follow=True)
    fields = read_fields(report, PageMap(page.entries), expected=issued(page))
    assert report.image is not None
    assert fields.registration is not None
    engine = open_engine() if available() else Ruled()
    found = propose_texts(report.image, fields.registration, page.entries, engine, expected=issued(page))
    return {proposal.entry.pointer: proposal for proposal in found}


def test_every_text_field_of_a_blank_has_a_room_and_no_two_share_one() -> None:
    for form_id in ("visit_record", "needs_survey", "basic_registration"):
        page = print_of(form_id)
        rooms = rooms_of(page.entries, issued(page))
        assert [entry for entry, _ in rooms] == [entry for entry in page.entries if entry.kind == "text"]
        for index, (_, one) in enumerate(rooms):
            for _, other in rooms[:index]:
                across = min(one.x_mm + one.w_mm, other.x_mm + other.w_mm) - max(one.x_mm, other.x_mm)
                down = min(one.y_mm + one.h_mm, other.y_mm + other.h_mm) - max(one.y_mm, other.y_mm)
                assert min(across, down) < 2


def test_empty_rooms_are_silent() -> None:
    assert proposals(BLANK, BLANK.picture, scanner.Device(skew=1.5, noise=6.0)) == {}


def test_ink_in_a_room_is_proposed_with_its_picture_and_nothing_else_is() -> None:
    sheet = BLANK.picture.copy()
    rooms = {entry.pointer: room for entry, room in rooms_of(BLANK.entries, issued(BLANK))}
    write(sheet, "样例甲", (rooms["/client_name"].x_mm + 4, rooms["/client_name"].y_mm + 4))
    found = proposals(BLANK, sheet, scanner.Device(skew=-1.0))
    assert list(found) == ["/client_name"]
    assert found["/client_name"].picture.startswith(b"\x89PNG")
    assert "样例" not in repr(found)


@needs_engine
def test_what_is_written_is_read_in_cells_between_printed_words_and_over_several_lines() -> None:
    sheet = BLANK.picture.copy()
    rooms = {entry.pointer: room for entry, room in rooms_of(BLANK.entries, issued(BLANK))}
    life, day = rooms["/life"], next(entry for entry in BLANK.entries if entry.pointer == "/visited_on")
    write(sheet, "GA-2026-0042", (rooms["/case_no"].x_mm + 2, rooms["/case_no"].y_mm + 4))
    write(sheet, "近来睡眠好转，按时服药，愿意每周到站两次。", (life.x_mm + 3, life.y_mm + 2))
    write(sheet, "母亲陪同复诊。", (life.x_mm + 3, life.y_mm + 10))
    for text, x in (("2026", 3.5), ("11", 19.0), ("23", 30.5)):
        write(sheet, text, (day.x_mm + x, day.y_mm + 0.8), 4.0)
    found = proposals(BLANK, sheet, scanner.Device(skew=0.8, noise=5.0))
    assert sorted(found) == ["/case_no", "/life", "/visited_on"]
    assert found["/case_no"].text == "GA-2026-0042"
    assert found["/visited_on"].text == "2026年11月23日"
    assert (
        found["/life"].text.replace(",", "，") == "近来睡眠好转，按时服药，愿意每周到站两次。母亲陪同复诊。"
    )
    assert all(0.5 < proposal.confidence <= 1 for proposal in found.values())


def test_a_line_is_cut_out_straight() -> None:
    page = np.full((200, 400), 255, np.uint8)
    cv2.line(page, (50, 60), (350, 120), 0, 21)
    cut = line_of(page, ((48, 50), (352, 110), (348, 130), (44, 70)))
    assert cut.shape[0] >= 20
    assert np.median(cut) == 0

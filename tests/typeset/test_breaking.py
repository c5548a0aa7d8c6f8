"""Line breaking: what may stand at the ends of a line."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from generator.typeset.breaking import break_before, script_changes
from generator.typeset.fonts import bundled_fonts
from generator.typeset.layout import typeset
from generator.typeset.styles import NO_LINE_END, NO_LINE_START
from tests.typeset.making import cell, docx, para, row, table


def _lines(text: str, ems: int) -> list[str]:
    """The lines of ``text`` in a cell ``ems`` characters wide."""
    width = ems * 210 + 216 + 10
    page = typeset(docx(table([width], [row([cell(width, para(text))])])), bundled_fonts()).pages[0]
    found: dict[float, str] = {}
    for span in sorted((s for s in page.spans if s.cell), key=lambda s: (s.y, s.x)):
        found[span.y] = found.get(span.y, "") + span.text
    return list(found.values())


def test_closing_marks_do_not_begin_a_line() -> None:
    assert _lines("服务对象需求，评估", 6) == ["服务对象需", "求，评估"]


def test_opening_marks_do_not_end_a_line() -> None:
    assert _lines("服务对象需（两周内）", 6) == ["服务对象需", "（两周内）"]


def test_words_and_numbers_stay_whole() -> None:
    assert _lines("服务对象GA-2026", 6)[0] == "服务对象"
    assert _lines("电话13800138000", 7) == ["电话", "13800138000"]


def test_a_word_longer_than_a_line_is_split_not_cut() -> None:
    text = "abcdefghij" * 6
    assert "".join(_lines(text, 8)) == text


def test_spaces_hang_at_the_end_of_a_line() -> None:
    assert _lines("服务对象需求 评估", 6) == ["服务对象需求", "评估"]


def test_dashes_and_dots_stay_together() -> None:
    assert _lines("服务对象需——评估", 6) == ["服务对象需", "——评估"]


def test_gap_between_chinese_and_latin_letters_only() -> None:
    assert script_changes("第3次，QQ随访。") == [1, 2, 6]


@given(st.text(alphabet="服务对象，。（）“”a1 —…", min_size=2, max_size=40), st.data())
def test_a_break_always_makes_progress(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 2))
    at = data.draw(st.integers(start, len(text) - 1))
    found = break_before(text, start, at, NO_LINE_START, NO_LINE_END)
    assert start < found <= max(at, start + 1)

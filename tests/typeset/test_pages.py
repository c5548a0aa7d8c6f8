"""What stands where: nothing is lost, cut or laid over something else."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from generator.errors import GlyphMissing
from generator.typeset.fonts import FontSet, bundled_fonts
from generator.typeset.layout import typeset
from generator.typeset.model import Layout
from tests.typeset import making
from tests.typeset.making import SENTENCE, cell, docx, para, row, table


@pytest.fixture(scope="module")
def fonts() -> FontSet:
    return bundled_fonts()


def _text(layout: Layout) -> str:
    return "".join(span.text for page in layout.pages for span in page.spans)


def _body_text(layout: Layout) -> Counter[str]:
    found: Counter[str] = Counter()
    for page in layout.pages:
        for span in page.spans:
            if span.cell is not None:
                found.update(span.text.replace(" ", ""))
    return found


@settings(max_examples=25, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 10_000))
def test_every_character_is_printed_once_inside_its_cell(fonts: FontSet, seed: int) -> None:
    from generator.typeset.reader import read_document
    from generator.typeset.wml import Table

    source = making.random_table(seed)
    layout = typeset(source, fonts)
    written: Counter[str] = Counter()
    for block in read_document(source).blocks:
        if isinstance(block, Table):
            for table_row in block.rows:
                for one in table_row.cells:
                    for paragraph in one.paragraphs:
                        written.update(paragraph.text.replace(" ", ""))
    assert _body_text(layout) == written
    for page in layout.pages:
        parts = {part.number: part.rect for part in page.cells}
        for span in page.spans:
            if span.cell is not None:
                rect = parts[span.cell]
                assert rect.x - 0.1 <= span.x
                assert span.x + span.advance <= rect.x + rect.width + 0.1
                assert rect.y + span.size * 0.5 <= span.y <= rect.y + rect.height + 0.1
                assert rect.y + rect.height <= 842 - 73.7 + 0.1


def test_page_numbers_are_those_of_the_pages(fonts: FontSet) -> None:
    layout = typeset(making.form(9, 30), fonts)
    total = len(layout.pages)
    assert total > 2
    for number, page in enumerate(layout.pages, 1):
        footer = "".join(span.text for span in page.spans if span.y > 790)
        assert footer == f"第{number}页/共{total}页"


def test_header_rows_repeat_on_every_page(fonts: FontSet) -> None:
    header = row([cell(4000, para("时间安排")), cell(4000, para("介入策略"))], "<w:tblHeader/>")
    rows = [row([cell(4000, para(f"第{i}行")), cell(4000, para(SENTENCE))]) for i in range(40)]
    layout = typeset(docx(table([4000, 4000], [header, *rows])), fonts)
    assert len(layout.pages) >= 3
    for page in layout.pages:
        assert sum("时间安排" in span.text for span in page.spans) == 1


def test_row_of_exact_height_grows_instead_of_cutting(fonts: FontSet) -> None:
    exact = '<w:trHeight w:val="400" w:hRule="exact"/>'
    layout = typeset(docx(table([3000], [row([cell(3000, para(SENTENCE))], exact)])), fonts)
    assert _body_text(layout) == Counter(SENTENCE)
    assert layout.pages[0].cells[0].rect.height > 60


def test_a_row_higher_than_a_page_is_split_even_if_it_asks_not_to(fonts: FontSet) -> None:
    layout = typeset(docx(table([3000], [row([cell(3000, para(SENTENCE * 40))], "<w:cantSplit/>")])), fonts)
    assert len(layout.pages) > 1
    assert _body_text(layout) == Counter(SENTENCE * 40)


def test_tick_boxes_are_drawn_and_lie_in_their_bookmarks(fonts: FontSet) -> None:
    body = para("☑", mark="f_yes") + para("□", mark="f_no")
    page = typeset(docx(table([3000], [row([cell(3000, body)])])), fonts).pages[0]
    assert [box.ticked for box in page.boxes] == [True, False]
    marks = {mark.name: mark for mark in page.marks}
    assert marks["f_yes"].box == page.boxes[0]
    assert marks["f_no"].box == page.boxes[1]
    assert marks["f_no"].cell == page.cells[0].rect
    assert not any(c in _text(typeset(docx(body), fonts)) for c in "☑□")


def test_bookmark_over_pages_gives_a_mark_on_each(fonts: FontSet) -> None:
    layout = typeset(docx(table([3000], [row([cell(3000, para(SENTENCE * 20, mark="f_long"))])])), fonts)
    pages = [n for n, page in enumerate(layout.pages) if any(m.name == "f_long" for m in page.marks)]
    assert pages == list(range(len(layout.pages)))
    assert len(pages) > 1


def test_empty_bookmark_marks_its_place(fonts: FontSet) -> None:
    inside = '<w:bookmarkStart w:id="7" w:name="f_sign"/><w:bookmarkEnd w:id="7"/>'
    body = f"<w:p>{making.run('签字：')}{inside}</w:p>"
    (mark,) = typeset(docx(body), fonts).pages[0].marks
    assert mark.name == "f_sign"
    assert mark.rect.width == 0
    assert mark.rect.x == pytest.approx(79.4 + 3 * 10.5)


def test_rare_character_names_code_point_and_place_not_text(fonts: FontSet) -> None:
    with pytest.raises(GlyphMissing) as caught:
        typeset(docx(para("张\U0002a6b2", mark="f_name")), fonts)
    assert "U+2A6B2" in caught.value.message
    assert "f_name" in caught.value.message
    assert "张" not in str(caught.value)


def test_gap_for_a_rare_character_is_one_em_wide_and_listed(fonts: FontSet) -> None:
    layout = typeset(docx(para("张\U0002a6b2三")), fonts, glyph_gap=True)
    assert layout.glyph_gaps == ["U+2A6B2"]
    spans = [span for span in layout.pages[0].spans if span.text in ("张", "三")]
    assert spans[1].x - spans[0].x == pytest.approx(2 * 10.5)


def test_page_break_begins_a_new_page(fonts: FontSet) -> None:
    body = f'<w:p>{making.run("上")}<w:r><w:br w:type="page"/></w:r>{making.run("下")}</w:p>'
    layout = typeset(docx(body), fonts)
    assert [[s.text for s in p.spans if 70 < s.y < 700] for p in layout.pages] == [["上"], ["下"]]


def test_the_planned_width_counts_spacing_between_characters_once() -> None:
    body = para("间距", "", '<w:spacing w:val="40"/>')
    span = next(s for s in typeset(docx(body), bundled_fonts()).pages[0].spans if s.text == "间距")
    assert span.tracking == 2
    assert span.advance == pytest.approx(2 * (10.5 + 2))

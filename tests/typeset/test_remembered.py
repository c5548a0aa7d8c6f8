"""Cells taken over from earlier documents: the same page, and nothing of one document in another."""

from __future__ import annotations

import pytest

from generator.typeset import remembered
from generator.typeset.fonts import bundled_fonts
from generator.typeset.layout import typeset
from generator.typeset.remembered import RememberedCells
from tests.typeset.making import EXACT, cell, docx, para, row, table


def _form(name: str) -> bytes:
    cells = [cell(1500, para("姓名", EXACT)), cell(3000, para(name, mark="f_name"))]
    merged = [cell(1500, para("电话"), '<w:vMerge w:val="restart"/>'), cell(3000, para("无"))]
    again = [cell(1500, para(), "<w:vMerge/>"), cell(3000, para("姓名", EXACT))]
    return docx(table((1500, 3000), [row(cells), row(merged), row(again)]))


@pytest.fixture
def cold(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that has met no cell yet."""
    monkeypatch.setattr("generator.typeset.reader.REMEMBERED", RememberedCells())


@pytest.mark.usefixtures("cold")
def test_the_third_document_is_laid_out_like_the_first() -> None:
    fonts = bundled_fonts()
    first, *_, last = (typeset(_form("样例甲"), fonts) for _ in range(4))
    assert last.pages == first.pages
    assert sorted(part.number for part in last.pages[0].cells) == [1, 2, 3, 4, 6]


@pytest.mark.usefixtures("cold")
def test_each_document_has_its_own_answers_and_marks() -> None:
    fonts, names = bundled_fonts(), ["样例甲", "样例乙", "样例甲", "样例丙", "样例乙"]
    for name in names:
        page = typeset(_form(name), fonts).pages[0]
        assert [s.text for s in page.spans if s.text.startswith("样例")] == [name]
        assert [mark.name for mark in page.marks] == ["f_name"]


@pytest.mark.usefixtures("cold")
def test_the_same_cell_follows_styles_margins_and_place() -> None:
    fonts = bundled_fonts()
    label = cell(2000, para("栏目"))
    wide = '<w:tblCellMar><w:left w:w="400" w:type="dxa"/></w:tblCellMar>'
    bodies = [table([2000], [row([label])], props) for props in ("", wide)]
    for _ in range(3):
        narrow, indented = (typeset(docx(body), fonts).pages[0].spans[0].x for body in bodies)
        assert indented - narrow == pytest.approx(20 - 5.4)
    two = docx(table((2000, 2000), [row([label, label])]))
    for _ in range(3):
        left, right = typeset(two, fonts).pages[0].spans[:2]
        assert right.x - left.x == pytest.approx(100)


@pytest.mark.usefixtures("cold")
def test_a_bookmark_around_cells_is_marked_in_each_of_them() -> None:
    start = '<w:bookmarkStart w:id="7" w:name="f_all"/>'
    rows = [row([cell(2000, para("甲"))]), start, row([cell(2000, para("甲"))]), '<w:bookmarkEnd w:id="7"/>']
    for _ in range(3):
        page = typeset(docx(table([2000], rows)), bundled_fonts()).pages[0]
        assert [mark.name for mark in page.marks] == ["f_all"]


def test_only_a_limited_number_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remembered, "_LIMIT", 2)
    memory = RememberedCells()
    monkeypatch.setattr("generator.typeset.reader.REMEMBERED", memory)
    for name in ("甲", "乙", "丙", "丁"):
        for _ in range(3):
            typeset(_form(name), bundled_fonts())
    assert len(memory._cells) <= 2


def test_xml_that_already_has_the_mark_is_left_alone() -> None:
    memory = RememberedCells()
    data = b'<w:tc kangdang-cell="0"/><w:tc><w:p/></w:tc>'
    assert [memory.shorten(data) for _ in range(3)] == [(data, [])] * 3

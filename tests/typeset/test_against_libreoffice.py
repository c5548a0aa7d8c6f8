"""Our pages beside LibreOffice's: same pages, same characters in every cell, the same places."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from generator.typeset.fonts import bundled_fonts
from generator.typeset.layout import typeset
from generator.typeset.pdf import to_pdf
from tests.typeset import making, oracle
from tests.typeset.making import EXACT, SENTENCE, cell, para, row, table

_BOXED = '<w:vAlign w:val="center"/>'
_ONE_HALF = '<w:spacing w:line="360" w:lineRule="auto"/>'
_TABS = (
    '<w:tabs><w:tab w:val="left" w:pos="2000"/><w:tab w:val="center" w:pos="4500"/>'
    '<w:tab w:val="right" w:pos="8800"/></w:tabs>'
)


def _spacer(twips: int) -> str:
    return para("前", f'<w:spacing w:line="{twips}" w:lineRule="exact"/>')


def _merged(index: int, text: str) -> str:
    merge = '<w:vMerge w:val="restart"/>' + _BOXED if index == 0 else "<w:vMerge/>"
    return cell(1500, para(text if index == 0 else ""), merge)


def _three(first: str, second: str, third: str, props: str = "") -> str:
    return row([first if first.startswith("<w:tc>") else cell(1500, first, _BOXED),
                cell(3000, second), cell(4500, third)], props)  # fmt: skip


_GRID = (1500, 3000, 4500)
_HEADER = _three(para("时间"), para("目标"), para("内容"), "<w:tblHeader/>")
_LONG = _three(para("甲"), para(SENTENCE * 3), para(SENTENCE * 4, EXACT))
_LOW = '<w:trHeight w:val="1300" w:hRule="atLeast"/>'
_KEPT = '<w:cantSplit/><w:trHeight w:val="1100" w:hRule="atLeast"/>'
_TALL = '<w:trHeight w:val="3000" w:hRule="atLeast"/>'

_KEEP_NEXT = "<w:keepNext/>"


def _row(text: str, lines: int = 1, *, keep: bool = False, whole: bool = True) -> str:
    """A row of two cells, kept with the next one on demand."""
    look = (_KEEP_NEXT if keep else "") + EXACT
    return row(
        [cell(1500, para(text, look)), cell(7500, "".join(para(f"{text}{n}", look) for n in range(lines)))],
        "<w:cantSplit/>" if whole else "",
    )


def _chain(spacer: int, *rows: str) -> str:
    return _spacer(spacer) + table((1500, 7500), rows)


_ENDING = (_row("丙", keep=True), _row("丁", keep=True), _row("戊"))
_SEAM = para("", _KEEP_NEXT + '<w:spacing w:line="14" w:lineRule="exact"/>')

CASES = {
    "form": making.form(),
    "form_long": making.form(9, 30),
    "form_blank": making.form(0, 3),
    "split_row_under_header": making.docx(_spacer(12600) + table(_GRID, [_HEADER, _LONG]) + para("后")),
    "header_not_left_alone": making.docx(_spacer(13100) + table(_GRID, [_HEADER, _LONG])),
    "row_kept_whole": making.docx(
        _spacer(12000)
        + table(_GRID, [_three(para("甲"), para(SENTENCE), para("丙"), "<w:cantSplit/>") for _ in range(4)])
    ),
    "tall_row_moves": making.docx(
        _spacer(12000) + table(_GRID, [_three(para("甲"), para(SENTENCE), para("丙"), _TALL)])
    ),
    "tall_row_splits": making.docx(
        _spacer(12000) + table(_GRID, [_three(para("甲"), para(SENTENCE * 5), para("丙"), _TALL)])
    ),
    "least_height_goes_on_over_pages": making.docx(
        _spacer(12000)
        + table(_GRID, [_three(para("甲"), para(SENTENCE * 3), para("丙"), _LOW) for _ in range(3)])
    ),
    "kept_row_higher_than_a_page": making.docx(
        _spacer(4000) + table(_GRID, [_three(para("甲"), para(SENTENCE * 24), para("丙"), "<w:cantSplit/>")])
    ),
    "kept_row_higher_than_a_page_under_another": making.docx(
        _spacer(4000)
        + table(_GRID, [_three(para("甲"), para(SENTENCE * n), para("丙"), _KEPT) for n in (1, 24, 1)])
    ),
    "merge_cut_between_rows": making.docx(
        _spacer(10600)
        + table(_GRID, [_three(_merged(i, "栏目"), para(SENTENCE), para("丙"), _KEPT) for i in range(8)])
    ),
    "merged_label_over_pages": making.docx(
        _spacer(12000)
        + table(_GRID, [_three(_merged(i, SENTENCE * 2), para(f"乙{i}"), para(f"丙{i}")) for i in range(8)])
    ),
    "line_heights": making.docx(
        "".join(
            para(SENTENCE, spacing)
            for spacing in (
                EXACT,
                _ONE_HALF,
                '<w:spacing w:line="500" w:lineRule="atLeast"/>',
                '<w:spacing w:before="200" w:after="100"/>',
                '<w:jc w:val="both"/>',
                '<w:ind w:left="420" w:right="800" w:firstLineChars="200" w:firstLine="420"/>',
            )
        )
        + table(_GRID, [_three(para("甲", _ONE_HALF), para(SENTENCE, _ONE_HALF), para("丙", _ONE_HALF))])
    ),
    "line_grid": making.docx(
        "".join(
            para(SENTENCE * 3, props) + table(_GRID, [_three(para("甲"), para(SENTENCE), para("丙"))])
            for props in ("", _ONE_HALF, '<w:snapToGrid w:val="0"/>') * 4
        ),
        section=making.SECTION.replace(
            "</w:sectPr>", '<w:docGrid w:type="lines" w:linePitch="312"/></w:sectPr>'
        ),
    ),
    "tabs_and_looks": making.docx(
        para("左\t二\t中间文字\t右边", _TABS)
        + para("签字：\t日期：\t年", '<w:ind w:left="420"/>' + _TABS)
        + para("一、\t" + SENTENCE, '<w:ind w:left="840" w:hanging="420"/>')
        + para("标题", '<w:jc w:val="center"/><w:spacing w:before="200"/>', making.HEI + '<w:sz w:val="36"/>')
        + para("下划线", "", '<w:u w:val="single"/>')
        + para("间距", "", '<w:spacing w:val="40"/>')
    ),
    "rows_kept_with_the_next": making.docx(_chain(12000, _row("甲"), _row("乙"), *_ENDING)),
    "rows_kept_across_a_seam": making.docx(
        _chain(11900, _row("甲"), _row("乙"), _ENDING[0]) + _SEAM + table((1500, 7500), _ENDING[1:])
    ),
    "all_rows_kept_and_what_follows": making.docx(
        _chain(11600, _row("甲", keep=True), _row("乙", keep=True), _row("丙", keep=True)) + para("后")
    ),
    "one_row_is_not_kept_with_what_follows": making.docx(
        _chain(13060, _row("甲", keep=True)) + para("后", EXACT)
    ),
    "long_row_kept_with_the_next_moves_whole": making.docx(
        _chain(9000, _row("甲"), _row("乙", 24, keep=True, whole=False), *_ENDING)
    ),
    "kept_row_higher_than_a_page_leaves_the_chain": making.docx(
        _chain(9000, _row("甲"), _row("乙", 59, keep=True, whole=False), *_ENDING)
    ),
    "a_long_row_need_only_begin": making.docx(
        _chain(12000, _row("甲"), _row("乙", keep=True), _row("丙", 8, whole=False))
    ),
    "paragraphs_over_pages": making.docx(
        para(SENTENCE, '<w:spacing w:before="300" w:after="200"/><w:widowControl/>') * 18
    ),
}  # fmt: skip
"""What the layout must share with LibreOffice, one name each."""


TABLES = (1, 2, 5, 6)
FORMS = tuple(range(12))
"""Seeds of forms with seams, repeated headings, merged labels, least heights and kept rows."""


@pytest.fixture(scope="session")
def theirs(soffice: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """LibreOffice's PDFs of all cases, made in one call."""
    folder = tmp_path_factory.mktemp("oracle")
    tables = {f"random_{seed}": making.random_table(seed) for seed in TABLES}
    forms = {f"form_{seed}": making.random_form(seed) for seed in FORMS}
    cases = {**CASES, **tables, **forms}
    for name, docx in cases.items():
        (folder / f"{name}.docx").write_bytes(docx)
    pdfs = oracle.convert([folder / f"{name}.docx" for name in cases], folder)
    return dict(zip(cases, pdfs, strict=True))


def _compare(docx: bytes, other: Path) -> oracle.Comparison:
    fonts = bundled_fonts()
    layout = typeset(docx, fonts)
    pdf = to_pdf(layout, [], title="样例", timestamp=datetime(2026, 3, 5, tzinfo=UTC), fonts=fonts)
    return oracle.compare(pdf, layout, other)


@pytest.mark.parametrize("name", CASES)
def test_pages_cells_and_places_agree(name: str, theirs: dict[str, Path]) -> None:
    result = _compare(CASES[name], theirs[name])
    assert result.problems(share=0.99) == []


@pytest.mark.parametrize("seed", TABLES)
def test_random_tables_agree(seed: int, theirs: dict[str, Path]) -> None:
    result = _compare(making.random_table(seed), theirs[f"random_{seed}"])
    assert result.problems() == []


@pytest.mark.parametrize("seed", FORMS)
def test_random_forms_agree(seed: int, theirs: dict[str, Path]) -> None:
    result = _compare(making.random_form(seed), theirs[f"form_{seed}"])
    assert result.problems() == []


def test_the_oracle_sees_a_difference(theirs: dict[str, Path]) -> None:
    result = _compare(making.docx(para(SENTENCE)), theirs["form"])
    assert len(result.problems()) >= 2

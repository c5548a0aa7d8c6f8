"""Setting comes to its end whatever a template says: each line takes a character, each page a line."""

from __future__ import annotations

import contextlib
import zipfile
from io import BytesIO
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from generator.docx.fill import CompiledTemplate
from generator.errors import GeneratorError, TemplateDamaged, TemplateTagInvalid
from generator.resources import data_dir
from generator.typeset.flow import Column
from generator.typeset.fonts import FontSet, bundled_fonts
from generator.typeset.layout import typeset
from generator.typeset.lines import _Breaker
from tests.typeset.making import SENTENCE, cell, docx, para, row, table

MOST_PAGES = 3000
"""More than any of these documents has lines and rows."""


@pytest.fixture(scope="module")
def fonts() -> FontSet:
    return bundled_fonts()


@pytest.fixture(autouse=True)
def _no_standing_still(monkeypatch: pytest.MonkeyPatch) -> None:
    """What would go on for ever is a failure at once."""
    fit, advance = _Breaker._fit, Column.advance
    pages: dict[int, int] = {}

    def fitted(self: _Breaker, start: int, left: float) -> tuple[int, int, bool]:
        found = fit(self, start, left)
        assert found[1] > start or start == len(self.text), "a line without a character"
        return found

    def advanced(self: Column) -> None:
        pages[id(self)] = pages.get(id(self), 0) + 1
        assert pages[id(self)] < MOST_PAGES, "pages without a line"
        advance(self)

    monkeypatch.setattr(_Breaker, "_fit", fitted)
    monkeypatch.setattr(Column, "advance", advanced)


def _page(width: int, height: int, side: int, top: int) -> str:
    return (
        '<w:sectPr><w:headerReference w:type="default" r:id="rId3"/>'
        '<w:footerReference w:type="default" r:id="rId4"/>'
        f'<w:pgSz w:w="{width}" w:h="{height}"/><w:pgMar w:top="{top}" w:right="{side}" w:bottom="{top}" '
        f'w:left="{side}" w:header="0" w:footer="0" w:gutter="0"/></w:sectPr>'
    )


TEXTS = ("", " ", "甲", "字 字", "a b c", "word  word", "，。", "甲\t乙", "\t", " 甲", SENTENCE[:30])
MEASURES = st.sampled_from([-20000, -500, 0, 1, 20, 200, 420, 3000, 8000, 20000])


@st.composite
def paragraphs(draw: st.DrawFn) -> str:
    left, right, first = draw(MEASURES), draw(MEASURES), draw(MEASURES)
    indent = f'<w:ind w:left="{left}" w:right="{right}" w:firstLine="{max(first, 0)}"/>'
    keep = draw(st.sampled_from(["", "<w:keepNext/>", "<w:keepLines/>", "<w:pageBreakBefore/>"]))
    return para(draw(st.sampled_from(TEXTS)), f"{keep}{indent}")


@st.composite
def tables(draw: st.DrawFn) -> str:
    widths = draw(st.lists(st.sampled_from([1, 30, 300, 2000]), min_size=1, max_size=3))
    merges = draw(st.lists(st.sampled_from(["none", "start", "continue"]), min_size=4, max_size=4))
    made = []
    for merge in merges[: draw(st.integers(1, 4))]:
        joined = {"none": "", "start": '<w:vMerge w:val="restart"/>', "continue": "<w:vMerge/>"}[merge]
        cells = [
            cell(width, draw(paragraphs()), joined if at == 0 else "") for at, width in enumerate(widths)
        ]
        height = draw(st.sampled_from([0, 400, 30000]))
        props = f'<w:trHeight w:val="{height}"/>' if height else ""
        props += draw(st.sampled_from(["", "<w:tblHeader/>", "<w:cantSplit/>"]))
        made.append(f"<w:tr><w:trPr>{props}</w:trPr>{''.join(cells)}</w:tr>")
    return table(widths, made)


@settings(max_examples=60, suppress_health_check=list(HealthCheck))
@given(
    blocks=st.lists(st.one_of(paragraphs(), tables()), min_size=1, max_size=4),
    page=st.builds(
        _page,
        st.sampled_from([0, 300, 2000, 11906]),
        st.sampled_from([0, 300, 2000, 16838]),
        st.sampled_from([0, 140, 990, 9000]),
        st.sampled_from([0, 140, 990, 9000]),
    ),
)
def test_any_measures_come_to_an_end(fonts: FontSet, blocks: list[str], page: str) -> None:
    # What is refused is refused by an error of ours, which is an end too.
    with contextlib.suppress(GeneratorError):
        assert typeset(docx("".join(blocks) + para(), section=page), fonts).pages


@pytest.mark.parametrize("measures", [(0, 16838, 0, 0), (11906, 16838, 6000, 1000), (300, 0, 0, 0)])
def test_a_page_without_room_to_write_is_refused(measures: tuple[int, ...], fonts: FontSet) -> None:
    with pytest.raises(TemplateDamaged, match="没有地方写字"):
        typeset(docx(para("甲"), section=_page(*measures)), fonts)


@pytest.mark.parametrize("indent", ['w:right="8000"', 'w:firstLine="20000"', 'w:left="9000" w:right="9000"'])
def test_where_no_character_fits_a_line_is_one_character(indent: str, fonts: FontSet) -> None:
    body = table([2000], [row([cell(2000, para("甲乙丙 丁", f"<w:ind {indent}/>"))])]) + para()
    layout = typeset(docx(body, header="<w:p/>", footer="<w:p/>"), fonts)
    assert "".join(span.text for page in layout.pages for span in page.spans).replace(" ", "") == "甲乙丙丁"


@pytest.mark.parametrize("span", ["0", "-1", "x", "99999999999", "٣"])
def test_a_cell_over_no_column_is_refused_by_name(span: str, fonts: FontSet) -> None:
    body = table([2000], [row([cell(2000, para("甲"), f'<w:gridSpan w:val="{span}"/>')])]) + para()
    with pytest.raises(TemplateDamaged, match="单元格与表格的列不符"):
        typeset(docx(body), fonts)


@pytest.mark.parametrize("width", [0, -300])
def test_a_column_without_width_is_refused(width: int, fonts: FontSet) -> None:
    with pytest.raises(TemplateDamaged, match="列宽"):
        typeset(docx(table([width, 2000], [row([cell(0, para("甲")), cell(2000, para("乙"))])])), fonts)


def test_a_header_cell_that_goes_on_into_the_body_is_set_once(fonts: FontSet) -> None:
    joined = '<w:vMerge w:val="restart"/>', "<w:vMerge/>"
    rows = [row([cell(300, para("甲乙丙丁" * 30 if at == 0 else ""), joined[min(at, 1)])],
                "<w:tblHeader/>" if at == 0 else "") for at in range(2)]  # fmt: skip
    layout = typeset(docx(table([300], rows) + para(), section=_page(3000, 3000, 140, 140)), fonts)
    text = "".join(span.text for page in layout.pages for span in page.spans)
    assert text.count("甲") == 30


# --- tags that nest ---------------------------------------------------------------------------------------


def _template(tags: str) -> bytes:
    made, source = BytesIO(), (data_dir("templates") / "case_note.docx").read_bytes()
    with zipfile.ZipFile(BytesIO(source)) as package, zipfile.ZipFile(made, "w") as changed:
        for name in package.namelist():
            part = package.read(name).decode("utf-8", "surrogateescape")
            if name == "word/document.xml":
                part = part.replace("<w:body>", f"<w:body><w:p><w:r><w:t>{tags}</w:t></w:r></w:p>", 1)
            changed.writestr(name, part.encode("utf-8", "surrogateescape"))
    return made.getvalue()


@pytest.mark.parametrize(
    "tags",
    [
        "{% if f.x %}" * 400 + "{% endif %}" * 400,
        "{{ " + "(" * 900 + "f.x" + ")" * 900 + " }}",
        "{{ f.x" + "+1" * 3000 + " }}",
        "{{ f.a" + ".b" * 3000 + " }}",
        "{{ " + "not " * 2000 + "f.x }}",
    ],
    ids=["conditions", "brackets", "sums", "names", "nots"],
)
def test_tags_that_nest_too_deep_are_refused(tags: str) -> None:
    with pytest.raises(TemplateTagInvalid, match="嵌套太深"):
        _compiled(tags)


def _compiled(tags: str) -> Any:
    return CompiledTemplate(_template(tags))

"""Properties of Word that are not set: each is honoured, refused or said, none ignored without a reason."""

from __future__ import annotations

import pytest

from generator.errors import TemplateUnsupported
from generator.typeset.decisions import TABLES, Decision, said
from generator.typeset.fonts import bundled_fonts
from generator.typeset.layout import typeset
from tests.docx.editing import findings, parts_of, replaced
from tests.typeset import making
from tests.typeset.making import cell, docx, para, row, table

_SPACE = '<w:spacing w:before="400" w:after="400"/>'
_CLOSE = _SPACE + "<w:contextualSpacing/>"
STYLES = making.STYLES + '<w:style w:type="paragraph" w:styleId="List"><w:name w:val="List"/></w:style>'


def _steps(body: str) -> tuple[float, float]:
    spans = typeset(docx(body, styles=STYLES), bundled_fonts()).pages[0].spans
    first, second, third = (span.y for span in spans if span.text.startswith("行"))
    return second - first, third - second


def test_neighbours_of_one_style_stand_close() -> None:
    assert _steps(para("行甲", _CLOSE) * 3) == pytest.approx((15.1, 15.1), abs=0.2)
    inside = table([4000], [row([cell(4000, para("行甲", _CLOSE) * 3)])])
    assert _steps(inside) == pytest.approx((15.1, 15.1), abs=0.2)


def test_another_style_keeps_its_distance() -> None:
    other = para("行乙", '<w:pStyle w:val="List"/>' + _CLOSE)
    steps = _steps(para("行甲", _CLOSE) + other + para("行甲", _CLOSE))
    assert steps == pytest.approx((35.1, 35.1), abs=0.2)


def test_only_the_side_that_asks_gives_way() -> None:
    steps = _steps(para("行甲", _SPACE) + para("行甲", _CLOSE) + para("行甲", _SPACE))
    assert steps == pytest.approx((35.1, 35.1), abs=0.2)


def _left(rows: list[str], props: str = "") -> float:
    return typeset(docx(table([2000], rows, props)), bundled_fonts()).pages[0].cells[0].rect.x


def test_the_rows_say_where_a_table_stands() -> None:
    plain = row([cell(2000, para("甲"))])
    centred = row([cell(2000, para("甲"))], '<w:jc w:val="center"/>')
    assert _left([centred, centred]) == _left([plain], '<w:jc w:val="center"/>')
    assert _left([plain]) < _left([centred])
    with pytest.raises(TemplateUnsupported, match="各行不同"):
        _left([plain, centred])


_W14 = 'xmlns:w14="http://schemas.microsoft.com/office/word/2010/wordml"'
_OLD = f'<w14:numForm {_W14} w14:val="oldStyle"/>'
_PAGE = making.SECTION.replace("</w:sectPr>", "%s</w:sectPr>")
REFUSED = {
    "kinsoku": docx(para("甲", '<w:kinsoku w:val="0"/>')),
    "mirrorIndents": docx(para("甲", "<w:mirrorIndents/>")),
    "tcFitText": docx(table([2000], [row([cell(2000, para("甲"), "<w:tcFitText/>")])])),
    "numForm": docx(para("甲1", "", _OLD)),
    "cs": docx(para("甲", "", "<w:cs/>")),
    "vAlign": docx(para("甲"), section=_PAGE % '<w:vAlign w:val="center"/>'),
    "nobodyKnows": docx(para("甲"), section=_PAGE % "<w:nobodyKnows/>"),
    "shd": docx(table([2000], [row([cell(2000, para("甲"))])], '<w:shd w:val="clear" w:fill="CCCCCC"/>')),
    "u color": docx(para("甲", "", '<w:u w:val="single" w:color="FF0000"/>')),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_would_print_differently_is_refused_by_name(name: str) -> None:
    with pytest.raises(TemplateUnsupported, match=f"w:{name}"):
        typeset(REFUSED[name], bundled_fonts())


@pytest.mark.parametrize(
    "body",
    [
        para("甲", '<w:kinsoku/><w:mirrorIndents w:val="0"/><w:textAlignment w:val="center"/>'),
        table([2000], [row([cell(2000, para("甲"), '<w:noWrap/><w:tcFitText w:val="0"/>')])]),
        para("甲1", "", f'<w14:numForm {_W14} w14:val="lining"/><w:kern w:val="2"/>'),
    ],
)
def test_what_changes_nothing_is_printed(body: str) -> None:
    assert typeset(docx(body + para()), bundled_fonts()).pages


def _field(instruction: str) -> str:
    return f'<w:p><w:fldSimple w:instr="{instruction}"><w:r><w:t>1</w:t></w:r></w:fldSimple></w:p>'


@pytest.mark.parametrize("switch", [r"\* ROMAN", r"\* CHINESENUM3", r"\# &quot;00&quot;", r"\* ArabicDash"])
def test_switches_that_change_a_page_number_are_refused(switch: str) -> None:
    with pytest.raises(TemplateUnsupported, match="PAGE"):
        typeset(docx(para("甲"), footer=_field(f" PAGE {switch} ")), bundled_fonts())


@pytest.mark.parametrize("switch", ["", r"\* MERGEFORMAT", r"\* Arabic  \* MERGEFORMAT", r"\*arabic"])
def test_switches_that_leave_it_are_taken(switch: str) -> None:
    assert typeset(docx(para("甲"), footer=_field(f"page {switch}")), bundled_fonts()).pages


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("<w:tcPr>", "<w:tcPr><w:noWrap/>", "不换行"),
        ("<w:pPr>", '<w:pPr><w:textAlignment w:val="center"/>', "文本对齐方式"),
        ("<w:pPr>", '<w:pPr><w:wordWrap w:val="0"/>', "西文"),
        ("<w:pPr>", "<w:pPr><w:topLinePunct/>", "行首标点"),
        ("<w:tcPr>", "<w:tcPr><w:hideMark/>", "隐藏标记"),
    ],
)
def test_what_prints_nearly_alike_is_said_once(old: str, new: str, words: str) -> None:
    (finding,) = findings("case_note", replaced("case_note", old, new))
    assert finding.severity == "warning"
    assert words in finding.message


def test_compressed_marks_are_said() -> None:
    raw = replaced("case_note", "doNotCompress", "compressPunctuation", "word/settings.xml")
    assert ["压缩标点" in finding.message for finding in findings("case_note", raw)] == [True]
    assert list(said(parts_of("case_note"))) == []


def test_each_decision_has_its_reason_and_those_said_their_words() -> None:
    for decided in TABLES.values():
        for name, decision in decided.items():
            assert isinstance(decision, Decision)
            assert decision.why, name
            assert bool(decision.words) == (decision.kind == "said"), name

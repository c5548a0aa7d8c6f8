"""Numbers of a docx: decimals are read, what cannot be printed is a sentence, never a page."""

from __future__ import annotations

import ast
import io
from pathlib import Path

import pytest
from PIL import Image

from generator.docx.check import _printed_faults
from generator.docx.package import read_package
from generator.errors import TemplateDamaged, TemplateUnsupported
from generator.typeset.fonts import bundled_fonts
from generator.typeset.layout import typeset
from generator.typeset.model import PageLayout
from generator.typeset.ooxml import NAMES, OTHER, unsupported
from tests.typeset import making
from tests.typeset.making import SENTENCE, cell, docx, para, row, table

ROOT = Path(__file__).parents[2]
BAD = ("NaN", "nan", "inf", "-inf", "1e308", "1e309", "-1e308", "x", "", "0x10", "99999999999999999999")
PLACES = {
    "size": '<w:p><w:r><w:rPr><w:sz w:val="%s"/></w:rPr><w:t>甲</w:t></w:r></w:p>',
    "character spacing": '<w:p><w:r><w:rPr><w:spacing w:val="%s"/></w:rPr><w:t>甲</w:t></w:r></w:p>',
    "space before": '<w:p><w:pPr><w:spacing w:before="%s"/></w:pPr></w:p>',
    "line": '<w:p><w:pPr><w:spacing w:line="%s" w:lineRule="exact"/></w:pPr></w:p>',
    "line factor": '<w:p><w:pPr><w:spacing w:line="%s" w:lineRule="auto"/></w:pPr></w:p>',
    "indent": '<w:p><w:pPr><w:ind w:left="%s"/></w:pPr></w:p>',
    "indent in characters": '<w:p><w:pPr><w:ind w:leftChars="%s"/></w:pPr></w:p>',
    "hanging": '<w:p><w:pPr><w:ind w:hanging="%s"/></w:pPr></w:p>',
    "tab": '<w:p><w:pPr><w:tabs><w:tab w:val="left" w:pos="%s"/></w:tabs></w:pPr></w:p>',
    "row height": '<w:tbl><w:tblPr/><w:tblGrid><w:gridCol w:w="2000"/></w:tblGrid><w:tr><w:trPr>'
    '<w:trHeight w:val="%s"/></w:trPr><w:tc><w:p/></w:tc></w:tr></w:tbl><w:p/>',
    "column": '<w:tbl><w:tblPr/><w:tblGrid><w:gridCol w:w="%s"/></w:tblGrid><w:tr><w:tc><w:p/></w:tc></w:tr>'
    "</w:tbl><w:p/>",
    "columns spanned": '<w:tbl><w:tblPr/><w:tblGrid><w:gridCol w:w="2000"/></w:tblGrid><w:tr><w:tc><w:tcPr>'
    '<w:gridSpan w:val="%s"/></w:tcPr><w:p/></w:tc></w:tr></w:tbl><w:p/>',
    "table indent": '<w:tbl><w:tblPr><w:tblInd w:w="%s"/></w:tblPr><w:tblGrid><w:gridCol w:w="2000"/>'
    "</w:tblGrid><w:tr><w:tc><w:p/></w:tc></w:tr></w:tbl><w:p/>",
    "cell margin": '<w:tbl><w:tblPr/><w:tblGrid><w:gridCol w:w="2000"/></w:tblGrid><w:tr><w:tc><w:tcPr>'
    '<w:tcMar><w:left w:w="%s"/></w:tcMar></w:tcPr><w:p/></w:tc></w:tr></w:tbl><w:p/>',
    "border": '<w:tbl><w:tblPr><w:tblBorders><w:top w:val="single" w:sz="%s"/></w:tblBorders></w:tblPr>'
    '<w:tblGrid><w:gridCol w:w="2000"/></w:tblGrid><w:tr><w:tc><w:p/></w:tc></w:tr></w:tbl><w:p/>',
}
MAY_BE_EMPTY = {"size", "border", "columns spanned"}


@pytest.mark.parametrize("place", PLACES)
def test_a_number_out_of_all_range_is_a_sentence(place: str) -> None:
    for value in BAD if place not in MAY_BE_EMPTY else BAD[:8] + BAD[9:]:
        with pytest.raises(TemplateDamaged, match=r"“|列宽|不符"):
            typeset(docx(PLACES[place] % value), bundled_fonts())


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ("size", "0"),
        ("size", "-20"),
        ("line", "0"),
        ("line", "-200"),
        ("line factor", "0"),
        ("space before", "-200"),
        ("row height", "-1"),
        ("column", "-300"),
        ("column", "99999"),
        ("cell margin", "-20"),
        ("border", "-4"),
        ("indent", "-40000"),
        ("columns spanned", "3.0"),
    ],
)
def test_a_number_nothing_can_be_printed_with_is_a_sentence(place: str, value: str) -> None:
    with pytest.raises(TemplateDamaged):
        typeset(docx(PLACES[place] % value), bundled_fonts())


@pytest.mark.parametrize("place", sorted(set(PLACES) - {"columns spanned"}))
def test_decimals_are_read(place: str) -> None:
    assert typeset(docx(PLACES[place] % "22.5"), bundled_fonts()).pages


def test_a_decimal_size_is_that_size() -> None:
    (span,) = (
        s for s in typeset(docx(PLACES["size"] % "22.5"), bundled_fonts()).pages[0].spans if s.text == "甲"
    )
    assert span.size == 11.25


@pytest.mark.parametrize(
    ("attribute", "value"),
    [("w:w", "0"), ("w:w", "-11906"), ("w:h", "20"), ("w:h", "NaN"), ("w:top", "-500"), ("w:left", "11000"),
     ("w:bottom", "15500"), ("w:header", "1e308"), ("w:footer", "-1")],
)  # fmt: skip
def test_paper_without_room_to_write_is_a_sentence(attribute: str, value: str) -> None:
    import re

    section = re.sub(rf'{attribute}="\d+"', f'{attribute}="{value}"', making.SECTION, count=1)
    with pytest.raises(TemplateDamaged):
        typeset(docx(para("甲"), section=section), bundled_fonts())


@pytest.mark.parametrize("extent", ['cx="0" cy="5"', 'cx="x" cy="9"', 'cx="1e400" cy="9"', 'cx="-9" cy="9"'])
def test_a_picture_without_size_is_a_sentence(extent: str) -> None:
    out = io.BytesIO()
    Image.new("RGB", (2, 2)).save(out, "PNG")
    drawing = (
        f'<w:p><w:r><w:drawing><wp:inline><wp:extent {extent}/><wp:docPr id="1" name="图"/><a:graphic>'
        '<a:graphicData><pic:pic><pic:blipFill><a:blip r:embed="rId9"/></pic:blipFill><pic:spPr/></pic:pic>'
        "</a:graphicData></a:graphic></wp:inline></w:drawing></w:r></w:p>"
    )
    with pytest.raises(TemplateDamaged, match="图片尺寸"):
        typeset(docx(drawing, media=out.getvalue()), bundled_fonts())


@pytest.mark.parametrize("value", ["red", "12345", "12345G", "#123456"])
def test_a_colour_that_is_none_is_a_sentence(value: str) -> None:
    with pytest.raises(TemplateDamaged, match="颜色"):
        typeset(docx(para("甲", "", f'<w:color w:val="{value}"/>')), bundled_fonts())


def test_letters_set_over_each_other_are_refused() -> None:
    with pytest.raises(TemplateUnsupported, match="叠在一起"):
        typeset(docx(para("甲乙", "", '<w:spacing w:val="-300"/>')), bundled_fonts())


# --- room ---------------------------------------------------------------------------------------------------


def _faults(body: str) -> str:
    return "\n".join(message for message, _ in _printed_faults(read_package(docx(body)).parts))


@pytest.mark.parametrize("indent", ['w:right="8000"', 'w:firstLine="3000"', 'w:leftChars="9000"'])
def test_an_indent_wider_than_its_cell_is_told(indent: str) -> None:
    body = table([2000], [row([cell(2000, para("甲乙", f"<w:ind {indent}/>"))])]) + para()
    assert "正文第1个表格第1行第1格的缩进比单元格还宽" in _faults(body)


def test_an_indent_wider_than_the_page_is_told() -> None:
    assert "缩进比页面还宽" in _faults(para("甲乙", '<w:ind w:left="6000" w:right="6000"/>'))


def test_a_cell_narrower_than_a_character_is_told_if_it_has_words() -> None:
    assert "比一个字还窄" in _faults(table([230, 2000], [row([cell(230, para("甲")), cell(2000, para())])]))
    assert _faults(table([230, 2000], [row([cell(230, para()), cell(2000, para("乙"))])]) + para()) == ""


@pytest.mark.parametrize(
    "body",
    [
        table([9000, 9000], [row([cell(9000, para("甲")), cell(9000, para("乙"))])]) + para(),
        table([2000], [row([cell(2000, para("甲"))])], '<w:tblInd w:w="-9000" w:type="dxa"/>') + para(),
        para("甲", '<w:ind w:left="-3000"/>'),
    ],
)
def test_what_prints_off_the_paper_is_told(body: str) -> None:
    assert "印到了纸外" in _faults(body)


def test_a_blank_of_too_many_pages_is_told() -> None:
    size = '<w:sz w:val="1200"/>'
    assert "页码上限" in _faults(para(SENTENCE * 2, "", size))


def test_a_blank_of_ours_prints_on_the_paper() -> None:
    assert _faults(para("甲") + table([9000], [row([cell(9000, para("乙"))])]) + para()) == ""


# --- words and boxes ----------------------------------------------------------------------------------------


def test_every_construct_has_words() -> None:
    for name in ("tblPrEx", "textOutline", "numPr", "tcFitText", "sectPr", "nobodyKnows"):
        message = unsupported(name, "正文").message
        assert "“" in message
        assert NAMES.get(name, OTHER) in message
        assert f"w:{name}" in message


def _boxes(body: str) -> list[bool]:
    page: PageLayout = typeset(docx(body), bundled_fonts()).pages[0]
    return [box.ticked for box in page.boxes]


def test_the_boxes_of_words_own_check_box_control_are_drawn() -> None:
    font = '<w:rFonts w:ascii="MS Gothic" w:eastAsia="MS Gothic" w:hAnsi="MS Gothic"/>'
    control = (
        '<w:sdt xmlns:w14="http://schemas.microsoft.com/office/word/2010/wordml"><w:sdtPr><w14:checkbox/>'
        f"</w:sdtPr><w:sdtContent><w:r><w:rPr>{font}</w:rPr><w:t>%s</w:t></w:r></w:sdtContent></w:sdt>"
    )
    body = "<w:p>" + "".join(control % char for char in "☐☒☑") + "</w:p>"
    assert _boxes(body) == [False, True, True]
    assert _boxes(para("同意☐ 不同意☒")) == [False, True]


def test_text_of_a_part_becomes_a_number_in_one_place_only() -> None:
    """``int`` and ``float`` of an attribute would each have a range of their own."""
    for path in sorted((ROOT / "generator" / "typeset").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
                continue
            if node.func.id in ("int", "float") and "get" in ast.unparse(node):
                assert path.name == "measures.py", f"{path.name}:{node.lineno}"


@pytest.mark.parametrize(("rule", "cut"), [("exact", True), ("atLeast", False)])
def test_a_picture_that_an_exact_line_cuts_is_told(rule: str, cut: bool) -> None:
    out = io.BytesIO()
    Image.new("RGB", (2, 2)).save(out, "PNG")
    drawing = (
        f'<w:p><w:pPr><w:spacing w:line="300" w:lineRule="{rule}"/></w:pPr><w:r><w:drawing><wp:inline>'
        '<wp:extent cx="635000" cy="635000"/><wp:docPr id="1" name="图"/><a:graphic><a:graphicData><pic:pic>'
        '<pic:blipFill><a:blip r:embed="rId9"/></pic:blipFill><pic:spPr/></pic:pic></a:graphicData>'
        "</a:graphic></wp:inline></w:drawing></w:r></w:p>"
    )
    parts = read_package(docx(drawing, media=out.getvalue())).parts
    assert any("裁掉图片" in message for message, _ in _printed_faults(parts)) == cut

"""What cannot be printed exactly is refused by name and place, never dropped."""

from __future__ import annotations

import pytest

from generator.errors import FontMissing, TemplateDamaged, TemplateUnsupported
from generator.typeset.fonts import bundled_fonts
from generator.typeset.layout import typeset
from tests.typeset import making
from tests.typeset.making import cell, docx, para, row, table


def _picture(data: bytes, name: str = "图", kind: str = "inline") -> bytes:
    drawing = (
        f'<w:p><w:r><w:drawing><wp:{kind}><wp:extent cx="914400" cy="457200"/>'
        f'<wp:docPr id="1" name="{name}"/>'
        "<a:graphic><a:graphicData><pic:pic><pic:blipFill><a:blip r:embed=\"rId9\"/></pic:blipFill>"
        f"<pic:spPr/></pic:pic></a:graphicData></a:graphic></wp:{kind}></w:drawing></w:r></w:p>"
    )  # fmt: skip
    return docx(drawing, media=data)


_PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108000000003a7e9b550000000a49444154789c6360000000020001"
    "48afa4710000000049454e44ae426082"
)
_CMYK = bytes.fromhex("ffd8ffc0001408000100010401110002110003110004110000ffd9")

REFUSED = {
    "w:sym": '<w:p><w:r><w:sym w:font="Wingdings" w:char="F0FE"/></w:r></w:p>',
    "文本框": "<w:p><w:r><w:AlternateContent/></w:r></w:p>",
    "脚注": '<w:p><w:r><w:footnoteReference w:id="1"/></w:r></w:p>',
    "修订标记（插入）": '<w:p><w:ins w:id="1"><w:r><w:t>增</w:t></w:r></w:ins></w:p>',
    "修订标记（删除）": '<w:p><w:del w:id="1"/></w:p>',
    "嵌入对象": "<w:p><w:r><w:object/></w:r></w:p>",
    "w:altChunk": '<w:altChunk r:id="rId1"/>',
    "自动编号": para("甲", '<w:numPr><w:numId w:val="1"/></w:numPr>'),
    "超链接": '<w:p><w:hyperlink w:anchor="a"><w:r><w:t>甲</w:t></w:r></w:hyperlink></w:p>',
    "突出显示": para("甲", "", '<w:highlight w:val="yellow"/>'),
    "从右到左": para("甲", "", "<w:rtl/>"),
    "w:textOutline": para(
        "甲", "", '<w14:textOutline xmlns:w14="http://schemas.microsoft.com/office/word/2010/wordml"/>'
    ),
    "图形或文本框": "<w:p><w:AlternateContent/></w:p>",
    "斜体": para("甲", "", "<w:i/>"),
    "段落边框": para("甲", '<w:pBdr><w:top w:val="single" w:sz="4"/></w:pBdr>'),
    "表格中的表格": table([4000], [row([cell(4000, table([900], [row([cell(900, para("里"))])]) + para())])]),
    "w:jc=distribute": para("甲", '<w:jc w:val="distribute"/>'),
    "竖排": table([4000], [row([cell(4000, para("甲"), '<w:textDirection w:val="tbRlV"/>')])]),
    "w:fldSimple DATE": '<w:p><w:fldSimple w:instr="DATE"><w:r><w:t>1</w:t></w:r></w:fldSimple></w:p>',
    "多个分节": f"<w:p><w:pPr>{making.SECTION}</w:pPr></w:p>",
}


@pytest.mark.parametrize("name", REFUSED)
def test_unknown_constructs_are_named(name: str) -> None:
    with pytest.raises(TemplateUnsupported) as caught:
        typeset(docx(REFUSED[name]), bundled_fonts())
    assert name in caught.value.message


def test_the_place_is_named_without_text_of_the_document() -> None:
    bad = para("李四的病情", "", "<w:strike/>")
    body = table([3000, 3000], [row([cell(3000, para("甲")), cell(3000, bad)])])
    with pytest.raises(TemplateUnsupported) as caught:
        typeset(docx(body), bundled_fonts())
    assert "正文第1个表格第1行第2格" in caught.value.message
    assert "李四" not in str(caught.value)


@pytest.mark.parametrize(
    ("section", "name"),
    [('<w:cols w:num="2"/>', "分栏"), ('<w:docGrid w:type="linesAndChars" w:linePitch="312"/>', "文档网格"),
     ("<w:titlePg/>", "首页不同")],
)  # fmt: skip
def test_page_settings_that_change_the_layout_are_refused(section: str, name: str) -> None:
    with pytest.raises(TemplateUnsupported, match=name):
        typeset(
            docx(para("甲"), section=making.SECTION.replace("</w:sectPr>", section + "</w:sectPr>")),
            bundled_fonts(),
        )


def test_pictures_png_yes_cmyk_and_floating_no() -> None:
    fonts = bundled_fonts()
    (picture,) = typeset(_picture(_PNG), fonts).pages[0].pictures
    assert (picture.rect.width, picture.rect.height) == (72, 36)
    with pytest.raises(TemplateUnsupported, match="CMYK"):
        typeset(_picture(_CMYK), fonts)
    with pytest.raises(TemplateUnsupported, match="浮动图形"):
        typeset(_picture(_PNG, kind="anchor"), fonts)
    with pytest.raises(TemplateUnsupported, match="图片格式"):
        typeset(_picture(b"GIF89a"), fonts)


def test_identity_picture_of_the_header_keeps_its_room_but_is_not_drawn() -> None:
    drawing = (
        '<w:p><w:r><w:drawing><wp:inline><wp:extent cx="571500" cy="571500"/>'
        '<wp:docPr id="1" name="kangdang-identity"/></wp:inline></w:drawing></w:r></w:p>'
    )
    fonts = bundled_fonts()
    with_room = typeset(docx(para("正文"), header=drawing + para("页眉")), fonts).pages[0]
    without = typeset(docx(para("正文"), header=para("页眉")), fonts).pages[0]
    heights = [next(s.y for s in page.spans if s.text == "页眉") for page in (with_room, without)]
    assert heights[0] - heights[1] == pytest.approx(45 + 3, abs=0.2)
    assert with_room.pictures == []


def test_not_a_docx() -> None:
    with pytest.raises(TemplateDamaged):
        typeset(b"PK not really", bundled_fonts())


def test_unknown_font_is_named() -> None:
    with pytest.raises(FontMissing, match="方正舒体"):
        typeset(docx(para("甲", "", '<w:rFonts w:ascii="方正舒体" w:eastAsia="方正舒体"/>')), bundled_fonts())


def test_ignored_marks_of_word_change_nothing() -> None:
    fonts = bundled_fonts()
    noise = (
        '<w:p w:rsidR="00AA"><w:proofErr w:type="spellStart"/><w:r w:rsidR="00BB"><w:rPr>'
        '<w:lang w:eastAsia="zh-CN"/>'
        "</w:rPr><w:lastRenderedPageBreak/><w:t>正文</w:t></w:r></w:p>"
    )
    assert typeset(docx(noise), fonts).pages == typeset(docx(para("正文")), fonts).pages

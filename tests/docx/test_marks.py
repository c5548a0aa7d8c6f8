"""What is not filled is found: marks, words beside tags, tags without their end, tags in other parts."""

from __future__ import annotations

import io
import zipfile

import pytest
from docxtpl import RichText

from generator.docx.context import ContextBuilder, SheetText
from generator.docx.fill import CompiledTemplate
from generator.docx.outline import cell_texts
from generator.forms.catalogue import load_form
from generator.resources import data_dir
from tests.docx.editing import edited, findings, parts_of, replaced, told, with_end

FORM = "record_e"


@pytest.mark.parametrize(
    "text",
    [
        "备注：｛｛ f.goal ｝｝",
        "备注：{{ f.goal }",
        "备注：{ f.goal }",
        "备注：«goal»",
        "备注：${goal}",
        "备注：[[goal]]",
        "备注：{% if v.audio }",
        "备注：{_{ 原样 }_}",
    ],
)
def test_a_mark_that_no_tag_takes_is_found_and_its_paragraph_quoted(text: str) -> None:
    found = findings(FORM, with_end(FORM, "计划", text))
    assert [finding.severity for finding in found] == ["error"]
    assert text[:10] in found[0].message
    assert "原样印在纸上" in found[0].message


@pytest.mark.parametrize("part", ["word/header1.xml", "word/footer1.xml"])
def test_a_mark_in_header_or_footer_is_found(part: str) -> None:
    wrong = "<w:p><w:r><w:t>｛｛</w:t></w:r><w:r><w:t>f.goal｝｝</w:t></w:r></w:p></w:"
    assert "｛｛f.goal｝｝" in told(FORM, edited(FORM, lambda text: wrong.join(text.rsplit("</w:", 1)), part))


@pytest.mark.parametrize(
    ("texts", "lost"),
    [
        (("本站说明：{%p if v.audio %}", "甲", "{%p endif %}"), "本站说明："),
        (("{%p if v.audio %}", "甲", "{%p endif %}以上由社工宣读。"), "以上由社工宣读。"),
        (("{%p if v.audio %}{{ f.goal }}", "{%p endif %}"), "{{ f.goal }}"),
        (("{#p 说明 #}字",), "字"),
    ],
)
def test_words_beside_a_paragraph_tag_are_found(texts: tuple[str, ...], lost: str) -> None:
    assert f"同一段里的“{lost}”" in told(FORM, with_end(FORM, *texts))


def test_words_beside_a_row_tag_are_found() -> None:
    raw = replaced("plan_d", "{%tr endfor %}", "合计{%tr endfor %}")
    assert "同一行里的“合计”" in told("plan_d", raw)


@pytest.mark.parametrize(
    ("texts", "quoted"),
    [
        (("备注：{{ f．goal }}",), "备注：{{ f．goal }}"),
        (("甲", "{%p else %}"), "{%p else %}"),
        (("甲", "备注：{% if v.audio %}乙"), "备注：{% if v.audio %}乙"),
        (("备注：{% endfor %}",), "备注：{% endfor %}"),
        (("备注：{{ f.goal | nofilter }}",), "nofilter"),
    ],
)
def test_the_broken_paragraph_is_the_one_quoted(texts: tuple[str, ...], quoted: str) -> None:
    found = findings(FORM, with_end(FORM, *texts))
    assert len(found) == 1
    assert quoted in found[0].message
    assert "sheet.title" not in found[0].message


@pytest.mark.parametrize("tag", ["{{r f.goal }}", "{{p f.goal }}", "{%r if v.audio %}", "{{tc f.goal }}"])
def test_tags_for_formatted_text_are_refused(tag: str) -> None:
    assert "只能放格式文本" in told(FORM, with_end(FORM, tag))


@pytest.mark.parametrize(
    ("part", "old"), [("docProps/core.xml", "</dc:title>"), ("word/styles.xml", "</w:styles>")]
)
def test_tags_in_parts_that_are_not_filled_are_refused(part: str, old: str) -> None:
    assert f"部件 {part} 里有标签" in told(FORM, replaced(FORM, old, "{{ f.goal }}" + old, part))


def _filled(raw: bytes, answers: dict[str, object], *, slowly: bool = False) -> list[str]:
    template = CompiledTemplate(raw)
    context = ContextBuilder(load_form(FORM)).build(answers, SheetText("题"))
    docx = template._fill_slowly(context, {}) if slowly else template.fill(context)
    return cell_texts(docx)


@pytest.mark.parametrize("slowly", [False, True])
def test_an_ampersand_in_a_tag_prints(slowly: bool) -> None:
    raw = with_end(FORM, "{{ f.video_no or '无 &amp; 不适用 &lt;甲&gt;' }}")
    assert findings(FORM, raw) == []
    assert "无 & 不适用 <甲>" in _filled(raw, {}, slowly=slowly)


@pytest.mark.parametrize("slowly", [False, True])
def test_an_answer_prints_as_it_was_typed(slowly: bool) -> None:
    typed = "公式 {_{甲}_} 与 {_%乙%_}，{{ f.x }}、a_}b、«丙»、｛｛丁｝｝"
    raw = (data_dir("templates") / f"{FORM}.docx").read_bytes()
    assert any(typed in text for text in _filled(raw, {"goal": typed}, slowly=slowly))


def test_a_value_made_by_docxtpl_still_goes_in() -> None:
    template = CompiledTemplate(with_end(FORM, "{{r f.goal }}"))
    context = ContextBuilder(load_form(FORM)).build({}, SheetText("题"))
    context["f"]["goal"] = RichText("红")
    assert "红" in cell_texts(template.fill(context))[-1]


# --- what conditions leave ------------------------------------------------------------------------------


def test_a_cell_emptied_by_conditions_gets_a_paragraph_and_is_told() -> None:
    def change(text: str) -> str:
        at = text.index("</w:tcPr>") + len("</w:tcPr>")
        end = text.index("</w:tc>", at)
        tag = "<w:p><w:r><w:t>{%%p %s %%}</w:t></w:r></w:p>"
        return text[:at] + tag % "if v.audio" + text[at:end] + tag % "endif" + text[end:]

    raw = edited(FORM, change)
    (finding,) = findings(FORM, raw)
    assert finding.severity == "warning"
    assert "1 个单元格" in finding.message
    filled = CompiledTemplate(raw).fill(ContextBuilder(load_form(FORM)).build({}, SheetText("题")))
    with zipfile.ZipFile(io.BytesIO(filled)) as package:
        assert b"</w:tcPr><w:p/></w:tc>" in package.read("word/document.xml")


def test_a_table_emptied_by_conditions_goes() -> None:
    row = "<w:tr><w:tc><w:tcPr/><w:p><w:r><w:t>%s</w:t></w:r></w:p></w:tc></w:tr>"
    table = (
        '<w:tbl><w:tblPr/><w:tblGrid><w:gridCol w:w="3000"/></w:tblGrid>'
        + "".join(row % text for text in ("{%tr if v.audio %}", "录音", "{%tr endif %}"))
        + "</w:tbl><w:p/>"
    )
    raw = edited(FORM, lambda text: text.replace("<w:sectPr>", table + "<w:sectPr>"))
    assert findings(FORM, raw) == []
    assert "录音" not in _filled(raw, {})
    assert "录音" in _filled(raw, {"audio": True})


def test_every_condition_is_filled_both_ways() -> None:
    # Only where there is a video: a construct that cannot be printed.
    picture = '<w:p><w:r><w:sym w:font="Wingdings" w:char="F0FE"/></w:r></w:p>'
    tag = "<w:p><w:r><w:t>{%%p %s %%}</w:t></w:r></w:p>"
    for condition in ("if v.video", "if not v.audio", "if v.audio and v.video"):
        hidden = tag % condition + picture + tag % "endif"
        raw = edited(FORM, lambda text, hidden=hidden: text.replace("<w:sectPr>", hidden + "<w:sectPr>"))
        assert "w:sym" in told(FORM, raw), condition


def test_nothing_is_found_in_a_standard_template() -> None:
    from generator.docx.marks import mistakes

    for path in sorted(data_dir("templates").glob("*.docx")):
        assert list(mistakes(parts_of(path.stem))) == [], path.stem

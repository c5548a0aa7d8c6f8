"""Templates are hostile until checked: what reaches for Python, is damaged or misspelt gives a sentence."""

from __future__ import annotations

import io

import pytest
from docx import Document

from generator.docx.check import check_template
from generator.docx.context import ContextBuilder, SheetText
from generator.docx.fill import CompiledTemplate
from generator.errors import GeneratorError, TemplateDamaged, TemplateTagInvalid, TemplateUnsafe
from generator.forms.catalogue import load_form

ATTACKS = [
    "{{ f.__class__.__mro__ }}",
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "{{ f.items.__globals__ }}",
    "{{ f.update({'client_name': 'x'}) }}",
    "{{ box.gender.clear() }}",
    "{{ sheet.title.__init__ }}",
    "{% for x in [].__class__.__base__.__subclasses__() %}{{ x }}{% endfor %}",
    "{{ '%s'.format(f).__class__ }}",
    "{{ 'x' * 1000000000 }}",
    "{{ 9 ** 9 ** 9 }}",
    "{{ '%999999999d' % 1 }}",
    "{{ '{:>999999999}'.format(1) }}",
    "{{ f.client_name.center(999999999) }}",
    "{{ self.__init__.__globals__ }}",
]


def docx(*paragraphs: str) -> bytes:
    document = Document()
    for text in paragraphs:
        document.add_paragraph(text)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def context() -> dict[str, object]:
    form = load_form("application_b")
    return ContextBuilder(form).build({"client_name": "样例甲"}, SheetText(form.title))


@pytest.mark.parametrize("attack", ATTACKS)
def test_reaching_for_the_inside_of_the_program_is_refused(attack: str) -> None:
    with pytest.raises((TemplateUnsafe, TemplateTagInvalid)):
        CompiledTemplate(docx(attack)).fill(context())


def test_nothing_can_import_include_or_loop_for_ever() -> None:
    for attack in ("{% include 'x' %}", "{% import 'os' as os %}{{ os }}", "{% extends 'x' %}"):
        with pytest.raises(GeneratorError):
            CompiledTemplate(docx(attack)).fill(context())
    with pytest.raises((TemplateTagInvalid, TemplateUnsafe)):
        CompiledTemplate(docx("{% for i in range(1000000000) %}x{% endfor %}")).fill(context())


@pytest.mark.parametrize(
    ("tags", "sentence"),
    [
        (("申请日期：{{ f.aplication_date }}",), "aplication_date"),
        (("{{ f.client_name",), "标签写错了"),
        (("性别：{{ box.gender['女性'] }}",), "选项不存在"),
        (("{{ client_name }}",), "不存在的名称“client_name”"),
        (("{% if f.client_name %}是",), "标签写错了"),
        (("{{ sheet.titel }}",), "sheet.titel"),
    ],
)
def test_a_mistake_is_told_with_its_place(tags: tuple[str, ...], sentence: str) -> None:
    findings = check_template(load_form("application_b"), docx("个案申请表", *tags), subject="本站.docx")
    assert any(sentence in finding.message for finding in findings), [str(f) for f in findings]


def test_the_place_names_the_label_next_to_the_tag() -> None:
    findings = check_template(
        load_form("application_b"), docx("申请日期：{{ f.aplication_date }}"), subject="x.docx"
    )
    finding = next(f for f in findings if "aplication_date" in f.message)
    assert "申请日期：" in finding.message
    assert "application_date" in finding.hint


@pytest.mark.parametrize("raw", [b"", b"PK\x03\x04", b"not a zip", "纯文本".encode()])
def test_what_is_no_word_file_is_told_so(raw: bytes) -> None:
    with pytest.raises(TemplateDamaged):
        CompiledTemplate(raw)


def test_values_never_become_tags_or_markup() -> None:
    filled = CompiledTemplate(docx("姓名：{{ f.client_name }}")).fill(
        {**context(), "f": {"client_name": "{{ f.phone }}<w:p>&"}}
    )
    texts = [paragraph.text for paragraph in Document(io.BytesIO(filled)).paragraphs]
    assert texts == ["姓名：{{ f.phone }}<w:p>&"]

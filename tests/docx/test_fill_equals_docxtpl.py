"""The fast fill against docxtpl itself: document, headers and footers must be the same XML."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import docxtpl
import pytest
from docx import Document
from jinja2 import Environment
from lxml import etree

from generator.docx import fill
from generator.docx.context import ContextBuilder, SheetText
from generator.docx.environment import environment
from generator.docx.fill import CompiledTemplate
from generator.docx.plain import NeedsDocxtpl
from generator.docx.preparing import tidy_bookmarks
from generator.forms.catalogue import list_forms
from generator.forms.definition import FormDefinition
from generator.resources import data_dir

HARD = "第一段：a & b < c > d “引号” 'x' \"y\" ]]>\n第二段\t制表\n\n第四段 {{ 不是标签 }} {% 也不是 %}"


def parts(docx: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(docx)) as package:
        names = [
            n
            for n in package.namelist()
            if n == "word/document.xml" or n.startswith(("word/header", "word/footer"))
        ]
        return {name: etree.tostring(etree.fromstring(package.read(name)), method="c14n") for name in names}


class _Docxtpl(docxtpl.DocxTemplate):
    """docxtpl, but it reads a template once, not again for each filling."""

    def patch_xml(self, src_xml: str) -> str:
        return _patched(src_xml)


@cache
def _patched(raw: str) -> str:
    return docxtpl.DocxTemplate(None).patch_xml(raw)


@cache
def _jinja() -> Environment:
    made = environment().overlay(finalize=lambda value: value)
    made.compile = cache(made.compile)  # type: ignore[method-assign]
    return made


def by_docxtpl(raw: bytes, context: dict[str, Any]) -> bytes:
    document = _Docxtpl(io.BytesIO(raw))
    document.render(context, jinja_env=_jinja(), autoescape=True)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def renumbered(canonical: dict[str, bytes]) -> dict[str, bytes]:
    """docxtpl leaves repeated bookmarks alone; renumbering is our own last step."""
    text = canonical["word/document.xml"].decode()
    fixed = fill.renumber_bookmarks(
        tidy_bookmarks(etree.tostring(etree.fromstring(text.encode()), encoding="unicode"))
    )
    return {**canonical, "word/document.xml": etree.tostring(etree.fromstring(fixed), method="c14n")}


def answer_sets(form: FormDefinition) -> Iterator[tuple[str, dict[str, Any]]]:
    yield "blank", {}
    for path in sorted((data_dir("schemas") / "examples" / form.id).glob("*.json")):
        if not path.name.startswith("invalid"):
            answers = json.loads(path.read_text(encoding="utf-8"))
            yield path.stem, answers
            yield (
                path.stem + "-hard",
                {
                    k: HARD if isinstance(v, str) and form.fields[f"/{k}"].kind == "long" else v
                    for k, v in answers.items()
                },
            )


EACH_TIME = ("blank", "valid-full", "valid-full-hard")


@pytest.mark.parametrize("every", [False, pytest.param(True, marks=pytest.mark.slow)])
@pytest.mark.parametrize("form", list_forms(), ids=lambda form: form.id)
def test_every_standard_template_fills_as_docxtpl_does(form: FormDefinition, every: bool) -> None:
    raw = (data_dir("templates") / f"{form.id}.docx").read_bytes()
    template = CompiledTemplate(raw)
    assert template.fast
    builder = ContextBuilder(form)
    for name, answers in answer_sets(form):
        if not every and name not in EACH_TIME:
            continue
        context = builder.build(
            answers, SheetText(form.title, form.captions["corrected"], "个案编号：GA-2026-0001")
        )
        ours, theirs = renumbered(parts(template.fill(context))), renumbered(parts(by_docxtpl(raw, context)))
        assert ours == theirs, name


def document(*paragraphs: str, table: list[list[str]] | None = None, header: str = "") -> bytes:
    doc = Document()
    for text in paragraphs:
        doc.add_paragraph(text)
    if table:
        grid = doc.add_table(rows=len(table), cols=len(table[0]))
        for row, texts in zip(grid.rows, table, strict=True):
            for cell, text in zip(row.cells, texts, strict=True):
                cell.text = text
    if header:
        doc.sections[0].header.paragraphs[0].text = header
    out = io.BytesIO()
    doc.save(out)
    return out.getvalue()


ROWS = [{"a": "一", "b": "1 < 2"}, {"a": "二", "b": "\n"}, {"a": "三 & 四", "b": "x\ty"}]
PLAIN = {
    "value": (document("甲{{ x }}乙", "{{ y }}", header="页眉{{ x }}"), {"x": "a & <b>\n换行", "y": 3}),
    "condition": (document("{%p if x %}", "有{{ x }}", "{%p else %}", "无", "{%p endif %}"), {"x": ""}),
    "inline": (
        document("{% if x %}是{% else %}否{% endif %}；{% for r in rows %}{{ r.a }}，{% endfor %}"),
        {"x": 1, "rows": ROWS},
    ),
    "rows": (
        document(
            table=[
                ["甲", "乙"],
                ["{%tr for r in rows %}", ""],
                ["{{ r.a }}", "{{ r.b }}"],
                ["{%tr endfor %}", ""],
            ]
        ),
        {"rows": ROWS},
    ),
    "empty rows": (
        document(
            table=[
                ["甲", "乙"],
                ["{%tr for r in rows %}", ""],
                ["{{ r.a }}", "{{ r.b }}"],
                ["{%tr endfor %}", ""],
            ]
        ),
        {"rows": []},
    ),
    "comment and trim": (document("甲{# 说明 #}乙", "丙{%- if x %}丁{%- endif %}"), {"x": True}),
    "escaped braces": (document("{_{ 原样 }_}{{ x }}"), {"x": "值"}),
}


@pytest.mark.parametrize("name", PLAIN)
def test_plain_constructs_fill_fast_and_alike(name: str) -> None:
    raw, context = PLAIN[name]
    template = CompiledTemplate(raw)
    assert template.fast
    assert parts(template.fill(context)) == parts(by_docxtpl(raw, context))


def picture() -> io.BytesIO:
    from PIL import Image

    out = io.BytesIO()
    Image.new("RGB", (8, 8), "black").save(out, "PNG")
    out.seek(0)
    return out


def test_rich_text_images_and_column_loops_go_through_docxtpl() -> None:
    rich = docxtpl.RichText("红", color="FF0000", bold=True)
    raw = document("{{r x }}")
    assert not CompiledTemplate(raw).fast
    assert parts(CompiledTemplate(raw).fill({"x": rich})) == parts(by_docxtpl(raw, {"x": rich}))

    columns = document(table=[["{%tc for c in cols %}", "{{ c }}", "{%tc endfor %}"]])
    assert not CompiledTemplate(columns).fast
    assert parts(CompiledTemplate(columns).fill({"cols": list("甲乙丙丁")})) == parts(
        by_docxtpl(columns, {"cols": list("甲乙丙丁")})
    )


def test_an_image_value_is_noticed_while_filling() -> None:
    raw = document("图：{{ x }}")

    def context() -> dict[str, Any]:
        owner = docxtpl.DocxTemplate(io.BytesIO(raw))
        return {"x": docxtpl.InlineImage(owner, picture())}

    template = CompiledTemplate(raw)
    assert template.fast
    with pytest.raises(NeedsDocxtpl):
        template.render(context())


def test_filling_is_the_same_every_time(tmp_path: Path) -> None:
    form = list_forms()[0]
    template = CompiledTemplate((data_dir("templates") / f"{form.id}.docx").read_bytes())
    context = ContextBuilder(form).build({}, SheetText(form.title))
    assert template.fill(context) == template.fill(context)


def test_repeated_bookmarks_get_names_and_ids_of_their_own() -> None:
    row = '<w:bookmarkStart w:id="4" w:name="f_a"/>x<w:bookmarkEnd w:id="4"/>'
    assert fill.renumber_bookmarks(row * 2) == (
        '<w:bookmarkStart w:id="1" w:name="f_a"/>x<w:bookmarkEnd w:id="1"/>'
        '<w:bookmarkStart w:id="2" w:name="f_a__2"/>x<w:bookmarkEnd w:id="2"/>'
    )

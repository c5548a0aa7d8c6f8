"""Every row of docs/bad-input-print.md: the mistake is made, the sentence and the cure are compared."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from docx import Document

from generator.docx.fill import CompiledTemplate
from generator.docx.package import read_package, write_package
from generator.errors import GeneratorError
from generator.forms.catalogue import load_form
from generator.identity.code import DEMO_KEY, PageCode, decode, encode
from generator.identity.print_id import kind_of
from generator.render import PrintIdentity, PrintOptions, Rendered, form_kit, render_pdf, sheet_text
from generator.resources import data_dir
from generator.typeset.fonts import bundled_fonts
from generator.typeset.layout import typeset

DOCS = Path(__file__).parents[2] / "docs" / "bad-input-print.md"
IDENTITY = PrintIdentity("0000000000", datetime(2026, 11, 20, 9, 30, tzinfo=UTC))
KEY = b"a station key of thirty-two byte"


def example(form_id: str) -> dict[str, Any]:
    path = data_dir("schemas") / "examples" / form_id / "valid-full.json"
    return dict(json.loads(path.read_text(encoding="utf-8")))


def printed(form_id: str, **changes: Any) -> Rendered:
    return render_pdf(
        form_kit(form_id), {**example(form_id), **changes}, PrintOptions(), IDENTITY, bundled_fonts()
    )


def many_rows() -> Rendered:
    return printed("plan_d", plan_rows=[example("plan_d")["plan_rows"][0]] * 500)


def docx(*paragraphs: str) -> bytes:
    document = Document()
    for text in paragraphs:
        document.add_paragraph(text)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def template(raw: bytes) -> None:
    context = {"f": {"client_name": "样例甲"}, "box": {}, "mark": {}, "v": {}, "sheet": {}}
    typeset(CompiledTemplate(raw).fill(context), bundled_fonts())


def with_part(name: str, content: bytes) -> bytes:
    out = io.BytesIO(docx("x"))
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as package:
        package.writestr(name, content)
    return out.getvalue()


def with_link() -> bytes:
    document = Document()
    document.part.relate_to(
        "http://198.51.100.7/x.png",
        "http://schemas.openxmlformats.org/officeDocument/2006/relationships/image",
        is_external=True,
    )
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def edited(before: str, after: str) -> bytes:
    """The standard template of form B as a station might have edited it."""
    parts = dict(read_package((data_dir("templates") / "application_b.docx").read_bytes()).parts)
    document = parts["word/document.xml"].decode()
    assert before in document
    return write_package({**parts, "word/document.xml": document.replace(before, after, 1).encode()})


def laid_out(raw: bytes) -> None:
    kit = form_kit("application_b")
    typeset(
        CompiledTemplate(raw).fill(kit.context.build({}, sheet_text(kit.form, {}, PrintOptions()))),
        bundled_fonts(),
    )


TEXT_BOX = (
    '<w:p><w:r><w:pict><v:shape xmlns:v="urn:schemas-microsoft-com:vml"><v:textbox><w:txbxContent><w:p/>'
    "</w:txbxContent></v:textbox></v:shape></w:pict></w:r></w:p>"
)


def changed_code() -> None:
    code = encode(PageCode("0123456789", 1, 2), KEY)
    decode(code[:5] + ("Z" if code[5] != "Z" else "Y") + code[6:], [KEY])


MISTAKES: dict[str, Callable[[], object]] = {
    "rare character in a name, no extra font": lambda: printed("application_b", client_name="样例𪚲"),
    "rare characters in two answers": lambda: printed(
        "application_b", client_name="样例𪚲", client_needs="𠲎"
    ),
    "plan with so many rows that pages run out": many_rows,
    "template is not a Word file": lambda: template("申请表".encode()),
    "template cut short": lambda: template(docx("x")[:2000]),
    "template is a zip bomb": lambda: template(with_part("word/media/a.png", b"\0" * 30_000_000)),
    "template with macros": lambda: template(with_part("word/vbaProject.bin", b"x")),
    "template with a link to another computer": lambda: template(with_link()),
    "template with an unclosed tag": lambda: template(docx("姓名：{{ f.client_name")),
    "template with an unknown field": lambda: template(docx("姓名：{{ f.clientname }}")),
    "template reaches for Python internals": lambda: template(docx("{{ f.__class__.__mro__ }}")),
    "template computes a giant text": lambda: template(docx("{{ 'x' * 1000000000 }}")),
    "template with a text box": lambda: laid_out(edited("<w:sectPr>", TEXT_BOX + "<w:sectPr>")),
    "template in columns": lambda: laid_out(
        edited('<w:cols w:space="0"/>', '<w:cols w:num="2" w:space="400"/>')
    ),
    "form without a template": lambda: form_kit("application_b", template=Path("没有.docx")),
    "print id with a forbidden letter": lambda: kind_of("0123456O89"),
    "page code with one character changed": changed_code,
    "page code of a sample at a real station": lambda: decode(
        encode(PageCode("0123456789", 1, 1), DEMO_KEY), [KEY]
    ),
    "form name misspelt": lambda: load_form("aplication_b"),
}


def rows() -> dict[str, tuple[str, str, str]]:
    found = {}
    for line in DOCS.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip().replace("\\|", "|") for cell in line.strip("|").split(" | ")]
        if line.startswith("|") and len(cells) == 4 and cells[1].strip().isdigit():
            found[cells[0]] = (cells[1], cells[2], cells[3].removesuffix("|").strip())
    return found


ROWS = rows()


def test_the_table_and_the_tests_name_the_same_mistakes() -> None:
    assert list(ROWS) == list(MISTAKES)


@pytest.mark.parametrize("mistake", MISTAKES)
def test_sentence_is_as_documented(mistake: str) -> None:
    with pytest.raises(GeneratorError) as caught:
        MISTAKES[mistake]()
    error = caught.value
    assert (str(error.exit_code), error.message, error.hint) == ROWS[mistake]


@pytest.mark.parametrize("answer", ["长" * 10_000, "第一段\n" * 2_000, "a" * 10_000, "，" * 10_000])
def test_ten_thousand_characters_are_all_printed(answer: str) -> None:
    import pypdfium2

    result = printed("record_e", content=answer)
    document = pypdfium2.PdfDocument(result.content)
    text = "".join(page.get_textpage().get_text_range() for page in document)
    document.close()
    for char in set(answer) - {"\n"}:
        assert text.count(char) >= answer.count(char)


def test_five_hundred_short_plan_rows_are_all_printed_under_their_heading() -> None:
    import pypdfium2

    rows_given = [dict.fromkeys(example("plan_d")["plan_rows"][0], f"第{n}行") for n in range(1, 501)]
    result = printed("plan_d", plan_rows=rows_given)
    document = pypdfium2.PdfDocument(result.content)
    texts = [page.get_textpage().get_text_range() for page in document]
    document.close()
    whole = "".join("".join(texts).split())
    assert all(whole.count(f"第{n}行") >= 6 for n in (1, 250, 500))
    plan_pages = [
        text for text in texts if "行" in text and "第" in text and "时间安排" in "".join(text.split())
    ]
    assert len(plan_pages) >= result.pages - 2


def test_a_gap_is_left_on_request_and_told() -> None:
    answers = {**example("application_b"), "client_name": "样例𪚲"}
    result = render_pdf(
        form_kit("application_b"), answers, PrintOptions(glyph_gap=True), IDENTITY, bundled_fonts()
    )
    assert result.glyph_gaps == ("U+2A6B2",)


def test_an_extra_font_prints_the_rare_character(tmp_path: Path) -> None:
    from fontTools.fontBuilder import FontBuilder
    from fontTools.pens.ttGlyphPen import TTGlyphPen

    pen = TTGlyphPen(None)
    for x, y in ((0, 0), (0, 800), (800, 800), (800, 0)):
        (pen.moveTo if (x, y) == (0, 0) else pen.lineTo)((x, y))
    pen.closePath()
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder([".notdef", "rare"])
    builder.setupCharacterMap({0x2A6B2: "rare"})
    builder.setupGlyf({".notdef": pen.glyph(), "rare": pen.glyph()})
    builder.setupHorizontalMetrics({".notdef": (1000, 0), "rare": (1000, 0)})
    builder.setupHorizontalHeader(ascent=880, descent=-120)
    names = {"familyName": "Rare Sample", "styleName": "Regular", "fullName": "Rare Sample Regular"}
    builder.setupNameTable(
        {**names, "uniqueFontIdentifier": "rare", "psName": "RareSample-Regular", "version": "1"}
    )
    builder.setupOS2()
    builder.setupPost()
    path = tmp_path / "rare.ttf"
    builder.save(path)
    answers = {**example("application_b"), "client_name": "样例𪚲"}
    result = render_pdf(form_kit("application_b"), answers, PrintOptions(), IDENTITY, bundled_fonts((path,)))
    assert result.glyph_gaps == ()
    from pypdf import PdfReader

    fonts = PdfReader(io.BytesIO(result.content)).pages[0]["/Resources"]["/Font"]
    assert any("RareSample" in fonts[name]["/BaseFont"] for name in fonts)

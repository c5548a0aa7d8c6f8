"""Templates as Word, WPS and LibreOffice write them: theme fonts, table styles, controls, re-saved files."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from generator.docx.canonical import identity_parts
from generator.docx.check import check_template
from generator.docx.fill import CompiledTemplate
from generator.docx.package import read_package
from generator.forms.catalogue import load_form
from generator.identity.page_map import FieldRef, build_page_map
from generator.identity.symbol import symbol_png
from generator.render import PrintIdentity, PrintOptions, form_kit, render_docx, render_pdf, sheet_text
from generator.resources import data_dir
from generator.typeset.fonts import SANS, SERIF, bundled_fonts
from generator.typeset.layout import typeset
from generator.typeset.model import Layout
from tests.typeset import making
from tests.typeset.making import cell, docx, para, row

_EMPTY_EAST = '<a:latin typeface="Calibri"/><a:ea typeface=""/><a:font script="Jpan" typeface="MS 明朝"/>'
_THEME = (
    f'<a:majorFont>{_EMPTY_EAST}<a:font script="Hans" typeface="黑体"/></a:majorFont>'
    f"<a:minorFont>{_EMPTY_EAST}</a:minorFont>"
)
_MAJOR = '<w:rFonts w:asciiTheme="majorHAnsi" w:eastAsiaTheme="majorEastAsia" w:eastAsia="方正舒体"/>'
_MINOR = '<w:rFonts w:asciiTheme="minorHAnsi" w:eastAsiaTheme="minorEastAsia"/>'


def _families(layout: Layout) -> dict[str, str]:
    return {span.text: span.family for span in layout.pages[0].spans}


def test_theme_fonts_are_the_script_s_font_or_songti() -> None:
    body = para("标题A", "", _MAJOR) + para("正文B", "", _MINOR)
    families = _families(typeset(docx(body, theme=_THEME), bundled_fonts()))
    assert families["标题"] == SANS
    assert families["正文"] == SERIF
    assert families["A"] == families["B"] == SANS  # Calibri


def test_theme_fonts_of_the_default_style_and_a_missing_theme() -> None:
    styles = making.STYLES.replace("<w:rFonts ", '<w:rFonts w:eastAsiaTheme="majorEastAsia" ', 1)
    assert "majorEastAsia" in styles
    fonts = bundled_fonts()
    assert _families(typeset(docx(para("甲"), styles=styles, theme=_THEME), fonts))["甲"] == SANS
    assert _families(typeset(docx(para("甲"), styles=styles), fonts))["甲"] == SERIF


_GRID_STYLE = (
    '<w:style w:type="table" w:styleId="a3"><w:name w:val="Table Grid"/><w:basedOn w:val="TableNormal"/>'
    '<w:pPr><w:spacing w:before="200" w:after="0"/></w:pPr><w:tblPr><w:tblBorders>'
    + "".join(
        f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="auto"/>'
        for side in ("top", "left", "bottom", "right", "insideH", "insideV")
    )
    + "</w:tblBorders></w:tblPr></w:style>"
)


def _word_table(grid: str, inside: str = "") -> str:
    cells = [cell(2000, para("甲")), cell(4000, inside or para("乙"))]
    return (
        '<w:tbl><w:tblPr><w:tblStyle w:val="a3"/><w:tblW w:w="0" w:type="auto"/><w:tblLook w:val="04A0"/>'
        f"</w:tblPr><w:tblGrid>{grid}</w:tblGrid>{row(cells)}</w:tbl>"
    )


def test_a_table_of_word_has_the_borders_and_spacing_of_its_style() -> None:
    styles = making.STYLES + _GRID_STYLE
    grid = '<w:gridCol w:w="2000"/><w:gridCol w:w="4000"/>'
    page = typeset(docx(_word_table(grid) + para("后"), styles=styles), bundled_fonts()).pages[0]
    assert len(page.rules) == 5
    first, after = (next(s for s in page.spans if s.text == text) for text in "甲后")
    assert first.y == pytest.approx(79.4 + 0.5 + 10 + 12.1, abs=0.5)  # space before, from the table style
    assert after.y - first.y == pytest.approx(15.6, abs=0.5)  # none outside the table


def test_columns_without_width_take_it_from_their_cells() -> None:
    styles = making.STYLES + _GRID_STYLE
    page = typeset(docx(_word_table("<w:gridCol/><w:gridCol/>"), styles=styles), bundled_fonts()).pages[0]
    assert [part.rect.width for part in page.cells] == pytest.approx([100, 200])


def _on_grid(body: str, header: str | None = None) -> list[float]:
    """The baselines of the lines beginning with 行 in a document begun in Chinese Word."""
    grid = '<w:docGrid w:type="lines" w:linePitch="312"/></w:sectPr>'
    raw = docx(body, section=making.SECTION.replace("</w:sectPr>", grid), header=header)
    spans = typeset(raw, bundled_fonts()).pages[0].spans
    return sorted(span.y for span in spans if span.text.startswith("行"))


@pytest.mark.parametrize(
    ("props", "run_props", "step"),
    [
        ("", "", 15.6),
        ("", '<w:sz w:val="15"/>', 15.6),
        ("", '<w:sz w:val="36"/>', 31.2),  # higher than a step: two of them
        ('<w:spacing w:line="360" w:lineRule="auto"/>', "", 15.6 + 15.1 / 2),
        ('<w:spacing w:before="100" w:after="60"/>', "", 15.6 + 5),
        ('<w:snapToGrid w:val="0"/>', "", 15.1),
        ('<w:spacing w:line="440" w:lineRule="exact"/>', "", 22.0),
        ('<w:spacing w:line="500" w:lineRule="atLeast"/>', "", 25.0),
    ],
)
def test_lines_take_steps_of_the_document_grid(props: str, run_props: str, step: float) -> None:
    first, second, third = _on_grid(para("行甲", props, run_props) * 3)
    assert (second - first, third - second) == pytest.approx((step, step), abs=0.06)


def test_the_grid_holds_in_tables_but_not_in_the_header() -> None:
    lines = para("行甲") * 3
    first, second, third = _on_grid(making.table([4000], [row([cell(4000, lines)])]))
    assert (second - first, third - second) == pytest.approx((15.6, 15.6), abs=0.06)
    first, second, third = _on_grid(para("甲"), header=lines)
    assert (second - first, third - second) == pytest.approx((15.1, 15.1), abs=0.06)


def test_content_controls_are_transparent() -> None:
    def control(inside: str) -> str:
        return (
            f'<w:sdt><w:sdtPr><w:alias w:val="控件"/></w:sdtPr><w:sdtContent>{inside}</w:sdtContent></w:sdt>'
        )

    plain = para("段") + making.table([4000], [row([cell(4000, para("格"))])]) + para("行内")
    wrapped = (
        control(para("段"))
        + making.table([4000], [control(row([control(cell(4000, control(para("格"))))]))])
        + f"<w:p>{control(making.run('行内'))}</w:p>"
    )
    fonts = bundled_fonts()
    assert typeset(docx(wrapped), fonts).pages == typeset(docx(plain), fonts).pages


FORMS = tuple(path.stem for path in sorted(data_dir("templates").glob("*.docx")))
PRINTED = (
    "application_b",
    "consent_a",
    "preassess_c",
    "plan_d",
    "record_e",
    "evaluation_f",
    "closure_g",
    "referral",
)
"""In record_e and referral a field has two places, each printed where the other is not."""
SAVED = [pytest.param(form, marks=[] if form in PRINTED else pytest.mark.slow) for form in FORMS]


@pytest.fixture(scope="module")
def saved(soffice: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with the templates that this run asks for as LibreOffice saves them."""
    folder = tmp_path_factory.mktemp("saved")
    asked = {
        item.callspec.params.get("form_id")
        for item in request.session.items
        if isinstance(item, pytest.Function) and item.path == request.path and hasattr(item, "callspec")
    }
    files = [str(data_dir("templates") / f"{form}.docx") for form in FORMS if form in asked]
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    command = [soffice, profile, "--headless", "--convert-to", "docx", "--outdir", str(folder), *files]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    return folder


def _text(layout: Layout) -> str:
    """All characters printed, in no order: lines may break elsewhere."""
    return "".join(sorted("".join(s.text for page in layout.pages for s in page.spans).replace(" ", "")))


@pytest.mark.parametrize("form_id", SAVED)
def test_a_template_saved_by_libreoffice_is_accepted(form_id: str, saved: Path) -> None:
    assert check_template(load_form(form_id), (saved / f"{form_id}.docx").read_bytes(), subject=form_id) == []


@pytest.mark.parametrize("form_id", SAVED)
def test_a_template_saved_by_libreoffice_gives_a_docx_with_its_code_and_a_pdf(
    form_id: str, saved: Path
) -> None:
    kit = form_kit(form_id, template=saved / f"{form_id}.docx")
    identity = PrintIdentity("FAR3---001", datetime(2026, 3, 5, tzinfo=UTC))
    copy = render_docx(kit, {}, PrintOptions(), identity)
    parts = read_package(copy.content).parts
    (name,) = identity_parts(parts)
    assert parts[name] == symbol_png(copy.page_codes[0])
    assert typeset(copy.content, bundled_fonts()).pages
    assert render_pdf(kit, {}, PrintOptions(), identity, bundled_fonts()).pages


@pytest.mark.parametrize("form_id", PRINTED)
def test_a_template_saved_by_libreoffice_prints_the_same(form_id: str, saved: Path) -> None:
    kit, raw = form_kit(form_id), (saved / f"{form_id}.docx").read_bytes()
    example = min((data_dir("schemas") / "examples" / form_id).glob("valid*.json"))
    answers = json.loads(example.read_text(encoding="utf-8"))
    context = kit.context.build(answers, sheet_text(kit.form, answers, PrintOptions()))
    fonts = bundled_fonts()
    ours, theirs = (typeset(t.fill(context), fonts) for t in (kit.template, CompiledTemplate(raw)))
    assert len(theirs.pages) == len(ours.pages)
    assert _text(theirs) == _text(ours)
    assert len(_boxes(theirs)) == len(_boxes(ours))
    assert [box for box in _boxes(theirs) if box] == [box for box in _boxes(ours) if box]
    assert _places(theirs, kit.fields) == _places(ours, kit.fields)


def _places(layout: Layout, fields: Mapping[str, FieldRef]) -> list[tuple[str, int, str]]:
    """Which fields the page map finds, row by row."""
    entries = build_page_map(layout, fields).entries
    return sorted({(entry.pointer, entry.occurrence, entry.option or "") for entry in entries})


def _boxes(layout: Layout) -> list[bool]:
    return [box.ticked for page in layout.pages for box in page.boxes]

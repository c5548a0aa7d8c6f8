"""Templates as Word, WPS and LibreOffice write them: theme fonts, table styles, controls, re-saved files."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from generator.docx.check import check_template
from generator.docx.fill import CompiledTemplate
from generator.render import PrintOptions, form_kit, sheet_text
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


SAVED = ("application_b", "consent_a", "preassess_c", "plan_d", "evaluation_f", "closure_g")


@pytest.fixture(scope="session")
def saved(soffice: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with our templates as LibreOffice saves them."""
    folder = tmp_path_factory.mktemp("saved")
    files = [str(data_dir("templates") / f"{form}.docx") for form in SAVED]
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    command = [soffice, profile, "--headless", "--convert-to", "docx", "--outdir", str(folder), *files]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    return folder


def _text(layout: Layout) -> str:
    """All characters printed, in no order: lines may break elsewhere."""
    return "".join(sorted("".join(s.text for page in layout.pages for s in page.spans).replace(" ", "")))


@pytest.mark.xdist_group("libreoffice")
@pytest.mark.parametrize("form_id", SAVED)
def test_a_template_saved_by_libreoffice_is_accepted_and_prints_the_same(form_id: str, saved: Path) -> None:
    kit, raw = form_kit(form_id), (saved / f"{form_id}.docx").read_bytes()
    assert check_template(kit.form, raw, subject=form_id) == []
    example = min((data_dir("schemas") / "examples" / form_id).glob("valid*.json"))
    answers = json.loads(example.read_text(encoding="utf-8"))
    context = kit.context.build(answers, sheet_text(kit.form, answers, PrintOptions()))
    fonts = bundled_fonts()
    ours, theirs = (typeset(t.fill(context), fonts) for t in (kit.template, CompiledTemplate(raw)))
    assert len(theirs.pages) == len(ours.pages)
    assert _text(theirs) == _text(ours)
    assert len(_boxes(theirs)) == len(_boxes(ours))
    assert [box for box in _boxes(theirs) if box] == [box for box in _boxes(ours) if box]


def _boxes(layout: Layout) -> list[bool]:
    return [box.ticked for page in layout.pages for box in page.boxes]

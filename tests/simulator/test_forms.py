"""The shipped forms on paper: every page can be found again, nothing is printed where codes need white."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from generator.identity.placement import obstructions
from generator.render import PrintIdentity, PrintOptions, form_kit, lay_out, render_docx, render_pdf
from generator.resources import data_dir
from generator.typeset.fonts import FontSet, bundled_fonts
from tests.simulator.codes import assert_codes_decode, page_pictures, read_codes
from tests.simulator.print_scan import PrintScan, at_half

FORMS = ("consent_a", "application_b", "preassess_c", "plan_d", "record_e", "evaluation_f", "closure_g")
IDENTITY = PrintIdentity("0123456789", datetime(2026, 3, 5, 9, 30, tzinfo=UTC))


def answers_of(form_id: str, example: str) -> Mapping[str, Any]:
    if example == "blank":
        return {}
    path = data_dir("schemas") / "examples" / form_id / f"{example}.json"
    raw = json.loads(path.read_text(encoding="utf-8"))
    answers: Mapping[str, Any] = raw.get("data", raw)
    return answers


@cache
def fonts() -> FontSet:
    return bundled_fonts()


@pytest.mark.parametrize("example", [pytest.param("blank", marks=pytest.mark.slow), "valid-full"])
@pytest.mark.parametrize("form_id", FORMS)
def test_every_page_of_a_form_can_be_found_again(form_id: str, example: str) -> None:
    answers = answers_of(form_id, example)
    rendered = render_pdf(form_kit(form_id), answers, PrintOptions(), IDENTITY, fonts())
    assert len(set(rendered.page_codes)) == rendered.pages
    assert_codes_decode(rendered.content, rendered.page_codes)


@pytest.mark.parametrize("example", ["blank", "valid-full", "long-full"])
@pytest.mark.parametrize("form_id", FORMS)
def test_nothing_is_printed_into_a_quiet_zone(form_id: str, example: str) -> None:
    answers = answers_of(form_id, example)
    layout = lay_out(form_kit(form_id), answers, PrintOptions(), IDENTITY, fonts())
    assert [obstructions(page) for page in layout.pages] == [()] * len(layout.pages)


@pytest.mark.skipif(shutil.which("soffice") is None, reason="soffice (LibreOffice) is not installed")
def test_the_code_of_a_working_copy_survives_another_program_and_the_scanner(tmp_path: Path) -> None:
    rendered = render_docx(
        form_kit("record_e"), answers_of("record_e", "valid-full"), PrintOptions(), IDENTITY
    )
    (tmp_path / "copy.docx").write_bytes(rendered.content)
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    command = ["soffice", profile, "--headless", "--convert-to", "pdf", "--outdir", str(tmp_path)]
    subprocess.run([*command, str(tmp_path / "copy.docx")], check=True, capture_output=True, timeout=300)
    for picture in page_pictures((tmp_path / "copy.pdf").read_bytes()):
        scanned = at_half(PrintScan().apply(picture))
        assert read_codes(scanned) == {"upper right": rendered.page_codes[0]}

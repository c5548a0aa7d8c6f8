"""The separator sheet: one page that says what follows, with codes that are recognised and never filed."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import pypdf
import pytest

from generator.errors import PrintIdInvalid, TooManyPages
from generator.packets.separator import LONGEST_TITLE, SeparatorSheet, render_separator
from generator.render import PrintIdentity, page_codes
from generator.typeset.fonts import bundled_fonts
from tests.simulator.codes import assert_codes_decode

AT = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
KEY = b"the page key of one station"
SERVICE = PrintIdentity("S123456789", AT, KEY)
SHEET = SeparatorSheet("PZ01-FW·GA-2025-Y-0001", "诊断证明复印件", 3)


def text_of(pdf: bytes) -> str:
    (page,) = pypdf.PdfReader(io.BytesIO(pdf)).pages
    return page.extract_text().replace(" ", "").replace("\n", "")


def test_it_says_what_follows_and_where_it_belongs() -> None:
    text = text_of(render_separator(SHEET, SERVICE, bundled_fonts()))
    for told in ("附件分隔页", "其后3页为附件", "PZ01-FW·GA-2025-Y-0001", "诊断证明复印件", "不归入案卷"):
        assert told in text
    assert "档号" in text.replace("　", "") and "样例" not in text


@pytest.mark.parametrize(("number", "label"), [("SQ-2025-0001", "申请编号"), ("GA-2025-0001", "个案编号")])
def test_the_number_is_called_what_it_is(number: str, label: str) -> None:
    text = text_of(render_separator(SeparatorSheet(number, "残疾人证", 1), SERVICE, bundled_fonts()))
    assert f"{label}{number}" in text


def test_both_codes_read_as_a_service_sheet() -> None:
    pdf = render_separator(SHEET, SERVICE, bundled_fonts())
    assert_codes_decode(pdf, page_codes(SERVICE, 1))


def test_the_same_sheet_gives_the_same_bytes() -> None:
    assert render_separator(SHEET, SERVICE, bundled_fonts()) == render_separator(
        SHEET, SERVICE, bundled_fonts()
    )


def test_an_endless_title_is_cut_and_stays_on_the_page() -> None:
    long = SeparatorSheet("SQ-2025-0001", "附" * 1000, 99)
    text = text_of(render_separator(long, SERVICE, bundled_fonts()))
    assert text.count("附") < LONGEST_TITLE + 10 and "…" in text


def test_the_id_of_a_document_is_refused() -> None:
    with pytest.raises(PrintIdInvalid):
        render_separator(SHEET, PrintIdentity("0123456789", AT, KEY), bundled_fonts())


@pytest.mark.parametrize("pages", [0, 100])
def test_no_pages_and_too_many_are_refused(pages: int) -> None:
    with pytest.raises(TooManyPages):
        render_separator(SeparatorSheet("SQ-2025-0001", "附件", pages), SERVICE, bundled_fonts())

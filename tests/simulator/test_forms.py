"""The shipped forms on paper: codes that decode on every page, boxes and cells where the page map says."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any

import numpy as np
import pytest

from generator.identity.page_map import PageMapEntry
from generator.identity.placement import obstructions
from generator.render import PrintIdentity, PrintOptions, Rendered, form_kit, lay_out, render_docx, render_pdf
from generator.resources import data_dir
from generator.typeset.fonts import FontSet, bundled_fonts
from tests.simulator.codes import assert_codes_decode, page_pictures
from tests.simulator.print_scan import Grey

FORMS = ("consent_a", "application_b", "preassess_c", "plan_d", "record_e", "evaluation_f", "closure_g")
IDENTITY = PrintIdentity("0123456789", datetime(2026, 3, 5, 9, 30, tzinfo=UTC))
DPI = 300


def answers_of(form_id: str, example: str = "valid-full") -> Mapping[str, Any]:
    raw = json.loads(
        (data_dir("schemas") / "examples" / form_id / f"{example}.json").read_text(encoding="utf-8")
    )
    answers: Mapping[str, Any] = raw.get("data", raw)
    return answers


@cache
def fonts() -> FontSet:
    return bundled_fonts()


@cache
def printed(form_id: str, *, blank: bool = False) -> tuple[Rendered, list[Grey]]:
    answers = {} if blank else answers_of(form_id)
    rendered = render_pdf(form_kit(form_id), answers, PrintOptions(), IDENTITY, fonts())
    return rendered, page_pictures(rendered.content, DPI)


def dots(entry: PageMapEntry) -> tuple[int, int, int, int]:
    """Left, top, right, bottom of an entry in the picture of its page."""
    left, top, width, height = (
        round(mm / 25.4 * DPI) for mm in (entry.x_mm, entry.y_mm, entry.w_mm, entry.h_mm)
    )
    return left, top, left + width, top + height


@pytest.mark.parametrize("form_id", FORMS)
def test_every_page_of_a_form_can_be_found_again(form_id: str) -> None:
    rendered, _ = printed(form_id)
    assert len(set(rendered.page_codes)) == rendered.pages
    assert_codes_decode(rendered.content, rendered.page_codes)


@pytest.mark.parametrize("form_id", FORMS)
@pytest.mark.parametrize("example", ["valid-full", "long-full"])
def test_nothing_is_printed_into_a_quiet_zone(form_id: str, example: str) -> None:
    layout = lay_out(form_kit(form_id), answers_of(form_id, example), PrintOptions(), IDENTITY, fonts())
    assert [obstructions(page) for page in layout.pages] == [()] * len(layout.pages)


@pytest.mark.parametrize("blank", [True, False], ids=["blank", "filled"])
@pytest.mark.parametrize("form_id", ["application_b", "plan_d", "record_e", "evaluation_f", "closure_g"])
def test_every_tick_box_is_where_the_pixels_are(form_id: str, *, blank: bool) -> None:
    rendered, pictures = printed(form_id, blank=blank)
    ticks = [entry for entry in rendered.page_map.entries if entry.kind == "tick"]
    assert ticks
    answers = {} if blank else answers_of(form_id)
    for entry in ticks:
        left, top, right, bottom = dots(entry)
        dark = pictures[entry.page - 1] < 128
        where = f"{entry.pointer} {entry.option} on page {entry.page}"
        for side in (
            dark[top - 2 : top + 5, left:right].max(axis=0),
            dark[bottom - 4 : bottom + 3, left:right].max(axis=0),
            dark[top:bottom, left - 2 : left + 5].max(axis=1),
            dark[top:bottom, right - 4 : right + 3].max(axis=1),
        ):
            assert side.mean() > 0.9, f"{where}: no edge"
        chosen = answers.get(entry.pointer.strip("/"))
        ticked = entry.option == chosen or (isinstance(chosen, list) and entry.option in chosen)
        inked = dark[top + 6 : bottom - 6, left + 6 : right - 6].mean()
        assert (inked > 0.04) is ticked, f"{where}: {inked:.3f} of the inside is dark"


@pytest.mark.parametrize("form_id", ["plan_d", "closure_g"])
def test_every_signature_cell_is_where_the_rules_are(form_id: str) -> None:
    rendered, pictures = printed(form_id, blank=True)
    cells = [entry for entry in rendered.page_map.entries if entry.kind == "signature"]
    assert cells
    for entry in cells:
        left, top, right, bottom = dots(entry)
        dark = pictures[entry.page - 1] < 160
        near = 8
        sides = {
            "above": dark[top - near : top + near, left:right].mean(axis=1).max(),
            "below": dark[bottom - near : bottom + near, left:right].mean(axis=1).max(),
            "left": dark[top:bottom, left - near : left + near].mean(axis=0).max(),
            "right": dark[top:bottom, right - near : right + near].mean(axis=0).max(),
        }
        assert min(sides.values()) > 0.95, f"{entry.pointer}: {sides}"
        assert entry.h_mm >= 12, f"{entry.pointer}: {entry.h_mm} mm to sign in"


def test_a_working_copy_carries_one_code_without_a_page() -> None:
    rendered = render_docx(form_kit("record_e"), answers_of("record_e"), PrintOptions(), IDENTITY)
    assert [code[14:20] for code in rendered.page_codes] == ["*00*00"]


def test_the_pictures_show_what_is_tested() -> None:
    """A page of the wrong place fails: the same boxes shifted by 2 mm have no edges."""
    rendered, pictures = printed("record_e")
    entry = next(entry for entry in rendered.page_map.entries if entry.kind == "tick")
    left, top, right, bottom = (value + 24 for value in dots(entry))
    shifted = (pictures[entry.page - 1] < 128)[top:bottom, left - 2 : left + 5]
    assert np.asarray(shifted.max(axis=1)).mean() < 0.9

"""The page map against the pixels of the page: every tick box, signature and answer is where it says."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache, lru_cache
from typing import Any

import numpy as np
import pypdfium2
import pytest

from generator.forms.catalogue import list_forms, load_form
from generator.identity.page_map import PageMapEntry
from generator.render import PrintIdentity, PrintOptions, Rendered, form_kit, render_pdf
from generator.resources import data_dir
from generator.typeset.fonts import bundled_fonts

DPI = 300
MM = DPI / 25.4
IDENTITY = PrintIdentity("0000000000", datetime(2026, 11, 20, 9, 30, tzinfo=UTC))
FORMS = [form.id for form in list_forms()]
CASES = [
    pytest.param(form_id, name, marks=[] if name == "valid-full" else pytest.mark.slow)
    for form_id in FORMS
    for name in ("blank", "valid-full")
]
"""One example of a form each time, its blank in the soak."""


@cache
def rendered(form_id: str, name: str) -> tuple[Rendered, dict[str, Any]]:
    path = data_dir("schemas") / "examples" / form_id / f"{name}.json"
    answers = {} if name == "blank" else json.loads(path.read_text(encoding="utf-8"))
    return render_pdf(form_kit(form_id), answers, PrintOptions(), IDENTITY, bundled_fonts()), answers


@lru_cache(maxsize=2)
def pixels(form_id: str, name: str) -> list[np.ndarray]:
    """The grey of each page; a page takes 9 MB, so only the last are kept."""
    document = pypdfium2.PdfDocument(rendered(form_id, name)[0].content)
    pages = [page.render(scale=DPI / 72, grayscale=True).to_numpy().squeeze().copy() for page in document]
    document.close()
    return pages


@pytest.fixture(scope="module", autouse=True)
def _forgotten_afterwards() -> Iterator[None]:
    """The printed forms are kept for the tests of this file only."""
    yield
    rendered.cache_clear()
    pixels.cache_clear()


def cut(page: np.ndarray, entry: PageMapEntry, inset: float = 0.0) -> np.ndarray:
    """The part of the page the entry names, ``inset`` millimetres inside its edge: darkness, 0 to 1."""
    left, top = entry.x_mm + inset, entry.y_mm + inset
    right, bottom = entry.x_mm + entry.w_mm - inset, entry.y_mm + entry.h_mm - inset
    part = page[round(top * MM) : round(bottom * MM), round(left * MM) : round(right * MM)]
    return 1 - part.astype(np.float32) / 255


def chosen(answers: dict[str, Any], entry: PageMapEntry) -> bool:
    value = answers.get(entry.pointer.strip("/"))
    if isinstance(value, bool):
        return entry.option == ("是" if value else "否")
    return entry.option in [str(item) for item in (value if isinstance(value, list) else [value])]


def text_in(form_id: str, name: str, entry: PageMapEntry) -> str:
    document = pypdfium2.PdfDocument(rendered(form_id, name)[0].content)
    page = document[entry.page - 1]
    height, unit = page.get_height(), 72 / 25.4
    text = page.get_textpage().get_text_bounded(
        left=entry.x_mm * unit - 0.5,
        right=(entry.x_mm + entry.w_mm) * unit + 0.5,
        top=height - entry.y_mm * unit,
        bottom=height - (entry.y_mm + entry.h_mm) * unit,
    )
    document.close()
    return "".join(text.split())


@pytest.mark.parametrize(("form_id", "name"), CASES)
def test_every_tick_box_is_where_the_pixels_are(form_id: str, name: str) -> None:
    result, answers = rendered(form_id, name)
    for entry in (e for e in result.page_map.entries if e.kind == "tick"):
        page = pixels(form_id, name)[entry.page - 1]
        whole, inside = cut(page, entry), cut(page, entry, 0.55)
        assert 2.4 <= entry.w_mm <= 4 and abs(entry.w_mm - entry.h_mm) < 0.05, entry
        for edge in (whole[:4], whole[-4:], whole[:, :4].T, whole[:, -4:].T):
            assert edge.max(axis=0).mean() > 0.6, f"{entry}: the outline of the box is not there"
        if chosen(answers, entry):
            assert inside.mean() > 0.05, f"{entry}: ticked but empty"
        else:
            assert inside.mean() < 0.01, f"{entry}: empty but inked"


@pytest.mark.parametrize(("form_id", "name"), CASES)
def test_every_option_of_the_form_is_on_the_map(form_id: str, name: str) -> None:
    result, _ = rendered(form_id, name)
    form = load_form(form_id)
    placed = {(e.pointer, e.option) for e in result.page_map.entries if e.option is not None}
    for pointer in {pointer for pointer, _ in placed}:
        spec = form.fields[pointer]
        options = ("否", "是") if spec.kind == "bool" else tuple(str(option) for option in spec.options)
        if spec.name != "consent_mode":  # has no boxes unless the errata are corrected
            assert {option for p, option in placed if p == pointer} == set(options)


@pytest.mark.parametrize(
    "form_id",
    [
        form_id
        for form_id in FORMS
        if load_form(form_id).fields.keys() & {"/client_sign", "/client_signature"}
    ],
)
def test_signatures_have_room_and_no_ink_but_the_line(form_id: str) -> None:
    result, _ = rendered(form_id, "valid-full")
    signatures = [e for e in result.page_map.entries if e.kind == "signature"]
    expected = [
        f.pointer
        for f in load_form(form_id).fields.values()
        if f.kind == "sig" and not f.unprinted and "/*" not in f.pointer
    ]
    assert sorted(e.pointer for e in signatures) == sorted(expected)
    for entry in signatures:
        assert entry.h_mm >= 12 and entry.w_mm >= 30, entry
        ink = cut(pixels(form_id, "valid-full")[entry.page - 1], entry, 0.4)
        inked = np.flatnonzero(ink.mean(axis=1) > 0.02)
        assert np.ptp(inked) <= 6, f"{entry}: more than the line to sign on is drawn here"
        assert inked.min() > 0.6 * len(ink), f"{entry}: the line is not at the foot"


def test_boxes_cover_what_the_issue_names() -> None:
    counts = {f: sum(e.kind == "tick" for e in rendered(f, "blank")[0].page_map.entries) for f in FORMS}
    assert counts["application_b"] == 2 + 4 + 5 + 3 + 2 + 3 + 2
    assert counts["closure_g"] == 2 + 4 + 5 + 2
    marks = [e for e in rendered("evaluation_f", "blank")[0].page_map.entries if e.kind == "mark"]
    assert len(marks) == 5 + 10 + 3


@pytest.mark.parametrize("form_id", FORMS)
def test_answers_are_printed_where_the_map_says(form_id: str) -> None:
    result, answers = rendered(form_id, "valid-full")
    form = load_form(form_id)
    seen, done = 0, set()
    for entry in result.page_map.entries:
        spec = form.fields[entry.pointer]
        value = answers.get(entry.pointer.strip("/"))
        if (
            entry.kind == "text"
            and spec.kind in ("text", "long")
            and isinstance(value, str)
            and spec.on_paper is not True
        ):
            if (entry.pointer, entry.occurrence) in done:
                continue  # the text goes on from the page before
            done.add((entry.pointer, entry.occurrence))
            first_line = value.split("\n")[0][:20]
            assert "".join(first_line.split()) in text_in(form_id, "valid-full", entry), entry
            seen += 1
    assert seen >= 1

"""No page of a print breaks badly, however long the answers; LibreOffice breaks it at the same places."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest
from lxml import etree

from generator.forms.catalogue import list_forms
from generator.paging.faults import faults
from generator.paging.settle import Settled, settle
from generator.paging.standing import items, pages
from generator.render import PrintIdentity, PrintOptions, form_kit, render_docx
from generator.typeset.fonts import bundled_fonts
from generator.typeset.layout import typeset
from generator.typeset.model import Layout
from generator.typeset.pages import compose
from generator.typeset.pdf import to_pdf
from generator.typeset.reader import read_document
from tests.docx.soundness import unsound
from tests.paging.stretching import Growth, filled, full_example, growths, longest
from tests.typeset import oracle

FORMS = [form.id for form in list_forms()]
STEPS = (-2, -1, 0, 1, 2)
KNOWN = {
    ("application_b", "inscope_action_accept"): "LibreOffice prints lines of a merged row below the page",
    ("preassess_c", "needs_analysis"): "the same, with dozens of assessors",
    ("refusal_notice", "complaint_channel"): "a merged label stands a few lines higher",
    ("medication_record", "note"): "a row higher than a page",
    ("incident_record", "present"): "a row of names higher than a page",
    ("case_note", "discussion"): "whether a row with a least height is divided on its table's first page",
}
"""Where LibreOffice 7.4 differs for reasons of its own (docs/notes/typeset.md)."""
NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)


def _text(parts: Mapping[str, bytes]) -> Counter[str]:
    """The characters of a document."""
    return Counter("".join(etree.fromstring(parts["word/document.xml"]).itertext()))


def _near(growth: Growth) -> Iterator[tuple[int, Settled]]:
    for boundary in growth.boundaries():
        for step in STEPS:
            size = max(1, boundary + step * growth.step)
            yield size, growth.settled(size)


def _wrong(growth: Growth, size: int, settled: Settled) -> Iterator[str]:
    for fault in settled.left:
        yield f"{growth.form_id} {growth.field} {size}: {fault.kind} on page {fault.page + 1}"
    before = filled(form_kit(growth.form_id), growth.answers(size))
    if settled.parts["word/document.xml"] == before["word/document.xml"]:
        return
    if lost := _text(before) - _text(settled.parts):
        yield f"{growth.form_id} {growth.field} {size}: {lost.total()} characters are lost"
    yield from (f"{growth.form_id} {growth.field} {size}: {problem}" for problem in unsound(settled.parts))


@pytest.mark.parametrize("form_id", FORMS)
def test_blanks_and_examples_break_well(form_id: str) -> None:
    kit, fonts = form_kit(form_id), bundled_fonts()
    for answers in ({}, full_example(form_id)):
        assert not settle(filled(kit, answers), fonts, kit.names).left


@pytest.mark.parametrize("form_id", FORMS)
def test_the_longest_answers_break_well_around_two_pages(form_id: str) -> None:
    assert not [
        wrong
        for growth in longest(form_id)
        for size, settled in _near(growth)
        for wrong in _wrong(growth, size, settled)
    ]


@pytest.mark.slow
@pytest.mark.parametrize("form_id", FORMS)
def test_every_long_answer_breaks_well_at_every_step(form_id: str) -> None:
    wrong: list[str] = []
    laid = 0
    for growth in growths(form_id):
        for size in range(1, growth.most, growth.step):
            wrong += _wrong(growth, size, growth.settled(size))
            laid += 1
    print(f"{form_id}: {laid} prints")
    assert not wrong


@pytest.mark.slow
@pytest.mark.parametrize("form_id", FORMS)
def test_libreoffice_breaks_settled_pages_at_the_same_places(
    form_id: str, soffice: str, tmp_path: Path
) -> None:
    kit, laid = form_kit(form_id), dict[Path, Layout]()
    for growth in growths(form_id):
        shapes: set[tuple[int, int]] = set()
        for size in range(1, growth.most, 3 * growth.step):
            settled = growth.settled(size)
            shape = len(settled.layout.pages), settled.parts["word/document.xml"].count(b"<w:tr>")
            if shape in shapes:
                continue
            shapes.add(shape)
            path = tmp_path / f"{growth.field}-{size}.docx"
            path.write_bytes(kit.template.pack(settled.parts))
            laid[path] = settled.layout
    problems = []
    known = {field for form, field in KNOWN if form == form_id}
    for path, pdf in zip(laid, oracle.convert(list(laid), tmp_path / "pdf"), strict=True):
        ours = to_pdf(laid[path], [], title="样例", timestamp=NOW, fonts=bundled_fonts())
        problems += [
            f"{path.stem}: {problem}" for problem in oracle.compare(ours, laid[path], pdf).problems()
        ]
    print(f"{form_id}: {len(laid)} documents")
    assert not [problem for problem in problems if problem.partition("-")[0] not in known]


def test_what_is_settled_was_wrong_before() -> None:
    """Without settling these break badly: the looking finds something, and the mending mends it."""
    (growth,) = (g for g in growths("closure_g") if g.field == "summary")
    kit, fonts = form_kit("closure_g"), bundled_fonts()
    mended = 0
    for size in range(200, 1600, 20):
        parts = filled(kit, growth.answers(size))
        document = read_document(parts)
        layout = compose(document, fonts, glyph_gap=False)
        found = faults(pages(document, layout, items(document, kit.names), kit.names))
        settled = settle(parts, fonts, kit.names)
        assert not settled.left
        mended += bool(found)
    assert mended > 2


def test_a_working_copy_breaks_as_its_print_does() -> None:
    (growth,) = (g for g in growths("closure_g") if g.field == "summary")
    kit = form_kit("closure_g")
    (size, *_) = growth.boundaries()
    answers = growth.answers(size)
    copy = render_docx(kit, answers, PrintOptions(), PrintIdentity("0000000000", NOW))
    printed = settle(filled(kit, answers), bundled_fonts(), kit.names).layout
    assert len(typeset(copy.content, bundled_fonts()).pages) == len(printed.pages)

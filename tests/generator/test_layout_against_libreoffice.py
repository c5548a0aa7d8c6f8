"""Our pages against LibreOffice's of the same docx and fonts: blanks, examples and long texts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from generator.forms.catalogue import list_forms
from generator.render import PrintIdentity, PrintOptions, form_kit, sheet_text
from generator.resources import data_dir
from generator.typeset.fonts import bundled_fonts
from generator.typeset.layout import typeset
from generator.typeset.pdf import to_pdf
from tests.typeset import oracle

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
IDENTITY = PrintIdentity("0000000000", NOW)
OPTIONS = PrintOptions()
pytestmark = pytest.mark.long


def _every() -> Iterator[tuple[str, str]]:
    """Form and answers (``blank``, or the name of an example) of every case."""
    for form in list_forms():
        if not (data_dir("templates") / f"{form.id}.docx").is_file():
            continue  # `form check` names it; one missing template must not hide the other forms
        yield form.id, "blank"
        for path in sorted((data_dir("schemas") / "examples" / form.id).glob("*.json")):
            every = form.family == "附录A–G" and path.stem.startswith("valid")
            if every or path.stem in ("valid-full", "long-full"):
                yield form.id, path.stem


CASES = [
    pytest.param(case, id="-".join(case), marks=[] if case[1] == "valid-full" else pytest.mark.slow)
    for case in _every()
]
"""One example of a form each time; blanks, long texts and the rest in the soak."""


def _filled(form_id: str, name: str) -> bytes:
    """The docx that is laid out."""
    kit, path = form_kit(form_id), data_dir("schemas") / "examples" / form_id / f"{name}.json"
    answers = {} if name == "blank" else json.loads(path.read_text(encoding="utf-8"))
    return kit.template.fill(kit.context.build(answers, sheet_text(kit.form, answers, OPTIONS)))


@pytest.fixture(scope="module")
def theirs(
    soffice: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> dict[tuple[str, str], tuple[bytes, Path]]:
    """Our docx and LibreOffice's PDF of every case of this run, converted in one call."""
    folder = tmp_path_factory.mktemp("oracle")
    asked = [
        item.callspec.params["case"]
        for item in request.session.items
        if isinstance(item, pytest.Function) and item.path == request.path and hasattr(item, "callspec")
    ]
    filled = {case: _filled(*case) for case in asked}
    paths = {case: folder / f"{'-'.join(case)}.docx" for case in filled}
    for case, docx in filled.items():
        paths[case].write_bytes(docx)
    converted = oracle.convert(list(paths.values()), folder / "pdf")
    return {case: (filled[case], pdf) for case, pdf in zip(paths, converted, strict=True)}


@pytest.mark.parametrize("case", CASES)
def test_pages_lie_as_libreoffice_lays_them(
    case: tuple[str, str], theirs: dict[tuple[str, str], tuple[bytes, Path]]
) -> None:
    fonts, (docx, their_pdf) = bundled_fonts(), theirs[case]
    layout = typeset(docx, fonts)
    ours = to_pdf(layout, [], title="-".join(case), timestamp=NOW, fonts=fonts)
    comparison = oracle.compare(ours, layout, their_pdf)
    assert not comparison.problems()


def test_every_form_is_laid_out_every_time() -> None:
    assert {case.values[0][0] for case in CASES if not case.marks} == {form.id for form in list_forms()}

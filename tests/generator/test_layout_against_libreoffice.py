"""Our pages against LibreOffice's of the same docx and fonts: blanks, examples and long texts."""

from __future__ import annotations

import json
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


def cases() -> dict[str, bytes]:
    """Case name → the docx that is laid out, for all forms."""
    found = {}
    for form in list_forms():
        if not (data_dir("templates") / f"{form.id}.docx").is_file():
            continue  # `form check` names it; one missing template must not hide the other forms
        kit = form_kit(form.id)
        answer_sets = {"blank": {}}
        for path in sorted((data_dir("schemas") / "examples" / form.id).glob("*.json")):
            every = form.family == "附录A–G" and path.stem.startswith("valid")
            if every or path.stem in ("valid-full", "long-full"):
                answer_sets[path.stem] = json.loads(path.read_text(encoding="utf-8"))
        for name, answers in answer_sets.items():
            found[f"{form.id}-{name}"] = kit.template.fill(
                kit.context.build(answers, sheet_text(form, answers, OPTIONS))
            )
    return found


CASES = cases()


@pytest.fixture(scope="module")
def theirs(soffice: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """LibreOffice's PDF of every case, converted in one call."""
    folder = tmp_path_factory.mktemp("oracle")
    paths = []
    for name, docx in CASES.items():
        paths.append(folder / f"{name}.docx")
        paths[-1].write_bytes(docx)
    return dict(zip(CASES, oracle.convert(paths, folder / "pdf"), strict=True))


@pytest.mark.parametrize("name", CASES)
def test_pages_lie_as_libreoffice_lays_them(name: str, theirs: dict[str, Path]) -> None:
    fonts = bundled_fonts()
    layout = typeset(CASES[name], fonts)
    ours = to_pdf(layout, [], title=name, timestamp=NOW, fonts=fonts)
    comparison = oracle.compare(ours, layout, theirs[name])
    assert not comparison.problems()

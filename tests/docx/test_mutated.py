"""Whatever a template has become: the check says something, and what it lets through prints."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from generator.docx.check import check_template
from generator.errors import GeneratorError
from generator.forms.catalogue import load_form
from generator.render import PrintIdentity, PrintOptions, form_kit, render_docx, render_pdf
from generator.typeset.fonts import bundled_fonts
from tests.docx.mutating import mutated

FORMS = ("case_note", "plan_d", "record_e", "file_note")
IDENTITY = PrintIdentity("FAR3---001", datetime(2026, 3, 5, tzinfo=UTC))


def _outcome(form_id: str, raw: bytes, path: Path) -> str:
    """What a user meets; any other error than ours goes up and fails the test."""
    findings = check_template(load_form(form_id), raw, subject="本站.docx")
    if any(finding.severity == "error" for finding in findings):
        assert all(finding.message for finding in findings)
        return "refused"
    path.write_bytes(raw)
    try:
        kit = form_kit(form_id, template=path)
        render_docx(kit, {}, PrintOptions(), IDENTITY)
        render_pdf(kit, {}, PrintOptions(), IDENTITY, bundled_fonts())
    except GeneratorError:
        return "let through, then refused"
    return "printed"


def _run(seeds: range, tmp_path: Path) -> Counter[str]:
    outcomes: Counter[str] = Counter()
    for seed in seeds:
        form_id = FORMS[seed % len(FORMS)]
        try:
            outcomes[_outcome(form_id, mutated(form_id, seed), tmp_path / "own.docx")] += 1
        except Exception as error:
            raise AssertionError(f"seed {seed} of {form_id}") from error
    return outcomes


def test_a_damaged_template_never_ends_in_an_internal_error(tmp_path: Path) -> None:
    outcomes = _run(range(40), tmp_path)
    assert outcomes["refused"] > 5
    assert outcomes["printed"] > 5
    assert outcomes["let through, then refused"] == 0


@pytest.mark.slow
@pytest.mark.parametrize("block", range(10))
def test_two_thousand_damaged_templates(
    block: int, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    outcomes = _run(range(1000 + block * 200, 1200 + block * 200), tmp_path)
    record_property("told", f"200 damaged templates: {dict(outcomes)}")
    assert sum(outcomes.values()) == 200
    assert outcomes["let through, then refused"] == 0

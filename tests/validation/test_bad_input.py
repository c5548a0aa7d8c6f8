"""docs/bad-input.md tells the truth: every documented mistake gives exactly the documented sentence."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.validation.bad_inputs import CASES

DOC = Path(__file__).resolve().parents[2] / "docs" / "bad-input.md"


def documented() -> dict[str, tuple[str, str]]:
    section = re.split(r"^## ", DOC.read_text(encoding="utf-8"), flags=re.MULTILINE)[1]
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in section.splitlines()
        if line[:1] == "|"
    ]
    return {name: (sentence, cure) for name, sentence, cure in rows[2:]}


def test_every_case_is_documented_and_every_row_is_a_case() -> None:
    assert list(documented()) == list(CASES)


@pytest.mark.parametrize("name", CASES)
def test_a_mistake_gives_its_documented_sentence(name: str) -> None:
    assert CASES[name]() == [documented()[name]]

"""docs/access-log.md says what the code does: the example, every sentence, every purpose."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from archives.log.anchor import anchor_line
from archives.log.event import ROW_FIELDS
from archives.log.finding import SENTENCES, Finding
from archives.log.purposes import Purpose
from tests.log.station import build
from tests.log.test_event import GOLDEN_BYTES

PAGE = (Path(__file__).parents[2] / "docs" / "access-log.md").read_text(encoding="utf-8")


def test_the_example_is_the_tested_one() -> None:
    assert GOLDEN_BYTES[49:].decode() in PAGE
    assert "`86a76d7748221f51831c18d51755d9d6a130470e56e7cf48258cd77fd17aff24`" in PAGE
    assert anchor_line(build().seals[0]) in PAGE


@pytest.mark.parametrize("kind", SENTENCES)
def test_every_sentence_is_explained(kind: str) -> None:
    sentence = re.escape(Finding(kind, 7, 5, 5, 2).sentence)
    assert re.search(re.sub(r"\d+", r"\\d+", sentence), PAGE)


def test_fields_and_purposes_stand_in_order() -> None:
    places = [PAGE.index(f"`{name}`") for name in ROW_FIELDS]
    assert places == sorted(places)
    assert all(f"| `{purpose}` | {purpose.label} |" in PAGE for purpose in Purpose)

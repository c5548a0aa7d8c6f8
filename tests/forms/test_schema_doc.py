"""docs/schema.md names everything a definition may use, and nothing else."""

from __future__ import annotations

import re
from pathlib import Path

from generator.forms import conditions, profile
from generator.forms.definition import LEVELS
from generator.forms.functions import RULE_FUNCTIONS, VALUE_FUNCTIONS

DOC = Path(__file__).resolve().parents[2] / "docs" / "schema.md"


def names_in(heading: str) -> list[str]:
    """The code words in the first column of the table under a heading."""
    section = DOC.read_text(encoding="utf-8").split(f"\n## {heading}\n")[1].split("\n## ")[0]
    return [found[1] for line in section.splitlines() if (found := re.match(r"\| `([^`]+)`", line))]


def test_tables_are_complete() -> None:
    assert names_in("Root keywords") == list(profile.ROOT_KEYWORDS)
    assert names_in("Form metadata: `x-form`") == list(profile.FORM_KEYWORDS)
    assert names_in("Field keywords") == list(profile.FIELD_KEYWORDS)
    assert names_in("Kinds") == list(profile.KINDS)
    assert names_in("Formats") == list(profile.FORMATS)
    assert names_in("Print formats") == list(profile.PRINT_FORMATS)
    assert names_in("Rules: `x-rules`") == list(profile.RULE_KEYWORDS)
    assert names_in("Rule functions") == list(RULE_FUNCTIONS)
    assert names_in("Computed values: `x-computed`") == list(VALUE_FUNCTIONS)
    assert names_in("Levels") == list(LEVELS)


def test_condition_words_are_in_the_table() -> None:
    section = DOC.read_text(encoding="utf-8").split("\n## Conditions\n")[1].split("\n## ")[0]
    for word in (*conditions.OPERATORS, *conditions.CONNECTIVES):
        assert f'"{word}"' in section

"""docs/retention.md says what the shipped schedule says."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from archives.calendar.overlay import parse_overlay
from archives.errors import ArchiveError
from archives.retention.conditions import FACTS
from archives.retention.item import EVENTS, HOLD_REASONS
from archives.retention.prolong import Override
from archives.retention.schedule import REASONS, TRIGGERS, Rule, parse
from tests.retention.making import shipped

PAGE = (Path(__file__).parents[2] / "docs" / "retention.md").read_text(encoding="utf-8")


def when(rule: Rule) -> str:
    tests = [
        f"{fact} {'≥' if operator == 'at_least' else '='} {str(operand).lower()}"
        for fact, test in (rule.condition or {}).items()
        for operator, operand in test.items()
    ]
    return rule.placing + "".join(f", {test}" for test in tests)


def table() -> str:
    """One row for all forms that share a rule, in the order of the classes."""
    forms: dict[tuple[str, ...], list[str]] = {}
    for rule in shipped().rules:
        kept = "for ever" if rule.years is None else f"{rule.years} years"
        row = (rule.retention_class, rule.trigger, f"{when(rule)}: {kept}", rule.reason, rule.clause)
        forms.setdefault(row, []).append(rule.form_id)
    order = ["P", "PS", "ADM", "G3"]
    return "\n".join(
        f"| {' | '.join(row)} | {', '.join(f'`{form}`' for form in names)} |"
        for row, names in sorted(forms.items(), key=lambda entry: (order.index(entry[0][0]), entry[0]))
    )


def test_the_table_is_that_of_the_shipped_schedule() -> None:
    assert table() in PAGE, "put this into docs/retention.md:\n" + table()


def test_every_word_of_a_schedule_is_explained() -> None:
    for word in (*FACTS, *EVENTS, *HOLD_REASONS, *REASONS, *TRIGGERS):
        assert f"`{word}`" in PAGE, word


GOOD_RULE = {"form": "note", "placing": "site", "class": "G3", "years": 3, "trigger": "document",
             "reason": "r3", "clause": "004·档案"}  # fmt: skip
TOP = {"version": "1", "start_rule": "next_year", "medical": False}


@pytest.mark.parametrize(
    "attempt",
    [
        lambda: parse(b""),
        lambda: parse(TOP | {"rules": [GOOD_RULE | {"years": 1}]}),
        lambda: parse(TOP | {"rules": [GOOD_RULE, GOOD_RULE]}),
        lambda: parse(TOP | {"rules": [GOOD_RULE | {"when": {"named": {"is": True}}}]}),
        lambda: parse_overlay(b"date,kind,source\n6.2.2027,workday,x\n"),
        lambda: parse_overlay(b"date,kind,source\n2027-02-06,workday,x\n2027-02-06,holiday,x\n"),
        lambda: Override("prolong", None, date(2030, 3, 10), "JD-1"),
    ],
)
def test_the_sentences_of_bad_input_are_those_of_the_page(attempt: Callable[[], object]) -> None:
    with pytest.raises(ArchiveError) as caught:
        attempt()
    assert f"| {caught.value.message} |" in PAGE

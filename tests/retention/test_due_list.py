"""What falls due in the coming months."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from archives.retention.decide import decide_all, due_list
from archives.retention.prolong import Override
from tests.retention.making import hold, item, shipped

TODAY = date(2029, 6, 30)


def test_what_falls_due_in_twelve_months_earliest_first() -> None:
    items = [
        replace(item(made=date(2027, 1, 1)), key="too late"),
        replace(item(made=date(2026, 3, 1)), key="in time"),
        replace(item(made=date(2025, 3, 1)), key="due already"),
        replace(item(made=None), key="undated"),
        replace(item("closure_g", "case"), key="permanent"),
        replace(item(made=date(2026, 9, 1)), key="held"),
    ]
    decisions = list(decide_all(items, shipped(), {"held": [hold()]}, TODAY))
    due = due_list(decisions, TODAY)
    assert [(it.key, it.status) for it in due] == [("held", "held"), ("in time", "retained")]
    assert {it.key for it in due_list(decisions, TODAY, months=24)} == {"held", "in time", "too late"}


def test_the_window_ends_with_its_last_day() -> None:
    decisions = list(decide_all([item()], shipped(start_rule="trigger_day"), {}, TODAY))
    assert decisions[0].eligible_on == date(2029, 5, 11)
    assert due_list(decisions, date(2028, 5, 11)) == (decisions[0],)
    assert due_list(decisions, date(2028, 5, 10)) == ()
    assert due_list(decisions, date(2029, 5, 10)) == (decisions[0],)
    assert due_list(decisions, date(2029, 5, 11)) == ()


def test_opinions_and_holds_belong_to_their_item() -> None:
    items = [replace(item(), key="a"), replace(item(), key="b")]
    opinions = {"b": [Override("prolong", 3, date(2030, 3, 10), "JD-1")]}
    first, second = decide_all(items, shipped(), {"a": [hold()]}, date(2030, 4, 1), opinions)
    assert (first.status, second.status) == ("held", "retained")

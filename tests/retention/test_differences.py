"""What a schedule changes is told: which papers, which class, which period, from what to what."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archives.retention.differences import differences, schedule_lines
from archives.retention.schedule import CLASSES, Schedule, parse
from generator.resources import data_dir

SHIPPED: dict[str, Any] = json.loads((data_dir("schemas") / "retention.json").read_text(encoding="utf-8"))
TIMED = [place for place, rule in enumerate(SHIPPED["rules"]) if rule.get("years")]


def schedule(change: dict[str, Any] | None = None, *, place: int | None = None, **head: Any) -> Schedule:
    body = copy.deepcopy(SHIPPED) | {"version": "2"} | head
    if place is not None:
        body["rules"][place] |= change or {}
    return parse(body)


OLD = parse(SHIPPED)


def test_the_same_rules_under_another_version_are_no_difference() -> None:
    assert differences(OLD, schedule()) == ()


@given(place=st.sampled_from(TIMED), years=st.integers(4, 100))
def test_a_changed_period_is_told_with_both_periods(place: int, years: int) -> None:
    rule = SHIPPED["rules"][place]
    new = schedule({"years": years}, place=place)
    found = differences(OLD, new)
    assert bool(found) == (years != rule["years"])
    for one in found:
        assert one.form_id == rule["form"]
        assert f"保管 {rule['years']} 年" in one.before
        assert f"保管 {years} 年" in one.after
        told = one.sentence(str)
        assert f"原 {one.before}；现 {one.after}" in told


def test_a_changed_class_is_told_by_its_name() -> None:
    place = next(n for n, rule in enumerate(SHIPPED["rules"]) if rule["class"] == "P")
    (one, *_) = differences(OLD, schedule({"class": "PS", "reason": "r2"}, place=place))
    assert CLASSES["P"] in one.before and CLASSES["PS"] in one.after


@pytest.mark.parametrize("head", [{"medical": True}, {"start_rule": "trigger_day"}])
def test_what_concerns_all_papers_is_told_first(head: dict[str, Any]) -> None:
    (one,) = differences(OLD, schedule(**head))
    assert one.placing is None and one.before != one.after


def test_a_form_that_is_added_or_dropped_is_told() -> None:
    body = copy.deepcopy(SHIPPED) | {"version": "2"}
    body["rules"] = [rule for rule in body["rules"] if rule["form"] != "referral"]
    less = parse(body)
    gone, new = differences(OLD, less), differences(less, OLD)
    assert gone and all("取消" in one.sentence(str) for one in gone)
    assert new and all("新增" in one.sentence(str) for one in new)


def test_the_page_holds_every_rule() -> None:
    text = "\n".join(schedule_lines(OLD, None, str))
    assert all(rule.form_id in text and rule.clause in text for rule in OLD.rules)
    assert OLD.sha256 in text

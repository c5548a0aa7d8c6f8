"""Conditions: the Python predicate and the JSON-Schema subschema say the same; sentences read well."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema_rs import Draft202012Validator

from generator.forms import conditions

NAMES = ("a", "b", "c")
scalars = st.sampled_from(["是", "否", "", 0, 1, 2, 1.5, True, False])
values: st.SearchStrategy[Any] = st.one_of(
    scalars,
    st.none(),
    st.lists(scalars, max_size=3),
    st.dictionaries(st.sampled_from(NAMES), scalars, max_size=2),
)
objects = st.dictionaries(st.sampled_from(NAMES), values, max_size=3)
operands = st.one_of(scalars, st.lists(scalars, min_size=1, max_size=3))
tests: st.SearchStrategy[Any] = st.recursive(
    st.one_of(
        operands,
        operands.map(lambda v: {"contains": v}),
        st.booleans().map(lambda v: {"present": v}),
    ),
    lambda inner: inner.map(lambda v: {"not": v}),
    max_leaves=2,
)
names = st.sampled_from([*NAMES, "/a", "/b/c"])
raw_conditions: st.SearchStrategy[dict[str, Any]] = st.recursive(
    st.dictionaries(names, tests, min_size=1, max_size=2),
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: {"any": parts}),
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: {"all": parts}),
        inner.map(lambda part: {"not": part}),
    ),
    max_leaves=4,
)


@given(raw_conditions, objects)
def test_predicate_and_subschema_agree(raw: dict[str, Any], answers: dict[str, Any]) -> None:
    condition = conditions.parse(raw)
    by_predicate = conditions.predicate(condition)(answers, answers)
    assert Draft202012Validator(conditions.subschema(condition)).is_valid(answers) == by_predicate


@given(raw_conditions, objects)
def test_not_is_the_opposite(raw: dict[str, Any], answers: dict[str, Any]) -> None:
    plain, opposite = conditions.parse(raw), conditions.parse({"not": raw})
    assert conditions.predicate(plain)(answers, answers) != conditions.predicate(opposite)(answers, answers)


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        ({"followup": "否"}, "跟进 = 否"),
        ({"followup": ["是", "否"]}, "跟进 = 是 或 否"),
        ({"modes": {"contains": "家访"}}, "方式 含 家访"),
        ({"phone": {"present": True}}, "phone 已填写"),
        ({"phone": {"present": False}}, "phone 未填写"),
        ({"followup": {"not": "否"}}, "跟进 已填写且不是 否"),
        ({"audio": True}, "audio = 是"),
        ({"any": [{"audio": True}, {"followup": "是"}]}, "audio = 是 或 跟进 = 是"),
        ({"not": {"followup": "是"}}, "并非（跟进 = 是）"),
        (
            {"audio": True, "any": [{"phone": "1"}, {"followup": "是"}]},
            "audio = 是 且 （phone = 1 或 跟进 = 是）",
        ),
    ],
)
def test_sentences(raw: dict[str, Any], words: str) -> None:
    labels = {"followup": "跟进", "modes": "方式"}
    condition = conditions.parse(raw)
    assert conditions.sentence(condition, lambda test: labels.get(test.path[-1], test.path[-1])) == words


def test_answered_but_something_else_needs_an_answer() -> None:
    holds = conditions.predicate(conditions.parse({"a": {"not": "否"}}))
    assert [holds(d, d) for d in ({}, {"a": "否"}, {"a": "是"})] == [False, False, True]


@pytest.mark.parametrize(
    "raw",
    [{}, [], "是", {"a": {"containz": 1}}, {"a": {"contains": 1, "present": True}}, {"a": []}, {"a": None}],
)
def test_what_is_no_condition_is_refused(raw: Any) -> None:
    with pytest.raises(conditions.ConditionInvalid):
        conditions.parse(raw)


def test_a_misspelt_operator_gets_a_suggestion() -> None:
    with pytest.raises(conditions.ConditionInvalid, match="contains"):
        conditions.parse({"a": {"contain": "x"}})

"""Rating scales: their data, their totals, the forms that carry their items, and that nothing mixes them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.errors import FormDefinitionInvalid
from generator.forms.catalogue import load_form
from generator.forms.functions import VALUE_FUNCTIONS
from generator.forms.instruments import (
    NOT_APPLICABLE,
    Score,
    change,
    instrument_ids,
    load_instrument,
    total,
    trends,
)
from generator.resources import data_dir

ITEMISED = [name for name in instrument_ids() if load_instrument(name).items]
TOTALS_OF = {
    "kd_psychosocial": "kd",
    "sdss": "sdss",
    "adl14": "adl",
    "whodas12": "whodas",
    "mrss": "mrss",
    "ipros": "ipros",
}
FORM = load_form("psychosocial_assessment")
STAGE = load_form("stage_assessment")


def full_example() -> dict[str, Any]:
    path = data_dir("schemas") / "examples" / FORM.id / "valid-full.json"
    document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return document


def test_the_shipped_scales() -> None:
    counts = {name: len(load_instrument(name).items) for name in instrument_ids()}
    assert counts == {"adl14": 14, "ipros": 0, "kd_psychosocial": 20, "mrss": 0, "sdss": 10, "whodas12": 12}


@pytest.mark.parametrize("name", instrument_ids())
def test_every_scale_says_what_may_be_done_with_it(name: str) -> None:
    scale = load_instrument(name)
    assert scale.licence and scale.status and scale.source and scale.period


def test_the_own_item_bank_has_the_three_dimensions() -> None:
    items = load_instrument("kd_psychosocial").items
    dimensions = [item.dimension for item in items]
    assert {name: dimensions.count(name) * 5 for name in dimensions} == {
        "社交技巧": 25,
        "人际关系": 35,
        "社区适应": 40,
    }
    assert len({item.text for item in items}) == 20


@pytest.mark.parametrize("name", ITEMISED)
def test_bounds_follow_from_items_and_anchors(name: str) -> None:
    scale = load_instrument(name)
    values = [value for value in scale.anchors if value != NOT_APPLICABLE]
    assert (scale.lowest, scale.highest) == (
        min(values) * len(scale.items),
        max(values) * len(scale.items),
    )


@pytest.mark.parametrize("name", ITEMISED)
def test_the_form_asks_exactly_the_items_of_the_scale(name: str) -> None:
    scale = load_instrument(name)
    for number, item in enumerate(scale.items, start=1):
        spec = FORM.fields[f"/{item.id}"]
        assert spec.label == f"{number}．{item.text}"
        assert spec.options == tuple(scale.anchors)
        assert spec.when == {"instruments": {"contains": scale.option}}


@pytest.mark.parametrize("name", instrument_ids())
def test_the_total_is_of_this_scale_alone(name: str) -> None:
    scale = load_instrument(name)
    spec = FORM.fields[f"/{TOTALS_OF[name]}_total"]
    assert spec.when == {"instruments": {"contains": scale.option}}
    assert spec.index == f"score_{name}_{scale.version}"
    if scale.items:
        assert spec.computed == {"fn": "score", "args": [f"/{item.id}" for item in scale.items]}
        assert FORM.schema["properties"][spec.name]["minimum"] == scale.lowest
        assert FORM.schema["properties"][spec.name]["maximum"] == scale.highest


def test_the_form_offers_the_shipped_scales_and_no_other() -> None:
    offered = {load_instrument(name).option for name in instrument_ids()}
    assert set(FORM.fields["/instruments"].options) == offered


@pytest.mark.parametrize("prefix", TOTALS_OF.values())
def test_a_stage_compares_a_scale_only_with_itself(prefix: str) -> None:
    now, baseline = STAGE.fields[f"/{prefix}_now"], STAGE.fields[f"/{prefix}_baseline"]
    assert now.prefill == f"psychosocial_assessment.{prefix}_total"
    assert baseline.prefill == f"case.baseline_{prefix}_total"
    computed = STAGE.fields[f"/{prefix}_change"].computed
    assert computed == {"fn": "difference", "args": [baseline.pointer, now.pointer]}


scores = st.builds(
    Score,
    instrument=st.sampled_from(instrument_ids()),
    version=st.integers(1, 2),
    day=st.dates().map(str),
    total=st.integers(0, 100),
)


@given(scores, scores)
def test_scores_of_two_scales_or_versions_have_no_difference(one: Score, other: Score) -> None:
    alike = (one.instrument, one.version) == (other.instrument, other.version)
    assert change(one, other) == (other.total - one.total if alike else None)


@given(st.lists(scores))
def test_a_trend_holds_one_version_of_one_scale_in_order(taken: list[Score]) -> None:
    found = trends(taken)
    assert sorted(map(repr, taken)) == sorted(repr(score) for series in found.values() for score in series)
    for key, series in found.items():
        assert {(score.instrument, score.version) for score in series} == {key}
        assert [score.day for score in series] == sorted(score.day for score in series)


@given(st.lists(st.sampled_from([0, 1, 2, NOT_APPLICABLE]), min_size=10, max_size=10))
def test_not_applicable_is_answered_but_not_added(answers: list[int]) -> None:
    counted = [answer for answer in answers if answer != NOT_APPLICABLE]
    expected = sum(counted) if counted else None
    assert VALUE_FUNCTIONS["score"].call([[answer] for answer in answers]) == expected


@given(st.integers(0, 9))
def test_an_unanswered_item_gives_no_total(missing: int) -> None:
    assert VALUE_FUNCTIONS["score"].call([[] if n == missing else [1] for n in range(10)]) is None
    assert VALUE_FUNCTIONS["sdss_verdict"].call([[] if n == missing else [1] for n in range(10)]) is None


def test_true_is_no_score() -> None:
    assert total([1, True], 2) is None


@pytest.mark.parametrize(
    ("answers", "verdict"),
    [
        ([0] * 10, "未达缺陷界限"),
        ([1] + [0] * 9, "未达缺陷界限"),
        ([1, 1] + [0] * 8, "社会功能缺陷"),
        ([2] + [9] * 9, "社会功能缺陷"),
    ],
)
def test_sdss_threshold_is_two(answers: list[int], verdict: str) -> None:
    assert VALUE_FUNCTIONS["sdss_verdict"].call([[answer] for answer in answers]) == verdict


@pytest.mark.parametrize(
    ("answers", "verdict"),
    [
        ([1] * 14, "正常"),
        ([2] + [1] * 13, "有所下降"),
        ([2] * 7 + [1] * 7, "有所下降"),
        ([2] * 8 + [1] * 6, "明显障碍"),
        ([3] + [1] * 13, "有所下降"),
        ([3, 3] + [1] * 12, "明显障碍"),
    ],
)
def test_adl_thresholds(answers: list[int], verdict: str) -> None:
    assert VALUE_FUNCTIONS["adl14_verdict"].call([[answer] for answer in answers]) == verdict


def test_printed_verdicts_are_those_of_the_data() -> None:
    for name, prefix in (("sdss", "sdss"), ("adl14", "adl")):
        labels = {verdict.label for verdict in load_instrument(name).verdicts}
        assert set(FORM.fields[f"/{prefix}_verdict"].options) == labels


def test_the_example_adds_up() -> None:
    answers = full_example()
    assert answers["kd_total"] == sum(answers[f"kd_{number}"] for number in range(1, 21))


def test_an_unknown_scale_is_told() -> None:
    with pytest.raises(FormDefinitionInvalid, match=r"no_such\.json"):
        load_instrument("no_such")

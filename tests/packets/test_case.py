"""CASE files as people and programs make them: every mistake at once, with its place and a cure."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.packets.case import read_case, track
from tests.packets import sample_case
from tests.packets.conftest import document


def told(written: Any) -> list[str]:
    return [
        f"{found.severity} {found.pointer} {found.message}{found.hint}" for found in read_case(written)[1]
    ]


def test_the_sample_case_is_what_the_examples_make() -> None:
    assert sample_case.PATH.read_text(encoding="utf-8") == sample_case.text(), (
        "run: python -m tests.packets.sample_case"
    )


def test_the_sample_case_has_no_finding() -> None:
    assert told(document()) == []


ON_SHEET = {"person": {"name": "样例甲"}, "case": {"case_no": "GA-2025-0001"}}


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        ({"persons": {}}, "error /persons 不认识的部分。是不是“person”？"),
        ({"person": []}, "error /person 应是一个对象，即由 { 和 } 括起的各项。"),
        (
            {"forms": {"aplication_b": {}}},
            "error /forms/aplication_b 没有这个编号的表单。是不是“application_b”？",
        ),
        ({"forms": {"application_b": [1]}}, "error /forms/application_b/0 应是一个对象，即一份数据。"),
        ({"forms": {"application_b": "x"}}, "error /forms/application_b 应是一个对象，即一份数据。"),
        (
            {"forms": {"record_e": [{}] * 401}},
            "error /forms/record_e 共 401 份，超过上限 400 份。请分开打印。",
        ),
        (
            {"forms": {"attendance_sheet": {}}},
            "error /forms/attendance_sheet 签到表有多人签名，归入站点业务档案。不会印进文书包。",
        ),
        (
            {"forms": {"activity_record": {}}},
            "error /forms/activity_record 活动记录记多人；个人档案只放本人的摘录（activity_extract）。"
            "请移到 site 部分，打印时只取本人的一行。",
        ),
        (
            {"site": {"activity_recrod": {}}},
            "error /site/activity_recrod 这种表单不能从中取本人的一行。是不是“activity_record”？",
        ),
        (
            {"site": {"inquiry_log": {}}},
            "error /site/inquiry_log 这种表单不能从中取本人的一行。site 中只能放：activity_record。",
        ),
        (
            {"site": {"activity_record": [3]}},
            "error /site/activity_record/0 应是一个对象，即一份数据。",
        ),
        (
            ON_SHEET | {"site": {"activity_record": {"participants": [{"name": "样例丁"}]}}},
            "warning /site/activity_record/0 参加人员中没有本人，不会印出。"
            "请核对姓名和个案编号；没有参加的请删去这份记录。",
        ),
        (
            ON_SHEET
            | {"site": {"activity_record": {"participants": [{"name": "样例甲"}, {"name": "样例 甲"}]}}},
            "warning /site/activity_record/0 活动记录中有几行都符合，分不清是哪一位。"
            "同名的请改用个案编号；重复的行请先删去。这份记录不会印出。",
        ),
        (
            ON_SHEET
            | {
                "site": {
                    "activity_record": {"participants": [{"name": "样例丁", "client_no": "GA-2025-0001"}]}
                }
            },
            "warning /site/activity_record/0 活动记录中与个案编号同行的是另一个姓名。"
            "请核对该行的姓名和编号。这份记录不会印出。",
        ),
        ({"person": {"gendr": "男"}}, "warning /person/gendr 不认识的项。是不是“gender”？"),
        (
            {"person": {"name": "样例\u200b甲"}},
            "error /person/name 含有不能打印的字符（U+200B）。请删除后重新输入这一项。",
        ),
        (
            {"case": {"track": "x"}},
            "error /case/track 只能是 sw（个案工作）、inst（机构康复）或 both（两者）。",
        ),
        (
            {"case": {"not_applicable": ["medication_record"]}},
            'error /case/not_applicable 写成 {"表单编号": "不适用的原因"}。',
        ),
    ],
)
def test_each_mistake_has_its_sentence(written: dict[str, Any], sentence: str) -> None:
    assert told(written) == [sentence]


def test_all_mistakes_are_told_at_once() -> None:
    written = {"person": 1, "case": {"track": 2}, "forms": {"nothing_like_it": {}, "plan_d": [None]}, "x": 0}
    assert [line.split()[1] for line in told(written)] == [
        "/x", "/person", "/forms/nothing_like_it", "/forms/plan_d/0", "/case/track",
    ]  # fmt: skip


def test_a_mistake_never_repeats_an_answer() -> None:
    written = {"person": {"name": "样例\u202e秘密"}, "case": {"track": "秘密"}, "forms": {"plan_d": ["秘密"]}}
    assert "秘密" not in json.dumps(told(written), ensure_ascii=False)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@given(
    st.dictionaries(
        st.sampled_from(["station", "person", "case", "forms", "other"]),
        json_values | st.dictionaries(st.sampled_from(["application_b", "record_e", "track"]), json_values),
    )
)
def test_whatever_is_written_the_case_comes_back_in_shape(written: dict[str, Any]) -> None:
    case, _ = read_case(written)
    assert set(case) == {"station", "person", "case", "forms", "site"}
    assert all(isinstance(row, dict) for rows in case["forms"].values() for row in rows)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ({"case": {"track": "inst"}, "forms": {"application_b": {}}}, "inst"),
        ({"station": {"track": "both"}}, "both"),
        ({"forms": {"application_b": {}}}, "sw"),
        ({"forms": {"admission_application": {}}}, "inst"),
        ({"forms": {"admission_application": {}, "plan_d": {}}}, "both"),
    ],
)
def test_the_track_is_as_said_or_as_the_forms_show(written: dict[str, Any], expected: str) -> None:
    assert track(read_case(written)[0]) == expected

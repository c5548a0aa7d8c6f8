"""Reading a schedule: what is refused and with which words, and the form that is hashed and approved."""

from __future__ import annotations

import contextlib
import copy
import hashlib
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archives.errors import ScheduleInvalid
from archives.retention.schedule import canonical, parse
from generator.resources import data_dir
from tests.retention.making import shipped_json

RULE = {
    "form": "note",
    "placing": "site",
    "class": "G3",
    "years": 3,
    "trigger": "document",
    "reason": "r3",
    "clause": "004·档案",
}


def body(*rules: Any, **changes: Any) -> dict[str, Any]:
    top = {"version": "1", "start_rule": "next_year", "medical": False, "rules": list(rules) or [RULE]}
    return top | changes


def rule(**changes: Any) -> dict[str, Any]:
    return {key: value for key, value in (RULE | changes).items() if value is not ...}


@pytest.mark.parametrize(
    ("given_body", "told"),
    [
        ({}, "的顶层应恰好有 medical、rules、start_rule、version"),
        (body(notes="x"), "的顶层应恰好有"),
        (body(version=""), "version 应是如 2026.1 的版本号"),
        (body(version=2), "version 应是如 2026.1 的版本号"),
        (body(start_rule="today"), "start_rule 应是 next_year 或 trigger_day"),
        (body(medical="no"), "medical 应是 true 或 false"),
        (body(rules=[]), "rules 应是规则的非空列表"),
        (body(rules="all"), "rules 应是规则的非空列表"),
        (body(RULE, "P"), r"rules\[1\] 应有 "),
        (body(rule(trigger=...)), r"rules\[0\] 应有 "),
        (body(rule(note="x")), r"rules\[0\] 应有 "),
        (body(rule(form="Note")), "form 应是表单编号"),
        (body(rule(placing="shelf")), "placing 应是 case、application、site、register 或 any"),
        (body(rule(reason="r9")), "reason 应是 r1、r2、r3、r4、r5 之一"),
        (body(rule(reason=[])), "reason 应是"),
        (body(rule(clause=" ")), "clause 应写明依据"),
        (body(rule(clause="一\n二")), "clause 应写明依据"),
        (body(rule(**{"class": "G5"})), "class 应是 P、PS、G3、ADM 之一"),
        (body(rule(trigger="birth")), "trigger 应是 none、document、closing"),
        (body(rule(trigger="none")), "有期限，须写明起算的 trigger"),
        (body(rule(years=...)), "years 应是 3 到 100 的整数"),
        (body(rule(years=2)), "years 应是 3 到 100 的整数"),
        (body(rule(years=101)), "years 应是 3 到 100 的整数"),
        (body(rule(years=3.0)), "years 应是 3 到 100 的整数"),
        (body(rule(years=True)), "years 应是 3 到 100 的整数"),
        (body(rule(**{"class": "P"})), "是永久保存，不写 years"),
        (body(rule(**{"class": "ADM"}, years=...)), "trigger 应是 none"),
        (body(rule(when={}), RULE), "when 应是“事实: 判断”的对象"),
        (
            body(rule(when={"weather": {"is": True}}), RULE),
            "事实应是 outcome、risk_level、named、yearly 之一",
        ),
        (body(rule(when={"named": True}), RULE), "named 的判断应是 is 或 at_least 之一"),
        (body(rule(when={"named": {"not": True}}), RULE), "named 的判断应是"),
        (body(rule(when={"named": {"is": "yes"}}), RULE), "named 的取值不合类型"),
        (body(rule(when={"named": {"is": "true"}}), RULE), "named 的取值不合类型"),
        (body(rule(when={"outcome": {"is": "refused"}}), RULE), "outcome 的取值不合类型"),
        (body(rule(when={"risk_level": {"at_least": "3"}}), RULE), "risk_level 的取值不合类型"),
        (body(rule(when={"named": {"at_least": True}}), RULE), "named 不能比较大小"),
        (body(rule(when={"named": {"is": True}})), "最后一条规则带有条件"),
        (body(RULE, RULE), r"rules\[1\] 永远轮不到"),
        (body(rule(placing="any"), RULE), r"rules\[1\] 永远轮不到.*（site）"),
    ],
)
def test_what_is_refused(given_body: dict[str, Any], told: str) -> None:
    for form in (given_body, json.dumps(given_body).encode()):
        with pytest.raises(ScheduleInvalid, match=told):
            parse(form)


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        (b"", "第1行第1列不是合法的 JSON"),
        (b"{", "不是合法的 JSON"),
        (b"[]", "应是一个 JSON 对象"),
        (b'{"version": "1", "version": "2"}', "有重复的键"),
        (b'{"medical": NaN}', "不是数的数"),
        (b'{"version": ' + b"9" * 5000 + b"}", "过大的数"),
        (b'{"rules": ' + b"[" * 200_000 + b"}", "嵌套过深|不是合法的 JSON"),
        ("{“version”}".encode("gbk"), "不是 UTF-8 文本"),
        (b" " * 1_000_001, "超过 1 MB"),
    ],
)
def test_bytes_that_are_no_schedule(raw: bytes, told: str) -> None:
    with pytest.raises(ScheduleInvalid, match=told):
        parse(raw)


def test_every_problem_is_named_the_first_eight_in_words() -> None:
    with pytest.raises(ScheduleInvalid) as caught:
        parse(body(*[rule(years=1)] * 10))
    assert caught.value.message.count("years 应是") == 8
    assert "rules[7]" in caught.value.message
    assert caught.value.message.endswith("；另有2处。")
    assert caught.value.hint == "请改正保管期限表后重新提交。"


def test_the_canonical_form_byte_for_byte() -> None:
    schedule = parse(
        body(rule(when={"named": {"is": True}}, **{"class": "P"}, years=..., trigger="none"), RULE)
    )
    assert canonical(schedule).decode() == (
        '{"medical":false,"rules":['
        '{"class":"P","clause":"004·档案","form":"note","placing":"site","reason":"r3","trigger":"none",'
        '"when":{"named":{"is":true}}},'
        '{"class":"G3","clause":"004·档案","form":"note","placing":"site","reason":"r3","trigger":"document",'
        '"years":3}],"start_rule":"next_year","version":"1"}'
    )
    assert schedule.sha256 == hashlib.sha256(canonical(schedule)).hexdigest()


def test_spacing_comments_and_the_order_of_forms_do_not_change_the_hash() -> None:
    original = parse((data_dir("schemas") / "retention.json").read_bytes())
    again = shipped_json() | {"$comment": "别的说明"}
    again["rules"] = sorted(again["rules"], key=lambda entry: entry["form"], reverse=True)
    assert parse(json.dumps(again, indent=7).encode()) == original
    assert parse(canonical(original)) == original


def test_changing_the_data_read_does_not_change_the_schedule() -> None:
    given_body = body(rule(when={"named": {"is": True}}), RULE)
    schedule = parse(given_body)
    before = canonical(schedule)
    given_body["rules"][0]["when"]["named"]["is"] = False
    assert canonical(schedule) == before


def _years(entry: dict[str, Any]) -> None:
    entry["years"] = entry["years"] + 1 if "years" in entry else 3
    entry.update({"class": "G3", "trigger": entry["trigger"] if entry["trigger"] != "none" else "document"})


CHANGES: list[Callable[[dict[str, Any]], None]] = [
    _years,
    lambda entry: entry.update(clause=entry["clause"] + "条"),
    lambda entry: entry.update(reason="r5" if entry["reason"] != "r5" else "r1"),
    lambda entry: entry.update(form=entry["form"] + "_x", when={"named": {"is": True}}) or entry.pop("when"),
]


@given(st.data())
def test_any_change_to_any_rule_changes_the_hash(data: st.DataObject) -> None:
    original = shipped_json()
    # A rule that stands alone for its form stays valid whatever is changed in it.
    alone = [
        number
        for number, entry in enumerate(original["rules"])
        if sum(other["form"] == entry["form"] for other in original["rules"]) == 1
    ]
    changed = copy.deepcopy(original)
    data.draw(st.sampled_from(CHANGES))(changed["rules"][data.draw(st.sampled_from(alone))])
    assert parse(changed).sha256 != parse(original).sha256


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    )
)
def test_no_data_whatever_crashes_the_check(anything: Any) -> None:
    """This test ensures that a damaged table ends in a sentence: each place of a good one is replaced."""
    for given_body in (
        body(anything),
        body(rules=anything),
        *(body(**{key: anything}) for key in ("version", "start_rule", "medical")),
        *(body(rule(**{key: anything}), RULE) for key in (*RULE, "when")),
    ):
        with contextlib.suppress(ScheduleInvalid):
            assert parse(given_body).rules

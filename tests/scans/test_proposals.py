"""A difference in words, and accepted differences as answers."""

from __future__ import annotations

import copy
import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.station.scanning.comparing import Difference, compare, from_dict, proposal, sentence
from generator.docx.bookmarks import printed_options
from generator.forms.catalogue import load_form
from generator.identity.page_map import PageMap, PageMapEntry
from generator.reading.ticks import State
from tests.scans.test_comparing import report_of


def told(
    pointer: str, option: str | None, read: str, *, kind: str = "tick", sure: bool = True, **more: Any
) -> Difference:
    at = PageMapEntry(
        re.sub(r"/\d+/", "/*/", pointer), more.get("occurrence", 1), option, "tick", 2, 1.0, 2.0, 3.0, 4.0
    )
    is_printed = more.get("printed", read != "marked")
    return Difference(kind, pointer, option, is_printed, read, sure, 0.9, 2, at)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("difference", "words"),
    [
        (told("/service_modes", "面谈", "marked"), "纸上勾选了“面谈”，档案中没有勾选。"),
        (told("/service_modes", "面谈", "empty"), "纸上没有勾选“面谈”，档案中已勾选。"),
        (
            told("/service_modes", "面谈", "crossed out", sure=False),
            "纸上的“面谈”像是被划掉了，档案中已勾选，请看纸上。",
        ),
        (
            told("/service_modes", "面谈", "marked", sure=False),
            "看不清纸上是否勾选了“面谈”（像是勾选了），档案中没有勾选，请看纸上。",
        ),
        (
            told("/service_modes", "面谈", "empty", kind="unsure", sure=False, printed=False),
            "看不清纸上是否勾选了“面谈”（像是没有勾选），档案中没有勾选，请看纸上。",
        ),
        (told("/service_modes", None, "empty", kind="signature"), "应当签字，纸上是空的。"),
        (
            told("/service_modes", None, "marked", kind="signature", sure=False),
            "看不清是否已签字，请看纸上。",
        ),
        (
            told("/service_modes", None, "empty", kind="mark", sure=False),
            "这里的选项没有方格，不能读取；档案中没有填，请看纸上是否勾选。",
        ),
    ],
)
def test_a_difference_is_told_in_one_sentence(difference: Difference, words: str) -> None:
    assert sentence(load_form("record_e"), difference) == f"第2页“服务方式”：{words}"


def test_a_row_is_named_by_its_number() -> None:
    form = load_form("info_exchange")
    one = told("/recipients/1/receipt", None, "empty", kind="signature", occurrence=2)
    assert sentence(form, one) == "第2页“回执签名（第2行）”：应当签字，纸上是空的。"


def test_a_difference_is_kept_as_json_and_does_not_tell_itself_in_a_log() -> None:
    one = told("/service_modes", "面谈", "marked")
    assert from_dict(json.loads(json.dumps(one.to_dict(), ensure_ascii=False))) == one
    assert "面谈" not in repr(one)
    assert "service_modes" not in repr(one)


def test_a_single_choice_is_replaced_and_a_multiple_one_added_to_and_taken_from() -> None:
    form = load_form("needs_survey")
    answers = {"transport": "公交", "answered_by": ["监护人"], "need_meal": True, "survey_kind": "首次"}
    before = copy.deepcopy(answers)
    accepted = [
        told("/transport", "步行", "marked"),
        told("/transport", "公交", "crossed out"),
        told("/answered_by", "本人", "marked"),
        told("/need_meal", "是", "crossed out"),
        told("/survey_kind", "首次", "empty", kind="unsure", printed=True),
        told("/client_sign", None, "empty", kind="signature"),
    ]
    assert proposal(form, answers, accepted) == {"transport": "步行", "answered_by": ["本人", "监护人"]}
    assert answers == before
    emptied = proposal(form, answers, [told("/answered_by", "监护人", "crossed out")])
    assert "answered_by" not in emptied


def test_boxes_in_rows_are_answered_in_their_rows() -> None:
    form = load_form("record_e")
    box = PageMapEntry("/sign_in/*/method", 2, "手印", "tick", 1, 1, 1, 4, 4)
    answers = {"sign_in": [{"method": "手写签字"}, {"method": "手写签字"}]}
    accepted = compare(form, answers, report_of((box, "marked", 1.0)), PageMap((box,)))
    assert [one.pointer for one in accepted] == ["/sign_in/1/method"]
    assert proposal(form, answers, accepted) == {
        "sign_in": [{"method": "手写签字"}, {"method": "手印"}],
    }
    assert proposal(form, {}, accepted) == {"sign_in": [{}, {"method": "手印"}]}


def test_a_choice_among_numbers_stays_a_number() -> None:
    form = load_form("risk_assessment")
    assert proposal(form, {"risk_level": 0}, [told("/risk_level", "3", "marked")]) == {"risk_level": 3}


_TICKABLE = ("/gender", "/answered_by", "/service_form_wish", "/employment_wish", "/transport")


@given(st.data())
def test_what_is_accepted_whole_leaves_no_difference(data: st.DataObject) -> None:
    """Whatever record and paper said: once the paper's answers are entered, comparing again is silent."""
    form = load_form("needs_survey")
    record: dict[str, Any] = {}
    readings: list[tuple[PageMapEntry, State, float]] = []
    for spec in map(form.fields.__getitem__, _TICKABLE):
        words = printed_options(spec)
        many = spec.kind == "set"
        for target in ("record", "paper"):
            chosen = data.draw(st.sets(st.sampled_from(words), max_size=len(words) if many else 1))
            if target == "paper":
                readings += [
                    (
                        PageMapEntry(spec.pointer, 1, word, "tick", 1, 1, 1, 4, 4),
                        "marked" if word in chosen else "empty",
                        1.0,
                    )
                    for word in words
                ]
            elif chosen:
                values = [option for option in spec.options if str(option) in chosen]
                record[spec.name] = chosen == {"是"} if spec.kind == "bool" else values if many else values[0]
    report, whole = report_of(*readings), PageMap()
    told = compare(form, record, report, whole)
    entered = proposal(form, record, told)
    assert compare(form, entered, report, whole) == ()
    assert bool(told) == (entered != record)

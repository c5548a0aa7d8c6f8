"""Prefill: what is known is filled in, what is given stays, what does not fit or apply is left alone."""

from __future__ import annotations

import copy
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.forms.catalogue import load_form
from generator.packets.case import Case
from generator.packets.share import share_prefilled
from generator.packets.survey import survey
from generator.prefill import Prefiller, document_date, prefill
from tests.packets.conftest import AT, case_of, document

IN_SCOPE = "服务对象面临的问题在中心服务受理范围内"
PERSON = {"name": "样例甲", "gender": "男", "birth_date": "1985-03-12", "phone": "13800000000"}


def case(**parts: Any) -> dict[str, Any]:
    return {"station": {}, "person": PERSON, "case": {}, "forms": {}} | parts


def test_what_is_known_of_the_person_is_filled_and_its_origin_told(now: datetime) -> None:
    answers, origins = prefill(load_form("application_b"), case(), now)
    assert answers["client_name"] == "样例甲"
    assert origins["/client_name"] == "person.name"
    assert "/cid" not in origins


def test_a_given_answer_is_never_overwritten(now: datetime) -> None:
    answers, origins = prefill(load_form("application_b"), case(), now, {"client_name": "样例乙"})
    assert answers["client_name"] == "样例乙"
    assert "/client_name" not in origins


def test_a_given_address_is_not_mixed_with_the_known_one(now: datetime) -> None:
    known = case(
        person={**PERSON, "address": {"province": "四川省", "city": "攀枝花市", "detail": "样例路 1 号"}}
    )
    answers, _ = prefill(load_form("application_b"), known, now, {"address": {"province": "云南省"}})
    assert answers["address"] == {"province": "云南省"}


def test_computed_fields_are_filled_from_prefilled_ones(now: datetime) -> None:
    answers, origins = prefill(load_form("application_b"), case(), now, {"application_date": "2025-03-03"})
    assert answers["age"] == 39
    assert origins["/age"] == "computed"


def test_a_field_that_does_not_apply_stays_empty(now: datetime) -> None:
    known = case(case={"case_no": "GA-2025-0001"})
    rejected, _ = prefill(load_form("application_b"), known, now, {"followup": "否"})
    accepted, _ = prefill(
        load_form("application_b"), known, now,
        {"followup": "是", "accept_basis": IN_SCOPE, "inscope_action": ["接案"]},
    )  # fmt: skip
    assert "case_no" not in rejected
    assert accepted["case_no"] == "GA-2025-0001"


@pytest.mark.parametrize(
    "person",
    [
        {"gender": "未知"},
        {"birth_date": "1985年"},
        {"phone": {"a": 1}},
        {"name": ["样例甲", 3]},
        {"address": "四川省"},
        {"contact_name": {"name": {"deep": []}}},
    ],
)
def test_a_value_that_does_not_fit_is_left_out(person: dict[str, Any], now: datetime) -> None:
    answers, _ = prefill(load_form("application_b"), case(person=person), now)
    assert answers == {}


def test_a_form_copies_from_another_that_is_itself_prefilled(now: datetime) -> None:
    known = case(forms={"application_b": {"channel": "他人转介"}})
    answers, origins = prefill(load_form("closure_g"), known, now)
    # Forms B and G name the same way in differently.
    assert answers["channel"] == "相关转介"
    assert origins["/channel"] == "application_b.channel"


def test_the_latest_instance_is_the_one_copied_from(now: datetime) -> None:
    early = {"application_date": "2025-01-01", "channel": "主动求助"}
    late = {"application_date": "2025-06-01", "channel": "社工发现"}
    answers, _ = prefill(load_form("closure_g"), case(forms={"application_b": [late, early]}), now)
    assert answers["channel"] == "社工发现"


def test_service_records_number_themselves(now: datetime) -> None:
    form, rows = load_form("record_e"), [{"session_no": 1}, {}, {"session_no": 7}]
    known = case(forms={"record_e": rows})
    numbers = [prefill(form, known, now, row, index=index)[0]["session_no"] for index, row in enumerate(rows)]
    assert numbers == [1, 2, 7]
    assert prefill(form, known, now)[0]["session_no"] == 8


ASSESSOR = {"name": "样例医师", "qualification": "精神科医师", "unit": "样例医院"}


def test_the_stations_assessor_goes_in_whole_or_not_at_all(now: datetime) -> None:
    form, known = load_form("risk_assessment"), case(station={"risk_assessor": ASSESSOR})
    answers, origins = prefill(form, known, now)
    assert [answers[name] for name in ("assessor", "assessor_qualification", "assessor_unit")] == [
        *ASSESSOR.values()
    ]
    assert origins["/assessor_unit"] == "station.risk_assessor.unit"
    # Somebody else assessed: post and unit of the usual one would be false.
    other, _ = prefill(form, known, now, {"assessor": "样例护士"})
    assert "assessor_qualification" not in other
    assert "assessor_unit" not in other
    same, _ = prefill(form, known, now, {"assessor": "样例医师"})
    assert same["assessor_unit"] == "样例医院"


def test_the_scores_of_the_baseline_come_from_its_own_form(now: datetime) -> None:
    scored = {f"sdss_{n}": 1 for n in range(1, 11)} | {
        "instruments": ["SDSS（1版）"],
        "birth_date": "1985-03-12",
    }
    rounds = [
        scored | {"assess_date": "2025-03-18", "round": "基线"},
        scored | {"assess_date": "2025-06-18", "round": "过程", "sdss_1": 0},
    ]
    known = case(forms={"psychosocial_assessment": rounds})
    answers, origins = prefill(load_form("admission_assessment"), known, now, {"assess_type": ["基线"]})
    assert answers["scores"] == [
        {
            "instrument": "社会功能缺陷筛选量表（SDSS）",
            "total": 10,
            "date": "2025-03-18",
            "note": "社会功能缺陷",
        }
    ]
    assert origins["/scores"] == "case.baseline_scores"
    assert prefill(load_form("stage_assessment"), known, now)[0]["sdss_baseline"] == 10


def test_only_the_first_agreement_begins_with_the_service(now: datetime) -> None:
    form, known = load_form("service_agreement"), case(case={"admission_date": "2025-03-17"})
    assert prefill(form, known, now)[0]["start_date"] == "2025-03-17"
    renewed = case(case={"admission_date": "2025-03-17"}, forms={"service_agreement": [{}]})
    assert "start_date" not in prefill(form, renewed, now)[0]
    assert "start_date" not in prefill(load_form("employment_agreement"), known, now)[0]


def test_a_prefilled_beginning_is_still_the_day_of_an_agreement() -> None:
    answers = {"start_date": "2025-03-17", "end_date": "2026-03-16"}
    assert document_date(load_form("service_agreement"), answers) == "2025-03-17"


@pytest.mark.parametrize(
    ("person", "kind"),
    [
        ({"has_guardian": True, "guardian_kind": "法定"}, "监护人"),
        ({"has_guardian": True, "guardian_kind": "组织"}, "监护组织"),
        ({"has_guardian": True}, None),
        ({"has_guardian": False}, None),
        ({}, None),
    ],
)
def test_the_guardian_signs_as_third_party(person: dict[str, Any], kind: str | None, now: datetime) -> None:
    answers, _ = prefill(load_form("service_agreement"), case(person=person), now)
    assert answers.get("party_c_kind") == kind


def test_two_forms_that_copy_from_each_other_come_to_an_end(now: datetime, sample: Case) -> None:
    prefiller = Prefiller(sample, now)
    for form_id, rows in sample["forms"].items():
        for index, row in enumerate(rows):
            prefiller.fill(load_form(form_id), row, index)


def test_the_case_is_not_changed(now: datetime, sample: Case) -> None:
    before = copy.deepcopy(dict(sample))
    for form_id in sample["forms"]:
        prefill(load_form(form_id), sample, now)
    assert before == dict(sample)


def test_a_document_is_dated_by_its_own_day_not_the_birth_date() -> None:
    form = load_form("application_b")
    answers = {"birth_date": "1985-03-12", "application_date": "2025-03-03", "decision_date": "2025-03-05"}
    assert document_date(form, answers) == "2025-03-03"


def test_a_fact_that_comes_to_nothing_is_no_fact() -> None:
    for name in ([""], " ", "\u3000", []):
        answers, origins = prefill(load_form("application_b"), case(person={"name": name, "gender": []}), AT)
        assert "/client_name" not in origins
        assert "client_name" not in answers


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)


@given(
    st.dictionaries(st.sampled_from(["name", "gender", "birth_date", "cid", "phone", "address"]), json_values)
)
def test_no_person_whatever_it_says_breaks_prefill_or_makes_a_wrong_draft(person: dict[str, Any]) -> None:
    from generator.validation.validate import validate

    form = load_form("application_b")
    answers, origins = prefill(form, case(person=person), AT)
    wrong = {problem.path for problem in validate(form, answers, "draft", AT).errors}
    assert not {place for place in origins if any(path.startswith(place) for path in wrong)}


@given(json_values)
def test_no_case_whatever_it_says_breaks_prefill(value: Any) -> None:
    for part in ("person", "case", "station", "forms"):
        prefill(load_form("closure_g"), case(**{part: value}), AT)


def test_most_of_the_intake_packet_is_typed_by_nobody(sample: Case) -> None:
    share = share_prefilled(survey("intake", sample, AT), sample, AT)
    assert share.prefilled == sum(share.sources.values())
    assert share.fields > 150
    assert share.ratio >= 0.6, share.to_dict()


def test_the_share_counts_what_nobody_typed_only() -> None:
    written = document()
    written["person"], written["case"] = {}, {"track": "both"}
    nobody = case_of({**written, "station": {}})
    full = case_of(document())
    assert share_prefilled(survey("intake", nobody, AT), nobody, AT).ratio <= (
        share_prefilled(survey("intake", full, AT), full, AT).ratio
    )

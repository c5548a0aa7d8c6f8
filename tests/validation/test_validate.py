"""Validation as a user meets it: levels, hidden answers, computed values, order, and no surprises."""

from __future__ import annotations

import copy
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator as PlainValidator  # type: ignore[import-untyped]

from generator.forms.catalogue import list_forms, load_form
from generator.forms.definition import FormDefinition, Level
from generator.validation.level_schema import level_schema
from generator.validation.plan import plan
from generator.validation.validate import complete, validate
from tests.validation.bad_inputs import NOW, example

FORMS = [form for form in list_forms() if form.family == "附录A–G"]
LEVELS: tuple[Level, ...] = ("draft", "final", "signed")
junk: st.SearchStrategy[Any] = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-5, 2030),
        st.sampled_from(["", " ", "是", "其他", "2025-03-01", "2025-04-08T14:30", "x\u200b"]),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(["name", "priority", "zz/~"]), inner, max_size=2),
    ),
    max_leaves=4,
)


@st.composite
def spoilt(draw: st.DrawFn) -> tuple[FormDefinition, dict[str, Any]]:
    """A full example with some answers replaced by junk, taken away or added."""
    form = draw(st.sampled_from(FORMS))
    data = copy.deepcopy(example(form.id))
    for name in draw(st.lists(st.sampled_from([*form.schema["properties"], "zz"]), max_size=5)):
        if draw(st.booleans()):
            data.pop(name, None)
        else:
            data[name] = draw(junk)
    return form, data


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.id)
def test_draft_never_reports_missing_or_hidden(form: FormDefinition) -> None:
    assert validate(form, {}, "draft", NOW).problems == ()
    everything = {name: copy.deepcopy(value) for name, value in example(form.id).items()}
    assert validate(form, everything, "draft", NOW).problems == ()


def test_hidden_is_an_error_from_final_on() -> None:
    form, data = (
        load_form("consent_a"),
        {**example("consent_a", "valid-signed"), "consent_mode": ["书面协议"]},
    )
    keywords = {level: {p.keyword for p in validate(form, data, level, NOW).problems} for level in LEVELS}
    assert keywords == {"draft": set(), "final": {"hidden"}, "signed": {"hidden"}}


def test_drop_hidden_lists_what_it_leaves_out_and_changes_nothing_else() -> None:
    form, data = load_form("consent_a"), {**example("consent_a"), "consent_mode": ["书面协议"]}
    before = copy.deepcopy(data)
    done = complete(form, data, "final", NOW, drop_hidden=True)
    assert done.report.dropped == ("/oral_notice_note", "/oral_notice_date")
    assert done.report.ok
    assert set(before) - set(done.data) == {"oral_notice_note", "oral_notice_date"}
    assert data == before


def test_drop_hidden_goes_through_chains_at_once() -> None:
    form, data = load_form("application_b"), {**example("application_b", "valid-reject"), "followup": "是"}
    data |= {
        k: example("application_b")[k] for k in ("accept_basis", "inscope_action", "inscope_action_accept")
    }
    data |= {k: example("application_b")[k] for k in ("birth_date", "cid")} | {"gender": "男", "age": 39}
    report = validate(form, data, "final", NOW, drop_hidden=True)
    assert report.dropped == (
        "/reject_basis",
        "/reject_action",
        "/reject_referral_note",
        "/referral_declined",
    )
    assert report.ok


def test_drop_hidden_keeps_answers_whose_cause_is_in_doubt() -> None:
    form, data = load_form("application_b"), example("application_b", "valid-reject")
    del data["followup"]
    report = validate(form, data, "final", NOW, drop_hidden=True)
    assert report.dropped == ()
    assert [(p.path, p.keyword) for p in report.problems] == [("/followup", "required")]


def test_hidden_says_when_the_field_applies() -> None:
    data = {**example("application_b"), "reject_basis": ["其他"], "reject_basis_other": "样例"}
    first, second = validate(load_form("application_b"), data, "final", NOW).problems
    assert "“跟进 = 否”" in first.message
    assert "含 其他" in second.message


def test_age_is_filled_in_and_checked() -> None:
    form, data = load_form("application_b"), example("application_b")
    del data["age"]
    done = complete(form, data, "final", NOW)
    assert (done.data["age"], dict(done.report.computed), done.report.ok) == (39, {"/age": 39}, True)
    assert "age" not in data


def test_without_birth_date_the_age_is_asked_for() -> None:
    data = example("application_b", "valid-reject")
    del data["age"]
    assert [p.path for p in validate(load_form("application_b"), data, "final", NOW).problems] == ["/age"]


def test_signatures_are_asked_for_only_at_signed() -> None:
    form, data = load_form("plan_d"), example("plan_d")
    assert validate(form, data, "final", NOW).ok
    assert [p.path for p in validate(form, data, "signed", NOW).problems] == [
        "/client_sign",
        "/worker_sign",
        "/supervisor_sign",
    ]


def test_a_half_filled_signature_block_does_not_stop_the_print() -> None:
    data = {**example("plan_d"), "client_sign": {"name": "样例甲", "signer_role": "家属"}}
    assert validate(load_form("plan_d"), data, "final", NOW).ok
    missing = [p.path for p in validate(load_form("plan_d"), data, "signed", NOW).problems]
    assert missing[:3] == ["/client_sign/method", "/client_sign/date", "/client_sign/relation"]


def test_answers_left_to_paper_are_asked_for_at_signed() -> None:
    form, data = load_form("evaluation_f"), example("evaluation_f", "valid-paper")
    assert validate(form, data, "final", NOW).ok
    assert "/q3_satisfaction" in [p.path for p in validate(form, data, "signed", NOW).errors]


def test_mid_term_evaluation_need_not_judge_the_goal() -> None:
    data = {**example("evaluation_f"), "stage": "中期"}
    del data["q5_goal"], data["q5_reason"]
    assert validate(load_form("evaluation_f"), data, "final", NOW).ok


def test_terms_of_extra_goals_depend_on_the_whole_plan() -> None:
    form, data = load_form("plan_d"), example("plan_d", "valid-supplement")
    del data["more_goals"][0]["term"]
    assert ("/more_goals/0/term", "required") in [
        (p.path, p.keyword) for p in validate(form, data, "final", NOW).errors
    ]
    data = {**data, "serves_as_rehab_plan": False, "more_goals": [{"goal": "样例", "term": "短期"}]}
    hidden = [p.path for p in validate(form, data, "final", NOW).errors]
    assert hidden == ["/goal_1_term", "/goal_2_term", "/goal_3_term", "/more_goals/0/term"]


def test_a_refused_referral_may_be_recorded() -> None:
    data = example("application_b", "valid-reject")
    data |= {
        "reject_action": ["明确告知不能接案的原因"],
        "referral_declined": True,
        "referral_declined_reason": "样例",
    }
    del data["reject_referral_note"]
    assert validate(load_form("application_b"), data, "final", NOW).ok


def test_only_telephone_service_needs_no_place() -> None:
    data = example("record_e", "valid-phone")
    form = load_form("record_e")
    assert validate(form, data, "final", NOW).ok
    assert [
        p.path for p in validate(form, {**data, "service_modes": ["电访", "面谈"]}, "final", NOW).errors
    ] == ["/place"]


def test_now_with_a_zone_is_read_on_the_chinese_clock() -> None:
    form, data = load_form("preassess_c"), {**example("preassess_c"), "fill_date": "2026-01-06"}
    assert not validate(form, data, "final", datetime(2026, 1, 5, 15, 59, tzinfo=UTC)).ok
    assert validate(form, data, "final", datetime(2026, 1, 5, 16, 0, tzinfo=UTC)).ok


def test_problems_come_in_form_order() -> None:
    data = {**example("plan_d"), "zz": 1, "goal_1": "", "plan_rows": [{}, {"schedule": 3}]}
    form = load_form("plan_d")
    paths = [problem.path for problem in validate(form, data, "final", NOW).problems]
    assert paths[0] == "/goal_1"
    assert paths[-1] == "/zz"
    columns = ["schedule", "strategy", "method", "client_duty", "worker_role", "evaluation"]
    rows = [path for path in paths if path.startswith("/plan_rows")]
    assert rows == [f"/plan_rows/{row}/{column}" for row in (0, 1) for column in columns]


@pytest.mark.parametrize("place", ["goal", "session_no", "alert", "\ud800"])
def test_half_characters_are_reported_not_crashed_on(place: str) -> None:
    data = {**example("record_e"), place: "\ud83d"}
    report = validate(load_form("record_e"), data, "final", NOW)
    assert "text" in {problem.keyword for problem in report.problems}
    assert report.problems == validate(load_form("record_e"), data, "final", NOW, drop_hidden=True).problems


@pytest.mark.parametrize("level", LEVELS)
def test_a_whole_number_with_a_decimal_point_is_no_whole_number(level: Level) -> None:
    report = validate(load_form("record_e"), {**example("record_e"), "session_no": 3.0}, level, NOW)
    assert [(p.path, p.keyword) for p in report.problems] == [("/session_no", "type")]


def test_a_report_as_plain_data() -> None:
    report = validate(load_form("record_e"), {**example("record_e"), "duration_min": 90}, "final", NOW)
    plain = json.loads(json.dumps(report.to_dict()))
    assert plain["ok"] is True
    assert plain["problems"][0]["severity"] == "warning"
    assert plain["problems"][0]["path"] == "/duration_min"


@given(spoilt(), st.sampled_from(LEVELS))
def test_any_answers_get_a_report_and_stay_unchanged(
    case: tuple[FormDefinition, dict[str, Any]], level: Level
) -> None:
    form, data = case
    before = copy.deepcopy(data)
    report = validate(form, data, level, NOW)
    assert data == before
    if level == "draft":
        assert not {"required", "hidden"} & {problem.keyword for problem in report.problems}
    if not plan(form, level).validator.is_valid(complete(form, data, level, NOW).data):
        assert report.errors


@given(spoilt())
def test_dropping_hidden_answers_leaves_none_and_is_stable(
    case: tuple[FormDefinition, dict[str, Any]],
) -> None:
    form, data = case
    once = complete(form, data, "final", NOW, drop_hidden=True)
    assert "hidden" not in {problem.keyword for problem in once.report.problems}
    again = complete(form, once.data, "final", NOW, drop_hidden=True)
    assert again.report.dropped == ()
    assert again.data == once.data


@settings(max_examples=60)
@given(spoilt(), st.sampled_from(LEVELS))
def test_the_compiled_schema_means_the_same_to_another_engine(
    case: tuple[FormDefinition, dict[str, Any]], level: Level
) -> None:
    form, data = case
    schema = json.loads(
        json.dumps(level_schema(form, level)).replace('"format": "local-date-time"', '"minLength": 0')
    )
    data = {
        name: value
        for name, value in data.items()
        if form.fields.get(f"/{name}", form.fields["/case_no"]).kind != "datetime"
    }
    plain = PlainValidator(schema, format_checker=PlainValidator.FORMAT_CHECKER)
    assert plain.is_valid(data) == plan(form, level).validator.is_valid(data)


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.id)
def test_no_message_repeats_an_answer(form: FormDefinition) -> None:
    secret = "机密内容"
    data = dict.fromkeys(form.schema["properties"], secret)
    for problem in validate(form, data, "signed", NOW).problems:
        assert secret not in problem.message + problem.hint

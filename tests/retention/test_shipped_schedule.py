"""The schedule that comes with the program: every form of the specification, in step with the definitions."""

from __future__ import annotations

from typing import Any

import pytest

from archives.retention.item import PLACINGS
from archives.retention.schedule import REASONS, Schedule, parse
from generator.forms.catalogue import list_forms, load_form
from generator.resources import data_dir
from tests.retention.making import shipped

SCHEDULE = shipped()
FORMS = sorted({rule.form_id for rule in SCHEDULE.rules})

P, PS, ADM = ("P", "r1", "none"), ("PS", "r2", "none"), ("ADM", "r5", "none")
SITE = ("G3", "r3", "document")
ALWAYS = {"any": [P]}
IF_ACCEPTED = {
    "case": [P],
    "application": [("P", "r1", "none"), ("G3", "r4", "brief_closed"), ("G3", "r4", "decision")],
}
WITH_FILE = IF_ACCEPTED | {"site": [SITE]}


def log(reason: str = "r3") -> dict[str, Any]:
    return {"site": [("G3", reason, "document")], "register": [("G3", reason, "last_entry")]}


def site(trigger: str = "document") -> dict[str, Any]:
    return {"site": [("G3", "r3", trigger)]}


# The “ret.” columns of the specification, written down a second time on purpose: the data is held against it.
EXPECTED: dict[str, dict[str, Any]] = {
    "consent_a": ALWAYS,
    "application_b": IF_ACCEPTED,
    "preassess_c": ALWAYS,
    "plan_d": ALWAYS,
    "record_e": {"case": [P], "application": [P, ("G3", "r4", "brief_closed")]},
    "evaluation_f": ALWAYS,
    "closure_g": ALWAYS,
    "needs_survey": ALWAYS,
    "admission_application": IF_ACCEPTED,
    "admission_assessment": IF_ACCEPTED,
    "risk_assessment": {"case": [PS, P], "application": [PS, *IF_ACCEPTED["application"]]},
    "admission_agreement": ALWAYS,
    "referral": IF_ACCEPTED,
    "basic_registration": ALWAYS,
    "service_agreement": ALWAYS,
    "psychosocial_assessment": ALWAYS,
    "attachment_list": IF_ACCEPTED,
    "inquiry_log": log("r4"),
    "privacy_consent": IF_ACCEPTED,
    "reception_log": log(),
    "refusal_notice": {"case": [("G3", "r4", "decision")], "application": [("G3", "r4", "decision")]},
    "rehab_plan": ALWAYS,
    "medication_record": ALWAYS,
    "stage_assessment": ALWAYS,
    "activity_record": {"site": [SITE], "case": [P]},
    "activity_extract": ALWAYS,
    "training_program": {"site": [SITE], "case": [P]},
    "attendance_sheet": site(),
    "checkin_log": log(),
    "visit_record": ALWAYS,
    "info_exchange": ALWAYS,
    "incident_record": {"any": [PS]},
    "employment_agreement": ALWAYS,
    "employment_record": ALWAYS,
    "health_exam": ALWAYS,
    "supervision_record": site(),
    "case_note": ALWAYS,
    "vocational_assessment": ALWAYS,
    "resource_link": ALWAYS,
    "peer_supporter": ALWAYS,
    "discharge_application": ALWAYS,
    "followup_visit": ALWAYS,
    "monthly_quality_review": site(),
    "satisfaction_form": {"case": [P], "site": [P, SITE]},
    "staff_register": {"site": [("G3", "r3", "staff_left")], "register": [("G3", "r3", "staff_left")]},
    "training_log": log(),
    "drill_log": log(),
    "complaint_log": {"any": [PS]},
    "service_ledger": log(),
    "symposium_minutes": site(),
    "indicator_report": {"site": [PS, SITE]},
    "external_review": site(),
    "site_registry": site("replaced"),
    "client_ledger": log(),
    "improvement_project": site(),
    "caring_team": site(),
    "annual_plan": site(),
    "emergency_plan": site("replaced"),
    "institution_contract": site("expired"),
    "purchase_agreement": site("expired"),
    "file_cover": WITH_FILE,
    "file_contents": WITH_FILE,
    "file_note": WITH_FILE,
    "access_register": {"any": [ADM]},
    "loan_register": {"any": [ADM]},
    "appraisal_form": {"any": [ADM]},
    "destruction_list": {"any": [ADM]},
    "transfer_list": {"any": [ADM]},
    "scan_register": WITH_FILE,
    "rights_request": {"any": [ADM]},
    "attachment": WITH_FILE,
}


def rows(schedule: Schedule, form_id: str, placing: Any) -> list[tuple[str, str, str]]:
    return [(rule.retention_class, rule.reason, rule.trigger) for rule in schedule.chain(form_id, placing)]


def test_no_form_of_the_specification_is_missing_and_none_is_extra() -> None:
    assert set(FORMS) == set(EXPECTED)


@pytest.mark.parametrize("form_id", EXPECTED)
def test_the_rules_are_those_of_the_specification(form_id: str) -> None:
    expected = EXPECTED[form_id]
    for placing in PLACINGS:
        assert rows(SCHEDULE, form_id, placing) == expected.get("any", expected.get(placing, [])), placing


def test_general_papers_are_kept_three_years_from_the_next_new_year() -> None:
    assert {rule.years for rule in SCHEDULE.rules if rule.retention_class == "G3"} == {3}
    assert (SCHEDULE.start_rule, SCHEDULE.medical) == ("next_year", False)


@pytest.mark.parametrize("form_id", [form.id for form in list_forms()])
def test_every_form_definition_agrees_with_the_schedule(form_id: str) -> None:
    """A definition prints the class of the place its form usually lies in, everything having gone well."""
    printed = load_form(form_id).retention
    usual = {
        chain[-1] for placing in ("case", "site", "register") if (chain := rows(SCHEDULE, form_id, placing))
    }
    assert (printed["class"], printed["reason"]) in {pair[:2] for pair in usual}


def test_reasons_and_classes_go_together() -> None:
    fitting = {"r1": "P", "r2": "PS", "r3": "G3", "r4": "G3", "r5": "ADM"}
    assert set(fitting) == set(REASONS)
    assert all(fitting[rule.reason] == rule.retention_class for rule in SCHEDULE.rules)


def test_the_file_is_read_as_shipped() -> None:
    assert parse((data_dir("schemas") / "retention.json").read_bytes()) == SCHEDULE

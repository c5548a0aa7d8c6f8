"""What the pen did to a print is told, and nothing else; accepted, it becomes the answers as on paper."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.station.scanning.comparing import (
    Difference,
    all_signed,
    compare,
    place_of,
    proposal,
    required_rooms,
)
from generator.forms.catalogue import load_form
from generator.identity.page_map import PageMap, PageMapEntry
from generator.reading.ink import InkReading
from generator.reading.registration import Registration
from generator.reading.report import FieldReport, read_fields, read_page
from generator.reading.ticks import State, TickReading
from generator.resources import data_dir
from generator.validation.validate import validate
from tests.reading.pages import source_of
from tests.simulator import pen, scanner
from tests.simulator.pen import Grey
from tests.simulator.stack import KEY, PrintedPage, place, printed

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
FORMS = ("application_b", "needs_survey", "risk_assessment", "medication_record", "consent_a")
COPIER = scanner.Device(skew=1.5, scale=0.97, noise=3.0)
INK = pen.Ink(45, 0.5)
FOUND = Registration(((10.0, 0.0, 0.0), (0.0, 10.0, 0.0)), "both codes", 0.0)


def example(form_id: str, name: str = "valid-full") -> dict[str, Any]:
    path = data_dir("schemas") / "examples" / form_id / f"{name}.json"
    told: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return told


@cache
def pages(form_id: str, filled: bool = True) -> tuple[PrintedPage, ...]:
    return tuple(printed(form_id, filled, np.random.default_rng(1)))


def page_map(form_id: str, filled: bool = True) -> PageMap:
    return PageMap(tuple(entry for page in pages(form_id, filled) for entry in page.entries))


def scanned(sheet: Grey, whole: PageMap) -> FieldReport:
    report = read_page(source_of(sheet, COPIER), [KEY], fields_follow=True)
    fields = read_fields(report, whole)
    assert fields.registration is not None, fields.reason
    return fields


def boxes(told: Iterable[Difference]) -> set[tuple[str, str | None, bool, str]]:
    return {(one.pointer, one.option, one.printed, one.read) for one in told if one.kind == "tick"}


# --- prints under the pen ---------------------------------------------------------------------------------


@pytest.mark.parametrize("form_id", FORMS)
def test_a_print_nobody_wrote_on_differs_in_nothing_but_missing_signatures(form_id: str) -> None:
    whole = page_map(form_id)
    for page in pages(form_id):
        told = compare(load_form(form_id), example(form_id), scanned(page.picture, whole), whole)
        assert {one.kind for one in told} <= {"signature"}
        rooms = [entry.pointer for entry in page.entries if entry.kind == "signature"]
        assert [(one.pointer, one.read, one.sure) for one in told] == [(at, "empty", True) for at in rooms]


@pytest.mark.parametrize("form_id", [name for name in FORMS if name != "consent_a"])
def test_what_the_pen_adds_and_takes_away_is_told_exactly(form_id: str) -> None:
    random, whole = np.random.default_rng(7), page_map(form_id)
    changed = 0
    for page in pages(form_id):
        sheet, truth = by_hand(page, random)
        fields = scanned(sheet, whole)
        told = compare(load_form(form_id), example(form_id), fields, whole)
        assert boxes(told) == truth
        assert all(one.sure for one in told if one.read == "marked" and one.kind == "tick")
        assert not any(one.sure for one in told if one.read == "crossed out")
        assert not any(one.kind == "unsure" for one in told)
        changed += len(truth)
    assert changed >= 2


def by_hand(page: PrintedPage, random: pen.Random) -> tuple[Grey, set[tuple[str, str | None, bool, str]]]:
    """Every fourth empty box ticked, every other printed tick crossed out."""
    sheet, truth = page.picture.copy(), set()
    ticks = [index for index, entry in enumerate(page.entries) if entry.kind == "tick"]
    full = [index for index in ticks if index in page.ticked]
    for index in [one for one in ticks if one not in page.ticked][1::4]:
        pen.tick(sheet, place(page.entries[index]), random, INK)
        truth.add((page.entries[index].pointer, page.entries[index].option, False, "marked"))
    for index in full[::2]:
        pen.strike_out(sheet, place(page.entries[index]), random, INK, room_mm=4.0)
        truth.add((page.entries[index].pointer, page.entries[index].option, True, "crossed out"))
    return sheet, truth


def test_against_an_older_record_the_printed_ticks_differ_both_ways() -> None:
    """A record that says otherwise than its print (somebody put the wrong revision beside it)."""
    whole, answers = page_map("needs_survey"), example("needs_survey")
    page = pages("needs_survey")[1]
    answers["transport"] = "步行"
    del answers["need_meal"]
    told = compare(load_form("needs_survey"), answers, scanned(page.picture, whole), whole)
    assert boxes(told) == {
        ("/transport", "步行", True, "empty"),
        ("/transport", "公交", False, "marked"),
        ("/need_meal", "是", False, "marked"),
    }


def test_a_blank_filled_by_hand_proposes_what_was_ticked() -> None:
    form, whole = load_form("needs_survey"), page_map("needs_survey", filled=False)
    wanted = {("/transport", "公交"), ("/need_meal", "否"), ("/employment_wish", "是"), ("/fam_skill", "高")}
    page = pages("needs_survey", False)[1]
    sheet, random = page.picture.copy(), np.random.default_rng(3)
    for entry in page.entries:
        if (entry.pointer, entry.option) in wanted:
            pen.tick(sheet, place(entry), random, INK)
        if entry.kind == "signature":
            pen.signature(sheet, place(entry), random, INK)
    told = compare(form, {}, scanned(sheet, whole), whole)
    assert {(one.pointer, one.option) for one in told} == wanted
    assert proposal(form, {}, told) == {
        "transport": "公交", "need_meal": False, "employment_wish": True, "fam_skill": "高",
    }  # fmt: skip


@pytest.mark.parametrize("hands", [(), ("/client_signature",), ("/client_signature", "/worker_signature")])
def test_a_consent_is_signed_when_both_signed(hands: tuple[str, ...]) -> None:
    form, whole, answers = load_form("consent_a"), page_map("consent_a"), example("consent_a")
    rooms: list[tuple[str, bool, bool]] = []
    told: list[Difference] = []
    for page in pages("consent_a"):
        sheet, random = page.picture.copy(), np.random.default_rng(5)
        for entry in page.entries:
            if entry.pointer in hands and entry.kind == "signature":
                pen.signature(sheet, place(entry), random, INK)
        fields = scanned(sheet, whole)
        rooms += [(place_of(room.entry), room.ink, room.sure) for room in fields.signatures]
        told += compare(form, answers, fields, whole)
    assert {one.pointer for one in told} == {"/client_signature", "/worker_signature"} - set(hands)
    assert all_signed(form, answers, whole, rooms) is (len(hands) == 2)


def test_words_to_tick_on_paper_go_to_a_person_while_the_record_has_no_answer() -> None:
    """What the client ticks on paper has no boxes: nothing of it may be passed over in silence."""
    form, whole = load_form("evaluation_f"), page_map("evaluation_f")
    answers = example("evaluation_f")
    asked = ("q3_satisfaction", "q4_improvement", "q5_goal")
    by_client = {name: said for name, said in answers.items() if name not in asked}
    by_client["client_part"] = "纸上填写"
    told: list[Difference] = []
    for page in pages("evaluation_f"):
        fields = scanned(page.picture, whole)
        assert not [one for one in compare(form, answers, fields, whole) if one.kind == "mark"]
        told += [one for one in compare(form, by_client, fields, whole) if one.kind == "mark"]
    assert {one.pointer for one in told} == {f"/{name}" for name in asked}
    for one in told:
        inside = [entry for entry in whole.entries if entry.pointer == one.pointer and entry.kind == "mark"]
        assert one.entry.w_mm + one.entry.h_mm > max(entry.w_mm + entry.h_mm for entry in inside)
    nobody = {**by_client, "client_part": "未能作答"}
    assert not [
        one
        for page in pages("evaluation_f")
        for one in compare(form, nobody, scanned(page.picture, whole), whole)
        if one.kind == "mark"
    ]


# --- what counts ------------------------------------------------------------------------------------------


def entry(form_id: str, pointer: str, option: str | None = None, occurrence: int = 1) -> PageMapEntry:
    return PageMapEntry(
        pointer, occurrence, option, "tick" if option else "signature", 1, 50.0, 60.0, 3.7, 3.7
    )


def report_of(*readings: tuple[PageMapEntry, State, float]) -> FieldReport:
    ticks = tuple(TickReading(at, state, sure, 0.0, True) for at, state, sure in readings)
    return FieldReport(FOUND, None, ticks, (), 1)


@given(
    printed=st.booleans(),
    state=st.sampled_from(["empty", "marked", "crossed out"]),
    confidence=st.floats(0, 1),
)
def test_only_a_sure_reading_that_agrees_is_silent(printed: bool, state: State, confidence: float) -> None:
    box = entry("record_e", "/service_modes", "面谈")
    answers = {"service_modes": ["面谈"] if printed else ["电访"]}
    told = compare(load_form("record_e"), answers, report_of((box, state, confidence)), PageMap((box,)))
    agrees = state == ("marked" if printed else "empty")
    assert len(told) == (0 if agrees and confidence >= 0.9 else 1)
    for one in told:
        assert (one.kind, one.read, one.printed) == ("unsure" if agrees else "tick", state, printed)
        assert (one.confidence, one.sure, one.page) == (confidence, confidence >= 0.9, 1)


def test_a_page_that_could_not_be_registered_tells_nothing_of_its_boxes() -> None:
    assert compare(load_form("consent_a"), {}, FieldReport(None, "不能定位。"), page_map("consent_a")) == ()


@pytest.mark.parametrize(
    ("ink", "confidence", "told"),
    [(True, 0.95, ()), (True, 0.5, ("marked", False)), (False, 0.5, ("empty", False)),
     (False, 0.99, ("empty", True))],
)  # fmt: skip
def test_a_room_that_must_be_signed_is_silent_only_when_surely_inked(
    ink: bool, confidence: float, told: tuple[Any, ...]
) -> None:
    room = entry("consent_a", "/worker_signature")
    fields = FieldReport(FOUND, None, (), (InkReading(room, ink, confidence, 9.0, 9.0),), 1)
    found = compare(load_form("consent_a"), example("consent_a"), fields, PageMap((room,)))
    assert [(one.kind, one.read, one.sure) for one in found] == ([("signature", *told)] if told else [])


def test_a_room_nobody_has_to_sign_is_not_asked_about() -> None:
    room = entry("attachment_list", "/client_sign")
    fields = FieldReport(FOUND, None, (), (InkReading(room, False, 0.99, 0.0, 0.0),), 1)
    answers = example("attachment_list")
    assert compare(load_form("attachment_list"), answers, fields, PageMap((room,))) == ()


def examples() -> list[tuple[str, str]]:
    folder = data_dir("schemas") / "examples"
    return sorted((path.parent.name, path.stem) for path in folder.glob("*/valid-*.json"))


def without_signatures(form_id: str, answers: Mapping[str, Any]) -> dict[str, Any]:
    bare = copy.deepcopy(dict(answers))
    for spec in load_form(form_id).fields.values():
        if spec.kind == "sig":
            path = spec.pointer.split("/")[1:]
            holders = [bare] if len(path) == 1 else bare.get(path[0], [])
            for holder in holders:
                holder.pop(path[-1], None)
    return bare


@pytest.mark.parametrize(("form_id", "name"), examples())
def test_the_rooms_that_must_be_signed_are_those_validation_asks_for(form_id: str, name: str) -> None:
    form = load_form(form_id)
    bare = without_signatures(form_id, example(form_id, name))
    missing = {
        problem.path
        for problem in validate(form, bare, "signed", NOW).errors
        if problem.keyword == "required" and form.fields[generic(problem.path)].kind == "sig"
    }
    assert required_rooms(form, bare, PageMap()) == missing


def generic(path: str) -> str:
    return "/".join("*" if part.isdigit() else part for part in path.split("/"))


def test_rows_that_must_be_signed_are_counted_one_by_one() -> None:
    form, answers = load_form("info_exchange"), example("info_exchange")
    answers["recipients"] = [copy.deepcopy(answers["recipients"][0]) for _ in range(2)]
    whole = page_map("info_exchange")
    rooms = [place_of(one) for one in whole.entries if one.kind == "signature"]
    assert [room for room in rooms if "receipt" in room][:2] == [
        "/recipients/0/receipt",
        "/recipients/1/receipt",
    ]
    must = {"/recipients/0/receipt", "/recipients/1/receipt", "/handler_sign"}
    assert required_rooms(form, answers, whole) == must
    for lost in must:
        assert not all_signed(form, answers, whole, [(room, room != lost, True) for room in must])
    assert all_signed(form, answers, whole, [(room, True, True) for room in must])
    assert not all_signed(form, answers, whole, [(room, True, False) for room in must])


def test_a_room_on_two_pages_is_one_room() -> None:
    form, answers = load_form("consent_a"), example("consent_a")
    rooms = [(f"/{who}_signature", True, True) for who in ("client", "worker")]
    split = [("/client_signature", False, True), *rooms]
    assert all_signed(form, answers, page_map("consent_a"), split)


def test_a_print_without_room_for_a_signature_is_never_signed() -> None:
    assert not all_signed(load_form("consent_a"), example("consent_a"), PageMap(), [])


def test_where_a_box_on_paper_decides_who_signs_an_open_record_asks_for_all() -> None:
    """A blank from a home visit: the record does not say yet which of the assessments it was."""
    form, whole = load_form("admission_assessment"), page_map("admission_assessment", filled=False)
    entry_only = {**example("admission_assessment"), "assess_type": ["准入"]}
    base = {"/base_assessor_sign", "/base_head_sign"}
    assert not base & required_rooms(form, entry_only, whole)
    assert base < required_rooms(form, {}, whole)
    assert not base & required_rooms(form, {}, PageMap())


def test_a_withdrawal_that_did_not_happen_needs_no_signature() -> None:
    whole = page_map("privacy_consent")
    form, answers = load_form("privacy_consent"), example("privacy_consent", "valid-paper")
    assert any(one.pointer == "/withdrawn_sign" for one in whole.entries)
    assert "/withdrawn_sign" not in required_rooms(form, answers, whole)

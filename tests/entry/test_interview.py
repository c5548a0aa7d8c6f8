"""What a person at the prompt would notice."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from desk.entry import formats, wording
from desk.entry.answers import MISSING, get
from desk.entry.interview import Interview
from desk.entry.state import State
from desk.entry.widgets import WIDGETS, widget_for
from generator.forms.catalogue import list_forms, load_form
from generator.forms.definition import FormDefinition, from_schema
from tests.entry.person import NOW


def interview(form_id: str, answers: dict[str, Any] | None = None, at: str | None = None) -> Interview:
    made = Interview(load_form(form_id), "final", State(answers or {}))
    if at is not None:
        made.state.position = at
    return made


def place(made: Interview) -> str | None:
    question = made.question()
    return question.pointer if question else None


def say(made: Interview, *lines: str) -> tuple[str, ...]:
    told: tuple[str, ...] = ()
    for line in lines:
        told = made.take(line, NOW).told
    return told


def test_every_field_of_every_form_has_a_way_of_asking() -> None:
    kinds = {spec.kind: widget_for(form, spec).kind for form in list_forms() for spec in form.fields.values()}
    assert kinds["phone"] == "phone"
    assert kinds["cid"] == "citizen_id"
    assert set(kinds.values()) <= {widget.kind for widget in WIDGETS}
    text = [
        spec
        for form in list_forms()
        for spec in form.fields.values()
        if widget_for(form, spec).kind == "text"
    ]
    assert {spec.kind for spec in text} == {"text"}


def test_questions_are_skipped_where_conditions_say_so() -> None:
    asked = interview("application_b", at="/followup")
    say(asked, "否")
    assert place(asked) == "/reject_basis"
    asked = interview("application_b", at="/followup")
    say(asked, "2")
    assert place(asked) == "/accept_basis"


def test_the_age_is_computed_and_not_asked() -> None:
    asked = interview("application_b", {"application_date": "2026-03-05"}, at="/birth_date")
    say(asked, "1990年3月6日")
    assert "/age" not in [question.pointer for question in asked.asked()]
    assert asked.result(NOW).data["age"] == 35


def test_without_a_birth_date_the_age_is_asked() -> None:
    asked = interview("application_b", {"application_date": "2026-03-05"}, at="/birth_date")
    say(asked, "-")
    assert place(asked) == "/age"
    say(asked, "36", "<", "<", "1990-03-06")
    assert "age" not in asked.state.answers, "a typed age must give way to the computed one"


def test_a_wrong_answer_is_refused_with_the_fields_own_sentence() -> None:
    asked = interview("application_b", at="/cid")
    told = say(asked, "510402199003061230")
    assert "末位校验码不对" in "".join(told)
    assert place(asked) == "/cid"
    told = say(asked, "")
    assert place(asked) != "/cid", "a second Enter lets it stand until the end"


def test_a_date_that_is_none_is_no_answer() -> None:
    asked = interview("application_b", at="/application_date")
    assert "日期不存在" in "".join(say(asked, "2026-2-30"))
    assert asked.state.answers == {}


def test_an_answer_that_spoils_an_earlier_one_says_so_at_once() -> None:
    asked = interview("application_b", {"application_date": "2026-03-05"}, at="/decision_date")
    assert "接案决定日期" in "".join(say(asked, "2026-03-01"))


def test_invisible_characters_are_refused() -> None:
    asked = interview("application_b", at="/client_name")
    assert "U+202E" in "".join(say(asked, "样例\u202e甲"))
    assert asked.state.answers == {}
    assert "乱码" in "".join(say(asked, "\udc80"))
    assert asked.state.answers == {}


def test_enter_does_not_pass_over_what_must_be_filled_but_a_dash_does() -> None:
    asked = interview("application_b", at="/client_needs")
    assert "必填" in "".join(say(asked, ""))
    assert place(asked) == "/client_needs"
    say(asked, "-")
    assert place(asked) == "/followup"


@pytest.mark.parametrize("mark", ["<", "《", "＜"])
def test_back_in_any_width(mark: str) -> None:
    asked = interview("application_b", at="/gender")
    say(asked, mark)
    assert place(asked) == "/client_name"


def test_help_says_how_why_and_when() -> None:
    asked = interview("application_b", {"followup": "否"}, at="/reject_basis")
    told = "\n".join(say(asked, "？"))
    assert "表B.1" in told
    assert "跟进 = 否" in told


def test_a_backslash_makes_a_command_an_answer() -> None:
    asked = interview("application_b", {"channel": "其他"}, at="/channel_note_other")
    say(asked, "\\-")
    assert asked.state.answers["channel_note_other"] == "-"


def test_choices_by_number_words_and_both() -> None:
    for line in ("1,4", "1 4", "超出社工能力范围的、客观原因：失联、死亡", "1，客观原因：失联、死亡"):
        asked = interview("application_b", {"followup": "否"}, at="/reject_basis")
        say(asked, line)
        assert asked.state.answers["reject_basis"] == ["超出社工能力范围的", "客观原因：失联、死亡"], line
    assert "可选" in "".join(say(interview("application_b", {"followup": "否"}, at="/reject_basis"), "9"))


def test_options_that_are_numbers_stand_for_themselves() -> None:
    asked = interview("preassess_c", at="/risk_level")
    say(asked, "3")
    assert asked.state.answers["risk_level"] == 3


def test_address_by_parts_and_accepted_whole() -> None:
    asked = interview("application_b", at="/contact_phone")
    asked.state.position = "/address/province"
    say(asked, "样例省", "样例市", "样例区", "样例街道", "1号")
    assert place(asked) == "/channel"
    asked.state.position = "/address"
    say(asked, "")
    assert place(asked) == "/channel"
    say(asked, "<")
    assert place(asked) == "/address/detail"


def test_rows_are_added_edited_and_deleted() -> None:
    asked = interview("preassess_c", at="/needs_analysis")
    say(asked, "+", "1", "按时服药", ".", "本人", "+", "2", "找工作", ".", "本人、母亲")
    assert place(asked) == "/needs_analysis"
    assert get(asked.state.answers, "/needs_analysis/1/need") == "找工作"
    say(asked, "2", "", "找一份工作", ".", "")
    assert get(asked.state.answers, "/needs_analysis/1/need") == "找一份工作"
    say(asked, "d1")
    assert [row["priority"] for row in asked.state.answers["needs_analysis"]] == [2]
    say(asked, "")
    assert place(asked) == "/assessors"


def test_a_row_begun_by_mistake_goes_away() -> None:
    asked = interview("preassess_c", at="/needs_analysis")
    say(asked, "+", "<")
    assert place(asked) == "/needs_analysis"
    assert "needs_analysis" not in asked.state.answers


def test_the_end_goes_back_to_what_is_wrong_and_only_there() -> None:
    asked = interview("preassess_c")
    while asked.question() is not None:
        asked.take("-" if asked.question().widget.kind != "rows" else "", NOW)  # type: ignore[union-attr]
        if asked.question() and asked.question().parent.startswith(("/needs", "/assess")):  # type: ignore[union-attr]
            break
    asked.state.position = None
    asked.review(NOW)
    assert place(asked) == "/case_no"
    say(asked, "GA-2026-0001")
    assert place(asked) == "/fill_date"


def test_a_hidden_answer_is_kept_until_the_end_and_then_left_out() -> None:
    asked = interview("application_b", {"channel": "其他", "channel_note_other": "路过"}, at="/channel")
    say(asked, "主动求助")
    assert asked.state.answers["channel_note_other"] == "路过"
    assert "/channel_note_other" in asked.result(NOW).report.dropped


def test_a_number_alone_is_no_application_number_but_can_be_one() -> None:
    asked = interview("application_b")
    told = "".join(say(asked, "17"))
    assert "@17" in told
    assert "\\17" in told
    assert asked.state.answers == {}
    say(asked, "\\17")
    assert asked.state.answers == {"application_no": "17"}


def test_a_question_is_gone_to_by_number_and_by_name_in_any_width() -> None:
    by_number = [one.pointer for one in interview("application_b").shown()]
    for line in (f"@{by_number.index('/channel') + 1}", "＠申请途径", "@ 途径"):
        asked = interview("application_b")
        say(asked, line)
        assert place(asked) == "/channel", line
        say(asked, "主动求助")
        assert place(asked) == "/channel_note_self", "forward: the way goes on from there"


def test_after_a_correction_the_person_is_back_where_they_were() -> None:
    asked = interview("application_b", {"responsible_worker": "样例工"}, at="/followup")
    assert "回到" in "".join(say(asked, "@负责社工"))
    say(asked, "样例乙")
    assert place(asked) == "/followup"
    say(asked, "@居住地址", "样例省", "样例市", "样例区", "样例街道", "1号")
    assert place(asked) == "/followup", "a whole group is one stop"


def test_after_correcting_a_row_the_person_is_back_where_they_were() -> None:
    rows = [{"priority": 1, "need": "按时服药", "decided_with": "本人"}]
    asked = interview("preassess_c", {"needs_analysis": rows}, at="/assessors")
    say(asked, "@需求分析", "1", "", "规律服药", ".", "")
    assert place(asked) == "/needs_analysis", "other rows may follow"
    say(asked, "")
    assert place(asked) == "/assessors"


def test_what_names_no_question_or_several_says_so() -> None:
    asked = interview("application_b")
    for line in ("@999", "@0", "@", "@不存在的题"):
        assert "没有这一题" in "".join(say(asked, line)), line
    assert "把名称写全" in "".join(say(asked, "@联系"))
    assert place(asked) == "/application_no"


def test_rare_questions_come_when_named_and_when_they_matter() -> None:
    asked = interview("application_b", at="/address/detail")
    say(asked, "1号")
    assert place(asked) == "/channel"
    say(asked, "@行政区划代码")
    assert place(asked) == "/address/region_code"
    say(asked, "510402")
    assert place(asked) == "/channel"
    assert asked.state.answers["address"]["region_code"] == "510402"
    asked = interview("application_b", at="/phone")
    assert "/contact_name" not in [one.pointer for one in asked.asked()]
    say(asked, "无")
    assert place(asked) == "/contact_name"


def test_the_format_stands_where_it_is_asked() -> None:
    asked = interview("visit_record")
    said = {one.pointer: formats.how(asked.form, one) for one in asked.asked()}
    assert "FS-2026-0001" in said["/visit_no"]
    assert "09:30" in said["/start_time"]
    assert "可不填" in said["/next_date"]
    assert "可不填" not in said["/visit_no"]
    numbers = interview("application_b").everything()
    age = next(one for one in numbers if one.pointer == "/age")
    assert "0 至 120" in formats.how(load_form("application_b"), age)


@pytest.mark.parametrize("form", list_forms(), ids=lambda form: form.id)
def test_enter_skips_an_empty_list_exactly_where_it_says_so(form: FormDefinition) -> None:
    asked = Interview(form, "final", State({}))
    for question in asked.asked():
        if question.widget.kind != "rows" or question.parent:
            continue
        asked.state.position = question.pointer
        (said,) = wording.present(question, MISSING, None)
        say(asked, "")
        opened = (place(asked) or "").startswith(f"{question.pointer}/0/")
        assert opened != ("直接回车跳过" in said), question.pointer
        asked = Interview(form, "final", State({}))


def boxed() -> FormDefinition:
    """A form with an optional group and rows whose first field may stay empty."""
    text = {"type": "string", "title": "项", "maxLength": 20}
    group = {"first": {**text, "title": "甲", "x-required": "final"}, "second": {**text, "title": "乙"}}
    rows = {"number": {**text, "title": "文号"}, "name": {**text, "title": "题名", "x-required": "final"}}
    schema = {
        "title": "样例表",
        "type": "object",
        "x-form": {
            "id": "boxed", "version": 1, "code": "X", "family": "样例", "source": [], "signatures": False,
            "captions": {"verbatim": "", "corrected": ""}, "header": {}, "copies": 1,
            "retention": {"class": "G3", "reason": "r3"},
        },
        "properties": {
            "box": {"type": "object", "title": "盒", "properties": group, "additionalProperties": False},
            "rows": {
                "type": "array", "title": "行",
                "items": {"type": "object", "properties": rows, "additionalProperties": False},
            },
            "last": {**text, "title": "末项"},
        },
        "additionalProperties": False,
    }  # fmt: skip
    return from_schema(schema, Path("boxed.json"))


def test_an_empty_optional_group_is_passed_over_at_once() -> None:
    asked = Interview(boxed(), "final", State({}))
    assert place(asked) == "/box/first"
    say(asked, "")
    assert place(asked) == "/rows"


def test_a_row_whose_first_field_stays_empty_can_be_filled() -> None:
    asked = Interview(boxed(), "final", State({}))
    say(asked, "", "+", "", "样例题名", "")
    assert asked.state.answers == {"rows": [{"name": "样例题名"}]}
    assert place(asked) == "/last"

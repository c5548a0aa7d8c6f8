"""The head line of a page never reaches its code, whatever somebody is called."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.docx.header import MORE, breadth, head_line, printed_room, working_room
from generator.forms.catalogue import list_forms
from generator.identity.placement import obstructions, overlay, reserved
from generator.render import PrintIdentity, PrintOptions, form_kit, lay_out, page_codes, sheet_text
from generator.resources import data_dir
from generator.typeset.fonts import bundled_fonts
from generator.typeset.model import TextSpan

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
KEY = b"a station's own key"
NAMES = ("欧" * 40, "W" * 40, "样例" * 6 + "·" + "样" * 27)


def spans_at_the_head(form_id: str, name: str, key: bytes | None, copy: int) -> list[list[TextSpan]]:
    """The head lines of each page, behind the small print of its code; nothing may lie on the symbols."""
    kit = form_kit(form_id)
    path = data_dir("schemas") / "examples" / form_id / "valid-full.json"
    answers = json.loads(path.read_text(encoding="utf-8"))
    pointer = kit.form.header.get("name")
    if pointer:
        answers[pointer.strip("/")] = name
    identity = PrintIdentity("0000000000", NOW, *([key] if key else []))
    if copy > 1:
        identity = replace(identity, copy=copy, copies=copy)
    layout = lay_out(kit, answers, PrintOptions(), identity, bundled_fonts())
    found = []
    codes = page_codes(identity, len(layout.pages))
    for page, code in zip(layout.pages, codes, strict=True):
        assert not obstructions(page)
        small = overlay(code, (page.width, page.height), demo=identity.demo).texts
        head = [span for span in page.spans if span.y < 80 and span.text.strip()]
        lowest = max(span.y for span in small if span.y < 80)
        assert all(span.y - span.size > lowest for span in head), "the small print stands above the line"
        assert len({span.y for span in head}) <= 1, "one line"
        first = min(zone.x for zone in reserved((page.width, page.height)) if zone.y < 80)
        assert all(span.x + span.advance < first for span in head if span.text.strip()), form_id
        found.append(head)
    return found


@pytest.mark.parametrize("form_id", [form.id for form in list_forms()])
def test_forty_characters_of_name_stay_off_the_code_on_every_page(form_id: str) -> None:
    kit = form_kit(form_id)
    for number, name in enumerate(NAMES):
        heads = spans_at_the_head(form_id, name, KEY if number else None, len(kit.form.copy_labels) or 1)
        text = ["".join(span.text for span in head) for head in heads]
        if kit.form.header.get("name"):
            assert all("姓名：" + name[:1] in one for one in text), "each page says whose it is"


def test_a_usual_name_is_printed_whole() -> None:
    line = head_line("个案编号：GA-2026-0001", "姓名：样例甲", ("第1份", "", ""), printed_room())
    assert line == "个案编号：GA-2026-0001    姓名：样例甲"


def test_a_usual_name_is_whole_on_a_working_copy_too() -> None:
    form = form_kit("service_agreement").form
    said = {"number": "GA-2026-0001", "name": "样例甲"}
    answers = {form.header[part].strip("/"): value for part, value in said.items()}
    code = "KD1*DPNXJWQDMB*03*03*C9F2"
    of_two = sheet_text(
        form, answers, PrintOptions(), mark="样例 工作稿", code_text=code, room=working_room()
    )
    assert MORE not in of_two.number_line, "the code in small print gives way before the name"
    assert of_two.code_text == ""
    line = head_line("个案编号：GA-2026-0001", "姓名：样例甲", ("", "样例 工作稿", code), working_room())
    assert MORE not in line


text = st.text(st.characters(codec="utf-8", categories=["L", "N"]), max_size=60)


@given(text, text, text, st.floats(0, 600))
def test_the_line_fits_or_is_as_short_as_it_gets(number: str, name: str, label: str, room: float) -> None:
    number, name = number and f"个案编号：{number}", name and f"姓名：{name}"
    line = head_line(number, name, (label,), room)
    taken = sum(breadth(part) for part in line.split("    "))
    least = breadth("个案编号" + MORE) + breadth("姓名：欧" + MORE)
    assert taken <= max(room - breadth(label), least + breadth("样例样"))
    if breadth(number) + breadth(name) + breadth(label) + 60 < room:
        assert line == "    ".join(part for part in (number, name) if part)

"""An older print names what was changed since, by caption and without an answer."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from desk.station.scanning.changes import changed_fields
from generator.forms.catalogue import load_form
from generator.resources import data_dir


def example(form_id: str) -> dict[str, Any]:
    path = data_dir("schemas") / "examples" / form_id / "valid-full.json"
    told: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return told


def test_a_changed_answer_is_named_by_its_caption() -> None:
    form, before = load_form("record_e"), example("record_e")
    now = {**before, "goal": "改过的目标（样例）"}
    assert changed_fields(form, before, now) == (form.fields["/goal"].label,)


def test_rows_are_named_once_whatever_changed_in_them() -> None:
    form, before = load_form("plan_d"), example("plan_d")
    rows = next(name for name, said in before.items() if isinstance(said, list) and isinstance(said[0], dict))
    column = next(iter(before[rows][0]))
    now = json.loads(json.dumps(before))
    for row in now[rows]:
        row[column] = "改过（样例）"
    assert changed_fields(form, before, now) == (form.fields[f"/{rows}/*/{column}"].label,)


@given(st.lists(st.sampled_from(sorted(example("record_e"))), unique=True))
def test_what_is_taken_away_is_a_change_and_nothing_else_is(names: list[str]) -> None:
    form, before = load_form("record_e"), example("record_e")
    now = {name: said for name, said in before.items() if name not in names}
    told = changed_fields(form, before, now)
    assert bool(told) == bool(names)
    assert changed_fields(form, before, before) == ()

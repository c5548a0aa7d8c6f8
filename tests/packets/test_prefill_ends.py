"""Prefill comes to its end whatever is given, and what is wrong is told as ``validate`` tells it."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import generator.prefill
from desk.cli.main import run
from generator.errors import PacketEmpty
from generator.forms import pointer
from generator.forms.catalogue import list_forms, load_form
from generator.forms.definition import FormDefinition
from generator.packets.case import MAX_INSTANCES
from generator.packets.survey import survey
from generator.prefill import COMPUTED, Prefiller
from generator.resources import data_dir
from generator.validation.report import Problem
from generator.validation.validate import complete, validate
from tests.packets.conftest import AT, case_of

COMPUTING = [form.id for form in list_forms() if any(s.computed for s in load_form(form.id).fields.values())]
BAD = ("2025-3-6", "2026-02-30", "样例", 1.5, -1, 10**30, 1e300, True, [], {}, [1], {"date": 1}, "", None)
Place = tuple[str | int, ...]


@cache
def _example(form_id: str) -> dict[str, Any]:
    path = sorted((data_dir("schemas") / "examples" / form_id).glob("valid-*.json"))[0]
    loaded: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return loaded


def _inputs(form: FormDefinition) -> Iterator[Place]:
    """Where the values stand that something is computed from, the lists they stand in, and the results."""
    for spec in form.fields.values():
        for arg in spec.computed["args"] if spec.computed else ():
            parts = tuple(0 if part == "*" else part for part in pointer.split(arg))
            yield from (parts[:end] for end in range(1, len(parts) + 1))
        if spec.computed:
            yield pointer.split(spec.pointer)


def _with(node: Any, place: Place, value: Any) -> Any:
    """A copy of ``node`` with ``value`` at the place; of a list that is wanted the first row is taken."""
    if not place:
        return value
    if isinstance(place[0], int):
        rows = node if isinstance(node, list) and node else [None]
        return [_with(rows[0], place[1:], value), *rows[1:]]
    members = node if isinstance(node, dict) else {}
    return {**members, place[0]: _with(members.get(place[0]), place[1:], value)}


@pytest.fixture(autouse=True)
def _no_more_rounds_than_fields(monkeypatch: pytest.MonkeyPatch) -> None:
    """A form that is looked at more often than it has fields is looked at for ever."""
    real_fill, rounds = Prefiller.fill, [0]

    def counting_fill(self: Prefiller, *args: Any) -> Any:
        before, rounds[0] = rounds[0], 0
        try:
            return real_fill(self, *args)
        finally:
            rounds[0] = before

    def counted(form: FormDefinition, *args: Any) -> Any:
        rounds[0] += 1
        assert rounds[0] <= len(form.fields) + 1, f"{form.id}: round {rounds[0]}"
        return complete(form, *args)

    monkeypatch.setattr(Prefiller, "fill", counting_fill)
    monkeypatch.setattr(generator.prefill, "complete", counted)


def _told(found: tuple[Problem, ...]) -> list[str]:
    return sorted(str(problem) for problem in found)


def _same_as_validate(form: FormDefinition, answers: dict[str, Any]) -> None:
    filled = Prefiller({"forms": {}}, AT).fill(form, answers)
    said = complete(form, filled.answers, "final", AT).report.problems
    known = {place for place, source in filled.origins.items() if source != COMPUTED}
    want = [p for p in validate(form, answers, "final", AT).problems if p.path not in known]
    assert _told(said) == _told(tuple(want))
    draft = validate(form, filled.answers, "draft", AT).errors
    assert not {problem.path for problem in draft} & set(filled.origins), "a filled field is wrong"


@pytest.mark.parametrize("form_id", COMPUTING)
def test_a_wrong_answer_that_others_are_computed_from_is_told_as_validate_tells_it(form_id: str) -> None:
    form = load_form(form_id)
    places = dict.fromkeys(_inputs(form))
    assert places
    for place in places:
        for value in BAD:
            for base in ({}, _example(form_id)):
                _same_as_validate(form, _with(base, place, value))


@given(st.data())
def test_several_wrong_answers_at_once_come_to_an_end_too(data: st.DataObject) -> None:
    form = load_form(data.draw(st.sampled_from(COMPUTING)))
    answers: dict[str, Any] = data.draw(st.sampled_from([{}, _example(form.id)]))
    places = sorted(set(_inputs(form)), key=str)
    for place in data.draw(st.lists(st.sampled_from(places), min_size=2, max_size=5)):
        answers = _with(answers, place, data.draw(st.sampled_from(BAD)))
    _same_as_validate(form, answers)


@pytest.mark.parametrize("form_id", [form.id for form in list_forms() if form.id not in COMPUTING])
def test_forms_that_compute_nothing_end_as_well(form_id: str) -> None:
    form = load_form(form_id)
    for name in _example(form_id):
        for value in ("2025-3-6", 1.5, [{}]):
            _same_as_validate(form, _with(_example(form_id), (name,), value))


def test_a_long_row_of_papers_that_copy_from_each_other_is_filled() -> None:
    first = {"medicines": _example("medication_record")["medicines"]}
    case = {"forms": {"medication_record": [first, *({} for _ in range(MAX_INSTANCES - 1))]}}
    filled = Prefiller(case, AT).fill(load_form("medication_record"), {})
    assert filled.answers["medicines"] == first["medicines"]


# --- the commands -----------------------------------------------------------------------------------------

CONSENT = {"worker_signature": {"name": "样例社工", "date": "2025-3-6"}}
SENTENCE = "社会工作者签字日期：日期不存在或写法不对。"
CASE = {"person": {"name": "样例甲"}, "forms": {"consent_a": CONSENT}}


def _written(folder: Path, name: str) -> str:
    path = folder / name
    path.write_text(json.dumps(CASE, ensure_ascii=False) + "\n", encoding="utf-8")
    return str(path)


def test_a_packet_tells_the_wrong_date_and_what_was_computed_from_it() -> None:
    paper = survey("intake", case_of(CASE), AT).papers[0]
    assert _told(paper.report.problems) == _told(validate(paper.form, paper.answers, "final", AT).problems)
    assert SENTENCE in "".join(map(str, paper.report.problems))


def test_the_packet_command_says_it(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    ended = run(["packet", "intake", _written(tmp_path, "个案.json"), "-o", str(tmp_path / "案.pdf")])
    assert (ended, SENTENCE in capfd.readouterr().err) == (PacketEmpty.exit_code, True)


@pytest.mark.parametrize("name", ["intake", "consent_a"])
def test_a_batch_says_it(
    name: str, tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("desk.cli.batch_cmd.processes", lambda workers: ThreadPoolExecutor(1))
    roster = _written(tmp_path, "名册.jsonl")
    assert run(["batch", name, roster, "-o", str(tmp_path / "文书"), "--json"]) == 1
    result = json.loads(capfd.readouterr().out)["results"][0]
    assert SENTENCE in json.dumps(result, ensure_ascii=False)


def test_filling_a_form_from_a_case_with_a_wrong_date_begins(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("!\n"))
    case = _written(tmp_path, "个案.json")
    assert run(["fill", "consent_a", "--case", case, "-o", str(tmp_path / "答.json")]) == 1

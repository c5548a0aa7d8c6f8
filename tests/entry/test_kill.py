"""Killing ``fill`` at any moment loses no answer and leaves no half file."""

from __future__ import annotations

import json
import sys
from itertools import pairwise
from pathlib import Path

import pytest

from generator.forms.catalogue import load_form
from generator.resources import data_dir
from tests.entry.person import Person, answers_in, kept
from tests.entry.screen import Screen, answer

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="kill -9 is Unix")

START = ("-c", "from desk.cli.main import main; main()")


def wanted(form_id: str) -> Path:
    return data_dir("schemas") / "examples" / form_id / "valid-full.json"


def person(form_id: str, done: set[str] | None = None) -> Person:
    return Person(load_form(form_id), answers_in(wanted(form_id)), "final", done)


def assert_nothing_half(folder: Path) -> None:
    for path in folder.glob("*.json"):
        json.loads(path.read_bytes())


def test_killed_again_and_again_while_answering_and_resumed_it_ends_as_if_never_killed(
    tmp_path: Path,
) -> None:
    """Each process gets a few lines, is killed at whatever it is doing then, and the next one goes on."""
    form_id, killed = "record_e", 0
    done: set[str] = set()
    expected = kept(load_form(form_id), answers_in(wanted(form_id)), "final")
    command = (*START, "fill", form_id, "-o", "记录.json")
    while not (tmp_path / "记录.json").exists():
        screen = Screen(command, tmp_path)
        answer(screen, person(form_id, done), limit=3)
        screen.end(kill=True)
        assert_nothing_half(tmp_path)
        killed += 1
        assert killed < 60
    screen = Screen(command, tmp_path)
    answer(screen, person(form_id))
    screen.end()
    assert killed > 7
    assert answers_in(tmp_path / "记录.json") == expected


def test_an_answer_is_in_the_draft_before_the_next_question(tmp_path: Path) -> None:
    screen = Screen((*START, "fill", "record_e", "-o", "记录.json"), tmp_path)
    who, seen = person("record_e"), []
    for _ in range(12):
        shown = screen.until_prompt()
        assert shown is not None
        draft = answers_in(tmp_path / "记录.draft.json")
        seen.append((draft["position"], draft["lines"], draft["answers"]))
        screen.type(who.decide(*shown))
    screen.end(kill=True)
    assert all(before != after for before, after in pairwise(seen))


def test_killed_at_every_write_it_ends_as_if_never_killed(tmp_path: Path) -> None:
    """Each run dies at another write call: before the temporary file, the flush, the rename …"""
    form_id, killed = "consent_a", 0
    expected = kept(load_form(form_id), answers_in(wanted(form_id)), "final")
    data = tmp_path / "同意书.json"
    for point in (*range(1, 12), 15, 19, 23, 28, 34, 41, 10**9):
        command = ("-m", "tests.entry.killed", str(point), "fill", form_id, "-o", str(data))
        screen = Screen(command, Path(__file__).parents[2])
        answer(screen, person(form_id))
        code = screen.end()
        killed += code == -9
        assert_nothing_half(tmp_path)
        if data.exists():
            assert answers_in(data) == expected
            if code == 0:
                break
    assert killed >= 11
    assert answers_in(data) == expected
    assert [path.name for path in tmp_path.iterdir() if not path.name.startswith(".")] == ["同意书.json"]


def test_a_second_window_is_turned_away(tmp_path: Path) -> None:
    command = (*START, "fill", "consent_a", "-o", "同意书.json")
    first, second = Screen(command, tmp_path), None
    first.until_prompt()
    second = Screen(command, tmp_path)
    assert second.until_prompt() is None
    assert second.end() == 25
    first.end(kill=True)
    third = Screen(command, tmp_path)
    assert third.until_prompt() is not None, "the lock of a killed process must not remain"
    third.end(kill=True)


def test_a_draft_keeps_its_form_version(tmp_path: Path) -> None:
    screen = Screen((*START, "fill", "consent_a", "-o", "同意书.json"), tmp_path)
    screen.until_prompt()
    screen.end(kill=True)
    path = tmp_path / "同意书.draft.json"
    draft = answers_in(path)
    assert draft["version"] == load_form("consent_a").version
    path.write_text(json.dumps({**draft, "version": 999}), encoding="utf-8")
    screen = Screen((*START, "fill", "consent_a", "-o", "同意书.json"), tmp_path)
    assert screen.until_prompt() is None
    assert screen.end() == 10, "another version of the form is not put in its place"

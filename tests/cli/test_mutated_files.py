"""Whatever a file of answers, a case, a person or a station has become: a sentence, no internal error."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from desk.cli.main import run
from generator.resources import data_dir
from tests.cli.english import english
from tests.cli.mutating_json import mutated

SCHEMAS = data_dir("schemas")
BLOCK = 200


def example(form_id: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(
        (SCHEMAS / "examples" / form_id / "valid-full.json").read_text(encoding="utf-8")
    )
    return found


def case_of(*form_ids: str) -> dict[str, Any]:
    sample: dict[str, Any] = json.loads((SCHEMAS / "cases" / "sample.json").read_text(encoding="utf-8"))
    forms = {form_id: sample["forms"].get(form_id, example(form_id)) for form_id in form_ids}
    return {**sample, "forms": forms}


FORMS = ("application_b", "case_note", "closure_g", "medication_record", "needs_survey")
PACKETS = (
    ("intake", ("application_b", "consent_a")),
    ("service", ("record_e", "activity_extract")),
    ("plan", ("preassess_c", "plan_d", "rehab_plan")),
    ("closing", ("closure_g", "evaluation_f")),
    ("archive", ("application_b", "file_cover", "file_contents", "file_note")),
)
SETTINGS = {
    "station": {"station_id": "DEMO-TDZNXJ0E", "name": "样例站点", "fonds": "PZ01", "start_rule": "next_year",
                "medical": False, "waiting_days": 0, "backup_days": 90, "loan_days": 7},
    "keys_folder": "密钥", "data_url": "", "keys_url": "", "captions": "none",
}  # fmt: skip


def _answers(seed: int) -> tuple[dict[str, Any], list[str]]:
    form_id = FORMS[seed % len(FORMS)]
    if seed % 3 == 0:
        return example(form_id), ["render", form_id, "x.json", "-o", "x.docx"]
    level = ("draft", "final", "signed")[seed % 7 % 3]
    return example(form_id), ["validate", form_id, "x.json", "--level", level]


def _case(seed: int) -> tuple[dict[str, Any], list[str]]:
    name, forms = PACKETS[seed % len(PACKETS)]
    case = case_of(*forms)
    commands = (
        ["validate", "--case", "x.json"],
        ["packet", name, "x.json", "-o", "x.zip"],
        ["packet", name, "x.json", "--blank-missing", "-o", "x.zip"],
        ["fill", "application_b", "--case", "x.json", "-o", f"{seed}.json"],
        ["validate", "case_note", "好.json", "--case", "x.json"],
    )
    return case, commands[seed // len(PACKETS) % len(commands)]


def _person(seed: int) -> tuple[dict[str, Any], list[str]]:
    person = case_of()["person"] if seed % 2 else example("needs_survey")
    form_id = FORMS[seed % len(FORMS)]
    if seed % 4 == 0:
        return person, ["fill", form_id, "--person", "x.json", "-o", f"{seed}.json"]
    return person, ["blank", form_id, "--person", "x.json", "-o", "x.docx"]


def _draft(seed: int) -> tuple[dict[str, Any], list[str]]:
    draft = {
        "format": "kangdang-draft-1", "form": "case_note", "version": 1, "level": "final",
        "answers": example("case_note"), "position": "/participants/0/name", "reviewing": False, "lines": [],
        "back": ["/purpose", "/held_on"], "origins": {"/client_name": "person.name"}, "replaces": None,
        "saved_at": "2026-11-20T09:30:00",
    }  # fmt: skip
    return draft, ["fill", "case_note", "-o", "x.json"]


def _settings(seed: int) -> tuple[dict[str, Any], list[str]]:
    commands = (
        ["doctor", "--home", "站"],
        ["blank", "privacy_consent", "--home", "站", "-o", "x.docx"],
        ["login", "--home", "站"],
        ["station", "show", "--home", "站"],
    )
    return SETTINGS, commands[seed % len(commands)]


def _print_facts(seed: int) -> tuple[dict[str, Any], list[str]]:
    station = case_of()["station"]
    if seed % 2:
        return station, ["blank", "privacy_consent", "--home", "本站", "-o", "x.docx"]
    return station, ["packet", "intake", "好个案.json", "--home", "本站", "-o", "x.zip"]


DOORS: dict[str, tuple[Callable[[int], tuple[dict[str, Any], list[str]]], str]] = {
    "answers": (_answers, "x.json"),
    "case": (_case, "x.json"),
    "person": (_person, "x.json"),
    "draft": (_draft, "x.draft.json"),
    "settings": (_settings, "站/station.json"),
    "print facts": (_print_facts, "本站/print-facts.json"),
}
"""Each door: what is told to it and by which command; and the file that is changed."""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("KANGDANG_HOME", raising=False)
    for station in ("站", "本站"):
        (tmp_path / station / "密钥").mkdir(parents=True)
        (tmp_path / station / "密钥" / "page-code.key").write_text("00" * 16, encoding="ascii")
        (tmp_path / station / "station.json").write_text(json.dumps(SETTINGS), encoding="utf-8")
    (tmp_path / "好.json").write_text(json.dumps(example("case_note")), encoding="utf-8")
    (tmp_path / "好个案.json").write_text(json.dumps(case_of("application_b")), encoding="utf-8")

    def nobody(prompt: str = "") -> str:
        raise EOFError

    monkeypatch.setattr("builtins.input", nobody)
    return tmp_path


def _outcomes(door: str, seeds: range, here: Path, capsys: pytest.CaptureFixture[str]) -> Counter[int]:
    tell, name = DOORS[door]
    kept = {path: path.read_bytes() for path in here.rglob("*") if path.is_file()}
    outcomes: Counter[int] = Counter()
    for seed in seeds:
        document, arguments = tell(seed)
        (here / name).write_bytes(mutated(document, seed))
        code = run(arguments)
        told = capsys.readouterr()
        where = f"seed {seed} at {door}: {arguments}"
        assert code not in (70, 141), f"{where}\n{told.err}"
        assert english(told.err.replace("name", "").replace("person", "")) == set(), f"{where}\n{told.err}"
        outcomes[code] += 1
        for path in here.iterdir():
            if path.is_file() and path not in kept:
                path.unlink()
            elif path.is_dir() and path.name not in ("站", "本站"):
                shutil.rmtree(path)
        for path, content in kept.items():
            path.write_bytes(content)
    return outcomes


@pytest.mark.parametrize("door", DOORS)
def test_a_damaged_file_never_ends_in_an_internal_error(
    door: str, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    outcomes = _outcomes(door, range(7), here, capsys)
    assert sum(outcomes.values()) == 7


@pytest.mark.slow
@pytest.mark.parametrize("block", range(10))
@pytest.mark.parametrize("door", DOORS)
def test_two_thousand_damaged_files(
    door: str,
    block: int,
    here: Path,
    capsys: pytest.CaptureFixture[str],
    record_property: Callable[[str, object], None],
) -> None:
    start = 1000 + block * BLOCK
    outcomes = _outcomes(door, range(start, start + BLOCK), here, capsys)
    record_property("told", f"{BLOCK} damaged files of {door}: {dict(outcomes)}")
    assert sum(outcomes.values()) == BLOCK
    assert len(outcomes) > 1, "some are refused, some are fine"

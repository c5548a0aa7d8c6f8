"""``kangdang fill`` around the questions: what is known, files that are there already, mistakes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from desk.cli.main import run
from desk.entry.draft import draft_path
from desk.entry.fill import fill, open_session
from generator.errors import OutputUnwritable
from generator.forms.catalogue import load_form
from tests.entry.person import NOW, Person, answers_in, examples
from tests.entry.test_examples import nothing_known

FULL = examples("consent_a")[-3]


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def typed(lines: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    given = iter(lines)

    def read(prompt: str = "") -> str:
        try:
            return next(given)
        except StopIteration:
            raise EOFError from None

    monkeypatch.setattr("builtins.input", read)


def test_what_is_known_of_the_person_is_shown_and_accepted_by_enter(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    known = {"name": "样例甲", "gender": "女", "birth_date": "1985-04-12"}
    (tmp_path / "甲.json").write_text(json.dumps(known), encoding="utf-8")
    typed(["SQ-2026-0001", "2026-3-5", "-", "", "", "", "!"], monkeypatch)
    assert run(["fill", "application_b", "--person", "甲.json"]) == 1
    shown = capsys.readouterr().out
    assert "现为：样例甲（来自个人资料）　回车采用。" in shown
    answers = answers_in(tmp_path / "application_b.draft.json")["answers"]
    assert answers["client_name"] == "样例甲"
    assert answers["birth_date"] == "1985-04-12"


def test_an_existing_data_file_is_not_overwritten(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "application_b.json").write_text("{}", encoding="utf-8")
    assert run(["fill", "application_b"]) == 1
    assert "已存在" in capsys.readouterr().err
    assert (tmp_path / "application_b.json").read_text(encoding="utf-8") == "{}"


def test_an_existing_data_file_can_be_edited(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    form = load_form("application_b")
    path = next(path for path in examples("application_b") if path.name == "valid-full.json")
    data = tmp_path / "申请.json"
    data.write_bytes(path.read_bytes())
    session = open_session(form.id, data, "final", NOW, prefill=nothing_known, edit=True)
    wanted = {**answers_in(path), "client_needs": "另一种需求。"}
    assert fill(session, Person(form, wanted, "final"), lambda: NOW)
    assert answers_in(data)["client_needs"] == "另一种需求。"


def test_a_data_file_written_by_somebody_else_meanwhile_is_not_overwritten(tmp_path: Path) -> None:
    form, data = load_form("consent_a"), tmp_path / "同意书.json"
    session = open_session(form.id, data, "final", NOW, prefill=nothing_known)
    data.write_text('{"social_worker_name": "别人"}', encoding="utf-8")
    path = next(path for path in examples("consent_a") if path.name == "valid-full.json")
    with pytest.raises(OutputUnwritable, match="被别的程序写过"):
        fill(session, Person(form, answers_in(path), "final"), lambda: NOW)
    assert answers_in(data) == {"social_worker_name": "别人"}
    assert draft_path(data).exists(), "the answers are still in the draft"


def test_the_draft_of_another_form_is_left_alone(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    typed(["!"], monkeypatch)
    assert run(["fill", "consent_a", "-o", "x.json"]) == 1
    assert run(["fill", "record_e", "-o", "x.json"]) == 1
    assert "是表单 consent_a 的草稿" in capsys.readouterr().err


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"format": "kangdang-draft-1"}', '{"a": NaN}'])
def test_a_damaged_draft_is_named_and_not_touched(
    content: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = tmp_path / "x.draft.json"
    path.write_text(content, encoding="utf-8")
    assert run(["fill", "consent_a", "-o", "x.json"]) == 12
    assert "错误：" in capsys.readouterr().err
    assert path.read_text(encoding="utf-8") == content


def test_the_end_of_input_leaves_with_a_draft(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    typed(["SQ-2026-0001"], monkeypatch)
    assert run(["fill", "application_b"]) == 1
    assert answers_in(tmp_path / "application_b.draft.json")["answers"] == {"application_no": "SQ-2026-0001"}


def test_nobody_else_may_read_a_draft(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    typed(["SQ-2026-0001"], monkeypatch)
    run(["fill", "application_b"])
    assert (tmp_path / "application_b.draft.json").stat().st_mode & 0o077 == 0


def test_a_form_that_is_not_there(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert run(["fill", "aplication_b"]) == 10
    assert "application_b" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == [], "no lock and no draft of a form that is not there"


def test_person_and_case_together(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["fill", "application_b", "--person", "a", "--case", "b"]) == 2

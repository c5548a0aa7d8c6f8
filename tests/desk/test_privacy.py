"""What a person told stays in the document: not in messages, file names, print records, codes or metadata."""

from __future__ import annotations

import json
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pypdf
import pytest

from desk.cli._common import show_report
from desk.documents import check_answers
from generator.forms.catalogue import load_form
from generator.forms.definition import Level
from generator.validation.report import ValidationReport
from tests.desk.conftest import EXAMPLES, FORMS, Kangdang, example, told_by
from tests.desk.test_issuing import page_texts

AT = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
INVALID = sorted(path.relative_to(EXAMPLES).as_posix() for path in EXAMPLES.glob("*/invalid-*.json"))


def test_the_samples_say_something() -> None:
    assert all(len(told_by(form_id, example(form_id))) >= 3 for form_id in FORMS)
    assert len(INVALID) >= 40


def leaks(answers: set[str], text: str) -> set[str]:
    return {answer for answer in answers if answer in text}


def shown(report: ValidationReport, capfd: pytest.CaptureFixture[str]) -> str:
    """What a person sees of a report, and what a program gets."""
    capfd.readouterr()
    show_report(report)
    told = capfd.readouterr()
    return f"{told.out}{told.err}{json.dumps(report.to_dict()['problems'], ensure_ascii=False)}"


def test_no_message_repeats_an_answer(capfd: pytest.CaptureFixture[str]) -> None:
    """Every wrong example at the levels a person asks for; the command is held to the same below."""
    found = []
    for name in INVALID:
        form_id, _, stem = name.partition("/")
        answers = example(form_id, stem.removesuffix(".json"))
        own = told_by(form_id, answers)
        for level, drop in (("final", False), ("signed", False), ("final", True)):
            report, _ = check_answers(load_form(form_id), answers, level, AT, drop_hidden=drop)
            found += [f"{name} at {level}" for _ in leaks(own, shown(report, capfd))]
    assert found == []


@pytest.mark.parametrize("form_id", FORMS)
def test_the_command_says_what_the_report_says(
    form_id: str,
    kangdang: Kangdang,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("desk.cli.validate_cmd.now", lambda: AT)
    name = next(name for name in INVALID if name.startswith(f"{form_id}/"))
    answers = example(form_id, Path(name).stem)
    (tmp_path / "数据.json").write_text(json.dumps(answers), encoding="utf-8")
    levels: tuple[tuple[Level, list[str]], ...] = (
        ("final", ["--level", "final"]), ("signed", ["--level", "signed"]), ("final", ["--drop-hidden"]),
    )  # fmt: skip
    for level, arguments in levels:
        report, _ = check_answers(
            load_form(form_id), answers, level, AT, drop_hidden="--drop-hidden" in arguments
        )
        ended = kangdang("validate", form_id, "数据.json", *arguments)
        said = f"{ended.out}{ended.err}"
        assert leaks(told_by(form_id, answers), said) == set()
        capfd.readouterr()
        show_report(report)
        plain = capfd.readouterr()
        count = f"共 {len(report.errors)} 个错误，{len(report.warnings)} 个提醒。\n"
        assert (ended.out, ended.err) == (plain.out + count, plain.err)
        told = json.loads(kangdang("validate", form_id, "数据.json", *arguments, "--json").out)
        assert told["problems"] == report.to_dict()["problems"]


@pytest.mark.parametrize("form_id", FORMS)
def test_nothing_personal_is_beside_the_document(form_id: str, kangdang: Kangdang, tmp_path: Path) -> None:
    answers = told_by(form_id, example(form_id))
    data = EXAMPLES / form_id / "valid-full.json"
    told = ""
    for out in ("件.pdf", "件.docx"):
        ended = kangdang("render", form_id, data, "-o", out, "--json")
        assert ended.code == 0, ended.err
        told += json.dumps({**json.loads(ended.out), "computed": {}}, ensure_ascii=False) + ended.err
    record = (tmp_path / "件.print.json").read_text(encoding="utf-8")
    names = " ".join(path.name for path in tmp_path.iterdir())
    codes = " ".join(page_texts(tmp_path / "件.pdf"))
    reader = pypdf.PdfReader(tmp_path / "件.pdf")
    metadata = f"{reader.metadata}{reader.trailer['/Root']['/Metadata'].get_data().decode()}"
    archive = zipfile.ZipFile(tmp_path / "件.docx")
    properties = "".join(archive.read(n).decode() for n in archive.namelist() if n.startswith("docProps/"))
    for text in (told, record, names, codes, metadata, properties):
        assert leaks(answers, text) == set()

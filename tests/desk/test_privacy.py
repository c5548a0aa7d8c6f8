"""What a person told stays in the document: not in messages, file names, print records, codes or metadata."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pypdf
import pytest

from tests.desk.conftest import EXAMPLES, FORMS, Kangdang, example, told_by
from tests.desk.test_issuing import page_texts

INVALID = sorted(path.relative_to(EXAMPLES).as_posix() for path in EXAMPLES.glob("*/invalid-*.json"))


def test_the_samples_say_something() -> None:
    assert all(len(told_by(form_id, example(form_id))) >= 3 for form_id in FORMS)
    assert len(INVALID) >= 40


def leaks(answers: set[str], text: str) -> set[str]:
    return {answer for answer in answers if answer in text}


@pytest.mark.parametrize("name", INVALID)
def test_no_message_repeats_an_answer(name: str, kangdang: Kangdang, tmp_path: Path) -> None:
    form_id, _, stem = name.partition("/")
    answers = example(form_id, stem.removesuffix(".json"))
    (tmp_path / "数据.json").write_text(json.dumps(answers), encoding="utf-8")
    for arguments in (["--level", "final"], ["--level", "signed", "--json"], ["--drop-hidden"]):
        ended = kangdang("validate", form_id, "数据.json", *arguments)
        told = json.loads(ended.out)["problems"] if "--json" in arguments else ended.out
        assert leaks(told_by(form_id, answers), f"{told}{ended.err}") == set()


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

"""``kangdang packet`` as a user types it."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from desk.cli.main import run
from generator.docx.outline import outline
from generator.packets.record import read_packet_record
from tests.packets.conftest import SAMPLE, document
from tests.packets.test_scans import pdf


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "个案.json").write_text(SAMPLE.read_text(encoding="utf-8"), encoding="utf-8")
    return tmp_path


def write(path: Path, case: dict[str, Any]) -> str:
    path.write_text(json.dumps(case, ensure_ascii=False), encoding="utf-8")
    return str(path)


def test_a_packet_is_one_pdf_with_its_record(here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["packet", "closing", "个案.json", "-o", "结案.pdf", "--at", "2026-11-20", "--report"]) == 0
    told = capfd.readouterr().out
    pages = len(PdfReader("结案.pdf").pages)
    assert f"《结案文书》6 件，共 {pages} 页。" in told
    assert "项不用录入" in told
    places = read_packet_record((here / "结案.print.json").read_bytes())
    assert [place.sheet.form_id for place in places] == [
        "evaluation_f", "satisfaction_form", "closure_g", "discharge_application", "discharge_application",
        "followup_visit",
    ]  # fmt: skip


def test_json_tells_the_same(here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["packet", "closing", "个案.json", "-o", "结案.pdf", "--json", "--report"]) == 0
    told = json.loads(capfd.readouterr().out)
    assert told["pdf_a"] is True
    assert told["documents"][0]["first_page"] == 3
    assert told["share"]["ratio"] > 0
    assert told["missing"] == []


@pytest.mark.parametrize("out", ["计划", "计划.zip"])
def test_working_copies_go_into_a_folder_or_a_zip_under_names_without_a_person(out: str, here: Path) -> None:
    assert run(["packet", "plan", "个案.json", "-o", out]) == 0
    folder = here / out
    if out.endswith(".zip"):
        with zipfile.ZipFile(folder) as archive:
            folder = here / "开"
            archive.extractall(folder)
    names = sorted(path.name for path in folder.iterdir())
    assert names[0] == "01-C-预估表.docx"
    assert not any("样例" in name for name in names)
    assert any("样例甲" in line for line in outline((folder / names[0]).read_bytes()).splitlines())


def test_a_faulty_paper_is_told_with_its_problem_and_the_rest_printed(
    here: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    case = document()
    case["forms"]["closure_g"][0]["closing_date"] = "2031-01-01"
    assert run(["packet", "closing", write(here / "错.json", case), "-o", "结案.pdf"]) == 1
    told = capfd.readouterr()
    assert "未印 G 个案服务结案表（/forms/closure_g/0）：内容有误，没有印正式件。" in told.err
    assert "（/closing_date）" in told.err
    assert (here / "结案.pdf").exists()


def test_what_is_missing_is_told_with_reason_and_clause(
    here: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    case = document()
    del case["forms"]["closure_g"]
    assert run(["packet", "closing", write(here / "缺.json", case), "-o", "结案.pdf"]) == 0
    assert "缺少 G 个案服务结案表：结案应有结案表（004·结案；附录G）" in capfd.readouterr().err


def test_strict_prints_nothing_that_is_incomplete(here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    case = document()
    del case["forms"]["closure_g"]
    assert run(["packet", "closing", write(here / "缺.json", case), "-o", "结案.pdf", "--strict"]) == 1
    assert "没有打印（--strict）" in capfd.readouterr().err
    assert not (here / "结案.pdf").exists()


def test_a_packet_of_faulty_papers_alone_says_what_is_wrong(
    here: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    case = {"case": {"track": "sw"}, "forms": {"closure_g": {}}}
    assert run(["packet", "closing", write(here / "错.json", case), "-o", "结案.pdf"]) == 27
    told = capfd.readouterr().err
    assert "《结案文书》没有可以打印的文书：1 件内容有误。" in told
    assert "（/closing_date）" in told
    assert not (here / "结案.pdf").exists()


def test_a_case_that_is_no_case_is_refused_whole(here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = write(here / "错.json", {"persons": {}, "forms": {"aplication_b": []}})
    assert run(["packet", "intake", path, "-o", "收案.pdf"]) == 1
    told = capfd.readouterr().err
    assert "是不是“person”？" in told
    assert "是不是“application_b”？" in told
    assert not (here / "收案.pdf").exists()


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (["packet", "intak", "个案.json", "-o", "a.pdf"], 26, "没有名为“intak”的文书包。是不是“intake”？"),
        (["packet", "intake", "个案.json", "-o", "a.docx"], 2, "应为 .pdf（正式件）、.zip 或文件夹"),
        (["packet", "intake", "没有.json", "-o", "a.pdf"], 12, "没有文件"),
        (
            ["packet", "plan", "个案.json", "-o", "a.pdf", "--bind", "个案.json"],
            28,
            "扫描件 个案.json 不能读取",
        ),
        (
            ["packet", "plan", "个案.json", "-o", "a.zip", "--bind", "个案.json"],
            2,
            "docx 工作稿不能绑定扫描件",
        ),
        (["packet", "plan", "个案.json", "-o", "无/a.pdf"], 25, "文件夹不存在"),
    ],
)
def test_each_mistake_has_its_sentence_and_code(
    arguments: list[str], code: int, sentence: str, here: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert run(arguments) == code
    assert sentence in capfd.readouterr().err


def test_binding_an_original_says_that_the_mark_is_gone(
    here: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (here / "原件.pdf").write_bytes(pdf(2))
    assert run(["packet", "closing", "个案.json", "-o", "结案.pdf", "--bind-original", "原件.pdf"]) == 0
    assert "不再标为 PDF/A" in capfd.readouterr().err
    assert b"pdfaid:part" not in (here / "结案.pdf").read_bytes()


def test_a_station_key_prints_no_sample(here: Path) -> None:
    (here / "站点").mkdir()
    (here / "站点" / "page-code.key").write_text("ab" * 32, encoding="ascii")
    assert run(["packet", "closing", "个案.json", "-o", "结案.pdf", "--home", "站点"]) == 0
    places = read_packet_record((here / "结案.print.json").read_bytes())
    assert not any(place.sheet.demo for place in places)

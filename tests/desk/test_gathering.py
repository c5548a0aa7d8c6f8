"""From what ``fill`` wrote straight to a packet, and what is said before and on the way."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from desk.cli.main import run
from desk.entry.fill import next_steps
from generator.forms.catalogue import default, list_forms, load_form
from generator.packets.catalogue import packet_specs, site_forms
from generator.resources import data_dir

EXAMPLES = data_dir("schemas") / "examples"


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("KANGDANG_HOME", raising=False)
    for form_id, name in (("application_b", "申请.json"), ("consent_a", "同意书.json")):
        shutil.copy(EXAMPLES / form_id / "valid-full.json", tmp_path / name)


def wrote(name: str, content: Any) -> str:
    Path(name).write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    return name


def list_forms_of(*form_ids: str) -> list[str]:
    """Those of them that the catalogue has."""
    return [form_id for form_id in form_ids if form_id in default()]


def text_of(path: Path) -> str:
    return "".join("".join(page.extract_text().split()) for page in PdfReader(path).pages)


def test_the_files_of_two_forms_make_a_packet(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["packet", "intake", "申请.json", "同意书.json", "-o", "收案.pdf"]) == 0
    told = capsys.readouterr()
    assert "2 件" in told.out
    assert "申请.json：个案申请表" in told.err
    assert "同意书.json：服务知情同意书" in told.err


def test_blanks_of_such_a_packet_carry_the_person(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["packet", "intake", "申请.json", "--blank-missing", "-o", "收案.pdf"]) == 0
    assert text_of(Path("收案.pdf")).count("样例甲") > 3
    assert "IN11" in capsys.readouterr().err


def test_what_fits_several_forms_is_asked_about(capsys: pytest.CaptureFixture[str]) -> None:
    name = wrote("某.json", {"case_no": "GA-2025-0001", "client_name": "样例甲"})
    assert run(["packet", "intake", name, "-o", "x.pdf"]) == 1
    assert "consent_a=" in capsys.readouterr().err
    assert run(["packet", "intake", f"consent_a={name}", "-o", "x.pdf"]) == 27
    assert "社会工作者" in capsys.readouterr().err


def test_a_misspelt_field_is_named_with_the_form_it_is_nearest_to(capsys: pytest.CaptureFixture[str]) -> None:
    answers = json.loads((EXAMPLES / "consent_a" / "valid-full.json").read_text(encoding="utf-8"))
    name = wrote("错.json", {**answers, "recording": "是"})
    assert run(["packet", "intake", name, "-o", "x.pdf"]) == 1
    told = capsys.readouterr().err
    assert "服务知情同意书" in told
    assert "recording" in told


def test_a_case_and_a_further_form_go_together(capsys: pytest.CaptureFixture[str]) -> None:
    consent = json.loads(Path("同意书.json").read_text(encoding="utf-8"))
    case = {"person": {"name": "样例甲"}, "forms": {"consent_a": consent}}
    assert run(["packet", "intake", wrote("个案.json", case), "申请.json", "-o", "收案.pdf"]) == 0
    assert "2 件" in capsys.readouterr().out


@pytest.mark.parametrize("form", list_forms(), ids=lambda form: form.id)
def test_every_valid_example_is_known_for_what_it_is(form: Any) -> None:
    from desk.gathering import Given, gathered
    from tests.entry.person import NOW, answers_in

    path = EXAMPLES / form.id / "valid-full.json"
    if not path.exists():
        pytest.skip("this form has no full example")
    _, told = gathered([Given("数据.json", answers_in(path)), Given("另.json", {"x": 1}, "consent_a")], NOW)
    assert told[0] == ("数据.json", form.title)


def test_what_is_printed_next_stands_below_what_was_written() -> None:
    told = list(next_steps(load_form("application_b"), Path("我的 申请.json")))
    assert told[0] == '打印：kangdang render application_b "我的 申请.json" -o "我的 申请.pdf"'
    assert "packet intake" in told[1]
    packed = {entry.form_id for spec in packet_specs().values() for entry in spec.entries}
    for form_id in list_forms_of(*packed, *site_forms()):
        lines = list(next_steps(load_form(form_id), Path("a.json")))
        assert len(lines) == (2 if form_id in packed else 1), form_id


# --- validate --case --------------------------------------------------------------------------------------


def test_nothing_the_case_fills_is_missing(capsys: pytest.CaptureFixture[str]) -> None:
    answers = {"consent_mode": ["书面协议"], "recording_consent": "同意"}
    case = wrote("个案.json", {"case": {"responsible_worker": "样例工", "case_no": "GA-2025-0001"}})
    assert run(["validate", "consent_a", wrote("数据.json", answers)]) == 1
    assert run(["validate", "consent_a", "数据.json", "--case", case]) == 0


def test_a_whole_case_is_checked_as_it_would_be_printed(capsys: pytest.CaptureFixture[str]) -> None:
    sample = json.loads((data_dir("schemas") / "cases" / "sample.json").read_text(encoding="utf-8"))
    wrote("个案.json", sample)
    assert run(["validate", "--case", "个案.json", "--json"]) in (0, 1)
    looked = json.loads(capsys.readouterr().out)
    wrong = {paper["form"]: paper["problems"] for paper in looked["papers"] if not paper["ok"]}
    assert not wrong.keys() - {"file_note"}, "the sample prints"
    del sample["station"]
    wrote("个案.json", sample)
    assert run(["validate", "--case", "个案.json"]) == 1
    told = capsys.readouterr().out
    assert "必填" not in "".join(line for line in told.splitlines() if "名称" in line)
    assert told.count("--home") == 1


def test_the_archive_packet_says_once_what_the_program_listed(capsys: pytest.CaptureFixture[str]) -> None:
    sample = json.loads((data_dir("schemas") / "cases" / "sample.json").read_text(encoding="utf-8"))
    del sample["station"]
    for form_id in ("service_agreement", "rehab_plan", "plan_d", "health_exam"):
        sample["forms"].pop(form_id, None)
    assert run(["packet", "archive", wrote("个案.json", sample), "-o", "归档.pdf"]) == 1
    told = capsys.readouterr().err
    assert "由程序列出的" in told
    assert "/missing/" not in told
    assert told.count("错误") <= 3


def test_what_is_wrong_with_the_command_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["validate"]) == 2
    assert run(["validate", "consent_a"]) == 2
    assert "缺少参数 数据文件" in capsys.readouterr().err


# --- who the station is -----------------------------------------------------------------------------------


def test_a_blank_of_a_station_says_who_it_is(tmp_path: Path) -> None:
    home = tmp_path / "站点"
    home.mkdir()
    facts = {"station_id": "DEMO-TDZNXJ0E", "name": "样例晴川站", "fonds": "PZ01"}
    wrote("站点/station.json", {"station": facts, "keys_folder": "."})
    (home / "page-code.key").write_text("00" * 16, encoding="ascii")
    wrote("站点/print-facts.json", {"address": "样例市青石路9号", "fee_mode": "免费"})
    assert run(["blank", "privacy_consent", "--home", str(home), "-o", "空白.pdf"]) == 0
    assert "样例晴川站" in text_of(Path("空白.pdf"))
    assert "样例市青石路9号" in text_of(Path("空白.pdf"))
    record = json.loads(Path("空白.print.json").read_text(encoding="utf-8"))
    assert record["fingerprint"] is None, "a blank is nobody's"


# --- corrections ------------------------------------------------------------------------------------------


def test_what_was_corrected_in_the_originals_can_be_read(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["form", "show", "consent_a", "--errata"]) == 0
    told = capsys.readouterr().out
    assert "“透漏给本单位以外的人员”" in told
    assert "--typo-fix" in told
    assert run(["form", "show", "closure_g", "--errata"]) == 0
    assert "照印" in capsys.readouterr().out

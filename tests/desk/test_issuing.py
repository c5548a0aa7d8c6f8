"""Issuing one document: what is printed, what is recorded, what is refused."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pypdf
import pytest

from generator.forms.catalogue import load_form
from generator.identity.code import DEMO_KEY, decode
from generator.identity.print_id import PrintKind
from generator.resources import data_dir
from tests.desk.conftest import EXAMPLES, FORMS, Kangdang, example

ROOT = Path(__file__).parents[2]
SAME = ["--print-id", "0123456789", "--at", "2026-11-20T09:30"]


def text_of(pdf: Path) -> str:
    return "".join(page.extract_text() for page in pypdf.PdfReader(pdf).pages).replace("\n", "")


def record_of(pdf: Path) -> dict[str, object]:
    record: dict[str, object] = json.loads(pdf.with_suffix(".print.json").read_text(encoding="utf-8"))
    return record


def rendered_elsewhere(form_id: str, out: Path, zone: str, seed: str) -> None:
    data = EXAMPLES / form_id / "valid-full.json"
    program = "from desk.cli.main import main; main()"
    subprocess.run(
        [sys.executable, "-c", program, "render", form_id, str(data), "-o", str(out), *SAME],
        env={**os.environ, "PYTHONPATH": str(ROOT), "TZ": zone, "PYTHONHASHSEED": seed, "LANG": "C"},
        cwd=out.parent, check=True, capture_output=True,
    )  # fmt: skip


@pytest.mark.parametrize("form_id", ["plan_d", "record_e"])
def test_the_same_print_is_the_same_bytes_in_another_process(form_id: str, tmp_path: Path) -> None:
    for name, zone, seed in (("一", "Asia/Shanghai", "1"), ("二", "America/New_York", "2")):
        rendered_elsewhere(form_id, tmp_path / f"{name}.pdf", zone, seed)
        rendered_elsewhere(form_id, tmp_path / f"{name}.docx", zone, seed)
    assert (tmp_path / "一.pdf").read_bytes() == (tmp_path / "二.pdf").read_bytes()
    assert (tmp_path / "一.print.json").read_bytes() == (tmp_path / "二.print.json").read_bytes()
    first, second = (zipfile.ZipFile(tmp_path / f"{name}.docx") for name in "一二")
    assert first.namelist() == second.namelist()
    assert all(first.read(name) == second.read(name) for name in first.namelist())


def test_another_print_id_is_another_sheet(kangdang: Kangdang, tmp_path: Path) -> None:
    data = EXAMPLES / "record_e" / "valid-full.json"
    for name, number in (("一", "0123456789"), ("二", "1123456789")):
        assert (
            kangdang("render", "record_e", data, "-o", f"{name}.pdf", *SAME[2:], "--print-id", number).code
            == 0
        )
    assert (tmp_path / "一.pdf").read_bytes() != (tmp_path / "二.pdf").read_bytes()
    assert record_of(tmp_path / "一.pdf")["fingerprint"] != record_of(tmp_path / "二.pdf")["fingerprint"]


@pytest.mark.parametrize("form_id", FORMS)
def test_a_blank_carries_form_and_version_only(form_id: str, kangdang: Kangdang, tmp_path: Path) -> None:
    assert kangdang("blank", form_id, "-o", "空白.pdf").code == 0
    record = record_of(tmp_path / "空白.pdf")
    assert str(record["print_id"]).startswith(f"F{load_form(form_id).code}-")
    assert record["fingerprint"] is None
    assert record["level"] == "blank"


@pytest.mark.parametrize("form_id", FORMS)
def test_a_blank_for_a_person_prints_the_header_and_nothing_else(
    form_id: str, kangdang: Kangdang, tmp_path: Path
) -> None:
    """The data handed over may be a whole filled form: only what names person and case goes on the sheet."""
    form, answers = load_form(form_id), example(form_id)
    (tmp_path / "人.json").write_text(json.dumps(answers), encoding="utf-8")
    ended = kangdang("blank", form_id, "--person", "人.json", "-o", "表.pdf")
    assert ended.code == 0, ended.err
    printed = text_of(tmp_path / "表.pdf")
    assert answers["client_name"] in printed
    # A document of its own: this sheet comes home to this person.
    record = record_of(tmp_path / "表.pdf")
    assert "-" not in str(record["print_id"])
    assert record["fingerprint"]
    for pointer, spec in form.fields.items():
        header = (spec.prefill or "").startswith(("person.", "case.")) or pointer in form.header.values()
        value = answers.get(pointer.strip("/"))
        if spec.kind in ("text", "long") and isinstance(value, str) and len(value) > 8 and not header:
            assert value.replace("\n", "")[:8] not in printed, pointer


def test_a_station_template_prints_and_is_recorded(kangdang: Kangdang, tmp_path: Path) -> None:
    standard = (data_dir("templates") / "record_e.docx").read_bytes()
    own = tmp_path / "本站记录表.docx"
    with zipfile.ZipFile(data_dir("templates") / "record_e.docx") as old, zipfile.ZipFile(own, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "word/document.xml":
                assert "对服务评估".encode() in content
                content = content.replace("对服务评估".encode(), "对本次服务的评估".encode(), 1)
            new.writestr(name, content)
    ended = kangdang("template", "install", "record_e", own, "--home", "站点")
    assert ended.code == 0, ended.err
    data = EXAMPLES / "record_e" / "valid-full.json"
    assert kangdang("render", "record_e", data, "-o", "本站.pdf", "--home", "站点").code == 0
    assert kangdang("render", "record_e", data, "-o", "标准.pdf").code == 0
    assert "对本次服务的评估" in text_of(tmp_path / "本站.pdf")
    assert "对本次服务的评估" not in text_of(tmp_path / "标准.pdf")
    for name, raw in (("本站", own.read_bytes()), ("标准", standard)):
        recorded = record_of(tmp_path / f"{name}.pdf")["template_sha256"]
        assert recorded == hashlib.sha256(raw).hexdigest()
    # The other forms of this station go on with the standard template.
    assert kangdang("blank", "plan_d", "-o", "计划.pdf", "--home", "站点").code == 0


def test_a_template_with_errors_is_not_installed(kangdang: Kangdang, tmp_path: Path) -> None:
    ended = kangdang(
        "template", "install", "plan_d", data_dir("templates") / "record_e.docx", "--home", "站点"
    )
    assert ended.code == 1
    assert "没有安装" in ended.err
    assert not (tmp_path / "站点").exists()


def test_hidden_answers_stop_a_print_and_are_dropped_only_on_request(
    kangdang: Kangdang, tmp_path: Path
) -> None:
    answers = example("consent_a", "invalid-hidden-oral-notice")
    hidden = ["/oral_notice_note", "/oral_notice_date"]
    (tmp_path / "数据.json").write_text(json.dumps(answers), encoding="utf-8")
    ended = kangdang("render", "consent_a", "数据.json", "-o", "同意书.pdf")
    assert ended.code == 1
    assert not list(tmp_path.glob("同意书*"))
    assert all(pointer in ended.err for pointer in hidden)
    assert kangdang("validate", "consent_a", "数据.json").code == 1
    ended = kangdang("render", "consent_a", "数据.json", "-o", "同意书.pdf", "--drop-hidden")
    assert ended.code == 0, ended.err
    assert f"已去掉不再适用的答案：{'、'.join(hidden)}" in ended.err
    assert (tmp_path / "同意书.print.json").is_file()
    told = json.loads(kangdang("validate", "consent_a", "数据.json", "--drop-hidden", "--json").out)
    assert told["dropped"] == hidden


def test_a_station_with_a_key_prints_no_sample(kangdang: Kangdang, tmp_path: Path) -> None:
    (tmp_path / "站点").mkdir()
    (tmp_path / "站点" / "page-code.key").write_text("ab" * 16, encoding="ascii")
    data = EXAMPLES / "record_e" / "valid-full.json"
    assert kangdang("render", "record_e", data, "-o", "正式.pdf", "--home", "站点", *SAME).code == 0
    assert kangdang("render", "record_e", data, "-o", "样例.pdf", *SAME).code == 0
    assert record_of(tmp_path / "正式.pdf")["demo"] is False
    assert record_of(tmp_path / "样例.pdf")["demo"] is True
    assert "样例样例" not in text_of(tmp_path / "正式.pdf")


def page_texts(pdf: Path) -> list[str]:
    import pypdfium2
    import zxingcpp

    document = pypdfium2.PdfDocument(pdf)
    found = []
    for page in document:
        codes = zxingcpp.read_barcodes(page.render(scale=200 / 72).to_numpy())
        found.append(sorted({code.text for code in codes}))
        page.close()
    document.close()
    assert all(len(texts) == 1 for texts in found), "each page says one thing about itself"
    return [texts[0] for texts in found]


def test_each_page_says_which_sheet_it_is(kangdang: Kangdang, tmp_path: Path) -> None:
    data = EXAMPLES / "plan_d" / "valid-full.json"
    assert kangdang("render", "plan_d", data, "-o", "计划.pdf", *SAME).code == 0
    codes = [decode(text, [DEMO_KEY]) for text in page_texts(tmp_path / "计划.pdf")]
    assert [code.page for code in codes] == list(range(1, len(codes) + 1))
    assert {code.print_id for code in codes} == {"0123456789"}
    assert {code.kind for code in codes} == {PrintKind.COPY}

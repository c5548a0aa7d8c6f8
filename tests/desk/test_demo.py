"""``kangdang demo``: what a newcomer sees first."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote

import docx
import pypdf
import pytest
from PIL import Image

from desk.demo import sample_answers
from generator.forms.catalogue import list_forms, load_form
from tests.contracts.test_readme import demo_folder
from tests.desk.conftest import EXAMPLES, FORMS, Kangdang

ROOT = Path(__file__).parents[2]
# The forms that have an example to print; the seven appendices are always among them.
CODES = {form.code: form.id for form in list_forms() if list((EXAMPLES / form.id).glob("valid-*.json"))}
assert CODES.items() >= dict(zip("ABCDEFG", FORMS, strict=True)).items()
pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demonstration, made once as the first page says it: by a new process in an empty folder."""
    folder = tmp_path_factory.mktemp("demo")
    ended = subprocess.run(
        [sys.executable, "-c", "from desk.cli.main import main; main()", "demo", demo_folder()],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"},
        capture_output=True,
        check=False,
        text=True,
    )
    assert ended.returncode == 0, ended.stderr
    assert f"共 5 个文书包、{len(CODES)} 份文书" in ended.stdout
    return folder / demo_folder()


def test_every_form_is_there_in_every_shape(demo: Path) -> None:
    for code, form_id in CODES.items():
        stem = f"{code}-{form_id}"
        pdf = pypdf.PdfReader(demo / f"{stem}.pdf")
        assert load_form(form_id).title in pdf.pages[0].extract_text().replace("\n", "")
        assert (demo / f"{stem}-空白.pdf").is_file()
        record = json.loads((demo / f"{stem}.print.json").read_text(encoding="utf-8"))
        assert record["pages"] == len(pdf.pages)
        assert record["form"]["id"] == form_id
        assert record["demo"] is True
        for number in range(1, len(pdf.pages) + 1):
            with Image.open(demo / f"{stem}-{number}.png") as picture:
                assert picture.height > picture.width > 600
                # A page with writing on it, neither white nor black.
                dark = sum(picture.convert("L").histogram()[:128]) / (picture.width * picture.height)
                assert 0.005 < dark < 0.4


def test_every_docx_opens_and_says_working_copy(demo: Path) -> None:
    for code, form_id in CODES.items():
        document = docx.Document(str(demo / f"{code}-{form_id}.docx"))
        texts = [p.text for p in document.paragraphs]
        texts += [cell.text for table in document.tables for row in table.rows for cell in row.cells]
        for section in document.sections:
            texts += [p.text for part in (section.header, section.footer) for p in part.paragraphs]
            for part in (section.header, section.footer):
                texts += [c.text for table in part.tables for row in table.rows for c in row.cells]
        assert any(load_form(form_id).title in text for text in texts)
        if load_form(form_id).header.get("name"):
            assert any("样例" in text for text in texts)
        assert any("工作稿" in text for text in texts)


def test_every_link_of_the_page_leads_somewhere(demo: Path) -> None:
    page = (demo / "index.html").read_text(encoding="utf-8")
    links = re.findall(r'(?:href|src)="([^"]+)"', page)
    assert len(links) >= 7 * 5
    assert [link for link in links if not (demo / unquote(link)).is_file()] == []
    assert not re.search(r"https?://", page), "the page must work without a network"
    linked = {unquote(link) for link in links} | {"index.html"}
    unlinked = {path.name for path in demo.iterdir()} - linked
    assert {name for name in unlinked if not re.search("(空白|^文书包.*).print.json$", name)} == set()


def test_every_pdf_says_it_is_pdf_a_2b(demo: Path) -> None:
    for path in demo.glob("*.pdf"):
        reader = pypdf.PdfReader(path)
        metadata = reader.trailer["/Root"]["/Metadata"].get_data().decode()
        assert "<pdfaid:part>2</pdfaid:part>" in metadata
        assert "<pdfaid:conformance>B</pdfaid:conformance>" in metadata
        assert "/OutputIntents" in reader.trailer["/Root"]
        assert reader.trailer["/Root"]["/Lang"] == "zh-CN"


def test_a_second_demo_writes_over_the_first_and_tells_programs_so(
    demo: Path, kangdang: Kangdang, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = [one for one in sample_answers() if one[0].id in FORMS[:2]]  # each form is written in the same way
    monkeypatch.setattr("desk.demo.sample_answers", lambda: iter(few))
    before = sorted(path.name for path in demo.iterdir())
    ended = kangdang("demo", demo, "--json")
    assert ended.code == 0
    assert ended.err == "", "programs read standard output only"
    assert "error" not in json.loads(ended.out)
    assert sorted(path.name for path in demo.iterdir()) == before


def test_no_file_is_named_after_its_person(demo: Path) -> None:
    assert not [path.name for path in demo.iterdir() if "样例甲" in path.name]

"""A file that holds a program comes in by no door without a second word; kept, it is marked and named."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import pytest
import pyzipper
from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from archives.items.documents import DocumentEntry, add_document, store
from archives.log.purposes import Purpose
from archives.store.tables_programs import document_programs
from desk.station.exporting import Order, export_file
from generator.forms.catalogue import list_forms
from tests.reading.test_programs import HOW, launching, made, opening
from tests.station.casefiles import pdf
from tests.station.office import Office, office

PASSWORD = "江水-木桥-晴天-石榴-书包-风车"


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Office:
    return office(tmp_path, monkeypatch, capfd)


def put(desk: Office, name: str, content: bytes) -> tuple[str, ...]:
    (desk.folder / name).write_bytes(content)
    return ("document", "add", name, "--file", desk.number, "--kind", "附件")


@pytest.mark.parametrize("how", HOW)
def test_an_attachment_with_a_program_is_refused_and_named(desk: Office, how: str) -> None:
    ended = desk.run("records", *put(desk, "来件.pdf", made(HOW[how][0])))
    assert ended.code == 80
    assert ended.lines[0].startswith("错误：文件里有程序，没有归入：")
    assert "--with-programs" in ended.lines[1]
    assert desk.run("worker", "document", "list", desk.number, "--purpose", "质控").out == "没有文件。\n"


def test_a_second_word_keeps_it_marked_and_every_way_out_names_it(desk: Office) -> None:
    kept = desk.run("records", *put(desk, "来件.pdf", made(opening)), "--with-programs")
    assert kept.code == 0
    assert "这个文件里有程序（JavaScript 脚本）" in kept.err
    desk.run("records", *put(desk, "普通.pdf", pdf(1)))
    rows = json.loads(desk.run("worker", "document", "list", desk.number, "--purpose", "质控", "--json").out)
    assert [row["programs"] for row in rows] == [["javascript"], None]
    assert (
        "有程序：JavaScript 脚本"
        in desk.run("worker", "document", "list", desk.number, "--purpose", "质控").out
    )
    out = desk.run("worker", "document", "export", "1", "-o", "取出.pdf", "--purpose", "质控")
    assert "请不要在存有档案的电脑上直接打开" in out.err
    assert "文件里有程序：JavaScript 脚本" in desk.run("auditor", "log", "show").out
    with (
        pytest.raises(IntegrityError, match="append only"),
        desk.station.archive.data.writing("attack") as connection,
    ):
        connection.execute(delete(document_programs))


def test_the_export_of_a_file_names_what_holds_a_program_marked_or_not(desk: Office) -> None:
    """What came in before there were marks is looked at when it goes out."""
    desk.run("records", *put(desk, "来件.pdf", made(opening)), "--with-programs")
    stored = store(desk.station.archive, made(launching))
    with desk.station.archive.acting("test.document", desk.station.records) as unit:
        add_document(unit, desk.opened.file, stored, DocumentEntry("attachment", "application/pdf", 2))
        assert len(unit.execute(select(document_programs)).all()) == 1
    desk.run("records", *put(desk, "普通.pdf", pdf(1)))
    order = Order(desk.opened.file, Purpose.INSPECTION, PASSWORD)
    export_file(desk.as_role("records"), order, desk.folder / "案卷.zip")
    with pyzipper.AESZipFile(desk.folder / "案卷.zip") as parts:
        parts.setpassword(PASSWORD.encode())
        page = parts.read("index.html").decode()
        entries = json.loads(parts.read("catalogue.json"))["documents"]
    assert [one.get("programs") for one in entries] == [["javascript"], ["launch"], None]
    assert page.count("请不要在存有档案的电脑上直接打开") == 2


@pytest.mark.parametrize("name", ["word/vbaProject.bin", "word/document.xml"])
@pytest.mark.parametrize("door", ["document", "scan"])
def test_office_files_come_in_by_no_door(desk: Office, name: str, door: str) -> None:
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w") as parts:
        parts.writestr("[Content_Types].xml", "<Types/>")
        parts.writestr(name, "x")
    arguments = put(desk, "来件.docm", raw.getvalue())
    ended = desk.run("records", *arguments) if door == "document" else desk.run(
        "records", "scan", "add", "来件.docm"
    )  # fmt: skip
    assert ended.code != 0
    assert (desk.folder / "来件.docm").exists()


def test_no_form_has_an_answer_that_is_a_file() -> None:
    """Attachments come as documents; an answer is text, numbers and ticks."""
    for form in list_forms():
        told = json.dumps(form.schema, ensure_ascii=False)
        assert "contentEncoding" not in told and "contentMediaType" not in told, form.id

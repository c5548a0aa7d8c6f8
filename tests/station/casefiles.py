"""An office with papers: records of 样例甲 in every state, a filed application, data files to enter."""

from __future__ import annotations

import io
import itertools
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from archives.items.documents import DocumentEntry, add_document, store
from archives.items.records import void
from archives.people.files import end_application, file_away
from archives.people.persons import PersonFacts, open_person
from desk.station.records import enter, place_of
from generator.resources import data_dir
from tests.station.office import NAME, Office, office

PRINT_ID = "0123456789"
EXAMPLES = data_dir("schemas") / "examples"


def session(number: int, **changes: Any) -> dict[str, Any]:
    """A sound record_e of 样例甲's case."""
    answers = json.loads((EXAMPLES / "record_e" / "valid-full.json").read_text(encoding="utf-8"))
    return {**answers, "client_name": NAME, "case_no": "GA-2026-0001", "session_no": number, **changes}


def activity(*names: tuple[str, str]) -> dict[str, Any]:
    """A sound activity_record with these participants (name, number)."""
    answers: dict[str, Any] = json.loads(
        (EXAMPLES / "activity_record" / "valid-full.json").read_text(encoding="utf-8")
    )
    line = {"kind": "服务对象", "attended": True, "performance": "专注（样例）"}
    return {**answers, "participants": [{**line, "name": name, "client_no": no} for name, no in names]}


_SCANS = itertools.count()


def pdf(pages: int) -> bytes:
    """A scan of some pages, unlike every other."""
    from PIL import Image

    shade = next(_SCANS) % 250
    drawn = [Image.new("L", (40, 56), shade) for _ in range(pages)]
    raw = io.BytesIO()
    drawn[0].save(raw, "PDF", save_all=True, append_images=drawn[1:])
    return raw.getvalue()


def jpeg() -> bytes:
    """A picture large enough to be cut short."""
    from PIL import Image

    raw = io.BytesIO()
    Image.effect_noise((200, 280), 50).save(raw, "JPEG")
    return raw.getvalue()


def locked_pdf() -> bytes:
    """A PDF under a password."""
    from pypdf import PdfReader, PdfWriter

    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf(1))))
    writer.encrypt("geheim", algorithm="RC4-128")
    raw = io.BytesIO()
    writer.write(raw)
    return raw.getvalue()


def casefiles(folder: Path, monkeypatch: pytest.MonkeyPatch, capture: pytest.CaptureFixture[str]) -> Office:
    """#1 final and printed on two pages, #2 a draft, #3 void, #4 a sheet about many, SQ-2026-0003 filed."""
    made = office(folder, monkeypatch, capture)
    made.station.layout.page_code_key.write_text("ab" * 32, encoding="ascii")
    worker = made.as_role("worker")
    place = place_of(worker, "record_e", made.number)
    for number, draft in ((1, False), (2, True), (3, False)):
        assert enter(worker, "record_e", session(number), place, draft=draft).record is not None
    site = place_of(worker, "activity_record", None)
    assert enter(worker, "activity_record", activity((NAME, "GA-2026-0001")), site).record is not None
    archive = made.station.archive
    stored = store(archive, pdf(2))
    with archive.acting("test.papers", made.station.worker) as unit:
        void(unit, 3, "样例")
        entry = DocumentEntry("issued", "application/pdf", 2, 1, PRINT_ID, 1, b"{}", 1, 1)
        add_document(unit, made.opened.file, stored, entry)
        other = open_person(unit, PersonFacts("样例丙", "男", "1970-01-01", "13900000003"))
        end_application(unit, other.file, date(2026, 11, 20), "rejected")
        file_away(unit, other.file)
    return made


def data_files(made: Office) -> None:
    """What the commands of docs/bad-input-archive.md name."""
    texts: dict[str, Any] = {
        "好.json": session(4), "别人.json": session(4, client_name="样例乙"),
        "别号.json": session(4, case_no="GA-2026-0002"), "同次.json": session(1),
        "缺.json": {name: said for name, said in session(4).items() if name != "goal"},
        "活动.json": activity((NAME, "GA-2026-0001")),
        "同证.json": {"name": "样例丁", "cid": "11010519491231002X", "id_type": "居民身份证"},
        "错证.json": {"name": "样例丁", "cid": "110105194912310021", "id_type": "居民身份证"},
        "错栏.json": {"name": "样例丁", "telephone": "1"}, "无名.json": {"phone": "13900000009"},
    }  # fmt: skip
    for name, answers in texts.items():
        (made.folder / name).write_text(json.dumps(answers, ensure_ascii=False), encoding="utf-8")
    contents = {
        "一页.pdf": pdf(1), "两页.pdf": pdf(2), "已归入.pdf": pdf(3), "加锁.pdf": locked_pdf(),
        "断.jpg": jpeg()[:-2000], "空.pdf": b"", "文书.docx": b"PK\x03\x04", "坏.pdf": b"%PDF-1.7\nnothing",
    }  # fmt: skip
    for name, content in contents.items():
        (made.folder / name).write_bytes(content)


def scan_come_home(made: Office) -> None:
    """已归入.pdf is filed as a scan of #1."""
    scanned = store(made.station.archive, (made.folder / "已归入.pdf").read_bytes())
    with made.station.archive.acting("test.scan", made.station.worker) as unit:
        add_document(unit, made.opened.file, scanned, DocumentEntry("scan", "application/pdf", 3, 1))

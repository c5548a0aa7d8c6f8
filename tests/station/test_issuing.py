"""From a record to paper and home again: registered first, every copy its own id, pages that add up."""

from __future__ import annotations

import hashlib
import io
import json
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader
from sqlalchemy import select

from archives.errors import StateForbids
from archives.items.documents import document_facts, documents_of, sheet_of, store
from archives.items.lists import find_record, items_of
from archives.items.records import LIVE, Content, revise
from archives.people.files import find_file
from archives.store.tables import documents
from archives.store.tables_people import events
from desk.station import issuing
from desk.station.counting import count_pages
from desk.station.issuing import Look, issue_record, paths_of
from generator.identity.print_id import PrintKind, kind_of
from generator.identity.sheet import read_sheet
from generator.packets.case import read_case
from generator.packets.survey import survey_file
from generator.render import PrintOptions
from generator.resources import data_dir
from generator.typeset.fonts import bundled_fonts
from tests.station.casefiles import casefiles, data_files, jpeg, pdf, session
from tests.station.office import NAME, Ended, Office

CASE = json.loads((data_dir("schemas") / "cases" / "sample.json").read_text(encoding="utf-8"))
KEY = bytes.fromhex("ab" * 32)


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Office:
    made = casefiles(tmp_path, monkeypatch, capfd)
    data_files(made)
    facts = made.station.layout.home / "print-facts.json"
    facts.write_text(json.dumps(CASE["station"], ensure_ascii=False), encoding="utf-8")
    return made


def fine(ended: Ended) -> Any:
    assert ended.code == 0, ended
    return json.loads(ended.out)


def registered(desk: Office) -> list[Any]:
    with desk.station.archive.looking(desk.station.worker) as unit:
        return list(unit.execute(select(documents).order_by(documents.c.id)))


def text_of(path: Path) -> str:
    return "".join(page.extract_text() for page in PdfReader(path).pages)


# --- issuing ----------------------------------------------------------------------------------------------


def test_the_paper_is_the_archives_document_byte_for_byte(desk: Office) -> None:
    told = fine(desk.run("worker", "record", "issue", "#1", "-o", "记录.pdf", "--json"))["copies"]
    written = (desk.folder / "记录.pdf").read_bytes()
    assert len(told) == 1 and told[0]["pages"] == len(PdfReader(io.BytesIO(written)).pages)
    row = registered(desk)[-1]
    assert (row.kind, row.copy, row.record_id, row.revision, row.form_version) == ("issued", 1, 1, 1, 1)
    assert (row.print_id, row.sha256) == (told[0]["print_id"], hashlib.sha256(written).hexdigest())
    assert kind_of(row.print_id) is PrintKind.COPY
    with desk.station.archive.looking(desk.station.worker) as unit:
        sheet = sheet_of(unit, document_facts(unit, row.id))
    assert sheet is not None
    assert sheet == (desk.folder / "记录.print.json").read_bytes()
    record = read_sheet(sheet)
    assert (record.print_id, record.demo, record.pages) == (row.print_id, False, row.pages)
    assert NAME.encode() not in sheet
    out = fine(desk.run("worker", "document", "export", str(row.id), "-o", "取出.pdf", "--json"))
    assert (desk.folder / "取出.pdf").read_bytes() == written and out["sha256"] == row.sha256
    assert "样例" not in "".join(page.extract_text() for page in PdfReader(io.BytesIO(written)).pages)[:4]


def test_every_copy_has_its_own_id_and_only_the_first_counts_as_pages(desk: Office) -> None:
    example = data_dir("schemas") / "examples" / "refusal_notice" / "valid-full.json"
    answers = json.loads(example.read_text(encoding="utf-8"))
    answers |= {"application_no": "SQ-2026-0002", "client_name": "样例乙"}
    (desk.folder / "告知.json").write_text(json.dumps(answers, ensure_ascii=False), encoding="utf-8")
    made = fine(
        desk.run(
            "worker", "record", "add", "refusal_notice", "告知.json", "--person", "SQ-2026-0002", "--json"
        )
    )
    told = fine(desk.run("worker", "record", "issue", made["record"], "-o", "告知.pdf", "--json"))["copies"]
    assert [Path(one["output"]).name for one in told] == ["告知-1.pdf", "告知-2.pdf"]
    assert len({one["print_id"] for one in told}) == 2
    assert "第1份（机构存）" in text_of(desk.folder / "告知-1.pdf").replace(" ", "")
    assert "第2份（申请人存）" in text_of(desk.folder / "告知-2.pdf").replace(" ", "")
    with desk.station.archive.looking(desk.station.worker) as unit:
        item = items_of(unit, desk.other.file)[0]
        assert item.paper.pages == told[0]["pages"]


def test_the_issue_and_the_reading_before_it_are_on_the_log(desk: Office) -> None:
    fine(desk.run("worker", "record", "issue", "#1", "-o", "记录.pdf", "--json"))
    with desk.station.archive.looking(desk.station.auditor) as unit:
        told = unit.execute(
            select(events).where(events.c.chain == desk.opened.file).order_by(events.c.id)
        ).all()
    assert [row.action for row in told[-4:]] == [
        "record.read", "plain.written", "document.add", "record.issue",
    ]  # fmt: skip
    detail = json.loads(told[-1].detail)
    assert detail["print_id"] == registered(desk)[-1].print_id
    assert (detail["revision"], detail["copies"], detail["number"]) == (1, 1, 1)


def test_a_sheet_that_cannot_be_written_is_registered_and_can_be_exported(desk: Office) -> None:
    told = desk.run("worker", "record", "issue", "#1", "-o", "没有/记录.pdf")
    assert told.code == 25
    row = registered(desk)[-1]
    assert row.kind == "issued" and row.print_id != "0123456789"
    assert desk.run("worker", "document", "export", str(row.id), "-o", "取出.pdf").code == 0


@pytest.mark.parametrize("when", ["rendering", "storing"])
def test_what_fails_before_it_is_registered_leaves_no_paper(
    desk: Office, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise StateForbids("样例故障。")

    monkeypatch.setattr(issuing, {"rendering": "render_pdf", "storing": "store"}[when], broken)
    before = len(registered(desk))
    assert desk.run("worker", "record", "issue", "#1", "-o", "记录.pdf").code == 67
    assert len(registered(desk)) == before
    assert not (desk.folder / "记录.pdf").exists()


def test_a_record_corrected_while_it_prints_is_not_registered(
    desk: Office, monkeypatch: pytest.MonkeyPatch
) -> None:

    def store_and_revise(archive: Any, content: bytes) -> Any:
        with archive.acting("test.revise", desk.station.worker) as unit:
            revise(unit, 1, Content("record_e", 1, "个案服务记录表（第1次）", b"{}"), "更正")
        return store(archive, content)

    monkeypatch.setattr(issuing, "store", store_and_revise)
    before = len(registered(desk))
    told = desk.run("worker", "record", "issue", "#1", "-o", "记录.pdf")
    assert told.lines[0] == "错误：打印期间这一件被更正了，没有登记这次打印。"
    assert len(registered(desk)) == before
    assert not (desk.folder / "记录.pdf").exists()


def test_without_the_stations_key_nothing_official_is_printed(desk: Office) -> None:
    desk.station.layout.page_code_key.unlink()
    told = desk.run("worker", "record", "issue", "#1", "-o", "记录.pdf")
    assert told.code == 32
    assert not (desk.folder / "记录.pdf").exists()


def test_a_drawn_id_that_is_taken_is_drawn_again(desk: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = iter(["0123456789", "0123456789", "1123456789"])
    monkeypatch.setattr(issuing, "new_print_id", lambda *_: next(drawn))
    made = issue_record(
        desk.as_role("worker"), "#1", Look(PrintOptions(), bundled_fonts()), desk.folder / "记录.pdf"
    )
    assert made.copies[0].print_id == "1123456789"


def test_names_of_files_of_several_copies() -> None:
    assert paths_of(Path("a/b.pdf"), 1) == [Path("a/b.pdf")]
    assert paths_of(Path("a/b.pdf"), 2) == [Path("a/b-1.pdf"), Path("a/b-2.pdf")]


# --- coming home ------------------------------------------------------------------------------------------


def test_a_whole_signed_scan_makes_the_record_signed_and_knows_its_print(desk: Office) -> None:
    told = fine(desk.run("worker", "document", "add", "两页.pdf", "--record", "#1", "--signed", "--json"))
    assert (told["pages"], told["printed_pages"], told["print_id"], told["state"]) == (
        2,
        2,
        "0123456789",
        "signed",
    )
    row = registered(desk)[-1]
    assert (row.kind, row.of_document, row.revision, row.state) == ("scan", 1, 1, "present")
    with desk.station.archive.looking(desk.station.worker) as unit:
        assert find_record(unit, "#1").state == "signed"


def test_a_scan_of_an_earlier_revision_does_not_sign_the_present_one(desk: Office) -> None:
    name = desk.folder / "更正.json"
    name.write_text(json.dumps(session(1, goal="更正（样例）"), ensure_ascii=False), encoding="utf-8")
    assert desk.run("worker", "record", "revise", "#1", "更正.json", "--reason", "写错").code == 0
    told = desk.run("worker", "document", "add", "两页.pdf", "--record", "#1", "--signed")
    assert told.lines == [
        "错误：扫描件签的是第 1 稿，现在是第 2 稿，不能标为已签字。",
        "办法：请打印现在这一稿，重新签字后扫描。",
    ]
    assert registered(desk)[-1].kind == "issued"


def test_a_scan_with_other_pages_is_filed_with_a_word_but_signs_nothing(desk: Office) -> None:
    told = desk.run("worker", "document", "add", "一页.pdf", "--record", "#1")
    assert told.code == 0 and "注意：打印件 2 页，这个文件 1 页。" in told.err
    with desk.station.archive.looking(desk.station.worker) as unit:
        assert find_record(unit, "#1").state == "final"


def test_paper_never_printed_here_is_signed_by_its_counted_pages(desk: Office) -> None:
    told = desk.run(
        "worker", "document", "add", "两页.pdf", "--record", "#4", "--signed", "--paper-pages", "2"
    )
    assert told.code == 0, told


def test_an_attachment_belongs_to_the_file_and_may_be_void_later(desk: Office) -> None:
    told = fine(
        desk.run("worker", "document", "add", "一页.pdf", "--file", desk.number, "--kind", "附件", "--json")
    )
    assert told["record"] == desk.number
    assert desk.run("worker", "document", "void", str(told["document"]), "--reason", "归错").code == 0
    with desk.station.archive.looking(desk.station.worker) as unit:
        assert [one.state for one in documents_of(unit, file=desk.opened.file)] == ["present", "void"]


@pytest.mark.parametrize(
    ("content", "media", "pages"),
    [(pdf(3), "application/pdf", 3), (jpeg(), "image/jpeg", 1)],
)
def test_files_are_known_by_content_and_counted(content: bytes, media: str, pages: int) -> None:
    told = count_pages(content)
    assert (told.media_type, told.pages) == (media, pages)


def test_tiffs_and_pngs_are_counted_too() -> None:
    from PIL import Image

    drawn = [Image.new("1", (40, 50), 1) for _ in range(4)]
    raw = io.BytesIO()
    drawn[0].save(raw, "TIFF", save_all=True, append_images=drawn[1:])
    assert count_pages(raw.getvalue()) == count_pages(raw.getvalue()).__class__("image/tiff", 4)
    raw = io.BytesIO()
    drawn[0].save(raw, "PNG")
    assert count_pages(raw.getvalue()).pages == 1


# --- the whole file and its contents ----------------------------------------------------------------------


def whole_case(desk: Office) -> str:
    """The sample case as records of a file, printed, and the signed ones home again; returns its number."""
    (desk.folder / "人.json").write_text(json.dumps(CASE["person"], ensure_ascii=False), encoding="utf-8")
    number = "SQ-2025-0001"
    opened = desk.run("worker", "person", "open", "人.json", "--application-no", number, "--another")
    assert opened.code == 0, opened
    case, _ = read_case(CASE)
    looks = [look for look in survey_file(case, datetime(2026, 11, 22)) if look.spec.name != "archive"]
    papers = [paper for look in looks for paper in look.papers if paper.sheet is None]
    wanted = {"application_b", "consent_a", "preassess_c", "plan_d", "record_e", "evaluation_f", "closure_g"}
    for paper in sorted(papers, key=lambda one: one.form.id != "application_b"):
        if paper.form.id in wanted:
            _enter(desk, number, paper)
    return number


def _enter(desk: Office, number: str, paper: Any) -> None:
    name = desk.folder / "数据.json"
    name.write_text(json.dumps(paper.answers, ensure_ascii=False), encoding="utf-8")
    made = fine(desk.run("worker", "record", "add", paper.form.id, "数据.json", "--person", number, "--json"))
    if paper.form.id == "application_b":
        assert desk.run("worker", "file", "accept", number).code == 0
    copies = fine(desk.run("worker", "record", "issue", f"#{made['id']}", "-o", "件.pdf", "--json"))["copies"]
    if paper.form.signatures and paper.form.id != "plan_d":
        (desk.folder / "扫.pdf").write_bytes(pdf(copies[0]["pages"]))
        signed = desk.run("records", "document", "add", "扫.pdf", "--record", f"#{made['id']}", "--signed")
        assert signed.code == 0, signed


def test_cover_contents_and_note_say_what_the_archive_holds(desk: Office) -> None:
    number = whole_case(desk)
    assert (
        desk.run("records", "file", "place", number, "--cabinet", "1", "--shelf", "2", "--box", "3").code == 0
    )
    command = ("file", "catalogue", number, "-o", "目录", "--situation", "本卷无缺损。", "--checker", "user4")
    refused = desk.run("records", *command)
    assert refused.code == 1
    assert "缺少回访记录：备考表须写明原因，用 --reason 回访记录=原因。" in refused.err
    assert "未见签字 1 件：个案服务计划书。备考表须写明原因，用 --reason 未签字=原因。" in refused.err
    assert sorted(path.name for path in (desk.folder / "目录").iterdir()) == [
        "AR1-档案封面.pdf", "AR2-卷内文件目录.pdf",
    ]  # fmt: skip
    missing = fine(desk.run("records", "file", "catalogue", number, "-o", "目录", "--json"))["unexplained"]
    reasons = [part for title in missing for part in ("--reason", f"{title}=样例原因")]
    told = fine(desk.run("records", *command, *reasons, "--reason", "未签字=样例原因", "--json"))
    with desk.station.archive.looking(desk.station.records) as unit:
        file = find_file(unit, number).id
        held = [item for item in items_of(unit, file) if item.form_id != "file_note"]
    assert told["items"] == len(held) == 9
    assert told["pages"] == sum(item.paper.pages for item in held)
    contents = text_of(desk.folder / "目录" / "AR2-卷内文件目录.pdf")
    for item in held:
        assert item.title.split("（")[0] in contents.replace("\n", "")
    cover = text_of(desk.folder / "目录" / "AR1-档案封面.pdf")
    assert "PZ01-FW·GA-2025-Y-0001" in cover and "1柜2架3盒" in cover.replace(" ", "")
    assert f"{told['pages']}" in cover and "2025年3月3日" in cover.replace(" ", "")
    assert "样例原因" in text_of(desk.folder / "目录" / "AR3-卷内备考表.pdf")


def test_a_paper_that_is_not_in_the_contents_needs_a_reason_of_a_person(desk: Office) -> None:
    number = whole_case(desk)
    answers = {**CASE["forms"]["record_e"][0], "session_no": 9}
    (desk.folder / "数据.json").write_text(json.dumps(answers, ensure_ascii=False), encoding="utf-8")
    fine(desk.run("worker", "record", "add", "record_e", "数据.json", "--person", number, "--json"))
    missing = fine(desk.run("records", "file", "catalogue", number, "-o", "目录", "--json"))["unexplained"]
    (left,) = [one for one in missing if one.endswith("（未列入目录）")]
    title = left.removesuffix("（未列入目录）")
    others = [part for one in missing if one != left for part in ("--reason", f"{one}=样例")]
    command = ("file", "catalogue", number, "-o", "目录", "--situation", "无", "--checker", "user4",
               "--reason", "未签字=样例", *others)  # fmt: skip
    refused = desk.run("records", *command)
    assert refused.code == 1 and f"未列入目录：{title}（尚未打印）。请用 kangdang record issue" in refused.err
    assert not (desk.folder / "目录" / "AR3-卷内备考表.pdf").exists(), (
        "the program gives no reason of its own"
    )
    told = desk.run("records", *command, "--reason", f"{title}=样例：原件遗失")
    assert told.code == 0 and "签字，扫描归入" in told.out
    printed = text_of(desk.folder / "目录" / "AR3-卷内备考表.pdf").replace("\n", "")
    assert "尚未打印：样例：原件遗失" in printed


def test_the_contents_list_pages_one_after_another_in_the_order_of_a_file(desk: Office) -> None:
    from desk.station.volume_contents import gather

    number = whole_case(desk)
    station = desk.as_role("records")
    from desk.station.files import file_named

    with station.archive.looking(station.actor) as unit:
        contents = gather(unit, station, file_named(station, number), None)
    page = 1
    for row in contents.rows:
        assert row.values["page"] == page
        assert row.values.get("page_to", page) == page + row.pages - 1
        page += row.pages
    assert contents.pages == page - 1
    codes = [row.values["doc_no"] for row in contents.rows]
    assert codes == ["B", "A", "C", "D", "E", "E", "E", "F", "G"]
    dates = [row.values["date"] for row in contents.rows if row.values["doc_no"] == "E"]
    assert dates == sorted(dates)
    status = {row.values["doc_no"]: row.values["sign_status"] for row in contents.rows}
    assert (status["A"], status["B"], status["D"]) == ("已签署", "不需签署", "未签署")
    assert all(len(row.values["sha256"]) == 64 for row in contents.rows)


def test_a_file_is_filed_with_its_note_and_only_reprinted_after(desk: Office) -> None:
    number = whole_case(desk)
    assert desk.run("worker", "file", "close", number, "--on", "2025-09-26").code == 0
    refused = desk.run("records", "file", "archive", number)
    assert refused.code == 67 and "还不齐全" in refused.err
    assert "逐项见 kangdang file complete PZ01-FW·GA-2025-Y-0001。" in refused.err
    missing = fine(desk.run("records", "file", "catalogue", number, "-o", "目录", "--json"))["unexplained"]
    reasons = [part for title in missing for part in ("--reason", f"{title}=样例")]
    command = ("file", "catalogue", number, "-o", "目录", "--situation", "无", "--checker", "user4",
               "--reason", "未签字=样例", *reasons)  # fmt: skip
    fine(desk.run("records", *command, "--json"))
    again = fine(desk.run("records", *command, "--json"))
    assert again["items"] == 9
    filed = fine(desk.run("records", "file", "archive", number, "--json"))
    assert filed["archived"] == 8
    assert desk.run("records", *command).code == 67
    assert desk.run("records", "file", "catalogue", number, "-o", "再印").code == 0
    with desk.station.archive.looking(desk.station.records) as unit:
        file = find_file(unit, number).id
        notes = [item for item in items_of(unit, file) if item.form_id == "file_note"]
        assert [(note.revision, note.state) for note in notes] == [(2, "final")]
        assert {item.state for item in items_of(unit, file) if item.live} <= set(LIVE)


def test_the_note_comes_home_signed_like_any_paper(desk: Office) -> None:
    number = whole_case(desk)
    missing = fine(desk.run("records", "file", "catalogue", number, "-o", "目录", "--json"))["unexplained"]
    reasons = [part for title in missing for part in ("--reason", f"{title}=样例")]
    command = ("file", "catalogue", number, "-o", "目录", "--situation", "无", "--checker", "user4",
               "--reason", "未签字=样例", *reasons)  # fmt: skip
    fine(desk.run("records", *command, "--json"))
    note = registered(desk)[-1]
    sheet = read_sheet((desk.folder / "目录" / "AR3-卷内备考表.print.json").read_bytes())
    assert (sheet.print_id, sheet.form_id) == (note.print_id, "file_note")
    (desk.folder / "备考.pdf").write_bytes(pdf(note.pages))
    told = fine(
        desk.run(
            "records", "document", "add", "备考.pdf", "--record", f"#{note.record_id}", "--signed", "--json"
        )
    )
    assert told["state"] == "signed"
    with desk.station.archive.looking(desk.station.records) as unit:
        assert find_record(unit, f"#{note.record_id}").document_date == date(2026, 11, 22)

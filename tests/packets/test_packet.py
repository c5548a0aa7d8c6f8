"""A packet as a records officer meets it: pages where the contents say, codes readable, nobody else in it."""

from __future__ import annotations

import copy
import io
import json
import re
import shutil
import subprocess
import sys
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from generator.errors import PacketEmpty, PacketNotFound
from generator.identity.code import DEMO_KEY, decode
from generator.identity.print_id import PrintKind
from generator.identity.sheet import FontUse
from generator.packets.build import Packet
from generator.packets.case import Case
from generator.packets.record import read_packet_record, write_packet_record
from tests.packets.conftest import Make, case_of, document
from tests.simulator.codes import at_half, page_pictures, read_codes

ROOT = Path(__file__).parents[2]
PACKETS = ("intake", "plan", "service", "closing", "archive")
FONTS = [FontUse("Noto Serif SC", "0" * 64)]


def reader(packet: Packet) -> PdfReader:
    return PdfReader(io.BytesIO(packet.content))


def texts(packet: Packet) -> tuple[str, ...]:
    """The words of each page."""
    return _texts(packet.content)


@lru_cache(maxsize=64)
def _texts(content: bytes) -> tuple[str, ...]:
    return tuple(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)


def outline(packet: Packet) -> dict[str, int]:
    """Bookmark → page from 1, nested ones too."""
    read = reader(packet)
    found: dict[str, int] = {}

    def walk(items: list[Any]) -> None:
        for item in items:
            if isinstance(item, list):
                walk(item)
            else:
                found[item.title] = 1 + (read.get_destination_page_number(item) or 0)

    walk(read.outline)
    return found


def volume_number(text: str) -> int | None:
    found = re.search(r"卷内第\s*(\d+)\s*页", text)
    return int(found[1]) if found else None


@pytest.mark.parametrize(
    ("name", "duplex"),
    [
        *((name, False) for name in PACKETS), ("plan", True),
        *(pytest.param(name, True, marks=pytest.mark.slow) for name in PACKETS if name != "plan"),
    ],
)  # fmt: skip
def test_the_contents_name_the_page_every_paper_begins_on(name: str, duplex: bool, make: Make) -> None:
    packet = make(name, duplex=duplex, blank_missing=True)
    pages = texts(packet)
    contents = "\n".join(page for page in pages if "目录" in page[:30])
    filed = [document for document in packet.documents if document.laid.sheet.copy == 1]
    assert filed
    for number, paper in enumerate(filed, start=1):
        if paper.volume_page is None:
            assert name == "archive"
            continue
        entry, form = paper.laid.sheet.entry, paper.laid.sheet.form
        line = next(
            row for row in contents.splitlines() if re.match(rf"{number} {re.escape(entry.code)} ", row)
        )
        span = f"{paper.volume_page}" + (
            f"—{paper.volume_page + len(paper.laid.pages) - 1}" if len(paper.laid.pages) > 1 else ""
        )
        assert re.search(rf"(?<!\d|—){span}(?!\d|—)", line.removeprefix(f"{number} ")), line
        # The page of that 卷内 number is the paper's first page.
        first = next(page for page in pages if volume_number(page) == paper.volume_page)
        assert form.title.replace(" ", "") in first.replace(" ", "").replace("\n", "")
        assert f"第 1 页 / 共 {len(paper.laid.pages)} 页" in re.sub(r"\s+", " ", first)


@pytest.mark.parametrize("duplex", [False, True])
def test_volume_numbers_run_on_without_gap_through_what_is_filed(duplex: bool, make: Make) -> None:
    packet = make("intake", duplex=duplex)
    numbers = [number for page in texts(packet) if (number := volume_number(page)) is not None]
    filed = sum(len(d.laid.pages) for d in packet.documents if d.volume_page is not None)
    assert numbers == list(range(1, filed + 1))


def test_a_packet_can_continue_the_numbers_of_another(make: Make) -> None:
    packet = make("plan", first_number=26)
    numbers = [number for page in texts(packet) if (number := volume_number(page)) is not None]
    assert numbers == list(range(26, 26 + len(numbers)))
    assert "26—27" in texts(packet)[1]


def test_cover_contents_and_note_of_the_file_are_not_numbered_and_tell_the_whole_file(make: Make) -> None:
    packet = make("archive")
    assert not any(volume_number(page) for page in texts(packet))
    contents = next(d for d in packet.documents if d.laid.sheet.form.id == "file_contents").laid.sheet.answers
    filed = {name: make(name) for name in PACKETS[:-1]}
    expected = [
        (paper.laid.sheet.entry.code, len(paper.laid.pages))
        for part in filed.values()
        for paper in part.documents
        if paper.laid.sheet.copy == 1
    ]
    page = 1
    for row, (code, pages) in zip(contents["entries"], expected, strict=True):
        assert (row["doc_no"], row["page"], row.get("page_to", row["page"])) == (code, page, page + pages - 1)
        page += pages
    assert contents["page_count"] == page - 1
    note = next(d for d in packet.documents if d.laid.sheet.form.id == "file_note").laid.sheet.answers
    assert note["pages"] == page - 1
    assert "missing" not in note


def test_the_note_of_the_file_names_what_is_missing_and_why(make: Make) -> None:
    written = document()
    del written["forms"]["health_exam"]
    written["case"]["not_applicable"] = {"health_exam": "2025 年未参加体检，已告知其补做。"}
    packet = make("archive", case_of(written))
    note = next(d for d in packet.documents if d.laid.sheet.form.id == "file_note").laid.sheet.answers
    assert [(row["item"], row["reason"]) for row in note["missing"]] == [
        ("SV12 健康体检资料登记", "2025 年未参加体检，已告知其补做。")
    ]


def test_a_note_without_the_reason_for_what_is_missing_is_not_printed(make: Make) -> None:
    written = document()
    del written["forms"]["health_exam"]
    packet = make("archive", case_of(written))
    assert [item.entry.code for item in packet.refused] == ["AR3"]
    assert {problem.path for problem in packet.refused[0].problems} == {"/missing/0/reason"}


@pytest.mark.parametrize("name", PACKETS)
def test_bookmarks_lead_to_the_papers(name: str, make: Make) -> None:
    packet = make(name, blank_missing=True, duplex=True)
    marks = outline(packet)
    assert marks["封面"] == 1
    assert "目录" in marks
    for paper in packet.documents:
        assert marks[paper.laid.sheet.title] == paper.first_page


def test_the_contents_lead_to_the_papers_when_clicked(make: Make) -> None:
    packet = make("intake")
    read = reader(packet)
    contents = read.pages[outline(packet)["目录"] - 1]
    targets = []
    for annotation in contents["/Annots"]:
        action = annotation.get_object()
        destination = action.get("/Dest") or action["/A"]["/D"]
        targets.append(
            1 + next(i for i, page in enumerate(read.pages) if page.indirect_reference == destination[0])
        )
    assert targets == [d.first_page for d in packet.documents if d.volume_page is not None]


def test_duplex_begins_every_paper_on_a_front_side(make: Make) -> None:
    single, double = make("closing"), make("closing", duplex=True)
    assert all(paper.first_page % 2 == 1 for paper in double.documents)
    assert double.pages % 2 == 0
    padding = [page for page in texts(double) if "此页空白" in page]
    assert len(padding) == double.pages - single.pages > 0
    for page in padding:
        assert page.strip() == "此页空白"
    pictures = page_pictures(double.content, 150)
    empty = [picture for picture, page in zip(pictures, texts(double), strict=True) if "此页空白" in page]
    assert all(not read_codes(picture) for picture in empty)
    assert not any("此页空白" in page for page in texts(single))


@pytest.mark.parametrize("name", ["plan", "closing"])
def test_both_codes_of_every_page_decode_to_the_paper_they_stand_on(name: str, make: Make) -> None:
    packet = make(name)
    pictures = page_pictures(packet.content)
    expected: dict[int, tuple[str, int, int]] = {}
    for paper in packet.documents:
        for at in range(len(paper.laid.pages)):
            expected[paper.first_page + at] = (paper.laid.identity.print_id, at + 1, len(paper.laid.pages))
    service = (packet.service.print_id, packet.service_pages)
    for at in range(packet.service_pages):
        expected[at + 1] = (service[0], at + 1, service[1])
    assert sorted(expected) == list(range(1, packet.pages + 1))
    for number, picture in enumerate(pictures, start=1):
        codes = read_codes(at_half(picture))
        assert set(codes) == {"upper right", "lower left"}, number
        for text in codes.values():
            code = decode(text, [DEMO_KEY])
            assert (code.print_id, code.page, code.pages) == expected[number]


def test_cover_and_contents_are_service_sheets_and_copies_have_ids_of_their_own(make: Make) -> None:
    packet = make("closing")
    ids = [paper.laid.identity.print_id for paper in packet.documents]
    assert packet.service.print_id.startswith("S")
    assert len(set(ids)) == len(ids)
    copies = [
        paper for paper in packet.documents if paper.laid.sheet.entry.form_id == "discharge_application"
    ]
    assert [paper.laid.identity.copy for paper in copies] == [1, 2]
    first, second = copies
    assert second.volume_page is None
    assert first.volume_page is not None
    pages = texts(packet)
    assert "第2份" in pages[second.first_page - 1].replace(" ", "")
    assert volume_number(pages[second.first_page - 1]) is None


def test_only_the_first_copy_on_request(make: Make) -> None:
    packet = make("closing", all_copies=False)
    assert all(paper.laid.identity.copy == 1 for paper in packet.documents)


OTHERS = ("样例癸", "13900000009", "510402199001010006")


def somebody_else() -> Case:
    """The sample case with every trace of 样例甲 replaced."""
    written = json.dumps(document(), ensure_ascii=False)
    for own, other in zip(("样例甲", "13800000000", "510402198503120014"), OTHERS, strict=True):
        written = written.replace(own, other)
    return case_of(json.loads(written.replace("1985-03-12", "1990-01-01")))


@pytest.mark.parametrize("name", PACKETS)
def test_nothing_of_another_person_is_in_any_byte(name: str, make: Make, tmp_path: Path) -> None:
    other = make(name, somebody_else(), blank_missing=True)
    own = make(name, blank_missing=True)
    assert any(OTHERS[0] in page for page in texts(other))
    plain = tmp_path / "plain.pdf"
    if shutil.which("qpdf"):
        (tmp_path / "own.pdf").write_bytes(own.content)
        command = ["qpdf", "--qdf", "--object-streams=disable", str(tmp_path / "own.pdf"), str(plain)]
        subprocess.run(command, check=True)
    raw = own.content + (plain.read_bytes() if plain.exists() else b"") + write_packet_record(own, FONTS)
    lower = raw.lower()
    for word in OTHERS:
        assert not any(word in page for page in texts(own))
        for encoding in ("utf-8", "utf-16-be", "utf-16-le", "gb18030"):
            assert word.encode(encoding) not in raw
            assert word.encode(encoding).hex().encode() not in lower


def test_the_record_holds_no_answer_and_lists_every_paper(make: Make) -> None:
    packet = make("intake")
    raw = write_packet_record(packet, FONTS)
    for word in ("样例甲", "13800000000", "510402198503120014", "1985"):
        assert word not in raw.decode()
    places = read_packet_record(raw)
    assert [place.sheet.print_id for place in places] == [d.laid.identity.print_id for d in packet.documents]
    assert [place.first_page for place in places] == [d.first_page for d in packet.documents]
    assert [place.volume_page for place in places] == [d.volume_page for d in packet.documents]
    assert all(place.sheet.page_map.entries for place in places)


@pytest.mark.parametrize("name", PACKETS)
def test_another_reader_finds_no_error_and_the_mark_of_pdf_a(name: str, make: Make, tmp_path: Path) -> None:
    packet = make(name, blank_missing=True, duplex=True)
    assert b"<pdfaid:part>2</pdfaid:part>" in packet.content
    assert len(reader(packet).pages) == packet.pages
    if shutil.which("qpdf") is None:
        pytest.skip("qpdf is not installed: the file is not checked by another reader")
    (tmp_path / "packet.pdf").write_bytes(packet.content)
    done = subprocess.run(
        ["qpdf", "--check", str(tmp_path / "packet.pdf")], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


_AGAIN = """
import sys
from generator.typeset.fonts import bundled_fonts
from generator.packets.build import build_packet
from generator.packets.papers import PacketOptions
from tests.packets.conftest import AT, case_of, document, drawn
made = build_packet("intake", case_of(document()), PacketOptions(AT, duplex=True), drawn(), bundled_fonts())
sys.stdout.buffer.write(made.content)
"""


def test_same_ids_and_time_give_the_same_bytes_in_another_process(make: Make) -> None:
    done = subprocess.run([sys.executable, "-c", _AGAIN], cwd=ROOT, check=True, capture_output=True)
    assert done.stdout == make("intake", duplex=True).content
    assert make("intake", duplex=True, seed=2).content != done.stdout


def test_a_paper_with_errors_is_listed_and_never_printed_as_official(make: Make) -> None:
    written = document()
    written["forms"]["application_b"][0]["application_date"] = "2031-01-01"
    packet = make("intake", case_of(written))
    assert [item.entry.form_id for item in packet.refused] == ["application_b"]
    assert packet.refused[0].problems[0].path == "/application_date"
    assert "application_b" not in {d.laid.sheet.form.id for d in packet.documents}
    assert "未印件：B 个案申请表" in re.sub(r"\s+(?=B)", "", "".join(texts(packet)))


def test_blanks_of_what_is_missing_or_faulty_have_the_persons_header_and_nothing_more(make: Make) -> None:
    written = document()
    written["forms"]["application_b"][0]["application_date"] = "2031-01-01"
    del written["forms"]["consent_a"]
    packet = make("intake", case_of(written), blank_missing=True)
    blanks = {d.laid.sheet.form.id: d for d in packet.documents if d.laid.sheet.level == "blank"}
    assert {"application_b", "consent_a"} <= set(blanks)
    page = texts(packet)[blanks["application_b"].first_page - 1]
    assert "样例甲" in page
    assert "2031" not in page
    assert document()["forms"]["application_b"][0]["client_needs"][:8] not in page
    assert blanks["consent_a"].laid.identity.print_id[0] not in "SF"


def test_a_blank_for_nobody_carries_form_and_version_only(make: Make) -> None:
    packet = make("plan", case_of({"case": {"track": "sw"}}), blank_missing=True)
    assert [d.laid.identity.print_id for d in packet.documents] == ["FC-----001", "FD-----001"]


@pytest.mark.parametrize(
    ("track", "expected"),
    [("sw", {"application_b", "privacy_consent"}), ("inst", {"admission_application", "privacy_consent"})],
)
def test_what_is_missing_follows_the_track(track: str, expected: set[str], make: Make) -> None:
    packet = make(
        "intake", case_of({"person": {"name": "样例甲"}, "case": {"track": track}}), blank_missing=True
    )
    missing = {lack.entry.form_id for lack in packet.survey.missing}
    assert expected <= missing
    assert not missing & ({"application_b", "admission_application"} - expected)
    assert all(lack.reason for lack in packet.survey.missing)


def test_consent_is_missing_only_when_the_case_was_accepted(make: Make) -> None:
    accepted = {"application_b": {"followup": "是", "inscope_action": ["接案"]}}
    rejected = {"application_b": {"followup": "否", "reject_action": ["明确告知不能接案的原因"]}}
    lacks = {}
    for name, forms in (("accepted", accepted), ("rejected", rejected)):
        packet = make("intake", case_of({"case": {"track": "sw"}, "forms": forms}), blank_missing=True)
        lacks[name] = {lack.entry.form_id for lack in packet.survey.missing}
    assert "consent_a" in lacks["accepted"] - lacks["rejected"]
    assert "refusal_notice" in lacks["rejected"] - lacks["accepted"]


@pytest.mark.parametrize(("conclusion", "asked"), [("不符合—转介", True), ("符合入住标准", False)])
def test_an_applicant_refused_after_assessment_is_told_why(conclusion: str, asked: bool, make: Make) -> None:
    forms = {"admission_assessment": {"assess_type": ["准入"], "conclusion": conclusion}}
    packet = make("intake", case_of({"case": {"track": "inst"}, "forms": forms}), blank_missing=True)
    assert ("refusal_notice" in {lack.entry.form_id for lack in packet.survey.missing}) is asked


def test_a_paper_that_is_not_applicable_is_not_missing_and_says_why(make: Make) -> None:
    written = document()
    written["forms"].pop("consent_a")
    written["case"]["not_applicable"] = {"consent_a": "口头知会已记录"}
    packet = make("intake", case_of(written))
    assert "consent_a" not in {lack.entry.form_id for lack in packet.survey.missing}
    assert [item.reason for item in packet.survey.waived if item.entry.form_id == "consent_a"] == [
        "口头知会已记录"
    ]


def test_one_agreement_is_enough(make: Make) -> None:
    packet = make("intake")
    missing = {lack.entry.form_id for lack in packet.survey.missing}
    assert not missing & {"service_agreement", "admission_agreement"}


def test_service_records_follow_by_date_whatever_their_order_in_the_file(make: Make, sample: Case) -> None:
    turned = copy.deepcopy(dict(sample))
    turned["forms"]["record_e"].reverse()
    dates = [p.date for p in make("service", turned).survey.papers if p.entry.form_id == "record_e"]
    assert len(dates) > 1
    assert dates == sorted(dates)


def test_a_name_no_font_has_does_not_stop_the_other_papers(make: Make) -> None:
    written = document()
    written["person"]["name"] = "样例\U000323af"
    packet = make("plan", case_of(written))
    assert packet.refused
    assert {paper.laid.sheet.entry.form_id for paper in packet.documents} == {"training_program"}
    assert all(item.error is not None for item in packet.refused)
    assert "U+323AF" in packet.glyph_gaps


def test_an_empty_packet_and_an_unknown_one_are_errors(make: Make) -> None:
    with pytest.raises(PacketEmpty, match="收案文书"):
        make("intake", case_of({}))
    with pytest.raises(PacketNotFound, match="是不是“intake”"):
        make("intak")


def test_every_paper_keeps_its_own_identity(make: Make) -> None:
    """What is archived as issued is the paper: its own pages, numbered on their own."""
    packet = make("intake")
    for paper in packet.documents:
        codes = [decode(code, [DEMO_KEY]) for code in paper.laid.codes]
        assert {code.kind for code in codes} == {PrintKind.COPY}
        assert [code.page for code in codes] == list(range(1, len(paper.laid.pages) + 1))

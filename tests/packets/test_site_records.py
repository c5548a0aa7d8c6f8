"""A record of many people in a CASE: a packet has the person's own line of it, nobody else in any byte."""

from __future__ import annotations

import copy
import io
import json
import zipfile
from typing import Any

import pypdf
import pytest

from generator.packets.build import Packet
from generator.packets.case import Case
from generator.packets.papers import PacketOptions
from generator.packets.record import write_packet_record
from generator.packets.survey import survey
from generator.packets.working import working_copies
from tests.packets.conftest import AT, Make, case_of, document, drawn
from tests.packets.test_packet import FONTS

RENAMED = {
    "样例丁": "样例寅卯", "样例戊": "样例辰巳", "样例庚": "样例午未",
    "GA-2025-0003": "GA-2024-9103", "GA-2025-0007": "GA-2024-9107", "GA-2025-0008": "GA-2024-9108",
}  # fmt: skip
"""Others on the list, as no other paper of the sample case names them."""
OTHERS = tuple(RENAMED.values())
REMARKS = ("情绪平稳", "发言较少", "分装中有一次差错", "仍有误解", "两人一组分装", "按时服药的事")
"""What the record says of others and of the group as a whole."""
OWN = "独立完成一周分装"


def written() -> dict[str, Any]:
    """The sample case with a record that names everybody in the texts an extract takes over."""
    case = document()
    told = json.dumps(case["site"]["activity_record"][0], ensure_ascii=False)
    for name, other in RENAMED.items():
        told = told.replace(name, other)
    sheet = json.loads(told)
    others = "、".join(OTHERS)
    sheet |= {"activity_name": f"与{others}同乐", "place": f"{others}家", "goal": f"帮助{others}"}
    sheet["participants"][0] |= {"performance": f"{OWN}，得到{others}夸奖。", "note": f"与{others}同组"}
    case["site"]["activity_record"] = [sheet]
    return case


def extracts(case: Case) -> list[Any]:
    papers = survey("service", case, AT).papers
    return [paper for paper in papers if paper.form.id == "activity_extract"]


def pdf_bytes(packet: Packet) -> bytes:
    """Every byte of the file, with every stream inflated, and the texts and facts a reader shows."""
    reader = pypdf.PdfReader(io.BytesIO(packet.content))
    opened = [reader.get_object(number) for number in range(1, len(reader.xref[0]) + 1)]
    streams = [item.get_data() for item in opened if isinstance(item, pypdf.generic.StreamObject)]
    text = "".join("".join(page.extract_text().split()) for page in reader.pages)
    facts = f"{reader.metadata} {reader.xmp_metadata and reader.xmp_metadata.rdf_root.toxml()}"
    return packet.content + b"".join(streams) + f"{text}{facts}".encode()


def found_in(raw: bytes, words: tuple[str, ...]) -> list[str]:
    """The words that stand in the bytes, in any encoding a PDF, XML or zip would use."""
    encodings = ("utf-8", "utf-16-be", "utf-16-le", "gb18030")
    lower = raw.lower()
    return [
        word
        for word in words
        if any(
            word.encode(encoding) in raw or word.encode(encoding).hex().encode() in lower
            for encoding in encodings
        )
    ]


def test_the_packet_takes_the_persons_line_of_the_record(make: Make) -> None:
    case = case_of(written())
    (paper,) = extracts(case)
    assert paper.report.ok
    assert paper.pointer == "/site/activity_record/0"
    assert paper.answers["case_no"] == "GA-2025-0001"
    assert OWN in paper.answers["performance"]
    packet = make("service", case)
    assert any(item.laid.sheet.form.id == "activity_extract" for item in packet.documents)
    assert found_in(pdf_bytes(packet), (OWN,)) == [OWN]


def test_nobody_else_on_the_list_is_in_any_byte_of_the_packet(make: Make) -> None:
    packet = make("service", case_of(written()))
    raw = pdf_bytes(packet) + write_packet_record(packet, FONTS)
    assert found_in(raw, OTHERS + REMARKS) == []


def test_nobody_else_on_the_list_is_in_any_byte_of_the_working_copies() -> None:
    copies = working_copies("service", case_of(written()), PacketOptions(AT), drawn())
    names = [file.name for file in copies.files]
    assert any("SV4X" in name or "activity_extract" in name for name in names)
    for file in copies.files:
        with zipfile.ZipFile(io.BytesIO(file.content)) as package:
            parts = b"".join(package.read(name) for name in package.namelist())
        assert found_in(file.content + parts + file.name.encode(), OTHERS + REMARKS) == []


def test_the_search_would_find_them(make: Make) -> None:
    # The record itself printed into a packet must not pass unseen.
    careless = written()
    careless["forms"]["visit_record"][0]["needs"] = "与样例寅卯一同参加活动"
    packet = make("service", case_of(careless))
    assert found_in(pdf_bytes(packet), OTHERS) == ["样例寅卯"]


def test_leaders_and_what_an_extract_leaves_out_are_not_prefilled_from_the_record() -> None:
    (paper,) = extracts(case_of(written()))
    assert "leaders" not in paper.answers
    assert not [source for source in paper.origins.values() if source.startswith("activity_record")]


def test_a_sheet_without_the_person_gives_nothing_and_a_registered_extract_goes_first() -> None:
    case = written()
    (sheet,) = case["site"]["activity_record"]
    absent = copy.deepcopy(sheet) | {"activity_no": "HD-2025-0032"}
    del absent["participants"][0]
    case["site"]["activity_record"].append(absent)
    assert len(extracts(case_of(case))) == 1
    case["forms"]["activity_extract"] = {"activity_no": sheet["activity_no"], "performance": "另行登记"}
    (paper,) = extracts(case_of(case))
    assert paper.answers["performance"] == "另行登记"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ({"name": "样例甲"}, True),
        ({"name": "样例 甲"}, True),
        ({"name": "样例甲", "client_no": "GA-2025-0099"}, False),
    ],
)
def test_a_line_without_a_number_goes_by_name_but_never_a_namesakes(
    line: dict[str, Any], expected: bool
) -> None:
    case = document()
    rows = case["site"]["activity_record"][0]["participants"]
    rows[0] = {"kind": "服务对象", "attended": True, "performance": "参加", **line}
    assert bool(extracts(case_of(case))) is expected

"""Lists of what is handed over: who to whom, counted at that moment."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from archives.duties.transfers import Receiver, all_transfers, find_transfer, items_of, make_transfer
from archives.errors import ArchiveError, InputRefused, NotFound, SeparationBroken, StateForbids
from archives.items.documents import DocumentEntry, add_document, store
from archives.items.records import Content, add_record, void
from archives.people.files import end_application, file_away
from archives.people.persons import PersonFacts, open_person
from tests.archives.making import Station, station

OUTSIDE = Receiver(None, "样例接收人", "样例街道", "样例合同", 4)


@pytest.fixture
def desk(tmp_path: Path) -> Station:
    made = station(tmp_path)
    with made.archive.acting("test.open", made.worker) as unit:
        for name in ("样例甲", "样例乙"):
            open_person(unit, PersonFacts(name), another=True)
    return made


def made(desk: Station, files: list[int], receiver: Receiver, kind: str = "filing") -> int:
    with desk.archive.acting("test.transfer", desk.records) as unit:
        return make_transfer(unit, kind, files, receiver)  # type: ignore[arg-type]  # as the test says


def record(desk: Station, state: str = "final") -> int:
    with desk.archive.acting("test.record", desk.worker) as unit:
        return add_record(unit, 1, Content("record_e", 1, "第1次", b"{}", state, date(2026, 11, 1)))  # type: ignore[arg-type]


def paper(desk: Station, item: int, kind: str, pages: int) -> None:
    stored = store(desk.archive, b"%PDF")
    with desk.archive.acting("test.document", desk.worker) as unit:
        add_document(unit, 1, stored, DocumentEntry(kind, "application/pdf", pages, item))  # type: ignore[arg-type]


def test_pieces_and_pages_count_what_stands_in_the_file_once(desk: Station) -> None:
    scanned, printed, mistake = record(desk), record(desk), record(desk)
    record(desk, "draft")
    paper(desk, scanned, "issued", 2)
    paper(desk, scanned, "scan", 2)
    paper(desk, printed, "issued", 3)
    paper(desk, printed, "issued", 3)  # the second copy of the same print
    with desk.archive.acting("test.void", desk.worker) as unit:
        void(unit, mistake, "误填")
    transfer = made(desk, [1, 2, 1], Receiver(staff=1))
    record(desk)  # what comes later does not change the list
    with desk.archive.looking(desk.records) as unit:
        told = [(one.file, one.volume, one.pieces, one.pages) for one in items_of(unit, transfer)]
    assert told == [(1, 1, 2, 5), (2, 1, 0, 0)]


@pytest.mark.parametrize(
    ("receiver", "kind", "error"),
    [
        (Receiver(staff=5), "filing", SeparationBroken),
        (Receiver(staff=1, supervisor=1), "filing", SeparationBroken),
        (Receiver(None, "样例接收人", "样例街道", "样例合同", 5), "handover", SeparationBroken),
        (Receiver(), "filing", InputRefused),
        (Receiver(staff=1, name="样例接收人"), "filing", InputRefused),
        (Receiver(staff=99), "filing", InputRefused),
        (Receiver(None, "样例接收人", "样例街道", None, 4), "handover", InputRefused),
        (Receiver(None, "样例\u202e接收人", "样例街道", "样例合同", 4), "handover", InputRefused),
        (Receiver(staff=1), "sale", InputRefused),
    ],
)
def test_refusals(desk: Station, receiver: Receiver, kind: str, error: type[ArchiveError]) -> None:
    with pytest.raises(error):
        made(desk, [1], receiver, kind)
    with desk.archive.looking(desk.records) as unit:
        assert not all_transfers(unit)


def test_a_handover_to_another_office(desk: Station) -> None:
    with pytest.raises(StateForbids):
        made(desk, [1], OUTSIDE, "handover")
    with desk.archive.acting("test.file", desk.records) as unit:
        end_application(unit, 1, date(2026, 11, 20), "rejected")
        file_away(unit, 1)
    transfer = made(desk, [1], OUTSIDE, "handover")
    with desk.archive.looking(desk.records) as unit:
        (one,) = all_transfers(unit)
        assert find_transfer(unit, "yj-2026-001") == transfer == one.id
        with pytest.raises(NotFound):
            find_transfer(unit, "YJ-2026-002")
    assert (one.ref_code, one.kind, one.handed_by, one.received_by, one.files) == (
        "YJ-2026-001", "handover", 5, None, 1,
    )  # fmt: skip
    assert one.more == {"name": "样例接收人", "unit": "样例街道", "basis": "样例合同", "supervisor": 4}

"""Scans come home: in whatever order, each page is accounted for and only whole prints are filed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from archives.errors import AlreadyThere, InputRefused
from archives.items.documents import content_of, document_facts, documents_of
from archives.items.records import record_facts
from archives.scans.quarantine import original
from desk.station.scanning.queue import overview
from desk.station.scanning.receiving import receive
from generator.errors import ScanUnusable
from tests.scans.house import (
    Paper,
    account,
    empty,
    house,
    issue,
    jpegs,
    reasons,
    rows,
    signed,
    stack_file,
)
from tests.simulator import scanner
from tests.station.office import Office

UPSIDE_DOWN = scanner.Device(dpi=150, turn=2, skew=1.5)


@pytest.fixture
def desk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Iterator[Office]:
    made = house(tmp_path, monkeypatch, capfd)
    yield made
    made.station.archive.close()


def test_a_shuffled_stack_of_two_people_ends_in_the_right_files(desk: Office) -> None:
    mine = [signed(one) for one in issue(desk, "record_e")]
    others = [signed(one) for one in issue(desk, "consent_a", file=desk.other.file)]
    firsts = [one for one in others if one.print_id == others[0].print_id]
    shuffled = [firsts[1], mine[1], empty(mine[0]), firsts[0], mine[0]]
    path = stack_file(desk.folder / "机器 01.pdf", shuffled)
    streams = jpegs(shuffled)
    told = receive(desk.as_role("records"), path)
    assert (told.ledger.filed, told.ledger.blank, told.ledger.waiting, told.ledger.pages_in) == (4, 1, 0, 5)
    assert told.ledger.adds_up
    assert not path.exists()
    with desk.station.archive.looking(desk.station.records) as unit:
        for papers, file in ((mine, desk.opened.file), (firsts, desk.other.file)):
            (scan,) = [one for one in documents_of(unit, file=file) if one.kind == "scan"]
            assert (scan.pages, scan.record) == (2, document_facts(unit, papers[0].document).record)
            content = content_of(desk.station.archive, scan)
            order = [content.find(streams[shuffled.index(one)]) for one in papers]
            assert -1 not in order, "every JPEG lies in the document byte for byte"
            assert order == sorted(order)
        assert record_facts(unit, 2).state == "signed"
        assert record_facts(unit, 1).state == "final", "nobody signs a session record"


def test_pages_that_come_later_find_the_others(desk: Office) -> None:
    first, second = [signed(one) for one in issue(desk, "record_e")]
    records = desk.as_role("records")
    one = receive(records, stack_file(desk.folder / "1.pdf", [second]))
    assert (one.ledger.waiting, one.filed) == (1, ())
    ((where, missing),) = overview(records).missing
    assert missing.missing == (1,)
    assert "record" not in where
    two = receive(records, stack_file(desk.folder / "2.pdf", [first]))
    assert [filed.pages for filed in two.filed] == [2]
    assert account(desk, one.batch.id).filed == account(desk, two.batch.id).filed == 1
    with desk.station.archive.looking(desk.station.records) as unit:
        assert [batch.state for batch in overview(records).batches] == ["balanced", "balanced"]
        assert documents_of(unit, record=1)[-1].kind == "scan"


def test_what_cannot_be_filed_by_its_code_waits_with_its_reason(desk: Office) -> None:
    first, second = issue(desk, "record_e")
    foreign = Paper(0, "", 0, 0, _written_on(empty(first)), ())
    both = np.vstack([first.picture[:1800], second.picture[1800:]])  # one sheet looks out behind the other
    double = Paper(0, "", 0, 0, both, ())
    records = desk.as_role("records")
    told = receive(records, stack_file(desk.folder / "1.pdf", [foreign, double, first, first, second]))
    assert told.ledger.adds_up
    assert reasons(desk, told.batch.id)[:2] == ["no_code", "double_feed"]
    assert [row.state for row in rows(desk, told.batch.id)] == [
        "waiting", "waiting", "filed", "duplicate", "filed",
    ]  # fmt: skip
    again = receive(records, stack_file(desk.folder / "2.pdf", [first, second], seed=7))
    assert [row.reason for row in rows(desk, again.batch.id)] == ["filed_before", "filed_before"]


def test_a_print_older_than_its_record_waits(desk: Office) -> None:
    from archives.items.records import Content, revise
    from tests.scans.house import example

    papers = issue(desk, "record_e")
    with desk.station.archive.acting("test.revise", desk.station.worker) as unit:
        revise(unit, 1, Content("record_e", 1, "个案服务记录表", example("record_e")), "样例更正")
    told = receive(desk.as_role("records"), stack_file(desk.folder / "1.pdf", papers))
    assert reasons(desk, told.batch.id) == ["superseded", "superseded"]
    assert account(desk, told.batch.id).filed == 0


def test_the_page_of_another_station_never_gets_in(desk: Office) -> None:
    papers = issue(desk, "record_e")
    (desk.station.layout.keys / "page-code.key").write_text("6b" * 32, encoding="ascii")
    told = receive(desk.as_role("records"), stack_file(desk.folder / "1.pdf", papers))
    assert reasons(desk, told.batch.id) == ["refused", "refused"]


def test_the_same_file_comes_in_once_and_the_first_is_kept_until_it_is_safe(desk: Office) -> None:
    papers = issue(desk, "record_e")
    path = stack_file(desk.folder / "1.pdf", papers, UPSIDE_DOWN)
    records, bytes_in = desk.as_role("records"), path.read_bytes()
    told = receive(records, path, keep=True)
    assert path.read_bytes() == bytes_in
    assert told.ledger.filed == 2
    with pytest.raises(AlreadyThere):
        receive(records, path)
    assert path.exists()
    with desk.station.archive.looking(desk.station.records) as unit:
        assert b"".join(original(desk.station.archive, unit, told.batch)) == bytes_in


def test_a_file_that_changes_while_it_comes_in_is_not_taken(
    desk: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    from desk.station.scanning import receiving

    papers = issue(desk, "record_e")
    path = stack_file(desk.folder / "1.pdf", papers)
    kept = receiving._keep_copy

    def growing(*arguments: object) -> None:
        kept(*arguments)  # type: ignore[arg-type]
        with path.open("ab") as file:
            file.write(b"more")

    monkeypatch.setattr(receiving, "_keep_copy", growing)
    with pytest.raises(InputRefused, match="改动"):
        receive(desk.as_role("records"), path)
    assert path.exists()


def test_what_is_no_scan_is_refused_before_anything_is_written(desk: Office) -> None:
    path = desk.folder / "不是.pdf"
    path.write_bytes(b"PK\x03\x04")
    with pytest.raises(ScanUnusable):
        receive(desk.as_role("records"), path)
    assert overview(desk.as_role("records")).batches == ()
    assert path.exists()
    assert not list(desk.station.archive.blobs.names())


def test_nothing_of_a_person_is_in_the_access_log(desk: Office) -> None:
    papers = issue(desk, "record_e")
    receive(desk.as_role("records"), stack_file(desk.folder / "样例甲.pdf", papers))
    with desk.station.archive.looking(desk.station.records) as unit:
        from sqlalchemy import select

        from archives.store.tables_people import events

        told = [str(tuple(row)) for row in unit.execute(select(events))]
    assert not any("样例甲" in line for line in told)
    assert sum("scan.receive" in line for line in told) == 1


def _written_on(page: Paper) -> np.ndarray:
    sheet = page.picture.copy()
    for row in range(600, 2400, 90):
        sheet[row : row + 30, 300:1900:7] = 30
    return sheet

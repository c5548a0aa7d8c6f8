"""Lists, queues and accounts tell numbers and titles only of files the reader may see."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from archives.disposal.lists import all_lists
from archives.disposal.proof import people_of
from archives.duties.copies import register_copy
from archives.errors import AccessDenied
from archives.items.documents import DocumentEntry, add_document, document_facts, store
from archives.items.holds import place_hold
from archives.people.files import close_case, file_away
from archives.scans.questions import Asked, ask
from archives.store.tables_people import events, staff
from desk.station.access import sees_list_of_items
from desk.station.list_reading import list_to_read
from desk.station.scanning.queue import where_of
from desk.station.standing import part_of_document, telling
from tests.archives.disposing import approved, due, with_schedule
from tests.archives.making import station
from tests.attacks.test_roles import as_
from tests.station.office import Office, office

TITLE = "个案服务记录表"


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Office:
    """A filed scan with a question in 社工甲's case; 督导 supervises 社工乙 only."""
    made = office(tmp_path, monkeypatch, capfd)
    record = made.add_record(TITLE)
    scan = made.add_document(record, b"%PDF-1.4 scan")
    people = made.station
    with people.archive.acting("test.staff", people.admin) as unit:
        unit.execute(
            update(staff).where(staff.c.id == people.worker2.staff).values(supervisor=people.supervisor.staff)
        )
    with people.archive.acting("test.ask", people.worker) as unit:
        ask(unit, scan, document_facts(unit, scan).item_key or "", [Asked("mark", 1, b"{}")])
    return made


def supervise_both(made: Office) -> None:
    people = made.station
    with people.archive.acting("test.staff", people.admin) as unit:
        unit.execute(
            update(staff).where(staff.c.id == people.worker.staff).values(supervisor=people.supervisor.staff)
        )


def data(made: Office, who: str, *command: str) -> Any:
    told = made.run(who, *command, "--json")
    assert told.code == 0, told.err
    return json.loads(told.out)


def names(told: Any, made: Office) -> bool:
    text = json.dumps(told, ensure_ascii=False)
    return made.number in text or TITLE in text


@pytest.mark.parametrize(
    ("who", "seen"),
    [("worker", True), ("worker2", False), ("supervisor", False), ("director", True), ("records", True)],
)
def test_what_waits_for_an_answer_is_told_of_ones_own_files(who: str, seen: bool, desk: Office) -> None:
    status = data(desk, who, "scan", "status")
    assert (len(status["questions"]), names(status, desk)) == (int(seen), seen)
    listed = data(desk, who, "scan", "differences")
    assert (len(listed), names(listed, desk)) == (int(seen), seen)


def test_a_supervisor_sees_what_waits_in_supervised_cases(desk: Office) -> None:
    supervise_both(desk)
    assert names(data(desk, "supervisor", "scan", "status"), desk)


def test_of_a_closed_volume_lists_tell_the_custodians_only(desk: Office) -> None:
    people = desk.station
    with people.archive.acting("test.end", people.worker) as unit:
        close_case(unit, desk.opened.file, unit.today)
    with people.archive.acting("test.file", people.records) as unit:
        file_away(unit, desk.opened.file)
    assert desk.run("worker", "file", "reopen", desk.number, "--reason", "再次来站").code == 0
    seen = {who: names(data(desk, who, "scan", "status"), desk) for who in ("worker", "records", "director")}
    assert seen == {"worker": False, "records": True, "director": True}


def test_where_a_scan_came_home_is_said_to_whom_it_concerns(desk: Office) -> None:
    told = {}
    for who in ("worker", "worker2", "records"):
        with desk.station.archive.looking(getattr(desk.station, who)) as unit:
            facts = document_facts(unit, 1)
            tells = telling(unit)(facts.file, part_of_document(unit, facts))
            told[who] = where_of(unit, facts) if tells else None
    assert told == {"worker": told["records"], "worker2": None, "records": told["records"]}


def test_holds_are_listed_to_who_answers_for_the_file(desk: Office) -> None:
    with desk.station.archive.acting("test.hold", desk.station.director) as unit:
        place_hold(unit, desk.opened.file, "audit")
    assert data(desk, "supervisor", "hold", "list") == []
    assert desk.run("supervisor", "hold", "list", desk.number).code == AccessDenied.exit_code
    assert names(data(desk, "records", "hold", "list"), desk)
    supervise_both(desk)
    assert names(data(desk, "supervisor", "hold", "list"), desk)
    assert names(data(desk, "supervisor", "hold", "list", desk.number), desk)


def test_who_keeps_the_system_sees_copies_without_numbers(desk: Office) -> None:
    with desk.station.archive.acting("test.copy", desk.station.records) as unit:
        register_copy(unit, "export", "导出.zip", "0" * 64, date(2026, 12, 22), file=desk.opened.file)
    (copy,) = data(desk, "admin", "copy", "list")
    assert (copy["name"], copy["file"]) == ("导出.zip", "（不显示）")
    assert data(desk, "records", "copy", "list")[0]["file"] == desk.number


def test_papers_of_the_site_are_everybodys_to_answer(desk: Office) -> None:
    from archives.people.series import series_file

    people = desk.station
    with people.archive.acting("test.series", people.worker) as unit:
        series = series_file(unit, "YW", 2026).id
    stored = store(people.archive, b"%PDF-1.4 sheet")
    with people.archive.acting("test.document", people.worker) as unit:
        paper = add_document(unit, series, stored, DocumentEntry("scan", "application/pdf", 1))
        ask(unit, paper, document_facts(unit, paper).item_key or "", [Asked("mark", 1, b"{}")])
    assert [one["document"] for one in data(desk, "worker2", "scan", "status")["questions"]] == [paper]


def test_the_items_of_a_list_are_for_its_appraisers_and_the_custodians(tmp_path: Path) -> None:
    state = {
        (who, when, took): sees_list_of_items(frozenset({who}), when, took_part=took)
        for who in ("worker", "supervisor", "records", "director")
        for when in ("proposed", "approved", "done")
        for took in (False, True)
    }
    assert {key for key, seen in state.items() if not seen} == {
        (who, when, False) for who in ("worker", "supervisor") for when in ("approved", "done")
    }
    made = with_schedule(station(tmp_path))
    _, ids = due(made)
    approved(made, ids)
    with made.archive.looking(made.records) as unit:
        (facts,) = all_lists(unit)
        part = set(people_of(unit, facts).signers)
    outsider = next(who for who in (made.worker, made.worker2, made.supervisor) if who.staff not in part)
    with pytest.raises(AccessDenied, match="已鉴定完毕"):
        list_to_read(as_(made, outsider), facts.ref_code)
    assert list_to_read(as_(made, made.records), facts.ref_code).id == facts.id
    with made.archive.looking(made.auditor) as unit:
        refused = unit.execute(select(events).where(events.c.action == "access.denied")).one()
    assert (refused.staff, refused.subject) == (outsider.staff, f"disposal:{facts.id}")

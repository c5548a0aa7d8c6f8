"""Stations with something to destroy, and the way of a list in short steps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from archives.disposal.appraisal import finish_appraisal, set_opinion, sign_appraisal
from archives.disposal.approval import approve_list
from archives.disposal.completion import Progress
from archives.disposal.execution import PaperCount, Witness, begin, execute
from archives.disposal.lists import entries, opinions_hash
from archives.disposal.proposal import propose_list
from archives.disposal.rehearsal import paper_of
from archives.disposal.schedules import approve_schedule, propose_schedule
from archives.items.documents import DocumentEntry, add_document, store
from archives.items.records import Content, add_record
from archives.people.files import end_application
from archives.people.persons import PersonFacts, open_person
from archives.ports import Actor
from generator.resources import data_dir
from tests.archives.making import Station

SECRET = "听说他最近睡不好（样例）"
"""Stands in every answer: what must be nowhere once it is destroyed."""
YEARS = 4 * 366
"""Days after which the papers of who was refused today may go."""
WITNESSES = (Witness(8, "password"), Witness(9, "password"))


@dataclass(frozen=True)
class Refused:
    """An applicant who was refused: the file and its records."""

    person: int
    file: int
    records: tuple[int, ...]


def with_schedule(station: Station) -> Station:
    raw = (data_dir("schemas") / "retention.json").read_bytes()
    with station.archive.acting("test.schedule", station.records) as unit:
        schedule = propose_schedule(unit, raw)
    with station.archive.acting("test.schedule", station.director) as unit:
        approve_schedule(unit, schedule.version, schedule.sha256)
    return station


def add(
    station: Station,
    file: int,
    number: int,
    *,
    scan: int = 0,
    state: str = "final",
    form: str = "application_b",
) -> int:
    content = Content(
        form, 1, f"个案申请表（第{number}次）", f'{{"note":"{SECRET}{number}"}}'.encode(),
        state=state, document_date=date(2026, 11, 20), facts={"note": f"{SECRET}事实"},
    )  # type: ignore[arg-type]  # fmt: skip
    stored = store(station.archive, f"%PDF {SECRET}{number}".encode()) if scan else None
    with station.archive.acting("record.add", station.worker) as unit:
        record = add_record(unit, file, content)
        if stored is not None:
            add_document(unit, file, stored, DocumentEntry("scan", "application/pdf", scan, record=record))
    return record


def refused(
    station: Station, name: str = "赵样例", *, items: int = 2, id_number: str | None = None
) -> Refused:
    """An applicant refused today with ``items`` records; the first one has two pages of paper."""
    with station.archive.acting("person.open", station.worker) as unit:
        opened = open_person(
            unit, PersonFacts(name, "男", "1980-01-01", "13800001234", id_number), another=True
        )
    ids = tuple(add(station, opened.file, n, scan=2 if n == 1 else 0) for n in range(1, items + 1))
    with station.archive.acting("file.end", station.worker) as unit:
        end_application(unit, opened.file, unit.today, "rejected")
    return Refused(opened.person, opened.file, ids)


def due(station: Station, **how: Any) -> tuple[int, tuple[int, ...]]:
    """The file and the records of a refused applicant whose papers may go today."""
    one = refused(station, **how)
    station.clock.pass_days(YEARS)
    return one.file, one.records


def proposed(station: Station, records: Sequence[int]) -> int:
    with station.archive.acting("disposal.propose", station.records) as unit:
        return propose_list(unit, records)


def appraised(station: Station, records: Sequence[int], keep: Sequence[int] = ()) -> tuple[int, str]:
    """A list with every item to be destroyed but ``keep``; (id, hash)."""
    number = proposed(station, records)
    with station.archive.acting("disposal.appraise", station.records) as unit:
        for record in records:
            set_opinion(unit, number, record, "permanent" if record in keep else "destroy", "保管期限已满")
        sha256 = opinions_hash(unit, number)
    for actor in (station.records, station.worker, station.director):
        with station.archive.acting("disposal.sign", actor) as unit:
            sign_appraisal(unit, number, sha256)
    with station.archive.acting("disposal.finish", station.records) as unit:
        return number, finish_appraisal(unit, number)


def approved(station: Station, records: Sequence[int]) -> tuple[int, str]:
    """An approved list whose waiting period is over."""
    number, sha256 = appraised(station, records)
    with station.archive.acting("disposal.approve", station.director) as unit:
        approve_list(unit, number, sha256)
    station.clock.pass_days(8)
    return number, sha256


def begun(station: Station, records: Sequence[int]) -> int:
    """A list whose execution was opened before two witnesses."""
    number, sha256 = approved(station, records)
    open_execution(station, number, sha256)
    return number


def open_execution(
    station: Station, number: int, sha256: str, actor: Actor | None = None,
    witnesses: Sequence[Witness] = WITNESSES,
) -> None:  # fmt: skip
    with station.archive.acting("disposal.begin", actor or station.records) as unit:
        paper = PaperCount(*paper_of(unit, number))
        begin(unit, number, sha256, "粉碎" if paper.items else "无纸质档案", "档案室", paper, witnesses)


def destroyed(station: Station, records: Sequence[int]) -> tuple[int, Progress]:
    number = begun(station, records)
    return number, execute(station.archive, station.records, number)


def states(station: Station, number: int) -> list[str]:
    with station.archive.looking(station.records) as unit:
        return [row.state for row in entries(unit, number)]

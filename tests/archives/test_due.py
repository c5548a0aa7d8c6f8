"""The due list asks only for what can fall due: it must say the same as the plan of everything."""

from __future__ import annotations

import json
import random
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, update

from archives.archive import Unit
from archives.disposal.falling import may_fall_due
from archives.disposal.plan import falling_due, plan
from archives.disposal.schedules import approve_schedule, propose_schedule, schedule_in_force
from archives.items.records import Content, add_record
from archives.people.files import accept
from archives.people.persons import PersonFacts, open_person
from archives.people.reopening import reopen
from archives.people.series import series_file
from archives.retention.decide import due_list
from archives.store.tables import volumes
from archives.store.tables_duties import disposal_lists, overrides
from generator.resources import data_dir
from tests.archives.making import Station, station

FORMS = ("record_e", "application_b", "referral", "risk_assessment", "activity_record", "inquiry_log",
         "access_register", "loan_register")  # fmt: skip


@pytest.mark.parametrize("start_rule", ["next_year", "trigger_day"])
@pytest.mark.parametrize("medical", [False, True])
def test_the_due_list_is_that_of_the_whole_plan(tmp_path: Path, start_rule: str, medical: bool) -> None:
    made = station(tmp_path)
    _schedule(made, start_rule, medical)
    draw = random.Random(7)
    with made.archive.acting("test.fill", made.worker) as unit:
        for number in range(40):
            _person(unit, draw, number)
        for year in (2019, 2022, 2023):
            for series in ("YW", "GL"):
                _records(unit, draw, series_file(unit, series, year).id)
    found = 0
    with made.archive.looking(made.records) as unit:
        for at in (unit.today, date(2026, 12, 31), date(2027, 1, 1), date(2024, 2, 29), date(2053, 6, 15)):
            for months in (1, 12, 120):
                whole = due_list((decision for _, decision in plan(unit, at)), at, months)
                assert falling_due(unit, at, months) == whole
                found += len(whole)
    assert found > 20


def test_an_opinion_brings_an_item_back_that_no_date_would(tmp_path: Path) -> None:
    made = station(tmp_path)
    _schedule(made, "next_year", medical=False)
    with made.archive.acting("test.fill", made.worker) as unit:
        file = series_file(unit, "YW", 2019).id
        record = add_record(
            unit, file, Content("activity_record", 1, "活动记录", b"{}", document_date=date(2019, 5, 1))
        )
        disposal = unit.execute(
            insert(disposal_lists),
            {"ref_code": "XH-2023-001", "state": "proposed", "made_by": 1, "made_at": unit.at,
             "schedule_version": schedule_in_force(unit).version},
        ).inserted_primary_key  # fmt: skip
        unit.execute(
            insert(overrides),
            {"record_id": record, "list_id": disposal[0] if disposal else 0, "kind": "prolong", "years": 3,
             "decided_on": "2023-03-01"},
        )  # fmt: skip
    with made.archive.looking(made.records) as unit:
        assert [int(one.key) for one in falling_due(unit, unit.today, 12)] == [record]


def test_the_sieve_lets_little_through(tmp_path: Path) -> None:
    made = station(tmp_path)
    _schedule(made, "next_year", medical=False)
    with made.archive.acting("test.fill", made.worker) as unit:
        file = series_file(unit, "YW", 2019).id
        for day in range(60):
            made_on = date(2018, 1, 1) + timedelta(days=50 * day)
            add_record(unit, file, Content("activity_record", 1, "活动记录", b"{}", document_date=made_on))
    with made.archive.looking(made.records) as unit:
        passed = may_fall_due(unit, schedule_in_force(unit), unit.today, 12)
        assert len(passed) < 10
        assert len(falling_due(unit, unit.today, 12)) == len(passed)


def _schedule(made: Station, start_rule: str, medical: bool) -> None:
    body = json.loads((data_dir("schemas") / "retention.json").read_bytes())
    raw = json.dumps({**body, "start_rule": start_rule, "medical": medical}).encode()
    with made.archive.acting("test.propose", made.records) as unit:
        schedule = propose_schedule(unit, raw)
    with made.archive.acting("test.approve", made.director) as unit:
        approve_schedule(unit, schedule.version, schedule.sha256)


def _day(draw: random.Random) -> date:
    return date(2018, 1, 1) + timedelta(days=draw.randrange(3200))


def _person(unit: Unit, draw: random.Random, number: int) -> None:
    opened = open_person(
        unit, PersonFacts(f"样例{chr(0x4E00 + number)}", birth_date="1990-01-01"), another=True
    )
    if draw.random() < 0.4:
        accept(unit, opened.file, _day(draw))
    _records(unit, draw, opened.file)
    _end(unit, draw, opened.volume)
    if draw.random() < 0.3:
        later = reopen(unit, opened.file, "再次来站") if _ended(unit, opened.volume) else 0
        if later:
            _records(unit, draw, opened.file)


def _ended(unit: Unit, volume: int) -> bool:
    row = unit.execute(volumes.select().where(volumes.c.id == volume)).one()
    return row.closed_on is not None or row.outcome is not None


def _end(unit: Unit, draw: random.Random, volume: int) -> None:
    row = unit.execute(volumes.select().where(volumes.c.id == volume)).one()
    if draw.random() < 0.2:
        return
    on = _day(draw).isoformat()
    values = {"closed_on": on} if row.case_no else {
        "outcome": draw.choice(("rejected", "referred_out", "served_briefly")), "outcome_on": on
    }  # fmt: skip
    unit.execute(update(volumes).where(volumes.c.id == volume).values(**values))


def _records(unit: Unit, draw: random.Random, file: int) -> None:
    for _ in range(6):
        events = {draw.choice(("expired", "replaced", "staff_left", "last_entry")): _day(draw).isoformat()}
        add_record(
            unit, file,
            Content(
                draw.choice(FORMS), 1, "样例", b"{}", "signed", _day(draw) if draw.random() < 0.9 else None,
                facts={"risk_level": str(draw.randrange(6)), "named": draw.choice(("true", "false"))},
                events=events if draw.random() < 0.4 else {},
            ),
        )  # fmt: skip

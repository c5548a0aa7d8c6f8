"""Copies out of reach: which of them may hold a record, and until when."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from archives.duties.copies import all_copies, copies_of_record, copy_gone, register_copy
from archives.errors import NotFound, StateForbids
from archives.items.records import Content, add_record
from archives.people.persons import PersonFacts, open_person
from tests.archives.making import Station, station

HASH = "0" * 64


@pytest.fixture
def desk(tmp_path: Path) -> Station:
    made = station(tmp_path)
    with made.archive.acting("test.open", made.worker) as unit:
        for name in ("样例甲", "样例乙"):
            open_person(unit, PersonFacts(name), another=True)
    return made


def copied(desk: Station, name: str, *, file: int | None = None, gone_by: date = date(2026, 12, 22)) -> int:
    with desk.archive.acting("test.copy", desk.records) as unit:
        kind = "backup" if file is None else "export"
        return register_copy(unit, kind, name, HASH, gone_by, file=file)  # type: ignore[arg-type]


def test_a_record_may_be_in_every_later_backup_and_export_of_its_file(desk: Station) -> None:
    copied(desk, "早的备份")
    desk.clock.pass_days(1)
    with desk.archive.acting("test.record", desk.worker) as unit:
        record = add_record(unit, 1, Content("record_e", 1, "第1次", b"{}"))
    desk.clock.pass_days(1)
    copied(desk, "晚的备份")
    copied(desk, "本卷导出", file=1)
    copied(desk, "别卷导出", file=2)
    gone = copied(desk, "已销毁的备份")
    with desk.archive.acting("test.gone", desk.records) as unit:
        copy_gone(unit, gone)
    with desk.archive.looking(desk.records) as unit:
        assert [one.name for one in copies_of_record(unit, record)] == ["晚的备份", "本卷导出"]
        with pytest.raises(NotFound):
            copies_of_record(unit, 99)


def test_what_is_to_be_gone_first_stands_first(desk: Station) -> None:
    late, soon = copied(desk, "晚", gone_by=date(2027, 1, 1)), copied(desk, "早", gone_by=date(2026, 12, 1))
    with desk.archive.acting("test.gone", desk.records) as unit:
        assert [one.id for one in all_copies(unit)] == [soon, late]
        copy_gone(unit, soon)
        assert [one.id for one in all_copies(unit)] == [late]
        assert [one.gone_on for one in all_copies(unit, standing_only=False)] == [date(2026, 11, 22), None]
    with pytest.raises(StateForbids), desk.archive.acting("test.gone", desk.records) as unit:
        copy_gone(unit, soon)
    with pytest.raises(NotFound), desk.archive.acting("test.gone", desk.records) as unit:
        copy_gone(unit, 99)

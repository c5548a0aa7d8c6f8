"""What the acts of a station leave agrees with the log, on both databases; no writer keeps out of sight."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from sqlalchemy import text

from archives.evidence.registry import ENTRIES
from archives.items.holds import place_hold, release_hold
from archives.items.records import Content, add_record, revise, void
from archives.keeping.agreement import Agreed, agreement
from archives.people.files import accept, close_case, file_away
from archives.people.merge import merge_files
from archives.people.persons import PersonFacts, amend, open_person
from archives.people.reopening import reopen
from archives.ports import system
from tests.archives.disposing import destroyed, due, with_schedule
from tests.archives.making import Station


def found(station: Station) -> list[str]:
    return [f"{one.kind} {one.place}" for one in agreement(station.archive, Agreed())]


def test_no_writer_can_forget(both: Station) -> None:
    """Plain words, past every function of the program, are seen in every watched table."""
    with both.archive.acting("test.plain", both.admin) as unit:
        for name, sql in _standing(both).items():
            rows = {str(row[0]) for row in unit.connection.execute(text(sql.format(table=name)))}
            assert len(rows) == (3 if both.archive.data.embedded else 1), name
        unit.connection.execute(text("UPDATE staff SET left_on = NULL WHERE id = 1"))
        unit.connection.execute(text("DELETE FROM staff_roles WHERE staff_id = 2"))
    with both.archive.looking(both.admin) as unit:
        newest = "SELECT action, detail FROM events ORDER BY id DESC LIMIT 1"
        action, detail = unit.connection.execute(text(newest)).one()
    assert action == "rows.noted"
    assert '"staff:1":"' in detail
    assert '"role:2/worker":"gone"' in detail


def _standing(station: Station) -> dict[str, str]:
    if station.archive.data.embedded:
        sql = "SELECT name FROM sqlite_temp_master WHERE tbl_name = '{table}' AND name LIKE 'touched_%'"
    else:
        sql = "SELECT tgname FROM pg_trigger WHERE tgrelid = '{table}'::regclass AND tgname LIKE 'touched_%'"
    return dict.fromkeys(ENTRIES, sql)


CONTENT = Content(
    "record_e", 1, "个案服务记录表", b"{}", document_date=date(2026, 11, 1), facts={"date": "x"}
)


def test_what_people_do_agrees_with_the_log(both: Station) -> None:
    def act(who: str, what: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        with both.archive.acting("test.act", getattr(both, who)) as unit:
            made = what(unit, *arguments, **named)
        assert found(both) == [], what.__name__
        return made

    assert found(both) == []
    one = act("worker", open_person, PersonFacts("样例甲"), another=True)
    other = act("worker", open_person, PersonFacts("样例乙"), another=True)
    record = act("worker", add_record, one.file, CONTENT)
    act("worker", revise, record, CONTENT, "样例：更正")
    act("worker", void, act("worker", add_record, other.file, CONTENT), "样例：重复")
    act("worker", amend, one.person, "phone", "13900005678", "样例：更正")
    act("records", release_hold, act("records", place_hold, one.file, "audit", note="样例：检查"))
    act("records", place_hold, other.file, "complaint", note="样例：投诉")
    act("records", merge_files, one.file, other.file, "样例：同一人")
    act("worker", accept, one.file, both.clock().date())
    act("worker", close_case, one.file, both.clock().date())
    act("worker", file_away, one.file)
    act("worker", reopen, one.file, "样例：再次来站")


def test_a_destruction_agrees_with_the_log(both: Station) -> None:
    with_schedule(both)
    _, records = due(both)
    destroyed(both, records)
    assert found(both) == []


def _failing(station: Station, file: int) -> None:
    with station.archive.acting("test.act", station.worker) as unit:
        add_record(unit, file, CONTENT)
        raise ZeroDivisionError


def test_a_failed_act_leaves_nothing_to_the_next_one(both: Station) -> None:
    with both.archive.acting("test.act", both.worker) as unit:
        file = open_person(unit, PersonFacts("样例甲")).file
    with pytest.raises(ZeroDivisionError):
        _failing(both, file)
    with both.archive.acting("test.act", both.worker) as unit:
        unit.log("file.open", f"file:{file}", chain=file)
    with both.archive.looking(both.admin) as unit:
        newest = "SELECT action, detail FROM events ORDER BY id DESC LIMIT 1"
        assert tuple(unit.connection.execute(text(newest)).one()) == ("file.open", "{}")
    assert found(both) == []


def test_many_rows_stand_on_several_events(both: Station) -> None:
    with both.archive.acting("test.many", both.worker) as unit:
        file = open_person(unit, PersonFacts("样例甲")).file
        for _ in range(255):  # a record and a revision each
            add_record(unit, file, CONTENT)
    assert found(both) == []
    with both.archive.looking(both.admin) as unit:
        told = unit.connection.execute(text(f"SELECT detail FROM events WHERE chain = {file}")).scalars()
        assert sorted(detail.count('":"') > 9 for detail in told)[-2:] == [True, True]


def test_what_was_written_past_the_log_is_named(both: Station) -> None:
    with both.archive.acting("test.act", both.worker) as unit:
        file = open_person(unit, PersonFacts("样例甲")).file
        record = add_record(unit, file, CONTENT)
    with both.archive.data.writing("attack") as connection:
        connection.execute(text("UPDATE records SET title = '样例假题名'"))
        connection.execute(text("UPDATE staff SET name = '样例假名' WHERE id = 3"))
        connection.execute(text("DELETE FROM assignments"))
        connection.execute(
            text("INSERT INTO holds (file_id, reason, owner, placed_at) VALUES (1, 'audit', 4, '2026-11-22')")
        )
    assert sorted(found(both)) == [
        "row_changed 工作人员 #3",
        f"row_changed 文书 #{record}",
        "row_missing 个案指派 #1",
        "row_unknown 冻结 #1",
    ]
    with both.archive.acting("test.later", system("test")) as unit:
        unit.log("log.read", "log:1")
    assert len(found(both)) == 4, "another act takes nothing of it over"

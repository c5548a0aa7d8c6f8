"""Any worker takes a person's request in; none freezes another's file by it; nothing is destroyed then."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from archives.disposal.execution import execute
from archives.disposal.lists import entries
from archives.disposal.plan import decisions_for
from archives.disposal.rehearsal import rehearse
from archives.duties import rights
from archives.duties.rights import waiting_for_look
from archives.errors import AccessDenied, NotYet, SeparationBroken, StateForbids
from archives.items.holds import open_holds
from archives.items.records import record_facts
from archives.store.tables_people import events
from tests.archives.disposing import approved, due, open_execution, with_schedule
from tests.archives.making import Station, station
from tests.station.office import Office, office

DUE = date(2026, 12, 11)


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Office:
    return office(tmp_path, monkeypatch, capfd)


def registered(made: Office, who: str) -> dict[str, Any]:
    told = made.run(who, "rights", "register", made.number, "--kind", "更正补充", "--scope", "电话", "--json")
    assert told.code == 0, told.err
    return dict(json.loads(told.out))


def held(made: Office) -> int:
    with made.station.archive.looking(made.station.director) as unit:
        return len(open_holds(unit, file=made.opened.file))


def test_who_registers_for_anothers_file_is_told_what_the_look_is_called(desk: Office) -> None:
    told = desk.run("worker2", "rights", "register", desk.number, "--kind", "更正补充", "--scope", "电话")
    assert "请档案员今天核对后冻结：kangdang rights look QL-2026-0001" in told.out


@pytest.mark.parametrize(("who", "at_once"), [("worker", True), ("records", True), ("worker2", False)])
def test_only_ones_own_file_freezes_at_once(who: str, at_once: bool, desk: Office) -> None:
    assert registered(desk, who)["held"] == at_once
    assert held(desk) == int(at_once)


def test_the_archivist_looks_the_same_day_and_then_it_is_held(desk: Office) -> None:
    code = registered(desk, "worker2")["request"]
    with desk.station.archive.looking(desk.station.records) as unit:
        assert [one.ref_code for one in waiting_for_look(unit)] == [code]
    listed = desk.run("records", "rights", "list")
    assert "待档案员核对（2026-11-22 受理）" in listed.out
    for who in ("worker2", "worker", "director", "supervisor"):
        assert desk.run(who, "rights", "look", code).code == AccessDenied.exit_code
    assert held(desk) == 0
    assert "已冻结" in desk.run("records", "rights", "look", code).out
    assert held(desk) == 1
    assert desk.run("records", "rights", "look", code).code == StateForbids.exit_code
    with desk.station.archive.looking(desk.station.records) as unit:
        assert waiting_for_look(unit) == []
        assert unit.execute(select(events.c.id).where(events.c.action == "rights.look")).one()


def test_a_decision_ends_the_waiting_without_a_look(desk: Office) -> None:
    code = registered(desk, "worker2")["request"]
    told = desk.run("director", "rights", "decide", code, "--decision", "不同意", "--reason", "不是本人")
    assert told.code == 0, told.err
    assert desk.run("records", "rights", "look", code).code == StateForbids.exit_code
    assert held(desk) == 0


def test_who_took_it_in_does_not_look_at_it(desk: Office) -> None:
    archive, who = desk.station.archive, desk.station.records
    with archive.acting("test.register", who) as unit:
        request = rights.register(unit, desk.opened.file, "copy", "样例", DUE, held=False)
    with pytest.raises(SeparationBroken), archive.acting("test.look", who) as unit:
        rights.look(unit, request)


# --- destruction waits ------------------------------------------------------------------------------------


@pytest.fixture
def listed(tmp_path: Path) -> tuple[Station, int, int, str]:
    """(station, item due for destruction, approved list, its hash), and a request nobody has looked at."""
    made = with_schedule(station(tmp_path))
    file, ids = due(made)
    number, sha256 = approved(made, ids)
    with made.archive.acting("test.register", made.worker2) as unit:
        rights.register(unit, file, "copy", "样例", DUE, held=False)
        assert open_holds(unit, file=file) == []
    return made, ids[0], number, sha256


def test_destruction_waits_while_nobody_has_looked(listed: tuple[Station, int, int, str]) -> None:
    made, item, number, sha256 = listed
    with made.archive.looking(made.records) as unit:
        assert decisions_for(unit, [item], unit.settled)[item].status == "held"
        told = rehearse(unit, number)
    assert [one.because for one in told.stay] == ["held"] * len(told.stay)
    assert told.destroy == ()
    assert any("权利请求" in one and "QL-" in one for one in told.obstacles)
    with pytest.raises(NotYet, match="等档案员核对"):
        open_execution(made, number, sha256)
    with made.archive.looking(made.records) as unit:  # nothing left the list by it: it only waits
        assert entries(unit, number, "listed")


def test_a_request_that_comes_between_keeps_the_item(tmp_path: Path) -> None:
    made = with_schedule(station(tmp_path))
    file, ids = due(made)
    number, sha256 = approved(made, ids)
    open_execution(made, number, sha256)
    with made.archive.acting("test.register", made.worker2) as unit:
        rights.register(unit, file, "copy", "样例", DUE, held=False)
    with pytest.raises(IntegrityError, match="a person's request is open"):  # noqa: SIM117
        with made.archive.acting("attack", made.records) as unit:
            unit.execute(
                text("UPDATE disposal_items SET state = 'destroying' WHERE record_id = :item"),
                {"item": ids[0]},
            )
    progress = execute(made.archive, made.records, number)
    assert progress.destroyed == []
    with made.archive.looking(made.records) as unit:
        assert record_facts(unit, ids[0]).state not in ("destroying", "destroyed")


def test_after_the_decision_it_goes_on(listed: tuple[Station, int, int, str]) -> None:
    made, item, number, _ = listed
    with made.archive.acting("test.decide", made.director) as unit:
        rights.decide(unit, 1, rights.Answer("refused", "样例"))
    with made.archive.looking(made.records) as unit:
        assert decisions_for(unit, [item], unit.settled)[item].status == "eligible"
        assert rehearse(unit, number).stay == ()


@pytest.mark.parametrize(
    "attack",
    [
        "DELETE FROM rights_looks",
        "UPDATE rights_looks SET since = '2020-01-01'",
        "DELETE FROM leaves_to_reopen",
    ],
)
def test_what_waits_is_not_taken_away(attack: str, listed: tuple[Station, int, int, str]) -> None:
    from archives.duties.requests import ask_to_reopen
    from archives.log.purposes import Purpose

    made = listed[0]
    with made.archive.acting("test.leave", made.worker2) as unit:
        ask_to_reopen(unit, 1, Purpose.OTHER, "样例")
    with pytest.raises(IntegrityError), made.archive.acting("attack", made.records) as unit:
        unit.execute(text(attack))

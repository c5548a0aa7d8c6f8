"""Each role tries every act that is not its own: denied in a sentence, and the attempt is on the log.

The table here is written from the rules of custody, not from the program's table: 社工 own cases ·
督导 supervised ones · 机构负责人 approves · 档案员 files and disposes, never edits content ·
审计员 the log alone · 系统管理员 no content.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select, update

from archives.duties.requests import ask, decide_request
from archives.errors import AccessDenied, ArchiveError, PurposeNeeded, StateForbids
from archives.home import Settings
from archives.log.purposes import Purpose
from archives.people.persons import PersonFacts, open_person
from archives.ports import EXCLUSIVE_ROLES, ROLES, Actor, Role
from archives.store.tables import files
from archives.store.tables_people import events, staff
from desk.station.access import ACTS, refusal
from desk.station.opening import OpenStation
from tests.archives.making import MASTER, Station, station

ANYONES = {
    "person.search", "file.open", "file.request", "series.read", "series.names", "disposal.appraise",
}  # fmt: skip
EVERYONES = {"plain.tidy"}
"""What is left to whoever holds any role: taking away plain files one wrote oneself."""
MAY: dict[Role, set[str]] = {
    "worker": {
        *ANYONES, *EVERYONES, "person.open", "record.write", "record.issue", "series.write", "person.amend",
        "document.file", "file.accept", "file.close", "file.reopen", "file.takeback",
        "file.catalogue", "transfer.make",
        "rights.register", "scan.add", "scan.status",
    },
    "supervisor": {
        *ANYONES, *EVERYONES, "record.issue", "series.write", "file.assign", "hold.place", "hold.list",
        "scan.status",
    },
    "director": {
        *ANYONES, *EVERYONES, "file.assign", "file.grant", "file.export", "hold.place", "hold.list",
        "hold.release",
        "schedule.approve", "retention.plan", "disposal.approve", "loan.approve", "rights.decide",
        "register.print", "scan.status", "station.settings", "restore.settle",
    },
    "records": {
        *(ANYONES - {"file.request"}), *EVERYONES, "record.event", "person.merge", "document.file",
        "file.archive",
        "file.reopen", "file.takeback", "file.catalogue", "file.place", "file.export", "hold.place",
        "hold.list",
        "schedule.propose", "retention.plan", "disposal.prepare", "disposal.execute", "loan.lend",
        "transfer.make", "rights.register", "rights.look", "register.print", "copy.gone", "station.check",
        "scan.add", "scan.status", "scan.queue", "clock.confirm", "restore.list",
    },
    "auditor": {*EVERYONES, "log.read", "log.export", "log.verify", "log.seal"},
    "admin": {
        *EVERYONES, "user.manage", "log.verify", "log.seal", "copy.gone", "station.check", "station.backup",
        "clock.confirm", "station.settings",
    },
}  # fmt: skip
CONTENT = {act for act, rule in ACTS.items() if rule.content}
CHANGES = {act for act, rule in ACTS.items() if rule.changes}
ON_A_FILE = CONTENT | CHANGES


def as_(place: Station, actor: Actor) -> OpenStation:
    settings = Settings(place.archive.station, "../keys")
    return OpenStation(place.archive, actor, place.layout, settings, "样例", MASTER)


@pytest.fixture
def place(tmp_path: Path) -> Station:
    return station(tmp_path)


def file_of(place: Station, actor: Actor) -> int:
    with place.archive.acting("person.open", actor) as unit:
        return open_person(unit, PersonFacts("样例甲", "男"), another=True).file


def denied(place: Station) -> list[tuple[int, str, str, str, int]]:
    """(chain, role, act, result, staff) of every denied attempt on the log."""
    with place.archive.looking(place.auditor) as unit:
        rows = unit.execute(select(events).where(events.c.action == "access.denied").order_by(events.c.id))
        return [
            (row.chain, row.role, row.detail.split('"command":"')[1].split('"')[0], row.result, row.staff)
            for row in rows
        ]


def trying(
    place: Station, actor: Actor, act: str, file: int | None, purpose: Purpose | None = None
) -> ArchiveError:
    with pytest.raises(ArchiveError) as told:
        as_(place, actor).allow(act, file=file, purpose=purpose)
    error = told.value
    assert isinstance(error, AccessDenied | PurposeNeeded | StateForbids)
    assert error.message.endswith("。")
    assert error.hint
    assert "样例甲" not in str(error)
    return error


def test_the_table_of_the_program_is_the_one_of_the_rules() -> None:
    assert {role: {act for act, rule in ACTS.items() if role in rule.reach} for role in ROLES} == MAY


def test_who_keeps_the_system_or_the_log_reaches_no_content() -> None:
    assert not MAY["admin"] & ON_A_FILE
    assert not MAY["auditor"] & ON_A_FILE


def test_who_keeps_the_files_never_writes_content() -> None:
    assert not MAY["records"] & {
        "record.write",
        "record.issue",
        "series.write",
        "person.amend",
        "person.open",
    }


def test_who_prepares_or_executes_never_approves() -> None:
    approving = {"disposal.approve", "schedule.approve", "loan.approve", "file.grant", "rights.decide"}
    doing = {"disposal.prepare", "disposal.execute", "schedule.propose", "loan.lend"}
    for role in ROLES:
        assert not (MAY[role] & approving and MAY[role] & doing), role


@pytest.mark.parametrize("role", ROLES)
def test_a_role_is_denied_every_act_of_others_and_the_log_says_so(role: Role, place: Station) -> None:
    actor: Actor = getattr(place, role)
    file = file_of(place, place.worker)
    wanted = sorted(set(ACTS) - MAY[role])
    for act in wanted:
        trying(place, actor, act, file if act in ON_A_FILE else None)
    assert denied(place) == [
        (file if act in ON_A_FILE else 0, role, act, "denied", actor.staff) for act in wanted
    ]


def test_nobody_without_a_role_may_do_anything(place: Station) -> None:
    for act in ACTS:
        assert isinstance(trying(place, place.witness2, act, None), AccessDenied)
    assert len(denied(place)) == len(ACTS)


def test_all_roles_a_person_can_hold_together_reach_no_more_than_each(place: Station) -> None:
    for alone in EXCLUSIVE_ROLES:
        together: frozenset[Role] = frozenset({alone, "worker", "supervisor", "director"})
        allowed = {act for act in ACTS if refusal(act, together) is None}
        assert allowed == set().union(*(MAY[role] for role in together))


def test_a_colleagues_case_needs_a_purpose_and_cannot_be_changed(place: Station) -> None:
    file = file_of(place, place.worker)
    for act in sorted(MAY["worker"] & ON_A_FILE - {"series.write"}):
        error = trying(place, place.worker2, act, file)
        opens = act in ("file.open", "series.names")
        assert isinstance(error, PurposeNeeded) == opens, act
        if not opens:  # no purpose opens what is not one's to change
            assert isinstance(trying(place, place.worker2, act, file, Purpose.OTHER), AccessDenied)
    as_(place, place.worker2).allow("file.open", file=file, purpose=Purpose.SUPERVISION)
    as_(place, place.worker).allow("record.write", file=file)


def test_a_supervisor_reaches_the_cases_supervised_and_no_others(place: Station) -> None:
    file = file_of(place, place.worker)
    trying(place, place.supervisor, "record.issue", file)
    trying(place, place.supervisor, "hold.place", file)
    with place.archive.acting("staff.change", place.admin) as unit:
        unit.execute(
            update(staff).where(staff.c.id == place.worker.staff).values(supervisor=place.supervisor.staff)
        )
    as_(place, place.supervisor).allow("record.issue", file=file)
    trying(place, place.supervisor, "record.write", file)


@pytest.mark.parametrize("state", ["restricted", "merged", "destroyed", "filed"])
def test_the_state_of_a_file_binds_everybody(state: str, place: Station) -> None:
    file = file_of(place, place.worker)
    with place.archive.acting("test.state", place.records) as unit:
        unit.execute(update(files).where(files.c.id == file).values(state=state))
    tried = 0
    for role in ROLES:
        for act in sorted(MAY[role] & ON_A_FILE):
            trying(place, getattr(place, role), act, file, Purpose.OTHER)
            tried += 1
    assert len(denied(place)) == tried > 15


def test_a_closed_file_opens_on_a_grant_for_its_days_and_for_its_asker(place: Station) -> None:
    file = file_of(place, place.worker)
    with place.archive.acting("test.state", place.records) as unit:
        unit.execute(update(files).where(files.c.id == file).values(state="filed"))
    trying(place, place.worker, "file.open", file)
    with place.archive.acting("file.request", place.worker) as unit:
        request = ask(unit, file, Purpose.CASE_SERVICE)
    trying(place, place.worker, "file.open", file)
    with place.archive.acting("file.grant", place.director) as unit:
        decide_request(unit, request, granted=True, days=3)
    as_(place, place.worker).allow("file.open", file=file)
    trying(place, place.worker2, "file.open", file, Purpose.OTHER)
    trying(place, place.worker, "record.write", file)  # to look is not to write
    place.clock.pass_days(3)
    trying(place, place.worker, "file.open", file)

"""Every act that changes a file is done, and who may read it then is what the table of openings says.

Read is asked as the desk asks it: for each person and each part, without and with a purpose.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from archives.duties import rights
from archives.duties.loans import Terms, lend, take_back
from archives.duties.requests import ask, ask_to_reopen, decide_request
from archives.duties.transfers import Receiver, make_transfer
from archives.items.documents import DocumentEntry, add_document, store
from archives.items.holds import place_hold, release_hold
from archives.items.records import Content, add_record
from archives.log.purposes import Purpose
from archives.people.episodes import episodes_of
from archives.people.files import accept, assign, close_case, current_volume, file_away, file_facts, place
from archives.people.merge import merge_files
from archives.people.persons import PersonFacts, open_person
from archives.people.reopening import reopen
from archives.people.reopening import take_back as take_back_volume
from archives.ports import Actor
from archives.store.tables_people import staff
from desk.station.access import ACTS, refusal
from desk.station.openings import OPENINGS, Level, Where, Who
from desk.station.standing import standing_of
from tests.archives.making import Station, station

DUE = date(2026, 12, 11)
Seen = dict[tuple[str, Where], Level]
NOT_ACTED = {
    "user.role": "who holds a role is what the other acts are tried with",
    "user.leave": "nobody comes in: tests/station/test_people.py",
    "restore": "brings rows back: tests/keeping",
    "disposal.execute": "leaves nothing to read: tests/archives/test_disposal_execution.py",
    "record.extract": "reads a sheet of the site: test_an_extract_opens_no_other_line",
}


@dataclass
class Story:
    """One file at one moment, and what was noted on the way."""

    place: Station
    file: int = 0
    kept: dict[str, int] = field(default_factory=dict)

    def act(self, who: str, do: Callable[[Any], Any]) -> Any:
        with self.place.archive.acting("test.act", getattr(self.place, who)) as unit:
            return do(unit)

    def reads(self, people: dict[Who, str]) -> dict[tuple[Who, Where], Level]:
        return {
            (who, where): self.level(getattr(self.place, name), where)
            for who, name in people.items()
            for where in ("running", "earlier")
        }  # type: ignore[return-value]  # of the words above

    def level(self, actor: Actor, where: Where) -> Level:
        with self.place.archive.looking(actor) as unit:
            facts = file_facts(unit, self.file)
            last = current_volume(unit, self.file).id
            parts = [
                one.id for one in episodes_of(unit, self.file) if (one.id == last) == (where == "running")
            ]
            standings = [standing_of(unit, facts, part) for part in parts]
        without = [refusal("file.open", actor.roles, one) is None for one in standings]
        told = [refusal("file.open", actor.roles, one, Purpose.OTHER) is None for one in standings]
        if not standings or not all(told):
            return "no"
        return "free" if all(without) else "purpose"


PEOPLE: dict[Who, str] = {
    "case": "worker", "other": "worker2", "supervisor": "supervisor", "director": "director",
    "records": "records",
}  # fmt: skip


@pytest.fixture
def story(tmp_path: Path) -> Story:
    made = Story(station(tmp_path))
    _SUPERVISE(made)
    return made


def begin(story: Story) -> None:
    story.file = story.act("worker", lambda unit: open_person(unit, PersonFacts("样例甲", "男")).file)


def write(story: Story, who: str = "worker", state: str = "final") -> int:
    content = Content("record_e", 1, "个案服务记录表", b"{}", state, date(2026, 11, 1))  # type: ignore[arg-type]
    return int(story.act(who, lambda unit: add_record(unit, story.file, content)))


def served(story: Story) -> None:
    begin(story)
    story.act("worker", lambda unit: accept(unit, story.file, date(2026, 11, 2)))
    write(story)


def ended(story: Story) -> None:
    served(story)
    story.act("worker", lambda unit: close_case(unit, story.file, date(2026, 11, 20)))


def filed(story: Story) -> None:
    ended(story)
    story.act("records", lambda unit: file_away(unit, story.file))


def again(story: Story) -> None:
    filed(story)
    story.act("worker", lambda unit: reopen(unit, story.file, "再次来站"))


def asked(story: Story, who: str = "worker2") -> None:
    story.kept["request"] = story.act(who, lambda unit: ask(unit, story.file, Purpose.QUALITY))


def held(story: Story) -> None:
    served(story)
    story.kept["hold"] = story.act("director", lambda unit: place_hold(unit, story.file, "audit"))


def requested(story: Story) -> None:
    again(story)
    asked(story)
    story.act("director", lambda unit: decide_request(unit, story.kept["request"], granted=True))
    story.kept["rights"] = story.act(
        "records", lambda unit: rights.register(unit, story.file, "restrict", "样例", DUE)
    )


def sealed(story: Story) -> None:
    requested(story)
    restrict(story)


def waiting(story: Story) -> None:
    served(story)
    story.kept["rights"] = story.act(
        "worker2", lambda unit: rights.register(unit, story.file, "copy", "样例", DUE, held=False)
    )


def lent(story: Story) -> None:
    served(story)
    lending(story)


def two(story: Story) -> None:
    """An earlier and a running volume here; another file of the same person with an ended volume."""
    again(story)
    here = story.file
    story.file = story.act(
        "worker2", lambda unit: open_person(unit, PersonFacts("样例甲"), another=True).file
    )
    write(story, "worker2")
    from archives.people.files import end_application

    story.act("worker2", lambda unit: end_application(unit, story.file, date(2026, 11, 20), "referred_out"))
    story.kept["other"], story.file = story.file, here


def restrict(story: Story) -> None:
    answer = rights.Answer("restricted", "样例")
    story.act("director", lambda unit: rights.decide(unit, story.kept["rights"], answer))


def lending(story: Story) -> None:
    people = (story.place.worker2.staff, story.place.director.staff)
    story.kept["loan"] = story.act(
        "records",
        lambda unit: lend(unit, story.file, *people, Terms(Purpose.QUALITY, 3, "duty", None, None, None)),
    )


def add_paper(story: Story) -> None:
    stored = store(story.place.archive, b"%PDF-1.4")
    entry = DocumentEntry("attachment", "application/pdf", 1)
    story.act("worker", lambda unit: add_document(unit, story.file, stored, entry))


def _do(who: str, what: Callable[[Any, Story], Any]) -> Callable[[Story], Any]:
    return lambda story: story.act(who, lambda unit: what(unit, story))


def nothing(story: Story) -> None:
    """A station with its people."""


def leave_asked(story: Story) -> None:
    filed(story)
    story.kept["request"] = story.act(
        "worker2", lambda unit: ask_to_reopen(unit, story.file, Purpose.CASE_SERVICE, "再次来站")
    )


_GRANT = _do("director", lambda unit, s: decide_request(unit, s.kept["request"], granted=True))
_SUPERVISE = _do("admin", lambda unit, s: unit.execute(
    update(staff).where(staff.c.id == s.place.worker.staff).values(supervisor=s.place.supervisor.staff)
))  # fmt: skip


def alone(story: Story) -> None:
    served(story)
    story.act("admin", lambda unit: unit.execute(update(staff).values(supervisor=None)))


def asked_for_both(story: Story) -> None:
    again(story)
    asked(story)


# act → (what was before, the act)
DONE: dict[str, tuple[Callable[[Story], None], Callable[[Story], Any]]] = {
    "person.open": (nothing, begin),
    "file.accept": (begin, _do("worker", lambda unit, s: accept(unit, s.file, date(2026, 11, 2)))),
    "file.close": (served, _do("worker", lambda unit, s: close_case(unit, s.file, date(2026, 11, 20)))),
    "file.archive": (ended, _do("records", lambda unit, s: file_away(unit, s.file))),
    "file.grant": (asked_for_both, _GRANT),
    "file.grant.reopen": (leave_asked, _GRANT),
    "file.reopen": (filed, _do("worker", lambda unit, s: reopen(unit, s.file, "再次来站"))),
    "file.takeback": (again, _do("worker", lambda unit, s: take_back_volume(unit, s.file, "误开"))),
    "file.assign": (again, _do("director", lambda unit, s: assign(unit, s.file, s.place.worker2.staff or 0))),
    "person.merge": (
        two, _do("records", lambda unit, s: merge_files(unit, s.file, s.kept["other"], "同一人")),
    ),
    "rights.register": (
        again, _do("worker", lambda unit, s: rights.register(unit, s.file, "copy", "样例", DUE)),
    ),
    "rights.look": (waiting, _do("records", lambda unit, s: rights.look(unit, s.kept["rights"]))),
    "rights.restrict": (requested, restrict),
    "rights.lift": (sealed, _do("director", lambda unit, s: rights.lift(unit, s.kept["rights"]))),
    "hold.place": (again, _do("director", lambda unit, s: place_hold(unit, s.file, "audit"))),
    "hold.release": (held, _do("director", lambda unit, s: release_hold(unit, s.kept["hold"]))),
    "loan.lend": (served, lending),
    "loan.return": (lent, _do("records", lambda unit, s: take_back(unit, s.kept["loan"], 3, None))),
    "transfer.make": (
        served,
        _do("worker", lambda unit, s: make_transfer(
            unit, "filing", [s.file], Receiver(s.place.records.staff, None, None, None, None)
        )),
    ),
    "file.place": (again, _do("records", lambda unit, s: place(unit, s.file, "1", "2", "3"))),
    "document.file": (again, add_paper),
    "user.supervisor": (alone, _SUPERVISE),
}  # fmt: skip


def test_every_act_of_the_table_is_done_here() -> None:
    acts = [one.act for one in OPENINGS]
    assert len(acts) == len(set(acts))
    assert set(acts) == {*DONE, *NOT_ACTED}


def test_every_act_of_the_desk_that_can_change_a_file_has_its_row() -> None:
    rows = {one.act for one in OPENINGS}
    writing = {"record.write", "record.issue", "person.amend", "series.write"}
    # They change what a file says, in the volume that is open; who reads it stays.
    standing = {act for act, rule in ACTS.items() if rule.changes} - writing
    named = {
        "file.reopen", "file.takeback", "file.assign", "file.place", "file.grant", "hold.place",
        "hold.release", "loan.lend", "transfer.make", "rights.register", "rights.look", "disposal.execute",
        "person.open",
    }  # fmt: skip
    assert standing | named <= rows


@pytest.mark.parametrize("act", sorted(DONE))
def test_an_act_opens_and_closes_what_the_table_says(act: str, story: Story) -> None:
    before_it, do = DONE[act]
    before_it(story)
    people = {**PEOPLE, "asked": "worker2", "before": "worker"}
    if act == "file.assign":
        people |= {"case": "worker2"}
    was = {} if act == "person.open" else story.reads(people)  # type: ignore[arg-type]  # of the words
    do(story)
    now = story.reads(people)  # type: ignore[arg-type]  # of the words
    row = next(one for one in OPENINGS if one.act == act)
    told = {(who, change.where): change.level for change in row.changes for who in change.who}
    by_name = {(people[who], where): level for (who, where), level in told.items()}
    expected = {
        (who, where): by_name.get((people[who], where), was.get((who, where), "no")) for who, where in now
    }
    assert now == expected


@pytest.mark.parametrize("act", sorted(DONE))
def test_no_act_opens_anything_to_the_log_or_the_system(act: str, story: Story) -> None:
    before_it, do = DONE[act]
    before_it(story)
    do(story)
    assert set(story.reads({"case": "auditor", "other": "admin"}).values()) == {"no"}

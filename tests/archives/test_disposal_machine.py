"""Whatever people do in whatever order: the laws of disposal hold after every step.

Permanent never leaves; a hold always wins; a longer period never disposes more; every destroyed item has
list, approval and two witnesses, all different people; items are conserved.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, event, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy import select

from archives.archive import Unit
from archives.disposal.appraisal import finish_appraisal, set_opinion, sign_appraisal
from archives.disposal.approval import approve_list, withdraw_list
from archives.disposal.completion import recover
from archives.disposal.execution import PaperCount, Witness, begin, execute, stop
from archives.disposal.gather import holds_of_items
from archives.disposal.lists import all_lists, entries, opinions_hash
from archives.disposal.plan import plan
from archives.disposal.proposal import propose_list
from archives.disposal.rehearsal import paper_of
from archives.disposal.schedules import approve_schedule, propose_schedule
from archives.errors import ArchiveError
from archives.items.ending import keys_of
from archives.items.holds import open_holds, place_hold, release_hold
from archives.people.files import accept, close_case
from archives.people.reopening import reopen
from archives.ports import system
from archives.store.tables import records
from archives.store.tables_duties import (
    disposal_approvals,
    disposal_executions,
    disposal_items,
    disposal_lists,
    disposal_witnesses,
    tombstones,
)
from generator.resources import data_dir
from tests.archives.disposing import refused, with_schedule
from tests.archives.making import NAMES, Station, reopened, station

ANYBODY = st.sampled_from(NAMES)
NUMBER = st.integers(0, 9)
_seeds = iter(range(1000, 10**9))


def template() -> Path:
    folder = Path(tempfile.mkdtemp()) / "template"
    with_schedule(station(folder)).archive.close()
    return folder


class Disposal(RuleBasedStateMachine):
    """A station whose people try everything, most of it wrong; what they are refused changes nothing."""

    ready: Path | None = None

    @initialize(steps=st.integers(0, 5))
    def begin_station(self, steps: int) -> None:
        cls = type(self)
        cls.ready = cls.ready or template()
        self.folder = Path(tempfile.mkdtemp())
        shutil.copytree(cls.ready, self.folder / "station")
        self.station: Station = reopened(self.folder / "station", seed=next(_seeds))
        self.files: list[int] = []
        self.made: set[int] = set()
        self.accepted: set[int] = set()
        self.persons = 0
        self.years = 3
        for _ in range(2):
            self.somebody_is_refused(2)
        self.station.clock.pass_days(4 * 366)
        if steps:
            self.the_work_goes_on_as_it_should(steps, None)

    def teardown(self) -> None:
        if hasattr(self, "station"):
            event(f"destroyed {min(len(self.gone()), 3)}")
            self.station.archive.close()
            shutil.rmtree(self.folder)

    @contextmanager
    def trying(self, who: str) -> Iterator[Unit]:
        """An act of somebody; a refusal ends it."""
        with (
            suppress(ArchiveError),
            self.station.archive.acting("test.act", getattr(self.station, who)) as unit,
        ):
            yield unit

    def lists(self) -> list[Any]:
        with self.station.archive.looking(self.station.records) as unit:
            return all_lists(unit)

    def rows(self, number: int) -> list[Any]:
        with self.station.archive.looking(self.station.records) as unit:
            return entries(unit, number)

    def held(self) -> set[int]:
        with self.station.archive.looking(self.station.records) as unit:
            return {int(key) for key in holds_of_items(unit)}

    def statuses(self) -> dict[int, str]:
        with self.station.archive.looking(self.station.records) as unit:
            return {int(item.key): it.status for item, it in plan(unit, unit.today)}

    def gone(self) -> set[int]:
        with self.station.archive.looking(self.station.records) as unit:
            states = ("destroying", "destroyed")
            return set(unit.execute(select(records.c.id).where(records.c.state.in_(states))).scalars())

    # --- what people do ---------------------------------------------------------------------------------

    @rule(items=st.integers(1, 2))
    def somebody_is_refused(self, items: int) -> None:
        self.persons += 1
        one = refused(self.station, f"样例{self.persons}", items=items)
        self.files.append(one.file)
        self.made |= set(one.records)

    @rule(which=NUMBER)
    def somebody_comes_back_and_is_accepted(self, which: int) -> None:
        file = self.files[which % len(self.files)]
        with self.trying("worker") as unit:
            reopen(unit, file, "再次来站")
            accept(unit, file, unit.today, f"GA-{file}-{unit.today}")
            close_case(unit, file, unit.today)
            mine = set(unit.execute(select(records.c.id).where(records.c.file_id == file)).scalars())
            self.accepted |= mine - self.gone()

    @rule(which=NUMBER, one=st.booleans())
    def a_hold_is_placed(self, which: int, one: bool) -> None:
        file = self.files[which % len(self.files)]
        with self.trying("director") as unit:
            mine = list(unit.execute(select(records.c.id).where(records.c.file_id == file)).scalars())
            place_hold(unit, file, "complaint", record=mine[which % len(mine)] if one else None)

    @rule(which=NUMBER)
    def a_hold_is_released(self, which: int) -> None:
        with self.trying("director") as unit:
            found = open_holds(unit)
            if found:
                release_hold(unit, found[which % len(found)].id)

    @rule(days=st.sampled_from([1, 8, 400, 4 * 366]))
    def time_passes(self, days: int) -> None:
        if self.station.clock.now.year < 2100:
            self.station.clock.pass_days(days)

    @rule(more=st.integers(1, 2))
    def the_period_is_made_longer(self, more: int) -> None:
        before = {record for record, status in self.statuses().items() if status == "eligible"}
        self.years += more
        self.station.clock.now += timedelta(seconds=1)  # no two versions are approved at one moment
        body = json.loads((data_dir("schemas") / "retention.json").read_bytes())
        body["version"] = f"2026.{self.years}"
        for entry in body["rules"]:
            if "years" in entry:
                entry["years"] = self.years
        with self.station.archive.acting("test.schedule", self.station.records) as unit:
            schedule = propose_schedule(unit, json.dumps(body).encode())
        with self.station.archive.acting("test.schedule", self.station.director) as unit:
            approve_schedule(unit, schedule.version, schedule.sha256)
        after = {record for record, status in self.statuses().items() if status == "eligible"}
        assert after <= before, "a longer period disposes of more"

    @rule(chosen=st.sets(st.integers(0, 12), max_size=4), everything=st.booleans())
    def a_list_is_proposed(self, chosen: set[int], everything: bool) -> None:
        all_of_them = sorted(self.made)
        wanted = [all_of_them[number % len(all_of_them)] for number in chosen]
        if everything:
            wanted = [record for record, status in self.statuses().items() if status == "eligible"]
        with self.trying("records") as unit:
            propose_list(unit, wanted)

    @precondition(lambda self: any(one.state == "proposed" for one in self.lists()))
    @rule(who=st.lists(ANYBODY, max_size=4), keep=st.sampled_from([None, "prolong", "permanent", "defer"]))
    def a_list_is_appraised(self, who: list[str], keep: str | None) -> None:
        number = next(one.id for one in self.lists() if one.state == "proposed")
        rows = self.rows(number)
        with self.trying("records") as unit:
            for place, row in enumerate(rows):
                opinion: Any = keep if keep and place == 0 else "destroy"
                set_opinion(unit, number, row.record_id, opinion, "样例", 2 if opinion == "prolong" else None)
        for name in (*who, "records", "worker", "director"):
            with self.trying(name) as unit:
                sign_appraisal(unit, number, opinions_hash(unit, number))
        with self.trying("records") as unit:
            finish_appraisal(unit, number)
        if keep == "permanent" and rows:
            with self.station.archive.looking(self.station.records) as unit:
                if entries(unit, number)[0].state == "kept":
                    self.accepted.add(rows[0].record_id)

    @precondition(lambda self: any(one.state == "appraised" for one in self.lists()))
    @rule(who=st.sampled_from(["director", "director", "director", *NAMES]))
    def a_list_is_approved(self, who: str) -> None:
        facts = next(one for one in self.lists() if one.state == "appraised")
        with self.trying(who) as unit:
            approve_list(unit, facts.id, str(facts.list_sha256))

    @precondition(lambda self: any(one.state == "approved" for one in self.lists()))
    @rule(who=st.sampled_from(["records", "records", "records", *NAMES]),
          witnesses=st.just([8, 9]) | st.lists(st.integers(1, 9), min_size=1, max_size=3))  # fmt: skip
    def a_list_is_begun(self, who: str, witnesses: list[int]) -> None:
        facts = next(one for one in self.lists() if one.state == "approved")
        with self.trying(who) as unit:
            paper = PaperCount(*paper_of(unit, facts.id))
            people = [Witness(one, "password") for one in witnesses]
            method = "粉碎" if paper.items else "无纸质档案"
            begin(unit, facts.id, str(facts.list_sha256), method, "档案室", paper, people)

    @precondition(lambda self: any(one.state == "executing" for one in self.lists()))
    @rule(who=st.sampled_from(["records", "records", *NAMES]), how=st.sampled_from([execute, execute, stop]))
    def a_list_is_executed(self, who: str, how: Callable[..., Any]) -> None:
        number = next(one.id for one in self.lists() if one.state == "executing")
        held, before, statuses = self.held(), self.gone(), self.statuses()
        with suppress(ArchiveError):
            how(self.station.archive, getattr(self.station, who), number)
        taken = self.gone() - before
        assert not taken & held, "a hold did not win"
        assert all(statuses[record] == "eligible" for record in taken)

    @precondition(lambda self: any(one.state == "executing" for one in self.lists()))
    @rule(held_first=st.booleans())
    def the_computer_stops_after_the_keys(self, held_first: bool) -> None:
        """As a crash leaves it: keys gone, row unchanged; then somebody opens the station."""
        self.station.confirm()
        number = next(one.id for one in self.lists() if one.state == "executing")
        held, statuses = self.held(), self.statuses()
        rows = [row for row in self.rows(number) if row.state == "listed" and row.record_id not in held]
        rows = [row for row in rows if statuses[row.record_id] == "eligible"]
        if not rows:
            return
        with self.station.archive.looking(self.station.records) as unit:
            self.station.archive.keys.destroy(keys_of(unit, rows[0].record_id), unit.reference())
            file = unit.execute(
                select(records.c.file_id).where(records.c.id == rows[0].record_id)
            ).scalar_one()
        if held_first:
            with self.trying("director") as unit:
                place_hold(unit, file, "audit")
        told = recover(self.station.archive, system("test"))
        assert not told.unfinished
        assert rows[0].record_id in self.gone()

    @rule(which=NUMBER)
    def a_list_is_withdrawn(self, which: int) -> None:
        found = self.lists()
        if found:
            with self.trying("records") as unit:
                withdraw_list(unit, found[which % len(found)].id)

    @rule(times=st.integers(1, 5), hold=st.none() | NUMBER)
    def the_work_goes_on_as_it_should(self, times: int, hold: int | None) -> None:
        """The next steps of a list, each by the right person; a hold may come at the last moment."""
        for _ in range(times):
            live = [one.state for one in self.lists() if one.state not in ("done", "withdrawn")]
            if not live:
                if hold is None and "eligible" not in self.statuses().values():
                    self.somebody_is_refused(2)
                    self.time_passes(4 * 366)
                self.a_list_is_proposed(set(), everything=True)
            elif "executing" in live:
                if hold is not None:
                    self.a_hold_is_placed(hold, one=bool(hold % 2))
                self.a_list_is_executed("records", execute)
            elif "approved" in live:
                self.time_passes(8)
                self.a_list_is_begun("records", [8, 9])
            elif "appraised" in live:
                self.a_list_is_approved("director")
            else:
                self.a_list_is_appraised([], None)

    @rule(times=st.integers(1, 5))
    def work_day(self, times: int) -> None:
        self.the_work_goes_on_as_it_should(times, None)

    @rule(hold=NUMBER)
    def a_hold_just_before_the_end(self, hold: int) -> None:
        self.the_work_goes_on_as_it_should(5, hold)

    # --- what always holds ------------------------------------------------------------------------------

    @invariant()
    def nothing_permanent_is_gone(self) -> None:
        if hasattr(self, "accepted"):
            assert not self.accepted & self.gone()

    @invariant()
    def items_are_conserved(self) -> None:
        """Every item ever added is whole with its keys, or destroyed with its tombstone; never both."""
        if not hasattr(self, "station"):
            return
        with self.station.archive.looking(self.station.records) as unit:
            stones = set(unit.execute(select(tombstones.c.record_id)).scalars())
            for record in self.made:
                names = keys_of(unit, record)
                whole = bool(names) and self.station.archive.keys.has(names) == set(names)
                assert whole != (record in stones)
            assert set(unit.execute(select(records.c.id)).scalars()) == self.made

    @invariant()
    def what_is_destroyed_was_destroyed_by_four_people(self) -> None:
        if not hasattr(self, "station"):
            return
        with self.station.archive.looking(self.station.records) as unit:
            query = (
                select(disposal_lists.c.id, disposal_lists.c.made_by, disposal_approvals.c.approver,
                       disposal_executions.c.executor)
                .join(disposal_items, disposal_items.c.list_id == disposal_lists.c.id)
                .join(disposal_approvals, disposal_approvals.c.list_id == disposal_lists.c.id, isouter=True)
                .join(disposal_executions, disposal_executions.c.list_id == disposal_lists.c.id, isouter=True)
                .where(disposal_items.c.state.in_(("destroying", "destroyed")))
            )  # fmt: skip
            for row in unit.execute(query):
                seen = select(disposal_witnesses.c.witness).where(disposal_witnesses.c.list_id == row.id)
                witnesses = set(unit.execute(seen).scalars())
                assert row.made_by != row.approver
                assert len({row.approver, row.executor} | witnesses) == 4
                assert None not in (row.approver, row.executor)


Disposal.TestCase.settings = settings(
    max_examples=8, stateful_step_count=25, suppress_health_check=list(HealthCheck)
)
TestDisposal = Disposal.TestCase


@pytest.mark.slow
class TestDisposalLong(Disposal.TestCase):
    """The same for longer."""

    settings = settings(Disposal.TestCase.settings, max_examples=400, stateful_step_count=50)

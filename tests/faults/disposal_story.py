"""One disposal from proposal to certificate, killed with SIGKILL at named write points and taken up again.

A program of its own, so that it may fork without threads about:
``python -m tests.faults.disposal_story FOLDER every [offset]`` kills at each ``every``-th point of the story;
``… FOLDER every offset recovery`` also kills each recovery at its points; a last number limits the kills.
Prints one JSON object: how many kills, at which points, and what was wrong.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
import traceback
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from archives.archive import Archive
from archives.disposal.appraisal import finish_appraisal, set_opinion, sign_appraisal, signers
from archives.disposal.approval import approve_list
from archives.disposal.completion import recover
from archives.disposal.execution import PaperCount, begin, execute
from archives.disposal.lists import all_lists, entries, opinions_hash
from archives.disposal.proposal import propose_list
from archives.disposal.rehearsal import paper_of
from archives.items.documents import content_of, documents_of, open_document
from archives.items.ending import keys_of
from archives.items.holds import place_hold
from archives.items.records import read_record
from archives.ports import system
from archives.store import points
from archives.store.tables import facts, persons, revisions
from archives.store.tables_duties import tombstones
from archives.store.tables_people import events
from tests.archives.disposing import SECRET, WITNESSES, refused, with_schedule
from tests.archives.making import Station, reopened, station

ITEMS = 3
STEPS = ("proposed", "appraised", "approved", "executing", "done")


def build(folder: Path) -> None:
    """A refused applicant whose papers are due, and one who is not to be touched."""
    made = with_schedule(station(folder))
    refused(made, items=ITEMS, id_number="11010519491231002X")
    refused(made, "钱样例", items=1)
    made.archive.close()


def opened(folder: Path, seed: int) -> Station:
    made = reopened(folder, seed=seed)
    made.clock.pass_days(365 * 4 + 1)
    return made


def state_of(made: Station) -> str:
    with made.archive.looking(made.records) as unit:
        lists = all_lists(unit)
        return lists[0].state if lists else ""


def step(made: Station) -> str:
    """The next act of the story; returns the state it leads to."""
    archive = made.archive
    with archive.looking(made.records) as unit:
        lists = all_lists(unit)
        rows = entries(unit, lists[0].id) if lists else []
    if not lists:
        with archive.acting("disposal.propose", made.records) as unit:
            propose_list(unit, range(1, ITEMS + 1))
    elif lists[0].state == "proposed":
        appraise(made, lists[0].id, rows)
    elif lists[0].state == "appraised":
        with archive.acting("disposal.approve", made.director) as unit:
            approve_list(unit, lists[0].id, str(lists[0].list_sha256))
    elif lists[0].state == "approved":
        made.clock.now += timedelta(days=8)
        with archive.acting("disposal.begin", made.records) as unit:
            paper = PaperCount(*paper_of(unit, lists[0].id))
            begin(unit, lists[0].id, str(lists[0].list_sha256), "粉碎", "档案室", paper, WITNESSES)
    elif lists[0].state == "executing":
        execute(archive, made.records, lists[0].id)
    return state_of(made)


def appraise(made: Station, number: int, rows: list[Any]) -> None:
    for row in rows:
        if row.opinion is None:
            with made.archive.acting("disposal.appraise", made.records) as unit:
                set_opinion(unit, number, row.record_id, "destroy", "保管期限已满")
    for actor in (made.records, made.worker, made.director):
        with made.archive.acting("disposal.sign", actor) as unit:
            sha256 = opinions_hash(unit, number)
            if actor.staff not in signers(unit, number, sha256):
                sign_appraisal(unit, number, sha256)
    with made.archive.acting("disposal.finish", made.records) as unit:
        finish_appraisal(unit, number)


def story(folder: Path, seed: int) -> None:
    """To the end, acknowledging every step in a file as it is done."""
    made = opened(folder, seed)
    while (state := step(made)) != "done":
        acknowledge(folder, state)
    acknowledge(folder, state)
    made.archive.close()


def acknowledge(folder: Path, state: str) -> None:
    with (folder / "acknowledged").open("a", encoding="utf-8") as file:
        file.write(state + "\n")


def recovery(folder: Path, seed: int) -> None:
    """What opening the station does."""
    made = opened(folder, seed)
    told = recover(made.archive, system("test"))
    assert not told.unfinished, told.unfinished
    made.archive.close()


def hold_first(folder: Path, seed: int) -> None:
    """Another process is open already: it holds the file before anybody recovers."""
    made = opened(folder, seed)
    with made.archive.acting("hold.place", made.director) as unit:
        place_hold(unit, 1, "complaint")
    told = recover(made.archive, system("test"))
    assert not told.unfinished, told.unfinished
    made.archive.close()


def nothing_half(folder: Path, seed: int) -> None:
    """As the crash left it: every item is whole, or gone for good, and what was acknowledged is there."""
    made = opened(folder, seed)
    reached = state_of(made)
    path = folder / "acknowledged"
    told = path.read_text(encoding="utf-8").split() if path.exists() else []
    for state in told:
        assert STEPS.index(reached) >= STEPS.index(state), f"acknowledged {state}, found {reached}"
    for record in range(1, ITEMS + 1):
        item_is_whole_or_gone(made.archive, made, record, reached)
    readable(made, ITEMS + 1)
    made.archive.close()


def item_is_whole_or_gone(archive: Archive, made: Station, record: int, reached: str) -> None:
    with archive.looking(made.records) as unit:
        rows = [row for one in all_lists(unit) for row in entries(unit, one.id) if row.record_id == record]
        state = rows[0].state if rows else "none"
        names = keys_of(unit, record)
        there = archive.keys.has(names)
        left = [
            unit.execute(select(func.count()).select_from(table).where(table.c.record_id == record)).scalar()
            for table in (revisions, facts)
        ]
        proof = unit.execute(
            select(func.count()).select_from(tombstones).where(tombstones.c.record_id == record)
        ).scalar()
    assert proof == (state == "destroyed"), "tombstone and state"
    if state == "destroyed":
        assert not names and left == [0, 0]
    elif state == "destroying":
        assert not there, "destroying with keys"
    elif there:
        assert there == set(names), "some keys gone, some there"
        readable(made, record)
    else:
        assert reached == "executing", "keys gone without an execution"


def readable(made: Station, record: int) -> None:
    with made.archive.acting("test.read", made.records) as unit:
        _, _, plain = read_record(unit, record)
        papers = [open_document(unit, one.id) for one in documents_of(unit, record=record)]
    assert SECRET in plain.decode()
    for paper in papers:
        assert SECRET in content_of(made.archive, paper).decode()


def recovered_well(folder: Path, seed: int) -> None:
    """After the recovery: nothing is on its way, what is not destroyed is whole."""
    nothing_half(folder, seed)
    made = opened(folder, seed)
    with made.archive.looking(made.records) as unit:
        rows = [row for one in all_lists(unit) for row in entries(unit, one.id)]
        for row in rows:
            assert row.state != "destroying"
            if row.state == "listed":
                names = keys_of(unit, row.record_id)
                assert made.archive.keys.has(names) == set(names), "listed without keys after recovery"
    made.archive.close()


def held_well(folder: Path, seed: int) -> None:
    """The hold kept what had its keys, and the execution can end."""
    recovered_well(folder, seed)
    made = opened(folder, seed)
    made.clock.now += timedelta(days=8)
    if state_of(made) == "executing":
        told = execute(made.archive, made.records, 1)
        assert all(one.because == "held" for one in told.stayed) and not told.unfinished
        assert state_of(made) == "done"
    with made.archive.looking(made.records) as unit:
        kept = [row.record_id for one in all_lists(unit) for row in entries(unit, one.id)
                if row.state != "destroyed"]  # fmt: skip
        person = unit.execute(select(persons.c.state).where(persons.c.id == 1)).scalar()
    for record in kept:
        readable(made, record)
    assert person == "present" or not kept
    made.archive.close()


def ended_well(folder: Path, seed: int) -> None:
    """The story taken up again is at its end: each item destroyed once, the person forgotten."""
    nothing_half(folder, seed)
    made = opened(folder, seed)
    with made.archive.looking(made.records) as unit:
        rows = [row for one in all_lists(unit) for row in entries(unit, one.id)]
        assert [row.state for row in rows] == ["destroyed"] * ITEMS
        person = unit.execute(select(persons).where(persons.c.id == 1)).one()
        assert person.state == "gone" and person.id_hash is None and person.name is None
        for record in range(1, ITEMS + 1):
            told = select(func.count()).select_from(events).where(
                events.c.action == "disposal.destroyed", events.c.subject == f"record:{record}"
            )  # fmt: skip
            assert unit.execute(told).scalar() == 1, "told once"
    made.archive.close()


def child(task: Callable[[], None], kill_at: int | None) -> tuple[int, str, list[str]]:
    """Run a task in a child; (signal or exit code, what was wrong, points reached before the kill)."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reader)
        seen = 0

        def watch(point: str) -> None:
            nonlocal seen
            os.write(writer, (point + "\n").encode())
            if seen == kill_at:
                os.kill(os.getpid(), signal.SIGKILL)
            seen += 1

        points.observe(watch)
        try:
            task()
        except BaseException:
            os.write(writer, ("!" + traceback.format_exc().replace("\n", " ⏎ ") + "\n").encode())
            os._exit(1)
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader, encoding="utf-8") as pipe:
        lines = pipe.read().splitlines()
    _, status = os.waitpid(pid, 0)
    wrong = [line[1:] for line in lines if line.startswith("!")]
    return os.waitstatus_to_exitcode(status), "".join(wrong), [x for x in lines if not x.startswith("!")]


class Run:
    """The kills of one program run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.template = folder / "template"
        self.wrong: list[str] = []
        self.killed: list[str] = []
        self.seed = 100

    def must(self, name: str, task: Callable[[Path, int], None], folder: Path, where: str) -> None:
        self.seed += 1
        seed = self.seed
        code, wrong, _ = child(lambda: task(folder, seed), None)
        if code != 0:
            self.wrong.append(f"{where}: {name}: {wrong[-1500:] or code}")

    def kill(self, name: str, task: Callable[[Path, int], None], folder: Path, at: int) -> str | None:
        """Kill at a point; its name, or None when the task ended before."""
        self.seed += 1
        seed = self.seed
        code, wrong, reached = child(lambda: task(folder, seed), at)
        if code == 0:
            return None
        where = f"{name}#{at} {reached[-1] if reached else '?'}"
        if code != -signal.SIGKILL:
            self.wrong.append(f"{where}: {wrong[-1500:] or code}")
        self.killed.append(reached[-1])
        return where

    def copy(self, source: Path, name: str) -> Path:
        target = self.folder / name
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(source, target)
        return target

    def at_point(self, at: int, *, kill_recovery: bool) -> bool:
        """Kill the story there, look, recover, look, go on to the end, look.  False: no such point."""
        folder = self.copy(self.template, "killed")
        where = self.kill("story", story, folder, at)
        if where is None:
            return False
        self.must("left half", nothing_half, folder, where)
        held = self.copy(folder, "held")
        self.must("hold before recovery", hold_first, held, where)
        self.must("after hold", held_well, held, where)
        if kill_recovery:
            self.recoveries(folder, where)
        self.must("recovery", recovery, folder, where)
        self.must("after recovery", recovered_well, folder, where)
        self.must("taken up again", story, folder, where)
        self.must("at the end", ended_well, folder, where)
        return True

    def recoveries(self, folder: Path, where: str) -> None:
        for at in range(10**6):
            again = self.copy(folder, "again")
            if self.kill(f"{where} → recovery", recovery, again, at) is None:
                return
            self.must("left half", nothing_half, again, f"{where} → recovery#{at}")
            self.must("recovery", recovery, again, f"{where} → recovery#{at}")
            self.must("taken up again", story, again, f"{where} → recovery#{at}")
            self.must("at the end", ended_well, again, f"{where} → recovery#{at}")


def main(folder: str, every: str, offset: str = "0", nested: str = "", most: str = "1000000") -> None:
    run = Run(Path(folder))
    code, wrong, _ = child(lambda: build(run.template), None)
    assert code == 0, wrong
    at = int(offset)
    for _ in range(int(most)):
        if not run.at_point(at, kill_recovery=bool(nested)):
            break
        at += int(every)
    print(json.dumps({"kills": len(run.killed), "points": sorted(set(run.killed)), "wrong": run.wrong,
                      "reached": at}, ensure_ascii=False))  # fmt: skip


if __name__ == "__main__":
    main(*sys.argv[1:])

"""A stack comes in, is decided on and cleared, killed with SIGKILL at named write points and taken up again.

A program of its own, so that it may fork without threads about:
``python -m tests.scans.killed FOLDER every [offset [most [watched]]]`` kills at each ``every``-th point of
the story and prints what was wrong as JSON; with ``aside`` for ``every`` at each point where a file of a
watched inbox is moved or removed, and at ``most`` others spread over the story.  ``watched``: the stack lies
in an inbox, and is received as ``scan watch`` does.  After each kill the station is looked at as it lies;
then it is opened, the story goes on from what is there, and it must end as if it had never been killed.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import pickle
import shutil
import signal
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from archives.disposal.completion import recover
from archives.errors import AlreadyThere
from archives.ports import system
from archives.scans.quarantine import clear_scans
from archives.store.newest import NAME as NEWEST
from archives.store.newest import line
from desk.station.opening import OpenStation
from desk.station.scanning import apart
from desk.station.scanning.inbox import Inbox, Outcome
from desk.station.scanning.queue import accept, assign_to_file, decide
from desk.station.scanning.receiving import receive
from tests.archives.making import Station
from tests.contracts.warm import load
from tests.faults.disposal_story import child
from tests.reading.files import scanned_pdf
from tests.scans.house import Paper, empty, issue, jpegs, signed
from tests.scans.sound import (
    batches_and_pages,
    build,
    desk_of,
    findings,
    ledgers_wrong,
    recoverable,
    reopened,
    scans_of,
)
from tests.scans.warm_reader import warm_reader

INCOMING = "desk/incoming.pdf"
INBOX = "desk/收件"
PAGES = 5
Fact = tuple[bytes, str, list[str], tuple[int, int]]
"""(master key, number of the first file, hashes of the pages in the order of the file, both files)."""


MONTH = timedelta(days=31)
"""After which what is left of a settled batch goes."""


def prepare(folder: Path) -> None:
    """Papers of two persons are out; a stack lies there: one page missing, a blank back, a foreign sheet."""
    house = build(folder)
    mine = [signed(one) for one in issue(house.office, "record_e")]
    others = [signed(one) for one in issue(house.office, "consent_a", file=house.office.other.file)]
    stack = [others[0], mine[1], empty(mine[0]), mine[0], foreign(mine[0])]
    pictures = jpegs(stack)
    scanned_pdf(folder / INCOMING, pictures, dpi=150)
    facts: Fact = (
        house.whole.master, house.office.number, [hashlib.sha256(one).hexdigest() for one in pictures],
        (house.office.opened.file, house.office.other.file),
    )  # fmt: skip
    (folder / "facts").write_bytes(pickle.dumps(facts))
    house.close()
    (folder / "keys" / NEWEST).write_bytes(line(0))  # as a station has it from its founding on


def prepare_watched(folder: Path) -> None:
    """The same, the stack in a watched inbox."""
    prepare(folder)
    (folder / INBOX).mkdir()
    (folder / INCOMING).rename(folder / INBOX / "incoming.pdf")


def lies(folder: Path) -> Path:
    """Where the stack lies; where it lay when it is gone."""
    found = [path for path in (folder / INBOX).rglob("*") if path.is_file()]
    assert len(found) <= 1, found
    return found[0] if found else folder / INCOMING


def foreign(like: Paper) -> Paper:
    """A written sheet without any code."""
    sheet = np.full_like(like.picture, 255)
    for row in range(600, 2400, 90):
        sheet[row : row + 30, 300:1900:7] = 30
    return Paper(0, "", 0, 0, sheet, ())


def facts_of(folder: Path) -> Fact:
    facts: Fact = pickle.loads((folder / "facts").read_bytes())
    return facts


def opened(folder: Path, seed: int) -> Station:
    made = reopened(folder, facts_of(folder)[0], seed)
    if "waited" in acknowledged(folder):
        made.clock.now += MONTH  # a kill does not turn the clock back
    return made


def acknowledge(folder: Path, word: str) -> None:
    with (folder / "acknowledged").open("a", encoding="ascii") as file:
        file.write(word + "\n")


def acknowledged(folder: Path) -> list[str]:
    path = folder / "acknowledged"
    return path.read_text(encoding="ascii").split() if path.exists() else []


def story(folder: Path, seed: int) -> None:
    """From what is there to the end."""
    made = opened(folder, seed)
    master, number, *_ = facts_of(folder)
    records, path = desk_of(made, master), lies(folder)
    if path.exists():
        come_in(folder, records)
        acknowledge(folder, "received")
    pages = {page.number: page for _, rows in batches_and_pages(made) for page in rows}
    assert len(pages) == PAGES
    assert pages[2].state == pages[4].state == "filed", "given again, what a kill cut off is filed"
    if pages[3].state == "blank":
        decide(records, [pages[3].id], "waiting")
        acknowledge(folder, "taken-back")
    if pages[3].state in ("blank", "waiting"):
        decide(records, [pages[3].id], "rejected", "not_wanted")
        acknowledge(folder, "rejected")
    if pages[5].state == "waiting":
        assign_to_file(records, [pages[5].id], number)
        acknowledge(folder, "assigned")
    if pages[1].state == "waiting":
        accept(records, pages[1].id)
        acknowledge(folder, "accepted")
    if (folder / INBOX).is_dir():
        watched(folder, records)
    if "waited" not in acknowledged(folder):
        acknowledge(folder, "waited")
        made.clock.now += MONTH
    made.confirm()
    clear_scans(made.archive, system("test"))
    acknowledge(folder, "cleared")
    made.archive.close()


def come_in(folder: Path, records: OpenStation) -> None:
    """By hand, or as the inbox is watched."""
    if (folder / INBOX).is_dir():
        watched(folder, records)
        return
    with contextlib.suppress(AlreadyThere):
        receive(records, folder / INCOMING)


def watched(folder: Path, records: OpenStation) -> None:
    """Long enough for any file; what is settled goes."""
    inbox = Inbox(folder / INBOX, iter(range(0, 1_000_000, 20)).__next__)
    told: list[Outcome] = []
    for _ in range(4):
        if found := inbox.still():
            inbox.take(records, told.append, found)
    inbox.tend(records)
    assert [one.error for one in told if one.error] == []


def opening(folder: Path, seed: int) -> None:
    """What opening the station does about disposals and scans."""
    made = opened(folder, seed)
    recover(made.archive, system("test"))
    clear_scans(made.archive, system("test"))
    made.archive.close()


def as_it_lies(folder: Path, seed: int) -> None:
    """Nothing is lost, nothing is there twice, what was acknowledged is there, the check is content."""
    made = opened(folder, seed)
    master, _, hashes, _ = facts_of(folder)
    told = acknowledged(folder)
    found, wrong = findings(made, master), ledgers_wrong(made)
    assert not found, found
    assert not wrong, wrong
    batches = batches_and_pages(made)
    if not lies(folder).exists():
        assert [batch.state for batch, _ in batches] != ["receiving"], "the file went before its count"
        if (folder / INBOX).is_dir():
            assert [batch.state for batch, _ in batches] not in (["open"], []), "the file went too early"
    cleared = any(batch.state == "cleared" for batch, _ in batches)
    filed = [one for *_, pictures in scans_of(made) for one in pictures]
    assert len(filed) == len(set(filed)), "a page in two documents"
    begun = any(batch.state == "balanced" and not there(made, batch.item_key) for batch, _ in batches)
    wanted = set(hashes) - ({hashes[2]} if cleared or begun else set())
    assert wanted <= recoverable(made, lies(folder)), "a page is lost"
    if "received" in told:
        assert [len(rows) for _, rows in batches] == [PAGES]
        assert {hashes[1], hashes[3]} <= set(filed), "acknowledged and not filed"
    for word, page in (("assigned", 4), ("accepted", 0)):
        assert word not in told or hashes[page] in filed, word
    made.archive.close()


def there(made: Station, key: str | None) -> bool:
    return key is not None and bool(made.archive.keys.has([key]))


def at_the_end(folder: Path, seed: int) -> None:
    """Exactly the documents there would be without any kill."""
    as_it_lies(folder, seed)
    assert not (folder / INBOX).is_dir() or not lies(folder).exists(), (
        "nothing is left for a person to remove"
    )
    made = opened(folder, seed + 500_000)
    _, _, hashes, (one, other) = facts_of(folder)
    assert scans_of(made) == sorted(
        [
            (one, 1, "scan", (hashes[3], hashes[1])),
            (one, None, "attachment", (hashes[4],)),
            (other, 2, "scan", (hashes[0],)),
        ],
        key=str,
    )
    ((batch, rows),) = batches_and_pages(made)
    assert batch.state == "cleared"
    assert [row.state for row in rows] == ["filed", "filed", "rejected", "filed", "filed"]
    assert not any(row.blob for row in rows)
    made.archive.close()


class Run:
    """The kills of one program run."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.template = folder, folder / "template"
        self.wrong: list[str] = []
        self.killed: list[str] = []
        self.seed = 100

    def must(self, name: str, task: Callable[[Path, int], None], where: str) -> None:
        self.seed += 1
        seed = self.seed
        code, wrong, _ = child(lambda: task(self.folder / "killed", seed), None)
        if code != 0:
            self.wrong.append(f"{where}: {name}: {wrong[-900:] or code}")

    def at_point(self, at: int) -> bool:
        """Kill there, look, open, look, go on to the end, look.  False: the story has no such point."""
        folder = self.folder / "killed"
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(self.template, folder)
        self.seed += 1
        seed = self.seed
        code, wrong, reached = child(lambda: story(folder, seed), at)
        where = f"#{at} {reached[-1] if reached else '?'}"
        if code == 0:
            self.must("at the end", at_the_end, where)
            return False
        if code != -signal.SIGKILL:
            self.wrong.append(f"{where}: {wrong[-900:] or code}")
        self.killed.append(reached[-1])
        self.must("as it lies", as_it_lies, where)
        self.must("opened", opening, where)
        self.must("after opening", as_it_lies, where)
        self.must("taken up again", story, where)
        self.must("at the end", at_the_end, where)
        return True


def points_aside(run: Run, others: int) -> list[int]:
    """Numbers of the points at which a file of the inbox is moved or removed, and of so many others."""
    shutil.copytree(run.template, run.folder / "whole")
    code, wrong, reached = child(lambda: story(run.folder / "whole", 99), None)
    assert code == 0, wrong
    aside = [number for number, point in enumerate(reached) if point.startswith("scan.aside:")]
    spread = [len(reached) * (2 * part + 1) // (2 * others) for part in range(others)]
    return sorted({*aside, *spread})


def main(folder: str, every: str, offset: str = "0", most: str = "1000000", way: str = "") -> None:
    load()
    with warm_reader() as reader, pytest.MonkeyPatch.context() as patch:
        patch.setattr(apart, "subprocess", reader)
        kill(Run(Path(folder)), every, int(offset), int(most), way)


def kill(run: Run, every: str, at: int, most: int, way: str) -> None:
    """What ``main`` says."""
    run.folder.mkdir(exist_ok=True)
    code, wrong, _ = child(lambda: (prepare_watched if way else prepare)(run.template), None)
    assert code == 0, wrong
    if every == "aside":
        for at in points_aside(run, most):
            assert run.at_point(at)
    else:
        for _ in range(most):
            if not run.at_point(at):
                break
            at += int(every)
    print(json.dumps({"kills": len(run.killed), "points": sorted(set(run.killed)), "wrong": run.wrong,
                      "reached": at}, ensure_ascii=False))  # fmt: skip


if __name__ == "__main__":
    main(*sys.argv[1:])

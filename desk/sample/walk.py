"""The sample way of paper from end to end: a station, its prints, signatures, the scanned stack, and home.

found ─► issue_papers ─► signed_papers ─► copied ─► 样例扫描.pdf ─► receive
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from archives.ports import Clock, RandomBytes
from desk.output import make_folder, write_output
from desk.sample.copier import Stack, copied
from desk.sample.outcome import (
    Differing,
    FiledPaper,
    Waiting,
    differing,
    filed_papers,
    still_out,
    waiting_pages,
)
from desk.sample.papers import IssuedPaper, correct_after_printing, issue_papers
from desk.sample.people import CLIENTS, KEEPER, WORKER
from desk.sample.stack import attachment, signed_papers, stranger
from desk.sample.station import SampleStation, entered, found
from desk.station.scanning.receiving import receive
from generator.typeset.fonts import bundled_fonts

SCAN: Final = "样例扫描.pdf"
PRINTS: Final = "打印件"
_SEED = 20261123
"""Every demonstration has the same stack, so that a page of the manual can speak of its pages."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A sample station with papers printed, signed and scanned; nothing has come home yet."""

    sample: SampleStation
    issued: tuple[IssuedPaper, ...]
    stack: Stack
    scan: Path


def prepare(folder: Path, clock: Clock, random: RandomBytes) -> Prepared:
    """Make the station in ``folder``, print, sign and scan.

    Raises what making a station, entering, printing and writing raise.
    """
    sample = found(folder, clock, random)
    fonts = bundled_fonts()
    prints = folder / PRINTS
    make_folder(prints)
    with entered(sample, WORKER, clock, random) as station:
        issued = tuple(issue_papers(station, fonts, prints))
        correct_after_printing(station, issued[-1])
        papers = [
            *signed_papers(issued),
            *attachment(station, CLIENTS[-1].case_no, fonts),
            stranger(fonts, clock()),
        ]
    stack = copied(papers, _SEED)
    scan = folder / SCAN
    write_output(scan, stack.content)
    return Prepared(sample, issued, stack, scan)


@dataclass(frozen=True, slots=True)
class CameHome:
    """What became of the scanned file."""

    batch: int
    ledger: str
    """The account on one line."""
    pages: int
    filed: list[FiledPaper]
    missing: list[str]
    waiting: list[Waiting]
    differences: list[Differing]
    keeper: str
    """Login of who goes on with what waits."""


def bring_home(prepared: Prepared, clock: Clock, random: RandomBytes) -> CameHome:
    """Receive the scanned file as the archivist, then look at the differences as the worker in charge.

    Raises what receiving raises.
    """
    sample, folder = prepared.sample, prepared.scan.parent
    with entered(sample, KEEPER, clock, random) as station:
        received = receive(station, prepared.scan, keep=True)
        batch = received.batch.id
        filed = filed_papers(station, received.filed)
        missing, waiting = still_out(station, batch), waiting_pages(station, batch, folder)
    with entered(sample, WORKER, clock, random) as station:
        found_different = differing(station, received.filed, folder)
    return CameHome(
        batch,
        received.ledger.line(),
        received.ledger.accounted,
        filed,
        missing,
        waiting,
        found_different,
        KEEPER,
    )

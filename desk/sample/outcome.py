"""What came of the sample scan, in sentences: filed, still out, waiting and why, differing from the record.

Each difference has its cut-out: a picture of the place on the straightened scan.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from archives.archive import Unit
from archives.items.records import record_facts
from archives.people.files import file_facts
from desk.output import make_folder, write_output
from desk.station.opening import OpenStation
from desk.station.scanning import queue
from desk.station.scanning.differences import cut_outs, differences
from desk.station.scanning.homecoming import Filed

CUTS: Final = "剪图"
QUEUE: Final = "待处理"


@dataclass(frozen=True, slots=True)
class FiledPaper:
    """One document that came home."""

    number: str
    """Of its file."""
    title: str
    pages: int
    signed: bool
    questions: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """Pages that wait for a person for one reason."""

    pages: tuple[int, ...]
    """In the file, from 1."""
    reason: str


@dataclass(frozen=True, slots=True)
class Differing:
    """One place where paper and record differ, or where a person has to look."""

    number: str
    title: str
    sentence: str
    cut: str | None
    """Its picture, from the folder of the demonstration."""


def filed_papers(station: OpenStation, filed: Sequence[Filed]) -> list[FiledPaper]:
    """The documents by file and title."""
    with station.archive.looking(station.actor) as unit:
        told = [FiledPaper(*_named(unit, one), one.pages, one.signed, one.questions) for one in filed]
    return sorted(told, key=lambda paper: paper.number)


def still_out(station: OpenStation, batch: int) -> list[str]:
    """``PZ01…《危险性评估表》缺第2页``, one line a print."""
    return [
        f"{where}缺{'、'.join(f'第{page}页' for page in lack.missing)}"
        for where, lack in queue.overview(station, batch).missing
    ]


def waiting_pages(station: OpenStation, batch: int, folder: Path) -> list[Waiting]:
    """What waits for a person, pages with one reason together, each with its picture in ``folder``.

    The looking is on the log.  Raises ItemUnreadable, OutputUnwritable.
    """
    found: dict[str, list[int]] = {}
    for one in queue.waiting(station):
        if one.page.batch == batch:
            shown = queue.show(station, one.page.id)
            since = f"（更正了“{'”“'.join(shown.changed)}”）" if shown.changed else ""
            found.setdefault(f"{one.sentence}{since}", []).append(one.page.number)
            if shown.picture is not None:
                make_folder(folder / QUEUE)
                write_output(folder / QUEUE / f"第{one.page.number}页.jpg", shown.picture)
    return [Waiting(tuple(sorted(pages)), reason) for reason, pages in found.items()]


def differing(station: OpenStation, filed: Sequence[Filed], folder: Path) -> list[Differing]:
    """Every question of the filed scans, each with its cut-out in ``folder``; the reading is on the log.

    Raises AccessDenied, ItemUnreadable, OutputUnwritable.
    """
    return [one for scan in filed if scan.questions for one in _of_scan(station, scan, folder)]


def _of_scan(station: OpenStation, scan: Filed, folder: Path) -> Iterator[Differing]:
    told = differences(station, scan.document)
    pictures = cut_outs(station, scan.document, told)
    with station.archive.looking(station.actor) as unit:
        number, title = _named(unit, scan)
    make_folder(folder / CUTS)
    for one in told:
        cut = None
        if one.question.id in pictures:
            cut = f"{CUTS}/{one.question.id:02d}-{title}-第{one.question.page}页.png"
            write_output(folder / cut, pictures[one.question.id])
        yield Differing(number, title, one.sentence, cut)


def _named(unit: Unit, filed: Filed) -> tuple[str, str]:
    title = "附件" if filed.record is None else record_facts(unit, filed.record).title
    return file_facts(unit, filed.file).number, title

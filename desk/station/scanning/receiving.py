"""Receiving a scanned file: every page safe and on the account first, then filed, the file itself last.

    file ─► quarantine copy ─► each page: read, judge, store, row ─► count ─► file what is whole ─► file goes

Each arrow is durable before the next begins.  A file that was interrupted goes on where it stopped when it is
given again: what has a row is not read twice.  A file somebody still has open is not taken, and one that is
another afterwards, or open again, is not removed.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from archives.archive import Unit
from archives.errors import AlreadyThere, InputRefused, StoreUnusable
from archives.items.programs import mark_batch
from archives.scans.batches import Batch, Ledger, batch_facts, begin, complete, ledger
from archives.scans.only_copies import ask_about_only_copies
from archives.scans.pages import Judged, PageFacts, add_page, pages_in, store_page
from archives.scans.quarantine import (
    PART_BYTES,
    add_part,
    balance_all,
    parts_there,
    release_filed,
    store_part,
)
from archives.scans.separators import find_separator
from archives.store.points import reached
from archives.store.sync import sync_folder
from archives.system_words import reason
from desk.entry.durable import locked
from desk.station.issuing import page_code_key
from desk.station.opening import OpenStation
from desk.station.programs import require_allowed
from desk.station.scanning.apart import pages_apart
from desk.station.scanning.evidence import weighed
from desk.station.scanning.held import held_by_another
from desk.station.scanning.homecoming import Filed, file_whole
from desk.station.scanning.judging import Verdict, verdict_of
from desk.station.scanning.page_note import note_of_source
from desk.station.scanning.prints import Prints
from desk.station.scanning.reading import read_note
from desk.station.scanning.runs import Run
from desk.station.scanning.twins import Twins
from generator.errors import GeneratorError, OutputUnwritable
from generator.reading.container import BadPage, SourcePage
from generator.reading.ending import ending_of

if TYPE_CHECKING:
    from desk.station.scanning.turn import Turn
    from generator.reading.report import PageReport

_LOCK = "scan"
_HASH_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Received:
    """What came of one file."""

    batch: Batch
    ledger: Ledger
    filed: tuple[Filed, ...]
    resumed: bool
    """Whether an interrupted reception was finished."""
    programs: tuple[str, ...] = ()
    """Kinds of programs in the file, which is kept in quarantine all the same."""
    doubt: str | None = None
    """Why the file may not have been whole, or was left where it is: a sentence."""


Begin = Callable[[Unit, str, int, str], Batch]
"""(act, hash, size, name of a key) → the batch, in the act."""


def receive(
    station: OpenStation,
    path: Path,
    *,
    keep: bool = False,
    turn: Turn | None = None,
    with_programs: bool = False,
) -> Received:
    """Take one scanned file in; ``keep`` leaves it where it is, else it is removed at the very end.

    ``with_programs``: somebody knows that a program is in it; its copy is kept all the same, marked.
    ``turn`` says how to wait while another window receives; without it that is refused.
    Raises ScanUnusable, ScanTooLarge, ProgramInside (nothing was taken in), AlreadyThere (it came in before),
    InputRefused (not a plain file, still written, changed meanwhile), StoreUnusable, AccessDenied.
    """
    station.allow("scan.add")
    require_plain(path)
    with alone(station, turn):
        _require_free(path)
        received, unchanged = take_in(station, path, begin, with_programs=with_programs)
        doubt = _doubt(path)
        if not keep:
            doubt = doubt or _remove(unchanged)
    return replace(received, doubt=doubt)


def take_in(
    station: OpenStation, path: Path, begun: Begin, *, with_programs: bool = False
) -> tuple[Received, Unchanged]:
    """Every page of the file on the account, what is whole filed; the file stays.  Held by ``alone``.

    Raises what ``receive`` does.
    """
    with pages_apart(path) as coming:
        unchanged = Unchanged(path, *measured(path))
        programs = require_allowed(coming.programs, allowed=with_programs)
        pages = _from_first(coming.pages)
        batch, resumed = _begun(station, unchanged, begun, programs)
        _keep_copy(station, batch, path)
        prints = Prints(station.archive, station.actor)
        _take_in(station, batch, unchanged, pages, prints)
        with station.acting("scan.complete") as unit:
            complete(unit, batch.id)
        filed = settle(station, prints)
    with station.archive.looking(station.actor) as unit:
        received = Received(batch_facts(unit, batch.id), ledger(unit, batch.id), filed, resumed, programs)
    return received, unchanged


def settle(station: OpenStation, prints: Prints | None = None) -> tuple[Filed, ...]:
    """File what is whole, free what is filed, close the account of every batch in which nothing waits.

    A duplicate whose other copy was rejected or is void waits again.
    """
    filed = file_whole(station, prints or Prints(station.archive, station.actor))
    ask_about_only_copies(station.archive, station.actor)
    with contextlib.suppress(StoreUnusable):  # what is filed is safe; the next opening destroys the copies
        release_filed(station.archive, station.actor)
    balance_all(station.archive, station.actor)  # a page that came today may end what waited since last week
    return filed


@contextlib.contextmanager
def alone(station: OpenStation, turn: Turn | None = None) -> Iterator[None]:
    """One file at a time comes in; ``turn`` waits while another one does.  Raises StoreUnusable."""
    with contextlib.ExitStack() as held:
        try:
            held.enter_context(locked(station.layout.data / _LOCK, turn.wait if turn is not None else None))
        except OutputUnwritable as error:
            raise StoreUnusable(
                "现在不能接收扫描件：另一个窗口正在接收，或数据文件夹不能写入。",
                hint="请等那边接收完再试；文件原样保留。",
            ) from error
        if turn is not None:
            turn.come()
        yield


def require_plain(path: Path) -> None:
    """A file that is there, no link and nothing else.  Raises InputRefused."""
    # The name is not repeated: it may hold a person's name, or signs that upset a terminal.
    with _told():
        if not path.is_symlink() and not path.exists():
            raise InputRefused("没有这个文件。", hint="请检查文件名和所在的文件夹。")
        if path.is_symlink() or not path.is_file():
            raise InputRefused(
                "给出的不是普通文件，没有接收。", hint="请给出扫描仪存下的 PDF、TIFF、JPEG 或 PNG 文件。"
            )


@contextlib.contextmanager
def _told() -> Iterator[None]:
    """Trouble with the incoming file as a sentence."""
    try:
        yield
    except OSError as error:
        raise InputRefused(
            f"文件读不出来：{reason(error)}。",
            hint="请检查文件是否还在、是否正被其他程序使用。",
        ) from error


def _require_free(path: Path) -> None:
    if held_by_another(path):
        raise InputRefused(
            "文件还被其他程序打开着，可能没写完，没有接收。",
            hint="请等扫描仪写完，或关闭打开它的程序，再接收。",
        )


def _doubt(path: Path) -> str | None:
    with contextlib.suppress(OSError):
        if not ending_of(path).whole:
            return "文件没有结尾，可能没写完：请核对页数；扫描仪写完的请再接收一次。原文件留在原处。"
    return None


def measured(path: Path) -> tuple[str, int]:
    """(SHA-256, bytes) of a file as it lies there.  Raises InputRefused."""
    digest, size = hashlib.sha256(), 0
    with _told(), path.open("rb") as file:
        # Ends: the file ends.
        while part := file.read(_HASH_BYTES):
            digest.update(part)
            size += len(part)
    return digest.hexdigest(), size


@dataclass(frozen=True, slots=True)
class Unchanged:
    """The file as it was when it began to come in."""

    path: Path
    digest: str
    size: int

    def require(self) -> None:
        """Raises InputRefused when it is another one."""
        if measured(self.path) != (self.digest, self.size):
            raise InputRefused(
                "接收期间文件被改动了，没有完成接收。", hint="请等扫描仪写完再接收；文件原样保留。"
            )


def _from_first(pages: Iterator[SourcePage | BadPage]) -> Iterator[SourcePage | BadPage]:
    """The pages, the first already taken out: what is no scan is refused before anything is written."""
    return chain([next(pages)], pages)


def _begun(
    station: OpenStation, file: Unchanged, begun: Begin, programs: tuple[str, ...]
) -> tuple[Batch, bool]:
    name, _ = station.archive.keys.new()
    try:
        with station.acting("scan.begin") as unit:
            batch = begun(unit, file.digest, file.size, name)
            if programs:
                mark_batch(unit, batch.id, programs)
    except AlreadyThere:
        settle(station)  # a crash may have come between its last page and its filing
        raise
    return batch, batch.item_key != name


def _keep_copy(station: OpenStation, batch: Batch, path: Path) -> None:
    """The incoming file, encrypted, in quarantine; what is there already is not written again."""
    if batch.item_key is None:  # it went with a record that was destroyed before the file was given again
        return
    with station.archive.looking(station.actor) as unit:
        there = parts_there(unit, batch.id)
    with contextlib.closing(_pieces(path, there)) as pieces:
        for number, part in enumerate(pieces, start=there + 1):
            blob = store_part(station.archive, batch.id, batch.item_key, number, part)
            with station.acting("scan.part") as unit:
                add_part(unit, batch.id, number, blob)


def _pieces(path: Path, behind: int) -> Generator[bytes, None, None]:
    with _told(), path.open("rb") as file:
        file.seek(behind * PART_BYTES)
        # Ends: the file ends.
        while part := file.read(PART_BYTES):
            yield part


def _take_in(
    station: OpenStation,
    batch: Batch,
    unchanged: Unchanged,
    pages: Iterator[SourcePage | BadPage],
    prints: Prints,
) -> None:
    """Every page of the file that has no row gets one.  Raises InputRefused: the file changed meanwhile."""
    with station.archive.looking(station.actor) as unit:
        there = {page.number: page for page in pages_in(unit, batch.id)}
    reader = Reader(station, prints)
    last = 0
    # Ends: the reader gives at most MAX_PAGES pages.
    while True:
        try:
            page = next(pages, None)
        except GeneratorError:
            unchanged.require()  # a file that is being written over ends early only this time
            if last + 1 not in there:
                put_in(station, batch, last + 1, Judged("waiting", "cut_short"), None)
            return
        if page is None:
            unchanged.require()
            return
        last = page.number
        if page.number in there:
            reader.pass_over(there[page.number])
        else:
            judged = reader.judged(page)
            put_in(station, batch, page.number, judged, page if isinstance(page, SourcePage) else None)


def put_in(station: OpenStation, batch: Batch, number: int, judged: Judged, page: SourcePage | None) -> None:
    """A page is safe and on the account of its batch.  Raises StoreUnusable."""
    stored = store_page(station.archive, batch.id, number, page.stream) if page is not None else None
    with station.acting("scan.page") as unit:
        add_page(unit, batch.id, number, judged, stored, page.media_type if page is not None else None)


class Reader:
    """Reads and judges the pages of one file in their order; knows what the last separator said."""

    def __init__(self, station: OpenStation, prints: Prints) -> None:
        self._station = station
        self._keys = [page_code_key(station)]
        self._prints = prints
        self._twins = Twins(station.archive, station.actor, self._keys, prints)
        self.run = Run()

    def judged(self, page: SourcePage | BadPage) -> Judged:
        """What a page is, with what was read on it."""
        from generator.reading.report import read_page

        report = read_page(page, self._keys, fields_follow=True)
        with self._station.archive.looking(self._station.actor) as unit:
            verdict = verdict_of(unit, report)
        self.run, place = self.run.after(verdict)
        if place is not None:
            return Judged(
                "waiting", "attachment", place.print_id, place.page, place.pages, None, _plain(page, report)
            )
        return self._of_code(page, report, verdict)

    def pass_over(self, row: PageFacts) -> None:
        """A page that has its row already."""
        separator = None
        if row.state == "service" and row.print_id is not None:
            with self._station.archive.looking(self._station.actor) as unit:
                separator = find_separator(unit, row.print_id)
        self.run = self.run.after_row(row, separator)

    def _of_code(self, page: SourcePage | BadPage, report: PageReport, verdict: Verdict) -> Judged:
        note = _plain(page, report) if report.outcome != "bad" else None
        if isinstance(page, SourcePage) and verdict.readable:
            read, fields = read_note(page, report, verdict, self._prints)
            note = read.to_json()
            verdict = weighed(verdict, page.stream, report, fields, self._prints, self._twins)
        code = report.reading.identity if report.reading is not None else None
        return Judged(
            verdict.state, verdict.reason,
            code.print_id if code else None, code.page if code else None, code.pages if code else None,
            verdict.printed.id if verdict.printed else None, note,
        )  # fmt: skip


def _plain(page: SourcePage | BadPage, report: PageReport) -> bytes | None:
    if not isinstance(page, SourcePage):
        return None
    return note_of_source(page, report.reading.angle if report.reading else None).to_json()


def _remove(file: Unchanged) -> str | None:
    """The incoming file goes last; one that cannot be removed is not lost, only still there, with a sentence.

    Somebody who opened it meanwhile may write on: what is another file now is not removed.
    """
    try:
        if held_by_another(file.path):
            return "原文件又被其他程序打开了，留在原处。"
        file.require()
        file.path.unlink()
        reached("scan.incoming:unlinked")
        sync_folder(file.path.parent)
    except InputRefused:
        return "接收之后原文件又变了，留在原处：请等写完再接收一次。"
    except OSError:
        return None
    return None

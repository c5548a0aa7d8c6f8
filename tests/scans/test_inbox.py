"""A watched inbox: what somebody writes is left alone, what was taken goes only when nothing can be lost."""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from PIL import Image
from pypdf import PdfReader, PdfWriter
from pypdf.generic import DictionaryObject, NameObject, TextStringObject

from archives.errors import InputRefused, ProgramInside, StoreUnusable
from archives.items.programs import marked_batches
from archives.scans.batches import batches
from archives.scans.pages import pages_in
from archives.scans.successors import successors
from desk.entry.durable import locked
from desk.station.opening import OpenStation
from desk.station.scanning import inbox as module
from desk.station.scanning import receiving
from desk.station.scanning.aside import ASIDE
from desk.station.scanning.held import held_by_another
from desk.station.scanning.inbox import Inbox, Outcome
from desk.station.scanning.queue import decide, overview, waiting
from desk.station.scanning.receiving import receive
from desk.station.scanning.stillness import PAGE_WAIT, UNFINISHED_WAIT
from desk.station.scanning.turn import LONGEST_WAIT, Turn
from generator.errors import ScanUnusable
from tests.archives.making import Station
from tests.reading.files import jpeg, picture, scanned_pdf
from tests.scans.killed import INCOMING, facts_of, opened, prepare
from tests.scans.sound import batches_and_pages, desk_of, findings, ledgers_wrong, pictures_in, recoverable

EMPTY = jpeg(Image.new("L", (620, 877), 255))
WRITTEN = jpeg(picture(seed=3))
EVERY = 10.0


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("papers") / "template"
    prepare(folder)
    return folder


@dataclass
class Desk:
    """A station, its inbox, a clock that stands, and what was told."""

    made: Station
    station: OpenStation
    folder: Path
    now: float = 1000.0
    told: list[Outcome] = field(default_factory=list)

    @property
    def inbox_folder(self) -> Path:
        return self.folder / "inbox"

    def watch(self) -> Inbox:
        return Inbox(self.inbox_folder, lambda: self.now)

    def look(self, inbox: Inbox, times: int = 1, every: float = EVERY) -> int:
        """As the command does: look, take what is whole, wait; how many files were taken."""
        taken = 0
        for _ in range(times):
            if found := inbox.still():
                taken += inbox.take(self.station, self.told.append, found)
            self.now += every
        return taken

    def long(self, inbox: Inbox) -> int:
        """Longer than any file has to wait."""
        return self.look(inbox, 3 + int(UNFINISHED_WAIT / EVERY))

    def put(self, name: str, content: bytes = EMPTY) -> Path:
        path = self.inbox_folder / name
        path.write_bytes(content)
        return path

    def lying(self) -> list[str]:
        """What lies in the inbox and aside, without tags."""
        there = [path for path in self.inbox_folder.rglob("*") if path.is_file()]
        return sorted(f"{ASIDE}/{p.name[13:]}" if p.parent.name == ASIDE else p.name for p in there)

    def states(self) -> list[str]:
        return [one.state for one, _ in batches_and_pages(self.made)]

    def sound(self) -> None:
        assert findings(self.made, facts_of(self.folder)[0]) == []
        assert ledgers_wrong(self.made) == []


@pytest.fixture
def desk(template: Path, tmp_path: Path) -> Iterator[Desk]:
    folder = shutil.copytree(template, tmp_path / "a")
    (folder / "inbox").mkdir()
    made = opened(folder, 4)
    yield Desk(made, desk_of(made, facts_of(folder)[0]), folder)
    made.archive.close()


@pytest.fixture
def nobody_can_tell(monkeypatch: pytest.MonkeyPatch) -> None:
    """A system, or a share, that knows no locks."""
    monkeypatch.setattr(module, "held_by_another", lambda path: None)


def pages(count: int, first: int = 0) -> list[Image.Image]:
    return [picture(seed=first + seed) for seed in range(count)]


def tiff(count: int) -> bytes:
    out = io.BytesIO()
    first, *others = pages(count)
    first.save(out, "TIFF", save_all=True, append_images=others)
    return out.getvalue()


def write_on(file: io.BufferedWriter, content: bytes) -> None:
    """The file is this now; its writer keeps it open."""
    file.seek(0)
    file.write(content)
    file.truncate()
    file.flush()


# --- when a file is taken ---------------------------------------------------------------------------------


def test_a_picture_is_taken_after_two_intervals_without_a_change(desk: Desk) -> None:
    inbox, path = desk.watch(), desk.put("1.jpg", EMPTY[:-400])
    assert desk.look(inbox, 3) == 0
    path.write_bytes(EMPTY)
    assert desk.look(inbox, 2) == 0
    assert desk.look(inbox) == 1
    assert desk.states() == ["balanced"]
    assert desk.lying() == []
    assert list(desk.inbox_folder.iterdir()) == [], "the folder goes with the last file"
    desk.sound()


@pytest.mark.skipif(sys.platform not in ("linux", "win32"), reason="no system call tells who has a file open")
def test_a_tiff_held_open_over_a_pause_is_left_alone_until_it_is_closed(desk: Desk) -> None:
    inbox = desk.watch()
    with (desk.inbox_folder / "1.tif").open("wb") as scanner:
        for count in (1, 2, 3):
            write_on(scanner, tiff(count))
            assert desk.look(inbox, 13, every=2.0) == 0, "26 seconds"
        assert desk.long(inbox) == 0
        assert inbox.newly_held() == ["1.tif"]
        assert inbox.newly_held() == [], "told once"
        assert inbox.unsettled() == 1
    assert desk.long(inbox) == 1
    assert desk.told[0].received is not None
    assert desk.told[0].received.ledger.pages_in == 3
    desk.sound()


@pytest.mark.usefixtures("nobody_can_tell")
@pytest.mark.parametrize("name", ["1.tif", "1.pdf"])
def test_where_nobody_can_tell_a_file_that_is_whole_after_each_page_waits_longer(
    desk: Desk, name: str
) -> None:
    inbox, path = desk.watch(), desk.inbox_folder / name
    for count in (1, 2):
        if name == "1.tif":
            path.write_bytes(tiff(count))
        else:
            more = scanned_pdf(desk.folder / "whole.pdf", [jpeg(one) for one in pages(count)])
            path.write_bytes(more.read_bytes())
        assert desk.look(inbox, 13, every=2.0) == 0, "26 seconds"
    assert desk.look(inbox, int(PAGE_WAIT / EVERY) + 1) == 1
    assert desk.told[0].received is not None
    assert desk.told[0].received.ledger.pages_in == 2


def test_a_file_that_is_made_empty_and_filled_after_a_pause_comes_in_whole(desk: Desk) -> None:
    inbox, path = desk.watch(), desk.put("1.jpg", b"")
    assert desk.look(inbox, 13, every=2.0) == 0
    path.write_bytes(EMPTY)
    assert desk.look(inbox, 3) == 1
    assert desk.told[0].received is not None


@pytest.mark.parametrize("content", [b"", b"%PDF-1.4\n1 0 obj\n<<"], ids=["empty", "cut off"])
def test_a_file_that_never_gets_its_end_is_told_once_and_stays(desk: Desk, content: bytes) -> None:
    inbox, path = desk.watch(), desk.put("1.pdf", content)
    assert desk.look(inbox, int(UNFINISHED_WAIT / EVERY) - 1) == 0
    assert desk.told == []
    desk.long(inbox)
    desk.long(inbox)
    assert [type(one.error) for one in desk.told] == [ScanUnusable]
    assert path.read_bytes() == content
    assert desk.lying() == ["1.pdf"]
    assert inbox.unsettled() == 0
    path.write_bytes(EMPTY)
    assert desk.look(inbox, 3) == 1, "written anew it is another file"


def test_a_name_for_the_time_of_writing_is_not_looked_at(desk: Desk) -> None:
    inbox, path = desk.watch(), desk.put("1.jpg.tmp")
    desk.long(inbox)
    path.rename(desk.inbox_folder / "1.jpg")
    assert desk.look(inbox, 2) == 0
    assert desk.look(inbox) == 1


def test_a_file_replaced_by_another_of_its_name_is_looked_at_anew(desk: Desk) -> None:
    inbox, path = desk.watch(), desk.put("1.jpg")
    desk.look(inbox, 2)
    other = desk.put("2.jpg", EMPTY)
    os.utime(other, ns=(path.stat().st_atime_ns, path.stat().st_mtime_ns))
    found = inbox.still()
    assert [one.name for one in found] == ["1.jpg"]
    other.replace(path)
    assert inbox.take(desk.station, desk.told.append, found) == 0, "between the look and the taking"
    assert desk.look(inbox, 2) == 0
    assert desk.look(inbox, 2) == 1


# --- what was taken ---------------------------------------------------------------------------------------


def test_a_file_lies_aside_until_its_batch_is_settled(desk: Desk) -> None:
    inbox = desk.watch()
    desk.put("1.jpg", WRITTEN)
    assert desk.look(inbox, 3) == 1
    assert (desk.lying(), desk.told[0].lies_aside) == ([f"{ASIDE}/1.jpg"], True)
    desk.put("1.jpg", jpeg(picture(seed=9)))  # the scanner counts from one again
    assert desk.look(inbox, 3) == 1
    assert desk.lying() == [f"{ASIDE}/1.jpg"] * 2
    assert inbox.unsettled() == 0
    page = batches_and_pages(desk.made)[0][1][0].id
    decide(desk.station, [page], "rejected", "not_wanted")
    again = desk.watch()
    again.still()
    again.tend(desk.station)
    assert desk.lying() == [f"{ASIDE}/1.jpg"], "the other still waits"
    assert [one.error for one in desk.told] == [None, None]
    desk.sound()


@pytest.mark.usefixtures("nobody_can_tell")
def test_a_file_that_is_written_on_is_received_again_whole_and_the_first_batch_says_so(desk: Desk) -> None:
    inbox = desk.watch()
    with (desk.inbox_folder / "1.tif").open("wb") as scanner:
        write_on(scanner, tiff(1))
        assert desk.look(inbox, 5) == 1
        (aside,) = (desk.inbox_folder / ASIDE).iterdir()
        write_on(scanner, tiff(2))
        assert desk.look(inbox, 3) == 0
        assert desk.look(inbox, 4) == 1
    assert [one.whole_of for one in desk.told] == [None, 1]
    lines = overview(desk.station).batches
    assert [(one.id, one.whole_in) for one in reversed(lines)] == [(1, 2), (2, None)]
    first, *_ = waiting(desk.station)
    assert first.sentence.endswith("；这一批是没写完的文件，完整的见第 2 批")
    for _, rows in batches_and_pages(desk.made):
        decide(desk.station, [row.id for row in rows], "rejected", "not_wanted")
    again = desk.watch()
    desk.look(again, 6)
    assert not aside.exists()
    desk.sound()


@pytest.mark.usefixtures("nobody_can_tell")
def test_bytes_that_changed_are_never_removed(desk: Desk) -> None:
    """The batch is settled; the file is another one, though its size and time say nothing of it."""
    large = jpeg(Image.new("L", (2480, 3508), 255))
    other = large[:2000] + bytes([large[2000] ^ 1]) + large[2001:]
    assert len(large) > 8000
    inbox = desk.watch()
    desk.put("1.jpg", large)
    assert desk.look(inbox, 3) == 1
    (aside,) = (desk.inbox_folder / ASIDE).iterdir()
    facts = aside.stat()
    aside.write_bytes(other)
    os.utime(aside, ns=(facts.st_atime_ns, facts.st_mtime_ns))
    desk.look(inbox, 6)
    taken = [one.sha256 for one, _ in batches_and_pages(desk.made)]
    assert taken == [hashlib.sha256(content).hexdigest() for content in (large, other)]


def test_a_settled_batch_does_not_take_other_bytes_with_it(desk: Desk) -> None:
    inbox = desk.watch()
    desk.put("1.jpg", WRITTEN)
    assert desk.look(inbox, 3) == 1
    decide(desk.station, [batches_and_pages(desk.made)[0][1][0].id], "rejected", "not_wanted")
    (aside,) = (desk.inbox_folder / ASIDE).iterdir()
    aside.write_bytes(EMPTY)
    again = desk.watch()
    again.still()
    again.tend(desk.station)
    assert aside.read_bytes() == EMPTY
    assert desk.look(again, 3) == 1, "it is received again first"
    assert not aside.exists()


@pytest.mark.usefixtures("nobody_can_tell")
def test_nothing_signed_is_lost_when_a_stack_is_taken_half_written(desk: Desk) -> None:
    whole = (desk.folder / INCOMING).read_bytes()
    (desk.folder / INCOMING).unlink()
    half = PdfWriter()
    for page in PdfReader(io.BytesIO(whole)).pages[:2]:
        half.add_page(page)
    first = io.BytesIO()
    half.write(first)
    inbox = desk.watch()
    with (desk.inbox_folder / "1.pdf").open("wb") as scanner:
        write_on(scanner, first.getvalue())
        assert desk.look(inbox, 5) == 1
        write_on(scanner, whole)
        assert desk.look(inbox, 7) == 1
    (_, one), (_, two) = batches_and_pages(desk.made)
    assert [row.state for row in one] == ["waiting", "filed"]
    assert [(row.state, row.reason) for row in two] == [
        ("duplicate", "twice"), ("duplicate", "twice"), ("blank", None), ("filed", None),
        ("waiting", "no_code"),
    ]  # fmt: skip
    assert pictures_in(whole) <= recoverable(desk.made, Path("none"))
    desk.sound()


def test_a_batch_torn_off_by_a_change_ends_with_the_pages_it_has(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Written on while its pages come in: refused, received again, and the first is no open end."""
    inbox, kept = desk.watch(), receiving._keep_copy
    desk.put("1.tif", tiff(2))

    def growing(*arguments: object) -> None:
        kept(*arguments)  # type: ignore[arg-type]  # handed on
        arguments[2].write_bytes(tiff(3))  # type: ignore[attr-defined]  # a Path

    monkeypatch.setattr(receiving, "_keep_copy", growing)
    assert desk.look(inbox, 6) == 0
    assert [type(one.error) for one in desk.told] == [InputRefused]
    assert desk.states() == ["receiving"]
    monkeypatch.undo()
    assert desk.long(inbox) == 1
    assert desk.states() == ["open", "open"]
    with desk.made.archive.looking(desk.made.records) as unit:
        assert successors(unit) == {1: 2}
        assert [len(pages_in(unit, one.id)) for one in reversed(batches(unit))] == [2, 3]
    desk.sound()


# --- after a crash, and beside others ---------------------------------------------------------------------


def crashed(desk: Desk, monkeypatch: pytest.MonkeyPatch, where: str) -> None:
    """The program ends at this step of receiving."""

    def end(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(receiving if where in ("complete", "settle") else module, where, end)
        with pytest.raises(KeyboardInterrupt):
            desk.long(desk.watch())


@pytest.mark.parametrize("where", ["take_in", "complete", "settle"])
def test_the_next_watch_goes_on_with_what_lies_aside(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    desk.put("1.tif", tiff(2))
    crashed(desk, monkeypatch, where)
    assert desk.lying() == [f"{ASIDE}/1.tif"]
    inbox = desk.watch()
    desk.long(inbox)
    ((batch, rows),) = batches_and_pages(desk.made)
    assert (batch.state, len(rows)) == ("open", 2)
    assert [one.error for one in desk.told] == [None] * len(desk.told)
    decide(desk.station, [row.id for row in rows], "rejected", "not_wanted")
    again = desk.watch()
    again.still()
    again.tend(desk.station)
    assert desk.lying() == []
    desk.sound()


def test_two_windows_watch_one_folder(desk: Desk) -> None:
    one, two = desk.watch(), desk.watch()
    desk.put("1.jpg")
    desk.put("2.jpg", WRITTEN)
    for inbox in (one, two, one, two):
        inbox.still()
    found, also = one.still(), two.still()
    assert found == also
    assert one.take(desk.station, desk.told.append, found) == 2
    assert two.take(desk.station, desk.told.append, also) == 0
    assert desk.look(two, 20) == 0
    assert [one.error for one in desk.told] == [None, None]
    assert len(desk.states()) == 2


def test_a_second_window_that_receives_queues_and_says_so_once(desk: Desk) -> None:
    said: list[str] = []
    waited: list[float] = []
    with contextlib.ExitStack() as first:
        first.enter_context(locked(desk.made.layout.data / "scan"))

        def pause(seconds: float) -> None:
            waited.append(seconds)
            if len(waited) == 3:
                first.close()

        turn = Turn(said.append, pause, lambda: desk.now)
        path = desk.put("1.jpg")
        assert receive(desk.station, path, turn=turn).ledger.pages_in == 1
    assert said == ["另一个窗口正在接收扫描件，排队等候……"]
    assert len(waited) == 3


def test_a_window_that_never_ends_is_not_waited_for_for_ever(desk: Desk) -> None:
    def pause(seconds: float) -> None:
        desk.now += 100

    path = desk.put("1.jpg")
    turn = Turn(lambda _: None, pause, lambda: desk.now)
    with locked(desk.made.layout.data / "scan"), pytest.raises(StoreUnusable, match="没有再等"):
        receive(desk.station, path, turn=turn)
    assert path.exists()
    assert desk.now >= LONGEST_WAIT


# --- odd folders and names --------------------------------------------------------------------------------


@pytest.mark.parametrize("content", [EMPTY, b"text"], ids=["scan", "no scan"])
@pytest.mark.parametrize(
    "name",
    ["样例 #1 (2).jpg", "0123456789ab-x.jpg", "..jpg", "-rf.jpg", "长" * 83 + ".jpg"],
    ids=["blank", "like a tag", "dots", "dash", "long"],
)
def test_odd_names_go_aside_and_come_back(desk: Desk, name: str, content: bytes) -> None:
    inbox = desk.watch()
    desk.put(name, content)
    desk.look(inbox, 7)
    (told,) = desk.told
    assert (told.received is None) == (content == b"text")
    assert (told.name[:5], told.name[-4:]) == (name[:5], ".jpg")
    if told.received is None:
        (left,) = desk.inbox_folder.iterdir()
        assert (left.read_bytes(), left.name[:5]) == (content, name[:5])
    else:
        assert desk.lying() == []


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such names")
def test_a_name_with_a_line_break(desk: Desk) -> None:
    inbox = desk.watch()
    desk.put("样\n例.jpg")
    assert desk.look(inbox, 3) == 1
    assert desk.told[0].name == "样\n例.jpg"


def test_what_comes_back_takes_no_other_files_name(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    inbox, real = desk.watch(), module.take_in
    desk.put("1.jpg", b"text")

    def meanwhile(*arguments: object) -> object:
        desk.put("1.jpg", EMPTY)
        return real(*arguments)  # type: ignore[arg-type]  # handed on

    monkeypatch.setattr(module, "take_in", meanwhile)
    desk.look(inbox, 6)
    monkeypatch.undo()
    assert desk.lying() == ["1 (2).jpg", "1.jpg"]
    desk.look(inbox, 3)
    assert desk.lying() == ["1 (2).jpg"]


def test_a_folder_that_cannot_be_written_is_told_once_and_nothing_is_received(desk: Desk) -> None:
    (desk.inbox_folder / ASIDE).write_bytes(b"in the way")
    inbox = desk.watch()
    desk.put("1.jpg")
    desk.look(inbox, 10)
    (told,) = desk.told
    assert told.error is not None
    assert told.error.hint.endswith("只读的文件夹请用 kangdang scan add --keep 接收。")
    assert desk.states() == []
    assert desk.lying() == ["1.jpg", ASIDE]


def test_what_somebody_put_into_the_folder_himself_is_received_too(desk: Desk) -> None:
    (desk.inbox_folder / ASIDE).mkdir()
    desk.put(f"{ASIDE}/自己放的.jpg")
    inbox = desk.watch()
    assert desk.look(inbox, 3) == 1
    assert desk.told[0].name == "自己放的.jpg"
    assert desk.lying() == []


def test_the_folder_goes_away_and_comes_back(desk: Desk) -> None:
    inbox, away = desk.watch(), desk.folder / "away"
    desk.put("1.jpg")
    desk.look(inbox, 2)
    desk.inbox_folder.rename(away)
    with pytest.raises(InputRefused, match="收件文件夹"):
        inbox.still()
    away.rename(desk.inbox_folder)
    found = inbox.still()
    desk.inbox_folder.rename(away)
    assert inbox.take(desk.station, desk.told.append, found) == 0
    away.rename(desk.inbox_folder)
    assert desk.look(inbox, 4) == 1
    assert [one.error for one in desk.told] == [None]


# --- one file by hand -------------------------------------------------------------------------------------


@pytest.mark.skipif(sys.platform not in ("linux", "win32"), reason="no system call tells who has a file open")
def test_add_leaves_a_file_alone_that_somebody_writes(desk: Desk) -> None:
    path = desk.put("1.jpg")
    with path.open("ab"):
        assert held_by_another(path) is True
        with pytest.raises(InputRefused, match="打开着"):
            receive(desk.station, path)
    assert held_by_another(path) is False
    assert desk.states() == []
    assert receive(desk.station, path).doubt is None
    assert not path.exists()


def test_add_says_that_a_file_has_no_end_and_leaves_it(desk: Desk) -> None:
    path = desk.put("1.tif", tiff(3)[:-3000])
    told = receive(desk.station, path)
    assert told.doubt is not None
    assert "可能没写完" in told.doubt
    assert path.exists()


def test_add_does_not_remove_what_changed_at_the_last_moment(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, real = desk.put("1.jpg"), receiving._doubt

    def grows(one: Path) -> str | None:
        one.write_bytes(WRITTEN)
        return real(one)

    monkeypatch.setattr(receiving, "_doubt", grows)
    told = receive(desk.station, path)
    assert told.doubt is not None
    assert "又变了" in told.doubt
    assert path.read_bytes() == WRITTEN


def test_a_file_that_holds_a_program_is_told_and_stays_in_the_inbox(desk: Desk) -> None:
    writer = PdfWriter(clone_from=scanned_pdf(desk.folder / "plain.pdf", [EMPTY]))
    writer.root_object[NameObject("/OpenAction")] = DictionaryObject(
        {NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject("app.alert(1)")}
    )
    raw = io.BytesIO()
    writer.write(raw)
    inbox = desk.watch()
    desk.put("1.pdf", raw.getvalue())
    assert desk.look(inbox, 5) == 0
    (told,) = desk.told
    assert isinstance(told.error, ProgramInside)
    assert "JavaScript" in told.error.message
    assert desk.lying() == ["1.pdf"]
    assert desk.states() == []
    received = receive(desk.station, desk.inbox_folder / "1.pdf", with_programs=True)
    assert received.programs == ("javascript",)
    with desk.made.archive.looking(desk.station.actor) as unit:
        assert marked_batches(unit) == {received.batch.id: ("javascript",)}
    desk.sound()

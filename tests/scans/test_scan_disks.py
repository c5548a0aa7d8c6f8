"""Full, read-only, locked, shared: receiving ends with a sentence, loses nothing, and goes on later."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from archives.errors import AlreadyThere, InputRefused, StoreUnusable
from archives.ports import system
from archives.scans.quarantine import clear_scans
from archives.store.gate import Gate
from desk.entry.durable import locked
from desk.station.opening import OpenStation
from desk.station.scanning import receiving
from desk.station.scanning.receiving import receive
from generator.errors import ScanUnusable
from generator.reading.container import BadPage, SourcePage
from tests.archives.making import Station
from tests.scans.killed import INCOMING, facts_of, opened, prepare
from tests.scans.sound import (
    batches_and_pages,
    desk_of,
    findings,
    ledgers_wrong,
    recoverable,
    scans_of,
)

ROOT = Path(__file__).parents[2]
MEGABYTE = 1_000_000


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A station whose papers are out, and a stack of five pages of two persons."""
    folder = tmp_path_factory.mktemp("papers") / "template"
    prepare(folder)
    return folder


@pytest.fixture
def place(template: Path, tmp_path: Path) -> Path:
    return shutil.copytree(template, tmp_path / "a")


def mount(*arguments: str) -> bool:
    program = shutil.which("mount")
    if program is None or not hasattr(os, "geteuid") or os.geteuid() != 0:
        return False
    return subprocess.run([program, *arguments], capture_output=True, check=False).returncode == 0


@contextmanager
def small_disk(folder: Path, size: int) -> Iterator[Path]:
    """A real file system of so many bytes."""
    folder.mkdir()
    if not mount("-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)):
        pytest.skip("a small file system can only be mounted by root: a full disk is not tried")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def used(folder: Path) -> int:
    return sum((path.stat().st_size + 4095) // 4096 * 4096 for path in folder.rglob("*"))


def desk(made: Station, folder: Path) -> OpenStation:
    return desk_of(made, facts_of(folder)[0])


def nothing_lost(made: Station, folder: Path) -> None:
    master, _, hashes, _ = facts_of(folder)
    assert findings(made, master) == []
    assert ledgers_wrong(made) == []
    assert set(hashes) <= recoverable(made, folder / INCOMING)


def came_home(made: Station, folder: Path) -> None:
    """The stack is received, its whole print filed once, nothing else."""
    _, _, hashes, (one, _) = facts_of(folder)
    nothing_lost(made, folder)
    assert scans_of(made) == [(one, 1, "scan", (hashes[3], hashes[1]))]
    ((batch, rows),) = batches_and_pages(made)
    assert (batch.state, batch.pages_in) == ("open", 5)
    assert [row.state for row in rows] == ["waiting", "filed", "blank", "filed", "waiting"]


@pytest.mark.parametrize(
    "room", [0.1, 1.6, *(pytest.param(one, marks=pytest.mark.slow) for one in (0.9, 2.2))]
)
def test_a_full_disk_loses_nothing_and_reception_goes_on(template: Path, tmp_path: Path, room: float) -> None:
    with small_disk(tmp_path / "small", used(template) + 700_000) as disk:
        folder = shutil.copytree(template, disk / "a")
        free = shutil.disk_usage(disk).free
        assert mount("-o", f"remount,size={int(used(folder) + 40_000 + room * MEGABYTE)}", str(disk)), free
        before = (folder / INCOMING).read_bytes()
        made = opened(folder, 5)
        with pytest.raises(StoreUnusable) as told:
            receive(desk(made, folder), folder / INCOMING)
        assert "满" in told.value.message or "磁盘" in told.value.hint, told.value.message
        assert (folder / INCOMING).read_bytes() == before
        made.archive.close()
        assert mount("-o", "remount,size=40m", str(disk))
        made = opened(folder, 6)
        nothing_lost(made, folder)
        with contextlib.suppress(AlreadyThere):  # full only while its prints were filed: every page is safe
            assert receive(desk(made, folder), folder / INCOMING).ledger.pages_in == 5
        came_home(made, folder)
        made.archive.close()


def test_a_read_only_data_folder(template: Path, tmp_path: Path) -> None:
    with small_disk(tmp_path / "small", 40 * MEGABYTE) as disk:
        folder = shutil.copytree(template, disk / "a")
        incoming = Path(shutil.copy(folder / INCOMING, tmp_path / "incoming.pdf"))
        made = opened(folder, 5)
        records = desk(made, folder)
        assert mount("-o", "remount,ro", str(disk))
        with pytest.raises(StoreUnusable):
            receive(records, incoming)
        clear_scans(made.archive, system("test"))  # keeps nobody from opening
        assert incoming.exists()
        assert mount("-o", "remount,rw", str(disk))
        assert receive(records, incoming).ledger.pages_in == 5
        came_home(made, folder)
        made.archive.close()


def test_a_file_that_cannot_be_removed_is_received_once(place: Path, tmp_path: Path) -> None:
    with small_disk(tmp_path / "stick", 4 * MEGABYTE) as stick:
        shutil.copy(place / INCOMING, stick / "incoming.pdf")
        assert mount("-o", "remount,ro", str(stick))
        made = opened(place, 5)
        assert receive(desk(made, place), stick / "incoming.pdf").ledger.pages_in == 5
        assert (stick / "incoming.pdf").exists()
        with pytest.raises(AlreadyThere):
            receive(desk(made, place), stick / "incoming.pdf")
        came_home(made, place)
        made.archive.close()


HOLDER = """
import sys
from pathlib import Path
from archives.store.gate import Gate
with Gate(Path(sys.argv[1])).hold():
    print("held", flush=True)
    sys.stdin.read()
"""


def test_another_process_holds_the_database(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = opened(place, 5)
    lock = made.layout.database.with_suffix(".lock")
    assert made.archive.data.gate is not None
    monkeypatch.setattr(made.archive.data, "gate", Gate(lock, 0.2))
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(lock)], cwd=ROOT, text=True, stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as other:  # fmt: skip
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        with pytest.raises(StoreUnusable, match="占用"):
            receive(desk(made, place), place / INCOMING)
        assert (place / INCOMING).exists()
        other.communicate("")
    assert receive(desk(made, place), place / INCOMING).ledger.pages_in == 5
    came_home(made, place)
    made.archive.close()


def together(folder: Path, *names: str) -> list[str]:
    """What processes started at once say at their end."""
    command = [sys.executable, "-m", "tests.scans.receiving_once", str(folder), "50"]
    subprocess.run([*command, *(str(folder / name) for name in names)], cwd=ROOT, check=True)
    said = [folder / f"said-{seed}" for seed in range(50, 50 + len(names))]
    told = [path.read_text(encoding="utf-8") for path in said]
    for path in said:
        path.unlink()
    return [words.splitlines()[-1] for words in told]


def test_two_processes_receive_the_same_file(place: Path) -> None:
    told = together(place, INCOMING, INCOMING)
    assert sum(words == "RECEIVED 5" for words in told) == 1, told
    (other,) = [words for words in told if words != "RECEIVED 5"]
    assert other.split()[0] in ("StoreUnusable", "AlreadyThere", "InputRefused", "ScanUnusable"), other
    assert "。" in other
    made = opened(place, 9)
    came_home(made, place)
    made.archive.close()


def test_two_processes_receive_different_files(place: Path) -> None:
    """The same pages scanned twice: whoever is second has duplicates, in whichever order they come."""
    again = (place / INCOMING).read_bytes() + b"\n% the same stack in another file\n"
    (place / "desk/again.pdf").write_bytes(again)
    told = together(place, INCOMING, "desk/again.pdf")
    assert any(words == "RECEIVED 5" for words in told), told
    assert all(words == "RECEIVED 5" or words.startswith("StoreUnusable 现在不能") for words in told), told
    made = opened(place, 9)
    for name in (INCOMING, "desk/again.pdf"):
        if (place / name).exists():
            receive(desk(made, place), place / name)
    _, _, hashes, (one, _) = facts_of(place)
    nothing_lost(made, place)
    assert scans_of(made) == [(one, 1, "scan", (hashes[3], hashes[1]))]
    states = sorted([row.state for row in rows] for _, rows in batches_and_pages(made))
    assert states == [
        ["duplicate", "duplicate", "blank", "duplicate", "waiting"],
        ["waiting", "filed", "blank", "filed", "waiting"],
    ]
    made.archive.close()


def test_a_second_window_is_told_while_the_first_receives(place: Path) -> None:
    made = opened(place, 5)
    with locked(made.layout.data / "scan"), pytest.raises(StoreUnusable, match="另一个窗口"):
        receive(desk(made, place), place / INCOMING)
    assert receive(desk(made, place), place / INCOMING).ledger.pages_in == 5
    made.archive.close()


def test_a_file_that_changes_between_the_pages_leaves_no_page_out(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Written over while it comes in: it ends early this time, and nothing of that is put down as a page."""
    path, whole = place / INCOMING, (place / INCOMING).read_bytes()
    made = opened(place, 5)
    first = receiving._from_first

    def torn(coming: Iterator[SourcePage | BadPage]) -> Iterator[SourcePage | BadPage]:
        pages = first(coming)
        yield next(pages)
        yield next(pages)
        path.write_bytes(whole[: len(whole) // 2])
        raise ScanUnusable("torn")

    monkeypatch.setattr(receiving, "_from_first", torn)
    with pytest.raises(InputRefused, match="改动"):
        receive(desk(made, place), path)
    monkeypatch.undo()
    assert [len(rows) for _, rows in batches_and_pages(made)] == [2]
    path.write_bytes(whole)
    assert receive(desk(made, place), path).resumed
    came_home(made, place)
    made.archive.close()


# --- order of system calls --------------------------------------------------------------------------------


def test_the_incoming_file_goes_after_everything_is_on_the_disk(place: Path, tmp_path: Path) -> None:
    strace = shutil.which("strace")
    if strace is None:
        pytest.skip("strace is not installed: the order of system calls is not looked at")
    trace = tmp_path / "trace"
    calls = "trace=fsync,fdatasync,rename,renameat,renameat2,write,pwrite64,unlink,unlinkat"
    command = [strace, "-f", "-y", "-s", "32", "-o", str(trace), "-e", calls, sys.executable, "-m",
               "tests.scans.receiving_once", str(place), "77", str(place / INCOMING)]  # fmt: skip
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    if done.returncode and "ptrace" in done.stderr:
        pytest.skip("tracing is not allowed here: the order of system calls is not looked at")
    assert done.returncode == 0, done.stderr[-2000:]
    lines = trace.read_text(errors="replace").splitlines()
    begun, said = line_of(lines, "write(1", "BEGIN-RECEIVE"), line_of(lines, "write(1", "RECEIVED 5")
    gone = line_of(lines, "unlink", "incoming.pdf")
    assert begun < gone < said
    synced_between(lines, begun, gone, "kangdang.db-wal")
    synced_between(lines, begun, gone, "keys.db-wal")
    renames = [at for at in range(begun, gone) if "rename" in lines[at] and "/blobs/" in lines[at]]
    assert len(renames) >= 1 + 5 + 1, "the copy in quarantine, five pages, one document"
    for at in renames:
        name = lines[at].split('"')[1]
        assert any("fsync(" in line and name in line for line in lines[begun:at]), "content before name"
        folder = name.rpartition("/")[0]
        committed = next(n for n in range(at, gone) if "kangdang.db-wal" in lines[n] and "sync(" in lines[n])
        folder_synced = [line for line in lines[at:committed] if "fsync(" in line and f"{folder}>" in line]
        assert folder_synced, "name before row"
    assert any("fsync(" in line and "/desk>" in line for line in lines[gone:said]), "the removal itself"


def line_of(lines: list[str], *words: str) -> int:
    return next(at for at, line in enumerate(lines) if all(word in line for word in words))


def synced_between(lines: list[str], begun: int, gone: int, name: str) -> None:
    """The journal was synced after its last write."""
    written = [at for at in range(begun, gone) if "pwrite64(" in lines[at] and name in lines[at]]
    synced = [at for at in range(begun, gone) if "sync(" in lines[at] and name in lines[at]]
    assert written
    assert synced
    assert synced[-1] > written[-1], f"{name} was written after its last sync"

"""The process is killed (SIGKILL) at every write point of backing up, restoring and migrating."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from archives.home import open_archive
from archives.keeping.check import check
from archives.keeping.rebuild import source_of
from archives.settings import Layout, read_settings
from tests.archives.making import seeded
from tests.forked import forked
from tests.keeping.making import Whole, fill, whole
from tests.keeping.test_backup import backed_up, proved

pytestmark = pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="SIGKILL is not of this system")


Run = Callable[[str, Path, int], tuple[int, list[str]]]


@pytest.fixture(scope="module")
def run() -> Iterator[Run]:
    """Run an act in a process of its own, killed at its n-th point (-1: not at all): (code, points)."""
    with forked("tests.keeping.killed") as call:

        def ended(act: str, folder: Path, number: int) -> tuple[int, list[str]]:
            told = call(act, folder, number)
            return told.code, told.out.split()

        yield ended


def points(run: Run, act: str, folder: Path) -> list[str]:
    code, seen = run(act, folder, -1)
    assert code == 0
    assert seen
    return seen


def chosen(seen: list[str], *, every: bool) -> list[int]:
    """First and last of each named point (between is the same step of another file); or a sample of them."""
    first = {name: at for at, name in reversed(list(enumerate(seen)))}
    last = {name: at for at, name in enumerate(seen)}
    return sorted({*first.values(), *last.values()})[:: 1 if every else 10]


ALL_OR_SOME = pytest.mark.parametrize("every", [False, pytest.param(True, marks=pytest.mark.slow)])


def make(folder: Path) -> Whole:
    folder.mkdir()
    return whole(folder, records=1, documents=1)


@ALL_OR_SOME
def test_a_killed_backup_leaves_the_one_before_and_runs_again(tmp_path: Path, run: Run, every: bool) -> None:
    make(tmp_path / "count").made.archive.close()
    seen = points(run, "backup", tmp_path / "count")
    kinds = {name.partition(":")[0] for name in seen}
    assert {"backup.database", "backup.keys", "backup.blob", "backup.manifest", "backup.set"} <= kinds
    station = make(tmp_path / "a")
    before = backed_up(station, tmp_path / "a")
    for count, number in enumerate(chosen(seen, every=every)):
        fill(station, 0, 1)
        station.made.clock.pass_days(1)
        code, reached = run("backup", tmp_path / "a", number)
        assert code in (0, -signal.SIGKILL), reached
        after = (
            source_of(tmp_path / "a/b-data", tmp_path / "a/b-keys") if whole_pair(tmp_path / "a") else before
        )
        assert after.data_manifest.made_at >= before.data_manifest.made_at
        if count % 8 == 0:
            assert run("backup", tmp_path / "a", -1)[0] == 0
            proof = proved(station, source_of(tmp_path / "a/b-data", tmp_path / "a/b-keys"), tmp_path)
            assert proof.ok, reached
    assert run("backup", tmp_path / "a", -1)[0] == 0
    assert proved(station, source_of(tmp_path / "a/b-data", tmp_path / "a/b-keys"), tmp_path).ok
    assert station.check().ok


def whole_pair(folder: Path) -> bool:
    """Whether the newest keys are as new as the newest data: a kill between the two leaves older keys."""
    from archives.keeping.manifest import newest_set, read_manifest

    data = read_manifest(newest_set(folder / "b-data", "data"))
    keys = read_manifest(newest_set(folder / "b-keys", "keys"))
    return keys.made_at >= data.made_at


@ALL_OR_SOME
def test_a_killed_restore_leaves_nothing_or_everything_and_runs_again(
    tmp_path: Path, run: Run, every: bool
) -> None:
    station = make(tmp_path / "a")
    backed_up(station, tmp_path / "a")
    seen = points(run, "restore", tmp_path / "a")
    assert {"restore.file:synced", "restore.folder:renamed", "restore.apply:committed"} <= set(seen)
    for number in chosen(seen, every=every):
        remove(tmp_path / "a")
        code, reached = run("restore", tmp_path / "a", number)
        assert code == -signal.SIGKILL, reached
        home = tmp_path / "a/new"
        if not home.exists():
            assert run("restore", tmp_path / "a", -1)[0] == 0, reached
        assert sound(station, Layout(home, tmp_path / "a/new-keys")), reached


def remove(folder: Path) -> None:
    import shutil

    for name in ("new", "new-keys"):
        shutil.rmtree(folder / name, ignore_errors=True)


def sound(station: Whole, layout: Layout) -> bool:
    archive = open_archive(layout, read_settings(layout.home), station.master, station.made.clock, seeded(5))
    try:
        return check(archive, layout, station.made.admin, station.master).ok
    finally:
        archive.close()

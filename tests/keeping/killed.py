"""Runs one act of keeping and kills itself at its n-th write point: ``killed ACT FOLDER N``."""

from __future__ import annotations

import os
import signal
import sys
from datetime import datetime, timedelta
from pathlib import Path

from archives.keeping.backup import back_up_data, back_up_keys
from archives.keeping.rebuild import source_of
from archives.keeping.restore import restore, unlock
from archives.settings import Layout, layout_of, read_settings
from archives.store import points
from tests.archives.making import SHANGHAI
from tests.keeping.making import PASSWORD
from tests.keeping.media import media, there


def watch(number: int) -> None:
    count = 0

    def reached(point: str) -> None:
        nonlocal count
        print(point, flush=True)
        if count == number:
            os.kill(os.getpid(), signal.SIGKILL)
        count += 1

    points.observe(reached)


def moment(folder: Path) -> datetime:
    """Later than every set there."""
    last = sorted(path.name for path in folder.glob("b-*/sets/2*"))[-1:]
    start = datetime.fromisoformat(last[0][:15]) if last else datetime(2026, 11, 22, 9)
    return start.replace(tzinfo=SHANGHAI) + timedelta(hours=1)


def backup(folder: Path) -> None:
    settings = read_settings(folder / "home")
    layout = layout_of(folder / "home", settings)
    now = moment(folder)
    back_up_data(layout, settings, there(folder / "b-data"), now, "0", media())
    back_up_keys(layout, settings, there(folder / "b-keys"), folder / "b-data", now, "0", media())


def bring_back(folder: Path) -> None:
    source = source_of(folder / "b-data", folder / "b-keys")
    master = unlock(source, "user1", PASSWORD)
    target = Layout(folder / "new", folder / "new-keys")
    restore(
        source, target, master, {}, lambda: datetime(2026, 11, 23, tzinfo=SHANGHAI), os.urandom, "test",
        live=True,
    )  # fmt: skip


def main(act: str, folder: str, number: str) -> None:
    """Run the act, killed at its n-th point (-1: not at all); prints the points it reaches."""
    watch(int(number))
    {"backup": backup, "restore": bring_back}[act](Path(folder))


if __name__ == "__main__":
    main(*sys.argv[1:])

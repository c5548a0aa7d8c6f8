"""Founds a station once for every write point and ends the process there; run as a program of its own.

python -m tests.station.killed FOLDER sample|all  →  prints the points, one a line; leaves FOLDER/0, /1 …
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from archives.store import points
from tests.keys.crashing import points_of
from tests.station.founding import found


def chosen(names: list[str], how: str) -> list[int]:
    """All points, or the last of every third name and of those after which the station is there."""
    last = sorted({name: i for i, name in enumerate(names)}.values())
    return list(range(len(names))) if how == "all" else sorted({*last[::3], *last[-2:]})


def killed_at(folder: Path, number: int) -> None:
    """Found a station in a child process that ends without a word at the point of that number."""
    child = os.fork()
    if child:
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
        return
    left = [number]

    def watch(_point: str) -> None:
        if left[0] == 0:
            os._exit(9)
        left[0] -= 1

    points.observe(watch)
    found(folder, seed=2)
    os._exit(0)


def main(folder: Path, how: str) -> None:
    with tempfile.TemporaryDirectory(dir=folder) as once:
        names = points_of(lambda: found(Path(once)))
    for number in chosen(names, how):
        place = folder / str(number)
        place.mkdir()
        killed_at(place, number)
        print(number, names[number], flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])

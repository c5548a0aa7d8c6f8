"""Receives one file in a process of its own and says how it ended: ``receiving_once FOLDER SEED FILE``.

More files: a process for each, all at once; what each says is in ``FOLDER/said-SEED``.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from archives.errors import ArchiveError
from desk.station.scanning.receiving import receive
from generator.errors import GeneratorError
from tests.scans.killed import facts_of, opened
from tests.scans.sound import desk_of


def say(word: str) -> None:
    os.write(1, word.encode() + b"\n")


def main(folder: Path, seed: int, path: Path) -> None:
    made = opened(folder, seed)
    say("BEGIN-RECEIVE")
    try:
        told = receive(desk_of(made, facts_of(folder)[0]), path)
        say(f"RECEIVED {told.ledger.pages_in}")
    except (ArchiveError, GeneratorError) as error:
        say(f"{type(error).__name__} {error.message}")
    made.archive.close()


def at_once(folder: Path, first_seed: int, paths: list[str]) -> None:
    """One process for each file, all started together (forks: what they import is there already)."""
    children = []
    for seed, path in enumerate(paths, start=first_seed):
        children.append(os.fork())
        if not children[-1]:
            os.dup2(os.open(folder / f"said-{seed}", os.O_WRONLY | os.O_CREAT, 0o600), 1)
            main(folder, seed, Path(path))
            os._exit(0)
    sys.exit(max(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children))


if __name__ == "__main__":
    if len(sys.argv) == 4:
        main(Path(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]))
    else:
        at_once(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3:])

"""Receives one file in a process of its own and says how it ended: ``receiving_once FOLDER SEED FILE``."""

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


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    made = opened(folder, int(sys.argv[2]))
    say("BEGIN-RECEIVE")
    try:
        told = receive(desk_of(made, facts_of(folder)[0]), Path(sys.argv[3]))
        say(f"RECEIVED {told.ledger.pages_in}")
    except (ArchiveError, GeneratorError) as error:
        say(f"{type(error).__name__} {error.message}")
    made.archive.close()

"""Receives a file of many pages and says how much memory it took on its way: ``long_file FOLDER PAGES``."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import psutil

from archives.store import points
from desk.station.scanning.receiving import receive
from tests.reading.files import scanned_pdf
from tests.scans.house import issue, jpegs, signed
from tests.scans.sound import build

MEGABYTE = 2**20


def memory() -> list[int]:
    """Of this process and of the one that takes the file into pages."""
    own = psutil.Process()
    return [one.memory_info().rss // MEGABYTE for one in (own, *own.children())]


def main(folder: Path, pages: int) -> None:
    house = build(folder)
    pictures = jpegs([signed(one) for one in issue(house.office, "record_e")])
    path = scanned_pdf(folder / "long.pdf", [pictures[number % 2] for number in range(pages)], dpi=150)
    told: dict[str, object] = {"bytes": path.stat().st_size}
    count = 0

    def watch(point: str) -> None:
        nonlocal count
        count += point == "scan.page:committed"
        if point == "scan.page:committed" and count in (50, pages):
            told[str(count)] = memory()

    points.observe(watch)
    begun = time.process_time()
    received = receive(house.as_role(), path)
    told["seconds"] = time.process_time() - begun
    told["ledger"] = [received.ledger.pages_in, received.ledger.filed, received.ledger.duplicate]
    print(json.dumps(told))
    house.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))

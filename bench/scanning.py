"""Scans come home: a scanned file read, stored, synced, read back and filed, through the real code.

A station with issued papers; a copier's file of all of them, signed, 300 dpi grey JPEG, crooked, some upside
down, shuffled.  One process; pages a second of wall clock and of processor time, and the memory it took.
"""

from __future__ import annotations

import resource
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from archives.scans.batches import ledger
from desk.station.scanning.receiving import receive
from tests.reading.files import scanned_pdf
from tests.scans.house import Paper, house, issue, signed
from tests.simulator import scanner

FORMS = (
    "record_e", "consent_a", "application_b", "needs_survey", "visit_record", "stage_assessment",
    "referral", "plan_d",
)  # fmt: skip
LEAST = 60


def stack(made: Any, count: int) -> list[Paper]:
    """Signed pages of first copies, two people's mixed, at least ``count``."""
    pages: list[Paper] = []
    while len(pages) < count:
        for number, form_id in enumerate(FORMS):
            copies = issue(made, form_id, file=made.other.file if number % 2 else None)
            first = copies[0].print_id
            pages += [
                signed(page, len(pages) + at) for at, page in enumerate(copies) if page.print_id == first
            ]
    random = np.random.default_rng(2026)
    return [pages[at] for at in random.permutation(len(pages))]


def scans(pages: list[Paper]) -> list[bytes]:
    """What the copier makes of them."""
    random = np.random.default_rng(7)
    made = []
    for page in pages:
        device = scanner.Device(
            skew=float(random.normal(0, 1)), scale=0.97, turn=int(random.choice([0, 0, 0, 2])), noise=3.0,
            quality=75,
        )  # fmt: skip
        made.append(scanner.scan(page.picture, device, random).data)
    return made


def measure() -> dict[str, Any]:
    """Pages a second from file to file."""
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        made = house(Path(folder), patch, None)  # type: ignore[arg-type]  # nothing is captured here
        pages = stack(made, LEAST)
        path = scanned_pdf(Path(folder) / "scan.pdf", scans(pages), dpi=300)
        receive(
            made.as_role("records"), scanned_pdf(Path(folder) / "warm.pdf", [scans(pages[:1])[0]], dpi=300)
        )
        wall, processor = time.perf_counter(), time.process_time()
        told = receive(made.as_role("records"), path)
        wall, processor = time.perf_counter() - wall, time.process_time() - processor
        with made.station.archive.looking(made.station.records) as unit:
            account = ledger(unit, told.batch.id)
        made.station.archive.close()
    return {
        "pages": account.pages_in,
        "filed": account.filed,
        "waiting": account.waiting,
        "questions": sum(one.questions for one in told.filed),
        "pages_per_second": round(len(pages) / wall, 1),
        "pages_per_processor_second": round(len(pages) / processor, 1),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }

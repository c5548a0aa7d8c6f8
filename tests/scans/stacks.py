"""Whole stacks through the real reception: what each page truly is, and what became of it."""

from __future__ import annotations

import hashlib
import zlib
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from sqlalchemy import select

from archives.items.documents import document_facts
from archives.scans.pages import PageFacts
from archives.store.tables import documents
from desk.station.scanning.receiving import receive
from tests.reading.files import picture, scanned_pdf
from tests.scans.house import Paper, empty, issue, rows
from tests.simulator import scanner
from tests.simulator.scanner import Corner
from tests.simulator.stack import PrintedPage, scanned
from tests.station.office import Office

FORMS = (
    "record_e", "consent_a", "application_b", "needs_survey", "visit_record", "stage_assessment",
    "referral", "plan_d", "evaluation_f", "closure_g", "risk_assessment", "privacy_consent",
)  # fmt: skip
KINDS = ("paper", "blank", "foreign", "double", "again")


@dataclass(frozen=True)
class Truth:
    """What a page of the stack is."""

    kind: str
    print_id: str = ""
    page: int = 0
    file: int = 0
    whole_codes: frozenset[Corner] = frozenset()


@dataclass
class Tally:
    """What became of the pages of many stacks."""

    pages: int = 0
    misfiled: list[str] = field(default_factory=list)
    lost: int = 0
    whole: int = 0
    """Pages of ours with an undamaged code, of which every sister page has one too."""
    filed: int = 0
    """Those of them that were filed without anybody."""
    left: Counter[str] = field(default_factory=Counter)
    """Kind and reason of everything else."""


def receive_stack(made: Office, folder: Path, seed: int, count: int) -> Tally:
    """Issue papers of two people, sign, wear, shuffle and scan them, and receive the file."""
    random = np.random.default_rng(seed)
    pages = _stack(made, random, count)
    streams, truths = [], []
    for number, (paper, truth) in enumerate(pages):
        data, truth_now = _copied(paper, truth, seed * 10_000 + number)
        streams.append(data)
        truths.append(truth_now)
    told = receive(made.as_role("records"), scanned_pdf(folder / f"{seed}.pdf", streams, dpi=300))
    assert told.ledger.adds_up
    return _tally(made, rows(made, told.batch.id), streams, truths)


def _stack(made: Office, random: np.random.Generator, count: int) -> list[tuple[Paper, Truth]]:
    stack: list[tuple[Paper, Truth]] = []
    while len(stack) < count:
        file = made.opened.file if random.random() < 0.5 else made.other.file
        copies = issue(made, str(random.choice(FORMS)), file=file)
        first = [one for one in copies if one.print_id == copies[0].print_id]
        stack += [(one, Truth("paper", one.print_id, one.page, file)) for one in first]
        if random.random() < 0.2:
            stack.append((empty(first[0]), Truth("blank")))
        if random.random() < 0.1:
            stack.append((_foreign(first[0], int(random.integers(1 << 30))), Truth("foreign")))
        if random.random() < 0.05 and len(first) > 1:
            both = np.vstack([first[0].picture[:1800], first[1].picture[1800:]])
            stack.append((Paper(0, "", 0, 0, both, ()), Truth("double")))
        if random.random() < 0.05:
            stack.append((first[0], Truth("again", first[0].print_id, 1, file)))
    return [stack[at] for at in random.permutation(len(stack))]


def _foreign(like: Paper, seed: int) -> Paper:
    height, width = like.picture.shape
    page = np.asarray(picture(width // 4, height // 4, seed))
    return Paper(0, "", 0, 0, np.kron(page, np.ones((4, 4), np.uint8))[:height, :width], ())


def _copied(paper: Paper, truth: Truth, seed: int) -> tuple[bytes, Truth]:
    if truth.kind not in ("paper", "again"):
        device = scanner.Device(skew=1.0, noise=3.0)
        return scanner.scan(paper.picture, device, np.random.default_rng(seed)).data, truth
    while True:  # black-and-white goes into a TIFF, not into this PDF
        own = zlib.crc32(f"{paper.print_id} {paper.page}".encode())  # a page scanned twice is one sheet
        page = scanned(PrintedPage(paper.picture, "", paper.entries, frozenset(), ""), seed, sheet_seed=own)
        if page.scan.media_type == "image/jpeg":
            break
        seed += 7_000_000
    return page.scan.data, Truth(truth.kind, truth.print_id, truth.page, truth.file, page.whole_codes)


def _tally(made: Office, pages: list[PageFacts], streams: list[bytes], truths: list[Truth]) -> Tally:
    told = Tally(pages=len(streams))
    hashes = [hashlib.sha256(stream).hexdigest() for stream in streams]
    told.lost = sum(row.sha256 != digest for row, digest in zip(pages, hashes, strict=True))
    damaged = {truth.print_id for truth in truths if truth.kind == "paper" and not truth.whole_codes}
    with made.station.archive.looking(made.station.records) as unit:
        for row, truth in zip(pages, truths, strict=True):
            if row.filed_as is not None:
                scan = document_facts(unit, row.filed_as)
                query = select(documents.c.of_document).where(documents.c.id == scan.id)
                home = document_facts(unit, unit.execute(query).scalar_one())
                right = (home.print_id, row.position, scan.file) == (truth.print_id, truth.page, truth.file)
                if not right:
                    told.misfiled.append(f"page {row.number}: {truth.kind}")
            if truth.kind == "paper" and truth.print_id not in damaged:
                told.whole += 1
                told.filed += row.state == "filed" or row.state == "duplicate"
                if row.state not in ("filed", "duplicate"):
                    told.left[f"{truth.kind}: {row.state} {row.reason}"] += 1
            else:
                told.left[f"{truth.kind}: {row.state} {row.reason or ''}".strip()] += 1
    return told


def together(tallies: list[Tally]) -> Tally:
    """One tally of many."""
    total = Tally()
    for one in tallies:
        total.pages += one.pages
        total.misfiled += one.misfiled
        total.lost += one.lost
        total.whole += one.whole
        total.filed += one.filed
        total.left += one.left
    return total

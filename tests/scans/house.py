"""An office whose papers are out: issued prints of two people, and scans of them as a copier sends them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from archives.items.documents import content_of, document_facts, sheet_of
from archives.items.records import Content, add_record
from archives.scans.batches import Ledger, ledger
from archives.scans.pages import PageFacts, pages_in
from desk.station.issuing import Look, issue_record
from generator.forms.catalogue import load_form
from generator.identity.page_map import PageMapEntry
from generator.identity.sheet import read_sheet
from generator.render import PrintOptions
from generator.resources import data_dir
from generator.typeset.fonts import FontSet, bundled_fonts
from tests.reading.files import scanned_pdf
from tests.simulator import pen, scanner
from tests.simulator.codes import page_pictures
from tests.simulator.pen import Grey
from tests.simulator.stack import place
from tests.station.office import Office, office

PLAIN = scanner.Device(dpi=150)
FORMS = ("record_e", "consent_a", "application_b")


@cache
def fonts() -> FontSet:
    """The bundled fonts."""
    return bundled_fonts()


@dataclass(frozen=True)
class Paper:
    """One issued page as it lies on the desk."""

    document: int
    print_id: str
    page: int
    pages: int
    picture: Grey = field(repr=False)
    entries: tuple[PageMapEntry, ...] = field(repr=False)


def house(folder: Path, monkeypatch: pytest.MonkeyPatch, capture: pytest.CaptureFixture[str]) -> Office:
    """The office of ``tests.station.office``; its papers are issued by ``issue``."""
    return office(folder, monkeypatch, capture)


def example(form_id: str) -> bytes:
    """A sound filled form; the record of a service is long enough for two pages."""
    raw = (data_dir("schemas") / "examples" / form_id / "valid-full.json").read_bytes()
    if form_id != "record_e":
        return raw
    answers = json.loads(raw)
    return json.dumps({**answers, "content": (answers["content"] * 3)[:750]}, ensure_ascii=False).encode()


def issue(
    made: Office, form_id: str, *, file: int | None = None, without: tuple[str, ...] = ()
) -> list[Paper]:
    """A record of the first person's file (of ``file``), issued; its pages, copy after copy."""
    answers = {name: said for name, said in json.loads(example(form_id)).items() if name not in without}
    content = Content(
        form_id, load_form(form_id).version, load_form(form_id).title, json.dumps(answers).encode(), "final",
        date(2026, 11, 1),
    )  # fmt: skip
    with made.station.archive.acting("test.record", made.station.worker) as unit:
        record = add_record(unit, file or made.opened.file, content)
    issued = issue_record(
        made.as_role("worker"), f"#{record}", Look(PrintOptions(), fonts()), made.folder / f"{record}.pdf"
    )
    assert issued.copies, issued.report
    return [paper for copy in issued.copies for paper in papers(made, copy.document)]


def papers(made: Office, document: int) -> list[Paper]:
    """The pages of an issued print."""
    with made.station.archive.looking(made.station.worker) as unit:
        facts = document_facts(unit, document)
        raw = sheet_of(unit, facts)
    assert raw is not None
    assert facts.print_id is not None
    entries = read_sheet(raw).page_map.entries
    pictures = page_pictures(content_of(made.station.archive, facts), pen.DPI)
    return [
        Paper(
            document, facts.print_id, number, facts.pages, picture.copy(),
            tuple(entry for entry in entries if entry.page == number),
        )
        for number, picture in enumerate(pictures, start=1)
    ]  # fmt: skip


def signed(paper: Paper, seed: int = 1) -> Paper:
    """The page with a signature in every room."""
    random = np.random.default_rng(seed)
    sheet, ink = paper.picture.copy(), pen.any_pen(random)
    for entry in paper.entries:
        if entry.kind == "signature":
            pen.signature(sheet, place(entry), random, ink)
    return Paper(paper.document, paper.print_id, paper.page, paper.pages, sheet, paper.entries)


def empty(like: Paper) -> Paper:
    """The blank back of a page."""
    return Paper(0, "", 0, 0, np.full_like(like.picture, 255), ())


def jpegs(stack: Iterable[Paper], device: scanner.Device = PLAIN, seed: int = 1) -> list[bytes]:
    """Each page as the copier's JPEG."""
    return [
        scanner.scan(paper.picture, device, np.random.default_rng(seed + number)).data
        for number, paper in enumerate(stack)
    ]


def stack_file(path: Path, stack: Sequence[Paper], device: scanner.Device = PLAIN, seed: int = 1) -> Path:
    """One PDF of all pages."""
    return scanned_pdf(path, jpegs(stack, device, seed), dpi=device.dpi)


def account(made: Office, batch: int) -> Ledger:
    """The ledger of a batch."""
    with made.station.archive.looking(made.station.records) as unit:
        return ledger(unit, batch)


def rows(made: Office, batch: int) -> list[PageFacts]:
    """The pages of a batch."""
    with made.station.archive.looking(made.station.records) as unit:
        return pages_in(unit, batch)


def reasons(made: Office, batch: int) -> list[str | None]:
    """Why each page of a batch waits, or None."""
    return [row.reason if row.state == "waiting" else None for row in rows(made, batch)]


def as_json(raw: bytes) -> object:
    """What JSON bytes say."""
    return json.loads(raw)

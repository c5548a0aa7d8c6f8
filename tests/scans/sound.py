"""A whole station whose papers are out, and what must hold of its scans whatever happened."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select, update

from archives.archive import Archive
from archives.errors import ItemUnreadable
from archives.home import open_archive
from archives.items.documents import content_of, document_facts
from archives.keeping.check import check
from archives.keeping.sealed_rows import opens
from archives.keys.bindings import CONTENT, PAGE, PART
from archives.people.files import accept
from archives.people.persons import PersonFacts, open_person
from archives.scans.batches import Batch, batches, ledger
from archives.scans.pages import PageFacts, pages_in, stream_of
from archives.scans.quarantine import original
from archives.settings import Layout, Settings, read_settings
from archives.store.tables import documents
from archives.store.tables_people import staff
from archives.store.tables_scans import scan_pages
from desk.station.opening import OpenStation
from generator.reading.binding import streams_of
from tests.archives.making import StandingClock, Station, _actors, seeded
from tests.keeping.making import Whole, whole
from tests.station.office import LOGINS, NAMES, Office

KEY_FILE = "page-code.key"


@dataclass
class House:
    """A station as ``init`` leaves it, with the files of two invented persons."""

    whole: Whole
    office: Office

    @property
    def archive(self) -> Archive:
        return self.whole.made.archive

    def as_role(self, role: str = "records") -> OpenStation:
        """The open station with this person logged in."""
        return desk_of(self.whole.made, self.whole.master, role)

    def close(self) -> None:
        self.archive.close()


def build(folder: Path) -> House:
    """Two persons: 样例甲 (accepted) and 样例乙."""
    made = whole(folder, records=0, documents=0)
    archive = made.made.archive
    with archive.acting("test.names", made.made.admin) as unit:
        for number, name in enumerate(NAMES, start=1):
            unit.execute(update(staff).where(staff.c.id == number).values(name=name))
    (made.layout.keys / KEY_FILE).write_text("5a" * 32, encoding="ascii")
    (made.layout.keys / KEY_FILE).chmod(0o600)
    with archive.acting("test.open", made.made.worker) as unit:
        one = open_person(unit, PersonFacts("样例甲", "男", "1990-05-17", "13900000001", None))
        two = open_person(unit, PersonFacts("样例乙", "女", "1985-02-03", None, None), another=True)
        number = accept(unit, one.file, date(2026, 11, 2), "GA-2026-0001")
    desk = folder / "desk"
    desk.mkdir()
    patch, capture = pytest.MonkeyPatch(), None
    office = Office(made.made, desk, one, two, number, patch, capture)  # type: ignore[arg-type]  # no CLI
    return House(made, office)


def reopened(folder: Path, master: bytes, seed: int) -> Station:
    """The station at ``folder`` opened by another process; ``seed`` is not one used before."""
    layout = Layout(folder / "home", folder / "keys")
    archive = open_archive(layout, own_settings(folder), master, StandingClock(), seeded(seed))
    return Station(archive, layout, archive.clock, _actors())  # type: ignore[arg-type]  # it is a StandingClock


def own_settings(folder: Path) -> Settings:
    """The settings of a copied station, its keys beside it."""
    return Settings(read_settings(folder / "home").station, str(folder / "keys"))


def desk_of(made: Station, master: bytes, role: str = "records") -> OpenStation:
    settings = Settings(made.archive.station, str(made.layout.keys))
    return OpenStation(
        made.archive, getattr(made, role), made.layout, settings, LOGINS.get(role, role), master
    )


# --- what must hold ---------------------------------------------------------------------------------------


def findings(made: Station, master: bytes) -> list[str]:
    """What the check of the station says."""
    report = check(made.archive, made.layout, made.admin, master)
    assert report.finished
    return [found.sentence for found in report.findings]


def batches_and_pages(made: Station) -> list[tuple[Batch, list[PageFacts]]]:
    """Every batch, the first first."""
    with made.archive.looking(made.records) as unit:
        return [(one, pages_in(unit, one.id)) for one in reversed(batches(unit))]


def ledgers_wrong(made: Station) -> list[str]:
    """Accounts that do not add up, numbers given twice, page hashes filed twice."""
    told = []
    with made.archive.looking(made.records) as unit:
        for batch in batches(unit):
            account, rows = ledger(unit, batch.id), pages_in(unit, batch.id)
            if batch.state != "receiving" and not account.adds_up:
                told.append(f"batch {batch.id}: {account.line()}")
            if account.accounted != len(rows) or len({row.number for row in rows}) != len(rows):
                told.append(f"batch {batch.id}: rows")
    return told


def scans_of(made: Station) -> list[tuple[int, int | None, str, tuple[str, ...]]]:
    """(file, record, kind, hashes of its pictures in order) of every document that came in by scanning."""
    told = []
    with made.archive.looking(made.records) as unit:
        query = select(documents.c.id).where(documents.c.kind != "issued", documents.c.state == "present")
        for number in unit.execute(query).scalars().all():
            one = document_facts(unit, number)
            streams = streams_of(content_of(made.archive, one))
            hashes = tuple(hashlib.sha256(part.data).hexdigest() for part in streams)
            told.append((one.file, one.record, one.kind, hashes))
    return sorted(told, key=str)


def recoverable(made: Station, incoming: Path) -> set[str]:
    """Hashes of every picture that can be had: waiting copies, documents, the incoming file, quarantine."""
    hashes = {one for *_, pictures in scans_of(made) for one in pictures}
    for batch, rows in batches_and_pages(made):
        for row in rows:
            try:
                hashes.add(hashlib.sha256(stream_of(made.archive, row)).hexdigest())
            except ItemUnreadable:
                continue
        with made.archive.looking(made.records) as unit:
            try:
                raw = b"".join(original(made.archive, unit, batch))
            except ItemUnreadable:
                continue
        hashes |= pictures_in(raw)
    if incoming.exists():
        hashes |= pictures_in(incoming.read_bytes())
    return hashes


def pictures_in(pdf: bytes) -> set[str]:
    """Hashes of the JPEGs of a scanned PDF."""
    return {hashlib.sha256(part).hexdigest() for part in jpegs_in(pdf)}


def jpegs_in(pdf: bytes) -> Sequence[bytes]:
    """The JPEGs of a scanned PDF, by the length their dictionaries say."""
    import io

    from pypdf import PdfReader

    told = []
    for page in PdfReader(io.BytesIO(pdf)).pages:
        for item in page["/Resources"]["/XObject"].values():  # type: ignore[index]  # a scan has pictures
            told.append(bytes(item.get_object()._data))
    return told


def readable_bytes(made: Station) -> list[bytes]:
    """What somebody with all keys can read of all blobs, trying every key on every one."""
    keys = [made.archive.keys.get(name) for name, _ in made.archive.keys.names()]
    with made.archive.data.reading() as connection:
        pages = connection.execute(select(scan_pages.c.batch_id, scan_pages.c.number)).all()
    parts = {(page.batch_id, number) for page in pages for number in (1, 2, 3)}
    bounds = (
        CONTENT.of(), *(PAGE.of_row(page) for page in pages),
        *(PART.of(batch_id=batch, number=number) for batch, number in sorted(parts)),
    )  # fmt: skip
    told = []
    for blob in made.archive.blobs.names():
        sealed = made.archive.blobs.get(blob)
        told += [
            plain for key in keys for bound in bounds if (plain := opens(key, sealed, bound)) is not None
        ]
    return told

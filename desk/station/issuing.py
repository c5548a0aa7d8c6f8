"""Issuing a document: from a record of the archive to a sheet of paper that the archive knows.

    record ─► complete? ─► render each copy ─► store bytes ─► register sheets (one act) ─► write files

The sheet is registered before it leaves: paper the archive does not know cannot come home.  When the file
cannot be written afterwards, the registered document is still there to be exported.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from archives.archive import Unit
from archives.errors import AlreadyThere, StateForbids
from archives.items.documents import DocumentEntry, Stored, add_document, store
from archives.items.records import LIVE, STATE_NAMES, RecordFacts, record_facts
from archives.items.written import Of
from desk.documents import Issue, make_ready, print_record
from desk.home import StationHome
from desk.station.handing_out import note, write_noted
from desk.station.opening import OpenStation
from desk.station.records import found, read
from desk.station.standing import part_of
from generator.errors import KeyInvalid
from generator.forms.catalogue import load_form
from generator.identity.code import DEMO_KEY
from generator.identity.print_id import PrintKind, new_print_id
from generator.render import FormKit, PrintIdentity, PrintOptions, Rendered, form_kit, render_pdf
from generator.validation.validate import complete

if TYPE_CHECKING:
    from archives.log.purposes import Purpose
    from generator.typeset.fonts import FontSet
    from generator.validation.report import ValidationReport

_DRAWS = 3
"""How often a print id is drawn when the one before is taken."""


@dataclass(frozen=True, slots=True)
class Look:
    """How the sheets look."""

    options: PrintOptions
    fonts: FontSet


@dataclass(frozen=True, slots=True)
class Copy:
    """One printed copy as the archive knows it."""

    document: int
    print_id: str
    copy: int
    path: Path
    rendered: Rendered = field(repr=False)


@dataclass(frozen=True, slots=True)
class Issued:
    """What came of issuing; without copies the findings say why."""

    record: RecordFacts
    report: ValidationReport
    copies: tuple[Copy, ...] = ()


def issue_record(
    station: OpenStation, number: str, look: Look, out: Path, purpose: Purpose | None = None
) -> Issued:
    """Print a record as official and register each copy; the files stand at ``out`` (several: ``out-1``…).

    Printing shows what it says: a site document that names persons needs a purpose.
    Raises PurposeNeeded, StateForbids (draft, void), AccessDenied, KeyInvalid, OutputUnwritable and what
    rendering raises.
    """
    record, file = found(station, number)
    station.allow(
        "series.write" if file.kind == "series" else "record.issue", file=file.id, part=part_of(record)
    )
    require_printable(record)
    make_ready(look.fonts)
    facts, version, answers = read(station, number, purpose=purpose or _own_purpose(station, record))
    return print_and_register(station, facts, version, answers, look, out)


def _own_purpose(station: OpenStation, record: RecordFacts) -> Purpose | None:
    """Whoever entered a record prints it as part of the same service."""
    from archives.log.purposes import Purpose
    from archives.store.tables import records

    with station.archive.looking(station.actor) as unit:
        who = unit.execute(select(records.c.added_by).where(records.c.id == record.id)).scalar()
    return Purpose.CASE_SERVICE if who == station.actor.staff else None


def print_and_register(
    station: OpenStation, facts: RecordFacts, version: int, answers: Mapping[str, Any], look: Look, out: Path
) -> Issued:
    """Print what a record says and register it; whether this may be was asked before.  Raises as above."""
    key = page_code_key(station)
    kit = kit_of(station, facts.form_id, version)
    done = complete(kit.form, answers, "final", station.archive.now())
    if done.report.errors:
        return Issued(facts, done.report)
    sheets = _sheets(station, kit, done.data, look, key)
    paths = paths_of(out, len(sheets))
    files = _files(sheets, paths)
    documents = _register(station, facts, version, sheets, files)
    copies = [
        Copy(document, sheet.issue.identity.print_id, sheet.issue.identity.copy, path, sheet.rendered)
        for document, sheet, path in zip(documents, sheets, paths, strict=True)
    ]
    write_noted(files)
    return Issued(facts, done.report, tuple(copies))


def _files(sheets: Sequence[_Sheet], paths: Sequence[Path]) -> dict[Path, bytes]:
    """What is written: the prints after their print records."""
    prints = {path: sheet.rendered.content for sheet, path in zip(sheets, paths, strict=True)}
    records = {
        path.with_suffix(".print.json"): sheet.record for sheet, path in zip(sheets, paths, strict=True)
    }
    return {**records, **prints}


def require_printable(record: RecordFacts) -> None:
    """Drafts and void records are not printed as official.  Raises StateForbids."""
    if record.state not in LIVE or record.state == "draft":
        cure = "请先定稿：kangdang record revise。" if record.state == "draft" else None
        raise StateForbids(f"这一件的状态是“{STATE_NAMES[record.state]}”，不能打印正式件。", hint=cure)


def page_code_key(station: OpenStation) -> bytes:
    """The key of the station's page codes; a sample station prints samples.

    Raises KeyInvalid: an official paper of a station without its key could never come home.
    """
    if station.settings.station.sample:
        return DEMO_KEY
    key = StationHome(station.layout.home).page_code_key()
    if key is None:
        raise KeyInvalid("本站没有页码密钥，不能打印正式件。", hint="请从密钥备份中恢复 page-code.key。")
    return key


def kit_of(station: OpenStation, form_id: str, version: int) -> FormKit:
    """The form as it was filled in, with the station's template or the standard one."""
    return form_kit(
        form_id, template=StationHome(station.layout.home).template(form_id), form=load_form(form_id, version)
    )


@dataclass(frozen=True, slots=True)
class _Sheet:
    issue: Issue
    rendered: Rendered = field(repr=False)
    record: bytes = field(repr=False)
    stored: Stored


def _sheets(
    station: OpenStation, kit: FormKit, answers: Mapping[str, Any], look: Look, key: bytes
) -> list[_Sheet]:
    """Every copy of the document, rendered and durable."""
    archive = station.archive
    made = []
    for copy in range(1, kit.form.copies + 1):
        print_id = _free_id(station)
        who = PrintIdentity(print_id, archive.now(), key, copy, kit.form.copies)
        issue = Issue(look.options, who, look.fonts)
        rendered = render_pdf(kit, answers, look.options, who, look.fonts)
        record = print_record(kit, dict(answers), issue, rendered)
        made.append(_Sheet(issue, rendered, record, store(archive, rendered.content)))
    return made


def _free_id(station: OpenStation) -> str:
    from archives.store.tables import documents

    with station.archive.looking(station.actor) as unit:
        for _ in range(_DRAWS):
            print_id = new_print_id(station.archive.random, PrintKind.COPY)
            if unit.execute(select(documents.c.id).where(documents.c.print_id == print_id)).first() is None:
                return print_id
    raise AlreadyThere("抽取的打印编号已用过。", hint="请再打印一次。")


def _register(
    station: OpenStation, before: RecordFacts, version: int, sheets: list[_Sheet], files: Mapping[Path, bytes]
) -> list[int]:
    """The copies become documents of the file, all in one act, if the record is still what was printed."""
    with station.acting("record.issue") as unit:
        record = record_facts(unit, before.id)
        _require_unchanged(before, record)
        note(unit, "record.issue", [Of(record.file, record.id)], files)
        return [_add(unit, record, version, sheet) for sheet in sheets]


def _require_unchanged(before: RecordFacts, now: RecordFacts) -> None:
    if (now.revision, now.state) != (before.revision, before.state):
        raise StateForbids(
            "打印期间这一件被更正了，没有登记这次打印。", hint="请重新打印：kangdang record issue。"
        )


def _add(unit: Unit, record: RecordFacts, version: int, sheet: _Sheet) -> int:
    who = sheet.issue.identity
    document = add_document(
        unit, record.file, sheet.stored,
        DocumentEntry(
            "issued", sheet.rendered.media_type, sheet.rendered.pages, record.id, who.print_id, who.copy,
            sheet.record, version, record.revision,
        ),
    )  # fmt: skip
    unit.log(
        "record.issue", f"record:{record.id}", chain=record.file,
        detail={
            "document": document, "print_id": who.print_id, "pages": sheet.rendered.pages,
            "copies": who.copies, "number": who.copy, "revision": record.revision,
        },
    )  # fmt: skip
    return document


def paths_of(out: Path, copies: int) -> list[Path]:
    """Where each copy is written: ``out`` itself, or numbered when there are several."""
    if copies == 1:
        return [out]
    return [out.with_name(f"{out.stem}-{copy}{out.suffix}") for copy in range(1, copies + 1)]

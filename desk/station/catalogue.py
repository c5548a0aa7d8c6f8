"""Cover, contents and note of a volume (AR1–AR3), printed from what the archive holds.

    contents of the volume ─► facts of the file ─► AR1, AR2 (service sheets) ─► AR3 (a record, registered)

The note is the one that is signed, so it becomes a record of the file and its sheet comes home.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from archives.errors import StateForbids
from archives.items.records import add_record, record_facts, revise
from archives.items.written import Of
from desk.documents import make_ready
from desk.output import make_folder
from desk.station.content import content_of
from desk.station.files import file_named
from desk.station.handing_out import hand_out
from desk.station.issuing import Issued, Look, kit_of, page_code_key, print_and_register
from desk.station.opening import OpenStation
from desk.station.standing import RUNNING
from desk.station.volume_contents import NOTE, Contents, Told, gather
from generator.forms.catalogue import load_form
from generator.identity.print_id import PrintKind, new_print_id
from generator.prefill import Prefiller
from generator.render import PrintIdentity, render_pdf
from generator.validation.validate import Completed, complete

if TYPE_CHECKING:
    from generator.validation.report import ValidationReport

COVER: Final = "file_cover"
CONTENTS: Final = "file_contents"
NAMES: Final = {COVER: "AR1-档案封面.pdf", CONTENTS: "AR2-卷内文件目录.pdf", NOTE: "AR3-卷内备考表.pdf"}
_SAID: Final[Mapping[str, dict[str, Any]]] = {COVER: {"secrecy": "内部·含敏感个人信息"}, CONTENTS: {}}
_AGAIN: Final = "重新编制卷内备考表"


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What was printed, and what kept the rest from being printed."""

    contents: Contents
    written: tuple[Path, ...]
    reports: Mapping[str, ValidationReport]
    """Form → findings that kept it from being printed."""
    note: Issued | None = None


def print_catalogue(station: OpenStation, number: str, told: Told | None, look: Look, out: Path) -> Catalogue:
    """Print AR1 and AR2 of the running volume into the folder ``out``; with ``told`` the note (AR3) too.

    Raises AccessDenied, StateForbids, InputRefused, NotFound, KeyInvalid, OutputUnwritable.
    """
    file = file_named(station, number)
    station.allow("file.catalogue", file=file.id, part=RUNNING)
    if file.kind != "person":
        raise StateForbids(f"{file.number} 是站点档案，没有案卷封面。", hint="站点档案用登记簿编目。")
    if file.ref_code is None:
        raise StateForbids(
            f"档案 {file.number} 还没有档号，不能编目。",
            hint="接案后才有档号；没有接案的申请不编目，归档用 file archive，缺的用 --reason 写明原因。",
        )
    if told is not None and file.state != "open":
        raise StateForbids(
            f"档案 {file.number} 已归档，备考表不能再改。", hint="只重印封面和目录时不要给出 --situation。"
        )
    make_ready(look.fonts)
    with station.acting("file.print") as unit:
        contents = gather(unit, station, file, told)
        unit.log(
            "file.print", f"file:{file.id}", chain=file.id,
            detail={"items": len(contents.rows), "pages": contents.pages},
        )  # fmt: skip
    make_folder(out)
    sheets, reports = _sheets(station, contents, look, out)
    if told is None or contents.unexplained or reports:
        return Catalogue(contents, tuple(sheets), reports)
    note = _note_answers(station, contents, told)
    if note.report.errors:
        return Catalogue(contents, tuple(sheets), {NOTE: note.report})
    issued = _issue_note(station, contents, note.data, look, out)
    return Catalogue(contents, (*sheets, *(copy.path for copy in issued.copies)), {}, issued)


# --- printing ---------------------------------------------------------------------------------------------


def _sheets(
    station: OpenStation, contents: Contents, look: Look, out: Path
) -> tuple[list[Path], dict[str, ValidationReport]]:
    """Cover and contents: recognised when scanned, never filed (service sheets)."""
    now = station.archive.now()
    key = page_code_key(station)
    reports: dict[str, ValidationReport] = {}
    files: dict[Path, bytes] = {}
    case: dict[str, Any] = {**contents.case, "forms": {}}
    for form_id in (COVER, CONTENTS):
        kit = kit_of(station, form_id, load_form(form_id).version)
        filled = Prefiller(case, now).fill(kit.form, _SAID[form_id])
        done = complete(kit.form, filled.answers, "final", now)
        if done.report.errors:
            reports[form_id] = done.report
            continue
        case["forms"][form_id] = [done.data]
        print_id = new_print_id(station.archive.random, PrintKind.SERVICE)
        rendered = render_pdf(kit, done.data, look.options, PrintIdentity(print_id, now, key), look.fonts)
        files[out / NAMES[form_id]] = rendered.content
    hand_out(station, "file.catalogue", [Of(contents.file.id)], files)
    return list(files), reports


def _note_answers(station: OpenStation, contents: Contents, told: Told) -> Completed:
    now = station.archive.now()
    facts = contents.case["case"]
    cover = {
        "items": facts["file_items"], "pages": facts["file_pages"], "filer": facts["filer"],
        "filed_on": facts["filed_on"],
    }  # fmt: skip
    case = {**contents.case, "forms": {COVER: [cover]}}
    filled = Prefiller(case, now).fill(load_form(NOTE), {"situation": told.situation})
    return complete(load_form(NOTE), filled.answers, "final", now)


def _issue_note(
    station: OpenStation, contents: Contents, answers: dict[str, Any], look: Look, out: Path
) -> Issued:
    """The note becomes a record of the file, printed and registered: it comes home signed."""
    form = load_form(NOTE)
    with station.acting("file.note") as unit:
        content = replace(
            content_of(form, answers, "final"), document_date=unit.today if unit.confirmed else None
        )
        before = contents.note
        if before is not None and before.state in ("final", "signed"):
            revise(unit, before.id, content, _AGAIN)
            record = before.id
        else:
            record = add_record(unit, contents.file.id, content)
        facts = record_facts(unit, record)
    return print_and_register(station, facts, form.version, answers, look, out / NAMES[NOTE])

"""Issuing one document: the way from a data file to a sheet with its print record.

load_answers ─► check_answers ─► render ─► write ─► print record
"""

from __future__ import annotations

import contextlib
import hashlib
import threading
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from desk.home import StationHome
from desk.output import Plain, write_together
from generator.errors import DataInvalid
from generator.forms.definition import FormDefinition, Level
from generator.identity.code import DEMO_KEY
from generator.identity.print_id import PrintKind, blank_print_id, kind_of, new_print_id
from generator.render import FormKit, PrintIdentity, PrintOptions, Rendered, form_kit, render_docx, render_pdf
from generator.version import __version__

if TYPE_CHECKING:
    from generator.identity.sheet import FontUse
    from generator.typeset.fonts import FontSet
    from generator.validation.report import ValidationReport

Answers = dict[str, Any]
RandomBytes = Callable[[int], bytes]
_HEADER_SOURCES = ("person.", "case.")


class Issue(NamedTuple):
    """What an issued document is made with; identity and time are given, so a print can be repeated."""

    options: PrintOptions
    identity: PrintIdentity
    fonts: FontSet
    level: str = "final"


def load_answers(raw: bytes) -> Answers:
    """A data file as strict JSON.  Raises DataUnreadable."""
    from generator.validation.strict_json import parse

    return parse(raw)


def check_answers(
    form: FormDefinition, answers: Answers, level: Level, at: datetime, *, drop_hidden: bool = False
) -> tuple[ValidationReport, Answers]:
    """All findings, and the answers with computed fields filled (and hidden ones dropped on request)."""
    from generator.validation.validate import complete

    completed = complete(form, answers, level, at, drop_hidden)
    return completed.report, completed.data


def require_final(report: ValidationReport, form: FormDefinition) -> None:
    """Refuse to print as official what has error findings."""
    if report.errors:
        raise DataInvalid(f"《{form.title}》的数据有 {len(report.errors)} 个错误，没有打印。")


def identity(home: StationHome, random: RandomBytes, *, print_id: str | None, at: datetime) -> PrintIdentity:
    """The identity of one copy: a new print id unless one is given, the station's key or the sample key."""
    if print_id is not None:
        kind_of(print_id)
    key = home.page_code_key() or DEMO_KEY
    return PrintIdentity(print_id or new_print_id(random, PrintKind.COPY), at, key)


def blank_identity(form: FormDefinition, home: StationHome, at: datetime) -> PrintIdentity:
    """A blank without a person carries its form and version only."""
    return PrintIdentity(blank_print_id(form.code, form.version), at, home.page_code_key() or DEMO_KEY)


def kit_for(form_id: str, home: StationHome) -> FormKit:
    """The form with the station's own template if it installed one, else the standard template."""
    return form_kit(form_id, template=home.template(form_id))


def header_answers(form: FormDefinition, person: Mapping[str, Any]) -> Answers:
    """Of what is known of a person, what names person and case: the header of a blank to fill by hand.

    ``person`` may be a whole filled form; what was told in it does not belong on an empty sheet.
    """
    header = set(form.header.values())
    found = {}
    for spec in form.fields.values():
        source = spec.prefill or ""
        if spec.pointer != f"/{spec.name}" or not (
            spec.pointer in header or source.startswith(_HEADER_SOURCES)
        ):
            continue
        fact = source.partition(".")[2] if source.startswith(_HEADER_SOURCES) else spec.name
        for name in (spec.name, fact):
            if name in person:
                found[spec.name] = person[name]
                break
    return found


def station_answers(form: FormDefinition, facts: Mapping[str, Any]) -> Answers:
    """Who the station is, as far as a form asks: a blank to fill by hand need not be told it each time."""
    asked = [spec for spec in form.fields.values() if not spec.parent and spec.says_who_the_station_is]
    sources = {spec.name: (spec.prefill or "").partition(".")[2] for spec in asked}
    return {name: facts[source] for name, source in sources.items() if source in facts}


@cache
def make_ready(fonts: FontSet) -> None:
    """Load what drawing needs (typst, fonts, their hashes) in a thread, beside the work that comes before it.

    Whatever fails here fails again where it is needed, and is told there.
    """

    def load() -> None:
        from generator.typeset.pdf import warm_up

        with contextlib.suppress(Exception):
            warm_up(fonts)
            font_uses(fonts)

    # Not a daemon: the program must not end while typst is at work.
    threading.Thread(target=load).start()


def issue_document(
    kit: FormKit, answers: Answers, issue: Issue, out: Path, *, plain: Plain = "unknown"
) -> Rendered:
    """Render ``answers`` to ``out`` (.pdf with its .print.json, or .docx as a working copy)."""
    rendered, files = draw_document(kit, answers, issue, out)
    write_together(files, plain=plain)
    return rendered


def draw_document(
    kit: FormKit, answers: Answers, issue: Issue, out: Path
) -> tuple[Rendered, dict[Path, bytes]]:
    """A document and the files it is written as, not written yet."""
    if out.suffix.lower() == ".docx":
        rendered = render_docx(kit, answers, issue.options, issue.identity)
        return rendered, {out: rendered.content}
    make_ready(issue.fonts)
    rendered = render_pdf(kit, answers, issue.options, issue.identity, issue.fonts)
    # A sheet without its record cannot come home, so they are written together.
    record = print_record(kit, answers, issue, rendered)
    return rendered, {out.with_suffix(".print.json"): record, out: rendered.content}


def print_record(kit: FormKit, answers: Answers, issue: Issue, rendered: Rendered) -> bytes:
    """The print record: what was printed, from what, and where its fields lie; no answers in it."""
    from generator.identity.sheet import PrintedSheet, fingerprint, write_sheet

    who = issue.identity
    without_person = kind_of(who.print_id) is PrintKind.BLANK
    sheet = PrintedSheet(
        print_id=who.print_id,
        form_id=kit.form.id,
        form_version=kit.form.version,
        level=issue.level,
        fingerprint=None if without_person else fingerprint(answers, who.print_id, who.key),
        copy=who.copy,
        copies=who.copies,
        pages=rendered.pages,
        fonts=font_uses(issue.fonts),
        template_sha256=kit.template_sha256,
        issued_at=who.issued_at,
        demo=who.demo,
        software=f"kangdang {__version__}",
        page_map=rendered.page_map,
    )
    return write_sheet(sheet)


def font_uses(fonts: FontSet) -> tuple[FontUse, ...]:
    """The fonts of a print by name and content, for the print record."""
    from generator.identity.sheet import FontUse

    return tuple(FontUse(record.family, _file_sha256(record.path)) for record in fonts.records())


@cache
def _file_sha256(path: Path) -> str:
    # Font files do not change while the program runs, and hashing 20 MB for each sheet would double its time.
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()

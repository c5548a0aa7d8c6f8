"""The papers of a packet, each laid out as it stands alone: own identity, own 第x页/共y页, own page map.

A paper that cannot be laid out never stops the others: it is listed with what is wrong with it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from generator.errors import (
    GeneratorError,
    GlyphMissing,
    PacketEmpty,
    TemplateDamaged,
    TemplateNotFound,
    TemplateTagInvalid,
    TemplateUnsafe,
    TemplateUnsupported,
    TooManyPages,
)
from generator.forms.definition import FormDefinition
from generator.identity.code import DEMO_KEY
from generator.identity.page_map import PageMap, build_page_map
from generator.identity.print_id import PrintKind, blank_print_id
from generator.packets.case import Case
from generator.packets.catalogue import Entry
from generator.packets.listing import PageCounter
from generator.packets.survey import Missing, Paper, Survey, header_only
from generator.prefill import Answers
from generator.render import FormKit, PrintIdentity, PrintOptions, form_kit, lay_out, page_codes

if TYPE_CHECKING:
    from generator.typeset.fonts import FontSet
    from generator.typeset.model import PageLayout
    from generator.validation.report import Problem

IdSource = Callable[[PrintKind], str]
"""A new print id of a kind; randomness is the caller's."""
Kits = Callable[[str], FormKit]

_OF_ONE_PAPER = (
    GlyphMissing, TooManyPages, TemplateNotFound, TemplateDamaged, TemplateUnsafe, TemplateTagInvalid,
    TemplateUnsupported,
)  # fmt: skip
"""Errors that concern one paper; a missing font or key concerns them all."""


@dataclass(frozen=True, slots=True)
class PacketOptions:
    """How a packet is made; time and key are given, so a packet can be made again."""

    at: datetime
    key: bytes = field(default=DEMO_KEY, repr=False)
    print: PrintOptions = field(default_factory=PrintOptions)
    duplex: bool = False
    """Every paper begins on a front side; the backs in between say 此页空白."""
    blank_missing: bool = False
    """Print what is missing or faulty as blanks with the person's header."""
    all_copies: bool = True
    """All copies of a paper (一式两份), not the first alone."""
    first_number: int = 1
    """卷内 number of the first page, for a packet that continues another."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """What is to be printed once: a paper or a blank, and which copy."""

    entry: Entry
    form: FormDefinition
    answers: Answers = field(repr=False)
    level: Literal["final", "blank"]
    date: str
    nth: str
    """What tells it from others of the same form (its date or 第n份); empty when it is the only one."""
    copy: int = 1
    copies: int = 1

    @property
    def title(self) -> str:
        """``E 个案服务记录表（2025-04-02）``, as bookmarks and lists name it."""
        parts = [self.nth] if self.nth else []
        if self.copies > 1:
            parts.append(self.copy_label)
        if self.level == "blank":
            parts.append("空白")
        told = f"（{'，'.join(parts)}）" if parts else ""
        return f"{self.entry.code} {self.form.title}{told}"

    @property
    def copy_label(self) -> str:
        """第1份（机构存档）, as far as the form has a name for it."""
        labels = self.form.copy_labels
        return labels[self.copy - 1] if self.copy <= len(labels) else f"第{self.copy}份"


@dataclass(frozen=True, slots=True)
class Laid:
    """A sheet on its pages."""

    sheet: Sheet
    identity: PrintIdentity
    template_sha256: str
    pages: tuple[PageLayout, ...] = field(repr=False)
    codes: tuple[str, ...]
    page_map: PageMap = field(repr=False)
    glyph_gaps: tuple[str, ...] = ()


class Refused(NamedTuple):
    """A paper that is not printed as official, and why: findings, or an error in laying it out."""

    entry: Entry
    title: str
    pointer: str
    problems: tuple[Problem, ...] = ()
    error: GeneratorError | None = None

    def to_dict(self) -> dict[str, Any]:
        """As plain data for ``--json``."""
        error = self.error
        return {
            "form": self.entry.form_id,
            "code": self.entry.code,
            "title": self.title,
            "pointer": self.pointer,
            "problems": [problem.to_dict() for problem in self.problems],
            "error": None
            if error is None
            else {
                "class": type(error).__name__,
                "message": error.message,
                "hint": error.hint,
            },
        }


def nothing_to_print(look: Survey, refused: Sequence[Refused]) -> PacketEmpty:
    """The error for a packet without a paper to print; it carries what is missing and what is faulty."""
    faulty = f"：{len(refused)} 件内容有误" if refused else ""
    hint = "请按上面列出的问题改正后再打印。" if refused else None
    error = PacketEmpty(f"《{look.spec.title}》没有可以打印的文书{faulty}。", hint=hint)
    error.survey, error.refused = look, tuple(refused)
    return error


def sheets_of(look: Survey, case: Case, options: PacketOptions) -> Iterator[Sheet | Refused]:
    """Everything to print, in packet order: papers, and on request blanks for what is missing or faulty."""
    by_form: dict[str, list[Paper]] = {}
    for paper in look.papers:
        by_form.setdefault(paper.entry.form_id, []).append(paper)
    missing = {lack.entry.form_id: lack for lack in look.missing}
    for entry in look.spec.entries:
        papers = by_form.get(entry.form_id, [])
        for paper, nth in zip(papers, _telling_apart(papers), strict=True):
            if paper.report.ok:
                yield from _copies(entry, paper.form, paper.answers, "final", paper.date, nth, options)
            else:
                yield refused(paper)
                if options.blank_missing:
                    yield from _blank(paper, case, options)
        lack = missing.get(entry.form_id)
        if lack is not None and options.blank_missing:
            for _ in range(lack.count):
                yield from _blank(lack, case, options)


def _telling_apart(papers: Sequence[Paper]) -> Iterator[str]:
    """What tells each paper of a form from the others: its date, and its number where days repeat."""
    days = Counter(paper.date for paper in papers)
    for place, paper in enumerate(papers, start=1):
        alone = days[paper.date] == 1 and paper.date
        day = paper.date if alone else f"{paper.date} 第{place}份".strip()
        yield day if len(papers) > 1 else ""


def refused(paper: Paper, error: GeneratorError | None = None) -> Refused:
    """A paper as it stands in the list of what was not printed."""
    return Refused(paper.entry, paper.form.title, paper.pointer, paper.report.errors, error)


def _blank(paper: Paper | Missing, case: Case, options: PacketOptions) -> Iterator[Sheet]:
    if paper.form is not None:
        header = header_only(paper, case, options.at)
        yield from _copies(paper.entry, paper.form, header, "blank", "", "", options)


def _copies(
    entry: Entry,
    form: FormDefinition,
    answers: Answers,
    level: Literal["final", "blank"],
    date: str,
    nth: str,
    options: PacketOptions,
) -> Iterator[Sheet]:
    copies = entry.copies or form.copies
    for copy in range(1, (copies if options.all_copies else 1) + 1):
        yield Sheet(entry, form, answers, level, date, nth, copy, copies)


def laid_out(
    sheets: Iterator[Sheet | Refused],
    options: PacketOptions,
    ids: IdSource,
    fonts: FontSet,
    kits: Kits = form_kit,
) -> tuple[list[Laid], list[Refused]]:
    """Lay every sheet out; what cannot be laid out joins the refused."""
    done: list[Laid] = []
    not_done: list[Refused] = []
    for sheet in sheets:
        if isinstance(sheet, Refused):
            not_done.append(sheet)
            continue
        try:
            done.append(_laid(sheet, options, ids, fonts, kits))
        except _OF_ONE_PAPER as error:
            if sheet.copy == 1:
                not_done.append(Refused(sheet.entry, sheet.title, f"/forms/{sheet.entry.form_id}", (), error))
    return done, not_done


def _laid(sheet: Sheet, options: PacketOptions, ids: IdSource, fonts: FontSet, kits: Kits) -> Laid:
    kit = kits(sheet.form.id)
    who = identity(sheet, options, ids)
    layout = lay_out(kit, sheet.answers, options.print, who, fonts)
    return Laid(
        sheet=sheet,
        identity=who,
        template_sha256=kit.template_sha256,
        pages=tuple(layout.pages),
        codes=page_codes(who, len(layout.pages)),
        page_map=build_page_map(layout, kit.fields),
        glyph_gaps=tuple(layout.glyph_gaps),
    )


def page_counter(options: PacketOptions, fonts: FontSet, kits: Kits = form_kit) -> PageCounter:
    """Counts the pages a paper has in print; None for one that cannot be laid out."""
    who = PrintIdentity("0" * 10, options.at, options.key)

    def pages(paper: Paper) -> int | None:
        try:
            return len(lay_out(kits(paper.form.id), paper.answers, options.print, who, fonts).pages)
        except _OF_ONE_PAPER:
            return None

    return pages


def identity(sheet: Sheet, options: PacketOptions, ids: IdSource) -> PrintIdentity:
    """A new id for each copy; a blank with nobody's header says its form and version only."""
    anonymous = sheet.level == "blank" and not sheet.answers
    print_id = blank_print_id(sheet.form.code, sheet.form.version) if anonymous else ids(PrintKind.COPY)
    return PrintIdentity(print_id, options.at, options.key, sheet.copy, sheet.copies)

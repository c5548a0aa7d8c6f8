"""Answers → a sheet: the one spine of document generation.

    answers ─ ContextBuilder.build ─► context ─ CompiledTemplate.fill ─► docx
                                                     └─ settle ─► layout ─ to_pdf + page codes ─► PDF/A-2b

A ``FormKit`` holds what is prepared once per form and process: definition, compiled template, context builder
and the meaning of the template's bookmarks.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from generator.docx.bookmarks import field_refs
from generator.docx.context import ContextBuilder, SheetText
from generator.docx.fill import CompiledTemplate
from generator.docx.header import has_room, head_line, printed_room, working_room
from generator.docx.package import IDENTITY_PART
from generator.docx.prepared import read_beside
from generator.errors import FontMissing, GlyphMissing, TemplateNotFound, TemplateUnsupported, TooManyPages
from generator.forms.catalogue import load_form
from generator.forms.definition import FormDefinition
from generator.identity.code import DEMO_KEY, PageCode, encode
from generator.identity.page_map import FieldRef, PageMap, build_page_map
from generator.paging.standing import Names
from generator.rare_characters import missing_characters
from generator.resources import data_dir

if TYPE_CHECKING:
    from generator.typeset.fonts import FontSet
    from generator.typeset.model import Layout

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
PDF = "application/pdf"
MAX_PAGES = 99

Captions = Literal["corrected", "verbatim", "none"]
Answers = Mapping[str, Any]


class PrintOptions(NamedTuple):
    """How a sheet is worded and what its header shows."""

    captions: Captions = "corrected"
    typo_fix: bool = False
    name_in_header: bool = True
    glyph_gap: bool = False


@dataclass(frozen=True, slots=True)
class PrintIdentity:
    """What makes one printed copy that copy; all of it is given, nothing is drawn here."""

    print_id: str
    issued_at: datetime
    key: bytes = field(default=DEMO_KEY, repr=False)
    copy: int = 1
    copies: int = 1

    @property
    def demo(self) -> bool:
        """True for prints with the public sample key: they say 样例 and no station accepts them."""
        return self.key == DEMO_KEY


@dataclass(frozen=True, slots=True)
class Rendered:
    """One finished document."""

    content: bytes = field(repr=False)
    media_type: str
    pages: int = 0
    page_map: PageMap = field(default_factory=PageMap)
    page_codes: tuple[str, ...] = ()
    glyph_gaps: tuple[str, ...] = ()


class FormKit(NamedTuple):
    """A form with its template, ready to print."""

    form: FormDefinition
    template: CompiledTemplate
    context: ContextBuilder
    fields: Mapping[str, FieldRef]
    names: Names
    """Its bookmarks, as the pages are settled by them."""
    template_sha256: str


_KITS: dict[tuple[str, int, str], FormKit] = {}


def form_kit(form_id: str, *, template: Path | None = None, form: FormDefinition | None = None) -> FormKit:
    """The kit of a form; ``template`` is a station's own docx instead of the standard one.

    Raises FormNotFound, TemplateNotFound and what a bad template raises.
    """
    form = form or load_form(form_id)
    path = template or data_dir("templates") / f"{form_id}.docx"
    if not path.is_file():
        raise TemplateNotFound(f"表单 {form_id} 没有模板文件 {path.name}。")
    raw = path.read_bytes()
    digest = hashlib.sha256(raw).hexdigest()
    key = (form.id, form.version, digest)
    if key not in _KITS:
        prepared = None if template else read_beside(path, digest)
        compiled = CompiledTemplate(raw, prepared)
        refs = field_refs(form)
        _KITS[key] = FormKit(form, compiled, ContextBuilder(form), refs, Names.of(refs), digest)
    return _KITS[key]


def render_docx(kit: FormKit, answers: Answers, options: PrintOptions, identity: PrintIdentity) -> Rendered:
    """A working copy to go on editing: it says 工作稿 and its code has no page number."""
    from generator.identity.symbol import symbol_png
    from generator.paging.settle import settle
    from generator.typeset.fonts import bundled_fonts

    code = encode(PageCode(identity.print_id, 0, 0), identity.key)
    mark = "样例 工作稿" if identity.demo else "工作稿"
    sheet = sheet_text(
        kit.form, answers, options, mark=mark, code_text=code, copy=identity.copy, room=working_room()
    )
    context, media = kit.context.build(answers, sheet), {IDENTITY_PART: symbol_png(code)}
    parts = kit.template.fill_parts(context)
    # A station's template may hold what only Word can lay out; characters without a glyph are Word's to draw.
    with suppress(TemplateUnsupported, FontMissing):
        parts = settle(parts, bundled_fonts(), kit.names, glyph_gap=True).parts
    return Rendered(kit.template.pack(parts, media), DOCX, page_codes=(code,))


def render_pdf(
    kit: FormKit, answers: Answers, options: PrintOptions, identity: PrintIdentity, fonts: FontSet
) -> Rendered:
    """The official sheet: PDF/A-2b with a code on every page, and where its fields lie."""
    from generator.typeset.pdf import to_pdf

    layout = lay_out(kit, answers, options, identity, fonts)
    codes = page_codes(identity, len(layout.pages))
    content = to_pdf(
        layout,
        _overlays(layout, codes, demo=identity.demo),
        title=kit.form.title,
        timestamp=identity.issued_at,
        fonts=fonts,
    )
    return Rendered(
        content, PDF, len(layout.pages), build_page_map(layout, kit.fields), codes, tuple(layout.glyph_gaps)
    )


def lay_out(
    kit: FormKit, answers: Answers, options: PrintOptions, identity: PrintIdentity, fonts: FontSet
) -> Layout:
    """The pages of the official sheet before page codes are drawn."""
    from generator.paging.settle import settle

    sheet = sheet_text(kit.form, answers, options, copy=identity.copy)
    parts = kit.template.fill_parts(kit.context.build(answers, sheet))
    try:
        return settle(parts, fonts, kit.names, glyph_gap=options.glyph_gap).layout
    except GlyphMissing as error:
        raise missing_characters(kit.form, answers, fonts) or error from error


def page_codes(identity: PrintIdentity, pages: int) -> tuple[str, ...]:
    """The code of each page of a document.  Raises TooManyPages beyond 99."""
    if pages > MAX_PAGES:
        raise TooManyPages(f"文件共 {pages} 页，超过页码上限 {MAX_PAGES} 页。")
    return tuple(
        encode(PageCode(identity.print_id, page, pages), identity.key) for page in range(1, pages + 1)
    )


def sheet_text(
    form: FormDefinition,
    answers: Answers,
    options: PrintOptions,
    *,
    mark: str = "",
    code_text: str = "",
    copy: int = 1,
    room: float | None = None,
) -> SheetText:
    """Title, caption and header of a sheet; ``room`` in points is what its head line has."""
    caption = "" if options.captions == "none" else form.captions[options.captions]
    label = form.copy_labels[copy - 1] if form.copy_labels else ""
    room = printed_room() if room is None else room
    whole = number_line(form, answers, with_name=options.name_in_header, beside=(), room=math.inf)
    if not has_room(whole, (label, mark, code_text), room):
        code_text = ""  # the picture beside says the same; whose the sheet is must be read
    line = number_line(
        form, answers, with_name=options.name_in_header, beside=(label, mark, code_text), room=room
    )
    return SheetText(form.title, caption, line, mark, code_text, label, options.typo_fix)


_NUMBER_LABELS = {"SQ-": "申请编号", "GA-": "个案编号"}


def number_line(
    form: FormDefinition, answers: Answers, *, with_name: bool, beside: Sequence[str], room: float
) -> str:
    """``个案编号：GA-2026-0001  姓名：样例甲``, as far as it is known and fits ``beside`` the rest."""
    number = _at(answers, form.header.get("number"))
    if number:
        label = _NUMBER_LABELS.get(str(number)[:3]) or form.fields[form.header["number"]].label
        number = f"{label}：{number}"
    name = _at(answers, form.header.get("name"))
    return head_line(number or "", f"姓名：{name}" if name and with_name else "", beside, room)


def _at(answers: Answers, pointer: str | None) -> Any:
    return answers.get(pointer.strip("/")) if pointer else None


def _overlays(layout: Layout, codes: Sequence[str], *, demo: bool) -> list[Any]:
    from generator.identity.placement import overlay

    return [
        overlay(code, (page.width, page.height), demo=demo)
        for page, code in zip(layout.pages, codes, strict=True)
    ]

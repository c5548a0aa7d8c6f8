"""The print record: what was printed, of which form, with which template and fonts, and where its fields lie.

Owns ``PrintedSheet`` and the file beside an official print (``<name>.print.json``, docs/page-identity.md).
It holds no answer: of the record it was printed from it keeps only a fingerprint.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from generator.errors import PrintIdInvalid
from generator.identity.code import MAX_PAGES
from generator.identity.members import Members, load, unreadable
from generator.identity.page_map import KINDS, PageMap, PageMapEntry
from generator.identity.print_id import PrintKind, kind_of

FORMAT_VERSION = 1
LEVELS = ("blank", "draft", "final", "signed")
"""How complete the answers were when printed; ``blank`` has none."""


class FontUse(NamedTuple):
    """A font the print was made with: its family name and the SHA-256 of its file."""

    name: str
    sha256: str


@dataclass(frozen=True, slots=True)
class PrintedSheet:
    """One printed copy of one document, or one blank."""

    print_id: str
    form_id: str
    form_version: int
    level: str
    """One of LEVELS."""
    fingerprint: str | None
    """``fingerprint`` of the answers; None for a blank without a person."""
    copy: int
    copies: int
    pages: int
    """1–99; 0 for a working copy (docx), whose pages are not known."""
    fonts: tuple[FontUse, ...]
    template_sha256: str
    issued_at: datetime
    """Aware; to the second."""
    demo: bool
    software: str
    page_map: PageMap = field(default_factory=PageMap)

    @property
    def kind(self) -> PrintKind:
        """Copy, blank or service sheet."""
        return kind_of(self.print_id)


def canonical_json(value: Any) -> bytes:
    """Write JSON that is equal for equal values: sorted names, no spaces, UTF-8, no NaN."""
    return json.dumps(
        value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
    ).encode()


def fingerprint(answers: Mapping[str, Any], print_id: str, key: bytes) -> str:
    """HMAC-SHA256 under the station's key of print id, line feed and the canonical JSON of the answers.

    In hexadecimal.  The print id makes equal answers on two prints look different; the key keeps whoever
    holds the print record from trying out guesses at answers with few values.
    """
    message = print_id.encode("ascii") + b"\n" + canonical_json(answers)
    return hmac.new(key, message, hashlib.sha256).hexdigest()


def write_sheet(sheet: PrintedSheet) -> bytes:
    """Write the ``.print.json`` of a sheet: canonical JSON and a line feed; equal sheets give equal bytes."""
    return canonical_json(sheet_document(sheet)) + b"\n"


def sheet_document(sheet: PrintedSheet) -> dict[str, Any]:
    """The print record as plain data."""
    if sheet.issued_at.tzinfo is None:
        raise ValueError("issued_at needs a time zone")
    return {
        "format_version": FORMAT_VERSION,
        "print_id": sheet.print_id,
        "form": {"id": sheet.form_id, "version": sheet.form_version},
        "level": sheet.level,
        "fingerprint": sheet.fingerprint,
        "copy": sheet.copy,
        "copies": sheet.copies,
        "pages": sheet.pages,
        "fonts": [{"name": font.name, "sha256": font.sha256} for font in sheet.fonts],
        "template_sha256": sheet.template_sha256,
        "issued_at": sheet.issued_at.isoformat(timespec="seconds"),
        "demo": sheet.demo,
        "software": sheet.software,
        "page_map": [_place(entry) for entry in sheet.page_map.entries],
    }


def _place(entry: PageMapEntry) -> dict[str, Any]:
    return {
        "pointer": entry.pointer,
        "occurrence": entry.occurrence,
        "option": entry.option,
        "kind": entry.kind,
        "page": entry.page,
        "mm": [entry.x_mm, entry.y_mm, entry.w_mm, entry.h_mm],
    }


def read_sheet(raw: bytes) -> PrintedSheet:
    """Read a ``.print.json``.  Raises DataUnreadable naming what is missing, unknown or of the wrong kind."""
    return sheet_of(load(raw))


def sheet_of(members: Members) -> PrintedSheet:
    """The print record in a JSON object, also one inside a packet record; raises as ``read_sheet``."""
    version = members.number("format_version", 1)
    if version != FORMAT_VERSION:
        raise unreadable(f"格式版本 {version} 本软件不认识", hint="请升级康档后再读。")
    form = members.object("form")
    sheet = PrintedSheet(
        print_id=members.text("print_id"),
        form_id=form.text("id"),
        form_version=form.number("version", 1),
        level=members.text("level"),
        fingerprint=members.optional_digest("fingerprint"),
        copy=members.number("copy", 1),
        copies=members.number("copies", 1),
        pages=members.number("pages", 0),
        fonts=tuple(_read_font(item) for item in members.objects("fonts")),
        template_sha256=members.digest("template_sha256"),
        issued_at=members.time("issued_at"),
        demo=members.truth("demo"),
        software=members.text("software"),
        page_map=PageMap(tuple(_read_place(item) for item in members.objects("page_map"))),
    )
    form.nothing_more()
    members.nothing_more()
    _check(sheet)
    return sheet


def _check(sheet: PrintedSheet) -> None:
    try:
        kind_of(sheet.print_id)
    except PrintIdInvalid as error:
        raise unreadable("print_id 不是打印编号") from error
    if sheet.level not in LEVELS:
        raise unreadable("level 不是已知的填写程度")
    if sheet.copy > sheet.copies:
        raise unreadable("copy 大于 copies")
    if sheet.pages > MAX_PAGES or any(entry.page > sheet.pages for entry in sheet.page_map.entries):
        raise unreadable("pages 与页面位置表不符")


def _read_font(item: Members) -> FontUse:
    font = FontUse(item.text("name"), item.digest("sha256"))
    item.nothing_more()
    return font


def _read_place(item: Members) -> PageMapEntry:
    text = item.text("kind")
    kind = next((known for known in KINDS if known == text), None)
    if kind is None:
        raise unreadable(f"{item.place}/kind 不是已知的种类")
    x, y, width, height = item.millimetres("mm")
    entry = PageMapEntry(
        pointer=item.text("pointer"),
        occurrence=item.number("occurrence", 1),
        option=item.optional_text("option"),
        kind=kind,
        page=item.number("page", 1),
        x_mm=x,
        y_mm=y,
        w_mm=width,
        h_mm=height,
    )
    item.nothing_more()
    return entry

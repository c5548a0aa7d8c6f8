"""A packet as docx working copies (工作稿), to go on editing: one file for each paper and copy.

File names say number, code and form; never a person.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from generator.packets.case import Case
from generator.packets.papers import (
    IdSource,
    Kits,
    PacketOptions,
    Refused,
    Sheet,
    identity,
    nothing_to_print,
    sheets_of,
)
from generator.packets.survey import Survey, survey
from generator.render import form_kit, render_docx


@dataclass(frozen=True, slots=True)
class WorkingCopy:
    """One docx."""

    name: str
    sheet: Sheet
    print_id: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class WorkingPacket:
    """The docx files of a packet in their order."""

    survey: Survey
    files: tuple[WorkingCopy, ...]
    refused: tuple[Refused, ...]


def working_copies(
    name: str, case: Case, options: PacketOptions, ids: IdSource, *, kits: Kits = form_kit
) -> WorkingPacket:
    """Make every paper of a packet as docx.  Raises PacketNotFound, PacketEmpty, template errors."""
    look = survey(name, case, options.at)
    refused: list[Refused] = []
    files: list[WorkingCopy] = []
    for sheet in sheets_of(look, case, options):
        if isinstance(sheet, Refused):
            refused.append(sheet)
            continue
        who = identity(sheet, options, ids)
        made = render_docx(kits(sheet.form.id), sheet.answers, options.print, who)
        files.append(WorkingCopy(_file_name(len(files) + 1, sheet), sheet, who.print_id, made.content))
    if not files:
        raise nothing_to_print(look, refused)
    return WorkingPacket(look, tuple(files), tuple(refused))


def _file_name(number: int, sheet: Sheet) -> str:
    copy = f"第{sheet.copy}份" if sheet.copies > 1 else ""
    blank = "空白" if sheet.level == "blank" else ""
    parts = [f"{number:02d}", sheet.entry.code, sheet.form.title, sheet.nth, copy, blank]
    return "-".join(filter(None, parts)) + ".docx"


def zipped(files: Sequence[WorkingCopy], at: datetime) -> bytes:
    """The files as one ZIP; equal files and time give equal bytes."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as archive:  # docx is compressed already
        for file in _entries(files, at):
            archive.writestr(*file)
    return stream.getvalue()


def _entries(files: Sequence[WorkingCopy], at: datetime) -> Iterator[tuple[zipfile.ZipInfo, bytes]]:
    for file in files:
        info = zipfile.ZipInfo(file.name, at.timetuple()[:6])
        info.external_attr = 0o600 << 16
        yield info, file.content

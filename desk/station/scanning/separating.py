"""Separator sheets at the desk: registered first, then written."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from archives.errors import InputRefused, NotFound
from archives.items.records import record_facts
from archives.items.written import Of
from archives.people.files import FileFacts, find_file
from archives.scans.separators import Separator, register_separator
from desk.station.handing_out import hand_out
from desk.station.issuing import page_code_key
from desk.station.opening import OpenStation
from desk.station.records import found
from desk.station.standing import RUNNING, part_of
from generator.identity.print_id import PrintKind, new_print_id
from generator.packets.separator import SeparatorSheet, render_separator
from generator.render import PrintIdentity

if TYPE_CHECKING:
    from generator.typeset.fonts import FontSet

MOST_PAGES = 99


def make_separator(
    station: OpenStation, number: str, title: str, pages: int, fonts: FontSet, out: Path
) -> Separator:
    """A sheet for ``pages`` pages of attachments of a file (档号 …) or a record (``#id``, 档号 of an item).

    Raises InputRefused, StateForbids, AccessDenied, NotFound, OutputUnwritable.
    """
    record, file = _target(station, number)
    with station.archive.looking(station.actor) as unit:
        part = RUNNING if record is None else part_of(record_facts(unit, record))
    station.allow("document.file", file=file.id, part=part)
    if not 1 <= pages <= MOST_PAGES:
        raise InputRefused(f"附件页数应为 1 至 {MOST_PAGES}。", hint="更多的附件请分成几份，各用一张分隔页。")
    archive = station.archive
    print_id = new_print_id(archive.random, PrintKind.SERVICE)
    separator = Separator(print_id, file.id, record, pages)
    identity = PrintIdentity(print_id, archive.now(), page_code_key(station))
    content = render_separator(SeparatorSheet(file.number, title, pages), identity, fonts)
    with station.acting("scan.separate") as unit:
        register_separator(unit, separator, title)
    hand_out(station, "scan.separator", [Of(file.id, record)], {out: content})
    return separator


def _target(station: OpenStation, number: str) -> tuple[int | None, FileFacts]:
    try:
        record, file = found(station, number)
    except NotFound:
        with station.archive.looking(station.actor) as unit:
            return None, find_file(unit, number)
    return record.id, file

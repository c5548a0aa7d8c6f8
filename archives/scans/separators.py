"""Separator sheets: what the pages behind a sheet are, said beforehand and registered."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import insert, select

from archives.archive import Unit
from archives.items.titles import set_separator_title
from archives.people.files import file_facts, require_open
from archives.store.tables_scans import scan_separators


@dataclass(frozen=True, slots=True)
class Separator:
    """The pages behind it are attachments of this file (of this record)."""

    print_id: str
    file: int
    record: int | None
    pages: int


def register_separator(unit: Unit, separator: Separator, title: str | None = None) -> None:
    """Make a separator known before it is printed; ``title``: what the pages behind it are called.

    Raises StateForbids, InputRefused, NotFound.
    """
    require_open(file_facts(unit, separator.file))
    unit.execute(
        insert(scan_separators),
        {
            "print_id": separator.print_id, "file_id": separator.file, "record_id": separator.record,
            "pages": separator.pages, "made_at": unit.at, "by": unit.staff(),
        },
    )  # fmt: skip
    if title is not None:
        set_separator_title(unit, separator.file, separator.print_id, title)
    unit.log(
        "scan.separate", f"file:{separator.file}", chain=separator.file,
        detail={"print_id": separator.print_id, "pages": separator.pages},
    )  # fmt: skip


def find_separator(unit: Unit, print_id: str) -> Separator | None:
    """The separator with this print id."""
    row = unit.execute(select(scan_separators).where(scan_separators.c.print_id == print_id)).first()
    return None if row is None else Separator(row.print_id, row.file_id, row.record_id, row.pages)

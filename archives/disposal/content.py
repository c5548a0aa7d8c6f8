"""What an item consists of: the hash of its content, its pages, its paper, its 档号 on a list."""

from __future__ import annotations

import hashlib
from typing import Any

from sqlalchemy import func, select, update

from archives.archive import Unit, canonical_json
from archives.items.codes import next_item
from archives.numbering import next_number
from archives.store.rows import the_row
from archives.store.tables import documents, files, placements, records, revisions

_PAPER = ("signed", "archived")
"""States of a record whose signed paper is in the house."""
NO_PLACE = "未登记存放位置"


def content_hash(unit: Unit, record_id: int) -> str:
    """Hash over everything an item consists of as it lies in the stores (encrypted), in a fixed order."""
    kept = [
        [row.number, row.state, _digest(row.payload), _digest(row.reason)]
        for row in unit.execute(
            select(revisions).where(revisions.c.record_id == record_id).order_by(revisions.c.number)
        )
    ]
    papers = [
        [row.id, row.kind, row.pages, row.sha256, _digest(row.sheet)]
        for row in unit.execute(
            select(documents).where(documents.c.record_id == record_id).order_by(documents.c.id)
        )
    ]
    return hashlib.sha256(canonical_json([kept, papers]).encode()).hexdigest()


def _digest(body: bytes | None) -> str | None:
    return None if body is None else hashlib.sha256(bytes(body)).hexdigest()


def pages_of(unit: Unit, record: Any) -> tuple[int, int]:
    """(pages of the item, pages of its paper).

    Scans are counted as the paper they were made of; a print that never came home is paper all the same, its
    first copy; an item that was never on paper counts as one page.
    """
    rows = unit.execute(
        select(documents.c.kind, documents.c.copy, func.sum(documents.c.pages).label("pages"))
        .where(documents.c.record_id == record.id)
        .group_by(documents.c.kind, documents.c.copy)
    ).all()
    scanned = sum(int(row.pages) for row in rows if row.kind == "scan")
    printed = sum(int(row.pages) for row in rows if row.kind == "issued" and (row.copy or 1) == 1)
    attached = sum(int(row.pages) for row in rows if row.kind == "attachment")
    paper = scanned or printed or (1 if record.state in _PAPER else 0)
    return max(paper + attached, 1), paper


def paper_place(unit: Unit, file_id: int) -> str:
    """柜/架/盒 where the paper of a file lies."""
    row = unit.execute(
        select(placements).where(placements.c.file_id == file_id).order_by(placements.c.id.desc()).limit(1)
    ).first()
    return NO_PLACE if row is None else f"{row.cabinet}柜{row.shelf}架{row.box}盒"


def reference(unit: Unit, record: Any) -> str:
    """The 档号 of an item.

    Papers of an application that never became a case (r4) have none until they are listed: they get one of
    the class 申请 (SQ, D3), one 案卷号 for each application.
    """
    if record.ref_code is not None:
        return str(record.ref_code)
    number = record.item_no or next_item(unit, record.file_id)
    code = f"{_application_code(unit, record.file_id)}-{number:03d}"
    unit.execute(update(records).where(records.c.id == record.id).values(item_no=number, ref_code=code))
    return code


def _application_code(unit: Unit, file_id: int) -> str:
    file = the_row(unit.execute(select(files).where(files.c.id == file_id)), f"案卷 #{file_id}")
    start = f"{unit.archive.station.fonds}-FW·SQ-{file.year:04d}-D3-"
    known = unit.execute(
        select(records.c.ref_code)
        .where(records.c.file_id == file_id, records.c.ref_code.startswith(start, autoescape=True))
        .limit(1)
    ).scalar()
    if known is not None:
        return str(known).rsplit("-", 1)[0]
    return f"{start}{next_number(unit, f'SQ:{file.year}', f'file:{file_id}'):04d}"


def gather_loose(unit: Unit, record_ids: list[int]) -> None:
    """Documents of a file that belong to no item join its last item on a list that takes all its items.

    Else they would outlive everything the person left here, on no list and with no period.  Only files of
    applications that never became a case can come to that.
    """
    query = (
        select(records.c.file_id, func.max(records.c.id).label("last"), func.count().label("count"))
        .join(files, files.c.id == records.c.file_id)
        .where(records.c.id.in_(record_ids), files.c.kind == "person", files.c.accepted_on.is_(None))
        .group_by(records.c.file_id)
    )
    for row in unit.execute(query).all():
        left = (
            select(func.count())
            .select_from(records)
            .where(records.c.file_id == row.file_id, records.c.state.not_in(("destroying", "destroyed")))
        )
        if unit.execute(left).scalar_one() == row.count:
            unit.execute(
                update(documents)
                .where(documents.c.file_id == row.file_id, documents.c.record_id.is_(None))
                .values(record_id=row.last)
            )

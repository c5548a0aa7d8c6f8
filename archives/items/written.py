"""What was written out in plain: files beside the archive that anybody can read and no destruction reaches.

Where they lie is known here, sealed under the file's note key with the hash of the bytes; never on the log.
A row goes when that key goes: what is known of a person ends with the person.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import ColumnElement, and_, delete, insert, or_, select, update

from archives.archive import Unit, canonical_json
from archives.errors import ItemUnreadable
from archives.keys.bindings import WRITTEN
from archives.people.series import series_file
from archives.store.rows import the_row
from archives.store.tables import documents, files, persons, records
from archives.store.tables_scans import scan_pages
from archives.store.tables_written import disposal_written, written_out

Kind = Literal[
    "record.issue", "record.show", "document.export", "file.catalogue", "register.print", "retention.plan",
    "scan.show", "scan.original", "scan.blanks", "scan.cutouts", "scan.separator", "log.export",
]  # fmt: skip
KINDS: Mapping[str, str] = {
    "record.issue": "正式打印的文书", "record.show": "文书内容", "document.export": "取出的文件",
    "file.catalogue": "案卷封面、目录、备考表", "register.print": "登记簿", "retention.plan": "到期计划",
    "scan.show": "扫描页图片", "scan.original": "扫描原文件", "scan.blanks": "空白页图片",
    "scan.cutouts": "扫描件剪图", "scan.separator": "附件分隔页", "log.export": "导出的日志",
}  # fmt: skip
"""What was written → its name."""
Settled = Literal["removed", "missing", "replaced"]
"""removed: its bytes were taken from there · missing: not found there · replaced: overwritten later."""


@dataclass(frozen=True, slots=True, order=True)
class Of:
    """What a plain file is about: a file, or one record of it."""

    file: int
    record: int | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """One plain file that is known to be out: where, on which computer, and the hash of its bytes."""

    id: int
    of: Of
    kind: str
    at: str
    by: int
    path: str
    client: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Left:
    """How many plain files of an item are known: still out, removed, not found when looked for."""

    still_out: int
    removed: int
    missing: int


def note_written(unit: Unit, kind: Kind, concerned: Iterable[Of], hashes: Mapping[str, str]) -> None:
    """Note plain files before they are written; ``hashes``: absolute path → SHA-256 of the bytes.

    Without anything concerned that still has a key they are the station's own: of the series 档案管理 of this
    year.
    """
    of = sorted(set(concerned), key=lambda one: (one.file, one.record or 0))
    keyed = [(one, name) for one in of if (name := _key_name(unit, one.file)) is not None]
    if not keyed:
        own = series_file(unit, "GL", unit.year).id
        keyed = [(Of(own), str(_key_name(unit, own)))]
    for one, name in keyed:
        key = unit.archive.keys.get(name)
        for path, sha256 in hashes.items():
            token = unit.archive.random(16).hex()
            place = canonical_json({"path": path, "client": unit.actor.client, "sha256": sha256})
            bound = WRITTEN.of(file_id=one.file, token=token)
            unit.execute(
                insert(written_out),
                {
                    "file_id": one.file, "record_id": one.record, "kind": kind, "token": token,
                    "place": unit.archive.encrypt(key, place.encode(), bound),
                    "state": "out", "at": unit.at, "by": unit.staff(),
                },
            )  # fmt: skip
        unit.log("plain.written", f"file:{one.file}", chain=one.file,
                 detail={"kind": kind, "count": len(hashes), "record": one.record})  # fmt: skip


def _key_name(unit: Unit, file_id: int) -> str | None:
    """The name of the file's note key; None for a file whose person is forgotten."""
    return unit.execute(select(files.c.note_key).where(files.c.id == file_id)).scalar()


def out_of_station(
    unit: Unit, *, by: int | None = None, files_of: Iterable[int] | None = None
) -> list[Written]:
    """Everything known to be out, oldest first; ``by`` one person, ``files_of`` these files only."""
    wanted: list[ColumnElement[bool]] = []
    if by is not None:
        wanted.append(written_out.c.by == by)
    if files_of is not None:
        wanted.append(written_out.c.file_id.in_(list(files_of)))
    return _told(unit, wanted)


def out_of_record(unit: Unit, record_id: int) -> list[Written]:
    """What is known to be out of an item: its own, and what was written of its whole file."""
    return _told(unit, [_of_record(unit, record_id)])


def _of_record(unit: Unit, record_id: int) -> ColumnElement[bool]:
    merged, kept = persons.alias("merged"), files.alias("kept")
    file_id = unit.execute(select(records.c.file_id).where(records.c.id == record_id)).scalar()
    of_the_same = (
        select(files.c.id)
        .join(merged, merged.c.id == files.c.person_id)
        .join(kept, kept.c.person_id == merged.c.merged_into)
        .where(kept.c.id == file_id)
    )
    own = or_(written_out.c.file_id == file_id, written_out.c.file_id.in_(of_the_same))
    whole = and_(written_out.c.record_id.is_(None), own)
    return or_(written_out.c.record_id == record_id, whole)


def _told(unit: Unit, wanted: Sequence[ColumnElement[bool]]) -> list[Written]:
    query = (
        select(written_out, files.c.note_key)
        .join(files, files.c.id == written_out.c.file_id)
        .where(written_out.c.state == "out", *wanted)
        .order_by(written_out.c.id)
    )
    told = []
    for row in unit.execute(query):
        try:
            place = json.loads(unit.archive.decrypt(row.note_key or "", row.place, WRITTEN.of_row(row)))
        except ItemUnreadable:  # the check tells of it; what can be read is read
            continue
        told.append(
            Written(row.id, Of(row.file_id, row.record_id), row.kind, row.at, row.by, place["path"],
                    place["client"], place["sha256"])
        )  # fmt: skip
    return told


def settle_written(unit: Unit, numbers: Sequence[int], state: Settled) -> None:
    """What became of plain files; where they lay is forgotten with it.  Repeating it changes nothing."""
    query = select(written_out.c.id, written_out.c.file_id).where(
        written_out.c.id.in_(numbers), written_out.c.state == "out"
    )
    for row in unit.execute(query).all():
        unit.execute(
            update(written_out)
            .where(written_out.c.id == row.id)
            .values(state=state, place=None, settled_at=unit.at, settled_by=unit.staff())
        )
        unit.log(
            "plain.settled", f"file:{row.file_id}", chain=row.file_id, detail={"state": state, "count": 1}
        )


def left_of_record(unit: Unit, record_id: int) -> Left:
    """How many plain files of an item are known now; one that lies at the place of another counts once."""
    query = select(written_out.c.state).where(_of_record(unit, record_id))
    states = list(unit.execute(query).scalars())
    places = {(one.client, one.path) for one in out_of_record(unit, record_id)}
    return Left(len(places), states.count("removed"), states.count("missing"))


def note_left(unit: Unit, list_id: int, record_id: int) -> Left:
    """Keep how many were known when the item was destroyed; once for each item."""
    left = left_of_record(unit, record_id)
    unit.execute(
        insert(disposal_written),
        {"list_id": list_id, "record_id": record_id, "still_out": left.still_out, "removed": left.removed,
         "missing": left.missing, "at": unit.at},
    )  # fmt: skip
    return left


def left_by_list(unit: Unit, list_id: int) -> dict[int, Left]:
    """By record what was known when it was destroyed; nothing for items destroyed before this was kept."""
    query = select(disposal_written).where(disposal_written.c.list_id == list_id)
    return {row.record_id: Left(row.still_out, row.removed, row.missing) for row in unit.execute(query)}


def forget_written(unit: Unit, of_files: Sequence[int]) -> None:
    """The rows of files whose note key goes."""
    unit.execute(delete(written_out).where(written_out.c.file_id.in_(of_files)))


def of_document(unit: Unit, document_id: int) -> Of:
    """What a document is about.  Raises RowMissing."""
    query = select(documents.c.file_id, documents.c.record_id).where(documents.c.id == document_id)
    row = the_row(unit.execute(query), f"文件 {document_id}")
    return Of(row.file_id, row.record_id)


def of_pages(unit: Unit, *, batch: int | None = None, page: int | None = None) -> list[Of]:
    """What the pages of a batch, or one page, are known to be about; nothing for pages nobody placed."""
    chosen = scan_pages.c.batch_id == batch if batch is not None else scan_pages.c.id == page
    query = (
        select(documents.c.file_id, documents.c.record_id)
        .join(
            scan_pages,
            or_(documents.c.id == scan_pages.c.print_document, documents.c.id == scan_pages.c.filed_as),
        )
        .where(chosen)
        .distinct()
    )
    return [Of(row.file_id, row.record_id) for row in unit.execute(query)]

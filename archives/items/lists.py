"""Lists of what a file holds: its records with their paper, and finding one of them."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select, update

from archives.archive import Unit, canonical_json
from archives.errors import InputRefused, NotFound, StateForbids
from archives.items.records import RecordFacts, answers_in, record_facts
from archives.people.files import current_volume, file_facts
from archives.retention.item import EVENTS
from archives.store.rows import the_value
from archives.store.tables import documents, facts, records, revisions, volumes

RECORDED_EVENTS = ("expired", "replaced", "staff_left", "last_entry")
"""Retention events that belong to one record; the others follow from its case."""
_GONE = ("void", "destroying", "destroyed")


@dataclass(frozen=True, slots=True)
class Paper:
    """What there is on paper of a record."""

    printed: int = 0
    """Pages of the latest issued print of the present revision (first copy); 0 when it was not printed."""
    scanned: int = 0
    """Pages of all its scans."""
    scans: int = 0

    @property
    def pages(self) -> int:
        """Pages that count in the file: of what came home, else of what was issued."""
        return self.scanned or self.printed


@dataclass(frozen=True, slots=True)
class Item:
    """A record as lists show it."""

    id: int
    volume: int | None
    form_id: str
    title: str
    ref_code: str | None
    item_no: int | None
    state: str
    document_date: date | None
    revision: int
    source_record: int | None
    paper: Paper

    @property
    def number(self) -> str:
        """How commands name it."""
        return self.ref_code or f"#{self.id}"

    @property
    def live(self) -> bool:
        """Whether it counts in the file: neither void nor destroyed."""
        return self.state not in _GONE


def find_record(unit: Unit, number: str) -> RecordFacts:
    """The record with this 档号, or ``#id``.  Raises NotFound."""
    told = unicodedata.normalize("NFKC", number).strip()
    if told.startswith("#"):
        if told[1:].isascii() and told[1:].isdigit() and len(told) <= 12:
            return record_facts(unit, int(told[1:]))
        found = None
    else:
        code = told.upper().replace("_", "·")
        found = unit.execute(select(records.c.id).where(records.c.ref_code == code)).scalar()
    if found is None:
        raise NotFound("没有这个编号的件。", hint="请用 kangdang record list 查看件的档号，例如 #12。")
    return record_facts(unit, found)


def items_of(unit: Unit, file_id: int) -> list[Item]:
    """Every record of a file in the order it was added, void and destroyed ones too."""
    last = (
        select(revisions.c.record_id, func.max(revisions.c.number).label("number"))
        .join(records, records.c.id == revisions.c.record_id)
        .where(records.c.file_id == file_id)
        .group_by(revisions.c.record_id)
        .subquery()
    )
    query = (
        select(records, volumes.c.number.label("volume"), func.coalesce(last.c.number, 0).label("revision"))
        .join(volumes, volumes.c.id == records.c.volume_id, isouter=True)
        .join(last, last.c.record_id == records.c.id, isouter=True)
        .where(records.c.file_id == file_id)
        .order_by(records.c.id)
    )
    rows = unit.execute(query).all()
    papers = _papers(unit, file_id, {row.id: row.revision for row in rows})
    return [_item(row, papers.get(row.id, Paper())) for row in rows]


def _item(row: Any, paper: Paper) -> Item:
    day = date.fromisoformat(row.document_date) if row.document_date else None
    return Item(
        row.id, row.volume, row.form_id, row.title, row.ref_code, row.item_no, row.state, day, row.revision,
        row.source_record, paper,
    )  # fmt: skip


def _papers(unit: Unit, file_id: int, newest: dict[int, int]) -> dict[int, Paper]:
    query = (
        select(documents)
        .where(
            documents.c.file_id == file_id,
            documents.c.record_id.is_not(None),
            documents.c.state == "present",
        )
        .order_by(documents.c.id)
    )
    printed: dict[int, int] = {}
    scanned: dict[int, list[int]] = {}
    for row in unit.execute(query):
        if row.kind == "scan":
            scanned.setdefault(row.record_id, []).append(row.pages)
        elif row.kind == "issued" and row.copy == 1 and row.revision == newest.get(row.record_id):
            printed[row.record_id] = row.pages
    return {
        record: Paper(printed.get(record, 0), sum(scanned.get(record, ())), len(scanned.get(record, ())))
        for record in {*printed, *scanned}
    }


def facts_in(unit: Unit, file_id: int) -> dict[int, dict[str, str]]:
    """The index facts of every record of a file."""
    rows = unit.execute(
        select(facts).join(records, records.c.id == facts.c.record_id).where(records.c.file_id == file_id)
    )
    found: dict[int, dict[str, str]] = {}
    for row in rows:
        found.setdefault(row.record_id, {})[row.name] = row.value
    return found


def count_of_form(unit: Unit, file_id: int, form_id: str) -> int:
    """How many records of a form a file has ever had, drafts included, mistakes not."""
    query = (
        select(func.count())
        .select_from(records)
        .where(records.c.file_id == file_id, records.c.form_id == form_id, records.c.state != "void")
    )
    return int(unit.execute(query).scalar_one())


def highest_fact(unit: Unit, file_id: int, form_id: str, name: str) -> int:
    """The highest number a fact has among the records of a form in the running volume; 0 without any."""
    rows = unit.execute(_with_fact(unit, file_id, form_id, name)).all()
    return max((int(row.value) for row in rows if row.value.isascii() and row.value.isdigit()), default=0)


def highest_numbered(unit: Unit, name: str, start: str) -> int:
    """The highest number behind ``start`` (``FS-2026-``) a fact has in the whole station; 0 without any."""
    query = select(facts.c.value).where(
        facts.c.name == name, facts.c.value.startswith(start, autoescape=True)
    )
    ends = [value.removeprefix(start) for value in unit.execute(query).scalars()]
    return max((int(end) for end in ends if end.isascii() and end.isdigit()), default=0)


def numbered_alike(unit: Unit, form_id: str, name: str, value: str) -> list[int]:
    """Live records of a form, of any file, with this number."""
    query = (
        select(records.c.id)
        .join(facts, facts.c.record_id == records.c.id)
        .where(records.c.form_id == form_id, facts.c.name == name, facts.c.value == value,
               records.c.state.not_in(_GONE))
        .order_by(records.c.id)
    )  # fmt: skip
    return list(unit.execute(query).scalars())


def alike_in(unit: Unit, file_id: int, form_id: str, day: date) -> list[int]:
    """Live records of a form about one day, in the running volume or the series."""
    query = select(records.c.id).where(
        records.c.file_id == file_id, records.c.form_id == form_id,
        records.c.document_date == day.isoformat(), records.c.state.not_in(_GONE),
    )  # fmt: skip
    if file_facts(unit, file_id).kind != "series":
        query = query.where(records.c.volume_id == current_volume(unit, file_id).id)
    return list(unit.execute(query.order_by(records.c.id)).scalars())


def count_in_volume(unit: Unit, file_id: int, form_id: str) -> int:
    """How many records of a form the running volume has, drafts included, mistakes not."""
    query = select(func.count()).select_from(records).where(
        records.c.volume_id == current_volume(unit, file_id).id, records.c.form_id == form_id,
        records.c.state != "void",
    )  # fmt: skip
    return int(unit.execute(query).scalar_one())


def with_fact_in_year(unit: Unit, file_id: int, form_id: str, year: int) -> int:
    """How many records of a form a file has about days of a year, mistakes not."""
    query = select(func.count()).select_from(records).where(
        records.c.file_id == file_id, records.c.form_id == form_id, records.c.state != "void",
        records.c.document_date.startswith(f"{year:04d}-"),
    )  # fmt: skip
    return int(unit.execute(query).scalar_one())


def latest_code(unit: Unit, file_id: int, form_ids: Collection[str]) -> str | None:
    """档号 of the last live record of these forms in the running volume."""
    query = (
        select(records.c.ref_code)
        .where(
            records.c.volume_id == current_volume(unit, file_id).id, records.c.form_id.in_(list(form_ids)),
            records.c.state.in_(("final", "signed", "archived")), records.c.ref_code.is_not(None),
        )
        .order_by(records.c.id.desc())
        .limit(1)
    )  # fmt: skip
    found = unit.execute(query).scalar()
    return None if found is None else str(found)


def with_fact(unit: Unit, file_id: int, form_id: str, name: str, value: str) -> list[int]:
    """The records of a form that have this fact, in the running volume or the series; void ones not."""
    query = _with_fact(unit, file_id, form_id, name).where(facts.c.value == value)
    return [row.id for row in unit.execute(query)]


def _with_fact(unit: Unit, file_id: int, form_id: str, name: str) -> Select[tuple[int, str]]:
    query = (
        select(records.c.id, facts.c.value)
        .join(records, records.c.id == facts.c.record_id)
        .where(
            records.c.file_id == file_id,
            records.c.form_id == form_id,
            records.c.state != "void",
            facts.c.name == name,
        )
    )
    if file_facts(unit, file_id).kind == "series":
        return query
    return query.where(records.c.volume_id == current_volume(unit, file_id).id)


def extracts_of(unit: Unit, record_id: int) -> dict[int, int]:
    """File → extract, of the extracts made from a sheet about many people that are not void."""
    rows = unit.execute(
        select(records.c.file_id, records.c.id).where(
            records.c.source_record == record_id, records.c.state != "void"
        )
    )
    return {row.file_id: row.id for row in rows}


def set_event(unit: Unit, record_id: int, event: str, on: date) -> None:
    """Note the day of a retention event of one record (到期、被取代、离职、末次登记).

    Raises InputRefused, StateForbids, NotFound.
    """
    if event not in RECORDED_EVENTS:
        told = "、".join(f"{name}（{EVENTS[name]}）" for name in RECORDED_EVENTS)
        raise InputRefused(f"可登记的日期有：{told}。")
    record = record_facts(unit, record_id)
    if record.state in _GONE:
        raise StateForbids("这一件已作废或已销毁。")
    query = select(records.c.events).where(records.c.id == record_id)
    raw = the_value(unit.execute(query), f"第 {record_id} 件")
    dates = {**json.loads(raw), event: on.isoformat()}
    unit.execute(update(records).where(records.c.id == record_id).values(events=canonical_json(dates)))
    unit.log(
        "retention.event", f"record:{record_id}", chain=record.file,
        detail={"kind": event, "on": on.isoformat()},
    )  # fmt: skip


def replace_earlier(unit: Unit, file_ids: Sequence[int], form_id: str, newer: int, on: date) -> list[int]:
    """Earlier records of a form whose period starts when a newer edition replaces them; returns them."""
    query = select(records.c.id, records.c.events).where(
        records.c.file_id.in_(list(file_ids)),
        records.c.form_id == form_id,
        records.c.id != newer,
        records.c.state.not_in((*_GONE, "draft")),
    )
    replaced = [row.id for row in unit.execute(query) if "replaced" not in json.loads(row.events)]
    for record in replaced:
        set_event(unit, record, "replaced", on)
    return replaced


def contents_in(unit: Unit, file_id: int, form_ids: Collection[str]) -> list[tuple[str, bytes]]:
    """(form, answers) of the finished records of these forms in the running volume, in the order they came.

    For filling in what is known: the answers leave in another record of the same file, whose act is logged.
    Raises ItemUnreadable.
    """
    if not form_ids:
        return []
    running = records.c.volume_id == current_volume(unit, file_id).id
    return _answers(unit, file_id, form_ids, running)


def last_content(unit: Unit, file_id: int, form_id: str) -> bytes | None:
    """The answers of the latest finished record of a form in the earlier volumes; None without one.

    The caller takes only what may leave a closed volume.  Raises ItemUnreadable.
    """
    earlier = records.c.volume_id != current_volume(unit, file_id).id
    found = _answers(unit, file_id, (form_id,), earlier)
    return found[-1][1] if found else None


def _answers(
    unit: Unit, file_id: int, form_ids: Collection[str], where: ColumnElement[bool]
) -> list[tuple[str, bytes]]:
    last = (
        select(func.max(revisions.c.number))
        .where(revisions.c.record_id == records.c.id)
        .correlate(records)
        .scalar_subquery()
    )
    query = (
        select(records.c.form_id, records.c.item_key, revisions)
        .join(revisions, (revisions.c.record_id == records.c.id) & (revisions.c.number == last))
        .where(
            records.c.file_id == file_id,
            records.c.form_id.in_(list(form_ids)),
            records.c.state.in_(("final", "signed", "archived")),
            where,
        )
        .order_by(records.c.id)
    )
    return [(row.form_id, answers_in(unit.archive, row.item_key, row)) for row in unit.execute(query)]

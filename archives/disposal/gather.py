"""What retention has to know of every item, read from the tables in few passes."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select

from archives.archive import Unit
from archives.retention.item import Hold, Placing, RetainedItem
from archives.retention.prolong import Override
from archives.store.tables import RULE_FACTS, facts, files, holds, records, volumes
from archives.store.tables_duties import disposal_lists, overrides, rights_requests

GONE = ("destroying", "destroyed")
"""States of what no plan tells of any more."""
REGISTERS = "GL"
_ASKED = "rights_request"


@dataclass(frozen=True, slots=True)
class _Volume:
    file: int
    accepted: bool
    closed_on: date | None
    outcome: str | None
    outcome_on: date | None

    @property
    def running(self) -> bool:
        return self.closed_on is None and self.outcome is None


def items(unit: Unit, where: ColumnElement[bool] | None = None) -> Iterator[RetainedItem]:
    """Every item that is there, in order of its id; ``where`` narrows (over records, files)."""
    shelves = _volumes(unit, where)
    last: dict[int, _Volume] = {}
    accepted: set[int] = set()
    for volume in shelves.values():
        # A merger can put ended volumes after the one that is running.
        if volume.file not in last or not last[volume.file].running:
            last[volume.file] = volume
        if volume.accepted:
            accepted.add(volume.file)
    told = _facts(unit, where)
    query = (
        select(
            records.c.id, records.c.ref_code, records.c.form_id, records.c.document_date, records.c.events,
            records.c.volume_id, records.c.file_id, files.c.kind, files.c.series, files.c.accepted_on,
        )
        .join(files, files.c.id == records.c.file_id)
        .where(records.c.state.not_in(GONE))
        .order_by(records.c.id)
    )  # fmt: skip
    if where is not None:
        query = query.where(where)
    for row in unit.execute(query):
        # A case merged into an application's file makes that the file of a served person.
        permanent = row.accepted_on is not None or row.file_id in accepted
        yield _item(row, shelves.get(row.volume_id), last.get(row.file_id), told.get(row.id, {}), permanent)


def _item(
    row: Any, volume: _Volume | None, last: _Volume | None, told: dict[str, Any], permanent: bool
) -> RetainedItem:
    events = {} if row.events == "{}" else {n: _day(d) for n, d in json.loads(row.events).items()}
    given: dict[str, Any] = dict(told)
    if row.kind == "series":
        placing: Placing = "register" if row.series == REGISTERS else "site"
        running = False
    else:
        placing = "case" if volume is not None and volume.accepted else "application"
        running = volume is None or volume.running or (last is not None and last.running)
        if volume is not None:
            _add_events(events, volume, last or volume)
            given["outcome"] = "accepted" if volume.accepted else volume.outcome
    return RetainedItem(
        str(row.id), row.ref_code or "", row.form_id, placing, _maybe(row.document_date),
        {name: day for name, day in events.items() if day is not None}, running, given, permanent,
    )  # fmt: skip


def _add_events(events: dict[str, date | None], volume: _Volume, last: _Volume) -> None:
    # A later episode sets the clock of the whole file back (spec E3.4).
    ends = [day for day in (volume.closed_on, last.closed_on) if day is not None]
    if ends:
        events["case_closed"] = max(ends)
    decided = [day for day in (volume.outcome_on, last.outcome_on, last.closed_on) if day is not None]
    if volume.outcome is not None and decided:
        events["brief_closed" if volume.outcome == "served_briefly" else "decision"] = max(decided)


def _volumes(unit: Unit, where: ColumnElement[bool] | None) -> dict[int, _Volume]:
    query = select(volumes).order_by(volumes.c.file_id, volumes.c.number)
    if where is not None:
        of = select(records.c.file_id).join(files, files.c.id == records.c.file_id).where(where)
        query = query.where(volumes.c.file_id.in_(of))
    rows = unit.execute(query)
    return {
        row.id: _Volume(
            row.file_id, row.case_no is not None, _maybe(row.closed_on), row.outcome, _maybe(row.outcome_on)
        )
        for row in rows
    }


def _facts(unit: Unit, where: ColumnElement[bool] | None) -> dict[int, dict[str, Any]]:
    query = select(facts.c.record_id, facts.c.name, facts.c.value).where(RULE_FACTS)
    if where is not None:
        query = (
            query.join(records, records.c.id == facts.c.record_id)
            .join(files, files.c.id == records.c.file_id)
            .where(where)
        )
    found: dict[int, dict[str, Any]] = defaultdict(dict)
    for row in unit.execute(query):
        found[row.record_id][row.name] = row.value
    return found


def holds_of_items(unit: Unit, record_ids: Sequence[int] | None = None) -> dict[str, tuple[Hold, ...]]:
    """Open holds by item key, of all items or of some.

    A hold of a file stands at each of its items; a hold on somebody's extract stands also at the
    multi-person sheet it was taken from: that is where the evidence is.
    """
    extract = records.alias("extract")
    own = _held(records.c.id.label("item"), records, record_ids)
    sheets = _held(extract.c.source_record.label("item"), extract, record_ids).where(
        extract.c.source_record.is_not(None)
    )
    found: dict[str, list[Hold]] = defaultdict(list)
    for query in (own, sheets):
        for row in unit.execute(query):
            hold = Hold(row.reason, str(row.owner), date.fromisoformat(row.placed_at[:10]), _maybe(row.until))
            found[str(row.item)].append(hold)
    for key, asked_on in _asked(unit, record_ids):
        if all(hold.reason != _ASKED for hold in found[key]):
            found[key].append(Hold(_ASKED, "", asked_on))
    return {key: tuple(value) for key, value in found.items() if value}


def _asked(unit: Unit, record_ids: Sequence[int] | None) -> Iterator[tuple[str, date]]:
    """(item, day) of open requests of persons: they keep an item whether or not the file is held yet."""
    extract = records.alias("extract")
    open_ones = rights_requests.c.state == "open"
    for item, table in ((records.c.id, records), (extract.c.source_record, extract)):
        query = (
            select(item.label("item"), rights_requests.c.received_on)
            .select_from(rights_requests)
            .join(table, table.c.file_id == rights_requests.c.file_id)
            .where(open_ones, item.is_not(None))
        )
        if record_ids is not None:
            query = query.where(item.in_(record_ids))
        for row in unit.execute(query.order_by(rights_requests.c.id)):
            yield str(row.item), date.fromisoformat(row.received_on)


def _held(item: Any, table: Any, record_ids: Sequence[int] | None) -> Select[Any]:
    query = (
        select(holds, item)
        .join(table, table.c.file_id == holds.c.file_id)
        .where(
            holds.c.released_at.is_(None), or_(holds.c.record_id.is_(None), holds.c.record_id == table.c.id)
        )
    )
    return query if record_ids is None else query.where(item.element.in_(record_ids))


def overrides_of_items(
    unit: Unit, record_ids: Sequence[int] | None = None
) -> dict[str, tuple[Override, ...]]:
    """Opinions of earlier appraisals by item key, of all items or of some."""
    query = select(overrides, disposal_lists.c.ref_code).join(
        disposal_lists, disposal_lists.c.id == overrides.c.list_id
    )
    if record_ids is not None:
        query = query.where(overrides.c.record_id.in_(record_ids))
    found: dict[str, list[Override]] = defaultdict(list)
    for row in unit.execute(query):
        decided = date.fromisoformat(row.decided_on)
        found[str(row.record_id)].append(Override(row.kind, row.years, decided, row.ref_code))
    return {key: tuple(value) for key, value in found.items()}


def count_items(unit: Unit) -> int:
    """How many items there are that are not destroyed."""
    query = select(func.count()).select_from(records).where(records.c.state.not_in(GONE))
    return int(unit.execute(query).scalar_one())


def _maybe(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _day(text: str) -> date | None:
    return date.fromisoformat(text)

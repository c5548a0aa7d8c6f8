"""Digests of everything a station held before its rows were noted on the log: once, when it is upgraded."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import Connection, select

from archives.archive import Unit
from archives.evidence.noting import parts
from archives.evidence.registry import Entry
from archives.evidence.stored import OF_FILES, OF_STATION, batches, groups, rows_of
from archives.log.event import MOST_DIGESTS, SITE_CHAIN
from archives.store.tables_people import events

ACTION: Final = "rows.baseline"
SINCE: Final = "此前的内容自升级之日（{day}）起受核对；更早的改动核对不出。"
_FILES_AT_ONCE: Final = 50
_NOTED: Final = select(events.c.id).where(events.c.detail.contains('"digests":')).limit(1)


def baseline(unit: Unit) -> None:
    """One event for the station and one for each file, further ones where there are many rows.

    What lies before is believed as it is; from here on every change is compared.  A log that knows digests is
    not believed anew: whoever put its version back would have every change since put right.
    """
    if unit.execute(_NOTED).first() is None:
        note_all(unit)


def note_all(unit: Unit) -> None:
    """Digests of all rows as they stand."""
    _note(unit, (SITE_CHAIN,), OF_STATION)
    for together in batches(groups(unit.connection), _FILES_AT_ONCE):
        _note(unit, together, OF_FILES)


def noted_since(connection: Connection) -> str:
    """Since when every change is compared, in a sentence; empty for a station that always noted its rows."""
    query = select(events.c.at).where(events.c.chain == SITE_CHAIN, events.c.action == ACTION)
    found = connection.execute(query.order_by(events.c.seq).limit(1)).scalar()
    return SINCE.format(day=found[:10]) if found else ""


def _note(unit: Unit, chains: Sequence[int], entries: Sequence[Entry]) -> None:
    told: dict[int, dict[str, str]] = {}
    for entry in entries:
        for held in rows_of(unit.connection, entry, chains, unit.archive.id_key):
            rows = told.setdefault(held.chain, {})
            rows[held.key] = held.digest
            if len(rows) >= MOST_DIGESTS:
                unit.note_rows(ACTION, held.chain, told.pop(held.chain))
    for chain, rows in told.items():
        for part in parts(rows):
            unit.note_rows(ACTION, chain, part)
    unit.put_down()

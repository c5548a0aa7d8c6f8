"""What counts forward, compared with what it left behind: confirmed times with the log, numbers with rows."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any, Final, NamedTuple

from sqlalchemy import Column, Connection, and_, select

from archives.archive import Archive
from archives.clock.reckoning import AHEAD, BEHIND
from archives.keeping.finding import KeepingFinding
from archives.store.tables import files, numbers
from archives.store.tables_clock import clock_readings
from archives.store.tables_duties import disposal_lists, loans, rights_requests, transfers
from archives.store.tables_people import events

_BACK: Final = int(BEHIND.total_seconds())
_ON: Final = int(AHEAD.total_seconds())
_TOLD: Final = {"confirmed": "clock.confirm", "doubted": "clock.doubt"}
_GIVEN: Final[tuple[tuple[Column[Any], re.Pattern[str], str], ...]] = (
    (loans.c.ref_code, re.compile(r"JY-(\d{4})-(\d+)\Z"), "loan:{}"),
    (rights_requests.c.ref_code, re.compile(r"QL-(\d{4})-(\d+)\Z"), "rights:{}"),
    (transfers.c.ref_code, re.compile(r"YJ-(\d{4})-(\d+)\Z"), "transfer:{}"),
    (disposal_lists.c.ref_code, re.compile(r"XH-(\d{4})-(\d+)\Z"), "AR7:{}"),
    (files.c.ref_code, re.compile(r".*·GA-(\d{4})-Y-(\d+)\Z"), "file:{}"),
)
"""Where numbers of a sequence stand: the column, how it reads (year, number), the name of the sequence."""


def numbers_known(archive: Archive) -> Iterator[KeepingFinding]:
    """Every number that stands on a row was given: one taken back would be given again."""
    with archive.data.reading() as connection:
        given = {(row.sequence, row.number) for row in connection.execute(select(numbers))}
        for column, pattern, name in _GIVEN:
            query = select(column).where(column.is_not(None)).order_by(column)
            for code in connection.execute(query).scalars().all():
                read = pattern.match(code)
                if read is not None and (name.format(read[1]), int(read[2])) not in given:
                    yield KeepingFinding("number_gap", f"{name.format(read[1])} 第 {int(read[2])} 号")


def events_in_order(archive: Archive) -> Iterator[KeepingFinding]:
    """The numbers of events grow along each chain: no hash covers them, and other tables use them."""
    later = events.alias()
    query = (
        select(events.c.chain)
        .join(later, and_(later.c.chain == events.c.chain, later.c.seq == events.c.seq + 1))
        .where(later.c.id < events.c.id)
        .distinct()
        .order_by(events.c.chain)
    )
    with archive.data.reading() as connection:
        for number in connection.execute(query).scalars().all():
            yield KeepingFinding("events_order", f"#{number}")


def times_told(archive: Archive) -> Iterator[KeepingFinding]:
    """Every confirmed time and every doubt is one the log tells of, and none was taken out between them."""
    with archive.data.reading() as connection:
        rows = connection.execute(select(clock_readings).order_by(clock_readings.c.id)).all()
        told = _told(connection)
        named = events.c.id.in_(select(clock_readings.c.last_event))
        moments = {
            row.id: _seconds(row.at)
            for row in connection.execute(select(events.c.id, events.c.at).where(named))
        }
    yield from _leaps(rows, moments)
    for before, row in pairwise(rows):
        for missing in range(before.id + 1, min(row.id, before.id + 10)):
            yield KeepingFinding("time_differs", f"#{missing}")
    # The first of a station is on the word of who founds it.
    for row in rows[1:]:
        if row.kind in _TOLD and not _take(told, row):
            yield KeepingFinding("time_differs", f"#{row.id}")
    if told:
        yield KeepingFinding("time_differs", f"（日志有 {len(told)} 次，登记中没有）")


def _leaps(rows: Sequence[Any], moments: Mapping[int, int]) -> Iterator[KeepingFinding]:
    """Times the program would not have kept: a leap from the time before, or from the event before.

    ``moments``: number of an event → seconds.  The first row is held to the events of the founding.  Who
    writes many small leaps leaves the event behind; after a doubt the event's own time may be wrong.
    """
    last: int | None = None
    doubted = False
    for row in rows:
        if row.kind == "kept" or last is None:
            event = None if doubted else moments.get(row.last_event)
            if (last is not None and not -_BACK <= row.seconds - last <= _ON) or (
                event is not None and row.seconds - event > _ON
            ):
                yield KeepingFinding("time_leap", f"#{row.id}")
        doubted = row.kind == "doubted"
        if not doubted:
            last = row.seconds


def _take(told: list[_Told], row: Any) -> bool:
    """Whether an event tells of this row; each tells of one."""
    staff = row.staff if row.kind == "confirmed" else None
    for one in told:
        if (one.kind, one.staff) == (row.kind, staff) and row.seconds in one.seconds:
            told.remove(one)
            return True
    return False


class _Told(NamedTuple):
    """What an event tells: the reading, or the time confirmed before where that was later."""

    kind: str
    staff: int | None
    seconds: tuple[int, ...]


def _told(connection: Connection) -> list[_Told]:
    found = []
    query = select(events).where(events.c.action.in_(_TOLD.values()), events.c.result == "ok")
    for row in connection.execute(query.order_by(events.c.id)):
        kind = "confirmed" if row.action == _TOLD["confirmed"] else "doubted"
        detail = json.loads(row.detail)
        read = [detail[name] for name in ("reading", "confirmed") if detail.get(name) is not None]
        seconds = tuple(_seconds(one) for one in read)
        found.append(_Told(kind, row.staff if kind == "confirmed" else None, seconds))
    return found


def _seconds(moment: str) -> int:
    return int(datetime.fromisoformat(moment).timestamp())

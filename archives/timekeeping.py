"""The confirmed time of a station: known at the start of each act, written down when an hour has passed.

Rows of ``clock_readings`` are the truth.  A process remembers them between acts and reads them again when the
reading does not fit what it remembers, and whenever something is to be destroyed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import ColumnElement, Connection, and_, func, insert, literal_column, select

from archives.clock.reckoning import AHEAD, BEHIND, Reckoned, fits, reckon, to_be_kept
from archives.clock.reference import Wrong
from archives.errors import InputRefused
from archives.log.event import SITE_CHAIN, moment
from archives.store.prepared import Prepared
from archives.store.tables_clock import clock_readings, clock_wrongs
from archives.store.tables_people import events, seals

if TYPE_CHECKING:
    from archives.archive import Unit

_NEWEST: Final = Prepared(
    select(clock_readings.c.kind, clock_readings.c.seconds)
    .order_by(clock_readings.c.id.desc())
    .limit(literal_column("2"))
)


@dataclass(frozen=True, slots=True)
class Known:
    """The newest rows: the last confirmed time (seconds; None: there is none), whether a doubt is open."""

    seconds: int | None
    doubted: bool


@dataclass(slots=True)
class Times:
    """What this process remembers of the confirmed time; None until the first look."""

    known: Known | None = None


def known_time(connection: Connection) -> Known:
    """What the database says now."""
    rows = _NEWEST.run(connection, {})
    doubted = bool(rows) and rows[0].kind == "doubted"
    confirmed = [row.seconds for row in rows if row.kind != "doubted"]
    return Known(int(confirmed[0]) if confirmed else None, doubted)


def remembered(times: Times, connection: Connection, reading: datetime) -> Known:
    """What is remembered while the reading goes on from it; else what the database says now."""
    known = times.known
    if known is None or known.doubted or not fits(reading, at(known.seconds, reading)):
        return known_time(connection)
    return known


def at(seconds: int | None, like: datetime) -> datetime | None:
    """The moment, in the time zone of another."""
    return None if seconds is None else datetime.fromtimestamp(seconds, like.tzinfo)


def begin(unit: Unit) -> None:
    """Write down what this act's reading changes: an hour or a day more, a doubt begun, a doubt ended."""
    if not _changes(unit):
        return
    unit.head(SITE_CHAIN)  # on a server two acts take their turn here
    read_again(unit)
    if not _changes(unit):
        return
    reckoned, before = unit.reckoned, unit.known
    if not reckoned.confirmed:
        _add(unit, "doubted")
        unit.log("clock.doubt", "station:1", detail=_both(reckoned))
    elif before.doubted:
        row = _add(unit, "kept")
        wrong = _mark_wrong(unit, row, before)
        unit.log("clock.return", "station:1", detail={**_both(reckoned), **wrong})
    else:
        _add(unit, "kept")


def _changes(unit: Unit) -> bool:
    reckoned = unit.reckoned
    if not reckoned.confirmed:
        return reckoned.last is not None and not unit.known.doubted
    return unit.known.doubted or to_be_kept(reckoned.at, reckoned.last)


def read_again(unit: Unit) -> None:
    """Judge the act's reading by what the database says now."""
    unit.known = known_time(unit.connection)
    unit.reckoned = reckon(unit.reckoned.reading, at(unit.known.seconds, unit.reckoned.reading))


def _both(reckoned: Reckoned) -> dict[str, str | None]:
    last = reckoned.last
    return {
        "reading": reckoned.reading.isoformat(timespec="seconds"),
        "confirmed": last.isoformat(timespec="seconds") if last is not None else None,
    }


def _add(unit: Unit, kind: str, staff: int | None = None) -> int:
    newest = unit.execute(select(func.max(events.c.id))).scalar() or 0
    seconds = int(unit.reckoned.at.timestamp())
    result = unit.execute(
        insert(clock_readings), {"kind": kind, "seconds": seconds, "staff": staff, "last_event": newest}
    )
    unit.known = Known(unit.known.seconds if kind == "doubted" else seconds, kind == "doubted")
    return int(result.inserted_primary_key[0])  # type: ignore[index]  # one row was inserted


def founding(unit: Unit) -> None:
    """The act that founds a station goes by its own reading; ``found_time`` ends it on a person's word."""
    if unit.known.seconds is None:
        unit.reckoned = reckon(unit.reckoned.reading, unit.reckoned.reading)


def found_time(unit: Unit, staff: int) -> None:
    """The first confirmed time of a station, on the word of the person who founds it."""
    _add(unit, "confirmed", staff)
    _settle(unit)


def confirm_today(unit: Unit, stated: date) -> None:
    """The person who acts says what day it is; it must be the day the clock shows.

    Times that this shows to be wrong are marked so.  Raises InputRefused.
    """
    read_again(unit)
    reckoned, before = unit.reckoned, unit.known
    if stated != reckoned.reading.date():
        raise InputRefused(
            f"您说今天是 {stated}，电脑显示的却是 {reckoned.reading:%Y-%m-%d}。",
            hint="请先校正电脑的日期和时间，再确认。",
        )
    staff = unit.staff()
    row = _add(unit, "confirmed", staff)
    wrong = _mark_wrong(unit, row, before)
    _mark_overtaken(unit, row, before)
    _settle(unit)
    unit.log("clock.confirm", "station:1", detail={**_both(reckoned), **wrong})


def _settle(unit: Unit) -> None:
    """The act goes on by the time that was just confirmed."""
    reading = unit.reckoned.reading
    unit.reckoned = reckon(reading, at(unit.known.seconds, reading))


def _mark_wrong(unit: Unit, row: int, before: Known) -> dict[str, int | None]:
    """Mark what this confirmed time shows to be wrong; how the log tells it.

    Wrong are times after it, and times of an open doubt before the time confirmed last.
    """
    now = unit.reckoned.at
    newest = unit.execute(select(func.max(seals.c.number))).scalar()
    since = _suspected_since(unit, row, now)
    if since is None:
        return {"seal": newest}
    low = min([now, *filter(None, [at(before.seconds, now)])]) - BEHIND
    spans = [
        span
        for outside in (events.c.at < moment(low), events.c.at > moment(now + BEHIND))
        if (span := _span_of(unit, and_(events.c.id > since, outside))) is not None
    ]
    for first_event, last_event, first, last in spans:
        _add_wrong(unit, row, (first_event, last_event), (first, last + 1))
    if not spans:
        return {"seal": newest}
    return {"seal": newest, "first": min(one[0] for one in spans), "last": max(one[1] for one in spans)}


def _span_of(unit: Unit, chosen: ColumnElement[bool]) -> tuple[int, int, int, int] | None:
    """First and last of some events, and their first and last moment in seconds."""
    e = events.c
    found = select(
        func.min(e.id).label("first_event"), func.max(e.id).label("last_event"),
        func.min(e.at).label("first"), func.max(e.at).label("last"),
    )  # fmt: skip
    row = unit.execute(found.where(chosen)).one()
    if row.first_event is None:
        return None
    return row.first_event, row.last_event, _seconds(row.first), _seconds(row.last)


def _seconds(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp())


def _add_wrong(unit: Unit, row: int, numbers: tuple[int, int], moments: tuple[int, int]) -> None:
    unit.execute(
        insert(clock_wrongs),
        {
            "reading_id": row, "first_event": numbers[0], "last_event": numbers[1],
            "first_seconds": moments[0], "last_seconds": moments[1],
            "found_seconds": int(unit.reckoned.at.timestamp()),
        },
    )  # fmt: skip


def _suspected_since(unit: Unit, row: int, now: datetime) -> int | None:
    """The event after which times may be wrong: of an open doubt, and of confirmed times after this one."""
    earlier = clock_readings.c.id < row
    suspects: list[Any] = []
    newest = unit.execute(
        select(clock_readings).where(earlier).order_by(clock_readings.c.id.desc()).limit(1)
    ).first()
    if newest is not None and newest.kind == "doubted":
        suspects.append(newest.last_event)
    after = select(func.min(clock_readings.c.last_event)).where(
        earlier, clock_readings.c.kind != "doubted",
        clock_readings.c.seconds > int((now + BEHIND).timestamp()),
    )  # fmt: skip
    suspects.append(unit.execute(after).scalar())
    found = [one for one in suspects if one is not None]
    return min(found) if found else None


def _mark_overtaken(unit: Unit, row: int, before: Known) -> None:
    """A confirmation that went back, and is now left behind by a leap, was wrong itself: so are its times."""
    now, last = int(unit.reckoned.at.timestamp()), before.seconds
    earlier = select(clock_readings).where(clock_readings.c.id < row, clock_readings.c.kind != "doubted")
    newest_first = earlier.order_by(clock_readings.c.id.desc())
    back = unit.execute(newest_first.where(clock_readings.c.kind == "confirmed").limit(1)).first()
    if back is None or last is None or now - last <= AHEAD.total_seconds():
        return
    there = unit.execute(newest_first.where(clock_readings.c.id < back.id).limit(1)).first()
    if there is None or not back.seconds < there.seconds <= now:
        return
    newest = unit.execute(select(func.max(events.c.id))).scalar() or 0
    _add_wrong(unit, row, (min(back.last_event + 1, newest), newest), (back.seconds, max(back.seconds, last)))


def wrong_times(connection: Connection, like: datetime) -> tuple[Wrong, ...]:
    """All times found wrong."""
    rows = connection.execute(select(clock_wrongs).order_by(clock_wrongs.c.id)).all()
    zone = like.tzinfo
    return tuple(
        Wrong(
            datetime.fromtimestamp(row.first_seconds, zone), datetime.fromtimestamp(row.last_seconds, zone),
            datetime.fromtimestamp(row.found_seconds, zone),
        )
        for row in rows
    )  # fmt: skip

"""An open archive: its stores, clock and random source, and the one way to write to it.

Every act is a Unit: one durable transaction that changes rows and puts the matching events on the access log.
An answer leaves only after its unit is committed, so there is no read without its event.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import (
    Connection,
    CursorResult,
    Executable,
    bindparam,
    insert,
    literal_column,
    select,
    text,
)
from sqlalchemy.sql.util import find_tables

from archives import timekeeping
from archives.clock.reckoning import Reckoned, reckon
from archives.clock.reference import Reference, Wrong, reference, unconfirmed
from archives.errors import ArchiveError
from archives.evidence.noting import digests, parts
from archives.keys.bindings import NOTE, Bound
from archives.keys.suite import decrypt, encrypt
from archives.log.event import (
    NO_HASH,
    ROW_FIELDS,
    SITE_CHAIN,
    AccessEvent,
    DetailValue,
    check,
    moment,
    stored,
)
from archives.ports import Actor, Clock, RandomBytes
from archives.settings import StationFacts
from archives.store.blobs import BlobStore
from archives.store.database import Database
from archives.store.item_keys import KeyStore
from archives.store.marks import note_keys
from archives.store.newest import Newest
from archives.store.prepared import Prepared
from archives.store.tables import files
from archives.store.tables_people import events, notes
from archives.store.touched import take

__all__ = ["Archive", "StationFacts", "Unit", "canonical_json"]

UNCONFIRMED: Final = "unconfirmed"
"""Stands in the detail (``clock``) of every event whose time nobody confirmed."""
_EVENT_LOCK = 0x4B44
"""Number space of PostgreSQL's advisory locks for chains."""

_LAST: Final = Prepared(
    select(events.c.seq, events.c.hash)
    .where(events.c.chain == bindparam("chain"))
    .order_by(events.c.seq.desc())
    .limit(literal_column("1"))
)
_LOCK_FILE: Final = select(files.c.id).where(files.c.id == bindparam("file")).with_for_update()
_EVENT_FIELDS: Final = (*ROW_FIELDS, "hash")
_ADD_EVENT: Final = Prepared(insert(events), *_EVENT_FIELDS, gives=events.c.id)
_canonical: Final = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode


@dataclass(frozen=True, slots=True)
class Archive:
    """The stores of one station, open.  ``id_key`` is the key of the keyed hash of ID numbers."""

    data: Database
    keys: KeyStore
    blobs: BlobStore
    clock: Clock
    random: RandomBytes
    station: StationFacts
    id_key: bytes
    newest: Newest | None = None
    """The number of the newest event outside the database; None for one on a server."""
    times: timekeeping.Times = field(default_factory=timekeeping.Times, compare=False)

    @contextmanager
    def acting(self, name: str, actor: Actor) -> Iterator[Unit]:
        """One act, durable when the block ends; ``name`` names its write points (``person.open``).

        Raises StoreUnusable; whatever the block raises undoes the act.
        """
        reading = self.clock()
        with self.data.writing(name) as connection:
            unit = self._unit(connection, actor, reading)
            timekeeping.begin(unit)
            yield unit
            unit.put_down()
            noted = note_keys(connection, self.keys)
        self.times.known = unit.known
        self.keys.noted = max(self.keys.noted, noted)
        if self.newest is not None and unit.newest_event:
            self.newest.note(unit.newest_event)

    @contextmanager
    def looking(self, actor: Actor) -> Iterator[Unit]:
        """One moment of the data for questions that change nothing and keep no writer waiting.

        Whoever shows the answer to a person logs it by an act first.
        """
        reading = self.clock()
        with self.data.reading() as connection:
            unit = self._unit(connection, actor, reading)
            self.times.known = unit.known
            yield unit
            if unit.waits:
                raise RuntimeError("a look puts nothing on the log")

    def within(self, connection: Connection, actor: Actor) -> Unit:
        """A unit inside a transaction that somebody else began and ends; who has it puts its events down."""
        return self._unit(connection, actor, self.clock())

    def settle_clock(self, actor: Actor) -> None:
        """End a doubt that the clock itself has ended, so that what it shows to be wrong is known to all."""
        with self.looking(actor) as unit:
            over = unit.known.doubted and unit.confirmed
        if over:
            with self.acting("clock.settle", actor):
                pass

    def _unit(self, connection: Connection, actor: Actor, reading: datetime) -> Unit:
        known = timekeeping.remembered(self.times, connection, reading)
        return Unit(self, connection, actor, known, reckon(reading, timekeeping.at(known.seconds, reading)))

    def now(self) -> datetime:
        """The clock, for stamps and for showing: dates of prints, rules about the future; it never goes back.

        Nothing is compared with it that could end or be destroyed: that asks a Unit for its ``reference``.
        """
        reading, known = self.clock(), self.times.known
        if known is None:
            return reading
        reckoned = reckon(reading, timekeeping.at(known.seconds, reading))
        return reckoned.at if reckoned.last is None else max(reckoned.at, reckoned.last)

    def refuse(
        self, actor: Actor, error: ArchiveError, action: str, subject: str, chain: int
    ) -> ArchiveError:
        """Put a denied attempt on the log; returns the error to raise."""
        with self.acting("log.denied", actor) as unit:
            unit.log("access.denied", subject, chain=chain, result="denied", detail={"command": action})
        return error

    def encrypt(self, key: bytes, plain: bytes, bound_to: Bound) -> bytes:
        """Encrypt under an item key; ``bound_to`` says what the bytes are (``keys.bindings``)."""
        return encrypt(key, plain, bound_to, self.random(12))

    def decrypt(self, key_name: str, sealed: bytes, bound_to: Bound) -> bytes:
        """The plain bytes.  Raises ItemUnreadable."""
        return decrypt(self.keys.get(key_name), sealed, bound_to)

    def close(self) -> None:
        """Close all stores."""
        self.data.close()
        self.keys.close()
        if self.newest is not None:
            self.newest.close()


@dataclass(slots=True)
class _Waiting:
    """An event that waits for the end of its act: its free text, and the digests it will carry."""

    event: AccessEvent
    body: bytes | None
    digests: Mapping[str, str] | None = None


@dataclass(slots=True)
class Unit:
    """One act under way: its connection, who acts, and the moment it happens (the same for all it writes)."""

    archive: Archive
    connection: Connection
    actor: Actor
    known: timekeeping.Known
    reckoned: Reckoned
    _heads: dict[int, tuple[int, bytes]] = field(default_factory=dict)
    _waiting: list[_Waiting] = field(default_factory=list)
    newest_event: int = 0
    """The highest number of an event this act put on the log."""

    @property
    def at(self) -> str:
        """The moment of the act, as events write it."""
        return moment(self.reckoned.at)

    @property
    def today(self) -> date:
        """The day, for stamps and for showing; nothing ends or is destroyed by it."""
        return self.reckoned.today

    @property
    def settled(self) -> date:
        """The day that has surely come: what was granted or lent runs out by it."""
        return self.reckoned.settled

    @property
    def year(self) -> int:
        """The year of a new number."""
        return self.reckoned.year

    @property
    def confirmed(self) -> bool:
        """Whether the date is confirmed."""
        return self.reckoned.confirmed

    def reference(self) -> Reference:
        """The confirmed day, by which things end, begin to wait, are destroyed.  Raises DateUnconfirmed."""
        timekeeping.read_again(self)
        if self.known.doubted:  # of a look that comes before the act in which a doubt ends
            raise unconfirmed(self.reckoned)
        return reference(self.reckoned, self.wrongs())

    def wrongs(self) -> tuple[Wrong, ...]:
        """Times found wrong: nothing is compared with them."""
        return timekeeping.wrong_times(self.connection, self.reckoned.reading)

    def execute(self, statement: Executable, values: Any = None) -> CursorResult[Any]:
        """Run a statement inside the act."""
        if self._waiting and _asks_log(statement):
            self.put_down()
        return self.connection.execute(statement, values)

    def prepared(self, statement: Prepared, values: Mapping[str, Any]) -> list[Any]:
        """Run a prepared statement inside the act; its rows."""
        return statement.run(self.connection, values)

    def added(self, statement: Prepared, values: Mapping[str, Any]) -> int:
        """Run a prepared insert inside the act; the number the database gave the row."""
        return statement.add(self.connection, values)

    def staff(self) -> int:
        """The natural person who acts; the program itself may not do what needs one."""
        if self.actor.staff is None:
            raise ArchiveError("这一操作必须由登录的人员办理。", hint="请先运行 kangdang login。")
        return self.actor.staff

    def lock_file(self, file_id: int) -> None:
        """Keep other acts on this file waiting until this one ends."""
        if not self.archive.data.embedded:  # there every act waits for the one before
            self.execute(_LOCK_FILE, {"file": file_id})

    def log(
        self,
        action: str,
        subject: str,
        *,
        chain: int = SITE_CHAIN,
        purpose: str | None = None,
        approval: str | None = None,
        result: str = "ok",
        detail: Mapping[str, str | int | bool | None] | None = None,
        note: str | None = None,
    ) -> None:
        """Put an event on a chain.  ``note`` is kept encrypted under the file's note key.

        Events wait for the end of the act, so that they can carry the digests of the rows it left behind.
        """
        told: dict[str, DetailValue] = dict(detail or {})
        if not self.reckoned.confirmed:
            told["clock"] = UNCONFIRMED
        body, note_hash = self._note(chain, note)
        event = AccessEvent(
            chain=chain,
            seq=0,
            at=self.at,
            user=self.actor.user,
            staff=self.actor.staff,
            role=self.actor.role,
            action=action,
            subject=subject,
            purpose=purpose,
            approval=approval,
            client=self.actor.client,
            result=result,  # type: ignore[arg-type]  # checked by AccessEvent
            detail=told,
            note_sha256=note_hash,
        )
        check(event)
        self._waiting.append(_Waiting(event, body))

    @property
    def waits(self) -> bool:
        """Whether events wait to be written."""
        return bool(self._waiting)

    def put_down(self) -> int:
        """Write the events that wait, with the digests of the rows touched so far; the id of the newest.

        Each row is told on the last event of its chain; a chain without one gets ``rows.noted``.
        """
        for chain, rows in digests(self.connection, take(self.connection), self.archive.id_key).items():
            first, *more = parts(rows)
            carrier = next((one for one in reversed(self._waiting) if _carries(one, chain)), None)
            if carrier is None:
                more.insert(0, first)
            else:
                carrier.digests = first
            for part in more:
                self.note_rows("rows.noted", chain, part)
        waiting, self._waiting = self._waiting, []
        if not self.archive.data.embedded:
            for chain in sorted({one.event.chain for one in waiting}):  # in one order: no two wait in a ring
                self.head(chain)
        for one in waiting:
            self._write(one)
        return self.newest_event

    def note_rows(self, action: str, chain: int, rows: Mapping[str, str]) -> None:
        """An event that says nothing but what rows hold."""
        self.log(action, "station:1" if chain == SITE_CHAIN else f"file:{chain}", chain=chain)
        self._waiting[-1].digests = rows

    def _write(self, waiting: _Waiting) -> None:
        event = waiting.event
        seq, prev = self.head(event.chain)
        row = stored(event, seq + 1, prev, waiting.digests)
        event_id = self.added(_ADD_EVENT, dict(zip(_EVENT_FIELDS, row, strict=True)))
        if waiting.body is not None:
            self.execute(insert(notes), {"event_id": event_id, "file_id": event.chain, "body": waiting.body})
        self._heads[event.chain] = (seq + 1, row[-1])
        self.newest_event = max(self.newest_event, event_id)

    def head(self, chain: int) -> tuple[int, bytes]:
        """Number and hash of the newest event of a chain; other acts on it wait until this one ends."""
        if chain in self._heads:
            return self._heads[chain]
        if not self.archive.data.embedded:
            # Two acts on one chain take their turn; the embedded store has one writer anyway.
            lock = text("SELECT pg_advisory_xact_lock(:space, :chain)")
            self.execute(lock, {"space": _EVENT_LOCK, "chain": chain})
        found = _LAST.tuples(self.connection, {"chain": chain})
        return (found[0][0], bytes(found[0][1])) if found else (0, NO_HASH)

    def _note(self, chain: int, note: str | None) -> tuple[bytes | None, str | None]:
        if note is None:
            return None, None
        import hashlib

        name = self.execute(select(files.c.note_key).where(files.c.id == chain)).scalar()
        if name is None:
            raise ArchiveError("该卷没有说明密钥，不能保存说明文字。")
        body = self.archive.encrypt(self.archive.keys.get(name), note.encode(), NOTE.of())
        return body, hashlib.sha256(body).hexdigest()


def _carries(waiting: _Waiting, chain: int) -> bool:
    return waiting.event.chain == chain and waiting.event.result == "ok"


def _asks_log(statement: Executable) -> bool:
    """Whether a statement reads or names events, those that wait among them."""
    try:
        return any(table in (events, notes) for table in find_tables(statement, include_crud=True))  # type: ignore[arg-type]  # any clause
    except (AttributeError, TypeError):  # plain words
        return False


def canonical_json(value: Mapping[str, Any] | Sequence[Any]) -> str:
    """JSON with sorted keys and no spaces: equal values, equal text."""
    return _canonical(value)

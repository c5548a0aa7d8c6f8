"""Item keys: one random key for each item, in a store of their own; deleting the key destroys the item.

Keys are made durable ahead of use, several at a time: a key nobody uses is harmless and swept by the check.

The store says which one it is: a mark drawn with it, a counter that every change moves on, and how many
keys there must be.  The database keeps the mark and the furthest counter its rows rely on (``store.marks``):
an empty store, another station's and an older copy are told from the right one.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlalchemy import (
    Column,
    Connection,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    delete,
    func,
    insert,
    select,
    update,
)

from archives.clock.reference import Warrant
from archives.clock.steady import Stamp, most
from archives.errors import ItemUnreadable
from archives.ports import Clock, RandomBytes, uptime_of
from archives.store.database import Database
from archives.store.prepared import Prepared

METADATA = MetaData()
item_keys = Table(
    "item_keys",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("key", LargeBinary, nullable=False),
    Column("made_at", Text, nullable=False),
    sqlite_with_rowid=False,
)
key_mark = Table(
    "key_mark",
    METADATA,
    Column("mark", Text, nullable=False),
    Column("counter", Integer, nullable=False),
    Column("kept", Integer, nullable=False),
)
"""One row; none before the store is bound to its database."""
FIRST, AHEAD = 8, 128
"""Keys made in one durable write: at first few, for most processes need few; then twice as many each time."""
_ADD: Final = Prepared(insert(item_keys), *item_keys.c.keys())
FRESH = timedelta(hours=6)
"""How long a key made ahead may be handed out, by the time since the computer started where that is known.
The check sweeps what is older than ``keeping.sweep.GRACE`` and belongs to nothing."""


@dataclass(frozen=True, slots=True)
class KeyMark:
    """What the store says of itself: drawn mark, counter of its changes, how many keys it holds."""

    mark: str
    counter: int
    kept: int


class KeyStore:
    """The store of item keys; safe to share between threads.

    ``reached`` is the counter of the last change made here, ``noted`` the one the database knows of.
    """

    def __init__(self, database: Database, random: RandomBytes, clock: Clock, ahead: int = AHEAD) -> None:
        self.database = database
        self._random = random
        self._clock = clock
        self._most = ahead
        self._ahead = min(FIRST, ahead)
        self._ready: list[tuple[str, bytes]] = []
        self._made: Stamp | None = None
        self._lock = threading.Lock()
        self.reached = self.noted = 0

    def new(self) -> tuple[str, bytes]:
        """(name, key) of an item key that is on the disk.  Raises StoreUnusable."""
        with self._lock:
            if not self._ready or self._stale():
                self._ready = self._make()
            return self._ready.pop()

    def _stale(self) -> bool:
        age = None if self._made is None else most(self._made, self._stamp())
        return age is None or abs(age) > FRESH

    def _stamp(self) -> Stamp:
        return Stamp(self._clock(), uptime_of(self._clock))

    def _make(self) -> list[tuple[str, bytes]]:
        # Names that begin alike lie on one page of the store, not on a page each.
        batch = self._random(10)
        made = [((batch + self._random(6)).hex(), self._random(32)) for _ in range(self._ahead)]
        self._made = self._stamp()
        at = self._made.at.isoformat()
        with self.database.writing("keys.make") as connection:
            _ADD.add_many(connection, [{"id": name, "key": key, "made_at": at} for name, key in made])
            counter = _count(connection, len(made))
        self.reached = max(self.reached, counter)
        self._ahead = min(2 * self._ahead, self._most)
        return made

    def get(self, name: str) -> bytes:
        """The key.  Raises ItemUnreadable when it is gone."""
        with self.database.reading() as connection:
            key = connection.execute(select(item_keys.c.key).where(item_keys.c.id == name)).scalar()
        if key is None:
            raise ItemUnreadable("这一件的密钥已不存在，内容无法读出。")
        return bytes(key)

    def has(self, names: Iterable[str]) -> set[str]:
        """Which of the keys are there."""
        wanted = list(names)
        found: set[str] = set()
        with self.database.reading() as connection:
            for start in range(0, len(wanted), 500):
                part = wanted[start : start + 500]
                found |= set(
                    connection.execute(select(item_keys.c.id).where(item_keys.c.id.in_(part))).scalars()
                )
        return found

    def destroy(self, names: Iterable[str], by: Warrant, *, journal: bool = True) -> None:
        """Delete keys for good, durably; with ``journal`` also leave nothing of them there.

        ``by``: the confirmed day by which it was decided, or why no day decides it.

        Who does without empties it later, when a reader's old moment must not undo the act around this.
        Raises StoreUnusable.
        """
        with self.database.writing("keys.destroy") as connection:
            gone = 0
            for name in names:
                gone += connection.execute(delete(item_keys).where(item_keys.c.id == name)).rowcount
            counter = _count(connection, -gone)
        self.reached = max(self.reached, counter)
        if journal:
            self.database.truncate_journal()

    def names(self) -> Iterator[tuple[str, str]]:
        """(name, made at) of every key."""
        with self.database.reading() as connection:
            for row in connection.execute(
                select(item_keys.c.id, item_keys.c.made_at).order_by(item_keys.c.id)
            ):
                yield row.id, row.made_at

    def mark(self) -> KeyMark | None:
        """What the store says of itself; None for one that is not bound.  Raises StoreUnusable."""
        with self.database.reading() as connection:
            row = connection.execute(select(key_mark)).first()
        return None if row is None else KeyMark(row.mark, row.counter, row.kept)

    def counted(self) -> tuple[KeyMark | None, int]:
        """What the store says of itself, and how many keys there are: every page that holds one is read.

        Raises StoreUnusable.
        """
        with self.database.reading() as connection:
            row = connection.execute(select(key_mark)).first()
            there = int(connection.execute(select(func.count()).select_from(item_keys)).scalar_one())
        return (None if row is None else KeyMark(row.mark, row.counter, row.kept)), there

    def bind(self, mark: str) -> KeyMark:
        """Give the store a mark; its counter goes on and its keys are counted.  Raises StoreUnusable."""
        with self.database.writing("keys.bind") as connection:
            kept = int(connection.execute(select(func.count()).select_from(item_keys)).scalar_one())
            before = connection.execute(select(key_mark.c.counter)).scalar()
            bound = KeyMark(mark, (before or 0) + 1, kept)
            connection.execute(delete(key_mark))
            connection.execute(
                insert(key_mark), {"mark": bound.mark, "counter": bound.counter, "kept": bound.kept}
            )
        self.reached = max(self.reached, bound.counter)
        return bound

    def close(self) -> None:
        """Close the store."""
        self.database.close()


def _count(connection: Connection, more: int) -> int:
    """Move the store's counter on by one, inside its change; returns it (0 for a store that is not bound)."""
    connection.execute(update(key_mark).values(counter=key_mark.c.counter + 1, kept=key_mark.c.kept + more))
    return int(connection.execute(select(key_mark.c.counter)).scalar() or 0)

"""What the database expects of the station's other stores: one row for each (``store_marks``)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from sqlalchemy import Connection, bindparam, insert, select, update

from archives.store.item_keys import KeyStore
from archives.store.tables_station import store_marks

Name = Literal["keys", "page_code", "seal", "tombstones"]


@dataclass(frozen=True, slots=True)
class Expected:
    """The mark or hash by which a store is known, and the number that goes with it."""

    value: str
    number: int


_FURTHER: Final = (
    update(store_marks)
    .where(store_marks.c.name == "keys", store_marks.c.number < bindparam("reached"))
    .values(number=bindparam("reached"))
)


def expected(connection: Connection) -> dict[str, Expected]:
    """What is expected of each store; empty for a database that is not bound yet."""
    rows = connection.execute(select(store_marks))
    return {row.name: Expected(row.value, row.number) for row in rows}


def expect(connection: Connection, name: Name, value: str, number: int) -> None:
    """Expect this of a store from now on; numbers never go back.  Raises IntegrityError when one would."""
    values = {"value": value, "number": number}
    if connection.execute(update(store_marks).where(store_marks.c.name == name).values(**values)).rowcount:
        return
    connection.execute(insert(store_marks), {"name": name, **values})


def note_keys(connection: Connection, keys: KeyStore) -> int:
    """Write down, inside an act, how far the key store has come that the act relies on; returns that.

    The keys of every row are then in a store whose counter is no lower than the one in the database.
    """
    reached = keys.reached
    if reached > keys.noted:
        connection.execute(_FURTHER, {"reached": reached})
    return reached

"""The tables of the station itself: what its other stores must be, and the settings that were accepted."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, ForeignKey, Integer, Table, Text

from archives.store.tables import METADATA, Id, identity, one_of

store_marks = Table(
    "store_marks",
    METADATA,
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
    Column("number", Integer, nullable=False),
    one_of("name", "keys", "page_code", "seal", "tombstones"),
    CheckConstraint("number >= 0", name="number"),
)
"""What lies outside the database and how it is known again: ``keys`` by its drawn mark and the furthest
counter that any row relies on, ``page_code`` and ``seal`` by their key's hash, ``tombstones`` by the hash of
what the list names and how many that are."""

station_settings = Table(
    "station_settings",
    METADATA,
    identity(),
    Column("body", Text, nullable=False),
    Column("at", Text, nullable=False),
    Column("by", Id, ForeignKey("staff.id")),
)
"""Append-only; the newest row holds the settings in force (JSON) and who accepted them; nobody: the program,
when the station was made, restored or upgraded."""

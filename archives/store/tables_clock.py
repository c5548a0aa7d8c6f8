"""The tables of the confirmed time, apart from the log: what a clock said is there, what counts is here.

Moments are whole seconds since 1970 (UTC), so that a guard can measure between them in both databases.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Table, Text

from archives.store.tables import METADATA, Id, identity, one_of

clock_readings = Table(
    "clock_readings",
    METADATA,
    identity(),
    Column("kind", Text, nullable=False),
    Column("seconds", BigInteger, nullable=False),
    Column("staff", Id, ForeignKey("staff.id")),
    Column("last_event", BigInteger, nullable=False),
    one_of("kind", "kept", "doubted", "confirmed"),
    CheckConstraint("(kind = 'confirmed') = (staff IS NOT NULL)", name="confirmed"),
)
"""``kept``: a confirmed reading written down by the program · ``doubted``: the first of a run of unconfirmed
ones · ``confirmed``: a person said that it is right.  The newest row but ``doubted`` is the confirmed time.
``last_event``: number of the newest event then."""

clock_wrongs = Table(
    "clock_wrongs",
    METADATA,
    identity(),
    Column("reading_id", Id, ForeignKey("clock_readings.id"), nullable=False),
    Column("first_event", BigInteger, nullable=False),
    Column("last_event", BigInteger, nullable=False),
    Column("first_seconds", BigInteger, nullable=False),
    Column("last_seconds", BigInteger, nullable=False),
    Column("found_seconds", BigInteger, nullable=False),
    CheckConstraint("first_event <= last_event AND first_seconds <= last_seconds", name="ordered"),
)
"""Times found wrong later: those of events ``first_event`` to ``last_event`` that lie between these moments.
Nothing is measured from a time between ``first_seconds`` and ``last_seconds``; it counts from
``found_seconds``."""

"""The tables of the people who work here, what they may, and what they did (access log)."""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from archives.ports import EXCLUSIVE_ROLES, ROLES
from archives.store.tables import METADATA, Exact, Id, identity, one_of

staff = Table(
    "staff",
    METADATA,
    identity(),
    Column("name", Text, nullable=False),
    Column("id_hash", Exact, unique=True, nullable=False),
    Column("outside", Integer, nullable=False),
    Column("supervisor", Id, ForeignKey("staff.id")),
    Column("added_at", Text, nullable=False),
    Column("left_on", Text),
    CheckConstraint("outside IN (0, 1)", name="outside"),
    sqlite_autoincrement=True,
)
"""Natural persons who act: one row for one ID number, however many accounts.  ``outside``: a witness from
another office."""

staff_roles = Table(
    "staff_roles",
    METADATA,
    Column("staff_id", Id, ForeignKey("staff.id"), primary_key=True),
    Column("role", Text, primary_key=True),
    Column("given_at", Text, nullable=False),
    Column("given_by", Id, ForeignKey("staff.id")),
    one_of("role", *ROLES),
    sqlite_with_rowid=False,
)
# 三员分立 by natural person, in the database itself.
Index(
    "uq_staff_roles_exclusive",
    staff_roles.c.staff_id,
    unique=True,
    sqlite_where=text(f"role IN {EXCLUSIVE_ROLES!r}"),
    postgresql_where=text(f"role IN {EXCLUSIVE_ROLES!r}"),
)

users = Table(
    "users",
    METADATA,
    identity(),
    Column("staff_id", Id, ForeignKey("staff.id"), nullable=False, index=True),
    Column("login", Exact, unique=True, nullable=False),
    Column("state", Text, nullable=False),
    Column("added_at", Text, nullable=False),
    one_of("state", "active", "closed"),
    sqlite_autoincrement=True,
)

assignments = Table(
    "assignments",
    METADATA,
    identity(),
    Column("file_id", Id, ForeignKey("files.id"), nullable=False),
    Column("staff_id", Id, ForeignKey("staff.id"), nullable=False),
    Column("from_on", Text, nullable=False),
    Column("to_on", Text),
    Index("ix_assignments_staff_id_file_id", "staff_id", "file_id"),
    Index("ix_assignments_file_id", "file_id"),
    sqlite_autoincrement=True,
)
"""A worker's caseload."""

access_requests = Table(
    "access_requests",
    METADATA,
    identity(),
    Column("file_id", Id, ForeignKey("files.id"), nullable=False, index=True),
    Column("requester", Id, ForeignKey("staff.id"), nullable=False),
    Column("purpose", Text, nullable=False),
    Column("note", LargeBinary),
    Column("asked_at", Text, nullable=False),
    Column("decided_by", Id, ForeignKey("staff.id")),
    Column("decided_at", Text),
    Column("granted", Integer),
    Column("until", Text),
    CheckConstraint("decided_by IS NULL OR decided_by <> requester", name="two_people"),
    CheckConstraint("(decided_by IS NULL) = (granted IS NULL)", name="decided"),
    CheckConstraint("granted IS NULL OR granted IN (0, 1)", name="granted"),
    sqlite_autoincrement=True,
)

leaves_to_reopen = Table(
    "leaves_to_reopen",
    METADATA,
    Column("request_id", Id, ForeignKey("access_requests.id"), primary_key=True),
    Column("file_id", Id, ForeignKey("files.id"), nullable=False, index=True),
    Column("used_at", Text),
    Column("volume", Integer),
    CheckConstraint("(used_at IS NULL) = (volume IS NULL)", name="used"),
)
"""Which requests ask to reopen a file, not to read it.  A leave is good for one new volume."""

events = Table(
    "events",
    METADATA,
    identity(),
    Column("chain", Id, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("at", Text, nullable=False),
    Column("user", Id),
    Column("staff", Id),
    Column("role", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("purpose", Text),
    Column("approval", Text),
    Column("client", Text, nullable=False),
    Column("result", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("note_sha256", Text),
    Column("hash", LargeBinary, nullable=False),
    one_of("result", "ok", "denied", "failed"),
    UniqueConstraint("chain", "seq"),
)
"""The access log; chain 0 is the station's, every other the file's of that id.  Guarded append-only."""

notes = Table(
    "notes",
    METADATA,
    Column("event_id", Id, ForeignKey("events.id"), primary_key=True),
    Column("file_id", Id, ForeignKey("files.id"), nullable=False, index=True),
    Column("body", LargeBinary, nullable=False),
)
"""Free text of an event, encrypted under the file's note key; it can go, its hash in the event stays."""

seals = Table(
    "seals",
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("day", Text, nullable=False),
    Column("made_at", Text, nullable=False),
    Column("last_event", Id, nullable=False),
    Column("count_events", Integer, nullable=False),
    Column("prev_seal_hash", LargeBinary, nullable=False),
    Column("heads_root", LargeBinary, nullable=False),
    Column("public_key", LargeBinary, nullable=False),
    Column("signature", LargeBinary, nullable=False),
)
seal_heads = Table(
    "seal_heads",
    METADATA,
    Column("seal", Integer, ForeignKey("seals.number"), primary_key=True),
    Column("chain", Id, primary_key=True),
    Column("seq", Integer, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)
"""Head of every chain that grew since the seal before."""

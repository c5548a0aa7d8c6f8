"""The tables of plain files that were written out, and of what attachments are called."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, ForeignKey, Integer, LargeBinary, Table, Text

from archives.store.tables import METADATA, Exact, Id, identity, one_of

written_out = Table(
    "written_out",
    METADATA,
    identity(),
    Column("file_id", Id, ForeignKey("files.id"), nullable=False, index=True),
    Column("record_id", Id, ForeignKey("records.id"), index=True),
    Column("kind", Text, nullable=False),
    Column("token", Exact, unique=True, nullable=False),
    Column("place", LargeBinary),
    Column("state", Text, nullable=False),
    Column("at", Text, nullable=False),
    Column("by", Id, ForeignKey("staff.id"), nullable=False),
    Column("settled_at", Text),
    Column("settled_by", Id, ForeignKey("staff.id")),
    one_of("state", "out", "removed", "missing", "replaced"),
    CheckConstraint("(state = 'out') = (place IS NOT NULL)", name="placed"),
    CheckConstraint("(state = 'out') = (settled_at IS NULL)", name="settled"),
    CheckConstraint("(settled_at IS NULL) = (settled_by IS NULL)", name="settled_by"),
    sqlite_autoincrement=True,
)
"""One plain file about a file or one record of it.  ``place``: path, computer and SHA-256, sealed under the
file's note key, there until the row is settled; ``token`` is what the sealed bytes are bound to."""

document_titles = Table(
    "document_titles",
    METADATA,
    identity(),
    Column("document_id", Id, ForeignKey("documents.id"), unique=True, nullable=False),
    Column("title", LargeBinary, nullable=False),
    sqlite_autoincrement=True,
)
"""What an attachment is called, sealed under its own key."""

separator_titles = Table(
    "separator_titles",
    METADATA,
    identity(),
    Column("file_id", Id, ForeignKey("files.id"), nullable=False, index=True),
    Column("print_id", Exact, unique=True, nullable=False),
    Column("title", LargeBinary, nullable=False),
    sqlite_autoincrement=True,
)
"""What the pages behind a separator sheet are called, sealed under the file's note key."""

disposal_written = Table(
    "disposal_written",
    METADATA,
    Column("list_id", Id, ForeignKey("disposal_lists.id"), primary_key=True),
    Column("record_id", Id, ForeignKey("records.id"), primary_key=True),
    Column("still_out", Integer, nullable=False),
    Column("removed", Integer, nullable=False),
    Column("missing", Integer, nullable=False),
    Column("at", Text, nullable=False),
)
"""How many plain files were known of an item at the moment it was destroyed; what the certificate says."""

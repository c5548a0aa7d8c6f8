"""The tables of scans come home: batches, the pages in them, questions about filed scans, separator sheets.

A batch is one incoming file.  A page has its own bytes, hash and key from the moment it is stored until it is
part of a document; then its document holds the stream, and the page keeps hash and place.
"""

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
)

from archives.store.tables import METADATA, Exact, Id, identity, one_of

PAGE_STATES = ("waiting", "filed", "duplicate", "blank", "service", "rejected")
"""What a page can be; every page is exactly one of these, so the ledger of a batch adds up."""

scan_batches = Table(
    "scan_batches",
    METADATA,
    identity(),
    Column("state", Text, nullable=False),
    Column("sha256", Text, unique=True, nullable=False),
    Column("size", Integer, nullable=False),
    Column("pages_in", Integer),
    Column("item_key", Text),
    Column("received_at", Text, nullable=False),
    Column("by", Id, ForeignKey("staff.id"), nullable=False),
    Column("balanced_at", Text),
    Column("cleared_at", Text),
    one_of("state", "receiving", "open", "balanced", "cleared"),
    CheckConstraint("(state = 'receiving') = (pages_in IS NULL)", name="counted"),
    CheckConstraint("state NOT IN ('balanced', 'cleared') OR balanced_at IS NOT NULL", name="balanced"),
    CheckConstraint("state <> 'cleared' OR (item_key IS NULL AND cleared_at IS NOT NULL)", name="cleared"),
    sqlite_autoincrement=True,
)
"""receiving ─► open (every page stored) ─► balanced (no page waits) ─► cleared (the incoming file's copy and
the pages nobody filed are destroyed).  ``sha256`` is of the incoming file and stays; ``item_key`` is of its
copy in quarantine."""

scan_parts = Table(
    "scan_parts",
    METADATA,
    Column("batch_id", Id, ForeignKey("scan_batches.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("blob", Exact, unique=True, nullable=False),
    sqlite_with_rowid=False,
)
"""The copy of the incoming file in quarantine, piece by piece in its order."""

scan_pages = Table(
    "scan_pages",
    METADATA,
    identity(),
    Column("batch_id", Id, ForeignKey("scan_batches.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("reason", Text),
    Column("sha256", Text),
    Column("size", Integer, nullable=False),
    Column("media_type", Text),
    Column("blob", Exact, unique=True),
    Column("item_key", Text),
    Column("print_id", Exact),
    Column("page", Integer),
    Column("pages", Integer),
    Column("print_document", Id, ForeignKey("documents.id")),
    Column("filed_as", Id, ForeignKey("documents.id")),
    Column("position", Integer),
    Column("reading", LargeBinary),
    Column("settled_at", Text),
    Column("settled_by", Id, ForeignKey("staff.id")),
    one_of("state", *PAGE_STATES),
    CheckConstraint("(state = 'filed') = (filed_as IS NOT NULL AND position IS NOT NULL)", name="filed"),
    CheckConstraint("state <> 'waiting' OR reason IS NOT NULL", name="reasoned"),
    CheckConstraint("(blob IS NULL) = (item_key IS NULL)", name="kept"),
    UniqueConstraint("batch_id", "number"),
    UniqueConstraint("filed_as", "position"),
    Index("ix_scan_pages_print_id", "print_id"),
    Index("ix_scan_pages_state", "state"),
    Index("ix_scan_pages_print_document", "print_document"),
    sqlite_autoincrement=True,
)
"""One page of an incoming file.  ``sha256`` is of the stream as it lay in the file, empty where no stream
could be had; ``print_id``, ``page`` and ``pages`` are what its code says, or its place behind a separator;
``print_document`` is the print it is a page of; ``reading`` is what was read on it, encrypted under the
page's key."""

scan_blank_looks = Table(
    "scan_blank_looks",
    METADATA,
    Column("page_id", Id, ForeignKey("scan_pages.id"), primary_key=True),
    Column("by", Id, ForeignKey("staff.id"), nullable=False),
    Column("at", Text, nullable=False),
    Column("event_id", Id, ForeignKey("events.id"), nullable=False),
    sqlite_with_rowid=False,
)
"""Pages the program took for blank, and who looked at them and said the same.  A page a person settled
(``settled_by``) needs no row: whoever settled it saw it."""

scan_clearings = Table(
    "scan_clearings",
    METADATA,
    Column("batch_id", Id, ForeignKey("scan_batches.id"), primary_key=True),
    Column("at", Text, nullable=False),
    sqlite_with_rowid=False,
)
"""Batches whose clearing has begun; written in the act that destroys the first key."""

scan_set_aside = Table(
    "scan_set_aside",
    METADATA,
    Column("batch_id", Id, ForeignKey("scan_batches.id"), primary_key=True),
    Column("tag", Exact, nullable=False, index=True),
    Column("at", Text, nullable=False),
    sqlite_with_rowid=False,
)
"""Which file of a watched inbox a batch was received from: the random tag under which it lies aside."""

scan_successors = Table(
    "scan_successors",
    METADATA,
    Column("batch_id", Id, ForeignKey("scan_batches.id"), primary_key=True),
    Column("by_batch", Id, ForeignKey("scan_batches.id"), nullable=False),
    Column("at", Text, nullable=False),
    CheckConstraint("by_batch <> batch_id", name="another"),
    sqlite_with_rowid=False,
)
"""Batches whose file was still being written when it was taken, and the batch that took it again."""

scan_questions = Table(
    "scan_questions",
    METADATA,
    identity(),
    Column("document_id", Id, ForeignKey("documents.id"), nullable=False, index=True),
    Column("kind", Text, nullable=False),
    Column("page", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("body", LargeBinary),
    Column("answer", Text),
    Column("settled_at", Text),
    Column("settled_by", Id, ForeignKey("staff.id")),
    one_of("kind", "tick", "signature", "mark", "text", "unread"),
    one_of("state", "open", "settled"),
    one_of("answer", "paper", "record"),
    CheckConstraint("(state = 'settled') = (answer IS NOT NULL)", name="answered"),
    sqlite_autoincrement=True,
)
"""Where a filed scan and its record differ, or nobody could read surely: for a person to settle.  ``body``
names the place and what was read, encrypted under the scan's own key; it goes with the scan."""

scan_separators = Table(
    "scan_separators",
    METADATA,
    Column("print_id", Exact, primary_key=True),
    Column("file_id", Id, ForeignKey("files.id"), nullable=False),
    Column("record_id", Id, ForeignKey("records.id")),
    Column("pages", Integer, nullable=False),
    Column("made_at", Text, nullable=False),
    Column("by", Id, ForeignKey("staff.id"), nullable=False),
    CheckConstraint("pages BETWEEN 1 AND 99", name="pages"),
    sqlite_with_rowid=False,
)
"""Sheets that say what the pages behind them are: so many pages of attachments of this file."""

"""Restores that may have brought back what was destroyed after their backup, and how that ended."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Table, Text

from archives.store.tables import METADATA, Id, identity, one_of

restore_gaps = Table(
    "restore_gaps",
    METADATA,
    identity(),
    Column("backup_at", Text, nullable=False),
    Column("at", Text, nullable=False),
)
"""A restore of a backup of ``backup_at`` that no newer list of what was destroyed came with.  Append-only."""

restore_gap_ends = Table(
    "restore_gap_ends",
    METADATA,
    Column("gap_id", Id, ForeignKey("restore_gaps.id"), primary_key=True),
    Column("kind", Text, nullable=False),
    Column("staff", Id, ForeignKey("staff.id"), nullable=False),
    Column("at", Text, nullable=False),
    one_of("kind", "list", "signed"),
)
"""How it ended: a newer list was applied, or the 负责人 signed that there is none.  Append-only."""

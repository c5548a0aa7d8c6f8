"""What holds a program and was kept all the same: documents, and incoming files in quarantine."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Table, Text

from archives.store.tables import METADATA, Id

document_programs = Table(
    "document_programs",
    METADATA,
    Column("document_id", Id, ForeignKey("documents.id"), primary_key=True),
    Column("kinds", Text, nullable=False),
    Column("at", Text, nullable=False),
    Column("by", Id, ForeignKey("staff.id"), nullable=False),
)
"""Append-only.  ``kinds``: codes with commas between them; who said the second word, and when."""

batch_programs = Table(
    "batch_programs",
    METADATA,
    Column("batch_id", Id, ForeignKey("scan_batches.id"), primary_key=True),
    Column("kinds", Text, nullable=False),
    Column("at", Text, nullable=False),
    Column("by", Id, ForeignKey("staff.id"), nullable=False),
)
"""The same of an incoming file: its pages are pictures, its copy in quarantine is the file itself."""

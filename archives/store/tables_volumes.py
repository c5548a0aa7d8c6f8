"""What a later episode has of its own: the day it was accepted and the number of its application."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Table, Text

from archives.store.tables import METADATA, Exact, Id

volume_facts = Table(
    "volume_facts",
    METADATA,
    Column("volume_id", Id, ForeignKey("volumes.id"), primary_key=True, autoincrement=False),
    Column("file_id", Id, ForeignKey("files.id"), nullable=False, index=True),
    Column("accepted_on", Text),
    Column("application_no", Exact, unique=True),
)
"""One row for a volume that was accepted or brought an application of its own; the first volume's application
number stands on the file."""

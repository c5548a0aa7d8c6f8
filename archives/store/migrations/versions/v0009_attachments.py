"""Attachments that hold programs."""

from __future__ import annotations

from alembic import op

from archives.store.migrations.frozen import run_frozen

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run the frozen statements."""
    run_frozen(op.get_bind(), "v0009")

"""The first version: all tables and guards."""

from __future__ import annotations

from alembic import op

from archives.store.migrations.frozen import run_frozen

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make everything in an empty database."""
    run_frozen(op.get_bind(), "v0001")

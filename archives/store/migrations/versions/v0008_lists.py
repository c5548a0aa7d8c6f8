"""Restores that were given no newer list of what was destroyed."""

from __future__ import annotations

from alembic import op

from archives.store.migrations.frozen import run_frozen

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run the frozen statements."""
    run_frozen(op.get_bind(), "v0008")

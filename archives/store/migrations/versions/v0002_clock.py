"""The confirmed time, apart from the log."""

from __future__ import annotations

from datetime import datetime

from alembic import op
from sqlalchemy import text

from archives.store.migrations.frozen import run_frozen

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run the frozen statements; the time of the newest event is the first confirmed time.

    A station made anew has no event yet: who founds it confirms the time.
    """
    run_frozen(op.get_bind(), "v0002")
    newest = op.get_bind().execute(text("SELECT id, at FROM events ORDER BY id DESC LIMIT 1")).first()
    if newest is not None:
        op.get_bind().execute(
            text(
                "INSERT INTO clock_readings (kind, seconds, staff, last_event)"
                " VALUES ('kept', :seconds, NULL, :event)"
            ),
            {"seconds": int(datetime.fromisoformat(newest.at).timestamp()), "event": newest.id},
        )

"""The one clock: every date on paper and on the screen is of Shanghai, whatever zone a computer is set to."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Final

SHANGHAI: Final = timezone(timedelta(hours=8), "Asia/Shanghai")
"""All dates of papers and of the archive are of this zone (spec D0)."""


def shanghai_now() -> datetime:
    """The moment in Shanghai; the only place that asks the computer what time it is."""
    return datetime.now(SHANGHAI)

"""Named write points: every place where a write becomes visible or durable says its name here.

Tests end the process at a point, or make the disk full there; the product sets no observer.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

KINDS: Final = (
    "begun", "committing", "committed",  # of a transaction
    "created", "written", "synced", "renamed", "read_back", "unlinked",  # of a file
)  # fmt: skip

_observer: Callable[[str], None] | None = None


def reached(point: str) -> None:
    """Say that a write point (``<what>:<kind>``) is reached."""
    if _observer is not None:
        _observer(point)


def observe(observer: Callable[[str], None] | None) -> None:
    """Let a test watch the points; None stops watching."""
    global _observer  # noqa: PLW0603 - one observer for one process, set by tests alone
    _observer = observer

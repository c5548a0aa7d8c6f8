"""What an interview is at a moment, and what one line led to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from desk.entry.answers import Answers


@dataclass(slots=True)
class State:
    """Everything that must survive a closed window."""

    answers: Answers
    position: str | None = None
    """Pointer of the question being asked; None when all have been."""
    reviewing: bool = False
    """All questions were asked once; only open problems are gone through."""
    lines: list[str] = field(default_factory=list)
    """Lines typed so far of a long text."""
    back: tuple[str, str] | None = None
    """Pointers of the question that was named and of the one to come back to after it."""
    origins: Mapping[str, str] = field(default_factory=dict)
    """Where prefilled answers come from, by pointer."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What a line led to."""

    told: tuple[str, ...] = ()
    edit: str | None = None
    """A text to open in the editor; its result goes to ``edited``."""
    leave: bool = False

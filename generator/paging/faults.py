"""Where a page breaks badly: what should not stand alone does.

Pure.  ``settle`` mends what is found here; tests ask that nothing is left.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from generator.paging.standing import Part

COMPANY = 2
"""Lines of content that stand above signatures on their page."""

_HEADING = 3
"""Lines of a heading at most."""

FaultKind = Literal["signatures alone", "no content", "orphan", "heading last"]


@dataclass(frozen=True, slots=True)
class Fault:
    """``page`` from 0; ``first`` to ``last`` are numbers of the rows that need company on it.

    For an orphan or a heading both are its row; None where the page begins with text outside tables.
    """

    kind: FaultKind
    page: int
    first: int | None
    last: int | None


def faults(pages: Sequence[Sequence[Part]]) -> list[Fault]:
    """All of a document, in its order."""
    return [fault for at in range(len(pages)) for fault in _of_page(pages, at)]


def _of_page(pages: Sequence[Sequence[Part]], at: int) -> Iterator[Fault]:
    parts = pages[at]
    for part in parts:
        if part.item is not None and part.begun and part.lines == 1 and not (part.goes_on or part.signs):
            yield Fault("orphan", at, part.item.number, part.item.number)
    signing, above = _first_signing(parts)
    if at and all(part.item is not None and part.item.note for part in parts):
        yield Fault("no content", at, _number(parts[:1]), _number(parts[:1]))
    elif at and signing and above < COMPANY and not parts[0].begun:
        yield Fault("signatures alone", at, _number(parts[:1]), _number(signing))
    if at + 1 < len(pages) and parts and _heads(parts[-1]):
        yield Fault("heading last", at, _number(parts[-1:]), _number(parts[-1:]))


def _number(parts: Sequence[Part]) -> int | None:
    return parts[0].item.number if parts and parts[0].item is not None else None


def _first_signing(parts: Sequence[Part]) -> tuple[Sequence[Part], int]:
    """The first part of a page that is signed, and the lines of content down to it."""
    above = 0
    for at, part in enumerate(parts):
        above += part.lines if part.answers else 0
        if part.signs:
            return parts[at : at + 1], above
    return (), above


def _heads(part: Part) -> bool:
    """Whether a row only leads to the next; a longer text is one of its own."""
    if part.item is None or part.goes_on or part.lines > _HEADING:
        return False
    return not (part.answers or part.signs or part.item.note)

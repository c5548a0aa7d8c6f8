"""What is told of a reception: the account, and whose papers came home where this person may see the file."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from archives.items.documents import document_facts
from archives.scans.pages import pages_waiting
from archives.scans.reasons import REASONS
from desk.station.opening import OpenStation
from desk.station.scanning.homecoming import missing_pages
from desk.station.scanning.queue import where_of
from desk.station.standing import part_of_document, telling

if TYPE_CHECKING:
    from desk.station.scanning.receiving import Received

NOT_TOLD = "不是您负责的档案"
"""Stands for number and title of what came home to a file this person may not see."""


@dataclass(frozen=True, slots=True)
class FiledLine:
    """A document that came home, as it is told."""

    document: int
    where: str
    pages: int
    signed: bool
    questions: int


@dataclass(frozen=True, slots=True)
class After:
    """What a reception did, in numbers of items and counts."""

    filed: tuple[FiledLine, ...]
    missing: tuple[tuple[str, tuple[int, ...]], ...]
    """(档号 of the item, pages still out) of prints that came home in part with this batch."""
    waiting: tuple[tuple[str, int], ...]
    """(reason in words, pages of this batch), the most first."""


def after_receiving(station: OpenStation, received: Received) -> After:
    """What to tell of a reception: whose papers they are only where this person may see the file."""
    with station.archive.looking(station.actor) as unit:
        tells = telling(unit)

        def where(document: int) -> str:
            facts = document_facts(unit, document)
            return where_of(unit, facts) if tells(facts.file, part_of_document(unit, facts)) else NOT_TOLD

        filed = tuple(
            FiledLine(one.document, where(one.document), one.pages, one.signed, one.questions)
            for one in received.filed
        )
        left = pages_waiting(unit, batch=received.batch.id)
        ours = {page.print_document for page in left}
        missing = tuple(
            (where(one.document), one.missing) for one in missing_pages(unit) if one.document in ours
        )
        reasons = Counter(REASONS[page.reason or "by_hand"] for page in left)
    return After(filed, missing, tuple(reasons.most_common()))

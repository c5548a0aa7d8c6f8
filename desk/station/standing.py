"""What the acting person is to a file, or to a part of it: read from the tables, decided on in ``access``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Literal

from sqlalchemy import select

from archives.archive import Unit
from archives.duties.requests import has_grant, leave_of
from archives.items.documents import DocumentFacts
from archives.items.records import RecordFacts, record_facts
from archives.people.episodes import Episode, episodes_of, volume_of_loose
from archives.people.files import FileFacts, file_facts
from archives.store.tables_people import assignments, staff
from desk.station.access import Relation, Standing, named_in_lists

Part = int | Literal["whole", "running"]
"""The id of a volume · all volumes · what is still open: the running volume and who the person is."""
WHOLE: Final = "whole"
RUNNING: Final = "running"


def standing_of(unit: Unit, facts: FileFacts, part: Part) -> Standing:
    """What the acting person is to this part of a file."""
    me = unit.actor.staff
    return Standing(
        facts.state,
        relation_to(unit, facts.id),
        me is not None and has_grant(unit, facts.id, me),
        facts.number,
        facts.state == "filed" or _closed(episodes_of(unit, facts.id), part),
        me is not None and leave_of(unit, facts.id, me) is not None,
    )


def _closed(found: tuple[Episode, ...], part: Part) -> bool:
    if part == RUNNING:
        return False
    return any(one.closed for one in found if part in (WHOLE, one.id))


def relation_to(unit: Unit, file_id: int) -> Relation:
    """Whether the file is the acting person's own case, one that this person supervises, or neither."""
    me = unit.actor.staff
    owner = unit.execute(
        select(assignments.c.staff_id).where(assignments.c.file_id == file_id, assignments.c.to_on.is_(None))
    ).scalar()
    if owner is None or me is None:
        return "none"
    if owner == me:
        return "own"
    boss = unit.execute(select(staff.c.supervisor).where(staff.c.id == owner)).scalar()
    return "supervised" if boss == me else "none"


def part_of(record: RecordFacts | None) -> Part:
    """The part of its file a record is in."""
    return WHOLE if record is None or record.volume is None else record.volume


def part_of_document(unit: Unit, document: DocumentFacts) -> Part:
    """The part of its file a document is in: its record's, else by when it came."""
    if document.record is not None:
        return part_of(record_facts(unit, document.record))
    volume = volume_of_loose(unit, document.file, document.at)
    return WHOLE if volume is None else volume


def hidden_volumes(unit: Unit, file_id: int) -> frozenset[int]:
    """Numbers of the volumes of a file whose contents a list does not tell the acting person."""
    me = unit.actor.staff
    if me is not None and has_grant(unit, file_id, me):
        return frozenset()
    return frozenset(one.number for one in episodes_of(unit, file_id) if one.closed)


def telling(unit: Unit) -> Callable[[int, Part], bool]:
    """Whether lists tell the acting person of a part of a file; a site's own papers are everybody's."""
    known: dict[tuple[int, Part], bool] = {}

    def tells(file_id: int, part: Part) -> bool:
        if (file_id, part) not in known:
            facts = file_facts(unit, file_id)
            known[file_id, part] = facts.kind == "series" or named_in_lists(
                unit.actor.roles, standing_of(unit, facts, part)
            )
        return known[file_id, part]

    return tells

"""The retention plan: for every item why it stays or may go, on a day that may lie ahead."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from archives.archive import Unit
from archives.disposal.falling import may_fall_due
from archives.disposal.gather import holds_of_items, items, overrides_of_items
from archives.disposal.schedules import schedule_in_force
from archives.retention.decide import decide, decide_all, due_list
from archives.retention.decision import Decision
from archives.retention.item import RetainedItem
from archives.retention.schedule import Schedule
from archives.store.tables import records

_AT_ONCE = 2000
"""Items asked for in one statement; databases limit how many values that may hold."""


def plan(unit: Unit, at: date) -> Iterator[tuple[RetainedItem, Decision]]:
    """A decision for every item, in order of their ids.  The caller logs ``retention.plan``.

    Raises NotFound when no schedule is in force.
    """
    schedule = schedule_in_force(unit)
    held, opinions = holds_of_items(unit), overrides_of_items(unit)
    for item in items(unit):
        yield item, decide(item, schedule, held.get(item.key, ()), at, opinions.get(item.key, ()))


def decisions_for(unit: Unit, record_ids: Sequence[int], at: date) -> dict[int, Decision]:
    """Decisions for some items, by record id, as things stand inside this act."""
    schedule = schedule_in_force(unit)
    return {int(one.key): one for one in _decided(unit, schedule, record_ids, at)}


def _decided(unit: Unit, schedule: Schedule, record_ids: Sequence[int], at: date) -> Iterator[Decision]:
    for start in range(0, len(record_ids), _AT_ONCE):
        part = list(record_ids[start : start + _AT_ONCE])
        held, opinions = holds_of_items(unit, part), overrides_of_items(unit, part)
        yield from decide_all(items(unit, records.c.id.in_(part)), schedule, held, at, opinions)


def falling_due(unit: Unit, at: date, months: int = 12) -> tuple[Decision, ...]:
    """What becomes eligible within the next months, the earliest first."""
    schedule = schedule_in_force(unit)
    return due_list(_decided(unit, schedule, may_fall_due(unit, schedule, at, months), at), at, months)

"""The retention plan: for every item why it stays or may go, on a day that may lie ahead."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from archives.archive import Unit
from archives.disposal.gather import holds_of_items, items, overrides_of_items
from archives.disposal.schedules import schedule_in_force
from archives.retention.decide import decide, decide_all, due_list
from archives.retention.decision import Decision
from archives.retention.item import RetainedItem
from archives.store.tables import records


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
    found: dict[int, Decision] = {}
    for start in range(0, len(record_ids), 500):
        part = list(record_ids[start : start + 500])
        held, opinions = holds_of_items(unit, part), overrides_of_items(unit, part)
        chosen = items(unit, records.c.id.in_(part))
        for decision in decide_all(chosen, schedule, held, at, opinions):
            found[int(decision.key)] = decision
    return found


def falling_due(unit: Unit, at: date, months: int = 12) -> tuple[Decision, ...]:
    """What becomes eligible within the next months, the earliest first."""
    return due_list((decision for _, decision in plan(unit, at)), at, months)

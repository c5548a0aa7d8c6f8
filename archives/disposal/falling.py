"""Which items can fall due in a span of days at all, found by dates that lie in the tables.

Only a first sieve: it may let through what does not fall due, never keep back what does (a test and the bench
compare it with the plan of everything).  The decision is always made item by item.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

from sqlalchemy import ColumnElement, Select, and_, or_, select

from archives.archive import Unit
from archives.calendar.months import add_months
from archives.disposal.gather import GONE
from archives.retention.decide import MEDICAL_YEARS
from archives.retention.item import PLACINGS, Placing
from archives.retention.period import StartRule
from archives.retention.schedule import Rule, Schedule
from archives.store.tables import files, records, volumes
from archives.store.tables_duties import overrides

_ENDS = ("decision", "brief_closed")
"""Triggers that are the end of the item's own volume, or later."""


@dataclass(slots=True)
class _Sort:
    """What is kept equally long in one placing."""

    placing: Placing
    years: int
    forms: set[str] = field(default_factory=set)
    triggers: set[str] = field(default_factory=set)


def may_fall_due(unit: Unit, schedule: Schedule, at: date, months: int) -> list[int]:
    """Ids of the items that may become eligible after ``at`` and within ``months``, in no order."""
    found = set(unit.execute(select(overrides.c.record_id).distinct()).scalars())
    for sort in _sorts(schedule):
        first, last = _days(sort.years, schedule.start_rule, at, add_months(at, months))
        found |= set(unit.execute(_query(sort, first.isoformat(), last.isoformat())).scalars())
    return list(found)


def _sorts(schedule: Schedule) -> list[_Sort]:
    sorts: dict[tuple[Placing, int], _Sort] = {}
    for rule, placing in _dated(schedule):
        years = rule.years or 0
        if schedule.medical and placing in ("case", "application"):
            years = max(years, MEDICAL_YEARS)
        sort = sorts.setdefault((placing, years), _Sort(placing, years))
        sort.forms.add(rule.form_id)
        sort.triggers.add(rule.trigger)
    return list(sorts.values())


def _dated(schedule: Schedule) -> Iterator[tuple[Rule, Placing]]:
    for rule in schedule.rules:
        if rule.years is not None:
            for placing in PLACINGS:
                if rule.placing in ("any", placing):
                    yield rule, placing


def _days(years: int, start: StartRule, at: date, until: date) -> tuple[date, date]:
    """First and last day from which a period can start that ends between; some days more do no harm."""
    if start == "next_year":
        return _first(at.year - years, 1), _first(until.year - years, 1) - timedelta(1)
    return _first(at.year - years, at.month) - timedelta(7), _first(
        until.year - years, until.month
    ) + timedelta(38)


def _first(year: int, month: int) -> date:
    return date(max(year, 2), month, 1)  # a day before it must be a day still


def _query(sort: _Sort, first: str, last: str) -> Select[tuple[int]]:
    """Items of this sort whose latest date can lie in these days.

    The day a period counts from is the latest of the paper's own day and the days of its events.  Files are
    chosen first: that is what there are indexes for.
    """
    made = records.c.document_date
    ended = select(volumes.c.file_id).where(or_(volumes.c.closed_on >= first, volumes.c.outcome_on >= first))
    late: ColumnElement[bool] = or_(made >= first, records.c.events != "{}")
    if sort.placing in ("case", "application"):
        late = or_(late, records.c.file_id.in_(ended))
    return select(records.c.id).where(
        records.c.file_id.in_(_files(sort, last)),
        records.c.form_id.in_(sorted(sort.forms)),
        or_(made.is_(None), made <= last),
        late,
        records.c.state.not_in(GONE),
    )


def _files(sort: _Sort, last: str) -> Select[tuple[int]]:
    if sort.placing in ("site", "register"):
        return select(files.c.id).where(files.c.kind == "series")
    over = or_(volumes.c.closed_on.is_not(None), volumes.c.outcome.is_not(None))
    accepted = volumes.c.case_no.is_not(None) if sort.placing == "case" else volumes.c.case_no.is_(None)
    chosen = and_(accepted, over)
    if sort.triggers <= set(_ENDS):
        chosen = and_(chosen, or_(volumes.c.outcome_on.is_(None), volumes.c.outcome_on <= last))
    return select(volumes.c.file_id).where(chosen)

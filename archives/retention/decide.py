"""Retention: (item, schedule, holds, today) → Decision.  No clock, no disk, no database.

What is not known never destroys: without a rule, a needed fact or a date, an item is ``undated``.  An open
hold always wins over a period.  Source: 004·档案 and the rules R-40, R-41, T20, T21 of the specification.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta

from archives.calendar.months import add_months
from archives.retention import conditions
from archives.retention.decision import Decision, Ground, Status
from archives.retention.item import Hold, RetainedItem
from archives.retention.period import held
from archives.retention.prolong import Override, after, made_permanent
from archives.retention.schedule import TRIGGERS, RetentionClass, Rule, Schedule

MEDICAL_YEARS = 30
"""精神卫生法 47: 病历资料 are kept at least 30 years."""
_PERSONAL = ("case", "application")
_ONE_DAY = timedelta(days=1)


def decide(
    item: RetainedItem,
    schedule: Schedule,
    holds: Sequence[Hold],
    today: date,
    overrides: Sequence[Override] = (),
) -> Decision:
    """Why the item stays or may go on that day.

    ``holds``: all holds on it, released ones included; ``overrides``: the opinions of its appraisals.
    """
    opened = tuple(hold for hold in holds if hold.is_open(today)) if holds else ()
    rules, missing = _candidates(schedule.chain(item.form_id, item.placing), item)
    permanent = _permanence(item, rules, overrides, opened)
    if permanent is not None:
        return permanent
    if not rules:
        return _undecided(item, None, "no_rule", opened)
    if item.running:
        return _undecided(item, None if missing else rules[0], "running", opened)
    if missing:
        return _undecided(item, None, "facts_missing", opened, missing)
    return _by_period(item, rules[0], schedule, opened, today, overrides)


def decide_all(
    items: Iterable[RetainedItem],
    schedule: Schedule,
    holds: Mapping[str, Sequence[Hold]],
    today: date,
    overrides: Mapping[str, Sequence[Override]] | None = None,
) -> Iterator[Decision]:
    """A decision for each item, in their order; ``holds`` and ``overrides`` by item key."""
    opinions = overrides or {}
    for item in items:
        yield decide(item, schedule, holds.get(item.key, ()), today, opinions.get(item.key, ()))


def due_list(decisions: Iterable[Decision], today: date, months: int = 12) -> tuple[Decision, ...]:
    """What becomes eligible after today and within ``months``, the earliest first.

    Items under a hold are among them, with their status; what is eligible already is not.
    """
    horizon = add_months(today, months)
    due = [it for it in decisions if it.eligible_on is not None and today < it.eligible_on <= horizon]
    return tuple(sorted(due, key=lambda it: (it.eligible_on or today, it.key)))


def _candidates(chain: Sequence[Rule], item: RetainedItem) -> tuple[list[Rule], tuple[str, ...]]:
    """The rules that may apply, the facts missing to choose among them (none: the first is the rule)."""
    found: list[Rule] = []
    missing: dict[str, None] = {}
    for rule in chain:
        answer = True if rule.condition is None else conditions.unknown(rule.condition, item.facts)
        if answer is False:
            continue
        found.append(rule)
        if answer is True:
            break
        missing.update(dict.fromkeys(answer))
    return found, tuple(missing)


def _permanence(
    item: RetainedItem, rules: Sequence[Rule], opinions: Sequence[Override], opened: tuple[Hold, ...]
) -> Decision | None:
    """A decision when it stays for ever, whatever facts are missing."""
    opinion = made_permanent(opinions) if opinions else None
    if opinion is not None:
        rule = rules[-1] if rules else None
        return _for_ever(
            item,
            "P" if rule is None or rule.years else rule.retention_class,
            "appraised",
            opened,
            rule,
            opinion,
        )
    joins = item.person_has_permanent_file and item.placing in _PERSONAL
    if not rules or any(rule.years is not None and not (joins and rule.reason == "r4") for rule in rules):
        return None
    rule = rules[-1]
    if rule.years is not None:
        return _for_ever(item, "P", "joined", opened, rule)
    return _for_ever(item, rule.retention_class, "class", opened, rule)


def _for_ever(
    item: RetainedItem,
    kept: RetentionClass,
    ground: Ground,
    opened: tuple[Hold, ...],
    rule: Rule | None,
    opinion: Override | None = None,
) -> Decision:
    return Decision(
        item.key, kept, None, None, None, None, None, "permanent", opened, ground, rule, opinion=opinion
    )


def _undecided(
    item: RetainedItem,
    rule: Rule | None,
    ground: Ground,
    opened: tuple[Hold, ...],
    missing: tuple[str, ...] = (),
    event: str | None = None,
) -> Decision:
    status: Status = "held" if opened else "running" if ground == "running" else "undated"
    kept = rule.retention_class if rule else None
    return Decision(
        item.key, kept, event, None, None, None, None, status, opened, ground, rule, missing=missing
    )


def _by_period(
    item: RetainedItem,
    rule: Rule,
    schedule: Schedule,
    opened: tuple[Hold, ...],
    today: date,
    opinions: Sequence[Override],
) -> Decision:
    event, on, missing = _trigger(item, rule)
    if on is None:
        return _undecided(item, rule, "event_missing", opened, missing)
    years = rule.years or 0
    medical = schedule.medical and item.placing in _PERSONAL and years < MEDICAL_YEARS
    if medical:
        years = MEDICAL_YEARS
    period = held(on, years, schedule.start_rule)
    standing = after(period[1], opinions, schedule.start_rule) if period and opinions else None
    if period is None or (opinions and standing is None):
        return _undecided(item, rule, "out_of_range", opened, event=event)
    start, through = period
    opinion = None
    if standing is not None:
        through, opinion = standing
    deferred = opinion is not None and opinion.kind == "defer" and today <= through
    status: Status = "held" if opened or deferred else "eligible" if today > through else "retained"
    return Decision(
        item.key, rule.retention_class, event, on, start, through, through + _ONE_DAY, status, opened,
        "period", rule, years, medical, opinion,
    )  # fmt: skip


def _trigger(item: RetainedItem, rule: Rule) -> tuple[str | None, date | None, tuple[str, ...]]:
    """The event the period starts from, its day, or what is missing.

    A paper made after the event of its rule counts from its own day: its full years are its own (R-41).
    """
    made = item.document_date
    name, on = "document", made
    missing: tuple[str, ...] = ()
    for event in TRIGGERS[rule.trigger]:
        day = made if event == "document" else item.events.get(event)
        if day is None:
            missing += (event,)
        elif on is None or day >= on:
            name, on = event, day
    return (None, None, missing) if missing else (name, on, ())

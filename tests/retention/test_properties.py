"""Laws of retention that hold for every item, schedule, hold, opinion and day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from archives.retention.decide import decide
from archives.retention.decision import Decision
from archives.retention.item import EVENTS, HOLD_REASONS, OUTCOMES, PLACINGS, Hold, RetainedItem
from archives.retention.prolong import Override
from archives.retention.schedule import Schedule, parse
from tests.retention.making import shipped_json

SHIPPED = shipped_json()
SHIPPED["rules"].append(  # a general paper in a case file: none of the shipped forms is one
    {"form": "general_note", "placing": "case", "class": "G3", "years": 3, "trigger": "closing",
     "reason": "r3", "clause": "004·档案"}
)  # fmt: skip
FORMS = sorted({entry["form"] for entry in SHIPPED["rules"]})
LAST = date.max

DAYS = st.dates(date(2000, 1, 1), date(2060, 12, 31)) | st.sampled_from(
    [date(2024, 2, 28), date(2024, 2, 29)]
)
ANY_DAY = DAYS | st.just(date.max)
FACTS = st.fixed_dictionaries(
    {},
    optional={
        "outcome": st.sampled_from((*OUTCOMES, "nonsense", None)),
        "risk_level": st.integers(0, 5) | st.sampled_from(["3", "high", None]),
        "named": st.sampled_from([True, False, "true", "false", None]),
        "yearly": st.booleans(),
    },
)
PAIRS = sorted(
    (entry["form"], placing)
    for entry in SHIPPED["rules"]
    if entry["class"] == "G3"
    for placing in (PLACINGS if entry["placing"] == "any" else (entry["placing"],))
)


def items(**parts: Any) -> st.SearchStrategy[RetainedItem]:
    return st.tuples(parts.pop("pair"), st.fixed_dictionaries(parts)).map(
        lambda drawn: RetainedItem(
            key="1", ref="PZ01-FW·GA-2026-Y-0001-001", form_id=drawn[0][0], placing=drawn[0][1], **drawn[1]
        )
    )


# What a table and a person can make of an item, sense or nonsense …
WILD = items(
    pair=st.tuples(st.sampled_from([*FORMS, "unheard_of"]), st.sampled_from(PLACINGS)),
    document_date=st.none() | ANY_DAY,
    events=st.dictionaries(st.sampled_from([name for name in EVENTS if name != "document"]), ANY_DAY),
    running=st.booleans(),
    facts=FACTS,
    person_has_permanent_file=st.booleans(),
)
# … and items of which everything is known, so that most of them have a period.
KNOWN = items(
    pair=st.sampled_from(PAIRS),
    document_date=DAYS,
    events=st.fixed_dictionaries({name: DAYS for name in EVENTS if name != "document"}),
    running=st.just(False),
    facts=st.fixed_dictionaries(
        {
            "outcome": st.sampled_from([*OUTCOMES, "rejected", "served_briefly", "referred_out"]),
            "risk_level": st.integers(0, 5),
            "named": st.just(False),
            "yearly": st.just(False),
        }
    ),
    person_has_permanent_file=st.just(False) | st.booleans(),
)
ITEMS = KNOWN | WILD
HOLD = st.builds(
    Hold,
    reason=st.sampled_from([*HOLD_REASONS, "free words"]),
    owner=st.just("样例甲"),
    placed_on=DAYS,
    until=st.none() | DAYS,
    released_on=st.none() | DAYS | st.just(date(2000, 1, 1)),
)
HOLDS = st.just([]) | st.lists(HOLD, max_size=3)
DATED_OPINION = st.one_of(
    st.builds(Override, st.just("prolong"), st.integers(1, 20), DAYS, st.just("JD-1")),
    st.builds(Override, st.just("defer"), st.none() | st.integers(1, 3), DAYS, st.just("JD-2")),
)
OPINION = DATED_OPINION | st.builds(Override, st.just("permanent"), st.none(), DAYS, st.just("JD-3"))
OPINIONS = st.just([]) | st.lists(DATED_OPINION, max_size=2) | st.lists(OPINION, max_size=3)
TODAYS = DAYS | st.dates(date(2040, 1, 1), date(2150, 1, 1))


def schedule(start_rule: str = "next_year", medical: bool = False, longer: int = 0) -> Schedule:
    rules = [
        entry | ({"years": entry["years"] + longer} if "years" in entry else {}) for entry in SHIPPED["rules"]
    ]
    return parse(SHIPPED | {"start_rule": start_rule, "medical": medical, "rules": rules})


TABLES = {
    (start, medical, longer): schedule(start, medical, longer)
    for start in ("next_year", "trigger_day")
    for medical in (False, True)
    for longer in (0, 1, 7, 40)
}
SETTINGS = st.tuples(st.sampled_from(["next_year", "trigger_day"]), st.booleans())
SCHEDULES = st.sampled_from(list(TABLES.values()))


def may_go_on(it: Decision) -> date:
    """The first day it may be appraised; the end of time for one that never may."""
    return it.eligible_on or LAST


@given(ITEMS, SETTINGS, st.sampled_from([1, 7, 40]), HOLDS, OPINIONS, TODAYS)
def test_a_longer_period_never_disposes_more(
    item: RetainedItem, setting: Any, longer: int, holds: list[Hold], opinions: list[Override], today: date
) -> None:
    short, long = (decide(item, TABLES[*setting, years], holds, today, opinions) for years in (0, longer))
    assert long.status != "eligible" or short.status == "eligible"
    assert may_go_on(long) >= may_go_on(short)


@given(ITEMS, st.sampled_from(["next_year", "trigger_day"]), HOLDS, OPINIONS, TODAYS)
def test_a_medical_institution_never_disposes_more(
    item: RetainedItem, start: str, holds: list[Hold], opinions: list[Override], today: date
) -> None:
    plain, medical = (decide(item, TABLES[start, flag, 0], holds, today, opinions) for flag in (False, True))
    assert may_go_on(medical) >= may_go_on(plain)
    assert medical.status != "eligible" or plain.status == "eligible"


@given(ITEMS, SCHEDULES, HOLDS, OPINIONS, TODAYS)
def test_an_open_hold_always_wins(
    item: RetainedItem, table: Schedule, holds: list[Hold], opinions: list[Override], today: date
) -> None:
    it = decide(item, table, holds, today, opinions)
    opened = [hold for hold in holds if hold.is_open(today)]
    assert list(it.holds) == opened
    if opened:
        assert it.status in ("held", "permanent")
        assert "冻结" in it.sentence


@given(ITEMS, SCHEDULES, HOLDS, OPINIONS, HOLD, TODAYS)
def test_one_more_hold_never_frees_an_item(
    item: RetainedItem, table: Schedule, holds: list[Hold], opinions: list[Override], more: Hold, today: date
) -> None:
    with_it, without = (decide(item, table, given_, today, opinions) for given_ in ([*holds, more], holds))
    assert with_it.status != "eligible" or without.status == "eligible"


@given(ITEMS, SCHEDULES, HOLDS, OPINIONS)
def test_permanent_is_never_eligible(
    item: RetainedItem, table: Schedule, holds: list[Hold], opinions: list[Override]
) -> None:
    """This test ensures that neither class P, PS, ADM nor a status of permanent ever gets a date."""
    it = decide(item, table, holds, LAST, opinions)
    if it.retention_class in ("P", "PS", "ADM") or it.status == "permanent":
        assert it.eligible_on is None
        assert it.status != "eligible"
    if it.status == "permanent":
        assert it.retention_class in ("P", "PS", "ADM")
        assert "永久保存" in it.sentence
    if it.status == "eligible":
        assert it.retention_class == "G3"


@given(ITEMS, SCHEDULES, HOLDS, OPINIONS, st.data())
def test_a_later_trigger_never_makes_it_eligible_earlier(
    item: RetainedItem, table: Schedule, holds: list[Hold], opinions: list[Override], data: st.DataObject
) -> None:
    def later(day: date) -> date:
        by = data.draw(st.integers(0, 5000))
        return day + timedelta(days=by) if (LAST - day).days > by else LAST

    made = item.document_date
    moved = replace(
        item,
        document_date=None if made is None else later(made),
        events={name: later(day) for name, day in item.events.items()},
    )
    before, after = (decide(each, table, holds, date(2030, 1, 1), opinions) for each in (item, moved))
    assert may_go_on(after) >= may_go_on(before)


@given(ITEMS, SCHEDULES, HOLDS, OPINIONS, TODAYS)
def test_deciding_twice_gives_the_same(
    item: RetainedItem, table: Schedule, holds: list[Hold], opinions: list[Override], today: date
) -> None:
    first, again = (decide(item, table, holds, today, opinions) for _ in range(2))
    assert (first, first.sentence) == (again, again.sentence)


@given(ITEMS, SCHEDULES, HOLDS, OPINIONS, TODAYS, TODAYS)
def test_what_may_go_today_may_go_tomorrow(
    item: RetainedItem, table: Schedule, holds: list[Hold], opinions: list[Override], a: date, b: date
) -> None:
    early, late = (decide(item, table, holds, day, opinions) for day in sorted((a, b)))
    assert early.status != "eligible" or late.status == "eligible"
    assert early.eligible_on == late.eligible_on


@given(ITEMS, SCHEDULES, HOLDS, OPINIONS)
def test_without_a_date_never(
    item: RetainedItem, table: Schedule, holds: list[Hold], opinions: list[Override]
) -> None:
    undated = replace(item, document_date=None, events={})
    it = decide(undated, table, holds, LAST, opinions)
    assert it.eligible_on is None
    assert it.status in ("permanent", "running", "undated", "held")


@given(ITEMS, SCHEDULES, HOLDS, OPINIONS, TODAYS)
def test_forgetting_a_fact_never_frees_an_item(
    item: RetainedItem, table: Schedule, holds: list[Hold], opinions: list[Override], today: date
) -> None:
    knowing, not_knowing = (
        decide(each, table, holds, today, opinions) for each in (item, replace(item, facts={}))
    )
    assert may_go_on(not_knowing) >= may_go_on(knowing)


@given(ITEMS, SCHEDULES, HOLDS, OPINIONS, TODAYS, OPINION)
def test_an_opinion_never_shortens_a_period(
    item: RetainedItem,
    table: Schedule,
    holds: list[Hold],
    opinions: list[Override],
    today: date,
    more: Override,
) -> None:
    before, after = (decide(item, table, holds, today, given_) for given_ in (opinions, [*opinions, more]))
    assert may_go_on(after) >= may_go_on(before)
    assert after.status != "eligible" or before.status == "eligible"


@given(ITEMS, SCHEDULES, HOLDS, OPINIONS, TODAYS)
def test_eligible_means_every_day_of_the_period_has_passed(
    item: RetainedItem, table: Schedule, holds: list[Hold], opinions: list[Override], today: date
) -> None:
    it = decide(item, table, holds, today, opinions)
    if it.status != "eligible":
        return
    assert not item.running
    assert it.trigger_on is not None
    assert it.start_on is not None
    assert it.held_through is not None
    assert it.trigger_on < it.start_on <= it.held_through < today
    assert it.eligible_on == it.held_through + timedelta(days=1)
    assert (it.held_through - it.trigger_on).days >= 3 * 365
    assert item.document_date is None or item.document_date <= it.trigger_on
    assert (
        not item.person_has_permanent_file
        or it.rule is None
        or it.rule.reason != "r4"
        or (item.placing not in ("case", "application"))
    )


@given(ITEMS, SCHEDULES, HOLDS, OPINIONS, TODAYS)
def test_one_sentence_with_the_dates_and_without_names(
    item: RetainedItem, table: Schedule, holds: list[Hold], opinions: list[Override], today: date
) -> None:
    it = decide(item, table, holds, today, opinions)
    text = it.sentence
    assert text.endswith("。")
    assert text.count("。") == 1
    assert "样例" not in text
    assert "free words" not in text
    assert "None" not in text
    if it.held_through is not None:
        through = it.held_through
        assert f"{through.year}年{through.month}月{through.day}日" in text

"""The named functions: computed values and rules."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from generator.forms.function_kinds import full_years
from generator.forms.functions import RULE_FUNCTIONS, VALUE_FUNCTIONS

NOW = datetime(2026, 1, 5, 9, 0)
dates = st.dates(date(1900, 1, 1), date(2100, 1, 1))


def located(*values: Any) -> list[list[tuple[tuple[str | int, ...], Any]]]:
    return [[] if value is None else [((f"f{index}",), value)] for index, value in enumerate(values)]


def broken(name: str, *values: Any, **params: Any) -> list[str | int | None]:
    found = RULE_FUNCTIONS[name].call(located(*values), params, NOW)
    return [violation.path[0] if violation.path else None for violation in found]


@given(dates, dates)
def test_full_years_is_the_last_birthday(birth: date, on: date) -> None:
    assume(birth <= on)
    years = full_years(birth, on)
    assert (birth.year + years, birth.month, birth.day) <= (on.year, on.month, on.day)
    assert (birth.year + years + 1, birth.month, birth.day) > (on.year, on.month, on.day)


@pytest.mark.parametrize(
    ("birth", "on", "age"),
    [("1985-03-12", "2025-03-11", 39), ("1985-03-12", "2025-03-12", 40), ("2004-02-29", "2025-02-28", 20)],
)
def test_age_on_a_day(birth: str, on: str, age: int) -> None:
    assert VALUE_FUNCTIONS["age_on"].call([[birth], [on]]) == age


@pytest.mark.parametrize(
    "groups", [[[], ["2025-01-01"]], [["1985-13-12"], ["2025-01-01"]], [["2030-01-01"], ["2025-01-01"]]]
)
def test_no_age_without_two_sensible_dates(groups: list[list[str]]) -> None:
    assert VALUE_FUNCTIONS["age_on"].call(groups) is None


def test_sum_and_count() -> None:
    assert VALUE_FUNCTIONS["sum"].call([[1, 2], [3.5, True, "x"]]) == 6.5
    assert VALUE_FUNCTIONS["sum"].call([[]]) is None
    assert VALUE_FUNCTIONS["count_rows"].call([[[1, 2, 3]]]) == 3


@given(st.lists(dates, min_size=2, max_size=4))
def test_date_order_holds_exactly_for_sorted_dates(days: list[date]) -> None:
    values = [day.isoformat() for day in days]
    assert (broken("date_order", *values) == []) == (values == sorted(values))


def test_date_order_skips_missing_dates_and_points_at_the_later_field() -> None:
    assert broken("date_order", "2025-03-01", None, "2025-02-01") == ["f2"]


@given(st.integers(-3000, 3000))
def test_not_future_for_times_and_days(minutes: int) -> None:
    moment = NOW + timedelta(minutes=minutes)
    assert bool(broken("not_future", moment.isoformat(timespec="minutes"))) == (minutes > 0)
    assert bool(broken("not_future", moment.date().isoformat())) == (moment.date() > NOW.date())


@given(st.permutations([1, 2, 3, 4]))
def test_any_numbering_without_gaps_is_contiguous(numbers: list[int]) -> None:
    group = [((i,), number) for i, number in enumerate(numbers)]
    assert RULE_FUNCTIONS["contiguous"].call([group], {}, NOW) == []


@given(st.lists(st.integers(-1, 6), min_size=1, max_size=5))
def test_contiguous_numbers_are_exactly_one_to_n(numbers: list[int]) -> None:
    group = [((i,), number) for i, number in enumerate(numbers)]
    found = RULE_FUNCTIONS["contiguous"].call([group], {}, NOW)
    assert (found == []) == (sorted(numbers) == list(range(1, len(numbers) + 1)))


@given(st.lists(st.booleans(), min_size=2, max_size=5))
def test_contiguous_fields_have_no_gap_before_an_answer(filled: list[bool]) -> None:
    values = ["x" if there else None for there in filled]
    assert (broken("contiguous", *values) == []) == (sorted(filled, reverse=True) == filled)


@pytest.mark.parametrize(
    ("name", "values", "params", "paths"),
    [
        ("days_between", ("2025-01-01", "2025-02-10"), {"max": 30}, ["f1"]),
        ("days_between", ("2025-01-01", "2025-01-31"), {"max": 30}, []),
        ("days_between", ("2025-01-01", "2025-01-05"), {"min": 14}, ["f0"]),
        ("days_between", ("2025-01-05", "2025-01-01"), {"min": 14}, []),
        ("number_between", (90,), {"min": 30, "max": 60}, ["f0"]),
        ("number_between", (60,), {"min": 30, "max": 60}, []),
        ("number_between", (True,), {"min": 30}, []),
        ("count_between", (["甲"],), {"min": 2}, ["f0"]),
        ("count_between", (["甲", "乙"],), {"min": 2}, []),
        ("expect", ("本人",), {"values": ["监护人"]}, ["f0"]),
        ("expect", (True,), {"values": [1]}, ["f0"]),
        ("expect", (None,), {"values": ["监护人"]}, []),
        ("covers", (["a", "b"],), {"values": ["c"]}, [None]),
        ("covers", ("短期", "长期"), {"values": ["短期", "长期"]}, []),
        ("covers", (None,), {"values": ["c"]}, []),
        ("alone", (["无", "低保"],), {"value": "无"}, ["f0"]),
        ("alone", (["无"],), {"value": "无"}, []),
        ("same", ("甲", "乙"), {}, ["f0"]),
        ("same", ("甲", None), {}, []),
        ("differs", ("甲", "甲"), {}, ["f0"]),
        ("any_present", (None, None), {}, [None]),
        ("any_present", (None, "x"), {}, []),
        ("cid_birth", ("510402198503120014", "1985-03-13"), {}, ["f1"]),
        ("cid_birth", ("510402198503120015", "1985-03-13"), {}, []),
        ("cid_sex", ("510402198503120014", "女"), {}, ["f1"]),
        ("cid_sex", ("510402198503120014", "女", "已变更登记"), {}, []),
        ("cid_sex", ("510402198503120014", "男"), {}, []),
    ],
)
def test_rules(name: str, values: tuple[Any, ...], params: dict[str, Any], paths: list[Any]) -> None:
    assert broken(name, *values, **params) == paths


@pytest.mark.parametrize("name", sorted(RULE_FUNCTIONS))
def test_no_rule_stumbles_over_wrong_types(name: str) -> None:
    function = RULE_FUNCTIONS[name]
    params = {"values": ["x"], "value": "x", "min": 1, "max": 2}
    wrong: list[Any] = [None, 5, True, [], {}, [[]], "", "x" * 16]
    for value in wrong:
        function.call(located(*[value] * function.min_args), params, NOW)

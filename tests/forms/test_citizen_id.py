"""The identity number: official vectors, and every single wrong character is noticed."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.forms import citizen_id

numbers = st.builds(
    lambda region, born, order: f"{region:06d}{born:%Y%m%d}{order:03d}",
    st.integers(110000, 659999),
    st.dates(date(1900, 1, 1), date(2026, 1, 1)),
    st.integers(0, 999),
).map(lambda first17: first17 + citizen_id.check_character(first17))


@pytest.mark.parametrize("number", ["11010519491231002X", "510402198503120014", "440524188001010014"])
def test_check_character_of_known_numbers(number: str) -> None:
    assert citizen_id.check_character(number[:17]) == number[17]


def test_a_wrong_check_character_is_refused() -> None:
    assert not citizen_id.is_valid("110105194912310021")


def test_a_birth_year_before_1900_is_no_birth_date() -> None:
    assert citizen_id.birth_date("440524188001010014") is None


def test_a_lower_case_x_is_not_the_printed_shape() -> None:
    assert not citizen_id.is_valid("11010519491231002x")


@given(numbers)
def test_made_up_numbers_are_valid_and_tell_birth_and_sex(number: str) -> None:
    assert citizen_id.is_valid(number)
    assert citizen_id.birth_date(number) == date.fromisoformat(
        f"{number[6:10]}-{number[10:12]}-{number[12:14]}"
    )
    assert citizen_id.gender(number) == ("男" if number[16] in "13579" else "女")


@given(numbers, st.integers(0, 16), st.integers(1, 9))
def test_any_single_wrong_digit_is_noticed(number: str, place: int, shift: int) -> None:
    wrong = str((int(number[place]) + shift) % 10)
    assert not citizen_id.is_valid(number[:place] + wrong + number[place + 1 :])

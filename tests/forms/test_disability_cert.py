"""残疾人证 numbers and the rules that compare them with other answers; ranks over several fields."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from generator.forms import disability_cert
from generator.forms.functions import RULE_FUNCTIONS

HOLDER = "510402198503120014"
CERT = HOLDER + "62"


def broken(name: str, *values: Any) -> list[str | int | None]:
    groups = [[] if value is None else [((f"f{index}",), value)] for index, value in enumerate(values)]
    found = RULE_FUNCTIONS[name].call(groups, {}, datetime(2026, 1, 5))
    return [violation.path[0] if violation.path else None for violation in found]


def test_a_number_gives_holder_kind_and_level() -> None:
    assert disability_cert.read(CERT) == disability_cert.Certificate(HOLDER, 6, "二级")
    assert disability_cert.read(CERT + "B1") == disability_cert.read(CERT)


@pytest.mark.parametrize("number", [HOLDER, HOLDER + "82", HOLDER + "65", CERT + "B", CERT + "\n", "残疾"])
def test_other_texts_are_no_number(number: str) -> None:
    assert disability_cert.read(number) is None


def test_the_holder_is_the_person() -> None:
    assert broken("cert_holder", CERT, HOLDER) == []
    assert broken("cert_holder", CERT, "11010519491231002X") == ["f0"]


@pytest.mark.parametrize("number", [None, HOLDER + "99"])
def test_an_unreadable_number_accuses_nobody(number: str | None) -> None:
    assert broken("cert_holder", number, "11010519491231002X") == []
    assert broken("cert_level", number, "一级") == []


def test_an_identity_number_with_a_wrong_digit_accuses_nobody() -> None:
    assert broken("cert_holder", CERT, "510402198503120013") == []


def test_the_level_is_the_last_digit() -> None:
    assert broken("cert_level", CERT, "二级") == []
    assert broken("cert_level", CERT, "三级") == ["f1"]
    assert broken("cert_level", CERT, None) == []


@pytest.mark.parametrize(
    ("ranks", "wrong"),
    [((2, 1, 3), []), ((1, None, 2), []), ((1, 1), ["f1"]), ((1, 3), ["f1"]), ((None, None), [])],
)
def test_ranks_of_several_fields_run_from_one(ranks: tuple[int | None, ...], wrong: list[str]) -> None:
    assert broken("ranked", *ranks) == wrong

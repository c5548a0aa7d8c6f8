"""The 18-character citizen identity number (公民身份号码, GB 11643-1999): check character, birth date, sex.

Region codes are not judged: they are withdrawn over time, and valid old numbers carry withdrawn ones.
"""

from __future__ import annotations

import re
from datetime import date
from operator import mul
from typing import Literal

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"
_ZERO = ord("0") * sum(_WEIGHTS)
_SHAPE = re.compile(r"[0-9]{17}[0-9X]")


def check_character(first17: str) -> str:
    """The 18th character for the first seventeen digits."""
    total = sum(map(mul, _WEIGHTS, first17.encode("ascii"))) - _ZERO
    return _CHECKS[total % 11]


def has_shape(number: str) -> bool:
    """Seventeen digits and a digit or capital X."""
    return _SHAPE.fullmatch(number) is not None


def is_valid(number: str) -> bool:
    """Shape, check character and an existing birth date from 1900 on."""
    return has_shape(number) and check_character(number[:17]) == number[17] and birth_date(number) is not None


def birth_date(number: str) -> date | None:
    """The birth date in characters 7–14; None when there is no such day (or it is before 1900)."""
    try:
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None
    return born if born.year >= 1900 else None


def gender(number: str) -> Literal["男", "女"]:
    """The sex the 17th digit stands for: odd is 男."""
    return "男" if int(number[16]) % 2 else "女"

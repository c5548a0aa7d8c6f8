"""残疾人证 numbers: 18 characters of the holder's identity number, the kind of disability, its level.

A reissued certificate carries a suffix (``B1``) behind the twenty characters.  Owns reading a number into
its parts; whether they fit the other answers is for the rules.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_SHAPE = re.compile(r"(\d{17}[\dX])([1-7])([1-4])(?:B\d)?\Z")
_LEVELS = ("一级", "二级", "三级", "四级")


class Certificate(NamedTuple):
    """The parts of a number: holder's identity number, kind (6 精神, 7 多重 …), printed level."""

    holder: str
    kind: int
    level: str


def read(number: str) -> Certificate | None:
    """The parts of a certificate number; None when it does not have the shape of one."""
    found = _SHAPE.match(number)
    if found is None:
        return None
    return Certificate(found[1], int(found[2]), _LEVELS[int(found[3]) - 1])

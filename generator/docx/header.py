"""The line at the head of every page: number and name of whom it is about, in the room the page code leaves.

What does not fit is shortened, never laid over the code: a page whose code cannot be read comes home to
nobody, a shortened name stands in full on the form.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from generator.docx.wordxml import IDENTITY_MM, STYLES, TEXT_WIDTH_MM
from generator.identity.placement import head_room

_SIZE: Final = STYLES["Header"].size
_GAP: Final = 4 * 0.26
"""Of the four spaces between the parts of the line, in em."""
_WIDE: Final = 0x2E7F
"""Characters behind it are as broad as high."""
_DIGIT, _CAPITAL, _OTHER = 0.57, 0.74, 0.62
"""Breadths of others in em, at most but for a few letters."""
_BROAD: Final = frozenset("MWmw@%")
_SPARE: Final = 4.0
_JOINTS: Final = 12.0
"""What programs put between Chinese and other characters, a quarter em a place."""
_POINTS_PER_MM: Final = 72 / 25.4
MORE: Final = "…"


def printed_room() -> float:
    """Points from the left margin to the code on an official sheet."""
    return head_room() - _SPARE - _JOINTS


def working_room() -> float:
    """Points from the left margin to the picture of the code on a working copy."""
    return (TEXT_WIDTH_MM - IDENTITY_MM) * _POINTS_PER_MM - _SPARE


def breadth(text: str) -> float:
    """Points a text of the header takes, rather more than less."""
    return _SIZE * sum(_em(char) for char in text)


def _em(char: str) -> float:
    if ord(char) > _WIDE or char in _BROAD:
        return 1.0
    if char in "0123456789*-":
        return _DIGIT
    return _CAPITAL if char.isupper() else _OTHER


def has_room(line: str, beside: Sequence[str], room: float) -> bool:
    """Whether a whole line fits beside the other parts."""
    return breadth(line) + sum(breadth(part) + _SIZE * _GAP for part in beside) <= room


def head_line(number: str, name: str, beside: Sequence[str], room: float) -> str:
    """Number and name, as much of them as fits beside the other parts of the line.

    The name gives way first, then the middle of the number; each keeps something.
    """
    # The spaces between the parts are printed for those that are empty, too.
    left = room - sum(breadth(part) + _SIZE * _GAP for part in beside)
    both = number and name
    name_room = left - (breadth(number) + _SIZE * _GAP if both else breadth(number))
    name = _shortened(name, name_room)
    number = _middle_out(number, left - (breadth(name) + _SIZE * _GAP if both else breadth(name)))
    return "    ".join(part for part in (number, name) if part)


def _shortened(text: str, room: float) -> str:
    """The beginning of ``姓名：…``: the label and one character stay whatever the room."""
    if breadth(text) <= room:
        return text
    least = text.find("：") + 2
    kept = len(text) - 1
    # Ends: each round takes a character away.
    while kept > least and breadth(text[:kept] + MORE) > room:
        kept -= 1
    return text[:kept] + MORE


def _middle_out(text: str, room: float) -> str:
    """Beginning and end of a number: where both are known it is found again."""
    if breadth(text) <= room:
        return text
    cut = 1
    # Ends: each round takes one more character out, up to all but six.
    while cut < len(text) - 6 and breadth(text) - breadth("0" * cut) + breadth(MORE) > room:
        cut += 1
    first = (len(text) - cut + 1) // 2
    return text[:first] + MORE + text[first + cut :]

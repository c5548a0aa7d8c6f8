"""Where a line of Chinese text may end.

Owns break opportunities and the gap between Chinese and Latin text.  Pure; knows characters, not fonts.
Punctuation is never compressed (Word's 标点压缩 is off).
"""

from __future__ import annotations

import re

from generator.typeset.wml import OBJECT, TAB

_WIDE_LETTERS = (
    (0x2E80, 0x2FFF), (0x3005, 0x3007), (0x3021, 0x3029), (0x3040, 0x318F), (0x31A0, 0x31BF),
    (0x31F0, 0x31FF), (0x3400, 0x9FFF), (0xA000, 0xA4CF), (0xAC00, 0xD7AF), (0xF900, 0xFAFF),
    (0x20000, 0x3FFFF),
)  # fmt: skip
_NARROW_LETTERS = ((0x30, 0x39), (0x41, 0x5A), (0x61, 0x7A), (0xC0, 0x24F), (0x370, 0x52F))
_WIDE_MARKS = (
    (0x3000, 0x303F), (0xFF00, 0xFFEF), (0x2014, 0x2014), (0x2018, 0x201D), (0x2026, 0x2026),
    (0x25A1, 0x25A1), (0x2611, 0x2611), (0x2460, 0x24FF), (0xB7, 0xB7),
)  # fmt: skip
_RANGES = (("H", _WIDE_LETTERS), ("w", _WIDE_MARKS), ("n", _NARROW_LETTERS), (" ", ((0x20, 0x20),)))


class _Kinds(dict[int, str]):
    """Code point → kind of character, looked up once each; compiling the ranges as a pattern takes longer."""

    def __missing__(self, code: int) -> str:
        found = (kind for kind, ranges in _RANGES if any(first <= code <= last for first, last in ranges))
        kind = self[code] = next(found, ".")
        return kind


_KINDS = _Kinds()
_NARROW = re.compile(f"[{''.join(f'{first:c}-{last:c}' for first, last in _NARROW_LETTERS)}]")
_SCRIPT_CHANGE = re.compile("(?<=H)(?=n)|(?<=n)(?=H)")
WIDE = "Hw"
"""The kinds of characters that are set on the Chinese grid."""


def kinds(text: str) -> str:
    """The kind of each character: ``H`` Chinese letter, ``w`` other wide, ``n`` narrow letter or digit."""
    return text.translate(_KINDS)


HANGING = frozenset("!,.:;?、。！，．：；？")
"""Marks that may stand in the margin at the end of a line (Word's 标点溢出边界)."""

_CLOSING = frozenset("，。、．）》」』】〕〗〉］｝”’")
_OPENING = frozenset("（《「『【〔〖〈［｛“‘")


def is_wide(char: str) -> bool:
    """Whether ``char`` is Chinese (letter, punctuation or box) for line breaking."""
    return _KINDS[ord(char)] in WIDE


def script_changes(text: str) -> list[int]:
    """Positions between a Chinese and a Latin letter or digit, where a small gap belongs."""
    if _NARROW.search(text) is None:
        return []
    return [match.start() for match in _SCRIPT_CHANGE.finditer(kinds(text))]


def may_break(text: str, at: int, no_start: frozenset[str], no_end: frozenset[str]) -> bool:
    """Whether a line may end before character ``at`` (1 ≤ at < len(text))."""
    before, after = text[at - 1], text[at]
    pair = (before, after)
    if after == " ":
        return False
    if TAB in pair:
        return True
    if after in no_start or before in no_end:
        return False
    if before == " " or OBJECT in pair:
        return True
    if is_wide(before) or is_wide(after):
        return not _clings(before, after)
    return before == "-" and after.isalpha() and at > 1 and text[at - 2] != " "


def _clings(before: str, after: str) -> bool:
    """Whether a mark stays with the Latin word beside it (as in LibreOffice), a dash with a dash."""
    if before == after and after in "\u2014\u2026":
        return True
    return (before in _CLOSING and _KINDS[ord(after)] == "n") or (
        after in _OPENING and _KINDS[ord(before)] == "n"
    )


def break_before(text: str, start: int, at: int, no_start: frozenset[str], no_end: frozenset[str]) -> int:
    """Return the last allowed break in (start, at]; ``at`` (at least one character) when there is none."""
    found = at
    # Ends: each round goes back by a character.
    while found > start and not may_break(text, found, no_start, no_end):
        found -= 1
    return found if found > start else max(at, start + 1)

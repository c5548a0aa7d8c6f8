"""Where a line of Chinese text may end.

Owns break opportunities and the gap between Chinese and Latin text.  Pure; knows characters, not fonts.
Punctuation is never compressed (Word's 标点压缩 is off).
"""

from __future__ import annotations

import re

from generator.typeset.wml import OBJECT, TAB

_WIDE_LETTERS = (
    "\u2e80-\u2fff\u3005-\u3007\u3021-\u3029\u3040-\u318f\u31a0-\u31bf\u31f0-\u31ff"
    "\u3400-\u9fff\ua000-\ua4cf\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
)
_NARROW_LETTERS = "0-9A-Za-z\u00c0-\u024f\u0370-\u052f"
_WIDE = _WIDE_LETTERS + "\u3000-\u303f\uff00-\uffef\u2014\u2018-\u201d\u2026\u25a1\u2611\u2460-\u24ff\u00b7"

wide_char = re.compile(f"[{_WIDE}]")
"""One character that is set on the Chinese grid."""
_script_change = re.compile(
    f"(?<=[{_WIDE_LETTERS}])(?=[{_NARROW_LETTERS}])|(?<=[{_NARROW_LETTERS}])(?=[{_WIDE_LETTERS}])"
)
_any_narrow = re.compile(f"[{_NARROW_LETTERS}]")

HANGING = frozenset("!,.:;?、。！，．：；？")
"""Marks that may stand in the margin at the end of a line (Word's 标点溢出边界)."""

_CLOSING = frozenset("，。、．）》」』】〕〗〉］｝”’")
_OPENING = frozenset("（《「『【〔〖〈［｛“‘")

_WIDE_CACHE: dict[str, bool] = {}


def is_wide(char: str) -> bool:
    """Whether ``char`` is Chinese (letter, punctuation or box) for line breaking."""
    found = _WIDE_CACHE.get(char)
    if found is None:
        found = _WIDE_CACHE[char] = wide_char.match(char) is not None
    return found


def script_changes(text: str) -> list[int]:
    """Positions between a Chinese and a Latin letter or digit, where a small gap belongs."""
    if _any_narrow.search(text) is None:
        return []
    return [match.start() for match in _script_change.finditer(text)]


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
    return bool(
        (before in _CLOSING and _any_narrow.match(after)) or (after in _OPENING and _any_narrow.match(before))
    )


def break_before(text: str, start: int, at: int, no_start: frozenset[str], no_end: frozenset[str]) -> int:
    """Return the last allowed break in (start, at]; ``at`` (at least one character) when there is none."""
    found = at
    while found > start and not may_break(text, found, no_start, no_end):
        found -= 1
    return found if found > start else max(at, start + 1)

"""A file that holds a program is taken on a second word only; the one place every door asks.

The doors: ``document add``; ``scan add`` and a watched inbox, whose pages become pictures while the file
itself lies in quarantine.  What is assigned, split or bound later was made of those pictures by this program.
"""

from __future__ import annotations

from archives.errors import ProgramInside
from generator.reading.programs import NAMES, programs_in


def named(kinds: tuple[str, ...]) -> str:
    """The kinds in words, with commas between them."""
    return "、".join(NAMES.get(kind, kind) for kind in kinds)


def require_allowed(kinds: tuple[str, ...], *, allowed: bool) -> tuple[str, ...]:
    """The kinds again when they may be kept.  Raises ProgramInside."""
    if kinds and not allowed:
        raise ProgramInside(f"文件里有程序，没有归入：{named(kinds)}。")
    return kinds


def examined(content: bytes, *, allowed: bool) -> tuple[str, ...]:
    """What a file that is kept as it is holds; what could not be read counts.  Raises ProgramInside."""
    looked = programs_in(content)
    return require_allowed(looked.kinds if looked.whole else (*looked.kinds, "unseen"), allowed=allowed)


def warning(kinds: tuple[str, ...]) -> str:
    """What whoever gets the file is told."""
    return f"这个文件里有程序（{named(kinds)}），请不要在存有档案的电脑上直接打开。"

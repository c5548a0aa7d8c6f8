"""“Did you mean …?”: the nearest known word to a misspelt one."""

from __future__ import annotations

from collections.abc import Iterable


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word closest to ``word``, or None when nothing is close enough to be worth saying."""
    import difflib

    found = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return found[0] if found else None


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A Chinese half sentence such as ``是不是“required”？``; empty when there is no near word."""
    found = nearest(word, known)
    return f"是不是“{found}”？" if found else ""

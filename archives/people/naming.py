"""What a person may be called: clean text, pinyin, search terms.  Pure."""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Final, Literal

from archives.errors import InputRefused

TermKind = Literal["name", "initials", "pinyin", "phone", "birth", "ref", "number"]
MAX_READINGS: Final = 8
"""Readings kept of a name with characters of several sounds (单、解、曾 …)."""
_DIGITS = re.compile(r"\d+\Z", re.ASCII)
_LETTERS = re.compile(r"[a-z]+\Z", re.ASCII)


def clean(text: str, field: str, *, most: int = 100) -> str:
    """One line of NFC text without control, bidi or private characters.  Raises InputRefused."""
    told = unicodedata.normalize("NFC", text).strip()
    if not told:
        raise InputRefused(f"{field}不能为空。")
    if len(told) > most:
        raise InputRefused(f"{field}超过 {most} 个字。")
    if not told.isprintable() and any(
        unicodedata.category(char) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp") for char in told
    ):
        raise InputRefused(f"{field}含有不能保存的字符。", hint="请删除看不见的控制字符后重新输入。")
    return told


@lru_cache(maxsize=4096)
def readings(name: str) -> tuple[tuple[str, ...], ...]:
    """The ways to read a name, each as syllables without tones; other letters stay, lower case."""
    from pypinyin import Style, pinyin

    syllables = [
        tuple(dict.fromkeys(sound.lower().replace("ü", "v") for sound in sounds))
        for sounds in pinyin(name, style=Style.NORMAL, heteronym=True)
    ]
    return tuple(itertools.islice(itertools.product(*syllables), MAX_READINGS))


def person_terms(
    name: str, phone: str | None, birth_date: str | None = None
) -> Iterator[tuple[TermKind, str]]:
    """Search terms of a person; every term is found by any of its beginnings."""
    plain = fold(name)
    for tail in _tails(plain):
        yield "name", tail
    for reading in readings(plain):
        for start in range(len(reading)):
            yield "initials", "".join(syllable[:1] for syllable in reading[start:])
            yield "pinyin", "".join(reading[start:])
    if phone:
        yield "phone", phone_term(phone)
    if birth_date:
        yield "birth", birth_date


def phone_term(phone: str | None) -> str:
    """The digits of a phone number backwards, so that a tail is a beginning; empty without any."""
    return "".join(char for char in fold(phone or "") if char.isascii() and char.isdigit())[::-1]


def number_terms(number: str) -> Iterator[tuple[TermKind, str]]:
    """Search terms of a 档号, 个案编号 or 申请编号: the whole, and what follows each separator."""
    whole = fold(number)
    yield "ref", whole
    parts = re.split(r"[-·_/]", whole)
    for start in range(1, len(parts)):
        yield "number", "-".join(parts[start:])


def query_terms(typed: str) -> tuple[tuple[TermKind, str], ...]:
    """What to look for when somebody typed this: (kind, beginning) pairs, any of which may match."""
    query = fold(typed)
    if not query:
        return ()
    if _DIGITS.match(query):
        found: list[tuple[TermKind, str]] = [("number", query), ("ref", query)]
        if len(query) >= 3:  # shorter tails would find half the station
            found.append(("phone", query[::-1]))
        return tuple(found)
    if _LETTERS.match(query):
        return (("initials", query), ("pinyin", query), ("name", query), ("ref", query))
    return (("name", query), ("ref", query.replace("_", "·")), ("number", re.sub(r"[·_/]", "-", query)))


def fold(text: str) -> str:
    """Compatibility form, lower case, no spaces: how terms are stored and compared."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text).casefold())


def _tails(text: str) -> Iterable[str]:
    return (text[start:] for start in range(len(text)))

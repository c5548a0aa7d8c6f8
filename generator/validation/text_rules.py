"""Which characters an answer may hold: NFC, nothing invisible, nothing private.

An invisible character makes two equal-looking answers different and prints as nothing; a direction mark can
turn a number round on paper; a private-use character prints another glyph on another computer.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import Any, Literal, NamedTuple

from generator.forms.pointer import Part

_REFUSED_CATEGORIES = frozenset({"Cc", "Cf", "Co", "Cs", "Zl", "Zp"})
_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
# Assigned as letters or symbols, yet drawn as nothing.
_INVISIBLE = "\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0"
_UNPRINTED = (*_INVISIBLE, "\ufffd")

Reason = Literal["control", "invisible", "bidi", "private", "broken", "nfc"]


class Blemish(NamedTuple):
    """The first unwanted character of one answer."""

    path: tuple[Part, ...]
    reason: Reason
    code_point: str
    """``U+200B`` style; the only thing of the answer that is ever shown."""


class Scan(NamedTuple):
    """What a fast look saw."""

    clean: bool
    """No text needs a closer look."""
    blanks: bool
    """Some text or list is empty."""
    floats: bool
    """Some number is written with a decimal point."""


def scan(data: Any) -> Scan:
    """A fast look over all text of the answers."""
    texts: list[str] = []
    blanks, floats = _gather(data, texts)
    joined = "".join(texts)
    # str.isprintable refuses all the categories above, and also the line break and the full-width space.
    printable = joined.replace("\n", "").replace("\u3000", "").isprintable()
    # One search for each of a few characters is many times faster than one look at each character.
    clean = printable and not any(character in joined for character in _UNPRINTED)
    # A part of a normal text is normal, so joining hides no flaw; a false alarm costs only a closer look.
    return Scan(clean and unicodedata.is_normalized("NFC", joined), blanks, floats)


def _gather(value: Any, texts: list[str]) -> tuple[bool, bool]:
    blanks = floats = False
    members = value.values() if type(value) is dict else value
    for member in members:
        kind = type(member)
        if kind is str:
            texts.append(member)
            blanks = blanks or not member or member.isspace()
        elif kind is dict or kind is list:
            inner = _gather(member, texts)
            blanks = blanks or inner[0] or (kind is list and not member)
            floats = floats or inner[1]
        elif kind is float:
            floats = True
    return blanks, floats


def blemishes(data: Any, path: tuple[Part, ...] = ()) -> Iterator[Blemish]:
    """The first unwanted character of each text that has one."""
    if isinstance(data, str):
        found = _blemish(data)
        if found is not None:
            yield Blemish(path, *found)
    elif isinstance(data, dict):
        for name, member in data.items():
            yield from blemishes(member, (*path, name))
    elif isinstance(data, list):
        for index, member in enumerate(data):
            yield from blemishes(member, (*path, index))


def _blemish(text: str) -> tuple[Reason, str] | None:
    for character in text:
        reason = None if character == "\n" else refused(character)
        if reason is not None:
            return reason, f"U+{ord(character):04X}"
    if unicodedata.is_normalized("NFC", text):
        return None
    normal = unicodedata.normalize("NFC", text)
    at = next((i for i, (a, b) in enumerate(zip(text, normal, strict=False)) if a != b), len(text) - 1)
    follower = text[at + 1 : at + 2]
    # The letter before a combining mark is innocent; the mark is what somebody has to find.
    culprit = follower if follower and unicodedata.combining(follower) else text[at]
    return "nfc", f"U+{ord(culprit):04X}"


def refused(character: str) -> Reason | None:
    """Why a character may not stand in an answer; None when it may."""
    category = unicodedata.category(character)
    if character == "\ufffd" or category == "Cs" or _is_noncharacter(character):
        return "broken"
    if character in _BIDI:
        return "bidi"
    if category == "Co":
        return "private"
    if category == "Cc":
        return "control"
    return "invisible" if category in _REFUSED_CATEGORIES or character in _INVISIBLE else None


def _is_noncharacter(character: str) -> bool:
    code = ord(character)
    return code & 0xFFFE == 0xFFFE or 0xFDD0 <= code <= 0xFDEF


def pruned(value: Any) -> Any:
    """The answers without blank texts and empty lists, which are no answers.

    Items of a list keep their places, so that pointers into the original stay right.
    """
    if isinstance(value, dict):
        return {name: pruned(member) for name, member in value.items() if not is_blank(member)}
    if isinstance(value, list):
        return [pruned(member) for member in value]
    return value


def encodable(value: Any) -> Any:
    """The answers with lone surrogates replaced, which the schema engine cannot read at all."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, dict):
        return {encodable(name): encodable(member) for name, member in value.items()}
    if isinstance(value, list):
        return [encodable(member) for member in value]
    return value


def is_blank(value: Any) -> bool:
    """Whether a value is no answer: a text of nothing but spaces, or an empty list."""
    return (isinstance(value, str) and (not value or value.isspace())) or value == []

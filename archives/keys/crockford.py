"""Secrets that people read on paper and type: Crockford's base 32, forgiving in what it takes.

No I, L, O, U.  Typed back, O is 0, I and L are 1; lower case, full-width characters, spaces and dashes of any
kind do not matter.
"""

from __future__ import annotations

import unicodedata

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_READ_AS = str.maketrans("OIL", "011")
_VALUE = {character: value for value, character in enumerate(ALPHABET)}


def encode(secret: bytes) -> str:
    """The bytes as characters, 5 bits each; the number of bits must be a multiple of 5."""
    if len(secret) * 8 % 5:
        raise ValueError("the secret does not fill whole characters")
    number = int.from_bytes(secret, "big")
    count = len(secret) * 8 // 5
    return "".join(ALPHABET[number >> 5 * (count - 1 - place) & 31] for place in range(count))


def decode(text: str) -> bytes:
    """The bytes of ``encode``; the text is one that ``typed`` returned and fills whole bytes."""
    number = 0
    for character in text:
        number = number << 5 | _VALUE[character]
    return number.to_bytes(len(text) * 5 // 8, "big")


def typed(text: str) -> str | None:
    """What a person typed as characters of the alphabet; None when something else is in it."""
    letters = [
        c for c in unicodedata.normalize("NFKC", text).upper() if unicodedata.category(c)[0] not in "ZPC"
    ]
    read = "".join(letters).translate(_READ_AS)
    # The minus of formulas is a symbol, not a dash; pages copied from a word processor carry it.
    read = read.replace("\N{MINUS SIGN}", "")
    return read if set(read) <= set(ALPHABET) else None


def values(text: str) -> list[int]:
    """The value (0–31) of each character."""
    return [_VALUE[character] for character in text]


def grouped(text: str, size: int) -> str:
    """The text in groups with spaces between."""
    return " ".join(text[start : start + size] for start in range(0, len(text), size))

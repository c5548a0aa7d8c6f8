"""The keyed check of a page code: four base-32 characters, 20 bits.

What it promises, for the key a code was made with:

* a code in which any *one* character was changed is refused with certainty, not with probability;
* so is a code in which any two characters before the check were exchanged;
* any other change is accepted with a chance of 2⁻²⁰, a code made up without the key likewise; someone who
  holds a genuine sheet can do better by bending another body to the same S (2⁻¹⁴).  The check stops
  misreads and foreign sheets; that a sheet was really issued is known from the print register alone.

How: let *body* be the 21 characters before the check.

    S  = Σ αⁱ·xᵢ over GF(64), xᵢ the index of character i in the 45 characters of a QR symbol   (6 bits)
    H  = the first 14 bits of HMAC-SHA256(key, body)                                          (14 bits)
    check = base32(P_key(S‖H)),  P_key a 20-bit permutation: an eight-round Feistel network

Why one change is always seen.  *In the body:* xᵢ becomes another element of GF(64) and αⁱ ≠ 0, so S changes;
P_key is a permutation, so P_key(S′‖H′) ≠ P_key(S‖H) whatever H′ is, and the printed check no longer fits.
*In the check:* the body still asks for the same check, and the printed one differs from it.
Exchanging xᵢ ≠ xⱼ changes S by (αⁱ + αʲ)(xᵢ + xⱼ), and powers of α up to the 20th are all different.
P_key must not depend on the body, or the first step would fail.
With several keys (a key ring) a changed code meets each *other* key with the 2⁻²⁰ chance of any foreign code.
"""

from __future__ import annotations

import hmac

from generator.errors import KeyInvalid
from generator.identity.print_id import ALPHABET

QR_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
"""The characters a QR symbol holds in alphanumeric mode; a character's index is its value."""

BODY_LENGTH = 21
CHECK_LENGTH = 4
MIN_KEY_BYTES = 16

_VALUE = {char: index for index, char in enumerate(QR_ALPHABET)}
_FIELD = 0b1000011  # x⁶ + x + 1, primitive: the powers of x run through all 63 elements but 0
_TAG_BITS = 14
_HALF = 10
_HALF_MASK = (1 << _HALF) - 1
_ROUNDS = 8


def check_of(body: str, key: bytes) -> str:
    """Compute the check of a 21-character ``body``.  Raises KeyInvalid for a key under 16 bytes."""
    if len(key) < MIN_KEY_BYTES:
        raise KeyInvalid(f"页码密钥太短（不足 {MIN_KEY_BYTES} 字节）。")
    number = _permute(_checksum(body) << _TAG_BITS | _tag(body, key), key)
    return "".join(ALPHABET[number >> shift & 31] for shift in (15, 10, 5, 0))


def _times_power(value: int, power: int) -> int:
    for _ in range(power):
        value <<= 1
        if value & 0b1000000:
            value ^= _FIELD
    return value


_WEIGHTED = [[_times_power(value, power) for value in range(64)] for power in range(BODY_LENGTH)]


def _checksum(body: str) -> int:
    total = 0
    for row, char in zip(_WEIGHTED, body, strict=True):
        total ^= row[_VALUE[char]]
    return total


def _tag(body: str, key: bytes) -> int:
    digest = hmac.digest(key, b"KD1 tag " + body.encode("ascii"), "sha256")
    return int.from_bytes(digest[:2], "big") >> (16 - _TAG_BITS)


def _permute(number: int, key: bytes) -> int:
    left, right = number >> _HALF, number & _HALF_MASK
    for turn in range(_ROUNDS):
        digest = hmac.digest(key, b"KD1 round " + bytes((turn,)) + right.to_bytes(2, "big"), "sha256")
        left, right = right, left ^ (int.from_bytes(digest[:2], "big") & _HALF_MASK)
    return left << _HALF | right

"""The recovery sheet (恢复单): the way to the master key without any password; printed once, locked away.

    160 random bits as 4 numbered lines of two groups of 4 characters and a check character:  7Q2M 04KD 9

The check character catches every single wrong character, every two exchanged ones and exchanged lines, and
names the line.  The fingerprint tells which sheet belongs to the vault; it gives nothing of the secret away.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from archives.errors import InputRefused
from archives.keys import crockford
from archives.ports import RandomBytes

SECRET_BYTES = 20
LINES = 4
_DATA = 8
_TYPED = _DATA + 1
_FINGERPRINT = b"kangdang/1/recovery-fingerprint"


@dataclass(frozen=True, slots=True)
class RecoverySheet:
    """What is printed.  ``lines`` are the secret: they are shown once and stored nowhere."""

    lines: tuple[str, ...]
    made_on: date
    station: str
    """Name of the station as printed."""
    fingerprint: str

    def __repr__(self) -> str:
        return f"RecoverySheet(made_on={self.made_on}, fingerprint={self.fingerprint!r})"


def make(random: RandomBytes, made_on: date, station: str) -> tuple[RecoverySheet, bytes]:
    """A sheet to print and its 20-byte secret, which goes into the vault."""
    secret = random(SECRET_BYTES)
    text = crockford.encode(secret)
    lines = []
    for number in range(LINES):
        part = text[number * _DATA : (number + 1) * _DATA]
        lines.append(crockford.grouped(part + _check(part, number), 4))
    return RecoverySheet(tuple(lines), made_on, station, fingerprint(secret)), secret


def fingerprint(secret: bytes) -> str:
    """Eight characters (40 bits) that tell sheets apart: ``7Q2M 04KD``."""
    tag = hmac.new(secret, _FINGERPRINT, hashlib.sha256).digest()
    return crockford.grouped(crockford.encode(tag[:5]), 4)


def read(typed: str | Sequence[str]) -> bytes:
    """The secret from what a person typed: four lines, or all of them in one.

    Raises InputRefused naming the first wrong line; the message never repeats what was typed.
    """
    lines = [line for line in _lines(typed) if line.strip()]
    if len(lines) == 1:
        lines = _split(lines[0])
    if len(lines) != LINES:
        raise InputRefused(f"恢复单共有 {LINES} 行，读到 {len(lines)} 行。", hint="请照恢复单逐行输入。")
    return crockford.decode("".join(_line(number, line) for number, line in enumerate(lines)))


def _lines(typed: str | Sequence[str]) -> list[str]:
    return typed.splitlines() if isinstance(typed, str) else list(typed)


def _split(line: str) -> list[str]:
    text = crockford.typed(line)
    if text is None or len(text) != LINES * _TYPED:
        raise InputRefused(
            f"恢复单应为 {LINES} 行，每行 {_TYPED} 个字符。",
            hint="请照恢复单逐行输入；字母不分大小写，空格可有可无。",
        )
    return [text[start : start + _TYPED] for start in range(0, len(text), _TYPED)]


def _line(number: int, line: str) -> str:
    text = crockford.typed(line)
    where = f"恢复单第{number + 1}行有误"
    if text is None:
        raise InputRefused(
            f"{where}：有恢复单上不会出现的字符。", hint="恢复单只有数字和大写字母，没有字母 U。"
        )
    if len(text) != _TYPED:
        raise InputRefused(
            f"{where}：应为 {_TYPED} 个字符，读到 {len(text)} 个。", hint="请对照恢复单补全或删去多余的字符。"
        )
    if _check(text[:_DATA], number) != text[_DATA]:
        raise InputRefused(
            f"{where}：其中至少一个字符不对。", hint="请逐字核对这一行，注意 8 与 B、5 与 S、2 与 Z。"
        )
    return text[:_DATA]


def _check(part: str, number: int) -> str:
    # Σ αⁱ·xᵢ over GF(32), the line's number as one more term.  The weights are all different and none is 0:
    # one changed character, two exchanged ones or two exchanged lines always change the sum.
    total, weight = 0, 1
    for value in [*crockford.values(part), number]:
        weight = _times_alpha(weight)
        total ^= _product(weight, value)
    return crockford.ALPHABET[total]


def _times_alpha(value: int) -> int:
    value <<= 1
    return value ^ 0b100101 if value & 32 else value  # x⁵ + x² + 1, primitive


def _product(left: int, right: int) -> int:
    total = 0
    # Ends: each round shifts one bit out.
    while right:
        if right & 1:
            total ^= left
        left, right = _times_alpha(left), right >> 1
    return total

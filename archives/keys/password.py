"""What people type to come in: one spelling of logins and passwords, and which passwords are refused.

Nothing here keeps a password, and no message repeats one.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from itertools import pairwise

from archives.errors import InputRefused, PasswordRefused
from archives.keys.weak_words import COMMON

SHORTEST = 10
SHORTEST_HAN = 8
"""A passphrase of Chinese characters alone says more per character."""
LONGEST = 128
LONGEST_LOGIN = 32
_FEWEST_DIFFERENT = 5

_ROWS = (
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890",
    "qwertyuiop[]asdfghjkl;zxcvbnm,./",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik,9ol.0p",
    "1q2w3e4r5t6y7u8i9o0p",
)
_LEET = str.maketrans("013457@$!", "oleastasi")
_DATE = re.compile(
    r"(?:19|20)[0-9]{2}[-./年]?(?:0?[1-9]|1[0-2])[-./月]?(?:0[1-9]|[12][0-9]|3[01]|[1-9])日?", re.ASCII
)
_PHONE = re.compile(r"(?:\+?86)?1[3-9][0-9][- ]?[0-9]{4}[- ]?[0-9]{4}|0[0-9]{2,3}-?[0-9]{7,8}", re.ASCII)
_ID_NUMBER = re.compile(r"[1-9][0-9]{16}[0-9x]", re.ASCII)


def normal_login(login: str) -> str:
    """One spelling of a login: full-width and capital letters are the plain small ones.

    Raises InputRefused for an empty or long one, and for characters other than letters, digits, ``. - _``.
    """
    text = spelled(login)
    if not text or len(text) > LONGEST_LOGIN:
        raise InputRefused(f"用户名应为 1 至 {LONGEST_LOGIN} 个字。")
    if not all(c.isalnum() or c in ".-_" for c in text):
        raise InputRefused("用户名只能用汉字、字母、数字和 . - _。")
    return text


def spelled(login: str) -> str:
    """The login in one spelling, whatever is in it; for comparing what was typed."""
    text = unicodedata.normalize("NFKC", login).strip().casefold()
    return unicodedata.normalize("NFC", text)


def password_bytes(password: str) -> bytes:
    """The bytes that are stretched: NFC, every kind of space is the plain one.

    Other characters are left as they are: passwords tell capitals and widths apart.
    """
    text = "".join(" " if unicodedata.category(c) == "Zs" else c for c in password)
    return unicodedata.normalize("NFC", text).encode("utf-8", "surrogatepass")


@dataclass(frozen=True, slots=True)
class PasswordOwner:
    """Whose password it is: what must not be in it."""

    login: str
    station: str = ""
    """Name of the station."""


def check_password(password: str, owner: PasswordOwner) -> None:
    """Let a new password pass or raise PasswordRefused with the first thing that is wrong with it."""
    if any(unicodedata.category(c)[0] == "C" for c in password):
        raise PasswordRefused("密码中有看不见的控制字符。", hint="请不要粘贴密码，直接输入。")
    if len(password) > LONGEST:
        raise PasswordRefused(f"密码太长，最多 {LONGEST} 个字符。", hint="请换一个短一些的。")
    plain = unicodedata.normalize("NFKC", password).casefold()
    solid = "".join(plain.split())
    if not _long_enough(solid):
        raise PasswordRefused(f"密码太短：至少 {SHORTEST} 个字符，或 {SHORTEST_HAN} 个汉字。")
    if not any(c.isalpha() for c in solid):
        raise PasswordRefused("密码不能只有数字和符号。", hint="请加入字母或汉字，例如由几个不相干的词组成。")
    _refuse_names(solid, owner)
    if not _long_enough(_without_dates(solid)):
        raise PasswordRefused(
            "密码的主要部分是日期、电话或证件号码，容易被猜到。",
            hint="请换成几个不相干的词，不要用生日和电话。",
        )
    if len(set(solid)) < _FEWEST_DIFFERENT or _repeats(solid):
        raise PasswordRefused("密码中重复的字符太多。")
    if _walks(solid):
        raise PasswordRefused("密码是键盘或字母表上连续的字符，容易被猜到。")
    if _common(solid):
        raise PasswordRefused("密码是常见的密码，或只在常见词前后加了数字和符号。")


def _long_enough(text: str) -> bool:
    han = sum("\u4e00" <= c <= "\u9fff" for c in text)
    return len(text) >= SHORTEST or han >= SHORTEST_HAN


def _refuse_names(solid: str, owner: PasswordOwner) -> None:
    login = spelled(owner.login)
    if len(login) >= 3 and (login in solid or login[::-1] in solid):
        raise PasswordRefused("密码中有用户名。", hint="请换一个与用户名无关的密码。")
    station = "".join(unicodedata.normalize("NFKC", owner.station).casefold().split())
    if len(station) >= 2 and (station in solid or (len(solid) >= SHORTEST_HAN and solid in station)):
        raise PasswordRefused("密码中有本站的名称。", hint="请换一个与本站无关的密码。")


def _without_dates(solid: str) -> str:
    for pattern in (_ID_NUMBER, _PHONE, _DATE):
        solid = pattern.sub("", solid)
    return solid


def _repeats(solid: str) -> bool:
    """One piece again and again: ``abcabcabcabc``."""
    return any(
        solid == (solid[:size] * (len(solid) // size + 1))[: len(solid)]
        for size in range(1, len(solid) // 2 + 1)
    )


def _walks(solid: str) -> bool:
    """Nearly all of it runs along a row of the keyboard or the alphabet, forwards or backwards."""
    rows = [*_ROWS, *(row[::-1] for row in _ROWS)]
    steps = sum(any(pair in row for row in rows) for pair in map("".join, pairwise(solid)))
    return steps >= 0.8 * (len(solid) - 1)


def _common(solid: str) -> bool:
    letters = "".join(c for c in solid if c.isalpha())
    inside = solid.strip("0123456789!@#$%^&*+=?~._-")
    return not COMMON.isdisjoint({solid, letters, inside, inside.translate(_LEET), solid.translate(_LEET)})

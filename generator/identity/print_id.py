"""Print ids: ten characters that name one printed copy, one blank form or one service sheet.

Owns the alphabet, the three kinds and how an id of each kind is made.  An id holds no personal data:
a copy and a service sheet have random ids, a blank without a person says only its form and version.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from enum import StrEnum

from generator.errors import PrintIdInvalid

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O, U, so nothing is misread as 1, 0 or V."""

LENGTH = 10
_SERVICE, _BLANK = "S", "F"
_FIRST_OF_COPY = "".join(c for c in ALPHABET if c not in (_SERVICE, _BLANK))
_RANDOM_BYTES = 16
"""128 random bits for an id of 50: the rest of the division is uneven by less than 2⁻⁷⁷."""

_RANDOM_ID = re.compile(rf"[{ALPHABET}]{{{LENGTH}}}", re.ASCII)
_BLANK_ID = re.compile(r"F(?P<code>[A-Z0-9]{1,6})-*(?P<version>[0-9]{3})", re.ASCII)
_FORM_CODE = re.compile(r"[A-Z0-9]{1,6}", re.ASCII)


class PrintKind(StrEnum):
    """What a print id names."""

    COPY = "copy"
    """One copy of one document; the copy that comes home is filed under this id."""
    BLANK = "blank"
    """A blank form without a person: form and version only, the same id on every sheet printed."""
    SERVICE = "service"
    """Cover, contents or separator sheet: recognised and counted, never filed."""


def new_print_id(random: Callable[[int], bytes], kind: PrintKind = PrintKind.COPY) -> str:
    """Draw an id of ``kind`` (copy or service sheet).

    ``random`` gives n random bytes, as ``secrets.token_bytes`` does.
    A copy has 30·32⁹ ≈ 2⁴⁹·⁹ possible ids: the register keeps them unique and draws again on a collision.
    """
    if kind is PrintKind.BLANK:
        raise PrintIdInvalid("空白表的打印编号不是随机的。", hint="请用 blank_print_id(表单代号, 版本)。")
    number = int.from_bytes(random(_RANDOM_BYTES), "big")
    if kind is PrintKind.SERVICE:
        first = _SERVICE
    else:
        number, index = divmod(number, len(_FIRST_OF_COPY))
        first = _FIRST_OF_COPY[index]
    tail = []
    for _ in range(LENGTH - 1):
        number, index = divmod(number, len(ALPHABET))
        tail.append(ALPHABET[index])
    return first + "".join(tail)


def blank_print_id(form_code: str, version: int) -> str:
    """Name a blank: ``("B", 1)`` → ``FB-----001``.

    Raises PrintIdInvalid unless the code is 1–6 capital letters or digits and the version 1–999.
    """
    if not _FORM_CODE.fullmatch(form_code) or not 1 <= version <= 999:
        raise PrintIdInvalid(
            f"表单代号 {form_code} 第 {version} 版不能印在空白表的页码上。",
            hint="表单代号为 1 至 6 位大写字母和数字，版本为 1 至 999。",
        )
    return f"{_BLANK}{form_code.ljust(6, '-')}{version:03d}"


def kind_of(print_id: str) -> PrintKind:
    """Tell the kind an id names.  Raises PrintIdInvalid when it is no print id at all."""
    if print_id.startswith(_BLANK):
        if len(print_id) == LENGTH and _BLANK_ID.fullmatch(print_id) and not print_id.endswith("000"):
            return PrintKind.BLANK
    elif _RANDOM_ID.fullmatch(print_id):
        return PrintKind.SERVICE if print_id.startswith(_SERVICE) else PrintKind.COPY
    raise PrintIdInvalid("打印编号的写法不对。")


def blank_of(print_id: str) -> tuple[str, int]:
    """Form code and version of a blank's id: ``FB-----001`` → ``("B", 1)``."""
    match = _BLANK_ID.fullmatch(print_id)
    if match is None or kind_of(print_id) is not PrintKind.BLANK:
        raise PrintIdInvalid("这不是空白表的打印编号。", hint="空白表的打印编号以 F 开头。")
    return match["code"], int(match["version"])

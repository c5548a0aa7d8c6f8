"""How people write dates, times, numbers, phones and ID numbers, and the one way answers keep them.

Pure functions from text to the stored spelling; None where the text is not of that kind.  ``today`` and
``now`` are given, never read; without them words such as 今天 are not understood.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime, timedelta

_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−－ー", "-"))
_DIGITS = {char: str(value) for value, char in enumerate("〇一二三四五六七八九")} | {"零": "0", "○": "0"}
_DAYS = {"今天": 0, "今日": 0, "昨天": -1, "昨日": -1, "前天": -2, "明天": 1, "明日": 1, "后天": 2}
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_PARTED = re.compile(r"(\d{4})\s*[-/.年\s]\s*(\d{1,2})\s*[-/.月\s]\s*(\d{1,2})\s*[日号]?")
_THIS_YEAR = re.compile(r"(\d{1,2})\s*月\s*(\d{1,2})\s*[日号]?")
_CLOCK = re.compile(r"(\d{1,2})\s*(?:[:时点]\s*(?:(\d{1,2})\s*分?|(半|整))?)")
_HALVES = {"凌晨": 0, "早上": 0, "上午": 0, "中午": 12, "下午": 12, "傍晚": 12, "晚上": 12}
_LANDLINE = re.compile(r"\(?(0\d{2,3})\)?[- ]?(\d{7,8})(?:[- ]?(?:转|\*|#)?[- ]?(\d{1,6}))?")


def narrow(text: str) -> str:
    """Full-width letters, digits and marks become half-width, dashes become ``-``, ends are trimmed."""
    return unicodedata.normalize("NFKC", text).translate(_DASHES).strip()


def date_of(text: str, today: date | None = None) -> str | None:
    """``2026-3-5``, ``2026年3月5日``, ``20260305``, ``二〇二六年三月五日``, ``今天`` → ``2026-03-05``.

    A month and day alone take the year of ``today``.  Two-digit years and day-first dates are not guessed.
    """
    plain = _arabic(narrow(text))
    if today is not None and plain in _DAYS:
        return (today + timedelta(days=_DAYS[plain])).isoformat()
    found = _COMPACT.fullmatch(plain) or _PARTED.fullmatch(plain)
    if found:
        return _day(*map(int, found.groups()))
    found = _THIS_YEAR.fullmatch(plain)
    if found and today is not None:
        return _day(today.year, *map(int, found.groups()))
    return None


def datetime_of(text: str, now: datetime | None = None) -> str | None:
    """``2026-3-5 14:30``, ``3月5日下午2点半``, ``今天 14:30``, ``现在`` → ``2026-03-05T14:30``."""
    plain = _arabic(narrow(text)).replace("T", " ")
    if now is not None and plain in ("现在", "此刻"):
        return now.strftime("%Y-%m-%dT%H:%M")
    half = next((word for word in _HALVES if word in plain), "")
    before, _, after = plain.partition(half) if half else plain.rpartition(" ")
    if not half and not before:
        before, after = _split_day(plain)
    day = date_of(before or "今天", now.date() if now is not None else None)
    clock = _clock(after.strip(), half)
    return f"{day}T{clock}" if day and clock else None


def _split_day(text: str) -> tuple[str, str]:
    at = max(text.rfind("日"), text.rfind("号"), text.rfind("天"))
    return text[: at + 1], text[at + 1 :]


def _clock(text: str, half: str) -> str | None:
    found = _CLOCK.fullmatch(text)
    if found is None:
        return None
    hour, minute = int(found[1]), 30 if found[3] == "半" else int(found[2] or 0)
    if half and _HALVES[half] == 12 and hour < 12 and not (half == "中午" and hour >= 10):
        hour += 12
    return f"{hour:02d}:{minute:02d}" if hour < 24 and minute < 60 else None


def _day(year: int, month: int, day: int) -> str | None:
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return None


def _arabic(text: str) -> str:
    """Chinese numerals of a date in Arabic digits: ``二〇二六年十一月二十日`` → ``2026年11月20日``."""
    if not any(char in _DIGITS or char == "十" for char in text):
        return text
    return re.sub(r"[〇○零一二三四五六七八九十]+", lambda found: _number(found[0]), text)


def _number(numeral: str) -> str:
    tens, ten, ones = numeral.partition("十")
    if not ten:
        return "".join(_DIGITS[char] for char in numeral)
    return (_DIGITS.get(tens, "1") if tens else "1") + (_DIGITS.get(ones, "0") if ones else "0")


def phone_of(text: str) -> str:
    """Spaces, brackets, +86 and full-width digits taken out; a landline as ``0812-3333333-12``."""
    plain = narrow(text)
    bare = re.sub(r"[\s-]", "", plain)
    bare = re.sub(r"^(\+|00)86", "", bare)
    if re.fullmatch(r"(86)?1[3-9]\d{9}", bare):
        return bare[-11:]
    found = _LANDLINE.fullmatch(re.sub(r"^(\+|00)86[- ]?", "", plain))
    return "-".join(part for part in found.groups() if part) if found else plain


def citizen_id_of(text: str) -> str:
    """The 18 characters without spaces and dashes, the last one as a capital X."""
    return re.sub(r"[\s-]", "", narrow(text)).upper()


def integer_of(text: str) -> int | None:
    """A whole number in any width."""
    plain = narrow(text)
    return int(plain) if re.fullmatch(r"[+-]?\d{1,15}", plain) else None


def number_of(text: str) -> int | float | None:
    """A number with or without decimals."""
    plain = narrow(text)
    if not re.fullmatch(r"[+-]?\d{1,15}(\.\d{1,9})?", plain):
        return None
    return float(plain) if "." in plain else int(plain)


def line_of(text: str) -> str:
    """One line of text: normal form, tabs as spaces, no zero-width spaces from pasting, trimmed."""
    return _pasted(text).strip()


def paragraphs_of(text: str) -> str:
    """Several lines of text: line breaks of one kind, no spaces at line ends."""
    lines = _pasted(text).replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join(line.rstrip() for line in lines)


def _pasted(text: str) -> str:
    # Chat programs put zero-width spaces and byte-order marks around what is copied from them.
    cleared = text.replace("\t", " ").replace("\u200b", "").replace("\ufeff", "")
    return unicodedata.normalize("NFC", cleared)

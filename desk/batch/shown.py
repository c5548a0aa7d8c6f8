"""What the sheet shows of a number: the number formats of Excel, as far as rosters use them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal
from functools import lru_cache

_SECTION = re.compile(r'((?:"[^"]*"|\\.|\[[^\]]*\]|[^;])*)(?:;|$)')
_TOKEN = re.compile(
    r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]|General|@|AM/PM|上午/下午|y+|m+|d+|h+|s+|[eE][+-]|.', re.I | re.S
)
_PLACES = frozenset("0#?")
_FIFTEEN = Context(prec=15, rounding=ROUND_HALF_UP)
_TEN = Context(prec=10, rounding=ROUND_HALF_UP)
DIGITS = 15
"""As many as a spreadsheet keeps of a number."""
_FIRST_1904 = 1462
_EARLY = datetime(1899, 12, 31)  # noqa: DTZ001 - a cell has no zone
_FIRST = datetime(1899, 12, 30)  # noqa: DTZ001


@dataclass(frozen=True, slots=True)
class Number:
    """A number as it is stored, and the format it is shown in."""

    value: Decimal
    format: str = "General"
    since_1904: bool = False


@lru_cache(maxsize=4096)
def _tokens(code: str) -> tuple[str, ...]:
    return tuple(token for token in _TOKEN.findall(code) if not _is_mute(token))


def _is_mute(token: str) -> bool:
    # Colours, conditions and languages; elapsed time and currency signs are shown.
    shown = re.fullmatch(r"\[(h+|m+|s+|\$.*)\]", token, re.I | re.S)
    return token[0] in "_*" or (token.startswith("[") and shown is None)


@lru_cache(maxsize=4096)
def _sections(code: str) -> tuple[str, ...]:
    # The pattern also matches the nothing behind the last section.
    found = [section[1] for section in _SECTION.finditer(code)]
    return tuple(found[:-1] if len(found) > 1 and not code.endswith(";") else found)[:4]


def is_moment(code: str) -> bool:
    """Whether a format shows a day or a time."""
    tokens = _tokens(_sections(code)[0]) if _sections(code) else ()
    return any(token[0] in "yYmMdDhHsS" and token.lower() != "general" for token in tokens) or is_duration(
        code
    )


def is_duration(code: str) -> bool:
    """Whether a format shows hours beyond a day (``[h]:mm``)."""
    return any(re.fullmatch(r"\[(h+|m+|s+)\]", token, re.I) for token in _tokens(code))


def is_percent(code: str) -> bool:
    """Whether a format shows hundredths."""
    return "%" in _tokens(code)


def moment(number: Number) -> datetime | date | time | timedelta | None:
    """The day or time a number stands for; None when there is none (the sheet shows ####)."""
    serial = number.value
    if is_duration(number.format):
        return timedelta(seconds=round(serial * 86400)) if abs(serial) < 100_000_000 else None
    if number.since_1904:
        serial += _FIRST_1904
    if not 0 <= serial < 2_958_466 or int(serial) == 60:  # the 29th of February 1900 never was
        return None
    seconds = round(serial % 1 * 86400)
    if serial < 1:
        return (_FIRST + timedelta(seconds=seconds)).time()
    first = _EARLY if serial < 60 else _FIRST
    try:
        return first + timedelta(days=int(serial), seconds=seconds)
    except OverflowError:
        return None


def rounded(number: Number) -> Decimal:
    """The value as the sheet shows it, without its dress: 68.58500000000001 → 68.585; in ``0.0`` 68.6."""
    section, value = _section(number)
    places = _decimals(section)
    value = _FIFTEEN.plus(value)
    if places is None:
        # A cell shows eleven characters of a fraction; whole numbers keep their digits.
        return value if value == value.to_integral_value() else _TEN.plus(value)
    if is_percent(number.format):
        places += 2
    if value.adjusted() + places > DIGITS + 10:
        return value
    return value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def plain(value: Decimal) -> str:
    """Digits without an exponent and without zeros at the end."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def text(number: Number) -> str:
    """The text the sheet shows."""
    section, _ = _section(number)
    tokens = _tokens(section)
    value = rounded(number)
    if _decimals(section) is None or any(token.lower() in ("e+", "e-", "/") for token in tokens):
        return _around(tokens, plain(value))
    if is_percent(number.format):
        value *= 100
    minus = "-" if value < 0 and len(_sections(number.format)) < 2 else ""
    return minus + _dressed(tokens, abs(value))


def _around(tokens: tuple[str, ...], middle: str) -> str:
    """``General`` with literals around it."""
    if not any(token.lower() == "general" for token in tokens):
        return middle
    return "".join(middle if token.lower() == "general" else _literal(token) for token in tokens)


def _section(number: Number) -> tuple[str, Decimal]:
    sections, value = _sections(number.format), number.value
    if "[" in number.format and re.search(r"\[[<>=]", number.format):
        return "General", value  # conditions of one's own: the plain value
    if value < 0 and len(sections) > 1 and sections[1]:
        return sections[1], value
    if value == 0 and len(sections) > 2 and sections[2]:
        return sections[2], value
    return (sections[0] if sections else "General"), value


def _decimals(section: str) -> int | None:
    """How many decimals a section shows; None when it is not digits at all."""
    tokens = _tokens(section)
    if not any(token in _PLACES for token in tokens) or any(t.lower() in ("e+", "e-") for t in tokens):
        return None
    if "." not in tokens:
        return 0
    return min(sum(token in _PLACES for token in tokens[tokens.index(".") :]), 30)


def _dressed(tokens: tuple[str, ...], value: Decimal) -> str:
    point = tokens.index(".") if "." in tokens else len(tokens)
    places = [at for at, token in enumerate(tokens) if token in _PLACES]
    whole_places = [at for at in places if at < point]
    least = sum(tokens[at] == "0" for at in whole_places)
    whole, _, decimals = format(value, "f").partition(".")
    whole = ("" if whole == "0" else whole).rjust(least, "0")
    optional = [tokens[at] for at in places if at > point]
    decimals = decimals[: len(optional)].ljust(len(optional), "0")
    # Zeros at the end show where the format has 0, not where it has #.
    # Ends: each round takes away one place.
    while optional and optional[-1] != "0" and decimals.endswith("0"):
        optional.pop()
        decimals = decimals[:-1]
    first = whole_places[0] if whole_places else point
    last = max(places)
    inner = tokens[first:last]
    if "," in inner and whole:
        whole = f"{int(whole):,}".rjust(len(whole), "0")
    elif "-" in inner:
        return _patterned(tokens, whole, whole_places)
    number = whole + (f".{decimals}" if decimals else "")
    before = "".join(map(_literal, tokens[:first]))
    return before + number + "".join(map(_literal, tokens[last + 1 :]))


def _patterned(tokens: tuple[str, ...], whole: str, places: list[int]) -> str:
    """Digits with marks between them (``000-0000``), put in from the right."""
    shown = list(tokens)
    for at in reversed(places):
        shown[at] = whole[-1:] if at != places[0] else whole
        whole = whole[:-1]
    return "".join(token if at in places else _literal(token) for at, token in enumerate(shown))


def _literal(token: str) -> str:
    if token.startswith('"'):
        return token[1:-1]
    if token.startswith("\\"):
        return token[1:]
    if token.startswith("["):
        return token[2:-1].split("-")[0] if token.startswith("[$") else ""
    return "" if token in ("?", "#", ",") else token


def duration_text(value: timedelta) -> str:
    """``26:30``; seconds only where there are any."""
    seconds = round(value.total_seconds())
    minus, seconds = ("-" if seconds < 0 else ""), abs(seconds)
    end = f":{seconds % 60:02d}" if seconds % 60 else ""
    return f"{minus}{seconds // 3600}:{seconds // 60 % 60:02d}{end}"


def time_text(value: time, code: str) -> str:
    """A time of day as its format shows it: ``9:05:00`` in ``h:mm:ss``."""
    tokens = [token.lower() for token in _tokens(code)]
    hours = f"{value.hour:02d}" if "hh" in tokens else f"{value.hour}"
    seconds = f":{value.second:02d}" if any(token.startswith("s") for token in tokens) else ""
    return f"{hours}:{value.minute:02d}{seconds}"

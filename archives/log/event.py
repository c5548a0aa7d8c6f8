"""One event of the access log and its canonical bytes.

Owns the fields, what may stand in them, and the one form that is hashed (docs/access-log.md, byte for byte).
What is written is checked (``check``); what is read is never bent: ``digest_row`` hashes a row as it lies in
the database.
An event holds ids, counts and hashes, never a name, an answer or free text (spec E4).
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any, Final, Literal, get_args

from pydantic_core import to_json

from archives.log.purposes import Purpose
from archives.log.vocabulary import ACTIONS, DETAIL_KEYS, SUBJECT_KINDS, DetailKind

Result = Literal["ok", "denied", "failed"]
DetailValue = str | int | bool | None | Mapping[str, str]
"""A mapping only under ``digests``: key of a row → digest of what it held after the act, or ``gone``."""
Row = Sequence[Any]
"""The values of ROW_FIELDS in their order; anything after them is not hashed."""

SITE_CHAIN: Final = 0
"""Chain of what concerns no single file; every other chain has the id of its file."""
HASH_PREFIX: Final = b"kangdang-event-1\n"
NO_HASH: Final = bytes(32)
"""Stands before the first event of a chain."""
ROW_FIELDS: Final = (
    "chain", "seq", "at", "user", "staff", "role", "action", "subject", "purpose", "approval", "client",
    "result", "detail", "note_sha256",
)  # fmt: skip
ROW_LENGTH: Final = len(ROW_FIELDS)

_AT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?[+-]\d\d:\d\d", re.ASCII)
_ROLE = re.compile(r"[a-z]{1,20}(\+[a-z]{1,20}){0,7}", re.ASCII)
_REFERENCE = re.compile(
    r"([a-z]{1,20}):([0-9]{1,19}|[0-9]{4}-[0-9]{1,6}|[0-9a-f]{16,64}|[0-9A-Z]{10})", re.ASCII
)
_NAMED = re.compile(r"form:[a-z][a-z0-9_]{0,63}|number:[A-Za-z0-9]{1,20}:[0-9]{4}:[0-9]{1,9}", re.ASCII)
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._:+/-]{0,63}", re.ASCII)
_FIELDS = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}(,[A-Za-z][A-Za-z0-9_]{0,63}){0,199}", re.ASCII)
_SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)
_ROW_KEY = re.compile(r"[a-z]{1,20}:[A-Za-z0-9._-]{1,64}(/[A-Za-z0-9._-]{1,64}){0,3}", re.ASCII)
_ROW_HELD = re.compile(r"[0-9a-f]{64}|gone", re.ASCII)
MOST_DIGESTS: Final = 500
"""Of rows in one event."""
_PERSONAL = re.compile(r"(?<![0-9A-Za-z])(\d{17}[\dXx]|\d{15}|1[3-9]\d{9})(?![0-9A-Za-z])", re.ASCII)
_PURPOSES = frozenset(Purpose)
_RESULTS = frozenset(get_args(Result))

# Equal to RFC 8785 for what an event holds: arrays, strings, integers, truths, null.
_encode = json.JSONEncoder(
    ensure_ascii=False, allow_nan=False, separators=(",", ":"), sort_keys=True, check_circular=False
).encode


@dataclass(frozen=True, slots=True)
class AccessEvent:
    """Who did what to which thing, when, why, and whether it was allowed (spec E4)."""

    chain: int
    """0 = the station's chain, else the id of the file."""
    seq: int
    """Place in the chain, from 1; 0 before the event is appended."""
    at: str
    """ISO 8601 with offset, seconds or milliseconds."""
    user: int | None
    staff: int | None
    role: str
    """Role codes joined by ``+``."""
    action: str
    subject: str
    """``kind:id``, e.g. ``record:123``; never a name."""
    client: str
    """From which computer or program; not a person's name."""
    result: Result = "ok"
    purpose: str | None = None
    approval: str | None = None
    """``kind:id`` of what allowed it, e.g. ``grant:12``."""
    detail: Mapping[str, DetailValue] = field(default_factory=dict)
    note_sha256: str | None = None
    """Hash of an encrypted free text kept elsewhere."""

    def row(self) -> tuple[Any, ...]:
        """The values of ROW_FIELDS, detail as canonical JSON text."""
        return _row(self, self.seq, detail_text(self.detail))


def _row(event: AccessEvent, seq: int, detail: str) -> tuple[Any, ...]:
    return (
        event.chain, seq, event.at, event.user, event.staff, event.role, event.action, event.subject,
        event.purpose, event.approval, event.client, event.result, detail, event.note_sha256,
    )  # fmt: skip


def moment(when: datetime) -> str:
    """The text of a time in events and seals: milliseconds and offset; ValueError without a time zone."""
    if when.tzinfo is None:
        raise ValueError("an event time needs its time zone")
    return when.isoformat(timespec="milliseconds")


def detail_text(detail: Mapping[str, Any]) -> str:
    """Canonical JSON of a detail: keys sorted, no spaces, nothing escaped that JSON does not ask for."""
    return _encode(dict(detail))


def canonical_text(row: Row) -> str:
    """The JSON array of the first ROW_LENGTH values; TypeError or ValueError if JSON has no such value."""
    return _encode(list(row[:ROW_LENGTH]))


def canonical_row(row: Row, prev_hash: bytes) -> bytes:
    """The bytes that are hashed: prefix, hash of the event before (32 bytes), UTF-8 of the JSON array."""
    return HASH_PREFIX + prev_hash + canonical_text(row).encode()


def canonical(event: AccessEvent, prev_hash: bytes) -> bytes:
    """``canonical_row`` of an event."""
    return canonical_row(event.row(), prev_hash)


def digest_row(row: Row, prev_hash: bytes) -> bytes:
    """SHA-256 (32 bytes) of a row in its chain; TypeError or ValueError for values no event can have."""
    return hashlib.sha256(HASH_PREFIX + prev_hash + _encode(list(row[:ROW_LENGTH])).encode()).digest()


def stored(
    event: AccessEvent, seq: int, prev_hash: bytes, digests: Mapping[str, str] | None = None
) -> tuple[Any, ...]:
    """The row of a checked event at its place: the values of ROW_FIELDS and the hash.

    ``digests``: of the rows its act left behind.  Raises ValueError, naming the field.
    What is checked holds nothing that another encoder writes otherwise; json takes four times as long, and
    each act says this.  What is read may hold anything and is left to ``digest_row``.
    """
    if not _whole(seq, 1):
        raise ValueError("access event: seq is not allowed")
    if digests is not None and not _digests_ok(digests):
        raise ValueError("access event: detail digests is not allowed")
    detail: dict[str, Any] = dict(sorted(event.detail.items()))
    if digests is not None:
        detail = dict(sorted({**detail, "digests": dict(sorted(digests.items()))}.items()))
    row = _row(event, seq, to_json(detail).decode())
    return *row, hashlib.sha256(HASH_PREFIX + prev_hash + to_json(row)).digest()


def digest(event: AccessEvent, prev_hash: bytes) -> bytes:
    """``digest_row`` of an event."""
    return digest_row(event.row(), prev_hash)


def from_row(row: Row) -> AccessEvent:
    """The event of a stored row, as it is; ValueError if it is no row or its detail is no JSON object."""
    values = dict(zip(ROW_FIELDS, row[:ROW_LENGTH], strict=True))
    values["detail"] = json.loads(values["detail"])
    if not isinstance(values["detail"], dict):
        raise ValueError("detail is not a JSON object")  # noqa: TRY004 - as for any other text that is no detail
    return AccessEvent(**values)


def check(event: AccessEvent) -> None:
    """Refuse an event that must not be written: ValueError naming the field, never its value."""
    for name, ok in _checks(event):
        if not ok:
            raise ValueError(f"access event: {name} is not allowed")
    for key, value in event.detail.items():
        if not _detail_ok(key, value):
            raise ValueError(f"access event: detail {key if key in DETAIL_KEYS else 'key'} is not allowed")


def _checks(event: AccessEvent) -> list[tuple[str, bool]]:
    return [
        ("chain", _whole(event.chain, 0)),
        ("seq", _whole(event.seq, 0)),
        ("at", _time_ok(event.at)),
        ("user", event.user is None or _whole(event.user, 1)),
        ("staff", event.staff is None or _whole(event.staff, 1)),
        ("role", _is(_ROLE, event.role)),
        ("action", event.action in ACTIONS),
        ("subject", _reference_ok(event.subject)),
        ("purpose", event.purpose is None or event.purpose in _PURPOSES),
        ("approval", event.approval is None or _reference_ok(event.approval)),
        ("client", _client_ok(event.client)),
        ("result", event.result in _RESULTS),
        ("note_sha256", event.note_sha256 is None or _is(_SHA256, event.note_sha256)),
    ]


def _is(pattern: re.Pattern[str], value: object) -> bool:
    return isinstance(value, str) and pattern.fullmatch(value) is not None


def _whole(value: object, least: int) -> bool:
    return type(value) is int and least <= value < 2**53  # what every JSON reader keeps exactly


def _time_ok(value: object) -> bool:
    if not isinstance(value, str) or not _AT.fullmatch(value):
        return False
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return True


def _reference_ok(value: object) -> bool:
    if not isinstance(value, str):
        return False
    match = _REFERENCE.fullmatch(value)
    if match is None:
        return _NAMED.fullmatch(value) is not None
    return match[1] in SUBJECT_KINDS and not _PERSONAL.fullmatch(match[2])


def _client_ok(value: object) -> bool:
    return isinstance(value, str) and _client_text_ok(value)


@lru_cache(maxsize=64)  # one process writes under few names
def _client_text_ok(value: str) -> bool:
    return (
        0 < len(value) <= 100
        and value.isprintable()
        and unicodedata.is_normalized("NFC", value)
        and not _PERSONAL.search(value)
    )


def _digests_ok(value: object) -> bool:
    if not isinstance(value, dict) or not 0 < len(value) <= MOST_DIGESTS:
        return False
    return all(
        _is(_ROW_KEY, key) and _is(_ROW_HELD, held) and not _PERSONAL.search(key)
        for key, held in value.items()
    )


def _detail_ok(key: object, value: object) -> bool:
    kind = DETAIL_KEYS.get(key) if isinstance(key, str) else None
    if kind is None:
        return False
    return value is None or _KINDS[kind](value)


def _code_ok(value: object) -> bool:
    return _is(_CODE, value) and not _PERSONAL.search(str(value))


_KINDS: Final[Mapping[DetailKind, Callable[[object], bool]]] = {
    "int": lambda value: type(value) is int and abs(value) < 2**53,
    "bool": lambda value: type(value) is bool,
    "sha256": lambda value: _is(_SHA256, value),
    "digests": _digests_ok,
    "names": lambda value: _is(_FIELDS, value),
    "code": _code_ok,
}

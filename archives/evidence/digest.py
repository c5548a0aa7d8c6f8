"""The digest of a row as it is stored, and the key under which it stands on the log.

    digest = SHA-256( "kangdang-row-1" LF ‖ JSON array [table, {column: value, …}] )

Columns without a value are left out, so that a column added later does not change older digests.  Bytes stand
as an array with their hex digits.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from pydantic_core import to_json

PREFIX: Final = b"kangdang-row-1\n"
GONE: Final = "gone"
"""Stands for the digest of a row that was removed."""
_PLAIN = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)
_PERSONAL = re.compile(r"\d{17}[\dXx]|\d{15}|1[3-9]\d{9}", re.ASCII)


def row_digest(table: str, values: Mapping[str, Any]) -> str:
    """64 hex digits; values are whole numbers, texts, bytes or None.  Raises ValueError, TypeError."""
    told = {
        name: [bytes(value).hex()] if isinstance(value, (bytes, memoryview)) else value
        for name, value in sorted(values.items())
        if value is not None
    }
    # Every act says this of each row it touched: json takes five times as long for the same bytes.
    return hashlib.sha256(PREFIX + to_json([table, told])).hexdigest()


def row_key(kind: str, primary: Iterable[Any]) -> str:
    """``kind:part/part``; a part that is no plain code stands as the beginning of its hash."""
    return f"{kind}:{'/'.join(_part(str(one)) for one in primary)}"


def _part(text: str) -> str:
    if _PLAIN.fullmatch(text) and not _PERSONAL.fullmatch(text):
        return text
    return "h" + hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:24]


def keyed(key: bytes, place: str, value: Any) -> str:
    """What stands in a digest for a value somebody could guess: HMAC-SHA-256 under the station's key."""
    told = f"{place}\n{value}".encode("utf-8", "surrogatepass")
    return hmac.digest(key, told, "sha256").hex()

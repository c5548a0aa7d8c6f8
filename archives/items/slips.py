"""Slips: what a row says beside sealed bytes, sealed with them, so that the two can be compared.

    01 ‖ length of the slip (4 bytes) ‖ slip (canonical JSON) ‖ the bytes themselves

What was sealed before there were slips begins otherwise (JSON) and has none.  Pure.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from archives.archive import canonical_json

Slip = Mapping[str, Any]
_MARK: Final = b"\x01"
_LENGTH: Final = 4


def with_slip(slip: Slip, body: bytes) -> bytes:
    """What is sealed: the slip, then the bytes."""
    told = canonical_json(slip).encode()
    return _MARK + len(told).to_bytes(_LENGTH, "big") + told + body


def parted(plain: bytes) -> tuple[dict[str, Any] | None, bytes]:
    """(slip, the bytes) of what was opened; no slip where none was sealed."""
    if not plain.startswith(_MARK):
        return None, plain
    start = 1 + _LENGTH
    end = start + int.from_bytes(plain[1:start], "big")
    return json.loads(plain[start:end]), plain[end:]
